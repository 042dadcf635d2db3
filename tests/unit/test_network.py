"""The Comment's network: layout, whitening, checkpoints, and what each run trains on."""

import numpy as np
import pytest
import torch

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.network import (
    Sample,
    Settings,
    Training,
    Whitened,
    build_network,
    ordered_pairs,
    training_frames,
)

torch.set_num_threads(1)
FAST = Settings(8, 6, 32, 1e-2, "cosine", 1e-5)


def sample(seed: int, n: int = 200, n_features: int = 16) -> Sample:
    rng = np.random.default_rng(seed)
    features = 1 + rng.normal(size=(n, n_features)) * 10.0 ** -decades(n_features)
    return Sample(features.astype(np.float32), np.tanh(features[:, 0] - features[:, 4]) + 1.0)


def decades(n_features: int) -> np.ndarray:
    """Decades of the features: 0, 0.5, 1, 1.5 in each group of four."""
    return 0.5 * (np.arange(n_features) % 4)


def trained(settings: Settings, epochs: int, seed: int = 0) -> Training:
    process = Training(sample(0), sample(1), 1.0, settings, seed)
    for _ in range(epochs):
        process.advance()
    return process


def test_layout_is_the_published_one():
    network = build_network(576, 80)
    kinds = [type(layer).__name__ for layer in network]
    expected = ["GroupNorm", "Linear", "GroupNorm", "Tanh", "Linear", "GroupNorm", "Tanh", "Linear"]
    assert kinds == expected
    assert [network[i].num_groups for i in (0, 2, 5)] == [4, 2, 2]
    assert sum(p.numel() for p in network.parameters()) == 1152 + 46160 + 160 + 6480 + 160 + 81
    with pytest.raises(InputError, match="577 features"):
        build_network(577, 80)


def test_ordered_pairs_keep_lengths_and_hold_both_orders():
    half = np.random.default_rng(0).normal(size=(3, 2 * 6))
    full = ordered_pairs(half, n_max=3, l_max=1)
    np.testing.assert_allclose((full**2).sum(axis=1), (half**2).sum(axis=1))
    cube = full.reshape(3, 3, 3, 2)
    np.testing.assert_array_equal(cube, cube.transpose(0, 2, 1, 3))
    np.testing.assert_allclose(cube[:, 1, 1, 1], half.reshape(3, 2, 6)[:, 1, 3])


def test_whitening_changes_coordinates_and_not_the_function():
    torch.manual_seed(0)
    network = build_network(16, 8)
    features = torch.tensor(sample(0).features)
    before = network(features)
    whitened = Whitened(network, features, 1e-8)
    after = whitened.model(whitened.coordinates(features))
    assert torch.allclose(before, after, atol=2e-4)
    with torch.no_grad():
        whitened.model[0].weight += torch.randn(whitened.model[0].weight.shape)
    moved = whitened.model(whitened.coordinates(features))
    assert not torch.allclose(before, moved, atol=1e-2)
    assert torch.allclose(whitened.restored()(features), moved, atol=2e-4)


def test_the_best_epoch_is_kept_and_predicted_in_the_published_layout():
    process = trained(Settings(8, 40, 32, 1e-2, "cosine", 1e-5), 40)
    predict = process.predictor()
    validation = sample(1)
    error = np.sqrt(((predict(validation.features) - validation.targets) ** 2).mean())
    assert np.isclose(error, process.best_error, rtol=1e-3)
    assert error < 0.6 * validation.targets.std()


@pytest.mark.parametrize("schedule", ["cosine", "plateau"])
def test_a_checkpoint_goes_on_exactly(tmp_path, schedule):
    settings = Settings(8, 6, 32, 1e-2, schedule, 0.0 if schedule == "plateau" else 1e-5)
    whole = trained(settings, 6)
    half = trained(settings, 3)
    half.save(tmp_path / "half.pt")
    resumed = Training(sample(0), sample(1), 1.0, settings, 0)
    assert resumed.load(tmp_path / "half.pt")
    assert resumed.epoch == 3
    for _ in range(3):
        resumed.advance()
    features = sample(2).features
    np.testing.assert_array_equal(whole.predictor()(features), resumed.predictor()(features))
    other = Training(sample(0), sample(1), 1.0, Settings(8, 7, 32, 1e-2, schedule, 0.0), 0)
    assert not other.load(tmp_path / "half.pt")


def test_seeds_differ_and_repeat():
    features = sample(2).features
    first, again, other = (trained(FAST, 2, seed).predictor()(features) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-4


def test_runs_train_on_none_some_or_all_frames():
    assert len(training_frames("none", 201, 20, 10, 0)) == 0
    some = training_frames("20", 201, 20, 10, 0)
    assert len(np.unique(some)) == 20
    assert not np.array_equal(some, training_frames("20", 201, 20, 10, 1))
    assert np.array_equal(np.bincount(training_frames("full", 201, 20, 10, 0)), np.full(201, 10))
    with pytest.raises(InputError, match="20 of 20 frames"):
        training_frames("20", 20, 20, 10, 0)
    with pytest.raises(InputError, match="`some` is no run"):
        training_frames("some", 201, 20, 10, 0)


def test_divergence_is_told():
    data = sample(0)
    broken = Sample(data.features, np.where(np.arange(200) == 3, np.nan, data.targets))
    process = Training(broken, sample(1), 1.0, FAST, 0)
    with pytest.raises(InputError, match="diverged in epoch 1"):
        process.advance()
