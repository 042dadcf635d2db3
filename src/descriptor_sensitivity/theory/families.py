"""Families of environments with known symmetries and degeneracies.

Every function returns neighbour vectors (N, 3) in Å, centre at the origin. Angles are in degrees.
Two environments are *degenerate* at order nu when they have the same nu-neighbour correlations and
no rotation, reflection or exchange of like atoms turns one into the other. A family of degenerate
pairs A+-, written with a `sign`, meets itself at A0; `displacements` has the null vectors there.
"""

import numpy as np

from descriptor_sensitivity.errors import InputError

COLLISION = 0.1
"""Parameters that bring two atoms (the centre included) closer than this (Å) are refused."""

RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "mirror": {
        "r_a": (0.95, 1.05),
        "r_b": (1.1, 1.2),
        "r_c": (1.25, 1.35),
        "t": (-60, 60),
        "e": (15, 60),
        "p": (20, 70),
        "q": (100, 170),
    },
    "ring": {
        "r_apex": (0.95, 1.05),
        "r_ring": (1.1, 1.2),
        "polar": (50, 130),
        "azimuth_2": (80, 100),
        "azimuth_3": (205, 220),
    },
    "flat_pair": {
        "r_a": (0.95, 1.05),
        "r_b": (1.1, 1.2),
        "r_c": (1.25, 1.35),
        "t": (-60, 60),
        "e": (25, 60),
        "q": (100, 170),
    },
    "equal_angles": {
        "r_a": (0.95, 1.05),
        "r_b": (1.15, 1.3),
        "opening": (70, 110),
        "n_x": (0.4, 0.7),
        "n_y": (0.3, 0.6),
        "theta": (80, 130),
    },
    "double_ring": {
        "rho": (0.9, 1.3),
        "h": (0.15, 0.45),
        "azimuth_2": (80, 100),
        "azimuth_3": (205, 220),
        "phi": (15, 30),
        "z": (0.8, 1.3),
    },
}
"""Ranges (Å, degrees) of typical members of each family, without collision or symmetry."""


def tetrahedral(bond_length: float) -> np.ndarray:
    """Four neighbours on alternate corners of a cube, at `bond_length` from its centre (Td)."""
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    return checked("tetrahedral", bond_length / np.sqrt(3) * corners, bond_length=bond_length)


def distorted(vectors: np.ndarray, amplitude: float, seed: int) -> np.ndarray:
    """`vectors` with each neighbour moved by `amplitude` (Å) in its own random direction.

    The directions are uniform on the sphere; no symmetry and no coincidence survives.
    """
    steps = np.random.default_rng(seed).normal(size=vectors.shape)
    steps *= amplitude / np.linalg.norm(steps, axis=1, keepdims=True)
    return checked("distorted", vectors + steps, amplitude=amplitude, seed=seed)


def pyramid(r_apex: float = 1.3, r_ring: float = 1.09, polar: float = 109.5) -> np.ndarray:
    """C3v: an apex on the z axis, a regular ring of three neighbours at angle `polar` from it."""
    return ring(r_apex, r_ring, polar, (0.0, 120.0, 240.0))


def two_pairs(
    r_first: float = 1.0, r_second: float = 1.3, half_first: float = 50.0, half_second: float = 60.0
) -> np.ndarray:
    """C2v: two neighbours in the xz plane, at `half_first` from +z, two in yz, around -z."""
    first, second = np.deg2rad([half_first, half_second])
    vectors = np.array(
        [
            [r_first * np.sin(first), 0, r_first * np.cos(first)],
            [-r_first * np.sin(first), 0, r_first * np.cos(first)],
            [0, r_second * np.sin(second), -r_second * np.cos(second)],
            [0, -r_second * np.sin(second), -r_second * np.cos(second)],
        ]
    )
    parameters = {"r_first": r_first, "r_second": r_second}
    angles = {"half_first": half_first, "half_second": half_second}
    return checked("two_pairs", vectors, **parameters, **angles)


