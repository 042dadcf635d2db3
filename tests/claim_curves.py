"""Tables that agree, or disagree, with what the papers say: grids, curves, singular points."""

import numpy as np
import pandas as pd


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
    return grid(lambda a, b: a + b + 0.1 * a**2, lambda name, a, b: 10 * (a + b))


def degenerate(agree: bool) -> pd.DataFrame:
    def error(name: str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return -1.2e4 * b if name == "nu2" else 0.1 * (b**2 - 1) * b

    if agree:
        return grid(lambda a, b: 0.012 * (a + b + b**2), error)
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
            bad = wrong.get(id(curve), linear)
            if structure == "asymmetric":  # the energy's trend is that of smooth OMFP alone
                follows = row in ("s-omfp", "energy")
                bad = (linear if row == "energy" else square + 1e-4 * delta) * (4 - direction)
                bad = bad if follows else square + 1e-4 * delta
            change = curve if agree else bad
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
    strength = {"nu = 2": 1e-3, "nu = 3": 0.1, "OMFP": 0.1}
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


def convergence(agree: bool) -> pd.DataFrame:
    """Values whose ends are the slopes of `fig2` for a length of 0.02 Å, and a null value."""
    values = np.linspace(3.0, 1.0, 9) / 0.02
    table = pd.DataFrame({"k": np.arange(1, 10), "value": values, "length": 0.02})
    table["twice_l_max"], table["overlap"] = values * (1 if agree else 2), 1.0 if agree else 0.5
    null = table.assign(value=0.0, twice_l_max=0.0, overlap=np.nan)
    return pd.concat([table.assign(structure="asymmetric"), null.assign(structure="symmetric")])


MAKERS = [
    convergence,
    asymmetric,
    symmetric,
    degenerate,
    fig2,
    singular_points,
    orbit_plane,
    separation,
]
MAKERS += [singularity, centres, centre_pairs]
