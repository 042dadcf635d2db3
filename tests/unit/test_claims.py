"""Every rule of the claims table can pass and can fail."""

import numpy as np
import pandas as pd
import pytest

from descriptor_sensitivity.claims import comment as claims_comment
from descriptor_sensitivity.claims import local as claims_local
from descriptor_sensitivity.claims.judge import Untestable, judge, near, rows

CLAIMS = claims_local.CLAIMS + claims_comment.CLAIMS

OPEN = {claim.id for claim in CLAIMS if not claim.source}
"""Claims that no result can decide."""


def statements(agree: bool) -> pd.DataFrame:
    names = {
        "pair_four_nu2": (1e-16, 0.1),
        "pair_four_nu3": (0.3, 0.0),
        "pair_four_omfp": (0.1, 0.0),
        "pair_four_nu2_any_basis": (1e-16, 0.1),
        "pair_seven_nu3": (1e-16, 0.1),
        "pair_seven_omfp": (0.01, 0.0),
        "turned_values_change": (1e-15, 0.1),
        "turned_vectors_change": (1e-15, 0.1),
        "trivial_zeros_nu2": (3, 4),
        "trivial_zeros_nu3": (3, 3),
        "generic_zeros_nu2": (0, 1),
        "generic_zeros_nu3": (0, 0),
        "radial_rank": (4, 5),
        "radial_neighbors": (4, 4),
        "few_features": (3, 3),
        "few_features_zeros": (6, 5),
        "tetrahedral_rank_nu2": (1, 1),
        "tetrahedral_rank_nu3": (1, 2),
        "tetrahedral_rank_s-omfp": (1, 1),
        "singular_mirror_nu2": (1e-16, 1e-3),
        "singular_mirror_nu3": (0.1, 1e-16),
        "singular_mirror_omfp": (0.1, 1e-16),
        "singular_ring_nu2": (1e-16, 1e-3),
        "singular_ring_nu3": (0.1, 0.1),
        "singular_ring_omfp": (0.1, 0.1),
        "singular_comment_nu2": (1e-11, 1e-3),
        "singular_double_ring_nu3": (1e-16, 1e-3),
        "singular_double_ring_omfp": (0.1, 0.1),
        "double_ring_null_nu4_theory": (0, 1),
        "growth_nu2": (2.0, 1.0),
        "growth_nu3": (1.0, 2.0),
        "growth_omfp": (1.0, 2.0),
        "branches_nu2": (1e-13, 0.5),
        "branches_nu3": (2.0, 0.0),
        "separation_min": (0.5, 5.0),
        "separation_mean": (1.4, 1.4),
    }
    return pd.DataFrame({"name": list(names), "value": [v[not agree] for v in names.values()]})


def table1(agree: bool) -> pd.DataFrame:
    bad = {"nu2": 1.0, "nu3": 20.0, "omfp": 25.0, "s-omfp": 30.0}
    printed_values = {
        ("asymmetric", "3x3"): (89, 48, 230, 16),
        ("asymmetric", "7x7"): (0.3, 5.6, 0.06, 0.1),
        ("symmetric", "3x3"): (49, 140, 570, 48),
        ("symmetric", "7x7"): (5.8, 5.4, 37, 5.3),
        ("degenerate", "3x3"): (9600, 150, 6.5, 1.4),
        ("degenerate", "7x7"): (5700, 0.42, 0.11, 0.06),
    }
    found = []
    for (structure, grid), entries in printed_values.items():
        for representation, printed in zip(bad, entries, strict=True):
            value = printed if agree else 1e6 * bad[representation] * (2 if grid == "7x7" else 1)
            found.append((structure, grid, representation, value, printed))
    columns = ["structure", "grid", "representation", "rmse_uev", "printed_uev"]
    return pd.DataFrame(found, columns=columns)


