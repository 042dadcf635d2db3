"""Files of models: the warning before a pickle is opened, and what can be wrong with one."""

import logging
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from descriptor_sensitivity.errors import InputError

log = logging.getLogger(__name__)


def loaded(path: str, what: str, library: str, is_model: Callable[[Any], bool]) -> Any:
    """The model that torch saved as a whole in a file.

    Args:
        path: the file.
        what: the kind of model that it should hold, for messages.
        library: the library that reads it, with its version.
        is_model: whether an object is such a model.

    Raises:
        InputError: no file, no file of torch, one of another version, another kind of model.
    """
    with opened(path, what, library):
        found = torch.load(path, map_location="cpu", weights_only=False)
    if isinstance(found, torch.jit.ScriptModule):
        raise InputError(
            f"{path} is a compiled model, whose layers cannot be seen; name the file it was"
            " compiled from."
        )
    if not is_model(found):
        weights = "; weights alone are no model: save it whole" if isinstance(found, dict) else ""
        raise InputError(f"{path} holds a {type(found).__name__}, not a {what} model{weights}.")
    return found


@contextmanager
def opened(path: str, what: str, library: str, runs: bool = True) -> Iterator[None]:
    """Warn before the file of a model is opened; what goes wrong inside is one sentence.

    `runs`: whether opening it runs what code stands in it, as of a pickle, or is without danger.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: there is no such file; name the model's file in `model`.")
    if runs:
        log.warning(
            "%s is a pickle: opening it runs what code stands in it. Open only files of people you"
            " trust.",
            path,
        )
    try:
        yield
    except InputError:
        raise
    except (pickle.UnpicklingError, EOFError, IndexError, RuntimeError, ValueError) as error:
        raise InputError(f"{path} is no file of a {what} model ({_said(error)}).") from error
    except (ImportError, AttributeError, TypeError, KeyError) as error:
        raise InputError(
            f"{path} does not go with {library} ({_said(error)}): it holds something else, or"
            " another version saved it; install that one, or save the model anew."
        ) from error


def _said(error: Exception) -> str:
    """The first sentence of an error of torch, on one line."""
    words = " ".join(str(error).split()) or type(error).__name__
    return words.split(". ")[0].rstrip(".")[:200]
