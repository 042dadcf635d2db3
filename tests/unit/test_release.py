"""What describes the project to others says the same thing everywhere."""

import json
import tomllib

import yaml

from support import ROOT


def test_every_description_has_the_version_the_licence_and_the_papers():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    codemeta, zenodo = (
        json.loads((ROOT / name).read_text()) for name in ("codemeta.json", ".zenodo.json")
    )
    assert {citation["version"], codemeta["version"], zenodo["version"]} == {project["version"]}
    assert citation["license"] == zenodo["license"] == project["license"]
    assert codemeta["license"].endswith(project["license"])
    assert codemeta["programmingLanguage"][0]["version"] == project["requires-python"]

    dois = {one["doi"]: one["type"] for one in citation["references"]}
    named = {one["identifier"] for one in zenodo["related_identifiers"]}
    assert named == set(dois)
    articles = {doi for doi, kind in dois.items() if kind == "article"}
    said = {one["identifier"] for one in codemeta["referencePublication"]}
    assert said == {f"https://doi.org/{doi}" for doi in articles}
    # None of the project's own is invented.
    assert "doi" not in citation and "identifier" not in codemeta and "doi" not in zenodo


def test_the_changelog_begins_with_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    lines = (ROOT / "CHANGELOG.md").read_text().splitlines()
    first = next(line for line in lines if line.startswith("## "))
    assert first.split()[1] == version
