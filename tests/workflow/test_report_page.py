"""The report in a real browser: it renders, its viewers start, and it asks for nothing outside."""

import json
import re
import shutil
import subprocess

import ase
import chemiscope
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import write_report
from descriptor_sensitivity.claims import local as claims_local
from descriptor_sensitivity.claims.judge import judge
from descriptor_sensitivity.drawing.style import save
from descriptor_sensitivity.theory import families

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium (Debian: apt install chromium)"),
]

PROBE = """<script>
function canvases(root) {  // those within shadow roots too
  return [...root.querySelectorAll("*")].reduce((count, element) => count
    + (element.tagName === "CANVAS") + (element.shadowRoot ? canvases(element.shadowRoot) : 0), 0);
}
for (const viewer of document.querySelectorAll("details.viewer")) viewer.open = true;
setTimeout(() => console.info("PROBE " + JSON.stringify({
  width: document.documentElement.clientWidth,
  scroll: document.documentElement.scrollWidth,
  viewers: [...document.querySelectorAll("details.viewer")].map(v => v.dataset.loaded),
  canvases: canvases(document),
  images: [...document.images].filter(i => i.naturalWidth === 0).length,
  kept: kept(),
})), 15000);
function kept() {  // statements, headings and the sentence "none" that a filter leaves
  const chosen = document.getElementById("kind");
  return ["untested", "differs", "all"].map(kind => {
    chosen.value = kind;
    chosen.oninput();
    return [document.querySelectorAll("#claims article:not([hidden])").length,
      document.querySelectorAll("#claims .place:not([hidden])").length > 0,
      !document.getElementById("none").hidden];
  });
}
</script>"""


def browse(page, width, folder, milliseconds=20000):
    """Console lines and screenshot of `page` in a frame `width` pixels wide."""
    copy = folder / "page.html"
    copy.write_text(page.read_text().replace("</body>", f"{PROBE}</body>"))
    frame = folder / "frame.html"
    style = f"width:{width}px;height:3000px;border:0"
    frame.write_text(
        f'<!doctype html><body style="margin:0"><iframe src="page.html" style="{style}">'
    )
    shot = folder / f"{width}.png"
    command = [BROWSER, "--headless=new", "--no-sandbox", "--disable-dev-shm-usage"]
    command += ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--hide-scrollbars"]
    command += ["--disable-background-networking", "--disable-component-update"]
    command += [f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr"]
    command += [f"--virtual-time-budget={milliseconds}", f"--window-size={max(width, 500)},3000"]
    command += [f"--screenshot={shot}", frame.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    return re.findall(r":(\w+):CONSOLE:\d+\] \"(.*)\", source", done.stderr), shot


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
    console, shot = browse(page, width, tmp_path)
    advice = "willReadFrequently"  # of the browser to the plotting library
    faults = [text for _, text in console if "PROBE" not in text and advice not in text]
    assert not faults
    (probe,) = [text for _, text in console if text.startswith("PROBE")]
    found = json.loads(probe.removeprefix("PROBE ").replace('\\"', '"'))
    assert found["width"] == found["scroll"] == width, "the page must not scroll sideways"
    assert found["viewers"] == ["yes"] and found["canvases"] >= 2
    assert found["images"] == 0
    n = len(claims_local.CLAIMS)  # none of which can be tested on this page
    assert found["kept"] == [[n, True, False], [0, False, True], [n, True, False]]
    pixels = plt.imread(shot)
    assert pixels.std() > 0.05, "the screenshot is blank"


def test_a_page_that_asks_for_something_outside_is_noticed(tmp_path):
    page = report(tmp_path / "results", with_viewer=False)  # three-dimensional drawing takes long
    outside = tmp_path / "outside.html"
    image = '<img src="http://127.0.0.1:9/x.png">'
    outside.write_text(page.read_text().replace("<main>", f"<main>{image}"))
    console, _ = browse(outside, 1280, tmp_path, milliseconds=2000)
    assert any("Content Security Policy" in text for _, text in console)
