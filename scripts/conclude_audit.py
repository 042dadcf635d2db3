"""Say what an audit found, on the terminal and in a file; fail where it found nothing at all."""

import sys
from pathlib import Path

from command import parser, run
from descriptor_sensitivity.audit.verdict import is_empty, nothing_audited, verdicts
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic, read_csv


def main(argv: list[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--folder", type=Path, required=True, help="of the tables of the audit")
    options.add_argument("--page", type=Path, required=True, help="the page that says more")
    options.add_argument("--verdict", type=Path, required=True, help="text to write")
    paths = options.parse_args(argv)
    summary = read_csv(paths.folder / "summary.csv")
    found = verdicts(summary, read_csv(paths.folder / "structures.csv"))
    if is_empty(summary):
        why = nothing_audited(summary.iloc[0])
        raise InputError(f"{paths.folder.name}: {why} See {paths.page}.")
    text = "\n".join(sentence for sentences in found.values() for sentence in sentences)
    with atomic(paths.verdict) as partial:
        partial.write_text(f"{text}\n")
    print(text, file=sys.stderr)


if __name__ == "__main__":
    run(main)
