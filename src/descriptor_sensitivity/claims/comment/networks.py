"""Figure 2 and what the text says of energies: networks along an orbit."""

from dataclasses import replace

import pandas as pd

from descriptor_sensitivity.claims.judge import (
    COMMENT,
    Claim,
    Finding,
    Tables,
    Untestable,
    holds,
    near,
    recorder,
    rows,
)

CLAIMS: list[Claim] = []
claim = recorder(CLAIMS, "comment", COMMENT)


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
        COMMENT,
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


def _network(tables: Tables, run: str) -> pd.DataFrame:
    """The networks of one kind at sigma = 0.2 Å, one row per seed."""
    return rows(tables, "comment_networks", run=run, sigma=0.2)


def _spread(values: pd.Series) -> str:
    """Mean, and standard deviation over seeds where there are several."""
    text = f"{values.mean():.3g}"
    return f"{text} ± {values.std():.1g}" if len(values) > 1 else text
