"""The page of an audit in a real browser, at a desk and on a phone, with and without a result."""

import pytest
from ase.build import molecule
from ase.io import write

from audits import audit, audit_of_methanes, write_page
from browsing import IN_BROWSER, check_page

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Methanes of which one is degenerate, one symmetric and one no structure."""
    return write_page(audit_of_methanes(tmp_path_factory.mktemp("mine")), "mine")


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