def mirror(
    sign: int,
    r_a: float = 1.09,
    r_b: float = 1.09,
    r_c: float = 1.09,
    t: float = -22.5,
    e: float = 30.0,
    p: float = 36.0,
    q: float = 144.0,
) -> np.ndarray:
    """A+ (`sign` = 1) or A- (-1): four neighbours a, b-, b+, c, degenerate at nu = 2.

    a = r_a (sin t, 0, cos t)
    b-+ = r_b (cos e cos p, -+cos e sin p, -+sin e)
    c+- = r_c (cos q, +-sin q, 0)

    Why: |b-| = |b+|. Between A+ and A- only the sign of c_y changes, so that |c| and c.a stay
    (a has no y component) while c.b- and c.b+, r_b r_c cos e cos(q +- p), change places. The
    multiset of (radius, radius, cosine) over pairs is therefore the same. Triples tell the two
    apart: (c, b-, a) comes with b-.a in one and with b+.a in the other, and
    a.b-+ = r_a r_b (sin t cos e cos p -+ cos t sin e) differ. The environments are congruent only
    where this last difference or sin q or sin p vanishes. (Family of PRL 125, 166001.)
    """
    t_, e_, p_, q_ = np.deg2rad([t, e, p, q])
    vectors = np.array(
        [
            [r_a * np.sin(t_), 0, r_a * np.cos(t_)],
            r_b * np.array([np.cos(e_) * np.cos(p_), -np.cos(e_) * np.sin(p_), -np.sin(e_)]),
            r_b * np.array([np.cos(e_) * np.cos(p_), np.cos(e_) * np.sin(p_), np.sin(e_)]),
            [r_c * np.cos(q_), sign * r_c * np.sin(q_), 0],
        ]
    )
    return checked("mirror", vectors, r_a=r_a, r_b=r_b, r_c=r_c, t=t, e=e, p=p, q=q)


def mirror_singular(
    r_a: float = 1.09,
    r_b: float = 1.09,
    r_c: float = 1.09,
    t: float = -22.5,
    e: float = 30.0,
    p: float = 36.0,
) -> np.ndarray:
    """A0 of the mirror family: q = 180 degrees, c on the line where A+ and A- are one structure."""
    return mirror(1, r_a, r_b, r_c, t, e, p, q=180.0)


def flat_pair(
    r_a: float = 1.09,
    r_b: float = 1.09,
    r_c: float = 1.09,
    t: float = -22.5,
    e: float = 30.0,
    q: float = 144.0,
) -> np.ndarray:
    """The mirror family at p = 0: b-, b+ and a in one plane with the centre, c across b+ - b-.

    Singular at nu = 2 for any q: the features of A+(p) are those of A-(p) by degeneracy, and A-(p)
    is the reflection of A+(-p) at y = 0, so that features are even in p. Without symmetry itself.
    """
    return mirror(1, r_a, r_b, r_c, t, e, 0.0, q)


def mirror_manifold(
    branch: int, azimuth: np.ndarray | None = None, elevation: np.ndarray | None = None
) -> np.ndarray:
    """One branch (81, 4, 3) of the two methane manifolds of PRL 125, 166001.

    The mirror family at r = 1.09 Å, t = -22.5, e = 30, p = 36, with the last neighbour at
    r (cos el cos az, `branch` cos el sin az, sin el). By default azimuths rise from 126 to 162
    and elevations fall from 18 to -18 in steps of 4.5; azimuth is the slower index. The data set
    of scikit-matter holds branch -1, then branch 1, in this order. Members of the two branches
    with the same azimuth are degenerate at elevation 0 and at no other.
    """
    azimuth = np.arange(126.0, 162.1, 4.5) if azimuth is None else azimuth
    elevation = np.arange(18.0, -18.1, -4.5) if elevation is None else elevation
    az, el = (np.deg2rad(x).ravel() for x in np.meshgrid(azimuth, elevation, indexing="ij"))
    vectors = np.repeat(mirror(1)[None], len(az), axis=0)
    vectors[:, 3] = 1.09 * np.stack(
        [np.cos(el) * np.cos(az), branch * np.cos(el) * np.sin(az), np.sin(el)], axis=1
    )
    return vectors


def ring(
    r_apex: float = 1.1,
    r_ring: float = 1.09,
    polar: float = 87.327,
    azimuths: tuple[float, float, float] = (0.0, 152.12, 222.48),
) -> np.ndarray:
    """Ring A0: an apex on +z and three neighbours at one radius and one angle `polar` from it.

    Singular at nu = 2 for any three azimuths. The first-order conditions for an invisible
    displacement are: the three pairs inside the ring keep their radii and cosines, which freezes
    the ring as a rigid body (6); the apex keeps its radius (1); the three pairs (apex, ring atom)
    share one value, so only the sum of their cosines must stay (1). That is 8 conditions on the
    9 rotation-free displacements. The singular methane of the Comment is of this kind
    (`COMMENT_SINGULAR`). Two equal azimuth differences add a mirror plane, three make C3v.
    """
    theta, azimuth = np.deg2rad(polar), np.deg2rad(np.asarray(azimuths, dtype=float))
    around = np.stack(
        [
            np.sin(theta) * np.cos(azimuth),
            np.sin(theta) * np.sin(azimuth),
            np.full(3, np.cos(theta)),
        ],
        axis=1,
    )
    vectors = np.vstack([[0, 0, r_apex], r_ring * around])
    parameters = {"r_apex": r_apex, "r_ring": r_ring, "polar": polar, "azimuths": tuple(azimuths)}
    return checked("ring", vectors, **parameters)


