"""The first query of the page: that of its link, or the light curve of a source."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.backend.job import JobStatus
from oda_widgets.lookup.sphere import separations
from oda_widgets.panels.opening import first_source
from oda_widgets.panels.workbench import Workbench
from oda_widgets.protocol.links import link_parameters
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.timespan import TimeInterval
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_until
from tests.patience import PATIENCE
from tests.photons import fields


def test_the_first_query_is_the_light_curve_of_the_bundled_bursts(sample_site: oda.Site) -> None:
    source, found = first_source(sample_site)
    assert source.name == "SGR 1935+2154"
    assert len(found) == 1


def test_elsewhere_it_is_a_bright_one_of_the_field(three_windows: Path) -> None:
    source, found = first_source(oda.connect(archive=three_windows))
    assert separations([source.ra], [source.dec], *fields.CENTRE)[0] < 15
    assert len(found) == 3


def test_many_windows_are_not_asked_for_unless_somebody_does(
    three_windows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODA_WIDGETS_CACHE_FOLDER", str(tmp_path))
    bench = Workbench(oda.connect(archive=three_windows))
    wait_until(lambda: bench.form.source.value)
    wait_until(lambda: "3 windows, 0 in the store" in bench.form.plan.text.value)
    assert bench.job.jobs == []
    assert bench.form.source.message.value == ""


class _SlowSite(FakeSite):
    """Looks for the windows of the first source until it is let go."""

    def __init__(self) -> None:
        super().__init__(finish=False)
        self.let_go = Event()

    def science_windows(self, source: Any = None, **search: Any) -> ScienceWindowList:
        if source is not None and source.name == "SGR 1935+2154":
            assert self.let_go.wait(PATIENCE)
        return super().science_windows(source, **search)


def test_whoever_names_another_first_is_left_alone() -> None:
    site = _SlowSite()
    bench = Workbench(site)
    bench.form.source.resolve("Cyg X-1")
    site.let_go.set()
    wait_until(lambda: site.jobs)
    wait_until(lambda: site.jobs[0].status is JobStatus.CANCELLED)
    assert bench.form.source.value.name == "Cyg X-1"
    assert bench.job.jobs == []


WINDOWS = ("255900280010.001",)
CATALOG = oda.SourceCatalog.of([oda.CatalogSource("SGR 1935+2154", 293.73, 21.9)])
QUERIES = [
    oda.ImageQuery(science_windows=WINDOWS, energy=(30, 90), detection_threshold=8),  # type: ignore[arg-type]
    oda.SpectrumQuery(
        science_windows=WINDOWS, catalog=CATALOG, intervals=(TimeInterval(8320.64, 8320.65),)
    ),
    oda.LightCurveQuery(
        science_windows=WINDOWS,
        catalog=CATALOG,
        energy=(30, 90),  # type: ignore[arg-type]
        time_bin=5,
    ),
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
def test_the_question_of_a_link_is_asked_and_shown(
    query: Query, site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUERY_STRING", link_parameters(query))
    bench = Workbench(site)
    wait_until(lambda: bench.job.jobs)
    assert bench.job.jobs[0].query == query
    wait_until(lambda: bench.form.windows.value == WINDOWS)
    assert bench.query().identity == query.identity


def test_a_link_that_asks_nothing_is_an_error_on_the_page(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUERY_STRING", "product_type=isgri_movie&x=<script>")
    bench = Workbench(site)
    wait_until(lambda: bench.form.source.message.value)
    assert "isgri_movie" in bench.form.source.message.value
    assert bench.job.jobs == []


def test_a_kernel_that_was_kept_ready_asks_the_question_of_its_page(site: FakeSite) -> None:
    bench = Workbench(site)
    wait_until(lambda: bench.form.source.value)
    bench.opened(f"?{link_parameters(QUERIES[0])}")
    wait_until(lambda: [job.query for job in bench.job.jobs[-1:]] == [QUERIES[0]])
    asked = len(site.jobs)
    bench.opened(f"?{link_parameters(QUERIES[0])}")  # the page was drawn once more
    bench.opened("?theme=dark")
    bench.opened(f"?{link_parameters(QUERIES[1])}")
    wait_until(lambda: bench.job.jobs[-1].query == QUERIES[1])
    assert len(site.jobs) == asked + 1
    bench.opened("?product_type=isgri_movie&x=<script>")
    wait_until(lambda: "isgri_movie" in bench.form.source.message.value)
