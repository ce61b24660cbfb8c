"""Our questions become the dispatcher's parameters and come back the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from oda_widgets.errors import BadParameter
from oda_widgets.protocol.parameters import differences, parameters_of, query_from
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query
from oda_widgets.request.source import Source
from tests.protocol.any_query import QUERIES

WINDOWS = ("066500220010.001", "066500230010.001")
CRAB = SourceCatalog.of([CatalogSource("Crab", 83.633, 22.014)])


@given(QUERIES)
def test_a_question_comes_back_as_it_went(query: Query) -> None:
    back = query_from(parameters_of(query, "OSA11.2"))
    assert back == query
    assert back.identity == query.identity
    assert getattr(back, "detection_threshold", 0) == getattr(query, "detection_threshold", 0)


@given(QUERIES, QUERIES)
def test_two_questions_have_the_same_parameters_only_if_they_are_the_same(
    one: Query, other: Query
) -> None:
    same = parameters_of(one, "OSA11.2") == parameters_of(other, "OSA11.2")
    assert not same or one.identity == other.identity


def test_the_parameters_are_those_of_the_protocol() -> None:
    query = ImageQuery(
        science_windows=WINDOWS,
        energy=EnergyBand(20, 40),
        source=Source("Crab", 83.633, 22.014),
        detection_threshold=7,
    )
    assert parameters_of(query, "OSA10.2") == {
        "instrument": "isgri",
        "product_type": "isgri_image",
        "query_type": "Real",
        "osa_version": "OSA10.2",
        "integral_data_rights": "public",
        "max_pointings": "2",
        "scw_list": list(WINDOWS),
        "src_name": "Crab",
        "RA": "83.633",
        "DEC": "22.014",
        "E1_keV": "20.0",
        "E2_keV": "40.0",
        "detection_threshold": "7.0",
    }


def test_a_window_without_version_gets_that_of_the_consolidated_data() -> None:
    query = ImageQuery(science_windows=("066500220010",))
    assert parameters_of(query, "OSA10.2")["scw_list"] == ["066500220010.001"]


@given(QUERIES)
def test_the_echo_of_a_question_is_accepted_in_any_order_and_as_numbers(query: Query) -> None:
    asked = parameters_of(query, "OSA11.2")
    numbers = ("RA", "DEC", "E1_keV", "E2_keV", "detection_threshold", "time_bin")
    echoed: dict[str, Any] = {
        name: float(str(value)) if name in numbers else value for name, value in asked.items()
    }
    echoed["scw_list"] = list(reversed(asked["scw_list"]))
    assert differences(asked, echoed | {"T1": "2017-03-06T13:26:48.000", "token": None}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RA", 36.83),  # the same digits: servers share the job of 83.63
        ("E1_keV", 52.0),
        ("scw_list", ["066500320010.001", "066500230010.001"]),
        ("scw_list", ["066500220010.001"]),
        ("scw_list", None),
        ("src_name", "Vela X-1"),
        ("osa_version", "OSA11.2"),
        ("selected_catalog", None),
        ("selected_catalog", '{"cat_column_names": []}'),
        ("product_type", "isgri_spectrum"),
    ],
)
def test_the_echo_of_another_question_is_noticed(name: str, value: Any) -> None:
    query = ImageQuery(
        science_windows=WINDOWS,
        energy=EnergyBand(25, 40),
        source=Source("Crab", 83.63, 22.014),
        catalog=CRAB,
    )
    asked = parameters_of(query, "OSA10.2")
    assert differences(asked, dict(asked) | {name: value}) == [name]
    assert differences(asked, None)


def test_queries_that_no_dispatcher_accepts_are_refused_before_they_are_sent() -> None:
    image = ImageQuery(science_windows=WINDOWS)
    with pytest.raises(BadParameter, match=r"intervals=.*whole science windows.*oda\.connect\(\)"):
        parameters_of(replace(image, intervals=((4000.0, 4000.1),)), "OSA10.2")  # type: ignore[arg-type]
    with pytest.raises(BadParameter, match=r"energy=.*15 to 800 keV"):
        parameters_of(replace(image, energy=EnergyBand(100, 900)), "OSA10.2")
    curve = LightCurveQuery(science_windows=WINDOWS, catalog=CRAB, time_bin=30000)
    with pytest.raises(BadParameter, match="20000 s"):
        parameters_of(curve, "OSA10.2")


GOOD = {"product_type": "isgri_lc", "scw_list": "066500220010.001,066500230010.001"}


def test_windows_may_be_a_list_or_a_text_with_commas() -> None:
    catalog = json.dumps(_document(["Crab"], [83.633], [22.014]))
    query = query_from(GOOD | {"selected_catalog": catalog, "time_bin": "0.5"})
    assert query.science_windows == WINDOWS
    days = query_from(
        GOOD | {"selected_catalog": catalog, "time_bin": "0.1", "time_bin_format": "jd"}
    )
    assert getattr(days, "time_bin", 0) == pytest.approx(8640)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"product_type": "isgri_movie"}, "product_type='isgri_movie'.*isgri_image"),
        ({"product_type": None}, "product_type=None"),
        ({"scw_list": "066500220010.001 066500230010.001"}, "scw_list=.*separated by commas"),
        ({"scw_list": "../../etc/passwd"}, "scw_list='../../etc/passwd'"),
        ({"scw_list": [None]}, "scw_list=None"),
        ({"scw_list": "\u0661" * 12 + ".001"}, "not a science-window identifier"),
        ({"scw_list": ""}, "scw_list=None"),
        ({"E1_keV": "many"}, "E1_keV='many': not a number"),
        ({"E1_keV": "nan"}, "E1_keV='nan': not a finite number"),
        ({"E1_keV": "40", "E2_keV": "20"}, r"energy=\(40.0, 20.0\).*must be below"),
        ({"E1_keV": "20"}, "E2_keV=None: not a number"),
        ({"time_bin": "1e99"}, "time_bin=1e\\+99: outside"),
        ({"time_bin": "10", "time_bin_format": "weeks"}, "time_bin_format='weeks'"),
        ({"selected_catalog": "{"}, "selected_catalog='{': cannot be read"),
        ({"selected_catalog": "[]"}, "selected_catalog"),
        ({"selected_catalog": json.dumps({"cat_column_names": ["a"]})}, "selected_catalog"),
        ({"selected_catalog": "[" * 100_000}, "selected_catalog"),
    ],
)
def test_bad_parameters_are_named(changed: dict[str, Any], says: str) -> None:
    catalog = json.dumps(_document(["Crab"], [83.633], [22.014]))
    with pytest.raises(BadParameter, match=says):
        query_from(GOOD | {"selected_catalog": catalog} | changed)


def _document(names: list[str], ra: list[float], dec: list[float]) -> dict[str, Any]:
    return {"cat_column_names": ["src_names", "ra", "dec"], "cat_column_list": [names, ra, dec]}
