"""Every command and snippet that README and docs show: it runs, or would."""

import doctest
import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest
import yaml
from ase.io import write

from descriptor_sensitivity.config.reading import read_configuration
from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from support import ROOT, environment, snakemake

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "config/README.md"]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
FENCE = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```", re.M | re.S)
INLINE = r"`((?:(?:make|snakemake)(?= |`)|python scripts/)[^`]*)`"
ELSEWHERE = ("apptainer", "conda", "docker", "pip", "pytest", "ruff", "mypy", "source", "squeue")
ELSEWHERE += ("scontrol",)
"""Programs that other tests run, or that only another machine has."""
NEEDS = ("--unlock", "--touch", "--sdm", "<", "...")
"""Commands with these change what is there, need conda, or hold a placeholder."""


def snippets(*languages: str) -> list[tuple[str, str]]:
    """(page, text) of every block of these languages."""
    return [
        (str(page.relative_to(ROOT)), text)
        for page in PAGES
        for language, text in FENCE.findall(page.read_text())
        if language in languages
    ]


def commands() -> Iterator[str]:
    """Every command, of blocks and within sentences."""
    for page in PAGES:
        text = page.read_text()
        for language, block in FENCE.findall(text):
            if language in ("", "sh", "bash"):
                for line in block.splitlines():
                    yield from re.sub(r"\s#.*", "", line).split("&&")
        sentences = FENCE.sub("", text)
        for found in re.findall(
            r"`((?:(?:make|snakemake)(?= |`)|python scripts/)[^`]*)`", sentences
        ):
            yield from found.replace("\n", " ").split("&&")


COMMANDS = sorted({" ".join(command.split()) for command in commands() if command.strip()})
MAKES = sorted({line for line in COMMANDS if re.match(r"([A-Z_]+=\S+ )*make( |$)", line)})
RUNS = [line for line in COMMANDS if line.startswith("snakemake") and len(line.split()) > 1]
SCRIPTS = [line for line in COMMANDS if line.startswith("python scripts/")]


def test_nothing_is_shown_that_no_test_knows():
    known = {*MAKES, *RUNS, *SCRIPTS, "snakemake", "python"}
    others = {line for line in COMMANDS if line not in known and not line.startswith(ELSEWHERE)}
    assert not others
    assert len(MAKES) > 10 and len(RUNS) > 10 and SCRIPTS


def test_make_knows_every_target(tmp_path):
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()
    for line in MAKES:
        words = shlex.split(line[line.index("make") :])[1:]
        for word in words:
            assert "=" in word or word in [*phony, ".venv/installed"], line
        done = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True)
        python = [word for word in words if word.startswith("PYTHON=")]
        assert done.returncode == 0 or python, done.stderr


def test_scripts_that_are_named_exist():
    for line in SCRIPTS:
        name = line.split()[1]
        assert "<" in name or (ROOT / name).is_file(), line


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the files that the commands name."""
    folder = tmp_path_factory.mktemp("place")
    for name in ("mine", "molecules", "crystals"):
        write(folder / f"{name}.xyz", methane_frames(random_methane(3, seed=0)), format="extxyz")
    (folder / "mine.yaml").write_text(
        "sweeps: {sheets: {mine: mine.tsv}}\n"
        "audit: {datasets: {mine: {path: mine.xyz, descriptors: [nu2]}}}\n"
    )
    head = "nu\tradial_basis\tn_max\tl_max\tsigma\tcenter_weight\n"
    (folder / "mine.tsv").write_text(head + "2\tgto\t4\t4\t0.3\t0\n")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("line", [x for x in RUNS if not any(part in x for part in NEEDS)])
def test_snakemake_would_run_it(line, place):
    executor = re.search(r"--executor (\S+)", line)
    plugin = (
        f"snakemake_executor_plugin_{executor[1].replace('-', '_')}" if executor else "snakemake"
    )
    pytest.importorskip(plugin)
    words = [str(ROOT / word) if (ROOT / word).exists() else word for word in shlex.split(line)[1:]]
    if "--directory" in words:
        words[words.index("--directory") + 1] = str(place / "runs")
    done = snakemake(place, "-n", "-s", str(ROOT / "workflow/Snakefile"), *words)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]


@pytest.mark.parametrize("page", [page for page in PAGES if ">>> " in page.read_text()])
def test_examples_give_what_they_show(page):
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert tried and not failed


def test_python_that_is_shown_runs():
    for _, text in snippets("python"):
        if ">>> " not in text:
            exec(compile(text, "snippet", "exec"), {"__name__": "snippet"})
    for page, text in snippets("{code-cell}"):  # they run when the site is built
        compile(re.sub(r"\A(:.*\n)+", "", text), page, "exec")


def test_configurations_that_are_shown_are_accepted(tmp_path):
    defaults = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    shown = snippets("yaml")
    assert len(shown) >= 4
    for _, text in shown:
        (tmp_path / "shown.yaml").write_text(text)
        given = yaml.safe_load(text)
        merged = {**defaults, **{key: {**defaults[key], **given[key]} for key in given}}
        assert read_configuration(merged, [tmp_path / "shown.yaml"], defaults)


def test_make_help_runs():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, env=environment())
    assert done.returncode == 0
