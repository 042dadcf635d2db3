"""The documentation site. `make docs` builds it; nothing is fetched, and a warning is an error."""

import os
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# For the tutorials and the jobs they start: this clone, its package, one thread each.
os.environ |= {
    "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
    "CLONE": str(ROOT),
    "OMP_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
}

project = PROJECT["name"]
version = release = PROJECT["version"]
author = "the authors of descriptor-sensitivity"
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["gallery"]

myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"{project} {version}"
html_static_path = ["_static"]
html_css_files = ["narrow.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
suppress_warnings = ["myst-nb.lexer"]  # of tutorials that are not executed
