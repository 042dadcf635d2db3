"""Features of every atom and layer of a potential, and their derivatives by double backward.

A potential maps the M atoms of a cluster to features F (M, f) of each layer, and most to an energy.
Of the layers only the scalar channels are features here: they do not change under rotations.

With weights v of the shape of F, the pullback g(v) = d(sum v F)/dr = J v is one backward pass, and
it is linear in v. The derivative of one of its components with respect to v is one row of J, and a
row takes one more pass, whatever the number of features, atoms, layers and environments: 3N passes
for everything, where one pass for each feature would take as many as there are features. (Of the
few features of one atom a pass for each is the quicker way, and gives the same.)
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from ase.data import chemical_symbols

from descriptor_sensitivity.errors import InputError

Atoms = Literal["center", "all", "sum"]
Layer = int | Literal["last", "all"]
Choice = tuple[Layer, Atoms]
"""A layer (from 1), and the atoms of the cluster whose features are taken."""

DOUBLE = 1
"""What a pass through the pullback costs, in passes through the features (measured: 1.0)."""

PAIRS = 4000
"""Pairs of atoms treated at once: what is kept for the second pass stays below about 1 GB."""


@dataclass(frozen=True)
class Box:
    """Where a structure is periodic.

    Attributes:
        cell: (3, 3) its vectors as rows, Å.
        pbc: (3,) whether it repeats along each.
    """

    cell: np.ndarray
    pbc: np.ndarray

    def require_crystal(self, description: str) -> None:
        """Raise InputError of a model, by its description, that takes crystals, if it is none."""
        if not self.pbc.all():
            raise InputError(
                f"{description} takes crystals; a structure that is periodic along one or two axes"
                " only is none."
            )


@dataclass
class Evaluation:
    """What a potential says of clusters of M atoms.

    Attributes:
        layers: features (n_env, M, f) of each layer.
        energy: (n_env,) eV, or None where the model has none.
    """

    layers: list[torch.Tensor]
    energy: torch.Tensor | None = None


class Potential:
    """A model in double precision, and what it says of itself.

    Attributes:
        description: file, and library with its version.
        file: of its weights, if it has one.
        cutoff: Å, to which its own rules draw edges between atoms; None where it has none.
        species: atomic numbers it knows; None for any.
        invariant: whether its features stay the same when a cluster is turned.
        notes: sentences a person should read.
    """

    description: str
    file: str | None = None
    cutoff: float | None = None
    species: Sequence[int] | None = None
    invariant: bool = True
    notes: list[str]

    def evaluate(
        self, positions: torch.Tensor, numbers: np.ndarray, box: Box | None = None
    ) -> Evaluation:
        """Of clusters at `positions` (n_env, M, 3), Å, whose atomic numbers are `numbers` (M,).

        With a box they are no clusters but structures that repeat with it.
        """
        raise NotImplementedError


@dataclass
class Clusters:
    """Environments of one composition: the centre at the origin, N neighbours that can move.

    Attributes:
        vectors: (n_env, N, 3) neighbour minus centre, Å.
        numbers: (N + 1,) atomic numbers, the centre's first.
        device: of torch.
        box: of structures that are periodic, their first atom at the origin.
    """

    vectors: np.ndarray
    numbers: np.ndarray
    device: str = "cpu"
    box: Box | None = None
    moved: torch.Tensor = field(init=False)
    positions: torch.Tensor = field(init=False)

    def __post_init__(self) -> None:
        vectors = torch.tensor(self.vectors, dtype=torch.float64, device=self.device)
        self.moved = vectors.requires_grad_(True)
        self.positions = torch.cat([torch.zeros_like(vectors[:, :1]), self.moved], dim=1)

    def blocks(self) -> Iterable["Clusters"]:
        """The environments in blocks of about `PAIRS` pairs of atoms."""
        size = max(1, PAIRS // (len(self.numbers) * (len(self.numbers) - 1)))
        for start in range(0, len(self.vectors), size):
            part = self.vectors[start : start + size]
            yield Clusters(part, self.numbers, self.device, self.box)


def select(layers: Sequence[torch.Tensor], choice: Choice) -> torch.Tensor:
    """Features (n_env, k) of one layer, the last or all of them, and of some atoms.

    `center`: the first atom; `all`: every atom, one after the other; `sum`: added over the atoms.
    Raises InputError for a layer that the model has not.
    """
    layer, atoms = choice
    if isinstance(layer, int) and not 1 <= layer <= len(layers):
        raise InputError(
            f"there is no layer {layer}: the model has {len(layers)}; choose 1 to {len(layers)},"
            " last or all."
        )
    if layer == "all":
        return torch.cat([select([one], (1, atoms)) for one in layers], dim=1)
    features = layers[-1 if layer == "last" else layer - 1]
    if atoms == "center":
        return features[:, 0]
    return features.flatten(1) if atoms == "all" else features.sum(1)


def widths(potential: Potential, clusters: Clusters) -> list[int]:
    """Number of features of an atom in each layer."""
    first = Clusters(clusters.vectors[:1], clusters.numbers, clusters.device)
    return [layer.shape[2] for layer in checked(potential, first).layers]


def features(
    potential: Potential, clusters: Clusters, choices: Sequence[Choice]
) -> list[np.ndarray]:
    """Features (n_env, k) of each choice."""
    found: list[list[np.ndarray]] = [[] for _ in choices]
    for block in clusters.blocks():
        layers = checked(potential, block).layers
        for kept, choice in zip(found, choices, strict=True):
            kept.append(select(layers, choice).detach().cpu().numpy())
    return [np.concatenate(kept) for kept in found]


def jacobians(
    potential: Potential, clusters: Clusters, choices: Sequence[Choice]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Features (n_env, k) and Jacobian (n_env, 3N, k) of each choice, per Å, centre at rest."""
    found: list[list[tuple[np.ndarray, np.ndarray]]] = [[] for _ in choices]
    for block in clusters.blocks():
        layers = checked(potential, block).layers
        chosen = [select(layers, choice) for choice in choices]
        rows = derivatives(chosen, block.moved)
        for kept, values, slopes in zip(found, chosen, rows, strict=True):
            kept.append((values.detach().cpu().numpy(), slopes.cpu().numpy()))
    return [tuple(map(np.concatenate, zip(*kept, strict=True))) for kept in found]  # type: ignore[misc]


