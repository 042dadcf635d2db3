"""Many short jobs: the threads of Snakemake do not become more with each job that ended."""

import re
import subprocess
import sys

import pytest

from support import ROOT, environment

pytestmark = pytest.mark.slow

MANY = f"""
import threading
threads = []

include: "{ROOT}/workflow/Snakefile"

rule short:
    output: touch("short/{{number}}")
    params: lambda wildcards: threads.append(threading.active_count())
    shell: "true"

rule many:
    input: expand("short/{{number}}", number=range(25))

onsuccess:
    print("threads:", max(threads), file=sys.stderr)
"""


def test_ended_jobs_leave_no_threads(tmp_path):
    (tmp_path / "Snakefile").write_text(MANY)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--", "many"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    found = re.search(r"threads: (\d+)", done.stderr)
    assert found, done.stderr[-3000:]
    assert int(found[1]) < 10, "one for each job that ended"
