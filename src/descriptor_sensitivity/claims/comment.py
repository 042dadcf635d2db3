"""The statements of the Comment on quasi-constant manifolds, J. Chem. Phys. 157, 177101 (2022)."""

from dataclasses import replace

import numpy as np
import pandas as pd
from pandas.api.typing import DataFrameGroupBy

from descriptor_sensitivity.claims.judge import (
    CLEAR,
    ZERO,
    Claim,
    Finding,
    Tables,
    Untestable,
    holds,
    near,
    recorder,
    rows,
    value,
)
from descriptor_sensitivity.claims.local import (
    incomplete_in_any_basis,
    incomplete_nu2,
    quadratic_at_degenerate,
)

PAPER = "Comment (2022)"
CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "comment", PAPER)

BLIND = 1e-4
"""Relative difference that other libraries, some in single precision, can tell from rounding."""


@claim(
    "abstract",
    "Configurations exist where the nu = 2 Jacobian is exactly singular, without symmetry.",
    source="statements: singular_ring_nu2, singular_comment_nu2, singular_ring_nu3",
)
def exactly_singular(tables: Tables) -> Finding:
    ring, published = value(tables, "singular_ring_nu2"), value(tables, "singular_comment_nu2")
    nu3 = value(tables, "singular_ring_nu3")
    return holds(
        ring < ZERO and nu3 > CLEAR,
        f"s_min/s_max {ring:.0e} (nu = 2), {nu3:.2g} (nu = 3) on the family of A0; {published:.0e}"
        " at the rounded coordinates",
    )


@claim(
    "p. 1",
    "Pairs of environments share identical three-body features although they differ.",
    source="statements: pair_four_nu2, pair_four_nu3",
)
def identical_pairs(tables: Tables) -> Finding:
    return incomplete_nu2(tables)


@claim(
    "p. 2",
    "The largest known set of degenerate structures holds three.",
    printed="3",
)
def largest_set(tables: Tables) -> Finding:
    raise Untestable("a statement about the literature; no set is constructed here")


@claim(
    "p. 2",
    "Near A0 the features change as the square of the displacement, even if A0 has no symmetry.",
    printed="exponent 2",
    source="statements: growth_nu2",
)
def square_near_a0(tables: Tables) -> Finding:
    return quadratic_at_degenerate(tables)


@claim(
    "p. 2, Fig. 1b",
    "Along the quasi-constant manifolds the sensitivity is low but not zero.",
    source="comment_orbits: condition_number",
)
def low_but_not_zero(tables: Tables) -> Finding:
    cn = rows(tables, "comment_orbits").condition_number
    return holds(
        bool(np.isfinite(cn).all()) and cn.median() > 20 and cn.max() < 1e10,
        f"condition numbers from {cn.min():.3g} to {cn.max():.3g}, median {cn.median():.3g}",
    )


@claim(
    "p. 2",
    "The condition number usually increases as the orbit approaches A0 (smaller c).",
    source="comment_orbits: sigma, c, condition_number",
)
def higher_near_a0(tables: Tables) -> Finding:
    largest = _orbit_cn(tables, "max")
    steps = largest.sort_index(axis=1).diff(axis=1).iloc[:, 1:]
    falling = int((steps < 0).to_numpy().sum())
    return holds(
        falling > 0.5 * steps.size,
        f"the largest condition number falls in {falling} of {steps.size} steps to larger c",
    )


@claim(
    "Fig. 1b",
    "A larger smearing raises the condition number along the orbits (0.5 against 0.1 Å).",
    source="comment_orbits: sigma, c, condition_number",
)
def higher_with_smearing(tables: Tables) -> Finding:
    median = _orbit_cn(tables, "median")
    if not {0.1, 0.5} <= set(median.index):
        raise Untestable("orbits at 0.1 and 0.5 Å were not both computed at these settings")
    ratio = median.loc[0.5] / median.loc[0.1]
    return holds(
        bool((ratio > 1).all()),
        ", ".join(f"{r:.3g} times at c = {c:g}" for c, r in ratio.items()),
    )


