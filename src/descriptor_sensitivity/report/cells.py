"""A number or a text as a cell of a table."""

import numpy as np
import pandas as pd

DOUBLE = 1e15
"""Condition number beyond which s_min is rounding of s_max and the quotient means nothing."""


def condition_text(cn: float, digits: str = ".3g") -> str:
    """A condition number as text, as far as double precision knows it."""
    return f"{cn:{digits}}" if cn <= DOUBLE else "> 1e15"


def cell(value: object) -> str:
    """Numbers with four significant digits, nothing for missing ones."""
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.4g}"
    return "" if value is None else str(value)


def markdown_table(frame: pd.DataFrame) -> str:
    """A table in Markdown; a bar within a cell is escaped."""
    lines = [list(frame.columns), ["---"] * len(frame.columns)]
    lines += [[cell(value) for value in row] for row in frame.itertuples(index=False)]
    return "".join(
        "| " + " | ".join(text.replace("|", "\\|") for text in line) + " |\n" for line in lines
    )
