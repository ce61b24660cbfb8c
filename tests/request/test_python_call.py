"""The script of a query asks the same query again."""

from __future__ import annotations

from typing import Any

import pytest

from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.python_call import script
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, SpectrumQuery
from oda_widgets.request.source import Source

ASKED: dict[str, Any] = {
    "science_windows": ("255900280010.001",),
    "catalog": SourceCatalog.of([CatalogSource("A", 1.0, 2.0)]),
}
QUERIES = [
    ImageQuery(**ASKED),
    ImageQuery(**ASKED, source=Source("Crab", 83.633, 22.014, "SIMBAD")),
    ImageQuery(**ASKED, source=Source("here", 83.633, 22.014)),
    SpectrumQuery(**ASKED),
    LightCurveQuery(**ASKED, time_bin=0.1),
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
@pytest.mark.parametrize("archive", [None, "", "sample"])
def test_a_script_is_python_without_arguments_that_say_nothing(
    query: Any, archive: str | None
) -> None:
    text = script(query, archive)
    compile(text, "script", "exec")
    assert "None" not in text
    assert "''" not in text
    assert ("archive='sample'" in text) is (archive == "sample")
