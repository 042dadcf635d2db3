"""What rules read from tables: curves, cuts, errors, points of the sweeps."""

import numpy as np
import pandas as pd

from descriptor_sensitivity.claims.judge import Tables, Untestable, rows

STRUCTURES = ("asymmetric", "symmetric", "degenerate")

NAMES = {"nu2": "nu = 2", "nu3": "nu = 3", "omfp": "OMFP", "s-omfp": "smooth OMFP"}


def change_curve(tables: Tables, structure: str, row: str, direction: int) -> pd.Series:
    """One curve of Fig. 2, change against Delta."""
    table = rows(tables, "fig2", structure=structure, row=row, direction=direction)
    return table.set_index("delta")["change"].sort_index()


def odd_part(curve: pd.Series) -> float:
    """Odd part of a curve at the first step h from the middle, [c(h) - c(-h)] / 2."""
    middle = len(curve) // 2
    return float(curve.iloc[middle + 1] - curve.iloc[middle - 1]) / 2


def oddness(curve: pd.Series) -> float:
    """|odd| / (|odd| + |even|) of a curve at the first step: 1 if linear, 0 if it has no slope."""
    middle = len(curve) // 2
    even = abs(float(curve.iloc[middle + 1] + curve.iloc[middle - 1]) / 2)
    odd = abs(odd_part(curve))
    return odd / (odd + even) if odd + even else 0.0


def growth_exponent(curve: pd.Series) -> float:
    """p of |c| ~ |Delta|^p between the first and the second step, both sides together."""
    middle = len(curve) // 2
    sizes = [abs(curve.iloc[middle + step]) + abs(curve.iloc[middle - step]) for step in (1, 2)]
    return float(np.log2(sizes[1] / sizes[0]))


def grid_cut(tables: Tables, structure: str, direction: int) -> pd.DataFrame:
    """The points of a grid where only Delta_`direction` changes, in order."""
    table = rows(tables, structure)
    other = table[f"delta_{3 - direction}"]
    return table[np.isclose(other, 0)].sort_values(f"delta_{direction}")


def expansion(tables: Tables, structure: str, direction: int) -> tuple[float, float]:
    """Linear and quadratic coefficient (eV) of the energy in Delta along one direction."""
    cut = grid_cut(tables, structure, direction)
    delta, energy = cut[f"delta_{direction}"], cut["energy_ev"]
    return taylor_coefficient(delta, energy), taylor_coefficient(delta, energy, power=2)


def taylor_coefficient(delta: pd.Series, energy: pd.Series, power: int = 1) -> float:
    """Coefficient of Delta^power in a polynomial of degree 6 fitted to a cut."""
    fit = np.polynomial.Polynomial.fit(delta, energy, deg=6, domain=[-1, 1], window=[-1, 1])
    return float(fit.coef[power])


def cut_errors(tables: Tables, structure: str, representation: str) -> tuple[float, float]:
    """Root mean square error (ueV) along the cuts in Delta_1 and Delta_2, 3 x 3 grid."""
    column = f"error_{representation}_3x3_uev"
    first, second = (grid_cut(tables, structure, d)[column].to_numpy() for d in (1, 2))
    return float(np.sqrt(np.mean(first**2))), float(np.sqrt(np.mean(second**2)))


def odd_errors(tables: Tables, structure: str, representation: str) -> tuple[float, float]:
    """Largest odd part (ueV) of the error along the cuts in Delta_1 and Delta_2, 3 x 3 grid."""
    column = f"error_{representation}_3x3_uev"
    first, second = (grid_cut(tables, structure, d)[column].to_numpy() for d in (1, 2))
    return float(np.abs(first - first[::-1]).max() / 2), float(
        np.abs(second - second[::-1]).max() / 2
    )


def rmse(tables: Tables, structure: str, grid: str, representation: str) -> float:
    table = rows(tables, "table1", structure=structure, grid=grid, representation=representation)
    return float(table["rmse_uev"].iloc[0])


