"""How much memory a job may have."""

import os
import shutil
import subprocess
from pathlib import Path


def machine_memory() -> int:
    """MB of this machine, or of the container that this process runs in."""
    sizes = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for file in ("memory.max", "memory/memory.limit_in_bytes"):
        bound = Path("/sys/fs/cgroup") / file
        if bound.exists() and bound.read_text().strip().isdigit():
            sizes.append(int(bound.read_text()))
    return min(sizes) // 10**6


def largest_node() -> int | None:
    """MB of the largest node of a Slurm cluster; None where there is none to ask."""
    if not shutil.which("sinfo"):
        return None
    asked = ["sinfo", "--noheader", "--format=%m"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    nodes = [int(word.rstrip("+")) for word in said.split() if word.rstrip("+").isdigit()]
    return max(nodes) * 2**20 // 10**6 if nodes else None
