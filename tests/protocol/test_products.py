"""Our client reads the product that our server writes."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

import oda_widgets as oda
from oda_widgets.errors import DamagedFile
from oda_widgets.protocol.data_units import read_hdus
from oda_widgets.protocol.product_reader import read_product
from oda_widgets.protocol.product_writer import json_pieces, json_with_arrays
from oda_widgets.protocol.reply import SEPARATOR, read_document
from oda_widgets.provenance.node import Node
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedText
from oda_widgets.provenance.step import Step
from oda_widgets.server.dummy_products import dummy_product

WINDOWS = ("066500220010.001",)
CRAB = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])
HISTORY = Provenance((Step.of(Node("test", "1")),), "q", "nobody", RepeatedText("\n"))
QUERIES: dict[str, Any] = {
    "isgri_image": oda.ImageQuery(science_windows=WINDOWS, energy=(20, 40)),  # type: ignore[arg-type]
    "isgri_spectrum": oda.SpectrumQuery(science_windows=WINDOWS, catalog=CRAB),
    "isgri_lc": oda.LightCurveQuery(science_windows=WINDOWS, catalog=CRAB),
}


def there_and_back(product: Any, kind: str, *, raw: bool) -> Any:
    if raw:
        whole = json_with_arrays(product)
        document = read_document(SEPARATOR.join((whole.text.encode(), b"".join(whole.arrays))))
    else:
        document = json.loads("".join(json_pieces(product)), parse_constant=_refuse)
    return read_product(document, QUERIES[kind], HISTORY)


def _refuse(word: str) -> None:
    pytest.fail(f"JSON has no {word}")


def holes(product: Any) -> Any:
    """Return an image with what JSON has no words for."""
    pixels = product.intensity.copy()
    pixels[0, :3] = np.nan, np.float32(1e-38) / 3, -1.5
    variance = product.variance.copy()
    variance[0, 0] = np.nan
    return replace(product, intensity=pixels, variance=variance)


@pytest.mark.parametrize("raw", [True, False])
def test_an_image_comes_back_to_the_last_bit(*, raw: bool) -> None:
    image: Any = holes(dummy_product("isgri_image"))
    back = there_and_back(image, "isgri_image", raw=raw)
    for name in ("intensity", "variance", "significance", "exposure"):
        assert np.array_equal(getattr(back, name), getattr(image, name), equal_nan=True), name
    pixels = np.array([[0.0, 0.0], [10.0, 50.0], [63.0, 20.0]])
    places = [product.wcs.wcs_pix2world(pixels, 0) for product in (back, image)]
    assert np.array_equal(*places)
    assert back.catalog == image.catalog
    assert (back.observation, back.energy) == (image.observation, image.energy)


@pytest.mark.parametrize("raw", [True, False])
def test_a_light_curve_comes_back_to_the_last_bit(*, raw: bool) -> None:
    curve: Any = dummy_product("isgri_lc")["Crab"]  # type: ignore[index]
    back = there_and_back(dummy_product("isgri_lc"), "isgri_lc", raw=raw)["Crab"]
    for field in fields(curve):
        found, expected = getattr(back, field.name), getattr(curve, field.name)
        if isinstance(expected, np.ndarray):
            assert np.array_equal(found, expected), field.name
    assert back.observation == curve.observation


@pytest.mark.parametrize("raw", [True, False])
def test_a_spectrum_comes_back_with_its_response(*, raw: bool) -> None:
    spectrum: Any = dummy_product("isgri_spectrum")["Crab"]  # type: ignore[index]
    error, rate = spectrum.error.copy(), spectrum.rate.copy()
    error[3], rate[3] = np.inf, np.nan
    spectrum = replace(spectrum, error=error, rate=rate)
    back = there_and_back(
        type(dummy_product("isgri_spectrum"))((spectrum,)), "isgri_spectrum", raw=raw
    )["Crab"]  # type: ignore[arg-type]
    assert np.array_equal(back.rate, rate, equal_nan=True)
    assert np.array_equal(back.error, error)
    assert back.quality.tolist() == [3 if number == 3 else 0 for number in range(len(rate))]
    precision = 0 if raw else 1e-7  # numbers written out are those of 4 bytes, as OSA's
    ours, theirs = back.response, spectrum.response
    np.testing.assert_allclose(ours.redistribution, theirs.redistribution, precision)
    assert np.array_equal(ours.area, theirs.area)


@pytest.mark.parametrize(
    "place",
    ["[-8, 8]", "[0, 9]", "[1e300, 1]", "[0, -1]", "[0, 1e999]", '"AAAA"', "[[0], 8]", "8", "[0]"],
)
def test_arrays_that_are_not_where_the_answer_says_are_refused(place: str) -> None:
    unit = f'{{"header": {{}}, "hdu_type": "image", "dt": ">f4", "shape": [2], "raw": {place}}}'
    answer = f'{{"data_unit_list": [{unit}]}}'.encode()
    for content in (answer + SEPARATOR + bytes(8), answer, SEPARATOR + answer):
        with pytest.raises(DamagedFile):
            read_hdus(read_document(content))
