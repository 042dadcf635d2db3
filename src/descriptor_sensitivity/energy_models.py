"""Models of the energy on manifolds of methane: errors along the displacements, Table 1."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from descriptor_sensitivity.manifolds import Manifold, training_line, training_points
from descriptor_sensitivity.regression import kernel_ridge

KEYS = ["structure", "grid", "representation"]
HEADS = {"nu2": "nu = 2", "nu3": "nu = 3", "omfp": "OMFP", "s-omfp": "s-OMFP"}
LATEX = {"nu2": r"$\nu = 2$", "nu3": r"$\nu = 3$"}
TITLE = "RMSE / ueV on the test points; in brackets, as printed"


def grid_name(n_train: int) -> str:
    """Of a training grid, n x n."""
    return f"{n_train}x{n_train}"


def error_column(descriptor: str, n_train: int) -> str:
    """Of the errors of a model in the table of `fit_manifold`."""
    return f"error_{descriptor}_{grid_name(n_train)}_uev"


def decades(first: float, last: float, step: float) -> np.ndarray:
    """Powers of ten with exponents from `first` to `last`."""
    return 10 ** np.arange(first, last + step / 2, step)


def fit_manifold(
    manifold: Manifold,
    energies: np.ndarray,
    features: Mapping[str, np.ndarray],
    training_grids: Sequence[int],
    gammas: np.ndarray,
    sigma2s: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Kernel ridge regression of the energies on sub-grids (paper 1, section 3).

    Args:
        manifold: the structures.
        energies: (n_env,) eV, NaN where unknown.
        features: differences (n_env, k) by the name of the descriptor.
        training_grids: numbers n of the n x n sub-grids that are trained on.
        gammas, sigma2s: hyperparameters to try, see `kernel_ridge`.

    Returns:
        Every structure: delta_1, delta_2, energy_ev, and a column of errors (ueV) of each model.
        Every model: grid, representation, rmse_uev over the test points, gamma, sigma2.
    """
    first, second = manifold.coordinates.T
    columns = {"delta_1": first, "delta_2": second, "energy_ev": energies}
    scores = []
    for n_train in training_grids:
        train = training_points(len(manifold.deltas), n_train)
        for name, differences in features.items():
            fit = kernel_ridge(differences, energies, train, gammas, sigma2s)
            columns[error_column(name, n_train)] = 1e6 * (fit.prediction - energies)
            scores.append(
                {
                    "grid": grid_name(n_train),
                    "representation": name,
                    "rmse_uev": 1e6 * fit.rmse,
                    "gamma": fit.gamma,
                    "sigma2": fit.sigma2,
                }
            )
    return pd.DataFrame(columns), pd.DataFrame(scores)


def errors_on_cuts(
    manifold: Manifold, models: pd.DataFrame, names: Sequence[str], training_grids: Sequence[int]
) -> pd.DataFrame:
    """Errors of the models along each displacement alone.

    Args:
        manifold: the structures.
        models: the first table of `fit_manifold`.
        names: of the descriptors.
        training_grids: as there.

    Returns columns grid, direction (1 or 2), representation, delta, error_uev, trained (whether
    the point of the cut lies on a line of the training grid).
    """
    deltas = manifold.deltas
    return pd.concat(
        pd.DataFrame(
            {
                "grid": grid_name(n_train),
                "direction": k + 1,
                "representation": name,
                "delta": deltas,
                "error_uev": models[error_column(name, n_train)].to_numpy()[manifold.cut(k)],
                "trained": np.isin(range(len(deltas)), training_line(len(deltas), n_train)),
            }
        )
        for n_train in training_grids
        for k in range(2)
        for name in names
    )


def table_1(scores: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """Root mean square errors (ueV) beside the printed ones."""
    table = scores.merge(printed, on=KEYS, how="left")
    return table[[*KEYS, "rmse_uev", "printed_uev", "gamma", "sigma2"]]


def markdown(table: pd.DataFrame) -> str:
    """`table_1` as the paper lays it out, in Markdown."""
    heads, rows = _laid_out(table)
    lines = [["structure and grid", *(HEADS.get(head, head) for head in heads)]]
    lines += [["---"] + ["---:"] * len(heads), *rows]
    body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{TITLE}\n\n{body}\n"


def latex(table: pd.DataFrame) -> str:
    """`table_1` as the paper lays it out, in LaTeX."""
    heads, rows = _laid_out(table)
    names = [LATEX.get(head, HEADS.get(head, head)) for head in heads]
    body = " \\\\\n".join(" & ".join(line).replace("x", r" $\times$ ") for line in rows)
    return (
        f"% {TITLE}\n\\begin{{tabular}}{{l{'r' * len(heads)}}}\n\\hline\n"
        f"Structure and grid & {' & '.join(names)} \\\\\n\\hline\n{body} \\\\\n"
        "\\hline\n\\end{tabular}\n"
    )


def _laid_out(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Descriptors, and for each structure and grid its name and a cell for each of them."""
    heads = list(dict.fromkeys(table.representation))
    rows = [
        [f"{structure}, {grid}"]
        + [_cell(mine[mine.representation == head].squeeze()) for head in heads]
        for (structure, grid), mine in table.groupby(["structure", "grid"], sort=False)
    ]
    return heads, rows


def _cell(fit: pd.Series) -> str:
    """Ours with two significant digits, and the printed value where there is one."""
    ours = f"{float(f'{fit.rmse_uev:.2g}'):g}"
    return ours if pd.isna(fit.printed_uev) else f"{ours} ({fit.printed_uev:g})"