def condition_numbers(agree: bool) -> pd.DataFrame:
    found = []

    def add(nu: int, basis: str, n_max: int, l_max: int, sigma: float, mean: float) -> None:
        found.append((nu, basis, n_max, l_max, sigma, mean, 0.01 * mean))

    sizes, angular = (2, 4, 6, 8, 10, 12), (4, 6, 8, 10, 12, 14, 16)
    for n in sizes:
        for l in angular:
            slow = 1 + 20 * np.exp(-n / 2.0) + 20 * np.exp(-l / 2.5)
            fast = 12 + 100 * np.exp(-n / 1.0) + 20 * np.exp(-l / 2.5)
            flat = 4.0 + 0.01 * n
            add(1, "optimal", n, l, 0.1, slow if agree else flat)
            add(2, "optimal", n, l, 0.1, fast if agree else 1 + 20 * np.exp(-n / 4.0))
        for l in (6, 16):
            add(1, "gto", n, l, 0.1, 1 + 200 * np.exp(-n / 3) if agree else 1.0)
            add(1, "dvr", n, l, 0.1, 1e8 / n**2 if agree else 10.0)
    for n in (4, 6):
        for l in angular:
            falling = 10 + 200 * np.exp(-l / 2.5) + n / 8
            add(3, "optimal", n, l, 0.1, falling if agree else 99 + 10 * l)
    for n, best in (
        ((4, 0.4), (8, 0.25), (12, 0.2)) if agree else ((4, 0.05), (8, 0.05), (12, 0.05))
    ):
        for sigma in (0.05, 0.15, 0.2, 0.25, 0.4, 0.8):
            add(1, "optimal", n, 8, sigma, 1 + np.log(sigma / best) ** 2)
    columns = ["nu", "radial_basis", "n_max", "l_max", "sigma", "mean", "mean_error"]
    return pd.DataFrame(found, columns=columns)


def theory_gram(agree: bool) -> pd.DataFrame:
    exact = np.linspace(-0.5, 1, 50)
    return pd.DataFrame(
        {"numerical": exact, "corrected": exact, "printed": exact if agree else exact + 0.3}
    )


def theory_smearing(agree: bool) -> pd.DataFrame:
    ratio = np.tile(np.geomspace(0.5, 20, 40), 4)
    excess = np.exp(-(ratio**2) / 8) if agree else np.full_like(ratio, 3.0)
    return pd.DataFrame({"r0_over_sigma": ratio, "condition_number": 1 + excess})


def theory_limit(agree: bool) -> pd.DataFrame:
    ratio = np.geomspace(0.5, 20, 40)
    change = np.exp(-(ratio**2) / 4) + (0 if agree else 0.01)
    return pd.DataFrame({"r0_over_sigma": ratio, "largest": 1 + change, "smallest": 1 - change / 2})


def theory_basis(agree: bool) -> pd.DataFrame:
    size = np.arange(2, 30, 2)
    curves = [
        pd.DataFrame(
            {"sigma": s, "size": size, "median": np.exp(-(s if agree else 0.1 / s) * size)}
        )
        for s in (0.3, 0.5, 1.0)
    ]
    return pd.concat(curves)


def fig6(agree: bool) -> pd.DataFrame:
    cn = np.geomspace(5, 500, 100)
    table = pd.DataFrame({"nu1": np.linspace(2, 3, 100), "nu2": cn, "nu3": 0.6 * cn + 1})
    if not agree:
        nu3 = np.where(np.arange(100) < 98, 600 - cn, 0.5)
        table = pd.DataFrame({"nu1": 2 * cn, "nu2": cn, "nu3": nu3})
    return table.assign(n_max=4, l_max=16)


def comment_orbits(agree: bool) -> pd.DataFrame:
    found = []
    for sigma in (0.1, 0.5):
        for c in (0.1, 0.5, 1.0, 1.5):
            for frame in range(201 if agree else 100):
                height = 1e3 * sigma / c if agree else 2 * c / sigma
                found.append((sigma, c, frame, height * (1 + np.sin(np.pi * frame / 200))))
    return pd.DataFrame(found, columns=["sigma", "c", "frame", "condition_number"])


def comment_networks(agree: bool) -> pd.DataFrame:
    errors = {"none": (0.013, 0.14), "20": (0.0131, 0.07), "full": (0.0135, 0.03)}
    if not agree:
        errors = {"none": (0.1, 0.03), "20": (0.2, 0.07), "full": (0.3, 0.14)}
    return pd.DataFrame(
        [
            (run, sigma, seed, *(e * (1 + 0.01 * seed) for e in pair))
            for run, pair in errors.items()
            for sigma in (0.2, 0.3)
            for seed in range(3)
        ],
        columns=["run", "sigma", "seed", "rmse_validation", "rmse_manifold"],
    )


