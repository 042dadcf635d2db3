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
        digits: significant digits of these data.
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

    def data_file(self, part: str) -> str:
        """The data of a part, below results/."""
        return f"figures/data/{self.name}_{part}.csv" if part else f"figures/data/{self.name}.csv"

    @property
    def files(self) -> list[str]:
        """Everything that drawing it writes, below results/."""
        pictures = [f"figures/{self.name}{suffix}" for suffix in (".pdf", ".png")]
        return pictures + [self.data_file(part) for part in self.data]


# ---------------------------------------------------------------- singular points of methane

METHANE = [
    Figure(
        name="fig1",
        title="Figure 1",
        category=PAPER_1,
        panels="paper 1, Figure 1",
        formula="J = U diag(s) V^T; slopes J^T u of symmetric and degenerate structures",
        caption="""\
Figure 1, drawn from computed structures and features. (a) The nu = 2 Jacobian of a distorted
methane and its singular value decomposition (signed square roots of the entries); singular values
hardly depend on the basis once it is large. (b) An environment with two mirror planes and two
deformations that a mirror plane reverses; no nu = 3 feature answers to them to first order. (c)
The two branches of a family of degenerate pairs (grid: opening of c, length of c) in three
directions of nu = 3 and of nu = 2 features. They meet in A0. Red and blue: the slopes of the
features along A0 and across it; the latter does not exist for nu = 2. (d) The construction: b-
and b+ lie at equal radii, c moves through the plane that holds a and b- + b+; the arrow is the
null vector of nu = 2.
""",
        tables={
            "arrays": "tables/zero_origins.npz",
            "sizes": "tables/zero_origins_sizes.csv",
            "symmetric": "tables/zero_origins_symmetric.csv",
            "branches": "tables/zero_origins_branches.csv",
            "slopes": "tables/zero_origins_slopes.csv",
            "construction": "tables/zero_origins_construction.csv",
        },
        data=("a_jacobian", "a_singular_values", "b", "c", "d"),
    ),
    Figure(
        name="fig2",
        title="Figure 2",
        category=PAPER_1,
        panels="paper 1, Figure 2",
        formula="Eq. (15): changes of features along their own direction; energy, PySCF",
        caption="""\
Changes of features and energy of methane along two displacements of three structures, shown on
top. Left: a distorted structure, along the displacements with the largest and the smallest
singular value at nu = 2. Centre: the equilibrium structure, breathing and with two bonds
stretched, two shrunk. Right: a degenerate structure, along the largest and the null singular
vector of nu = 2. Features are projected on their own first-order direction (Eqs. 15-16), or on
that of their second difference where the slope vanishes. Insets: the second displacement alone.
Delta = 1 is the length given above each column. With the seed used, the energy of the distorted
structure happens to be nearly stationary along the second displacement.
""",
        tables={
            "manifolds": "tables/manifolds.csv",
            "changes": "tables/manifold_changes.csv",
        },
        data=("",),
    ),
    Figure(
        name="fig3",
        title="Figure 3",
        category=PAPER_1,
        panels="paper 1, Figure 3",
        formula="kernel ridge regression, Eqs. (18), (19): prediction minus energy",
        caption="""\
Errors of kernel ridge regression of the energy along the two displacements of each structure,
trained on a 3 x 3 grid of points (dots on the cuts). Hyperparameters minimise the error on the
test points, as in the paper, so that errors compare features but predict nothing.
""",
        tables={"errors": "tables/manifold_errors.csv"},
        data=("",),
    ),
]

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

