"""Decide, from the results, which statements of the two papers are reproduced."""

import argparse
from pathlib import Path

import pandas as pd

from command import run
from descriptor_sensitivity.claims import comment as claims_comment
from descriptor_sensitivity.claims import local as claims_local
from descriptor_sensitivity.claims.judge import judge
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, write_csv
from descriptor_sensitivity.report.page import markdown_table


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--table", nargs="+", required=True, metavar="NAME=FILE", help="tables the rules read"
    )
    parser.add_argument("--csv", required=True, help="claims table to write")
    parser.add_argument("--markdown", required=True, help="the same as Markdown")
    arguments = parser.parse_args(argv)
    files = dict(pair.split("=", 1) for pair in arguments.table)
    missing = [file for file in files.values() if not Path(file).is_file()]
    if missing:
        raise InputError(f"{missing[0]} does not exist; compute it first.")
    tables = {name: pd.read_csv(file) for name, file in files.items()}
    claims = judge(tables, claims_local.CLAIMS + claims_comment.CLAIMS)
    for name, file in files.items():
        claims["source"] = claims["source"].str.replace(rf"\b{name}:", f"{file}:", regex=True)
    write_csv(claims, arguments.csv)
    with atomic(arguments.markdown) as partial:
        partial.write_text(markdown_table(claims))


if __name__ == "__main__":
    run(main)
