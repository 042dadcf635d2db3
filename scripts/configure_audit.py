"""Write the overlay that audits one file, for named descriptors, a preset, or layers of a model."""

import os
import sys
from pathlib import Path

import yaml

from command import parser, run
from descriptor_sensitivity.audit.own_data import overlay, require_file
from descriptor_sensitivity.audit.own_model import layers, library_of
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic

HOME = Path(__file__).resolve().parents[1]
KINDS = ("molecules", "crystals")


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--data", type=Path, required=True, help="any file that ASE reads")
    options.add_argument("--descriptors", default="", help="names, with spaces between them")
    options.add_argument("--center", default="", help="element to centre on")
    options.add_argument(
        "--model", default="", help="potential: its file, name or file.py:function"
    )
    options.add_argument("--library", default="", help="of the model, where it does not tell")
    options.add_argument("--config", type=Path, default=HOME / "config" / "config.yaml")
    options.add_argument("--output", type=Path, required=True, help="overlay to write")
    paths = options.parse_args(argv)
    presets = {
        kind: yaml.safe_load((HOME / "config" / "audit" / f"{kind}.yaml").read_text())
        for kind in KINDS
    }
    data, center = paths.data.expanduser(), paths.center or None
    require_file(data)
    if paths.library and not paths.model:
        raise InputError(f"LIBRARY={paths.library} is of no model; name its file in MODEL.")
    found = {}
    if paths.model:
        model = os.path.expanduser(paths.model)
        found = layers(model, paths.library or library_of(model), data, center)
    _, made, said = overlay(
        data,
        paths.descriptors.replace(",", " ").split(),
        center,
        yaml.safe_load(paths.config.read_text()),
        presets,
        found,
    )
    with atomic(paths.output) as partial:
        partial.write_text(f"# {said}\n{yaml.safe_dump(made, sort_keys=False)}")
    print(said, file=sys.stderr)


if __name__ == "__main__":
    run(main)
