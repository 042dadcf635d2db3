"""The page of an audit in a real browser, at a desk and on a phone, with and without a result."""

import numpy as np
import pytest
from ase.build import molecule
from ase.io import write

from audits import audit, write_page
from browsing import BROWSER, check_page
from descriptor_sensitivity.structures.methane import methane_frames, random_methane
from descriptor_sensitivity.theory import families

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium (Debian: apt install chromium)"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Methanes of which one is degenerate, one symmetric and one no structure."""
    folder = tmp_path_factory.mktemp("mine")
    vectors = random_methane(20, seed=5)
    vectors[3], vectors[7] = families.mirror_singular(), families.tetrahedral(1.09)
    frames = list(methane_frames(vectors))
    frames[11].positions[2] = np.nan
    write(folder / "mine.xyz", frames, format="extxyz")
    return write_page(audit(folder / "mine.xyz", folder, center="C"), "mine")


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """Two molecules without the atom to centre on."""
    folder = tmp_path_factory.mktemp("none")
    write(folder / "none.xyz", [molecule("H2O"), molecule("NH3")], format="extxyz")
    return write_page(audit(folder / "none.xyz", folder, center="Kr"), "none")


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_renders_alone_and_fits(page, width, tmp_path):
    check_page(page, width, tmp_path)


@pytest.mark.parametrize("width", [1280, 400])
def test_a_page_without_a_result_renders_too(empty, width, tmp_path):
    check_page(empty, width, tmp_path, viewers=())
