"""Questions are checked when they are made."""

from __future__ import annotations

import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, SpectrumQuery

WINDOW = "255900280010.001"
ONE = SourceCatalog.of([CatalogSource("A", 1.0, 2.0)])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"instrument": "jemx3"}, "instrument='jemx3'"),
        ({"detection_threshold": 4.9}, "detection_threshold=4.9"),
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
