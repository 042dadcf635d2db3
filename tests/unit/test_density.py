"""Density correlations: Jacobians, compression, both routes to nu = 3, and the singular points."""

import numpy as np
import pytest

from descriptor_sensitivity.descriptors import density
from descriptor_sensitivity.descriptors.compression import common_channels
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.optimal import radial_basis
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.singular import decompose, sensitivity, singular_values
from descriptor_sensitivity.theory.families import mirror_singular, ring, tetrahedral


def random_vectors(n_env: int, n_neighbors: int = 4, seed: int = 1) -> np.ndarray:
    """Neighbours between 0.7 and 3.2 Å from the centre."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n_env, n_neighbors, 3))
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    return directions * rng.uniform(0.7, 3.2, (n_env, n_neighbors, 1))


def basis(kind: str, n_max: int = 5, l_max: int = 4, sigma: float = 0.3):
    fit = [batch_from_vectors(random_vectors(50, seed=9), [1, 1, 8, 8])]
    return radial_basis(kind, n_max, l_max, sigma, 4.0, n_primitive=30, fit_batches=fit)


def central_differences(representation, batch, step: float = 1e-3) -> np.ndarray:
    """Fourth-order differences of the features, (n_env, 3N, n_features)."""
    rows = []
    for k in range(3 * batch.n_neighbors):
        move = np.zeros(3 * batch.n_neighbors)
        move[k] = step
        move = move.reshape(-1, 3)
        at = [
            representation.features(batch.moved(batch.vectors + i * move)) for i in (-2, -1, 1, 2)
        ]
        rows.append((at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * step))
    return np.stack(rows, axis=1)


@pytest.mark.parametrize("nu", [1, 2, 3])
@pytest.mark.parametrize("kind", ["dvr", "gto", "optimal"])
@pytest.mark.parametrize("cutoff_width", [0.0, 2.5])
def test_jacobian_is_the_derivative_of_the_features(nu, kind, cutoff_width):
    batch = batch_from_vectors(random_vectors(3), [1, 1, 8, 8])
    representation = Density(nu, basis(kind, 3, 3), cutoff_width)
    jacobian = representation.jacobian(batch)[1]
    numerical = central_differences(representation, batch)
    assert abs(jacobian - numerical).max() < 1e-8 * abs(jacobian).max()


@pytest.mark.parametrize("nu", [1, 2, 3])
@pytest.mark.parametrize("species", [[1, 1, 1, 1], [1, 1, 8, 8], [1, 6, 7, 8]])
def test_compression_changes_nothing(nu, species):
    batch = batch_from_vectors(random_vectors(4), species)
    representation = Density(nu, basis("gto", 10, 3))
    vectors = batch.vectors if nu > 1 else None
    whole, left = decompose(representation.jacobian(batch)[1], vectors)
    short, left_short = sensitivity(representation, batch)
    assert abs(whole - short).max() < 1e-13 * whole.max()
    # Left vectors agree up to their sign where the singular values are distinct.
    gap = np.abs(np.diff(whole, axis=1)).min()
    overlap = np.abs(np.einsum("eik,eik->ek", left, left_short))
    assert gap < 1e-6 * whole.max() or abs(overlap - 1).max() < 1e-6


def test_two_routes_to_nu_3_agree(monkeypatch):
    batch = batch_from_vectors(random_vectors(3, 5), [1, 1, 1, 8, 8])
    representation = Density(3, basis("gto", 3, 5))
    features, jacobian = representation.jacobian(batch)
    monkeypatch.setattr(density, "TUPLE_LIMIT", 0)
    other_features, other_jacobian = representation.jacobian(batch)
    assert abs(features - other_features).max() < 1e-13 * abs(features).max()
    assert abs(jacobian - other_jacobian).max() < 1e-13 * abs(jacobian).max()


def test_features_are_the_textbook_sums():
    """nu = 2, 3 from the coefficients of nu = 1 and the 3j symbols, with every weight."""
    from descriptor_sensitivity.descriptors.wigner import real_3j

    n_max, l_max = 2, 3
    radial = basis("gto", n_max, l_max)
    batch = batch_from_vectors(random_vectors(1))
    c = Density(1, radial).features(batch).reshape(n_max, (l_max + 1) ** 2)
    c = [c[:, l**2 : (l + 1) ** 2] for l in range(l_max + 1)]  # noqa: E741
    every = [a @ a.T / np.sqrt(2 * l + 1) for l, a in enumerate(c)]  # noqa: E741
    power = Density(2, radial).features(batch)
    assert np.isclose((power**2).sum(), sum((p**2).sum() for p in every), rtol=1e-13)
    square = 0.0
    for l1 in range(l_max + 1):
        for l2 in range(l_max + 1):
            for l3 in range(abs(l1 - l2), min(l1 + l2, l_max) + 1):
                if (l1 + l2 + l3) % 2 == 0:
                    w = real_3j(l1, l2, l3)
                    b = np.einsum("abc,ia,jb,kc->ijk", w, c[l1], c[l2], c[l3])
                    square += (b**2).sum()
    bispectrum = Density(3, radial).features(batch)
    assert np.isclose((bispectrum**2).sum(), square, rtol=1e-12)


@pytest.mark.parametrize("nu", [2, 3])
def test_feature_norm_is_the_rotation_average_of_overlap(nu):
    """|features|^2 is the mean over rotations of (overlap with the rotated density)^nu."""
    from scipy.spatial.transform import Rotation

    radial = basis("gto", 4, 4, 0.5)
    batch = batch_from_vectors(random_vectors(1))
    rotations = Rotation.random(4000, random_state=3).as_matrix()
    turned = batch_from_vectors(batch.vectors[0] @ rotations.transpose(0, 2, 1))
    mirrored = batch_from_vectors(-turned.vectors)
    first = Density(1, radial)
    reference = first.features(batch)[0]
    overlaps = np.concatenate([first.features(turned), first.features(mirrored)]) @ reference
    square = (Density(nu, radial).features(batch) ** 2).sum()
    error = (overlaps**nu).std() / np.sqrt(len(overlaps))
    assert abs((overlaps**nu).mean() - square) < 5 * error


@pytest.mark.parametrize("nu, n_max, l_max, sigma", [(2, 8, 6, 0.1), (2, 20, 20, 0.05)])
def test_both_singular_points_are_exact_for_nu_2(singular_points, nu, n_max, l_max, sigma):
    radial = radial_basis("gto", n_max, l_max, sigma, 4.0)
    values = sensitivity(Density(nu, radial), singular_points)[0]
    ratio = values / values[:, :1]
    assert ratio[:, -1].max() < 1e-14
    assert ratio[:, -2].min() > 1e-3


def test_both_singular_points_are_resolved_by_nu_3(singular_points):
    radial = radial_basis("gto", 8, 6, 0.1, 4.0)
    values = sensitivity(Density(3, radial), singular_points)[0]
    assert (values[:, -1] / values[:, 0]).min() > 1e-3


@pytest.fixture
def singular_points():
    """The mirror and the ring singular points of nu = 2."""
    return batch_from_vectors(np.array([mirror_singular(), ring()]))


@pytest.mark.parametrize("nu", [2, 3])
def test_tetrahedral_methane_breathes_only(nu):
    batch = batch_from_vectors(tetrahedral(1.1))
    values = sensitivity(Density(nu, basis("gto", 6, 6, 0.2)), batch)[0][0]
    assert (values[1:] < 1e-14 * values[0]).all()


@pytest.mark.parametrize("nu", [2, 3])
def test_the_centre_adds_a_constant_to_every_overlap(nu):
    """(o + c^2)^nu in place of o^nu, c the norm of the centre's Gaussian; Jacobian included."""
    radial, weight = basis("gto", 3, 3), 0.7
    batch = batch_from_vectors(random_vectors(3), [1, 1, 8, 8])
    square = weight**2 * (4 * np.pi * radial.sigma**2) ** -1.5
    representation = Density(nu, radial, 1.0, center_weight=weight)
    features = representation.features(batch)
    orders = [Density(order, radial, 1.0).features(batch) for order in range(1, nu + 1)]
    orders[0] = orders[0].reshape(3, -1, 16)[..., 0]  # l = 0 of (channel, lm)
    expected = square**nu * np.ones((3, 3))
    for order, lower in enumerate(orders, start=1):
        binomial = [1, nu, nu * (nu - 1) // 2][nu - order]
        expected += binomial * square ** (nu - order) * lower @ lower.T
    assert abs(features @ features.T / expected - 1).max() < 1e-13
    jacobian = representation.jacobian(batch)[1]
    numerical = central_differences(representation, batch)
    assert abs(jacobian - numerical).max() < 1e-8 * abs(jacobian).max()
    values = decompose(jacobian, batch.vectors)[0]
    short = singular_values(representation.reduced_jacobian(batch), batch.vectors)
    assert abs(values - short).max() < 1e-13 * values.max()
    panels = list(representation.along(batch[:2], batch[2:], np.ones((1, 4, 3))))
    along = sum((values[0] - values[1]) @ slope[0] for values, slope in panels)
    move = np.ones(12) @ jacobian[2]
    assert along == pytest.approx((features[0] - features[1]) @ move, rel=1e-11)


def test_collinear_neighbours_have_no_singular_direction():
    """Octahedron and a row of atoms: cosines of +-1 leave the Jacobian finite and right."""
    octahedron = np.concatenate([np.eye(3), -np.eye(3)]) * 1.5
    batch = batch_from_vectors(octahedron)
    representation = Density(3, basis("gto", 2, 4))
    jacobian = representation.jacobian(batch)[1]
    assert np.isfinite(jacobian).all()
    numerical = central_differences(representation, batch)
    assert abs(jacobian - numerical).max() < 1e-8 * abs(jacobian).max()
    row = batch_from_vectors(np.array([[0, 0, 1.0], [0, 0, -1.3], [0, 0, 2.1]]))
    values = sensitivity(representation, row)[0]
    assert values.shape == (1, 7)
    assert (values[0, 3:] < 1e-14 * values[0, 0]).all()


def test_density_singular_values_reach_their_common_limit():
    """Far neighbours, converged basis: all singular values are 1 / sqrt(16 pi^1.5 sigma^5)."""
    from descriptor_sensitivity.theory.limits import common_singular_value

    corners = np.array([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]) / np.sqrt(3)
    batch = batch_from_vectors(1.5 * corners)
    radial = radial_basis("dvr", 60, 40, 0.2, 2.0)
    values = sensitivity(Density(1, radial), batch)[0][0]
    assert abs(values / common_singular_value(0.2) - 1).max() < 1e-9


def test_complete_basis_in_n_and_l_is_the_closed_form():
    """J J* of Eq. (7), with the whole distance in its exponent."""
    from descriptor_sensitivity.theory.limits import gram

    batch = batch_from_vectors(random_vectors(2) / 2)
    found = Density(1, radial_basis("complete", None, 40, 0.5, 2.0)).gram(batch)
    expected = gram(batch.vectors, 0.5)
    assert abs(found - expected).max() < 1e-12 * expected.max()


@pytest.mark.parametrize("nu", [2, 3])
def test_larger_bases_approach_the_complete_one(nu):
    batch = batch_from_vectors(random_vectors(4))
    complete = sensitivity(Density(nu, radial_basis("complete", None, 4, 0.4, 4.0)), batch)[0]
    errors = []
    for n_max in (6, 9, 12, 40):
        values = sensitivity(Density(nu, basis("gto", n_max, 4, 0.4)), batch)[0]
        errors.append(abs(values / complete - 1).max())
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.05 and errors[-1] < 1e-4


def test_complete_basis_has_no_size():
    shared = {"nu": 2, "l_max": 4, "sigma": 0.3, "cutoff": 4.0}
    assert build_descriptor("limit", {**shared, "radial_basis": "complete"}).name == "limit"
    with pytest.raises(InputError, match="`limit`.*`n_max` does not go with .*complete.*leave it"):
        build_descriptor("limit", {**shared, "radial_basis": "complete", "n_max": 8})
    with pytest.raises(InputError, match="radial_basis `gto` needs `n_max`"):
        build_descriptor("some", {**shared, "radial_basis": "gto"})
    with pytest.raises(InputError, match="`gto` needs `n_max`"):
        radial_basis("gto", None, 4, 0.3, 4.0)


def test_cost_of_many_neighbours_goes_over_harmonics():
    """20 neighbours: 60 coordinates against 100 coefficients, so that no direction is blind."""
    batch = batch_from_vectors(random_vectors(1, 20), [1] * 20)
    values = sensitivity(Density(3, basis("gto", 4, 4)), batch)[0]
    assert values.shape == (1, 57)
    assert (values[0, -1] > 1e-8 * values[0, 0]).all()


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("bessel", 4, 4, 0.3, 4.0), "bessel"),
        (("gto", 0, 4, 0.3, 4.0), "n_max"),
        (("gto", 4, -1, 0.3, 4.0), "l_max"),
        (("gto", 4, 4, 0.0, 4.0), "sigma"),
        (("dvr", 4, 4, 0.3, -4.0), "cutoff"),
        (("optimal", 4, 4, 0.3, 4.0), "fitted"),
    ],
)
def test_bad_settings_are_named(arguments, words):
    with pytest.raises(InputError, match=words):
        radial_basis(*arguments)