def swept(tables: Tables, nu: int, radial_basis: str = "optimal") -> pd.DataFrame:
    """Points at sigma = 0.1 Å, without a density of the centre's own, as the papers write it."""
    where = {"nu": nu, "radial_basis": radial_basis, "sigma": 0.1}
    return _without_centre(rows(tables, "condition_numbers", **where))


def _without_centre(table: pd.DataFrame) -> pd.DataFrame:
    return table[table.center_weight == 0] if "center_weight" in table else table


def against_n_max(tables: Tables, l_max: int, nu: int, radial_basis: str = "optimal") -> pd.Series:
    """Mean CN against n_max at one l_max, sigma 0.1 Å."""
    table = swept(tables, nu, radial_basis).query("l_max == @l_max").sort_values("n_max")
    return pd.Series(table["mean"].to_numpy(), index=table.n_max)


def against_l_max(tables: Tables, n_max: int, nu: int, radial_basis: str = "optimal") -> pd.Series:
    """Mean CN against l_max at one n_max, sigma 0.1 Å."""
    table = swept(tables, nu, radial_basis).query("n_max == @n_max").sort_values("l_max")
    return pd.Series(table["mean"].to_numpy(), index=table.l_max)


def swept_l_max(tables: Tables, *orders: int) -> list[int]:
    """Values of l_max at which every order has three n_max or more, ascending."""
    shared = None
    for nu in orders:
        counts = swept(tables, nu).groupby("l_max").size()
        found = set(counts[counts >= 3].index)
        shared = found if shared is None else shared & found
    if not shared:
        raise Untestable("fewer than three n_max were computed at one l_max at these settings")
    return sorted(shared)


def converged_at(curve: pd.Series) -> int:
    """The first abscissa from which on the curve stays within 25 % of its last value."""
    if len(curve) < 3:
        raise Untestable("fewer than three points of the sweep were computed at these settings")
    outside = np.flatnonzero(np.abs(curve.to_numpy() / curve.iloc[-1] - 1) > 0.25)
    return int(curve.index[outside[-1] + 1 if len(outside) else 0])


def falls_to_the_end(curve: pd.Series) -> bool:
    """Whether every value before the last one lies above it."""
    return bool((curve.iloc[:-1] > curve.iloc[-1]).all())


def functions(table: pd.DataFrame) -> pd.Series:
    """Sizes of bases: n_max radial functions times (l_max + 1)^2 spherical harmonics."""
    return table.n_max * (table.l_max + 1) ** 2


Size = tuple[int, int]
"""(n_max, l_max)."""


def smearing_curves(tables: Tables, nu: int = 1) -> dict[Size, pd.Series]:
    """(n_max, l_max) -> mean CN against sigma (Å, ascending), where five sigma were swept."""
    table = _without_centre(rows(tables, "condition_numbers", nu=nu, radial_basis="optimal"))
    curves = {}
    for (n_max, l_max), group in table.groupby(["n_max", "l_max"]):
        if len(group) >= 5:
            group = group.sort_values("sigma")
            curves[int(n_max), int(l_max)] = pd.Series(group["mean"].to_numpy(), group.sigma)
    if not curves:
        raise Untestable(
            f"no basis size of nu = {nu} was swept over five smearings at these settings"
        )
    return dict(sorted(curves.items(), key=lambda item: item[0][0] * (item[0][1] + 1) ** 2))


def shared_bases(tables: Tables, *orders: int) -> pd.DataFrame:
    """Rows of the sigma = 0.1 Å sweeps at the (n_max, l_max) that all `orders` share."""
    shared = None
    for nu in orders:
        table = swept(tables, nu)[["n_max", "l_max", "mean"]]
        table = table.rename(columns={"mean": f"mean_{nu}"})
        shared = table if shared is None else shared.merge(table, on=["n_max", "l_max"])
    if shared is None or shared.empty:
        raise Untestable("the orders share no basis size at these settings")
    return shared