def derivatives(values: Sequence[torch.Tensor], moved: torch.Tensor) -> list[torch.Tensor]:
    """d values / d moved, (n_env, 3N, k) for each of `values` (n_env, k); moved is (n_env, N, 3).

    By double backward, or by one backward pass for each feature where that is the cheaper.
    Environments do not feel each other, so that a pass serves all of them.
    """
    joined = torch.cat(list(values), dim=1)
    if not joined.requires_grad:
        slopes = torch.zeros(len(moved), moved[0].numel(), joined.shape[1], dtype=joined.dtype)
    elif joined.shape[1] <= DOUBLE * moved[0].numel():
        slopes = by_feature(joined, moved)
    else:
        slopes = by_displacement(joined, moved)
    return list(slopes.split([one.shape[1] for one in values], dim=2))


def by_feature(values: torch.Tensor, moved: torch.Tensor) -> torch.Tensor:
    """d values / d moved by one backward pass for each feature."""
    columns = [
        torch.autograd.grad(total, moved, retain_graph=True)[0].flatten(1)
        for total in values.sum(0)
    ]
    return torch.stack(columns, dim=2)


def by_displacement(values: torch.Tensor, moved: torch.Tensor) -> torch.Tensor:
    """d values / d moved by double backward, one pass for each displacement."""
    weights = torch.zeros_like(values, requires_grad=True)
    (pullback,) = torch.autograd.grad(values, moved, weights, create_graph=True)
    rows = [
        torch.autograd.grad(total, weights, retain_graph=True)[0]
        for total in pullback.flatten(1).sum(0)
    ]
    return torch.stack(rows, dim=1)


def energies(potential: Potential, clusters: Clusters) -> tuple[np.ndarray, np.ndarray]:
    """Energy (n_env,), eV, and its gradient (n_env, 3N) with respect to the neighbours, eV/Å.

    NaN for a model without an energy.
    """
    values, gradients = [], []
    for block in clusters.blocks():
        energy = checked(potential, block).energy
        gradient = torch.full_like(block.moved, torch.nan)
        if energy is not None:
            (gradient,) = torch.autograd.grad(energy.sum(), block.moved)
        else:
            energy = gradient[:, 0, 0]
        values.append(energy.detach().cpu().numpy())
        gradients.append(gradient.flatten(1).cpu().numpy())
    return np.concatenate(values), np.concatenate(gradients)


def checked(potential: Potential, clusters: Clusters) -> Evaluation:
    """The evaluation of clusters of species that the model knows, in double precision."""
    known = potential.species
    if known is not None and (strange := sorted({int(z) for z in clusters.numbers} - set(known))):
        has, lacks = (
            ", ".join(chemical_symbols[z] for z in some[:12]) for some in (sorted(known), strange)
        )
        more = ", ..." if len(known) > 12 else ""
        raise InputError(f"{potential.description} does not know {lacks}; it knows {has}{more}.")
    found = potential.evaluate(clusters.positions, clusters.numbers, clusters.box)
    for number, layer in enumerate(found.layers, 1):
        if layer.dtype != torch.float64:
            raise InputError(
                f"{potential.description} computes layer {number} in {layer.dtype}, not in"
                " torch.float64; without double precision zeros are not to be told from noise."
            )
    return found


def device(wanted: str) -> str:
    """The device of torch that `auto` stands for: cuda where there is one, else cpu."""
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise InputError(f"`device: {wanted}`: torch sees none here; write `device: auto`.")
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


def scalars(irreps: Any) -> np.ndarray:
    """Where the scalars (l = 0, even) stand among the components of some irreps of e3nn."""
    kinds = zip(irreps, irreps.slices(), strict=True)
    return np.concatenate([np.arange(s.start, s.stop) for kind, s in kinds if str(kind.ir) == "0e"])


def doubled(module: torch.nn.Module, description: str) -> list[str]:
    """Turn a model to double precision and freeze it; says so if its parameters were not.

    The 3j symbols of e3nn are of the group, no parameters: they are set anew, as rounded ones would
    let features turn with the cluster, by 1e-9 and more.
    """
    kinds = {str(one.dtype).removeprefix("torch.") for one in module.parameters()}
    module.double().eval().requires_grad_(False)
    for name, buffer in module.named_buffers():
        if degrees := re.search(r"_w3j_(\d+)_(\d+)_(\d+)$", name):
            from e3nn.o3 import wigner_3j

            exact = wigner_3j(*map(int, degrees.groups()), dtype=torch.float64)
            if torch.allclose(buffer, exact, atol=1e-6):
                buffer.copy_(exact)
    if kinds <= {"float64"}:
        return []
    return [f"{description} is stored in {', '.join(sorted(kinds))}; it is turned to float64."]
