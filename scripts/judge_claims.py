"""Decide, from the results, which statements of the two papers are reproduced."""

from pathlib import Path

from command import parser, run
from descriptor_sensitivity.claims import comment, local
from descriptor_sensitivity.claims.judge import judge
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, read_csv, write_csv
from descriptor_sensitivity.report.cells import markdown_table


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--table", nargs="+", required=True, help="name=file, one for each table")
    options.add_argument("--csv", type=Path, required=True, help="claims table to write")
    options.add_argument("--markdown", type=Path, required=True, help="the same as Markdown")
    paths = options.parse_args(argv)
    files = dict(pair.split("=", 1) for pair in paths.table)
    for file in files.values():
        if not Path(file).is_file():
            raise InputError(f"{file} does not exist; compute it first.")
    tables = {name: read_csv(file) for name, file in files.items()}
    claims = judge(tables, local.CLAIMS + comment.CLAIMS)
    for name, file in files.items():
        claims["source"] = claims["source"].str.replace(rf"\b{name}:", f"{file}:", regex=True)
    write_csv(claims, paths.csv)
    with atomic(paths.markdown) as partial:
        partial.write_text(markdown_table(claims))


if __name__ == "__main__":
    run(main)
