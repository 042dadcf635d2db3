"""One kind of error for everything a user can put right."""

import sys
from collections.abc import Callable
from typing import NoReturn


class InputError(ValueError):
    """A single sentence that names the file, key or structure at fault and what to do about it."""


def run(main: Callable[[], object]) -> NoReturn:
    """Run a script's `main` and turn an `InputError` into one line on stderr and exit status 1."""
    try:
        main()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)
