"""The Comment's networks: layout, whitening, checkpoints, what they train on, and their errors."""

import numpy as np
import pandas as pd
import pytest
import torch

from descriptor_sensitivity import training
from descriptor_sensitivity.descriptors.density import Density
from descriptor_sensitivity.descriptors.radial import gto_basis
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import write_arrays
from descriptor_sensitivity.fourbody import four_body
from descriptor_sensitivity.network import Sample, Settings, Training, Whitened, build_network
from descriptor_sensitivity.orbit_learning import (
    error_table,
    features_and_targets,
    ordered_pairs,
    over_seeds,
    parity,
    training_frames,
)
from descriptor_sensitivity.training import train_all

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


def test_features_keep_their_order_over_blocks():
    frames = 0.6 + np.random.default_rng(0).random((501, 4, 3)) * [1, -1, 0.5]
    nu2 = Density(2, gto_basis(2, 1, 0.3, 4.0))
    arrays = features_and_targets(nu2, frames)
    assert arrays["features"].shape == (501, 8) and arrays["features"].dtype == np.float32
    last = features_and_targets(nu2, frames[500:])
    np.testing.assert_array_equal(arrays["features"][500:], last["features"])
    np.testing.assert_array_equal(arrays["targets"], four_body(frames))


@pytest.fixture
def samples(tmp_path):
    """Small sets in a file, the orbit twelve frames."""
    sets = {"training": sample(0), "validation": sample(1), "manifold": sample(2, 12)}
    arrays = {f"features_{name}": one.features for name, one in sets.items()}
    write_arrays(
        tmp_path / "s.npz", **arrays, **{f"targets_{k}": v.targets for k, v in sets.items()}
    )
    return tmp_path / "s.npz"


def networks(
    samples, seeds=(0, 1), settings=FAST, kept=5, code="a", processes=1, runs=("none", "20", "full")
):
    folder = samples.parent / "networks"
    shared = {"code": code}
    return train_all(samples, runs, kept, 3, settings, seeds, "cpu", folder, shared, processes)


def test_errors_are_those_of_the_predictions(samples):
    found = networks(samples)
    table, shown = error_table(found, samples, 0.2, 1.0), parity(found, samples, seed=1)
    assert table.run.tolist() == ["none", "none", "20", "20", "full", "full"]
    assert table.seed.tolist() == 3 * [0, 1]
    with np.load(samples) as data:
        assert (table.spread_manifold == data["targets_manifold"].std()).all()
    few = error_table(networks(samples, runs=["20"]), samples, 0.2, 1.0)
    assert few.run.tolist() == ["20", "20"]
    for run, trained in (("none", 0), ("20", 5), ("full", 12)):
        rows = shown[shown.run == run]
        orbit = rows[rows.set == "manifold"]
        assert orbit.trained_on.sum() == trained
        assert rows[rows.set == "training"].trained_on.all()
        assert not rows[rows.set == "validation"].trained_on.any()
        judged = orbit[~orbit.trained_on] if run == "20" else orbit
        line = table[(table.run == run) & (table.seed == 1)].iloc[0]
        for part, name in ((rows[rows.set == "validation"], "validation"), (judged, "manifold")):
            difference = part.prediction - part.target
            assert np.isclose(line[f"rmse_{name}"], np.sqrt((difference**2).mean()))
            assert np.isclose(line[f"mae_{name}"], difference.abs().mean())


def test_networks_are_kept_and_asked_for_anew_by_what_they_depend_on(samples):
    def seconds(files):
        return {key: file.stat().st_mtime_ns for key, file in files.items()}

    first = networks(samples)
    before = seconds(first)
    more = networks(samples, seeds=(0, 1, 2))
    assert {key: seconds(more)[key] for key in before} == before and len(more) == 9
    fewer = networks(samples, kept=4)  # of run 20 alone
    assert {key for key in first if fewer[key] != first[key]} == {("20", 0), ("20", 1)}
    others = (Settings(8, 7, 32, 1e-2, "cosine", 1e-5), 5, "a"), (FAST, 5, "b")
    for settings, kept, code in others:
        assert not set(networks(samples, (0, 1), settings, kept, code).values()) & set(
            first.values()
        )


def test_two_processes_give_the_networks_of_one(samples):
    alone = error_table(networks(samples), samples, 0.2, 1.0)
    two = error_table(networks(samples, code="b", processes=2), samples, 0.2, 1.0)
    pd.testing.assert_frame_equal(two, alone)


def test_a_killed_network_goes_on_from_its_checkpoint(samples, monkeypatch):
    whole = error_table(networks(samples, seeds=(0,)), samples, 0.2, 1.0)
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0)
    epochs = []

    class Killed(Training):
        def advance(self):
            epochs.append(self.epoch)
            if len(epochs) == 4:
                raise KeyboardInterrupt
            return super().advance()

    monkeypatch.setattr(training, "Training", Killed)
    with pytest.raises(KeyboardInterrupt):
        networks(samples, seeds=(0,), code="b")
    assert len(list(samples.parent.glob("networks/*.pt"))) == 1
    resumed = error_table(networks(samples, seeds=(0,), code="b"), samples, 0.2, 1.0)
    assert epochs[:7] == [0, 1, 2, 3, 3, 4, 5]
    pd.testing.assert_frame_equal(resumed, whole)
    assert not list(samples.parent.glob("networks/*.pt"))


def test_mean_and_spread_over_seeds_stand_beside_what_was_printed():
    errors = {"rmse_validation": [1.0, 3.0], "rmse_manifold": [2.0, 2.0]}
    errors |= {"mae_validation": [1.0, 1.0], "mae_manifold": [0.0, 4.0]}
    table = pd.DataFrame(
        {"run": ["20", "20"], "sigma": 0.2, "scale": 1.0, "seed": [0, 1], **errors}
    )
    near = table.assign(scale=0.5)  # the paper's orbit is that of scale 1
    printed = pd.DataFrame({"run": ["none", "20"], "scale": 1.0, "printed": [7, 8]})
    line, other = over_seeds(pd.concat([table, near]), printed).itertuples()
    assert np.isnan(other.printed) and other.seeds == 2
    assert (line.seeds, line.printed, line.run) == (2, 8, "20")
    assert (line.rmse_validation_mean, line.mae_manifold_mean) == (2.0, 2.0)
    assert np.isclose(line.rmse_validation_std, np.sqrt(2))
