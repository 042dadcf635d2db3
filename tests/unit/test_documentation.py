"""What the documentation says is what the project does."""

import re
import subprocess

import document_configuration


def test_configuration_reference_is_up_to_date(root, tmp_path):
    paths = {"schema": "workflow/schemas/config.schema.yaml", "config": "config/config.yaml"}
    options = [word for key, path in paths.items() for word in (f"--{key}", str(root / path))]
    document_configuration.main([*options, "--output", str(tmp_path / "page.md")])
    expected = (tmp_path / "page.md").read_text()
    written = (root / "docs" / "configuration.md").read_text()
    assert written == expected, "run: make docs"


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
