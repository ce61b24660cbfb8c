"""A survey is started on the page, its sky grows there, and it is known to jobs and session."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from oda_widgets.backend.survey import SurveyJob
from oda_widgets.errors import DamagedFile
from oda_widgets.panels.session import JobRecord
from oda_widgets.panels.session_file import read_session
from oda_widgets.panels.workbench import Workbench
from oda_widgets.products.all_sky import AllSky
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.survey_query import SurveyQuery
from oda_widgets.workers.progress import Progress
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_for_threads, wait_until
from tests.products.examples import OBSERVATION, make_all_sky

NAMES = OBSERVATION.science_windows


def sky_of(number: int) -> AllSky:
    """Return a simulated sky of so many windows, which the catalogue grows with."""
    sky = make_all_sky()
    observation = replace(sky.observation, science_windows=NAMES[:number])
    catalog = SourceCatalog.of(list(sky.catalog)[:number])
    return replace(sky, observation=observation, catalog=catalog)


class Surveyor:
    """Makes a survey of two windows; each is added when the test says so."""

    backend: Any = None

    def __init__(self) -> None:
        self.turn = threading.Semaphore(0)

    def run(self, monitor: Any, show: Any) -> AllSky:
        for number in (1, 2):
            self._wait(monitor)
            show(sky_of(number))
        self._wait(monitor)
        return sky_of(2)

    def _wait(self, job: Any) -> None:
        while not self.turn.acquire(timeout=0.02):
            if job._cancelled.is_set():
                job.report(Progress("stopping"))


class SurveySite(FakeSite):
    """A site that makes surveys too."""

    def __init__(self) -> None:
        super().__init__()
        self.surveyors: list[Surveyor] = []
        self.threads = ThreadPoolExecutor(1)

    def submit(self, query: Any) -> Any:
        if not isinstance(query, SurveyQuery):
            return super().submit(query)
        self.surveyors.append(Surveyor())
        return SurveyJob(query, self.surveyors[-1], self.threads)  # type: ignore[arg-type]


@pytest.fixture
def site() -> Iterator[SurveySite]:
    made = SurveySite()
    yield made
    for surveyor in made.surveyors:
        surveyor.turn.release(3)
    made.threads.shutdown()


def opened(bench: Workbench) -> Any:
    """Return the panel of surveys, in its tab."""
    bench.results.selected_index = 6
    return bench.results.survey


def started(bench: Workbench) -> Any:
    panel = opened(bench)
    panel.start_button.click()
    return panel


def test_what_is_surveyed_is_said_before_it_is_started(bench: Workbench) -> None:
    panel = opened(bench)
    assert panel.heading.value == "<b>1 science window</b> · 28–150 keV"
    wait_until(lambda: "1 window, 1 in the store, about 12 s" in panel.plan.text.value)
    bench.form.energies.choose((20, 40))
    assert "20–40 keV" in panel.heading.value
    bench.form.energies.low.value = "300"
    assert panel.start_button.disabled
    assert "Not ready" in panel.plan.text.value
    bench.form.energies.choose((20, 40))
    assert not panel.start_button.disabled


def test_another_instrument_is_refused_in_the_words_of_the_form(bench: Workbench) -> None:
    panel = opened(bench)
    bench.form.energies.instrument.value = "jemx1"
    assert panel.start_button.disabled
    assert "surveys are made of ISGRI. Choose ISGRI" in panel.plan.text.value


def test_the_sky_grows_on_the_page(bench: Workbench, site: SurveySite) -> None:
    panel = started(bench)
    assert panel.view is None
    assert panel.cancel_button.layout.display == ""
    site.surveyors[0].turn.release()
    wait_until(lambda: panel.view is not None)
    first = panel.view
    assert "1 of 1</b> science windows added" in panel.state.value
    assert "SIMULATED" in panel.state.value
    assert len(panel.table.rows) == 1
    site.surveyors[0].turn.release()
    wait_until(lambda: len(panel.table.rows) == 2)
    assert panel.view is first
    site.surveyors[0].turn.release()
    wait_until(lambda: panel.cancel_button.layout.display == "none")
    assert bench.results.selected_index == 6
    assert first.sky.observation.science_windows == NAMES


def test_the_table_of_jobs_knows_it(bench: Workbench, site: SurveySite) -> None:
    started(bench)
    row = bench.job.table.rows[0]
    texts = [cell["text"] for cell in row["cells"]]
    assert texts[1:6] == ["Whole sky", "ISGRI", "Survey 1", "28–150 keV", "1"]
    assert row["actions"] == ["Cancel", "Show query"]
    site.surveyors[0].turn.release(3)
    wait_until(lambda: bench.job.table.rows[0]["actions"] == ["Open", "Show query"])
    bench.results.selected_index = 0
    bench.job.act("1", "Open")
    assert bench.results.selected_index == 6


def test_an_equal_survey_is_followed_instead(bench: Workbench, site: SurveySite) -> None:
    started(bench)
    opened(bench).start_button.click()
    assert len(site.surveyors) == 1


def test_it_is_cancelled_and_says_that_it_goes_on(bench: Workbench, site: SurveySite) -> None:
    panel = started(bench)
    site.surveyors[0].turn.release()
    wait_until(lambda: panel.view is not None)
    panel.cancel_button.click()
    wait_until(lambda: "stopped, and goes on when it is started again" in panel.state.value)
    assert panel.view.sky.observation.science_windows == NAMES[:1]
    assert bench.job.table.rows[0]["actions"][0] == "Run again"


def test_it_goes_on_after_a_reload(bench: Workbench, site: SurveySite) -> None:
    started(bench)
    kept = bench.save_session()
    again = Workbench(site)
    wait_for_threads("oda-workbench")
    again.open_session(kept)
    assert len(site.surveyors) == 2
    bench.job.cancel()
    site.surveyors[1].turn.release(3)
    wait_until(lambda: again.results.survey.view is not None)
    wait_until(lambda: "whole" not in again.results.survey.state.value)
    assert again.results.selected_index == 6


def test_its_query_comes_back_from_the_file_of_a_session(bench: Workbench) -> None:
    started(bench)
    session = read_session(bench.save_session())
    query = session.jobs[-1].query
    assert isinstance(session.jobs[-1], JobRecord)
    assert isinstance(query, SurveyQuery)
    assert query == bench.form.survey_query()
    assert query.energy == EnergyBand(28, 150)


@pytest.mark.parametrize(
    "change",
    [{"energy": [40, 20]}, {"energy": []}, {"windows": "x"}, {"nside": -1}, {"nside": "a"}],
)
def test_a_survey_in_a_hostile_session_is_refused(bench: Workbench, change: Any) -> None:
    started(bench)
    content = json.loads(bench.save_session())
    content["jobs"][-1]["survey"] |= change
    with pytest.raises(DamagedFile):
        read_session(json.dumps(content))


def test_its_files_and_notebook_are_exported(bench: Workbench, site: SurveySite) -> None:
    started(bench)
    site.surveyors[0].turn.release(3)
    wait_until(lambda: bench.job.table.rows[0]["actions"] == ["Open", "Show query"])
    notebook = bench.export_notebook().decode()
    assert "sky = site.survey(" in notebook
    assert "sky.figure()" in notebook
    assert len(bench.export_zip()) > 1000


def test_the_query_of_a_survey_is_shown_in_the_form(bench: Workbench) -> None:
    started(bench)
    bench.form.energies.choose((20, 40))
    bench.job.act("1", "Show query")
    assert bench.form.energies.value == EnergyBand(28, 150)


def test_a_source_of_the_sky_is_taken_into_the_form(bench: Workbench, site: SurveySite) -> None:
    panel = started(bench)
    site.surveyors[0].turn.release(3)
    wait_until(lambda: len(panel.table.rows) == 2)
    asked: list[str] = []
    panel._on_source = asked.append
    panel._resolve("Crab", "Resolve")
    assert asked == ["Crab"]
