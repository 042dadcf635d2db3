"""What every script shares: this clone's package, settings as JSON, errors of one sentence."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

# The package beside this file, whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from descriptor_sensitivity.errors import InputError  # noqa: E402

INPUT_ERROR = 3
"""Exit status of a mistake of the user's: trying again would not help."""


def parser(description: str | None, settings: str = "") -> argparse.ArgumentParser:
    """A parser of command lines; with `settings`, their description, also of `--settings JSON`."""
    made = argparse.ArgumentParser(description=description)
    if settings:
        made.add_argument("--settings", type=_settings, required=True, help=f"JSON: {settings}")
    return made


def _settings(text: str) -> argparse.Namespace:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise argparse.ArgumentTypeError(f"no JSON: {error}") from error
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError("settings are an object, {...}")
    return argparse.Namespace(**found)


def run(main: Callable[[], object]) -> NoReturn:
    """Run a script's `main`; a mistake of the user's is one line on stderr and status 3."""
    started = time.monotonic()
    try:
        main()
        if len(sys.argv) > 1:  # one line for every job of a run
            print(f"{Path(sys.argv[0]).stem}: {time.monotonic() - started:.1f} s", file=sys.stderr)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(INPUT_ERROR)
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"error: {name}{error.strerror or error}.", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)
