"""Questions are checked when they are made."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from typing import Any

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, SpectrumQuery
from oda_widgets.request.source import Source
from oda_widgets.request.window_query import WindowQuery

WINDOW = "255900280010.001"
ONE = SourceCatalog.of([CatalogSource("A", 1.0, 2.0)])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"instrument": "jemx3"}, "instrument='jemx3'"),
        ({"detection_threshold": 2.9}, "detection_threshold=2.9"),
        ({"detection_threshold": float("nan")}, "not a finite number"),
        ({"catalog": ["Crab"]}, "not a source catalogue"),
        ({"energy": (40, 20)}, "energy"),
        ({"science_windows": ()}, "no science window is named"),
    ],
)
def test_a_bad_image_query_names_the_field(fields: dict[str, object], says: str) -> None:
    with pytest.raises(BadParameter) as refused:
        ImageQuery(**({"science_windows": (WINDOW,)} | fields))  # type: ignore[arg-type]
    assert says in str(refused.value)


@pytest.mark.parametrize("time_bin", [0, 0.0099, -1, float("inf"), "fast", 2e6])
def test_a_bin_has_a_sensible_length(time_bin: object) -> None:
    with pytest.raises(BadParameter, match="time_bin"):
        LightCurveQuery(science_windows=(WINDOW,), catalog=ONE, time_bin=time_bin)  # type: ignore[arg-type]


def test_spectra_and_light_curves_need_a_source() -> None:
    none_ticked = ONE.update("A", selected=False)
    for catalog in (SourceCatalog(), none_ticked):
        with pytest.raises(BadParameter, match="no source is selected"):
            SpectrumQuery(science_windows=(WINDOW,), catalog=catalog)
        with pytest.raises(BadParameter, match="no source is selected"):
            LightCurveQuery(science_windows=(WINDOW,), catalog=catalog)


@pytest.mark.parametrize("kind", [ImageQuery, SpectrumQuery, LightCurveQuery])
def test_parameters_go_by_name_and_the_message_says_which(kind: Any) -> None:
    good = {"science_windows": (WINDOW,), "catalog": ONE}
    with pytest.raises(BadParameter, match=r"science_windows='Crab': given without its name"):
        kind("Crab", catalog=ONE)
    with pytest.raises(BadParameter, match=r"windows=1: no parameter of .*science_windows=\?"):
        kind(**good, windows=1)
    with pytest.raises(BadParameter, match=r"science_windows\b.*needs it"):
        kind(catalog=ONE)
    with pytest.raises(BadParameter, match=r"zzz=1: no parameter of .*intervals"):
        replace(kind(**good), zzz=1)


@pytest.mark.parametrize("kind", [ImageQuery, SpectrumQuery, LightCurveQuery])
def test_queries_are_copied_and_sent_to_other_processes_whole(kind: Any) -> None:
    query = kind(science_windows=(WINDOW,), catalog=ONE)
    for other in (copy.deepcopy(query), pickle.loads(pickle.dumps(query)), replace(query)):
        assert other == query
        assert other.identity == query.identity


def test_a_source_without_position_is_nothing_to_look_at() -> None:
    source = Source.without_position("the lamp")
    with pytest.raises(BadParameter, match=r"the lamp.*position is not known.*site.resolve"):
        ImageQuery(science_windows=(WINDOW,), source=source)
    with pytest.raises(BadParameter, match=r"the lamp.*position is not known.*site.resolve"):
        WindowQuery(source=source)
