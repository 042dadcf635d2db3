"""A page in a real browser: what it says on the console, how wide it is, what it looks like."""

import json
import re
import shutil
import subprocess

import matplotlib.pyplot as plt
import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")

IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium (Debian: apt install chromium)"),
]
"""Marks of a test that opens pages."""

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
  kept: document.getElementById("kind") ? kept() : null,
})), 15000);
function kept() {  // statements, headings and the sentence "none" that a filter of claims leaves
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


def console_of(address, folder, milliseconds, *options, seconds=180):
    """Level and text of every line that a page writes on the console of a headless Chromium."""
    command = [BROWSER, "--headless=new", "--no-sandbox", "--disable-dev-shm-usage"]
    command += ["--hide-scrollbars", "--disable-background-networking"]
    command += ["--disable-component-update", f"--user-data-dir={folder / 'profile'}"]
    command += ["--enable-logging=stderr", f"--virtual-time-budget={milliseconds}", *options]
    done = subprocess.run([*command, address], capture_output=True, text=True, timeout=seconds)
    return re.findall(r":(\w+):CONSOLE:\d+\] \"(.*)\", source", done.stderr)


def probed(console):
    """What the one line that begins with PROBE holds."""
    (probe,) = [text for _, text in console if text.startswith("PROBE")]
    return json.loads(probe.removeprefix("PROBE ").replace('\\"', '"'))


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
    options = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    options += [f"--window-size={max(width, 500)},3000", f"--screenshot={shot}"]
    return console_of(frame.as_uri(), folder, milliseconds, *options), shot


def check_page(page, width, folder, viewers=("yes",)):
    """A page `width` pixels wide: no fault, nothing from outside, no sideways scrolling, no blank.

    Args:
        viewers: what becomes of each when it is opened.

    Returns:
        What the page says of itself, see `PROBE`.
    """
    console, shot = browse(page, width, folder)
    advice = "willReadFrequently"  # of the browser to the plotting library
    faults = [text for _, text in console if "PROBE" not in text and advice not in text]
    assert not faults
    found = probed(console)
    assert found["width"] == found["scroll"] == width, "the page must not scroll sideways"
    assert found["viewers"] == list(viewers) and found["canvases"] >= 2 * len(viewers)
    assert found["images"] == 0
    pixels = plt.imread(shot)
    assert pixels.std() > 0.05, "the screenshot is blank"
    return found
