# How well do atomic descriptors see a structure? This file reads and checks the configuration and
# names the targets; the rules stand in workflow/rules, one file per topic.
import os
import shutil

from snakemake.utils import min_version, validate

min_version("9.0")


configfile: "config/config.yaml"


validate(config, "workflow/schemas/config.schema.yaml")


# Used with --sdm apptainer only.
container: config["container"]


# Scripts import the package from here, with or without an installed copy, on this machine or a node.
shell.prefix(f"export PYTHONPATH={workflow.basedir}/workflow:${{{{PYTHONPATH:-}}}}; ")

# On a cluster without accounting the Slurm plugin must find some sacct, one that knows of no jobs.
if shutil.which("sbatch") and not shutil.which("sacct"):
    no_accounting = f"{workflow.basedir}/workflow/profiles/slurm/no-accounting"
    os.environ.update(PATH=os.pathsep.join([*os.get_exec_path(), no_accounting]))


include: "workflow/rules/common.smk"
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