@claim(
    "p. 2, Fig. 1b",
    "With a large smearing high condition numbers are found further from the singularity too.",
    source="comment_orbits: sigma, c, frame, condition_number",
)
def wider_region(tables: Tables) -> Finding:
    table = rows(tables, "comment_orbits", sigma=[0.1, 0.5])
    last = table.groupby(["sigma", "c"])["frame"].transform("max")
    ends = table[(table.frame == 0) | (table.frame == last)]
    median = ends.groupby("sigma").condition_number.median()
    if len(median) < 2:
        raise Untestable("orbits at 0.1 and 0.5 Å were not both computed at these settings")
    return holds(
        bool(median.loc[0.5] > median.loc[0.1]),
        f"median at the ends of the orbits {median.loc[0.5]:.3g} at 0.5 Å,"
        f" {median.loc[0.1]:.3g} at 0.1 Å",
    )


@claim(
    "p. 2, Fig. 1a",
    "A pair of degenerate manifolds meets close to the centre of the quasi-constant manifold.",
    source="singular_points: environment, s_min_over_s_max, to_middle",
)
def singular_point_near_centre(tables: Tables) -> Finding:
    table = rows(tables, "singular_points", environment="search, middle of the orbit")
    ratio, distance = table.s_min_over_s_max.max(), table.to_middle.max()
    return holds(
        ratio < 1e-10 and distance < 0.3,
        f"s_min/s_max {ratio:.0e} at most {distance:.2g} Å from the middle of the orbit"
        f" ({len(table)} smearings)",
    )


@claim(
    "Fig. 1",
    "The geometries along the orbits are very similar for both smearings.",
    source="orbit_plane: curve, null, second",
)
def geometries_are_similar(tables: Tables) -> Finding:
    table = rows(tables, "orbit_plane")
    names = [name for name in table.curve.unique() if name.startswith("sigma0.1_")]
    apart = {}
    for name in names:
        other = name.replace("sigma0.1_", "sigma0.5_")
        if other in set(table.curve):
            one, two = (
                table[table.curve == n][["null", "second"]].to_numpy() for n in (name, other)
            )
            distances = np.linalg.norm(one[:, None] - two[None], axis=-1)
            shorter = min(np.ptp(one, axis=0).max(), np.ptp(two, axis=0).max())
            apart[name.removeprefix("sigma0.1_c")] = np.median(distances.min(axis=1)) / shorter
    if not apart:
        raise Untestable("orbits at 0.1 and 0.5 Å were not both computed at these settings")
    return holds(
        max(apart.values()) < 0.1,
        "median distance between the curves over their extent "
        + ", ".join(f"{ratio:.2g} (c = {c})" for c, ratio in apart.items()),
    )


@claim(
    "p. 1",
    "There is no continuous manifold along which nu = 2 features are exactly constant.",
    source="separation: features, separation, least",
)
def orbit_is_not_constant(tables: Tables) -> Finding:
    table = rows(tables, "separation", features="nu = 2")
    least = table[table.separation > 0.5 * table.separation.max()].least.min()
    return holds(
        table.least.min() > 1e-9,
        f"two points of the orbit differ by at least {table.least.min():.1e}, by {least:.1e} when"
        " half its length apart",
    )


@claim(
    "p. 3",
    "Features of higher body order tell the points of the quasi-constant manifold apart.",
    source="separation: features, separation, median",
)
def higher_orders_see_the_orbit(tables: Tables) -> Finding:
    table = rows(tables, "separation")
    far = table[table.separation > 0.5 * table.separation.max()]
    median = far.groupby("features")["median"].median()
    if not {"nu = 2", "nu = 3", "OMFP"} <= set(median.index):
        raise Untestable("nu = 3 and OMFP were not followed along the orbit")
    return holds(
        min(median["nu = 3"], median["OMFP"]) > 2 * median["nu = 2"],
        ", ".join(f"{distance:.2g} ({name})" for name, distance in median.items())
        + ", relative distance of points half the orbit apart",
    )


