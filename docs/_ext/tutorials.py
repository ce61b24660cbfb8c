"""Tutorials of the site: notebooks of the repository, with few science windows."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from written import write_folder

DOCS = Path(__file__).parents[1]
NOTEBOOKS = DOCS.parent / "notebooks"
TUTORIALS = ("tutorial_crab.ipynb", "tutorial_fit.ipynb")
WINDOWS = 3  # science windows of a tutorial that is run while the site is built

# A page has no kernel: plots are shown as still pictures.
STILL = """
from IPython.display import Image
from oda_widgets.abilities import abilities
abilities().plot = lambda value, **options: Image(abilities().picture(value, "png"), width=640)
"""

_PAGE = re.compile(r"\(docs/(\w+)\.md\)")  # how a notebook names a page, which the site can link


def tutorial(notebook: str) -> str:
    """Return a notebook with few science windows and still pictures, as the site shows it."""
    document = json.loads(_PAGE.sub(r"([more](../\1.md))", notebook))
    still = {"cell_type": "code", "id": "still", "metadata": {"tags": ["remove-cell"]}}
    document["cells"].insert(1, still | {"source": STILL, "outputs": [], "execution_count": None})
    for cell in document["cells"]:
        if "parameters" in cell["metadata"].get("tags", ()):
            cell["source"] = [f"limit = {WINDOWS}  # this page was made with {WINDOWS} of them"]
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def write_tutorials(_: Sphinx) -> None:
    """Write the notebooks of the tutorials, and their data, into the folder of the site."""
    texts = {name: tutorial((NOTEBOOKS / name).read_text(encoding="utf-8")) for name in TUTORIALS}
    write_folder(DOCS / "tutorials", texts)
    shutil.copytree(NOTEBOOKS / "data", DOCS / "tutorials" / "data", dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the tutorials before Sphinx looks for them."""
    app.connect("builder-inited", write_tutorials)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
