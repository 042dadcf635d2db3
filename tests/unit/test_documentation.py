"""What the documentation says is what the project does."""

import re
import subprocess

import document_census
import document_configuration
import document_figures
import document_zoo
from descriptor_sensitivity.drawing.figures import AUDIT, FIGURES


def test_schema_and_configuration_reference_are_up_to_date(root, tmp_path):
    written = {"schema": "workflow/schemas/config.schema.yaml", "page": "docs/configuration.md"}
    options = [word for key in written for word in (f"--{key}", str(tmp_path / key))]
    document_configuration.main([*options, "--config", str(root / "config/config.yaml")])
    for key, path in written.items():
        assert (root / path).read_text() == (tmp_path / key).read_text(), "run: make reference"


def test_captions_and_the_table_of_figures_are_up_to_date(root, tmp_path):
    page = tmp_path / "figures.md"
    page.write_text((root / "docs/figures.md").read_text())
    document_figures.main(["--captions", str(tmp_path), "--page", str(page)])
    assert page.read_text() == (root / "docs/figures.md").read_text(), "run: make reference"
    for row in [*FIGURES, AUDIT]:
        kept = root / "workflow/report" / f"{row.name}.rst"
        assert kept.read_text() == (tmp_path / kept.name).read_text(), "run: make reference"
    written = {file.stem for file in (root / "workflow/report").glob("*.rst")}
    assert written == {*(row.name for row in FIGURES), AUDIT.name, "table1"}


def test_the_entries_of_the_zoo_are_up_to_date(root, tmp_path):
    page = tmp_path / "zoo.md"
    page.write_text((root / "docs/zoo.md").read_text())
    document_zoo.main(["--page", str(page)])
    assert page.read_text() == (root / "docs/zoo.md").read_text(), "run: make docs"


def test_the_census_in_the_theory_is_up_to_date(root, tmp_path):
    page = tmp_path / "theory.md"
    page.write_text((root / "docs/theory.md").read_text())
    recorded = str(root / "workflow/resources/recorded")
    document_census.main(["--page", str(page), "--recorded", recorded])
    assert page.read_text() == (root / "docs/theory.md").read_text(), "run: make reference"


def test_every_option_has_a_meaning(root):
    page = (root / "docs" / "configuration.md").read_text()
    unexplained = [line for line in page.splitlines() if re.match(r"\| `.*\|\s*\|$", line)]
    assert not [line for line in unexplained if "<name>`" not in line]


def test_make_help_names_every_target_people_call(root):
    text = subprocess.check_output(["make", "help"], cwd=root, text=True)
    declared = re.search(r"^\.PHONY: (.*)$", (root / "Makefile").read_text(), re.M)[1].split()
    assert {line.split()[1] for line in text.splitlines() if line.startswith("make ")} == set(
        declared
    )


def test_make_without_python_says_what_to_do(root, tmp_path):
    command = ["make", "-C", str(tmp_path), "-f", str(root / "Makefile"), "PYTHON=no-such-python"]
    for name in ("envs/requirements.txt", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    done = subprocess.run([*command, "test"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "no-such-python is not on the PATH: install Python 3.11" in done.stderr