def test_basis_fitted_for_less_is_refused():
    radial = basis("optimal", 4, 3)
    with pytest.raises(InputError, match="fitted for n_max = 4, l_max = 3"):
        radial.truncated(5, 3)
    with pytest.raises(InputError, match="n_primitive"):
        basis("optimal", 31, 3)
    batch = batch_from_vectors(random_vectors(1), [1, 1, 7, 7])
    with pytest.raises(InputError, match="not fitted for neighbours of species"):
        Density(2, radial).jacobian(batch)


@pytest.mark.parametrize(("distance", "allowed"), [(4.0, True), (4.0001, False), (4.5, False)])
def test_neighbour_beyond_the_cutoff_is_refused(distance, allowed):
    batch = batch_from_vectors(np.array([[0, 0, distance], [1.0, 0, 0]]))
    if allowed:
        assert np.isfinite(Density(2, basis("gto")).jacobian(batch)[1]).all()
    else:
        with pytest.raises(InputError, match="beyond the cutoff"):
            Density(2, basis("gto")).jacobian(batch)


def test_common_channels_leave_out_rounding_alone():
    """Channels 14 orders below the largest stay: norms of what lies in them are kept."""
    rng = np.random.default_rng(3)
    axes = np.linalg.qr(rng.normal(size=(3, 20, 20)))[0]  # for each l
    size = np.zeros(20)
    size[:8] = 10.0 ** -np.arange(0, 16, 2)
    coordinates = size * rng.normal(size=(5, 3, 4, 20))
    kept = common_channels(coordinates @ axes)[0]
    assert kept.shape == (5, 3, 4, 8)
    back = np.linalg.svd(kept.swapaxes(0, 1).reshape(3, 20, 8), compute_uv=False)
    exact = np.linalg.svd(coordinates[..., :8].swapaxes(0, 1).reshape(3, 20, 8), compute_uv=False)
    np.testing.assert_allclose(back[:, :7], exact[:, :7], rtol=1e-2)


def test_fewer_features_than_displacements_give_exact_zeros():
    batch = batch_from_vectors(random_vectors(2))
    values = singular_values(Density(2, basis("gto", 1, 2)).jacobian(batch)[1], batch.vectors)
    assert values.shape == (2, 9)
    assert (values[:, 3:] == 0).all()
