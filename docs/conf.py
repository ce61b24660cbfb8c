"""The documentation site: ``make docs``. It is built and read without a network."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from oda_widgets.version import __version__  # noqa: E402 - found by the line above

project = "oda_widgets"
author = copyright = "The oda_widgets developers"  # noqa: A001 - Sphinx's name
version = release = __version__

extensions = [
    "mathml",
    "named",
    "reference",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
    "tutorials",
]
exclude_patterns = ["_build", "server", "tutorials/data"]

html_theme = "furo"
html_title = f"oda_widgets {version}"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"

nitpicky = True  # see _ext/named.py for names without a page
default_role = "py:obj"

autosummary_generate = False  # _ext/reference.py writes the pages
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # numpydoc's sections say what a value means; types are in the code
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
myst_all_links_external = False
nb_execution_mode = "cache"  # make docs runs the tutorials; -D nb_execution_mode=off does not
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_output_stderr = "remove"  # progress bars
nb_ipywidgets_js = {}  # widgets are left out (see _ext/tutorials.py): nothing is fetched
