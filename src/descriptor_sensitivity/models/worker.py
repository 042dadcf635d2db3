"""A potential at work in the Python of its library; started and asked by `process.py`.

`python -m descriptor_sensitivity.models.worker SETTINGS`, SETTINGS being JSON with `library`,
`model` and `device`. It answers one line of JSON, what the model says of itself, and then one line
for each line it reads: the file of a question, npz with `vectors`, `numbers`, `task` and `choices`,
and `cell` and `pbc` of periodic structures; the answers are written to the file beside it. What a
user can put right is a line with `error`.
"""

import hashlib
import json
import logging
import os
import sys
import warnings
from collections.abc import Callable as Function
from pathlib import Path
from typing import Any, TextIO

try:
    import numpy as np

    from descriptor_sensitivity.errors import InputError
    from descriptor_sensitivity.models import base
    from descriptor_sensitivity.models.callables import Callable
    from descriptor_sensitivity.models.chgnet import Chgnet
    from descriptor_sensitivity.models.deepmd import Deepmd
    from descriptor_sensitivity.models.mace import Mace
    from descriptor_sensitivity.models.metatomic import Metatomic
    from descriptor_sensitivity.models.sevennet import SevenNet
except ModuleNotFoundError as error:  # a Python that is not of the library
    print(json.dumps({"lacking": error.name}), flush=True)
    sys.exit(1)

LIBRARIES: dict[str, Function[[Any, str], base.Potential]] = {
    "mace": Mace,
    "sevenn": SevenNet,
    "chgnet": Chgnet,
    "deepmd": Deepmd,
    "metatomic": Metatomic,
    "module": Callable,
}


def answer(potential: base.Potential, question: Path, device: str) -> None:
    """Compute what a file asks for, and write it beside: arrays f0, j0, f1, ... by choice."""
    with np.load(question) as given:
        box = base.Box(given["cell"], given["pbc"]) if "cell" in given else None
        clusters = base.Clusters(given["vectors"], given["numbers"], device, box)
        task, choices = (
            str(given["task"]),
            [tuple(one) for one in json.loads(str(given["choices"]))],
        )
    found: dict[str, Any] = {}
    if task == "widths":
        found["widths"] = np.array(base.widths(potential, clusters))
    elif task == "energies":
        found["energy"], found["gradient"] = base.energies(potential, clusters)
    elif task == "features":
        for number, values in enumerate(base.features(potential, clusters, choices)):
            found[f"f{number}"] = values
    else:
        for number, (values, slopes) in enumerate(base.jacobians(potential, clusters, choices)):
            found[f"f{number}"], found[f"j{number}"] = values, slopes
    np.savez(question.with_name("answer.npz"), **found)


def say(line: TextIO, **words: Any) -> None:
    """One line of JSON."""
    print(json.dumps(words), file=line, flush=True)


def main(settings: str) -> None:
    """Load the model, say what it is, and answer until nobody asks any more."""
    line = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the libraries chat there
    warnings.simplefilter("ignore")
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    given = json.loads(settings)
    try:
        device = base.device(given["device"])
        potential = LIBRARIES[given["library"]](given["model"], device)
    except Exception as error:
        say(line, **blame(error, ""))
        return
    digest = hashlib.sha256(Path(potential.file).read_bytes()).hexdigest() if potential.file else ""
    names = ("description", "notes", "cutoff", "invariant")
    say(line, **{name: getattr(potential, name) for name in names}, sha256=digest)
    for question in sys.stdin:
        try:
            answer(potential, Path(question.strip()), device)
            say(line)
        except Exception as error:
            say(line, **blame(error, f"{potential.description} refuses: "))


def blame(error: Exception, before: str) -> dict[str, str]:
    """What went wrong: in our own words, as a package that is lacking, or in the library's."""
    if isinstance(error, InputError):
        return {"error": str(error)}
    if isinstance(error, ModuleNotFoundError) and error.name:
        return {"lacking": error.name}
    said = " ".join(str(error).split()) or type(error).__name__
    return {"error": f"{before}{said.rstrip('.')}."}


if __name__ == "__main__":
    main(sys.argv[1])