def pedagogical(agree: bool) -> pd.DataFrame:
    degree = np.arange(21)
    even = 0.3 * 10.0 ** (-0.5 * degree) if agree else np.full(21, 0.3)
    odd = np.full(21, 0.31) + 0.02 * (degree == 0) - (0 if agree else 0.3)
    columns = {"degree": degree, "rmse in x^2": even, "rmse in cos x": odd}
    return pd.DataFrame(columns | {"odd part about pi": 0.31})


def peers(agree: bool) -> pd.DataFrame:
    found = []
    for name, nu in (("SOAP", 2), ("ACSF", 2), ("bispectrum", 3), ("OMFP", np.nan)):
        blind = (nu == 2) == agree
        for structure, separation, ratio in (
            ("PRL pairs", 1e-9 if blind else 0.1, 0.1),
            ("mirror A0", np.nan, 1e-9 if blind else 0.1),
            ("generic", np.nan, 0.1),
        ):
            found.append(("ok", name + " library", name, nu, structure, separation, ratio))
    columns = ["status", "library", "representation", "nu", "structure", "separation", "ratio"]
    return pd.DataFrame(found, columns=columns)


def grid(energy, error) -> pd.DataFrame:
    """A grid of energies (eV) and of model errors (ueV), functions of both Delta and a name."""
    one, two = (d.ravel() for d in np.meshgrid(*[np.linspace(-1, 1, 21)] * 2, indexing="ij"))
    table = pd.DataFrame({"delta_1": one, "delta_2": two, "energy_ev": energy(one, two)})
    for name in ("nu2", "nu3", "omfp", "s-omfp"):
        table[f"error_{name}_3x3_uev"] = error(name, one, two)
    return table


def asymmetric(agree: bool) -> pd.DataFrame:
    if agree:
        return grid(lambda a, b: 0.02 * a - 0.01 * b, lambda name, a, b: 100 * a**2 + 10 * b)
    return grid(lambda a, b: a**2 + b**2, lambda name, a, b: 10 * a**2 + 100 * b)


def symmetric(agree: bool) -> pd.DataFrame:
    if agree:
        return grid(
            lambda a, b: 0.01 * (a**2 + b**2 + 0.1 * a * b**2),
            lambda name, a, b: 100 * a + 10 * b**2,
        )
    return grid(lambda a, b: a + b + 0.1 * a**2, lambda name, a, b: 10 * b)


