# Functions that turn the configuration into names of files and options of scripts, and the constants
# that several topics share.
import errno
import functools
import importlib.metadata
import json
import os
import threading

from descriptor_sensitivity.adapters.librascal import PYTHON_VARIABLE, has_librascal
from descriptor_sensitivity.drawing.figures import AUDIT, FIGURES
from descriptor_sensitivity.fingerprint import fingerprint
from snakemake.jobs import Job
from snakemake.scheduling.job_scheduler import JobScheduler


def code(script, kinds=(), modules=()):
    """The fingerprint of a script and of all it relies on, so that changed code reruns a job."""
    return _fingerprint(script, tuple(kinds), tuple(modules))


@functools.cache
def _fingerprint(script, kinds, modules):
    """Once in a run, not once for each of thousands of chunks."""
    return fingerprint(HOME / "scripts" / f"{script}.py", kinds, modules)


def settings(*sections, only=None, leave_out=()):
    """Settings of a job as one JSON text: the keys of some sections of the configuration."""
    merged = {key: value for section in sections for key, value in section.items()}
    chosen = only or [key for key in merged if key not in leave_out]
    return json.dumps({key: merged[key] for key in chosen}, sort_keys=True)


def beside(output_name, path):
    """A path relative to the folder of an output of the job, of the first file if it has many."""

    def found(wildcards, output):
        files = output[output_name]
        first = files if isinstance(files, str) else files[0]
        return os.path.normpath(os.path.join(os.path.dirname(first), path))

    return found


def memory(megabytes):
    """Memory of a job, more in each attempt."""
    return lambda wildcards, attempt: megabytes * attempt


def minutes(time):
    """Time of a job, more in each attempt."""
    return lambda wildcards, attempt: time * attempt


def shipped(path):
    """A file of this clone, as seen from the working directory."""
    return local(os.path.relpath(HOME / path))


def located(path):
    """A file that the configuration names: of the working directory, else of this clone."""
    return shipped(path) if not Path(path).exists() and (HOME / path).exists() else local(path)


def model_files(*rows):
    """The files of models, and of functions of one's own, that some descriptors name."""
    named = [row["model"] for row in rows if isinstance(row.get("model"), str)]
    files = [name.rpartition(":")[0] or name for name in named]
    files += [f"{file}.py" for file in files]
    return [local(file) for file in files if os.path.isfile(file)]


def environment(kind):
    """The conda environment of a kind of job, as seen from the rule files."""
    return f"../../envs/{kind}.yaml"


# --- Potentials -----------------------------------------------------------------------------------

POTENTIALS = config["models"]["potentials"]
POTENTIAL_LIBRARIES = list(dict.fromkeys(row["library"] for row in POTENTIALS.values()))


def potentials(library):
    """The potentials of a library, by name."""
    return {name: row for name, row in POTENTIALS.items() if row["library"] == library}


def confronted(library):
    """Settings of what computes the rows of a library."""
    return settings(
        {
            "library": library,
            "potentials": potentials(library),
            "recompute": config["models"]["recompute"],
        }
    )


def shipped_rows(table):
    """The file of shipped rows, of a library or of `zoo/` a library, if there is one."""
    file = f"workflow/resources/models/{table}.csv"
    return [shipped(file)] if (HOME / file).exists() else []


# --- Structures -----------------------------------------------------------------------------------


def structures(name):
    """The settings of a set of structures."""
    return config["structures"][name]


def archive(wildcards):
    """The file a set of structures is taken from, if there is one on disk."""
    mine = structures(wildcards.set)
    if mine["source"] == "path":
        return [located(mine["path"])]
    if mine["source"] == "download" and mine.get("whole_file", True):
        return [f"results/downloads/{wildcards.set}.extxyz.gz"]
    return []


def structure_settings(wildcards):
    """Settings of a set of structures: only those that its source uses."""
    mine = {"select": "first", **structures(wildcards.set)}
    keys = ["source", "count"]
    if mine["source"] == "generate":
        keys += ["seed", "radius", "min_distance"]
    else:
        keys += ["select", "seed"] if mine["select"] == "random" else ["select"]
        keys += [] if archive(wildcards) else ["urls"]
    return settings(mine, only=keys)


# --- Figures ---------------------------------------------------------------------------------------


def tables_of(figure):
    """Arguments of a figure's draw function with the files they are read from."""
    return lambda wildcards, input: [
        f"{name}={file}" for name, file in zip(figure.tables, input, strict=True)
    ]


