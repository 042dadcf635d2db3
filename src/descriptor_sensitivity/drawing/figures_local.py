"""The figures of paper 1, and what belongs to them."""

from descriptor_sensitivity.drawing.figure import PAPER_1, Figure

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
deformations u (coloured arrows) that a mirror plane turns into -u (grey); no nu = 3 feature answers
to them to first order. (c)
The two branches of a family of degenerate pairs (grid: opening of c, length of c) in three
directions of nu = 3 and of nu = 2 features. They meet in A0. Red and blue: the slopes of the
features along A0 and across it; the latter does not exist for nu = 2. (d) The construction: b-
and b+ lie at equal radii, c moves through the plane that holds a and b- + b+; the arrows are the
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
Delta = 1 is the length given above each column. The distorted structure is the first of a series
of random ones whose energy has slopes along both displacements that are within a factor of ten;
along the least visible one it is nearly stationary in most.
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
    Figure(
        name="fig_table1",
        title="Table 1 as a study",
        category=PAPER_1,
        panels="paper 1, Table 1",
        formula="RMSE of kernel ridge regression, Eqs. (18), (19), one setting changed at a time",
        caption="""\
Every entry of Table 1: ours (black), as printed (stars), and the range it covers when one setting
that the paper leaves open is changed (bars): the length of Delta = 1 from half to twice, the
smallest regularisation tried, the grid of hyperparameters (one and two decades apart), Gaussian
noise of the energies, and, for the asymmetric structure, five other random ones. Bars are thick
where they hold the printed value. Right: the geometric mean of the factors between all entries
and the printed ones, for each value of each setting.
""",
        tables={
            "ranges": "tables/table1_study.csv",
            "misfits": "tables/table1_misfits.csv",
        },
        data=("", "misfits"),
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
Above: against n_max and l_max; against n_max for three radial bases at two l_max, with the limit of
a complete radial basis as grey lines (triangles: means beyond the axis). Below: against the
smearing; against l_max up to very large ones, dotted where the radial basis is complete, so that
only l_max is truncated.
Bars are bootstrap errors of the mean.
""",
        tables={"points": "sensitivity/fig4.csv"},
        data=("left", "center", "right", "large"),
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
random methane. Above: nu = 2 against n_max and l_max; nu = 2 (dashed) and nu = 3 (full lines)
against l_max, black where the radial basis is complete. Below: the same with the density of the
centre itself, the Gaussian of weight 1 that common programs add and whose norm is the whole one,
(4 pi sigma^2)^(-3/4); against the smearing. Bars are bootstrap errors of the mean.
""",
        tables={"points": "sensitivity/fig5.csv"},
        data=("left", "right", "center", "smearing"),
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
lines; dotted: l_max = 6 and a complete radial basis. Centre: nu = 2, 3 against nu = 1. Right: nu =
3 against nu = 2. Above without, below with the density of the centre itself (as in Figure 5).
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
        name="fig_inversion",
        title="Structure from features",
        category=PAPER_1,
        panels="beyond the papers",
        formula="|xi(x) - xi*|^2 minimised over x by damped Gauss-Newton steps",
        caption="""\
Structures found from their features. (a) Fraction of random methanes that are found again, against
the distance of the start (Å, over all coordinates); right: from random starts, filled symbols one
start, open symbols the best of ten. Dotted: published for MILAD, other features and larger
molecules. (b) Residual of each step from starts 0.05 Å away. Towards regular points, and at nu = 3
towards the mirror A0, it falls quadratically; at nu = 2, for which A0 is singular, by a factor of
four a step. (c) Ends of searches for A+ of the mirror family, which has the nu = 2 features of A-:
away from A+ they find its twin A-, at nu = 3 never. The dotted line is the distance of the twins.
""",
        tables={
            "success": "tables/inversion_success.csv",
            "steps": "tables/inversion_steps.csv",
            "twins": "tables/inversion_twins.csv",
            "summary": "tables/inversion.csv",
        },
        data=("success", "steps", "twins"),
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
