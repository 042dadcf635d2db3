"""The figures: one row each. A new one is a row here and a file `drawing/<name>.py` with `draw`.

`draw` takes the tables of its row by name, computes nothing, and returns the picture and the data
of its panels. Rules, report, captions and docs/figures.md come from this list; it imports nothing
else, so that reading it costs nothing.
"""

from descriptor_sensitivity.drawing.figure import COMMENT, LIBRARIES, Figure
from descriptor_sensitivity.drawing.figures_local import METHANE, SWEEPS, THEORY

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
most; full lines sigma = 0.1 Å, dashed 0.5 Å; the inset shows the orbit that starts nearest to A0.
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
Left: four-body target against the prediction of networks on power spectra, of the first seed. Blue
training frames, red validation frames of molecular dynamics, of the network that was trained
without the orbit; grey, frames of the orbit: light, trained without it, darker, with some of its
frames, black, with all of them, repeated. Right: errors of every seed, and the published ones.
""",
        tables={
            "parity": "regression/comment_text_parity.parquet",
            "errors": "regression/comment_text.csv",
            "summary": "tables/comment_networks_summary.csv",
        },
        data=("", "errors"),
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

PEERS = [
    Figure(
        name="fig_peers",
        title="Descriptors of other libraries",
        category=LIBRARIES,
        panels="Comment, p. 3",
        formula="s_min / s_max of the Jacobian, and the distance of degenerate pairs",
        caption="""\
Every descriptor at the same environments. Left: smallest over largest singular value of the
Jacobian; filled symbols are environments that are singular or degenerate for ν = 2, open ones the
generic and the off-plane environments beside them. Middle: relative distance between the features
of degenerate pairs. Right: largest relative difference between analytic Jacobians and central
differences (the sorted OMFP has kinks, hence its large value). Libraries that are not installed
have empty rows, and the data name the reason, or rows recorded where they were, with the date.
""",
        tables={"peers": "tables/peers.csv"},
        data=("",),
    ),
    Figure(
        name="fig_models",
        title="Machine-learned potentials",
        category=LIBRARIES,
        panels="beyond the papers",
        formula="s_min / s_max of the Jacobian of the features of each layer",
        caption="""\
The scalar features inside machine-learned potentials, layer by layer, at the same environments;
MACE with random weights, the others as they are shipped. Left to right: smallest over largest
singular value of the Jacobian of the centre's features, of the features of all atoms, and of their
sum; relative distance between the centre's features of degenerate pairs; of the model's energy,
the slope along the displacement that ν = 2 (ν = 3 for seven neighbours) does not see, and the
difference between the members of a pair. One layer of correlation ν is order ν, to rounding;
passing messages lifts its zeros softly, and so do the features of the other atoms. The tetrahedral
environment is singular by symmetry for any descriptor. The data name versions, files and dates.
""",
        tables={"models": "tables/models.csv"},
        data=("",),
    ),
    Figure(
        name="fig_zoo",
        title="The zoo of counterexamples",
        category=LIBRARIES,
        panels="beyond the papers",
        formula="|xi(A) - xi(B)| / |xi| of pairs, s / s_max of the others: zero or not",
        caption="""\
Every descriptor against every counterexample: pairs that some correlation order cannot tell apart,
environments and structures with a displacement that it does not see, and symmetric ones, where
nothing sees it. Of whole structures every atom is a centre; partly means that only sums over
centres are blind, or that fewer displacements are hidden than from the lowest order. A cross marks
what is not expected of a descriptor's order and of symmetry. Of potentials each layer: the centre's
features, and in whole structures those of every atom. SevenNet's tell mirror images apart.
""",
        tables={"zoo": "tables/zoo.csv"},
        data=("",),
    ),
    Figure(
        name="fig_bench",
        title="Cost beside other libraries",
        category=LIBRARIES,
        panels="beyond the papers",
        formula="ms per environment from positions to singular values, one thread",
        caption="""\
Milliseconds per environment from positions to singular values, one thread: against the number of
features at 4 neighbours, and against the number of neighbours, of one and five species. Libraries
that refuse a setting have no point there; the table names their reason.
""",
        tables={"costs": "benchmarks/descriptors.csv", "scaling": "benchmarks/scaling.csv"},
        data=(),
        on_request=True,
    ),
]

# ---------------------------------------------------------------- the audit, one of each data set

AUDIT = Figure(
    name="audit",
    title="Audit",
    category="Audit",
    panels="beyond the papers",
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