def titled(titles, key):
    """Arguments title=file for some input files of a job."""
    return lambda wildcards, input: [
        f"{title}={file}" for title, file in zip(titles, input[key], strict=True)
    ]


def figures(*names):
    """The pictures of the list of figures that every run makes, or of some of the list."""
    return [
        f"results/figures/{row.name}{suffix}"
        for row in FIGURES
        if (row.name in names if names else not row.on_request)
        for suffix in (".pdf", ".png")
    ]


# --- Singular points of methane -------------------------------------------------------------------
SINGULAR = config["singular"]
METHANE = list(SINGULAR["structures"])
METHANE_DESCRIPTORS = {
    row: config["descriptors"][name] for row, name in SINGULAR["descriptors"].items()
}


def of_methane(pattern):
    """One file for each of the structures, in their order."""
    return expand(pattern, name=METHANE)


def methane_tables():
    """Table 1, the check of the energies behind it, and the structures to browse."""
    return [
        *multiext("results/tables/table1", ".csv", ".md", ".tex"),
        "results/tables/energy_check.csv",
        *of_methane("results/chemiscope/{name}.json.gz"),
    ]


# --- The Comment ----------------------------------------------------------------------------------
COMMENT = config["comment"]


def comment_tables():
    names = ("orbits", "networks", "networks_summary", "dynamics", "singular_points", "integrators")
    return [f"results/tables/comment_{name}.csv" for name in names]


def frame_settings():
    """Settings of the frames of hot methane: those that their source uses."""
    frames = COMMENT["frames"]
    if frames["source"] == "generate":
        own = {"heat": {key: frames[key] for key in ("method", "temperature", "timestep")}}
        own["trajectories"] = frames["trajectories"]
    else:
        own = {"unit": frames["unit"] if frames["source"] == "path" else "bohr"}
    return settings({key: frames[key] for key in ("training", "validation", "seed")}, own)


def frame_file():
    """The file of the frames, unless they are generated."""
    frames = COMMENT["frames"]
    if frames["source"] == "path":
        return [located(frames["path"])]
    return ["results/downloads/comment_frames.xyz"] if frames["source"] == "authors" else []


def network_settings(wildcards):
    """Settings of the networks with some features and orbit."""
    networks = dict(COMMENT["networks"])
    setting = networks.pop("settings")[wildcards.setting]
    own = {key: networks.pop(key) for key in ("kept", "seeds", "device")}
    return settings(setting, own, {"features": COMMENT["features"], "training": networks})


# --- Other libraries --------------------------------------------------------------------------------


def installed(library):
    """The version of another library that is installed here, for librascal its interpreter."""
    if library == "librascal":
        python = os.environ.get(PYTHON_VARIABLE, "python")
        return python if has_librascal(python) else ""
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return ""


def recorded(library):
    """Results of an earlier run with a library, if they are shipped."""
    path = f"workflow/resources/recorded/peers_{library}.csv"
    return [shipped(path)] if (HOME / path).exists() else []


# --- Retries ----------------------------------------------------------------------------------------


def refused(log):
    """Whether a job ended because of its input (status 3): its log then ends with one sentence.

    A failure of the operating system, which trying again may cure, ends with that system's words.
    """
    lines = [line for line in log.splitlines() if line.strip()]
    words = tuple(f"{os.strerror(number)}." for number in errno.errorcode)
    return bool(lines) and lines[-1].startswith("error: ") and not lines[-1].endswith(words)


def restarts(job):
    """How often Snakemake may submit a job again: never one whose input was refused."""
    logs = [Path(log) for log in job.log if os.path.exists(log)]
    now = [log for log in logs if log.stat().st_mtime > STARTED]  # not those of an earlier run
    if any(refused(log.read_text(errors="replace")) for log in now):
        return 0
    return job.rule.restart_times


# A job that the system kills says so.
shell.prefix('. "$SCRIPTS"/strict.sh; ')

# Snakemake knows no status of a job after which another attempt is in vain.
Job.restart_times = property(restarts)


def wake(scheduler, delay):
    """Let Snakemake choose jobs again after a delay (s), unless that is due already.

    Its own way starts a thread each time that a job ends, which starts another as long as jobs wait: in
    an audit of thousands of chunks as many threads choose among jobs every second, until none can start.
    """

    def now():
        due.discard(delay)
        scheduler._open_jobs.release()

    due = vars(scheduler).setdefault("due", set())
    if delay not in due:
        due.add(delay)
        threading.Timer(delay, now).start()


JobScheduler._schedule_reevalutation = wake
