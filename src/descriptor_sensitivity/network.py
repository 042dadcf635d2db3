"""The Comment's neural network: what a smooth model learns from features along an orbit.

The network, of the Comment's Figure 2 and the code published with it: GroupNorm(4) - Linear(80) -
GroupNorm(2) - Tanh - Linear(80) - GroupNorm(2) - Tanh - Linear(1), float32, on features divided by
their root mean square length; targets are centred by the mean of the molecular dynamics frames.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import nn

from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.files import atomic

GROUPS = 4
"""Groups of the first normalisation."""


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Attributes:
        width: neurons of each of the two hidden layers.
        epochs, batch_size: passes over the training set, and frames between two steps of Adam.
        learning_rate: of Adam, the largest if the schedule is `cosine`.
        schedule: `plateau` multiplies the learning rate by 0.8 when the training error has not
            improved for 200 epochs, as the Comment does. `cosine` rises in the first twentieth of
            the steps and falls to nothing along half a cosine, so that few epochs suffice.
        whitening: 0 trains the network as it stands, as the Comment does. Otherwise see `Whitened`.
    """

    width: int
    epochs: int
    batch_size: int
    learning_rate: float
    schedule: str
    whitening: float


@dataclass(frozen=True)
class Sample:
    """Frames to train on or to predict: features (n, n_features) and targets (n,)."""

    features: np.ndarray
    targets: np.ndarray


def build_network(n_features: int, width: int) -> nn.Sequential:
    """The network of the Comment."""
    if n_features % GROUPS or width % 2:
        raise InputError(
            f"{n_features} features and width {width}: the first must be a multiple of {GROUPS} and"
            " the second even, for the normalisation by groups."
        )
    return nn.Sequential(
        nn.GroupNorm(GROUPS, n_features),
        nn.Linear(n_features, width),
        nn.GroupNorm(2, width),
        nn.Tanh(),
        nn.Linear(width, width),
        nn.GroupNorm(2, width),
        nn.Tanh(),
        nn.Linear(width, 1),
    )


class Whitened:
    """The same network in coordinates in which gradient descent is not held up.

    The first layer sees z, the features after GroupNorm, whose covariance U diag(lambda) U^T spans
    many orders of magnitude, the high-resolution part that carries the four-body information being
    the smallest. The layer is therefore written W z + b = V y + b with y = P^T z,
    P = U (lambda + floor lambda_max)^(-1/2), and V is trained. The affine weights of the first
    GroupNorm say nothing that W and b do not, and stay at 1 and 0. `restored` gives W back.
    """

    def __init__(self, network: nn.Sequential, features: torch.Tensor, floor: float) -> None:
        z = nn.functional.group_norm(features.double(), GROUPS)
        variance, axes = torch.linalg.eigh(z.T @ z / len(z))
        axes = axes[:, kept := variance > 0.01 * floor * variance[-1]]
        scale = torch.sqrt(variance[kept] + floor * variance[-1])
        self.network, self.project = network, axes / scale
        self.original, rest = cast(nn.Linear, network[1]), list(network)[2:]
        self.first = nn.Linear(int(kept.sum()), self.original.out_features)
        with torch.no_grad():
            self.first.weight.copy_(self.original.weight.double() @ (axes * scale))
            self.first.bias.copy_(self.original.bias)
        self.model = nn.Sequential(self.first, *rest)

    def coordinates(self, features: torch.Tensor) -> torch.Tensor:
        """y of (n, n_features), float32."""
        return (nn.functional.group_norm(features.double(), GROUPS) @ self.project).float()

    def restored(self) -> nn.Sequential:
        """The network of the Comment with the trained weights."""
        with torch.no_grad():
            self.original.weight.copy_(self.first.weight.double() @ self.project.T)
            self.original.bias.copy_(self.first.bias)
        return self.network


