"""The public face is small, and importing it is quick."""

from __future__ import annotations

import dataclasses
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
    "trend",
    "write_catalog",
]


FIELDS = {
    "CatalogSource": "name ra dec significance flux flux_error error_radius ra_fit dec_fit new"
    " selected",
    "ImageQuery": "science_windows energy source catalog intervals detection_threshold instrument",
    "LightCurve": "source energy time width rate error exposed_fraction total_counts background"
    " background_error observation provenance starts common_error window",
    "LightCurveQuery": "science_windows catalog energy time_bin intervals instrument",
    "Response": "energy_low energy_high channel_low channel_high redistribution area first_channel"
    " origin simulated telescope instrument",
    "SkyImage": "intensity variance significance exposure wcs energy catalog observation target"
    " provenance",
    "SourceCatalog": "sources simulated",
    "Spectrum": "source rate error quality systematic_error response observation provenance"
    " background counts grouping grouped common_error",
    "SpectrumQuery": "science_windows catalog intervals instrument",
}
"""In their order, in which scripts may give them; new ones come last."""


def test_the_public_names_are_these_and_each_is_there() -> None:
    assert sorted(oda.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(oda, name).__doc__


@pytest.mark.parametrize(("made", "fields"), FIELDS.items())
def test_values_are_made_of_these_fields(made: str, fields: str) -> None:
    known = dataclasses.fields(getattr(oda, made))
    assert " ".join(field.name for field in known) == fields


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