THEORY = [
    Figure(
        name="fig_theory",
        title="Null spaces predicted and found",
        category=PAPER_1,
        panels="beyond the papers",
        formula="sum of the changes of coincident tuples = 0, against singular vectors of J",
        caption="""\
Null spaces of correlation orders 2, 3 and 4, predicted without any basis from coincidences of
tuples of neighbours, against those found: as null singular values of density correlations (nu =
2, 3) and of random smooth invariants (nu = 4). (a) Dimensions, split into what symmetry forces
and what is degenerate; families are represented by random members. (b) The smallest singular
value outside and the largest inside the predicted null space; the dotted line is the threshold.
The coordinates of the Comment's structure are rounded to ten decimals and singular to 2e-7 Å. (c)
The largest angle between the two null spaces.
""",
        tables={"null_spaces": "tables/null_spaces.csv"},
        data=("",),
    ),
    Figure(
        name="fig_pedagogical",
        title="Features of one particle",
        category=PAPER_1,
        panels="paper 1, section 1.7",
        formula="y(x) = exp(-x^2 / 16) + 0.15 cos 2x by polynomials in x^2 and in cos x",
        caption="""\
One particle on a line (paper 1, section 1.7). (a) Two features that do not change under x -> -x;
both are singular at x = 0 by symmetry, cos x also at x = pi by degeneracy. (b) An even property
is a function of x^2, not of cos x. (c), (d) Polynomials in x^2 reach it to machine precision;
those in cos x fit its even part about pi and miss the odd part at any degree.
""",
        tables={
            "curves": "tables/pedagogical_curves.csv",
            "errors": "tables/pedagogical_errors.csv",
        },
        data=("curves", "errors"),
    ),
]

# ---------------------------------------------------------------- the Comment

QUASI_CONSTANT = [
    Figure(
        name="comment_fig1",
        title="Comment, Figure 1",
        category=COMMENT,
        panels="Comment, Figure 1",
        formula="dx/dt = u(x), the left singular vector of s_min, nu = 2; CN = s_max / s_min",
        caption="""\
(a) Orbits that follow the direction in which the power spectrum changes least, from starting
points whose distance to the singular environment A0 is c times that of the published orbit, and
the degenerate pairs A+ and A- that meet in A0. Environments are rotated on A0 and projected on its
null vector and on the direction across it in which the orbit with c = 1 and sigma = 0.1 Å extends
most; full lines sigma = 0.1 Å, dashed 0.5 Å.
(b) Condition number of the Jacobian along the orbits.
""",
        tables={"plane": "tables/comment_orbit_plane.csv", "points": "tables/comment_orbits.csv"},
        data=("a", "b"),
    ),
    Figure(
        name="comment_fig2",
        title="Comment, Figure 2",
        category=COMMENT,
        panels="Comment, Figure 2",
        formula="sum over pairs of faces of (n_a . n_b)^2, by a network on nu = 2",
        caption="""\
Four-body target against the prediction of a network on power spectra, trained without the orbit,
with some of its frames, and with all of them, repeated. Blue training frames, red validation
frames of molecular dynamics; black and light blue, frames of the orbit that were trained on and
that were not. The lines are the first seed; ``tables/comment_networks_summary.csv`` holds mean and
spread over seeds beside the printed errors.
""",
        tables={
            "parity": "regression/comment_text_parity.parquet",
            "errors": "regression/comment_text.csv",
        },
        data=("",),
        digits=6,
    ),
    Figure(
        name="comment_fig_separation",
        title="Comment, Separation",
        category=COMMENT,
        panels="beyond the papers",
        formula="|xi(x) - xi(y)| / |xi|; s_min / s_max of nu = 2",
        caption="""\
(a) Relative distance between the features of two points of the orbit with c = 1 against the arc
length between them: median, and range from the closest to the farthest pair. The orbit nearly
closes, so that all distances fall after one turn; for the power spectrum they are small, but no
two points coincide.
(b) and (c) Smallest over largest singular value of the power spectrum along the pair manifolds and
along the orbits. It vanishes in A0 alone.
""",
        tables={
            "distances": "tables/comment_orbit_distances.csv",
            "zeros": "tables/comment_zeros.csv",
        },
        data=("a", "b"),
    ),
    Figure(
        name="comment_fig_centers",
        title="Comment, Centers",
        category=COMMENT,
        panels="beyond the papers",
        formula="s_k / s_1 of the Jacobian of a whole molecule, nu = 2",
        caption="""\
Singular values of the Jacobian of the whole molecule, without its translations and rotations, for
power spectra centred on the carbon, on the four hydrogens and on all atoms, at both kinds of A0
and at a pair A+, A- of the family through each. Right: relative distance between the features of
A+ and A-, the hydrogens matched in the best way. The carbon's zeros are lifted by the hydrogens.
""",
        tables={
            "values": "tables/comment_centers.csv",
            "distances": "tables/comment_center_pairs.csv",
        },
        data=("singular_values", "distances"),
    ),
]

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