@claim(
    "abstract",
    "Rigorously singular configurations are isolated, whereas orbits and pair manifolds are not"
    " singular.",
    source="singularity: curve, position, ratio",
)
def singular_points_are_isolated(tables: Tables) -> Finding:
    table = rows(tables, "singularity")
    pairs = rows(tables, "singularity", curve=["A+", "A-"])
    at, away = (pairs[(pairs.position.abs() < 1e-9) == here].ratio for here in (True, False))
    orbits = table[~table.curve.isin(["A+", "A-"])].ratio
    if at.empty or orbits.empty:
        raise Untestable("the crossing of the pair manifolds was not among their points")
    return holds(
        at.max() < 1e-10 and min(away.min(), orbits.min()) > 1e-8,
        f"s_min/s_max {at.max():.0e} at A0, at least {away.min():.1e} elsewhere on A+ and A-,"
        f" {orbits.min():.1e} on the orbits",
    )


@claim(
    "p. 3",
    "Features of several centres resolve the degenerate pairs, and with them the low sensitivity.",
    source="centres: environment, centers, k, ratio; centre_pairs: pair, centers, distance",
)
def several_centres_resolve(tables: Tables) -> Finding:
    table = rows(tables, "centres", environment=["mirror A0", "ring A0"])
    smallest = table.loc[table.groupby(["environment", "centers"]).k.idxmax()]
    carbon = smallest[smallest.centers == "C"].ratio.max()
    everything = smallest[smallest.centers == "all"].ratio.min()
    pairs = rows(tables, "centre_pairs")
    together = pairs[pairs.centers == "C"].distance.max()
    apart = pairs[pairs.centers == "all"].distance.min()
    return holds(
        carbon < 1e-10 and everything > CLEAR and together < ZERO and apart > CLEAR,
        f"s_min/s_max at A0 {carbon:.0e} (C alone), at least {everything:.2g} (all atoms); distance"
        f" of pairs {together:.0e} and at least {apart:.2g}",
    )


@claim(
    "Fig. 2",
    "Twenty frames are 10 % of the manifold.",
    printed="10 %",
    source="comment_orbits: frame",
)
def ten_per_cent(tables: Tables) -> Finding:
    frames = rows(tables, "comment_orbits").frame.nunique()
    return near(20 / frames, 0.1, limit=1.2, text=f"{2000 / frames:.1f} % of {frames} frames")


@claim(
    "p. 3, Fig. 2",
    "Trained without manifold frames, the network does poorly on the manifold.",
    source="comment_networks: run, rmse_validation, rmse_manifold",
)
def poor_extrapolation(tables: Tables) -> Finding:
    run = _network(tables, "none")
    ratio = (run.rmse_manifold / run.rmse_validation).mean()
    return holds(
        ratio > 3,
        f"RMSE {_spread(run.rmse_manifold)} on the manifold, {_spread(run.rmse_validation)} in"
        f" validation, {ratio:.1f} times",
    )


@claim(
    "p. 3, Fig. 2",
    "A few manifold frames in training let the network approximate the energy along it.",
    source="comment_networks: run, rmse_manifold",
)
def few_frames_help(tables: Tables) -> Finding:
    none, some = (_network(tables, run).rmse_manifold for run in ("none", "20"))
    return holds(
        some.mean() < 0.75 * none.mean(),
        f"RMSE {_spread(some)} with 20 frames, {_spread(none)} without",
    )


@claim(
    "p. 3, Fig. 2",
    "With the full manifold in training its energies are reproduced almost perfectly.",
    source="comment_networks: run, rmse_manifold",
)
def full_manifold_fits(tables: Tables) -> Finding:
    none, some, full = (_network(tables, run).rmse_manifold for run in ("none", "20", "full"))
    return holds(
        full.mean() < 0.5 * none.mean() and full.mean() < some.mean(),
        f"RMSE {_spread(full)}; {_spread(some)} with 20 frames, {_spread(none)} without",
    )


