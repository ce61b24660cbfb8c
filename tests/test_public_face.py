"""The public face is small, and importing it is quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import oda_widgets as oda

PUBLIC = [
    "CatalogSource",
    "ImageQuery",
    "Job",
    "LightCurve",
    "LightCurveQuery",
    "OdaError",
    "Response",
    "Site",
    "SkyImage",
    "SourceCatalog",
    "Spectrum",
    "SpectrumQuery",
    "Workbench",
    "__version__",
    "connect",
    "fakeit",
    "fit",
    "open",
    "read_catalog",
    "write_catalog",
]


def test_the_public_names_are_these_and_each_is_there() -> None:
    assert sorted(oda.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(oda, name).__doc__


@pytest.mark.parametrize("statement", ["import oda_widgets", "from oda_widgets import connect"])
def test_importing_it_imports_nothing_heavy(statement: str) -> None:
    heavy = (
        "astropy",
        "astroquery",
        "bokeh",
        "httpx",
        "ipywidgets",
        "matplotlib",
        "numba",
        "scipy",
    )
    code = f"import sys; {statement}; print([n for n in {heavy} if n in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_no_public_function_hides_a_room() -> None:
    code = "import oda_widgets as oda; oda.fit; import oda_widgets.fitting.chains.chain as module"
    subprocess.run([sys.executable, "-c", code], check=True)
    rooms = {path.name for path in Path(oda.__file__).parent.iterdir() if path.is_dir()}
    assert not rooms & set(PUBLIC)