COMMENT_SINGULAR = np.array(
    [
        [-0.4829254496, -0.0117268817, 0.9809861465],
        [0.7996922926, -0.5467990590, -0.5071401480],
        [0.7873675534, 0.6287875002, 0.4525456259],
        [-0.6686122172, 0.8602918456, 0.0924330775],
    ]
)
"""A0 of the Comment on quasi-constant manifolds (H relative to C, Å): a `ring` up to rotation.

The third H is the apex, at 1.1046 Å; the others are at 1.0935 Å and 87.327 degrees from it, with
azimuths 0, 152.12 and 222.48 degrees. Equal radii and angles agree to 2e-7.
"""


def double_ring(
    sign: int,
    rho: float = 1.0,
    h: float = 0.25,
    azimuths: tuple[float, float, float] = (150.13, -100.68, 0.041),
    phi: float = 22.22,
    z: float = 1.0,
) -> np.ndarray:
    """A+ (`sign` = 1) or A- (-1): seven neighbours, degenerate at nu = 2 and nu = 3.

    Ring 1: rho (cos a_i, sin a_i) at height `sign` h; ring 2: rho (cos(a_i + phi), sin(a_i + phi))
    at -`sign` h; apex (0, 0, z).

    Why: turning the sign mirrors the rings at z = 0, so every tuple without the apex keeps its
    invariants. With the apex, what counts is each ring atom's height and the differences of
    azimuth. A pair of ring 1 at +h in A+, difference a_i - a_j, has its partner in the pair of
    ring 2 that is at +h in A-, with the same difference. A mixed pair, i of ring 1 at +h and j of
    ring 2 at -h in A+, has its partner in j of ring 2 at +h and i of ring 1 at -h in A-: the
    difference a_i - a_j - phi only changes sign. Equal rho is needed for this last exchange.
    Quadruples (apex and three of the ring) find no partner in general: they feel the handedness.
    """
    a = np.deg2rad(np.asarray(azimuths, dtype=float))
    a = np.concatenate([a, a + np.deg2rad(phi)])
    height = sign * h * np.repeat([1.0, -1.0], 3)
    vectors = np.vstack([np.stack([rho * np.cos(a), rho * np.sin(a), height], axis=1), [0, 0, z]])
    parameters = {"rho": rho, "h": h, "azimuths": tuple(azimuths), "phi": phi, "z": z}
    return checked("double_ring", vectors, **parameters)


def double_ring_singular(
    rho: float = 1.0,
    azimuths: tuple[float, float, float] = (150.13, -100.68, 0.041),
    phi: float = 22.22,
    z: float = 1.0,
) -> np.ndarray:
    """A0 of `double_ring`: h = 0, six neighbours in one plane with the centre, an apex above.

    A+ and A- meet here and no symmetry operation turns one way out into the other.
    """
    return double_ring(1, rho, 0.0, azimuths, phi, z)


def random_parameters(family: str, rng: np.random.Generator) -> dict:
    """Parameters of a random member of a family in `RANGES`, uniform in `RANGES`."""
    return packed({name: rng.uniform(*limits) for name, limits in RANGES[family].items()})


def packed(values: dict[str, float]) -> dict:
    """Keyword arguments of a family from values named as in `RANGES` (the first azimuth is 0)."""
    rest: dict = {name: value for name, value in values.items() if not name.startswith("azimuth_")}
    if len(rest) < len(values):
        rest["azimuths"] = (0.0, values["azimuth_2"], values["azimuth_3"])
    return rest


def checked(family: str, vectors: np.ndarray, **parameters: object) -> np.ndarray:
    """`vectors`, unless two atoms collide."""
    points = np.vstack([np.zeros(3), vectors])
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    distances += np.diag(np.full(len(points), np.inf))
    if not distances.min() >= COLLISION:
        values = ", ".join(f"{name} = {value}" for name, value in parameters.items())
        i, j = np.unravel_index(np.nanargmin(distances), distances.shape)
        raise InputError(
            f"{family} environment with {values}: atoms {min(i, j)} and {max(i, j)} (0 is the"
            f" centre) are {distances[i, j]:.3g} Å apart; choose parameters that keep atoms at"
            f" least {COLLISION} Å apart."
        )
    return vectors