def degenerate(agree: bool) -> pd.DataFrame:
    def error(name: str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return -1e4 * b if name == "nu2" else 0.1 * (b**2 - 1) * b

    if agree:
        return grid(lambda a, b: 0.01 * (a + b + b**2), error)
    return grid(lambda a, b: b**2 + 1e-3 * b, lambda name, a, b: 1e3 * b)


def fig2(agree: bool) -> pd.DataFrame:
    delta = np.linspace(-1, 1, 21)
    linear, square, cusp = delta + 0.1 * delta**2, delta**2, np.abs(delta)
    found = []
    for row in ("nu2", "nu3", "omfp", "s-omfp", "energy"):
        steeper = (row == "s-omfp") + 1
        stretch = {"omfp": cusp}.get(row, square)
        null = {"nu2": square}.get(row, linear)
        curves = {
            ("asymmetric", 1): 3 * linear,
            ("asymmetric", 2): linear * (steeper**3),
            ("symmetric", 1): linear,
            ("symmetric", 2): stretch,
            ("degenerate", 1): linear,
            ("degenerate", 2): null,
        }
        for (structure, direction), curve in curves.items():
            wrong = {id(linear): square, id(square): linear, id(cusp): linear}
            bad = square + 1e-4 * delta if structure == "asymmetric" else wrong[id(curve)]
            change = curve if agree else bad + 1e-3 * direction * (row == "energy") * delta
            found.append(
                pd.DataFrame({"delta": delta, "change": change}).assign(
                    structure=structure, row=row, direction=direction
                )
            )
    return pd.concat(found)


def singular_points(agree: bool) -> pd.DataFrame:
    name = "search, middle of the orbit"
    found = {"environment": [name], "s_min_over_s_max": [1e-14 if agree else 1e-5]}
    return pd.DataFrame(found | {"to_middle": [0.1]})


def orbit_plane(agree: bool) -> pd.DataFrame:
    x = np.linspace(-1, 1, 50)
    curves = {"A+": 0 * x, "sigma0.1_c1": x**2, "sigma0.5_c1": x**2 + (0.01 if agree else 0.8)}
    return pd.concat(
        pd.DataFrame({"curve": name, "null": x, "second": y}) for name, y in curves.items()
    )


def separation(agree: bool) -> pd.DataFrame:
    distance = np.linspace(0.1, 2, 20)
    strength = {"nu = 2": 1e-4, "nu = 3": 0.1, "OMFP": 0.1}
    return pd.concat(
        pd.DataFrame({"features": name, "separation": distance}).assign(
            least=0.5 * size * distance * agree, median=distance * (size if agree else 1e-4)
        )
        for name, size in strength.items()
    )


def singularity(agree: bool) -> pd.DataFrame:
    position = np.linspace(-0.3, 0.3, 11).round(6)
    pair = np.abs(position) * agree
    curves = {"A+": pair, "A-": pair, "c = 1": np.full(11, 1e-3)}
    return pd.concat(
        pd.DataFrame({"curve": name, "position": position, "ratio": y})
        for name, y in curves.items()
    )


def centres(agree: bool) -> pd.DataFrame:
    found = []
    for environment in ("mirror A0", "ring A0", "ring A+"):
        for kind in ("C", "H", "all"):
            last = 1e-16 if (kind == "C") == agree else 0.1
            found += [(environment, kind, k, last if k == 9 else 0.5) for k in range(1, 10)]
    return pd.DataFrame(found, columns=["environment", "centers", "k", "ratio"])


def centre_pairs(agree: bool) -> pd.DataFrame:
    distance = [1e-16, 0.1, 0.1] if agree else [0.1, 0.1, 1e-16]
    return pd.DataFrame({"pair": "ring", "centers": ["C", "H", "all"], "distance": distance})


def network_summary(agree: bool) -> pd.DataFrame:
    table = pd.DataFrame({"run": ["none", "20", "full"], "sigma": 0.2})
    for data in ("validation", "manifold"):
        table[f"printed_rmse_{data}"] = 0.1
        table[f"rmse_{data}_mean"] = 0.12 if agree else 0.3
        table[f"rmse_{data}_std"] = 0.01
    return table


MAKERS = [statements, table1, condition_numbers, theory_gram, theory_smearing, theory_limit]
MAKERS += [theory_basis, pedagogical, peers, asymmetric, symmetric, degenerate, fig2, fig6]
MAKERS += [comment_orbits, comment_networks, singular_points, orbit_plane, separation]
MAKERS += [singularity, centres, centre_pairs, network_summary]


def verdicts(agree: bool) -> pd.Series:
    found = judge({maker.__name__: maker(agree) for maker in MAKERS}, CLAIMS)
    return found.set_index("id")["verdict"]


AGREEING, DISAGREEING = verdicts(True), verdicts(False)


@pytest.mark.parametrize("name", sorted(set(AGREEING.index) - OPEN))
def test_rule_follows_the_results(name):
    assert AGREEING[name].startswith("reproduced"), AGREEING[name]
    assert DISAGREEING[name] == "differs", DISAGREEING[name]


def test_missing_results_give_a_reason_and_no_verdict():
    found = judge({}, CLAIMS).set_index("id")["verdict"]
    assert found.str.startswith("cannot be tested: ").all()
    assert "`table1` was not computed" in found["local.degenerate_ratio"]


def test_claims_are_many_unique_and_read_known_tables():
    names = [claim.id for claim in CLAIMS]
    assert len(names) == len(set(names)) > 40
    known = {maker.__name__ for maker in MAKERS}
    assert {table for claim in CLAIMS for table in claim.tables} == known


def test_numbers_are_judged_by_their_ratio():
    assert near(1.04, 1.0, limit=2).verdict == "reproduced"
    assert near(0.6, 1.0, limit=2).verdict == "reproduced within a factor 1.7"
    assert near(2.1, 1.0, limit=2).verdict == "differs"
    assert near(0.0, 1.0, limit=2).verdict == "differs"


def test_rows_select_by_number_list_and_name_what_is_missing():
    table = pd.DataFrame({"sigma": [0.1, 0.30000000000000004], "run": ["20", "none"]})
    assert list(rows({"t": table}, "t", sigma=0.3).run) == ["none"]
    assert len(rows({"t": table}, "t", run=["20", "none"])) == 2
    with pytest.raises(Untestable, match=r"`t` has no row with sigma = 0.7"):
        rows({"t": table}, "t", sigma=0.7)
