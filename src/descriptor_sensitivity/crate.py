"""A run as an RO-Crate: what was computed, from which configuration, by what, under which licence.

The crate holds the results that a reader looks at (report, figures, tables, audits), the
configuration, the locked versions and the Snakefile. Structures and pieces, which `make` computes
again, stay out. https://w3id.org/ro/crate
"""

import mimetypes
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from descriptor_sensitivity.report.provenance import PACKAGES, commit, version

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

KEPT = ("figures", "tables", "audit", "benchmarks")
"""Folders of results that are packed; of an audit what lies beside its pieces."""

CODE_LICENCE = "https://spdx.org/licenses/BSD-3-Clause"
DATA_LICENCE = "https://creativecommons.org/licenses/by-nc/4.0/"
"""Of the published structures: CC BY-NC 4.0."""


def packed_files(results: Path, output: Path) -> list[Path]:
    """The files of a run that go into its crate, in the order of their names."""
    found = [results / "report.html", *results.glob("*.md")]
    for folder in KEPT:
        found += (results / folder).rglob("*")
    return sorted(
        file
        for file in found
        if file.is_file() and file != output and "pieces" not in file.relative_to(results).parts
    )


def described(home: Path, results: Path, files: Sequence[Path]) -> "ROCrate":
    """The crate with everything in it that a reader of a machine needs.

    Args:
        home: the clone.
        results: folder of the run.
        files: those of it to pack.
    """
    from rocrate.model import ContextEntity, SoftwareApplication
    from rocrate.rocrate import ROCrate

    project = tomllib.loads((home / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((home / "CITATION.cff").read_text())
    crate = ROCrate()
    crate.name = f"A run of {project['name']} {project['version']}"
    crate.description = project["description"]
    licences = {
        CODE_LICENCE: ("BSD 3-Clause", "code, configuration and results"),
        DATA_LICENCE: (
            "CC BY-NC 4.0",
            "published structures, where the configuration asks for them",
        ),
    }
    for address, (name, of) in licences.items():
        facts = {"@type": "CreativeWork", "name": name, "description": f"Licence of {of}."}
        crate.add(ContextEntity(crate, address, properties=facts))
    crate.root_dataset["license"] = {"@id": CODE_LICENCE}
    used = []
    for package in PACKAGES:
        facts = {"name": package, "version": version(package)}
        facts |= {"url": f"https://pypi.org/project/{package}"}
        software = SoftwareApplication(crate, f"#{package}", properties=facts)
        used.append(crate.add(software))
    workflow = crate.add_workflow(
        home / "workflow/Snakefile",
        "workflow/Snakefile",
        main=True,
        lang="snakemake",
        lang_version=version("snakemake"),
    )
    workflow["version"], workflow["softwareRequirements"] = project["version"], used
    workflow["license"] = {"@id": CODE_LICENCE}
    for name in ("config/config.yaml", "envs/requirements.txt", "CITATION.cff", "LICENSE"):
        crate.add_file(home / name, name, properties=facts_of(home / name, "of the clone"))
    for file in files:
        name = f"results/{file.relative_to(results)}"
        entity = crate.add_file(file, name, properties=facts_of(file, "computed by the workflow"))
        entity["license"] = {"@id": CODE_LICENCE}
    for source in citation["references"]:
        crate.add(
            ContextEntity(crate, f"https://doi.org/{source['doi']}", properties=cited(source))
        )
    action = {
        "@type": "CreateAction",
        "name": "The run that made the results",
        "description": f"Commit of the clone: {commit()}.",
        "instrument": {"@id": workflow.id},
        "result": [{"@id": f"results/{file.relative_to(results)}"} for file in files],
    }
    run = crate.add(ContextEntity(crate, "#run", properties=action))
    crate.root_dataset["mentions"] = [run]
    dois = [{"@id": f"https://doi.org/{source['doi']}"} for source in citation["references"]]
    crate.root_dataset["citation"] = dois
    return crate


def facts_of(file: Path, said: str) -> dict[str, Any]:
    """Name, type and size of a packed file."""
    kind = mimetypes.guess_type(file.name)[0] or "text/plain"
    facts = {"name": file.name, "description": f"{file.name}, {said}"}
    return {**facts, "encodingFormat": kind, "contentSize": str(file.stat().st_size)}


def cited(source: dict[str, Any]) -> dict[str, Any]:
    """A paper or a data set of CITATION.cff; data carry their own licence."""
    facts = {"@type": "ScholarlyArticle", "name": source["title"], "identifier": source["doi"]}
    if source["type"] != "data":
        return facts
    # no `Dataset`: that would say that the crate holds it
    kind = {"@type": "CreativeWork", "additionalType": "https://schema.org/Dataset"}
    return {**facts, **kind, "license": {"@id": DATA_LICENCE}}
