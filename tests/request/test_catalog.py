"""Source catalogues."""

from __future__ import annotations

from typing import Any

import pytest

from oda_widgets.errors import BadParameter, UnknownSource
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.source import Source

CRAB = CatalogSource("Crab", 83.633, 22.014, significance=300.0)
NEAR = CatalogSource("NEW_1", 83.65, 22.02, significance=500.0, new=True)
FAR = CatalogSource("NEW_2", 90.0, 22.0, significance=6.5, new=True)
CATALOG = SourceCatalog.of([NEAR, CRAB, FAR])


def test_sources_are_found_by_name_and_by_number() -> None:
    assert CATALOG["Crab"] is CRAB
    assert CATALOG[1] is CRAB
    assert (CATALOG["crab"], CATALOG["new 2"]) == (CRAB, FAR)
    with pytest.raises(BadParameter, match="The catalogue has: NEW_1, Crab, NEW_2"):
        CATALOG["Vela X-1"]


def test_resolved_sources_become_a_catalogue() -> None:
    resolved = Source("Crab", 83.633, 22.014, "reference catalogue")
    assert SourceCatalog.of([resolved]) == SourceCatalog.of([CRAB])
    with pytest.raises(BadParameter, match="not a pair of right ascension and declination"):
        SourceCatalog.of([("Crab", 83.633, 22.014)])  # type: ignore[list-item]  # the mistake


def test_names_and_positions_become_a_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODA_WIDGETS_ONLINE", "no")
    sources: Any = ["crab", "17:45:40 -29:00:28", (10, -20), Source("mine", 1.0, 2.0)]
    catalog = SourceCatalog.of(sources)
    assert catalog.names == ("Crab", "266.41667 -29.00778", "10.00000 -20.00000", "mine")
    assert catalog.add("Vela X-1").names[-1] == "Vela X-1"
    assert SourceCatalog.of("Crab").names == ("Crab",)
    with pytest.raises(UnknownSource, match="Crabb"):
        catalog.add("Crabb")
    with pytest.raises(BadParameter, match="two sources are called Crab"):
        catalog.add("M1")


def test_each_change_returns_a_new_catalogue() -> None:
    assert CATALOG.drop_new().names == ("Crab",)
    assert CATALOG.brighter_than(7).names == ("NEW_1", "Crab")
    assert CATALOG.drop("new 2").names == ("NEW_1", "Crab")
    assert CATALOG.update("crab", selected=False).selected.names == ("NEW_1", "NEW_2")
    assert CATALOG.names == ("NEW_1", "Crab", "NEW_2")


def test_of_two_sources_at_one_place_the_known_one_stays() -> None:
    assert CATALOG.deduplicate(radius=0.1).names == ("Crab", "NEW_2")


def test_known_sources_stay_however_near_they_are() -> None:
    """KS 1741-293 and SAX J1744.7-2916 are 5 arcmin apart."""
    pair = CATALOG.add(CatalogSource("beside", 83.64, 22.014))
    assert pair.deduplicate(radius=0.1).names == ("Crab", "NEW_2", "beside")


@pytest.mark.parametrize(
    ("query", "more"),
    [
        (ImageQuery, {"energy": (20, 40)}),
        (SpectrumQuery, {}),
        (LightCurveQuery, {"energy": (20, 40)}),
    ],
)
def test_sources_that_cannot_be_separated_are_refused_by_name(
    query: type[Query], more: dict[str, object]
) -> None:
    with pytest.raises(BadParameter, match=r"1\.0 arcmin apart: below 3") as refused:
        query(science_windows=["006600120010.001"], catalog=CATALOG, **more)
    assert refused.value.value == ["Crab", "NEW_1"]
    query(science_windows=["006600120010.001"], catalog=CATALOG.deduplicate(), **more)


def test_names_are_distinct() -> None:
    with pytest.raises(BadParameter, match="two sources are called Crab"):
        CATALOG.add(CRAB)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": " "}, "no name"),
        ({"ra": 360.0}, "outside 0 to 360"),
        ({"dec": -91.0}, "outside -90 to 90"),
        ({"ra": float("nan")}, "not a finite number"),
    ],
)
def test_an_impossible_source_is_refused(fields: dict[str, object], says: str) -> None:
    settings = {"name": "A", "ra": 1.0, "dec": 2.0} | fields
    with pytest.raises(BadParameter, match=says):
        CatalogSource(**settings)  # type: ignore[arg-type]


def test_the_table_has_the_columns_of_mmoda() -> None:
    table = CATALOG.table
    assert table.colnames[:9] == [
        "meta_ID", "src_names", "significance", "ra", "dec",
        "NEW_SOURCE", "ISGRI_FLAG", "FLAG", "ERR_RAD",
    ]  # fmt: skip
    assert list(table["NEW_SOURCE"]) == [1, -32768, 1]
    assert str(table["ra"].unit) == "deg"


def test_an_empty_catalogue_has_an_empty_table() -> None:
    assert len(SourceCatalog().table) == 0
