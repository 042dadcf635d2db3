"""Fixtures shared by all tests."""

import gzip
from pathlib import Path

import pytest
from ase.io import write

from descriptor_sensitivity.structures.methane import methane_frames, random_methane

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository root."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    """Reference data of other codes and authors, which the repository does not contain."""
    path = ROOT.parent / "shared" / "reference"
    if not path.is_dir():
        pytest.skip(f"no reference data of other codes at {path}")
    return path


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """A compressed file of 3000 methanes, and its md5."""
    folder = tmp_path_factory.mktemp("archive")
    write(folder / "m.xyz", methane_frames(random_methane(3000, seed=7)), format="extxyz")
    path = folder / "m.extxyz.gz"
    path.write_bytes(gzip.compress((folder / "m.xyz").read_bytes(), mtime=0))
    return path
