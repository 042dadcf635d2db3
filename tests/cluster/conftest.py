"""A real Slurm with one node on this machine: munge, a controller and a node daemon, on loopback.

As root, from Debian's packages slurm-wlm and munge. The configuration has to be
/etc/slurm/slurm.conf, since a job step looks nowhere else; one that somebody else wrote is never
touched.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CONFIGURATION = Path("/etc/slurm/slurm.conf")
MARK = "# Written by tests/cluster for the time of a test."
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo", "setpriv")


def why_not() -> str | None:
    """The reason why a Slurm cannot be started here, if there is one."""
    if os.geteuid() != 0:
        return "starting Slurm needs root"
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"{', '.join(missing)} missing: apt-get install slurm-wlm munge"
    if CONFIGURATION.exists() and MARK not in CONFIGURATION.read_text():
        return f"{CONFIGURATION} exists: this machine has a Slurm of its own"
    if CONFIGURATION.exists() and subprocess.run(["sinfo"], capture_output=True).returncode == 0:
        return "another test has a Slurm running here"
    return None


class OneNodeSlurm:
    """Started on entry, stopped on exit; its files live in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started_munge = False

    def __enter__(self) -> "OneNodeSlurm":
        for name in ("state", "spool"):
            (self.folder / name).mkdir(parents=True)
        self._start_munge()
        CONFIGURATION.parent.mkdir(exist_ok=True)
        CONFIGURATION.write_text(self._configuration())
        for daemon in ("slurmctld", "slurmd"):
            subprocess.run([daemon], check=True, timeout=30)
        for _ in range(120):
            if self.ask("sinfo", "--noheader", "--format=%t") == "idle":
                return self
            time.sleep(0.25)
        self.__exit__()
        raise RuntimeError((self.folder / "slurmctld.log").read_text()[-2000:])

    def __exit__(self, *_: object) -> None:
        self.ask("scancel", "--state=RUNNING", "--state=PENDING", "--user=root")
        for daemon in ("slurmd", "slurmctld"):
            _stop(self.folder / f"{daemon}.pid")
        if self.started_munge:
            _stop(self.folder / "munged.pid")
        CONFIGURATION.unlink(missing_ok=True)

    @staticmethod
    def ask(*command: str) -> str:
        """What a Slurm command prints."""
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return result.stdout.strip()

    def _start_munge(self) -> None:
        if subprocess.run(["munge", "-n"], capture_output=True).returncode == 0:
            return
        for name in ("/run/munge", "/var/log/munge", "/var/lib/munge", "/etc/munge"):
            Path(name).mkdir(exist_ok=True)
            shutil.chown(name, "munge", "munge")
        user = ["setpriv", "--reuid=munge", "--regid=munge", "--clear-groups"]
        shutil.chown(self.folder, "munge", "munge")
        self.folder.chmod(0o755)
        pid = f"--pid-file={self.folder / 'munged.pid'}"
        subprocess.run([*user, "munged", "--force", pid], check=True, timeout=30)
        self.started_munge = True

    def _configuration(self) -> str:
        host, folder = socket.gethostname().split(".")[0], self.folder
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        return f"""{MARK}
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobs.txt
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,bf_interval=1
MpiDefault=none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory={int(0.9 * memory)}
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def _stop(pid_file: Path) -> None:
    """End the process of a pid file, and wait until it is gone."""
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text())
    try:
        os.kill(pid, signal.SIGTERM)
        for _ in range(50):
            time.sleep(0.1)
            os.kill(pid, 0)
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


@pytest.fixture(scope="module")
def slurm() -> Iterator[OneNodeSlurm]:
    """A running Slurm; skips, saying why, where there cannot be one."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    # Not below pytest's own folder: the munge daemon may not enter that.
    folder = Path(f"/tmp/one-node-slurm-{os.getpid()}")
    with OneNodeSlurm(folder) as running:
        yield running
    shutil.rmtree(folder)