class Training:
    """A network in training, epoch by epoch; deterministic for given data, settings and seed.

    The weights of the epoch with the least validation error are kept, as in the Comment.
    """

    def __init__(
        self,
        training: Sample,
        validation: Sample,
        mean: float,
        settings: Settings,
        seed: int,
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(seed)
        self.settings, self.device, self.mean = settings, device, mean
        features = training.features.astype(float)
        self.scale = float(np.sqrt((features**2).sum(axis=1).mean()))
        network = build_network(features.shape[1], settings.width)
        inputs = self._scaled(training)
        self.whitened = None
        if settings.whitening > 0:
            self.whitened = Whitened(network, inputs, settings.whitening)
        self.model = (self.whitened.model if self.whitened else network).to(device)
        self.network = network
        self.inputs, self.targets = self._prepared(training)
        self.held_inputs, self.held_targets = self._prepared(validation)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=settings.learning_rate)
        self.steps_per_epoch = -(-len(self.inputs) // settings.batch_size)
        self.schedule: torch.optim.lr_scheduler.LRScheduler
        if settings.schedule == "plateau":
            self.schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
                self.optimiser, factor=0.8, patience=200
            )
        else:
            self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._cosine)
        self.generator = torch.Generator().manual_seed(seed)
        self.epoch, self.best_error = 0, float("inf")
        self.best_weights: dict[str, torch.Tensor] = {}

    def _cosine(self, step: int) -> float:
        done = step / (self.settings.epochs * self.steps_per_epoch)
        return min(1.0, 20 * done + 1e-3) * (0.5 + 0.5 * float(np.cos(np.pi * min(done, 1.0))))

    def _scaled(self, sample: Sample) -> torch.Tensor:
        return torch.tensor(sample.features / self.scale)

    def _prepared(self, sample: Sample) -> tuple[torch.Tensor, torch.Tensor]:
        inputs = self._scaled(sample)
        inputs = self.whitened.coordinates(inputs) if self.whitened else inputs.float()
        targets = torch.tensor(sample.targets - self.mean, dtype=torch.float32)
        return inputs.to(self.device), targets.to(self.device)

    def advance(self) -> tuple[float, float]:
        """One epoch; returns the training and the validation error (RMSE) after it."""
        order = torch.randperm(len(self.inputs), generator=self.generator).to(self.device)
        size, squares = self.settings.batch_size, 0.0
        # in order at once: gathering each batch by itself takes a sixth of the time
        shuffled = self.inputs[order].split(size), self.targets[order].split(size)
        for inputs, targets in zip(*shuffled, strict=True):
            error = self.model(inputs)[:, 0] - targets
            loss = (error**2).mean()
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            squares += float(loss.detach()) * len(targets)
            if self.settings.schedule == "cosine":
                self.schedule.step()
        trained = float(np.sqrt(squares / len(self.inputs)))
        if self.settings.schedule == "plateau":
            self.schedule.step(trained)  # type: ignore[arg-type]
        if not np.isfinite(trained):
            raise InputError(
                f"The training diverged in epoch {self.epoch + 1}; lower `learning_rate`."
            )
        with torch.no_grad():
            error = self.model(self.held_inputs)[:, 0] - self.held_targets
            validated = float((error**2).mean().sqrt())
        self.epoch += 1
        if validated < self.best_error:
            self.best_error = validated
            state = self.model.state_dict()
            self.best_weights = {name: value.clone() for name, value in state.items()}
        return trained, validated

    def predictor(self) -> Callable[[np.ndarray], np.ndarray]:
        """The network with the best weights, as a function of features (n, n_features)."""
        self.model.load_state_dict(self.best_weights)
        network = (self.whitened.restored() if self.whitened else self.network).to(self.device)

        def predict(features: np.ndarray) -> np.ndarray:
            inputs = torch.tensor(features / self.scale).float().to(self.device)
            with torch.no_grad():
                return network(inputs)[:, 0].double().cpu().numpy() + self.mean

        return predict

    def save(self, path: Path) -> None:
        """Write a checkpoint from which `load` goes on exactly."""
        state = {
            "settings": asdict(self.settings),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
            "epoch": self.epoch,
            "best_error": self.best_error,
            "best_weights": self.best_weights,
        }
        with atomic(path) as partial:
            torch.save(state, partial)

    def load(self, path: Path) -> bool:
        """Go on from a checkpoint, if it was written with the same settings; whether it was."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["settings"] != asdict(self.settings):
            return False
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.generator.set_state(state["generator"].cpu())
        self.epoch, self.best_error = state["epoch"], state["best_error"]
        self.best_weights = state["best_weights"]
        return True


def errors(predictions: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Root mean square and mean absolute error."""
    difference = predictions - targets
    rmse = float(np.sqrt((difference**2).mean()))
    return {"rmse": rmse, "mae": float(np.abs(difference).mean())}