@claim(
    "Fig. 2",
    "The validation error changes little between the three models.",
    source="comment_networks: run, rmse_validation",
)
def validation_unchanged(tables: Tables) -> Finding:
    errors = {run: _network(tables, run).rmse_validation.mean() for run in ("none", "20", "full")}
    spread = max(errors.values()) / min(errors.values())
    return holds(spread < 1.25, ", ".join(f"{error:.3g} ({run})" for run, error in errors.items()))


def network_error(run: str, data: str) -> Claim:
    """One of the errors of Fig. 2."""

    def rule(tables: Tables) -> Finding:
        table = rows(tables, "network_summary", run=run).set_index("sigma")
        means, spreads = table[f"rmse_{data}_mean"], table[f"rmse_{data}_std"]
        if 0.2 not in means.index:
            raise Untestable("the networks were not trained at the smearing of the text")
        printed = table[f"printed_rmse_{data}"].iloc[0]
        others = [f"{means[s]:.3g} at {s:g} Å" for s in means.index if s != 0.2]
        text = f"{means[0.2]:.3g}" + (f" ± {spreads[0.2]:.1g}" if spreads[0.2] > 0 else "")
        finding = near(means[0.2], printed, limit=2.0, text=text, comment="; ".join(others))
        return replace(finding, printed=f"{printed:g}")

    frames = {"none": "no frame", "20": "20 frames", "full": "every frame"}[run]
    return Claim(
        f"comment.network_{run}_{data}",
        PAPER,
        "Fig. 2",
        f"RMSE on the {data} set of the network that saw {frames} of the manifold.",
        "see the figure",
        f"network_summary: rmse_{data}_mean, printed_rmse_{data}",
        rule,
    )


CLAIMS += [
    network_error(run, data)
    for run in ("none", "20", "full")
    for data in ("validation", "manifold")
]


@claim(
    "p. 2, Fig. 2",
    "The networks see features with sigma = 0.2 Å (the authors' program uses 0.3 Å).",
    printed="0.2 Å",
    source="comment_networks: sigma, run, rmse_manifold",
)
def smearing_of_networks(tables: Tables) -> Finding:
    table = rows(tables, "comment_networks")
    order = {}
    for sigma, group in table.groupby("sigma"):
        errors = group.groupby("run").rmse_manifold.mean()
        if {"none", "20", "full"} <= set(errors.index):
            order[float(sigma)] = [errors[run] for run in ("none", "20", "full")]
    if len(order) < 2:
        raise Untestable("the networks were not trained at both smearings")
    return holds(
        all(none > some > full for none, some, full in order.values()),
        "; ".join(
            "{:.3g}, {:.3g}, {:.3g} at {:g} Å".format(*errors, sigma)
            for sigma, errors in order.items()
        ),
        "text and program differ; reproduced means that the order none > 20 > full holds at both",
    )


@claim(
    "p. 3",
    "Manifolds closer to the singularity, or of larger smearing, need denser sampling.",
)
def denser_sampling(tables: Tables) -> Finding:
    raise Untestable("networks are trained along one orbit only")


@claim(
    "p. 2",
    "The condition number is comparable to the `tight` settings of the criticised paper.",
)
def tight_settings(tables: Tables) -> Finding:
    raise Untestable("neither paper prints that value")


@claim(
    "Fig. 1a",
    "The orbit with c = 1 cannot be told by eye from the published manifold.",
)
def published_manifold(tables: Tables) -> Finding:
    raise Untestable("the published coordinates are not part of this repository")


@claim(
    "p. 3",
    "The atomisation energies of the methane set span several tens of eV.",
    printed="several tens of eV",
)
def energy_span(tables: Tables) -> Finding:
    raise Untestable("the energies of the 7.7 million structures are not recomputed")


@claim(
    "p. 3",
    "With several centres a network on these features reaches about 1 kcal/mol on the methane set.",
    printed="1 kcal/mol",
)
def multi_centre_accuracy(tables: Tables) -> Finding:
    raise Untestable("training on 7 million structures is beyond this workflow")


