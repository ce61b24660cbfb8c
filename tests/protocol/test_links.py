"""A question travels in a link, and comes back the same."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DataError
from oda_widgets.protocol.links import link_parameters, query_from_link
from oda_widgets.provenance.node import Node
from oda_widgets.provenance.oda_api_code import oda_api_code
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedQuery, RepeatedText
from oda_widgets.provenance.step import Step
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.timespan import TimeInterval, isot_utc
from oda_widgets.server.dummy_products import dummy_product
from tests.protocol.any_query import QUERIES

INTERVALS = st.builds(  # no shorter than queries take
    lambda start, days: (TimeInterval(start, start + days),),
    st.floats(1000, 9000),
    st.floats(1e-6, 1000),
)
WINDOW = "066500220010.001"


def observed(query: Query) -> Query:
    """Return a question for windows of a revolution that was."""
    windows = tuple(f"0665{window[4:]}" for window in query.science_windows)
    return replace(query, science_windows=tuple({w[:12]: w for w in windows}.values()))


@given(QUERIES.map(observed), st.just(()) | INTERVALS)
def test_a_question_comes_back_from_a_link(query: Query, intervals: Any) -> None:
    query = replace(query, intervals=intervals)
    back = query_from_link(f"http://127.0.0.1:8866/?{link_parameters(query)}")
    assert back == query
    assert back.identity == query.identity


def test_a_link_of_the_paper_is_a_question() -> None:
    query: Any = query_from_link(
        "https://www.astro.unige.ch/mmoda/?src_name=Crab&RA=83.633&DEC=22.014&E1_keV=20&E2_keV=40"
        "&T1=2008-03-15T00:00:00&T2=2008-03-16T00:00:00&T_format=isot&instrument=isgri"
        f"&product_type=isgri_image&detection_threshold=7&scw_list={WINDOW}&osa_version=OSA10.2"
    )
    assert query.source.name == "Crab"
    assert (query.energy.low, query.energy.high) == (20, 40)
    assert query.science_windows == (WINDOW,)


def test_a_link_without_windows_asks_for_those_of_its_time_and_place() -> None:
    asked: list[Any] = []

    def find(*place: Any, **words: Any) -> Any:
        asked.append((place, words))
        return ScienceWindowList((_window(),), 1, "test")

    query: Any = query_from_link(
        "?src_name=Crab&RA=83.633&DEC=22.014&T1=54540&T2=54541&T_format=mjd&radius=8"
        "&max_pointings=20&instrument=isgri&product_type=isgri_lc&E1_keV=20&E2_keV=40",
        find,
    )
    (position, start, stop), words = asked[0]
    assert position == (83.633, 22.014)
    assert (start.isot, stop.mjd) == ("2008-03-15T00:00:00.000", 54541)
    assert words == {"radius": 8, "limit": 20, "instrument": "isgri"}
    assert query.science_windows == (WINDOW,)
    assert query.catalog.names == ("Crab",)  # the source of the link is what is fitted


def _window() -> ScienceWindow:
    return ScienceWindow(WINDOW, 3006.0, 3006.1, 83.6, 22.0, 173.6, 0.0, 1000.0)


@pytest.mark.parametrize(
    "link",
    ["", "https://host/", "?product_type=isgri_image", "?" + "a=1&" * 6000, "x" * 300_000]
    + ["?product_type=isgri_image&product_type=zzz&RA=1&RA=2", "?product_type=isgri_lc&RA=1&DEC=2"]
    + [f"?product_type=isgri_image&scw_list={WINDOW}&intervals={text}" for text in ("1", "2:1")],
)
def test_links_that_ask_nothing_are_refused(link: str) -> None:
    with pytest.raises(BadParameter):
        query_from_link(link)


@pytest.mark.parametrize("simulated", [True, False])
def test_links_and_scripts_of_simulated_products_say_so(simulated: bool) -> None:  # noqa: FBT001
    query = oda.ImageQuery(science_windows=(WINDOW,), intervals=[(8320.64, 8320.65)])  # type: ignore[arg-type]
    history = Provenance(
        (Step.of(Node("test", "1")),), query.identity, "x", RepeatedQuery(query, "")
    )
    made: Any = dummy_product("isgri_image")
    observation = replace(made.observation, simulated=simulated)
    image: Any = replace(made, provenance=history, observation=observation)
    assert query_from_link(image.share_url()) == query
    assert ("simulated=yes" in image.share_url()) == simulated
    code = image.code("oda_api")
    compile(code, "code", "exec")
    assert ("SIMULATED: the events are not real" in code) == simulated
    assert ("astro.unige.ch" in code) == (not simulated)
    assert "the intervals of the query are left out" in code
    address = "https://host/dispatch-data"
    history = replace(history, repeat=RepeatedQuery(query, address, dispatcher=address))
    assert f"url='{address}'" in replace(image, provenance=history).code("oda_api")


def test_a_product_gives_its_link_and_its_script_for_oda_api() -> None:
    query = oda.ImageQuery(science_windows=(WINDOW,), energy=(20, 40))  # type: ignore[arg-type]
    history = Provenance(
        (Step.of(Node("test", "1")),), query.identity, "x", RepeatedQuery(query, "")
    )
    image: Any = replace(dummy_product("isgri_image"), provenance=history)  # type: ignore[type-var]
    assert query_from_link(image.share_url()) == query
    assert image.share_url("https://host/mmoda/").startswith("https://host/mmoda/?instrument=isgri")
    code = image.code("oda_api", url="http://127.0.0.1:10100")
    compile(code, "code", "exec")
    assert "DispatcherAPI(url='http://127.0.0.1:10100', instrument='isgri')" in code
    assert "    product='isgri_image',\n    product_type='Real',\n" in code
    assert f"    scw_list=['{WINDOW}'],\n" in code
    with pytest.raises(BadParameter, match="client='curl'"):
        image.code("curl")
    with pytest.raises(DataError, match="no provenance"):
        dummy_product("isgri_image").share_url()  # type: ignore[union-attr]


def test_scripts_of_several_spans_make_a_query_each() -> None:
    spans = [(8320.5, 8320.51), (8321.5, 8321.51)]
    query = oda.LightCurveQuery(instrument="spi_acs", intervals=spans, time_bin=1.0)  # type: ignore[arg-type]
    link = link_parameters(query)
    assert query_from_link(link) == query
    code = oda_api_code(link, "https://host")
    asked: list[dict[str, Any]] = []
    namespace: dict[str, Any] = {
        "dispatcher": SimpleNamespace(get_product=lambda **a: asked.append(a))
    }
    exec("\n".join(line for line in code.splitlines() if "API" not in line), namespace)  # noqa: S102 - ours
    assert [(one["T1"], one["T2"]) for one in asked] == [
        (isot_utc(start), isot_utc(stop)) for start, stop in spans
    ]
    assert asked[0]["time_bin"] == 1.0
    assert "left out" not in code
    named = oda.LightCurveQuery(instrument="spi_acs", science_windows=(WINDOW,))  # type: ignore[arg-type]
    with pytest.raises(DataError, match="a span of time for this instrument"):
        oda_api_code(link_parameters(named), "https://host")


def test_one_span_of_an_instrument_without_sources_is_not_said_to_be_left_out() -> None:
    query = oda.LightCurveQuery(instrument="spi_acs", intervals=[(8320.5, 8320.51)])  # type: ignore[arg-type]
    code = oda_api_code(link_parameters(query), "https://host")
    assert "left out" not in code
    assert f"T1={isot_utc(8320.5)!r}" in code


def test_a_history_has_a_step_at_least() -> None:
    with pytest.raises(BadParameter, match="no step"):
        Provenance((), "question", "x", RepeatedText(""))
