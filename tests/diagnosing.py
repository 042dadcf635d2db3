"""Environments whose diagnosis is known, and how the tests ask for it."""

import numpy as np
import pytest

from descriptor_sensitivity.audit.case import Companions
from descriptor_sensitivity.audit.diagnosis import diagnose as findings
from descriptor_sensitivity.audit.thresholds import Thresholds
from descriptor_sensitivity.descriptors.registry import build_descriptor
from descriptor_sensitivity.environments import batch_from_vectors
from descriptor_sensitivity.theory import families

DENSITY = {
    "kind": "density",
    "nu": 2,
    "radial_basis": "gto",
    "n_max": 8,
    "l_max": 8,
    "sigma": 0.3,
    "cutoff": 4.0,
}
# Medians of random methane with these settings; the tests below do not hang on their digits.
MEDIANS = {"C": 30.0}, {"C": 7.0}, {"C": 18.0}


def diagnose(vectors, thresholds=None, **settings):
    """The finding for one environment of H atoms around C."""
    density = {**DENSITY, **settings}
    batch = batch_from_vectors(vectors)
    representation = build_descriptor("audited", density)
    thresholds = thresholds or Thresholds(*MEDIANS)
    (finding,) = findings(representation, batch, thresholds, Companions(density))
    displacement = finding.displacement.reshape(-1)
    assert np.linalg.norm(displacement) == pytest.approx(1)
    rotations = np.cross(np.eye(3)[:, None], batch.vectors[0]).reshape(3, -1)
    if representation.invariant:
        assert np.abs(rotations @ displacement).max() < 1e-10
    return finding


SQUARE = np.array([[1.0, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]])
BENT_PLANE = np.array([[1.1, 0.1, 0], [0.2, 1.4, 0], [-0.9, 0.5, 0], [0.1, -1.6, 0]])

CORRUGATED = BENT_PLANE + 0.01 * np.outer([1, -1, 1, -1], [0, 0, 1])
NEAR_MIRROR = families.distorted(families.mirror_singular(), 0.01, 0)
SHELLS = np.random.default_rng(0).standard_normal((6, 3))
SHELLS *= np.array([[1.0, 1.35, 1.8, 2.2, 2.6, 3.0]]).T / np.linalg.norm(SHELLS, axis=1)[:, None]
