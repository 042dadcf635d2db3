# How well do atomic descriptors see a structure? This file reads and checks the configuration and
# names the targets; the rules stand in workflow/rules, one file per topic.
import os
import shutil
import sys
from pathlib import Path

from snakemake.utils import min_version, validate

min_version("9.0")


configfile: "config/config.yaml"


validate(config, "workflow/schemas/config.schema.yaml")


# Used with --sdm apptainer only.
container: config["container"]


# Scripts import the package from here, with or without an installed copy, on this machine or a node.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [os.path.join(workflow.basedir, "workflow"), os.environ.get("PYTHONPATH")])
)

# On a cluster without accounting the Slurm plugin must find some sacct, one that knows of no jobs.
if shutil.which("sbatch") and not shutil.which("sacct"):
    no_accounting = os.path.join(workflow.basedir, "workflow/profiles/slurm/no-accounting")
    os.environ["PATH"] += os.pathsep + no_accounting


def code(script, *modules):
    """The inputs that are code: a script and the modules of the package that it relies on."""
    return {
        "script": f"scripts/{script}.py",
        "modules": [f"workflow/sensitivity/{module}.py" for module in modules],
    }


def environment(kind):
    """The conda environment of a kind of job, as seen from the rule files."""
    return f"../../envs/{kind}.yaml"


include: "workflow/rules/structures.smk"
include: "workflow/rules/density.smk"
include: "workflow/rules/singular.smk"
include: "workflow/rules/comment.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/peers.smk"
include: "workflow/rules/report.smk"


localrules:
    all,


rule all:
    """Every figure and table."""
    input:
        density_figures(),
        singular_figures(),
        comment_figures(),
        comment_tables(),
        singular_tables(),
        "results/tables/condition_numbers.csv",
        "results/tables/claims.csv",
        "results/report.html",
