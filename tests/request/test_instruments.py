"""Instruments are described once, and queries follow the descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import described, instruments, label_of, on_the_wire
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, SpectrumQuery
from oda_widgets.request.window_query import WindowQuery

WINDOW = "255900280010.001"
CRAB = SourceCatalog.of([CatalogSource("Crab", 83.633, 22.014)])
MINUTE = [("2022-10-12T15:20:00", "2022-10-12T15:21:00")]


def test_each_description_is_consistent() -> None:
    for one in instruments():
        assert EnergyBand(*one.band).within(one.name)
        assert all(EnergyBand(*preset).within(one.name) for preset in one.presets)
        assert 0 < one.radius <= one.field <= 180
        assert all(one.wire.product(kind) for kind in one.products)
        assert on_the_wire(one.wire.instrument, dict(one.wire.parameters)) is one


@pytest.mark.parametrize(("name", "band"), [("isgri", (28, 80)), ("jemx1", (3, 20))])
def test_a_query_without_band_has_that_of_its_instrument(
    name: str, band: tuple[float, float]
) -> None:
    query = ImageQuery(science_windows=(WINDOW,), instrument=name)
    assert query.energy == EnergyBand(*band)


def test_queries_for_isgri_have_the_identity_that_they_always_had() -> None:
    """Else every stored answer of dispatchers and every recording would be lost."""
    image = ImageQuery(science_windows=(WINDOW,))
    assert image.identity.startswith("da9983fe96ef8336e047f65b11a3c95f")
    near = WindowQuery(start=1000.0, stop=1100.0)
    assert near.identity == "466b2bd816505114a0c67149e51239125d0391437daea415bcd1a078e1ab115e"


def test_units_of_one_build_are_two_instruments() -> None:
    first, second = (
        ImageQuery(science_windows=(WINDOW,), instrument=f"jemx{unit}") for unit in (1, 2)
    )
    assert first.identity != second.identity


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        (ImageQuery, {"instrument": "jemx3"}, "Choose one of: isgri, jemx1, jemx2, spi_acs"),
        (ImageQuery, {"instrument": "jemx"}, 'Write instrument="jemx1" or instrument="jemx2"'),
        (ImageQuery, {"instrument": "SPI-ACS"}, 'Write instrument="spi_acs"'),
        (ImageQuery, {"instrument": "spi"}, "not an instrument offered here"),
        (ImageQuery, {"instrument": ["isgri"]}, "not an instrument offered here"),
        (ImageQuery, {"instrument": "spi_acs"}, "SPI-ACS has no images, only light curves"),
        (SpectrumQuery, {"instrument": "spi_acs", "catalog": CRAB}, "SPI-ACS has no spectra"),
        (ImageQuery, {"instrument": "jemx1", "energy": (20, 40)}, "outside 3 to 35 keV"),
        (LightCurveQuery, {"instrument": "jemx2"}, "no source is selected"),
        (LightCurveQuery, {"instrument": "spi_acs", "catalog": CRAB}, "the whole sky"),
        (LightCurveQuery, {"instrument": "spi_acs", "energy": (80, 200)}, "SPI-ACS has one band"),
        (LightCurveQuery, {"instrument": "spi_acs", "time_bin": 0.01}, "outside 0.05"),
    ],
)
def test_what_an_instrument_does_not_have_is_refused_in_words(
    kind: Any, fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadParameter) as refused:
        kind(**({"science_windows": (WINDOW,)} | fields))
    assert says in str(refused.value)


def test_spi_acs_needs_a_time_and_no_science_window() -> None:
    query = LightCurveQuery(instrument="spi_acs", intervals=MINUTE)
    assert query.science_windows == ()
    assert "SPI-ACS" in repr(query)
    with pytest.raises(BadParameter, match="intervals=None: SPI-ACS is asked for no time"):
        LightCurveQuery(instrument="spi_acs")


def test_windows_are_chosen_within_the_radius_of_the_instrument() -> None:
    assert WindowQuery(instrument="jemx1").radius == described("jemx1").radius == 4
    assert WindowQuery().radius == 15


def test_labels_are_as_papers_write_them() -> None:
    assert [label_of(name) for name in ("isgri", "jemx2", "spi_acs")] == [
        "ISGRI",
        "JEM-X2",
        "SPI-ACS",
    ]
