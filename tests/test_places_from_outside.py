"""No angle from outside becomes another position: it is taken as it counts, or refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from astropy.table import Table

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, OdaError
from oda_widgets.lookup.name_services import first_position
from oda_widgets.products.files.catalog_columns import catalog_of
from oda_widgets.products.files.positions import frame_of
from oda_widgets.products.files.region_file import regions_of
from oda_widgets.protocol.catalog import catalog_document, catalog_from
from oda_widgets.protocol.links import query_from_link
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.sky_region import SkyRegion

WINDOW = "066500220010.001"
IMAGE = {"product_type": "isgri_image", "scw_list": WINDOW}
CURVE = {"product_type": "isgri_lc", "scw_list": WINDOW, "E1_keV": "20", "E2_keV": "40"}
ONE = oda.SourceCatalog.of([oda.CatalogSource("Crab", 83.633, 22.014)])


def linked(parameters: dict[str, str], **changed: str) -> Any:
    given = {"src_name": "Crab", "RA": "83.633", "DEC": "22.014"} | parameters | changed
    return query_from_link("?" + "&".join(f"{name}={value}" for name, value in given.items()))


def in_catalogue_of_a_server(**angles: Any) -> Any:
    document = catalog_document(ONE)
    for name, value in angles.items():
        document["cat_column_list"][document["cat_column_names"].index(name)] = [value]
    return catalog_from(json.dumps(document))


def in_table(frame: str, longitude: float, latitude: float) -> Any:
    rows = Table({"NAME": ["a"], "RA": [longitude], "DEC": [latitude]}, meta={"FRAME": frame})
    return catalog_of(rows)


def in_region(frame: str, longitude: float, latitude: float) -> Any:
    text = f"{frame}\ncircle({longitude},{latitude},0.5)\n".encode()
    return regions_of(text)


Door = Callable[[float, float], Any]
DOORS: dict[str, Door] = {
    "a link to an image": lambda ra, dec: linked(IMAGE, RA=str(ra), DEC=str(dec)),
    "a link to a curve": lambda ra, dec: linked(CURVE, RA=str(ra), DEC=str(dec)),
    "a catalogue of a server": lambda ra, dec: in_catalogue_of_a_server(ra=ra, dec=dec),
    "a source": lambda ra, dec: oda.CatalogSource("a", ra, dec),
    "a typed position": lambda ra, dec: oda.connect(archive="sample").resolve((ra, dec)),
    "a typed text": lambda ra, dec: oda.connect(archive="sample").resolve(f"{ra}, {dec}"),
    "a drawn region": lambda ra, dec: SkyRegion("a", "circle", ra, dec, (1.0,)),
    "a region": lambda ra, dec: in_region("fk5", ra, dec),
    "a region of the galaxy": lambda ra, dec: in_region("galactic", ra, dec),
    "a table": lambda ra, dec: in_table("icrs", ra, dec),
    "a table of the galaxy": lambda ra, dec: in_table("galactic", ra, dec),
    "a table of B1950": lambda ra, dec: in_table("fk4", ra, dec),
    "a name service": lambda ra, dec: first_position(
        Table({"ra": [ra], "dec": [dec]}), "ra", "dec"
    ),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize(("ra", "dec"), [(999.0, 22.0), (-999.0, 22.0), (83.0, 95.0), (83.0, -91)])
def test_an_angle_that_is_not_on_the_sky_is_refused_with_its_value_and_its_limit(
    door: Door, ra: float, dec: float
) -> None:
    with pytest.raises(OdaError) as refused:
        door(ra, dec)
    wrong = ra if abs(ra) > 360 else dec
    assert f"{wrong:g}" in str(refused.value)
    assert "outside" in str(refused.value)
    assert ("360" if wrong == ra else "90") in str(refused.value)


@pytest.mark.parametrize(
    "changed",
    [
        *({"RA": text} for text in ("999", "-200", "nan", "inf", "1e300", "eighty", "83d")),
        *({"DEC": text} for text in ("95", "-90.001", "nan", "twenty")),
        *({"radius": text, "scw_list": ""} for text in ("-5", "nan", "181", "wide")),
        *({"max_pointings": text, "scw_list": ""} for text in ("-5", "0", "nan", "1.5", "many")),
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("parameters", [IMAGE, CURVE], ids=["image", "curve"])
def test_a_number_of_a_link_that_cannot_be_is_refused_by_name(
    changed: dict[str, str], parameters: dict[str, str]
) -> None:
    def find(*_: Any, **__: Any) -> ScienceWindowList:
        pytest.fail("windows were looked for at a position that is none")

    words = {"src_name": "Crab", "RA": "83.633", "DEC": "22.014"} | parameters | changed
    link = "?" + "&".join(f"{name}={value}" for name, value in words.items())
    with pytest.raises(BadParameter) as refused:
        query_from_link(link, find)
    name, value = next(iter(changed.items()))
    assert refused.value.parameter == name
    assert refused.value.value == value


@pytest.mark.parametrize("missing", ["RA", "DEC"])
def test_half_a_position_of_a_link_is_no_position(missing: str) -> None:
    with pytest.raises(BadParameter, match=f"{missing}=.*Give RA and DEC, or neither"):
        linked(IMAGE, **{missing: ""})


@pytest.mark.parametrize(("given", "meant"), [("-5", 355.0), ("360", 0.0), ("0", 0.0)])
def test_both_ways_to_count_right_ascensions_are_known(given: str, meant: float) -> None:
    assert linked(IMAGE, RA=given).source.ra == meant
    assert in_catalogue_of_a_server(ra=float(given)).sources[0].ra == meant
    assert SkyRegion("a", "circle", float(given), 1.0, (1.0,)).ra == meant


def test_a_cell_without_a_value_is_no_angle_outside() -> None:
    ra, _ = frame_of("galactic").j2000(np.array([np.nan, 0.0]), np.array([1.0, 0.0]))
    assert np.isnan(ra[0])
    assert ra[1] == pytest.approx(266.405, abs=1e-3)
    with pytest.raises(DamagedFile, match="frame galactic has the longitude 999 deg"):
        frame_of("galactic").j2000(np.array([np.nan, 999.0]), np.array([1.0, 0.0]))
