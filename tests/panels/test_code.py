"""The Python shown beside the button asks exactly the question of the button."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from oda_widgets.errors import OdaError
from oda_widgets.panels.form import CodePanel
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.python_call import call
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.source import Source
from tests.views import handmade

WINDOWS = (handmade.WINDOW,)
INTERVALS = ((8320.649305444445, 8320.649340166667), (8320.7, 8320.70001))
ODD = SourceCatalog.of([CatalogSource("1E \"x\" '</pre>'", 1 / 3, -89.999)])

QUERIES: tuple[Query, ...] = (
    ImageQuery(science_windows=WINDOWS, source=handmade.MAGNETAR, energy=(28.1234567, 150)),
    ImageQuery(science_windows=WINDOWS, source=Source("293.7 21.9", 293.7, 21.9)),
    ImageQuery(science_windows=WINDOWS, intervals=INTERVALS, catalog=ODD),
    SpectrumQuery(science_windows=WINDOWS, catalog=handmade.catalog(), intervals=INTERVALS),
    LightCurveQuery(science_windows=WINDOWS, catalog=ODD, time_bin=0.1),
)


class Recorder:
    """A site that keeps the question."""

    def image(self, source: Any = None, windows: Any = None, **options: Any) -> ImageQuery:
        if source == handmade.MAGNETAR.name:
            source = handmade.MAGNETAR
        elif source is not None:
            source = Source("293.7 21.9", *source)
        return ImageQuery(science_windows=windows, source=source, **options)

    def spectra(self, windows: Any, **options: Any) -> SpectrumQuery:
        return SpectrumQuery(science_windows=windows, **options)

    def light_curves(self, windows: Any, **options: Any) -> LightCurveQuery:
        return LightCurveQuery(science_windows=windows, **options)


@pytest.mark.parametrize("query", QUERIES)
def test_the_code_asks_the_same_question(query: Query) -> None:
    oda = SimpleNamespace(SourceCatalog=SourceCatalog, CatalogSource=CatalogSource)
    names: dict[str, Any] = {"site": Recorder(), "oda": oda}
    exec(call(query), names)  # noqa: S102 - that is what the line is for
    asked = names.get("image") or names.get("spectra") or names.get("curves")
    assert asked.identity == query.identity


def test_the_panel_shows_it_escaped() -> None:
    panel = CodePanel()
    panel.show(QUERIES[2])
    assert panel.text.startswith("import oda_widgets as oda")
    assert panel.value.count("</pre>") == 1


def test_the_panel_says_why_there_is_no_question() -> None:
    panel = CodePanel()
    panel.explain(OdaError("energy=(40, 20): <wrong>.", "Swap them."))
    assert panel.text == ""
    assert "&lt;wrong&gt;" in panel.value
