"""One number has one form: in prints, tables, hover texts and on the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oda_widgets.cli.products import print_sources
from oda_widgets.request.words import typeset, with_error
from oda_widgets.views.catalog_rows import to_rows
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.spectrum import SpectrumView
from tests.views import handmade

VIEWS = Path(__file__).parents[2] / "oda_widgets" / "views"


def test_a_flux_is_written_alike_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    catalog = handmade.catalog()
    print_sources(catalog)
    said = capsys.readouterr().out
    for source, flux in zip(catalog, to_rows(catalog)["flux"], strict=True):
        written = with_error(source.flux, source.flux_error)
        assert written in repr(source)
        assert written in said
        assert flux == typeset(written).replace(",", "")


def test_hover_texts_write_errors_as_prints_do() -> None:
    image, curve, spectrum = handmade.image(), handmade.light_curve(60), handmade.spectrum()
    sky = SkyView(image)
    rows, columns = sky._drawn.display.shape
    x, y = columns // 2, rows // 2
    sky._show_readout({"x": [x], "y": [y]})
    found = sky._drawn.values_at(x, y)
    expected = typeset(with_error(found["intensity"], found["variance"] ** 0.5))
    assert f"{expected} counts/s" in sky.readout.value
    bins = LightCurveView(curve)._bins.data
    assert bins["words"][3] == typeset(with_error(bins["rate"][3], bins["error"][3]))
    points = SpectrumView(spectrum)._points.data
    assert points["words"][0] == typeset(with_error(points["rate"][0], points["error"][0]))
    assert re.fullmatch(r"[\d.]+–[\d.]+ keV", points["band"][0])


def test_no_hover_text_formats_a_rate_or_an_error_by_itself() -> None:
    own = re.compile(r"@(rate|error|model|flux|significance|deviation)\{")
    wrong = [path.name for path in VIEWS.rglob("*.py") if own.search(path.read_text())]
    assert wrong == []
