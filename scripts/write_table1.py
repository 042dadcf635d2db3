"""Table 1 of paper 1 beside the printed values, as CSV, Markdown and LaTeX."""

import argparse
from pathlib import Path

import pandas as pd

from command import run
from descriptor_sensitivity.files import atomic, write_csv

HEADS = {"nu2": "nu = 2", "nu3": "nu = 3", "omfp": "OMFP", "s-omfp": "s-OMFP"}
LATEX = {"nu2": r"$\nu = 2$", "nu3": r"$\nu = 3$"}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scores", type=Path, nargs="+", required=True, help="csv files of fits")
    parser.add_argument("--printed", type=Path, required=True, help="csv of the printed values")
    parser.add_argument("--output", type=Path, required=True, help="without its extension")
    arguments = parser.parse_args(argv)

    keys = ["structure", "grid", "representation"]
    table = pd.concat([pd.read_csv(path) for path in arguments.scores])
    table = table.merge(pd.read_csv(arguments.printed), on=keys, how="left")
    table = table[[*keys, "rmse_uev", "printed_uev", "gamma", "sigma2"]]
    write_csv(table, arguments.output.with_suffix(".csv"), digits=6)

    heads = list(dict.fromkeys(table.representation))
    rows = [
        (
            [f"{structure}, {grid}"]
            + [cell(mine[mine.representation == head].squeeze()) for head in heads]
        )
        for (structure, grid), mine in table.groupby(["structure", "grid"], sort=False)
    ]
    title = "RMSE / ueV on the test points; in brackets, as printed"
    lines = [["structure and grid", *(HEADS.get(head, head) for head in heads)]] + rows
    lines.insert(1, ["---"] + ["---:"] * len(heads))
    with atomic(arguments.output.with_suffix(".md")) as partial:
        body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        partial.write_text(f"{title}\n\n{body}\n")
    with atomic(arguments.output.with_suffix(".tex")) as partial:
        names = [LATEX.get(head, HEADS.get(head, head)) for head in heads]
        body = " \\\\\n".join(" & ".join(line).replace("x", r" $\times$ ") for line in rows)
        partial.write_text(
            f"% {title}\n\\begin{{tabular}}{{l{'r' * len(heads)}}}\n\\hline\n"
            f"Structure and grid & {' & '.join(names)} \\\\\n\\hline\n{body} \\\\\n"
            "\\hline\n\\end{tabular}\n"
        )


def cell(fit: pd.Series) -> str:
    """Ours with two significant digits, and the printed value where there is one."""
    ours = f"{float(f'{fit.rmse_uev:.2g}'):g}"
    return ours if pd.isna(fit.printed_uev) else f"{ours} ({fit.printed_uev:g})"


if __name__ == "__main__":
    run(main)
