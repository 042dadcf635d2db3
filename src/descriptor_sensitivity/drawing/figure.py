"""A row of the list of figures."""

from dataclasses import dataclass

PAPER_1 = "Paper 1"
COMMENT = "Comment"
LIBRARIES = "Other libraries"


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        name: of its files, results/figures/<name>.pdf and .png, and of its module.
        title: as the report heads it.
        category: where it belongs.
        panels: what it corresponds to in the papers.
        formula: what is plotted, in a line.
        caption: a few sentences, reStructuredText.
        tables: argument of `draw` -> file below results/, csv, parquet or npz.
        data: parts whose data go to results/figures/data/<name>_<part>.csv; "" for <name>.csv.
        digits: significant digits of these data.
        on_request: made by a target of its own alone, and no part of the report.
    """

    name: str
    title: str
    category: str
    panels: str
    formula: str
    caption: str
    tables: dict[str, str]
    data: tuple[str, ...]
    digits: int = 10
    on_request: bool = False

    def data_file(self, part: str) -> str:
        """The data of a part, below results/."""
        return f"figures/data/{self.name}_{part}.csv" if part else f"figures/data/{self.name}.csv"

    @property
    def files(self) -> list[str]:
        """Everything that drawing it writes, below results/."""
        pictures = [f"figures/{self.name}{suffix}" for suffix in (".pdf", ".png")]
        return pictures + [self.data_file(part) for part in self.data]
