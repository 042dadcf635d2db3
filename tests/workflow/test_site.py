"""The documentation site: what it shows runs, its links lead somewhere, a phone shows it.

The site itself is what `make docs` built; without it, one is built here that runs no tutorial.
"""

import functools
import http.server
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from browsing import IN_BROWSER, console_of, probed
from support import ROOT

HARNESS = """<!doctype html><body><script>
(async () => {
  const found = {};
  for (const page of PAGES) {
    const frame = document.createElement("iframe");
    frame.style = "width:WIDTHpx;height:800px;border:0";
    frame.src = page;
    document.body.append(frame);
    await new Promise(done => frame.onload = done);
    const root = frame.contentDocument.documentElement;
    const images = [...frame.contentDocument.images].filter(i => i.complete && !i.naturalWidth);
    found[page] = {width: root.scrollWidth, broken: images.map(i => i.src),
                   text: frame.contentDocument.body.innerText.length};
    frame.remove();
  }
  console.info("PROBE " + JSON.stringify(found));
})();
</script></body>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The pages of the site: those of `make docs`, else built now without running tutorials."""
    built = ROOT / "build/docs"
    if (built / "index.html").exists():
        return built
    if any(importlib.util.find_spec(name) is None for name in ("sphinx", "myst_nb", "furo")):
        pytest.skip("no Sphinx here: make docs")
    made = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--quiet"]
    command += ["-D", "nb_execution_mode=off", "-d", str(made / "doctrees"), "docs"]
    done = subprocess.run(
        [*command, str(made / "html")], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return made / "html"


class Links(HTMLParser):
    """The ids of a page, and what it links to or loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: list[str] = []
        self.unnamed: list[str] = []
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids |= {value for key in ("id", "name") if (value := found.get(key))}
        self.targets += [value for key in ("href", "src") if (value := found.get(key))]
        if tag == "img" and not (found.get("alt") or "").strip():
            self.unnamed.append(str(found.get("src")))


def dead(pages: dict[Path, Links]) -> list[str]:
    """Links within the site that lead nowhere."""
    wrong = []
    for page, links in pages.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            file = file / "index.html" if file.is_dir() else file
            known = pages.get(file)
            if not file.exists() or (
                known and parts.fragment and unquote(parts.fragment) not in known.ids
            ):
                wrong.append(f"{page.name}: {target}")
    return wrong


def test_links_lead_somewhere_and_pictures_have_words(site):
    pages = {page.resolve(): Links(page) for page in site.rglob("*.html")}
    assert len(pages) > 20
    assert not dead(pages)
    assert not [f"{page.name}: {one}" for page, links in pages.items() for one in links.unnamed]


def test_a_dead_link_is_noticed(tmp_path):
    page = tmp_path / "a.html"
    page.write_text('<p id="here"><a href="#here">x</a><a href="#gone">y</a><a href="b.html">z</a>')
    assert dead({page.resolve(): Links(page)}) == ["a.html: #gone", "a.html: b.html"]


@pytest.mark.parametrize("width", [pytest.param(width, marks=IN_BROWSER) for width in (400, 1280)])
def test_pages_fit_and_say_nothing_wrong(site, width, tmp_path):
    served = tmp_path / "served"
    shutil.copytree(site, served)
    pages = sorted(str(page.relative_to(served)) for page in served.rglob("*.html"))
    harness = HARNESS.replace("PAGES", json.dumps(pages)).replace("WIDTH", str(width))
    (served / "harness.html").write_text(harness)
    handler = functools.partial(Quiet, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/harness.html"
        options = ["--disable-gpu", "--v=0", "--dump-dom"]
        console = console_of(address, tmp_path, 120000, *options, seconds=240)
        server.shutdown()
    assert not [text for _, text in console if not text.startswith("PROBE")]
    found = probed(console)
    assert set(found) == set(pages)
    assert not {page: seen for page, seen in found.items() if seen["width"] > width}
    assert not {page: seen for page, seen in found.items() if seen["broken"]}
    assert min(seen["text"] for seen in found.values()) > 50, "a page is empty"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of each file that is asked for."""


def test_the_tutorials_ran_when_the_site_was_built(site):
    if site != ROOT / "build/docs":
        pytest.skip("the site was not built by make docs")
    ran = {page.stem: page.read_text() for page in (site / "tutorials").glob("*.html")}
    assert set(ran) == {page.stem for page in (ROOT / "docs/tutorials").glob("*.md")}
    for name, text in ran.items():
        assert 'class="cell_output' in text, f"{name} shows no output"
        assert "Traceback" not in text
    assert os.path.getsize(site / "tutorials/molecules.html") > 10_000
