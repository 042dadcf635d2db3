"""The Pythons of the libraries of potentials, for the tests that need one."""

import json
import subprocess

import pytest

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.models.process import interpreter
from support import ROOT


def python(library):
    """The Python of a library; where it is not set up the test is skipped."""
    try:
        return interpreter(library)
    except InputError as error:
        pytest.skip(str(error))


def run(library, *arguments, **variables):
    """What the Python of a library says: standard output, and standard error."""
    done = subprocess.run(
        [python(library), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "src"), **variables},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, done.stderr


def said_by(library, code, *arguments, **variables):
    """The last line of what lines of code print there, as JSON."""
    return json.loads(run(library, "-c", code, *arguments, **variables)[0].splitlines()[-1])
