"""What is advised for each descriptor of a data set: in words, as one table, and drawn."""

import sys
from pathlib import Path

import pandas as pd

from command import parser, run
from descriptor_sensitivity.audit.advice import in_words
from descriptor_sensitivity.drawing.advice import draw
from descriptor_sensitivity.drawing.style import save
from descriptor_sensitivity.files import atomic, read_csv, write_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__, "names (of the descriptors), factor")
    options.add_argument("--tables", type=Path, nargs="+", required=True, help="one for each name")
    options.add_argument("--folder", type=Path, required=True, help="to write advice.* to")
    paths = options.parse_args(argv)
    names, factor = paths.settings.names, paths.settings.factor
    tables = dict(zip(names, map(read_csv, paths.tables), strict=True))
    swept = {name: table for name, table in tables.items() if len(table)}
    text = "\n".join(
        in_words(table, factor)
        if name in swept
        else f"{name} has no n_max, l_max and sigma to choose.\n"
        for name, table in tables.items()
    )
    write_csv(pd.concat([*swept.values()] or [*tables.values()]), paths.folder / "advice.csv", 6)
    save(draw(list(swept.values()), factor), paths.folder / "advice")
    with atomic(paths.folder / "advice.md") as partial:
        partial.write_text(text)
    print(text, file=sys.stderr)


if __name__ == "__main__":
    run(main)
