"""The figures: one row each. A new one is a row here and a file `drawing/<name>.py` with `draw`.

`draw` takes the tables of its row by name, computes nothing, and returns the picture and the data
of its panels. Rules, report, captions and docs/figures.md come from this list; it imports nothing,
so that reading it costs nothing.
"""

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
    """

    name: str
    title: str
    category: str
    panels: str
    formula: str
    caption: str
    tables: dict[str, str]
    data: tuple[str, ...]

    def data_file(self, part: str) -> str:
        """The data of a part, below results/."""
        return f"figures/data/{self.name}_{part}.csv" if part else f"figures/data/{self.name}.csv"

    @property
    def files(self) -> list[str]:
        """Everything that drawing it writes, below results/."""
        pictures = [f"figures/{self.name}{suffix}" for suffix in (".pdf", ".png")]
        return pictures + [self.data_file(part) for part in self.data]


# ---------------------------------------------------------------- singular points of methane

METHANE: list[Figure] = []

# ---------------------------------------------------------------- condition numbers

SWEEPS = [
    Figure(
        name="fig4",
        title="Figure 4",
        category=PAPER_1,
        panels="paper 1, Figure 4",
        formula="CN = s_max / s_min of the Jacobian of nu = 1",
        caption="""\
Mean condition number of the Jacobian of the expansion coefficients (nu = 1) of random methane,
centred on C.
Left: against n_max and l_max. Centre: against n_max for three radial bases at two l_max. Right:
against the smearing.
Bars are bootstrap errors of the mean.
""",
        tables={"points": "sensitivity/fig4.csv"},
        data=("left", "center", "right"),
    ),
    Figure(
        name="fig4_theory",
        title="Figure 4 theory",
        category=PAPER_1,
        panels="paper 1, section 1.5",
        formula="Eq. (7), Eq. (12), and s = 1 / sqrt(16 pi^(3/2) sigma^5)",
        caption="""\
The limits of section 1.5 of paper 1: scalar products of the rows of the Jacobian against Eq. (7),
corrected and as printed; singular values against their common limit; CN - 1 against the size of the
basis and against the distance of neighbours, beside the exponentials of Eq. (12).
""",
        tables={
            "gram": "tables/limits_gram.csv",
            "smearing": "tables/limits_smearing.csv",
            "basis": "tables/limits_basis.csv",
        },
        data=("gram", "limit", "basis", "smearing"),
    ),
    Figure(
        name="fig5",
        title="Figure 5",
        category=PAPER_1,
        panels="paper 1, Figure 5",
        formula="CN = s_max / s_min of the Jacobian of nu = 2, 3",
        caption="""\
Mean condition number of the Jacobian of power spectrum (nu = 2) and bispectrum (nu = 3) features of
random methane. Left: nu = 2 against n_max and l_max. Right: nu = 2 (dashed) and nu = 3 (full lines)
against l_max. Bars are bootstrap errors of the mean.
""",
        tables={"points": "sensitivity/fig5.csv"},
        data=("left", "right"),
    ),
    Figure(
        name="fig6",
        title="Figure 6",
        category=PAPER_1,
        panels="paper 1, Figure 6",
        formula="CN = s_max / s_min of the Jacobian of nu = 1, 2, 3",
        caption="""\
Condition numbers of nu = 1, 2, 3 for the same random methane structures. Left: histograms at
(n_max, l_max) = (8, 6), dashed, and (4, 16), full
lines. Centre: nu = 2, 3 against nu = 1. Right: nu = 3 against nu = 2.
""",
        tables={
            "values": "sensitivity/fig6_values.parquet",
            "structures": "tables/condition_numbers_by_structure.csv",
        },
        data=("left", "center", "right"),
    ),
]

# ---------------------------------------------------------------- null spaces, section 1.7

THEORY: list[Figure] = []

# ---------------------------------------------------------------- the Comment

QUASI_CONSTANT: list[Figure] = []

# ---------------------------------------------------------------- other libraries

PEERS: list[Figure] = []

# ---------------------------------------------------------------- the audit, one of each data set

AUDIT = Figure(
    name="audit",
    title="Audit",
    category="Audit",
    panels="",
    formula="CN = s_max / s_min of the Jacobian of each environment",
    caption="""\
How the environments of a data set are seen: condition numbers of each representation (for an
infinite one the last bin), against the shortest distance between two of its atoms, and against
those of a second representation. Bars count the environments of low sensitivity by diagnosis.
Below, the worst environment of each diagnosis; arrows are the displacement that the representation
does not see.
""",
    tables={
        "points": "audit/{dataset}/pieces/points.parquet",
        "histograms": "audit/{dataset}/pieces/histograms.csv",
        "summary": "audit/{dataset}/summary.csv",
        "worst": "audit/{dataset}/worst.xyz",
    },
    data=(),
)
"""Of every data set; its files are results/audit/<dataset>/audit.pdf and .png."""

FIGURES = [*METHANE, *SWEEPS, *THEORY, *QUASI_CONSTANT, *PEERS]
"""In the order of the report."""


def figure(name: str) -> Figure:
    """The row of that name."""
    return next(row for row in FIGURES if row.name == name)