@claim(
    "p. 3",
    "Overlap-matrix fingerprints resolve all known degeneracies.",
    source="statements: pair_four_omfp, pair_seven_omfp, singular_mirror_omfp,"
    " singular_ring_omfp, singular_double_ring_omfp",
)
def omfp_resolves_all(tables: Tables) -> Finding:
    pairs = [value(tables, f"pair_{pair}_omfp") for pair in ("four", "seven")]
    points = [
        value(tables, f"singular_{point}_omfp") for point in ("mirror", "ring", "double_ring")
    ]
    return holds(
        min(pairs) > 1e-8 and min(points) > CLEAR,
        f"pairs at relative distances {pairs[0]:.2g}, {pairs[1]:.2g}; s_min/s_max at singular"
        f" points {', '.join(f'{ratio:.2g}' for ratio in points)}",
    )


@claim(
    "p. 3",
    "The degeneracy is one of the correlations, whatever the hyperparameters.",
    source="statements: pair_four_nu2_any_basis",
)
def whatever_hyperparameters(tables: Tables) -> Finding:
    return incomplete_in_any_basis(tables)


@claim(
    "p. 3",
    "SOAP, ACSF, DeepMD, three-body FCHL and any other nu = 2 construction fail in the same way.",
    source="peers: representation, nu, structure, separation, ratio",
)
def every_nu2_fails(tables: Tables) -> Finding:
    table = rows(tables, "peers", status="ok", nu=2)
    if table.library.nunique() < 2:
        raise Untestable("no other library of descriptors is installed")
    apart = _of_each(table, "PRL pairs").separation.max()
    singular = _of_each(table, "mirror A0").ratio.max() / _of_each(table, "generic").ratio.max()
    failing = [name for name in apart.index if apart[name] < BLIND and singular[name] < BLIND]
    others = sorted(set(apart.index) - set(failing))
    return holds(
        not others,
        f"{len(failing)} of {len(apart)} keep the pairs together and are singular at A0"
        + (f"; not {', '.join(others)}" if others else ""),
        f"in several libraries: {', '.join(failing)}",
    )


@claim(
    "p. 3",
    "Descriptors of higher body order, systematic ones and overlap matrices, are free of this.",
    source="peers: representation, nu, structure, separation, ratio",
)
def every_higher_order_succeeds(tables: Tables) -> Finding:
    table = rows(tables, "peers", status="ok")
    table = table[(table.nu != 2) & (table.nu != 1)]
    if table.empty:
        raise Untestable("no representation of higher order was audited")
    apart = _of_each(table, "PRL pairs").separation.min()
    singular = _of_each(table, "mirror A0").ratio.min() / _of_each(table, "generic").ratio.min()
    free = [name for name in apart.index if apart[name] > BLIND and singular[name] > BLIND]
    others = sorted(set(apart.index) - set(free))
    return holds(
        not others,
        f"{len(free)} of {len(apart)} separate the pairs and have no singular point at A0"
        + (f"; not {', '.join(others)}" if others else ""),
        ", ".join(free),
    )


def _orbit_cn(tables: Tables, statistic: str) -> pd.DataFrame:
    """A statistic of the condition number along each orbit: sigma (rows) by c (columns)."""
    grouped = rows(tables, "comment_orbits").groupby(["sigma", "c"]).condition_number
    table = grouped.agg(statistic).unstack("c")
    if table.shape[1] < 2:
        raise Untestable("one orbit only was computed at these settings")
    return table


def _network(tables: Tables, run: str) -> pd.DataFrame:
    """The networks of one kind at sigma = 0.2 Å, one row per seed."""
    return rows(tables, "comment_networks", run=run, sigma=0.2)


def _spread(values: pd.Series) -> str:
    """Mean, and standard deviation over seeds where there are several."""
    text = f"{values.mean():.3g}"
    return f"{text} ± {values.std():.1g}" if len(values) > 1 else text


def _of_each(table: pd.DataFrame, structure: str) -> DataFrameGroupBy:
    """Rows of one structure, grouped by representation."""
    return rows({"peers": table}, "peers", structure=structure).groupby("representation")
