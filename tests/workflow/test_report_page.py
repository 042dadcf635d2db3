"""The report in a real browser: it renders, its viewers start, and it asks for nothing outside."""

import ase
import chemiscope
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import write_report
from browsing import IN_BROWSER, browse, check_page
from descriptor_sensitivity.claims import local as claims_local
from descriptor_sensitivity.claims.judge import judge
from descriptor_sensitivity.drawing.style import save
from descriptor_sensitivity.theory import families

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A small report of every kind of content."""
    return report(tmp_path_factory.mktemp("work") / "results")


def report(results, with_viewer=True):
    figures, tables, viewers = (results / name for name in ("figures", "tables", "chemiscope"))
    (results / "metadata").mkdir(parents=True)
    tables.mkdir()
    viewers.mkdir()
    figure, axis = plt.subplots()
    axis.plot([1, 3, 2])
    save(figure, figures / "fig1")
    judge({}, claims_local.CLAIMS).to_csv(tables / "claims.csv", index=False)
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(5, 30)))
    wide.to_csv(tables / "wide.csv", index=False)
    vectors = [families.distorted(families.tetrahedral(1.09), 0.3, seed) for seed in range(5)]
    frames = [ase.Atoms("CH4", np.vstack([np.zeros(3), v])) for v in vectors]
    numbers = {"a": np.arange(5.0), "b": np.arange(5.0) ** 2}
    chemiscope.write_input(str(viewers / "one.json.gz"), structures=frames, properties=numbers)
    write_report.main(
        [
            *("--claims", str(tables / "claims.csv")),
            *("--settings", '{"config": {"seed": 1}, "overlays": []}'),
            *("--figures", str(figures / "fig1.png")),
            *("--audits", f"mine={figures / 'fig1.png'}"),
            *("--tables", f"A wide table={tables / 'wide.csv'}"),
            *(("--viewers", f"one={viewers / 'one.json.gz'}") if with_viewer else ()),
            *("--metadata", str(results / "metadata")),
            *("--output", str(results / "report.html")),
        ]
    )
    return results / "report.html"


@pytest.mark.parametrize("width", [1280, 390])
def test_page_renders_alone_and_fits(page, width, tmp_path):
    found = check_page(page, width, tmp_path)
    n = len(claims_local.CLAIMS)  # none of which can be tested on this page
    assert found["kept"] == [[n, True, False], [0, False, True], [n, True, False]]


def test_a_page_that_asks_for_something_outside_is_noticed(tmp_path):
    page = report(tmp_path / "results", with_viewer=False)  # three-dimensional drawing takes long
    outside = tmp_path / "outside.html"
    image = '<img src="http://127.0.0.1:9/x.png">'
    outside.write_text(page.read_text().replace("<main>", f"<main>{image}"))
    console, _ = browse(outside, 1280, tmp_path, milliseconds=2000)
    assert any("Content Security Policy" in text for _, text in console)
