"""Prints of products in a few lines, and their picture or table in a notebook."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.wiring import Rooms
from tests.products.examples import (
    CATALOG,
    OBSERVATION,
    make_image,
    make_light_curve,
    make_response,
    make_spectrum,
)

MAGNETAR = "SGR 1935+2154"
BURST = ("2022-10-12T15:25:00", "2022-10-12T15:28:00")
PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def windows(sample_site: oda.Site) -> ScienceWindowList:
    return sample_site.science_windows()


@pytest.fixture(scope="module")
def image(sample_site: oda.Site) -> SkyImage:
    return sample_site.image(MAGNETAR, energy=(28, 150), intervals=[BURST])


@pytest.fixture(scope="module")
def values(sample_site: oda.Site, image: SkyImage, windows: ScienceWindowList) -> dict[str, Any]:
    """Give one of each, made of the bundled real science window."""
    spectra = sample_site.spectra(catalog=image.catalog, intervals=[BURST])
    curves = sample_site.light_curves(catalog=image.catalog, intervals=[BURST], time_bin=20)
    asked: dict[str, Any] = {"science_windows": windows.ids, "catalog": image.catalog}
    return {
        "image": image,
        "catalog": image.catalog,
        "source": image.catalog[MAGNETAR],
        "windows": windows,
        "spectra": spectra,
        "spectrum": spectra[MAGNETAR],
        "response": spectra[MAGNETAR].response,
        "curves": curves,
        "curve": curves[MAGNETAR],
        "provenance": image.provenance,
        "image query": oda.ImageQuery(**asked, intervals=[BURST], energy=(28, 150)),
        "spectrum query": oda.SpectrumQuery(**asked),
        "curve query": oda.LightCurveQuery(**asked, time_bin=20),
        "band": EnergyBand(28, 150),
    }


SAYS = {
    "image": (f"SkyImage of {MAGNETAR}, 28–150 keV", "ISGRI · 255900280010.001", "UTC", "σ"),
    "catalog": ("SourceCatalog: ", MAGNETAR, "significance"),
    "source": (MAGNETAR, "(293.7", "significance", "counts/s"),
    "windows": ("1 science window, from bundled sample", "revolution 2559", "3,548 s"),
    "spectra": ("Spectrum of", MAGNETAR, "counts/s", "σ"),
    "spectrum": (f"Spectrum of {MAGNETAR}", "ISGRI", "255900280010.001", "channels", "counts/s"),
    "response": ("Response: 256 channels", "12.5–10", "cm²"),
    "curves": ("LightCurve of", MAGNETAR, "counts/s", "σ"),
    "curve": (f"LightCurve of {MAGNETAR}, 28–80 keV", "9 bins of 20 s", "counts/s"),
    "provenance": ("Provenance of ii_skyimage", "bundled sample", "from the store"),
    "image query": ("ImageQuery", "ISGRI", "28–150 keV", "1 time interval: 180.0 s", MAGNETAR),
    "spectrum query": ("SpectrumQuery", "255900280010.001", MAGNETAR, "identity"),
    "curve query": ("LightCurveQuery", "bins of 20 s", "28–80 keV"),
    "band": ("28–150 keV",),
}
TABLES = ("catalog", "windows", "spectra", "curves", "provenance", "image query")
PICTURES = ("image", "spectrum", "curve")


@pytest.mark.parametrize("name", SAYS)
def test_a_value_says_in_six_lines_what_it_is(values: dict[str, Any], name: str) -> None:
    text = repr(values[name])
    assert len(text.splitlines()) <= 6
    assert max(len(line) for line in text.splitlines()) <= 120
    for words in SAYS[name]:
        assert words in text
    assert not re.search(r"array\(|dataclass|object at|\bnan\b", text)


@pytest.mark.parametrize("name", [*PICTURES, "catalog", "spectra", "curves"])
def test_printing_a_product_says_the_same(values: dict[str, Any], name: str) -> None:
    assert str(values[name]) == repr(values[name])


@pytest.mark.parametrize("make", [make_image, make_spectrum, make_light_curve])
def test_files_that_state_no_exposure_are_not_said_to_have_none(make: Callable[[], Any]) -> None:
    observation = replace(OBSERVATION, instrument="FPMA", live_time=0.0, ontime=0.0)
    text = repr(replace(make(), observation=observation))
    assert "exposure unknown" in text
    assert " 0 s" not in text


@pytest.mark.parametrize("make", [make_image, make_spectrum, make_light_curve])
def test_simulated_products_say_so(make: Callable[[], Any]) -> None:
    real = make()
    simulated = replace(real, observation=replace(OBSERVATION, simulated=True))
    assert "SIMULATED" not in repr(real)
    assert "SIMULATED" in repr(simulated)
    parts = [simulated.catalog] if isinstance(real, SkyImage) else []
    parts += [simulated.response] if hasattr(real, "response") else []
    for part in parts:
        assert "SIMULATED" in repr(part)


def test_many_sources_and_long_names_keep_to_six_lines() -> None:
    sources = [replace(CATALOG[0], name=f"{n}\n" + 90 * "long") for n in range(40)]
    catalog = oda.SourceCatalog.of(sources)
    spectra = BySource(tuple(replace(make_spectrum(), source=s) for s in sources))
    image = replace(make_image(), catalog=catalog, target=make_spectrum().source)
    notes = {"sources_note": 900 * "s", "rates_note": 900 * "r\n", "energies_note": 900 * "e"}
    observation = replace(OBSERVATION, weights_note=900 * "w", **notes)
    for value in (catalog, spectra, image, observation):
        assert len(repr(value).splitlines()) <= 6
        assert max(map(len, repr(value).splitlines())) <= 200


def test_notes_have_lines_of_their_own_and_the_rest_are_named() -> None:
    seen = replace(OBSERVATION, weights_note="", sources_note="no sources", rates_note="raw")
    lines = [line.strip() for line in str(seen).splitlines()]
    assert lines[2:4] == ["no sources", "raw"]
    assert lines[-1].endswith("dead_time_note")


def test_a_plan_shows_what_it_prints(sample_site: oda.Site, windows: ScienceWindowList) -> None:
    plan = sample_site.plan(oda.ImageQuery(science_windows=windows.ids))
    assert repr(plan) == str(plan)
    assert len(repr(plan)) < 200


def test_products_are_found_in_any_spelling_of_their_names() -> None:
    names = (MAGNETAR, "V4641 Sgr", "V4641-Sgr")
    sources = [replace(CATALOG[0], name=name) for name in names]
    spectra = BySource(tuple(replace(make_spectrum(), source=source) for source in sources))
    assert spectra["sgr1935+2154"] is spectra["SGR_1935+2154"] is spectra[MAGNETAR]
    assert spectra["V4641-Sgr"].name == "V4641-Sgr"
    assert "sgr1935+2154" in spectra
    with pytest.raises(BadParameter, match='Write "V4641 Sgr" or "V4641-Sgr"'):
        spectra["v4641sgr"]
    with pytest.raises(BadParameter, match="There are: SGR 1935"):
        spectra["SGR 1935-2154"]


@pytest.mark.parametrize("name", PICTURES)
def test_a_notebook_gets_a_small_picture(values: dict[str, Any], name: str) -> None:
    bundle = values[name]._repr_mimebundle_()
    assert bundle["text/plain"] == repr(values[name])
    picture = base64.b64decode(bundle["image/png"])
    assert picture.startswith(PNG)
    assert 3_000 < len(picture) < 100_000


@pytest.mark.parametrize("name", TABLES)
def test_a_notebook_gets_a_table(values: dict[str, Any], name: str) -> None:
    bundle = values[name]._repr_mimebundle_()
    assert bundle["text/plain"] == repr(values[name])
    assert bundle["text/html"].count("<tr>") >= 2
    assert "color" not in bundle["text/html"]  # the page's own, light or dark


def test_names_from_outside_are_escaped() -> None:
    evil = "<script>alert(1)</script>"
    named = replace(CATALOG[0], name=evil)
    catalog = oda.SourceCatalog.of([named])
    spectra = BySource((replace(make_spectrum(), source=named),))
    query = oda.SpectrumQuery(science_windows=["255900280010.001"], catalog=catalog)
    windows = ScienceWindowList((), 0, evil)
    for value in (catalog, spectra, query, windows):
        html = value._repr_mimebundle_()["text/html"]
        assert "&lt;script&gt;" in html
        assert "<script" not in html


def test_a_long_table_is_cut_and_says_so() -> None:
    many = oda.SourceCatalog.of([replace(CATALOG[0], name=f"S {n}") for n in range(500)])
    html = many._repr_mimebundle_()["text/html"]
    assert html.count("<tr>") == 21
    assert "and 480 more" in html


def test_products_that_cannot_be_drawn_are_displayed_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Rooms, "still", broken)
    image = make_image()
    assert image._repr_mimebundle_() == {"text/plain": repr(image)}


def test_a_response_is_displayed_in_words() -> None:
    response = make_response()
    assert response._repr_mimebundle_() == {"text/plain": repr(response)}


def test_a_saved_notebook_shows_pictures_and_tables_without_a_kernel(tmp_path: Path) -> None:
    cells = [
        "from tests.products.examples import make_image, make_light_curve, CATALOG",
        "make_image()",
        "make_light_curve()",
        "CATALOG",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    root = Path(__file__).parents[2]
    NotebookClient(notebook, resources={"metadata": {"path": str(root)}}).execute()
    page, _ = HTMLExporter().from_notebook_node(notebook)
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    assert page.count('src="data:image/png;base64,') == 2
    assert "<td" in page
    assert "1A 0535+262" in page
