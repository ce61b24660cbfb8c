"""What the site takes from elsewhere: tutorials from the notebooks, a page per public name."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
TUTORIALS = ("01_crab_in_fifty_windows.ipynb", "02_fit.ipynb")
WINDOWS = 3  # science windows of a tutorial that is run while the site is built

_MEMBERS = "   :members:\n   :inherited-members: object, Sequence, Mapping\n"

# What the calls of the public face return and take, and what they raise.
SUPPORTING = {
    "oda_widgets.backend.job": ("Progress",),
    "oda_widgets.analysis.plan": ("Plan",),
    "oda_widgets.products.by_source": ("BySource",),
    "oda_widgets.products.observation": ("Observation", "SkippedWindow"),
    "oda_widgets.provenance.record": ("Provenance",),
    "oda_widgets.fitting.result": ("Fit",),
    "oda_widgets.fitting.chains.chain": ("Chain",),
    "oda_widgets.fitting.flux": ("Flux",),
    "oda_widgets.request.source": ("Source",),
    "oda_widgets.request.energy": ("EnergyBand",),
    "oda_widgets.request.timespan": ("TimeInterval", "to_ijd"),
    "oda_widgets.request.science_windows": ("ScienceWindow", "ScienceWindowList"),
}


def public_names() -> list[str]:
    """Return the public names as the stub of the package lists them, without the version."""
    stub = (ROOT / "oda_widgets" / "__init__.pyi").read_text(encoding="utf-8")
    listed = re.search(r"__all__ = \[(.*?)\]", stub, re.DOTALL)
    assert listed is not None, "the stub of the package has no __all__"  # noqa: S101 - a build
    return [name for name in re.findall(r'"(\w+)"', listed[1]) if not name.startswith("__")]


# A page has no kernel: what is plotted is shown as a still picture.
STILL = """
from IPython.display import Image
from oda_widgets.abilities import abilities
abilities().plot = lambda value, **options: Image(abilities().picture(value, "png"), width=640)
"""


def tutorial(notebook: str) -> str:
    """Return a notebook with few science windows and still pictures, as the site shows it."""
    document = json.loads(notebook)
    still = {"cell_type": "code", "id": "still", "metadata": {"tags": ["remove-cell"]}}
    document["cells"].insert(1, still | {"source": STILL, "outputs": [], "execution_count": None})
    for cell in document["cells"]:
        if "parameters" in cell["metadata"].get("tags", ()):
            cell["source"] = [f"limit = {WINDOWS}  # this page was made with {WINDOWS} of them"]
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def write_sources(_: Sphinx) -> None:
    """Write the pages that are not in the repository; unchanged ones keep their time."""
    folder = DOCS / "tutorials"
    folder.mkdir(exist_ok=True)
    shutil.copytree(ROOT / "notebooks" / "data", folder / "data", dirs_exist_ok=True)
    for name in TUTORIALS:
        _write(folder / name, tutorial((ROOT / "notebooks" / name).read_text(encoding="utf-8")))
    public = [f"oda_widgets.{name}" for name in public_names()]
    supporting = [f"{module}.{name}" for module, names in SUPPORTING.items() for name in names]
    pages = {f"{name}.rst": _page(name) for name in (*public, *supporting)}
    _write_folder(DOCS / "api", pages | {"index.rst": _index(public, supporting)})


def _page(name: str) -> str:
    """Return the page of a class or a function.

    Its file has the full name: oda_widgets.fit and the class Fit are one file where upper and lower
    case are the same.
    """
    kind = "class" if name.rpartition(".")[2][0].isupper() else "function"
    members = (
        "   :members:\n   :inherited-members: object, Sequence, Mapping\n"
        if kind == "class"
        else ""
    )
    return f"{name}\n{'=' * len(name)}\n\n.. auto{kind}:: {name}\n{members}"


def _index(public: list[str], supporting: list[str]) -> str:
    return "\n".join(
        [
            "Python reference",
            "================",
            "",
            "The public names of ``oda_widgets`` (``import oda_widgets as oda``). They keep their",
            "meaning within a minor version.",
            "",
            ".. toctree::",
            "   :maxdepth: 1",
            "",
            *(f"   {name}" for name in public),
            "",
            "Values that the calls return or take",
            "------------------------------------",
            "",
            ".. toctree::",
            "   :maxdepth: 1",
            "",
            *(f"   {name}" for name in supporting),
            "",
            "Errors",
            "------",
            "",
            ".. automodule:: oda_widgets.errors",
            "   :members:",
            "",
        ]
    )


def _write_folder(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        _write(folder / name, text)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx looks for them."""
    app.connect("builder-inited", write_sources)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
