"""The source that the page begins with."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import oda_widgets as oda
from oda_widgets.backend.job import JobStatus
from oda_widgets.lookup.sphere import separations
from oda_widgets.panels.first_source import first_source
from oda_widgets.panels.workbench import Workbench
from oda_widgets.request.science_windows import ScienceWindowList
from tests.panels.conftest import wait_until
from tests.panels.fake_site import FakeSite
from tests.photons import fields


def test_it_is_that_of_the_bundled_bursts(sample_site: oda.Site) -> None:
    source, found = first_source(sample_site)
    assert source.name == "SGR 1935+2154"
    assert len(found) == 1


def test_elsewhere_it_is_a_bright_one_of_the_field(three_windows: Path) -> None:
    source, found = first_source(oda.connect(archive=three_windows))
    assert separations([source.ra], [source.dec], *fields.CENTRE)[0] < 15
    assert len(found) == 3


def test_many_windows_are_not_asked_for_unless_somebody_does(three_windows: Path) -> None:
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
            assert self.let_go.wait(20)
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
