"""A panel behaves the same whoever answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from oda_widgets.backend.job import FINAL, JobStatus
from oda_widgets.panels.workbench import Workbench
from tests.contract.conftest import Party
from tests.panels.conftest import wait_until


@pytest.mark.parametrize("name", ["embedded", "own_server"])
def test_the_page_asks_its_first_question_and_shows_the_answer(
    parties: Callable[[str], Party], name: str
) -> None:
    bench = Workbench(parties(name).site, source="Crab", energy=(28, 80), time_bin=20)
    wait_until(lambda: bench.job.jobs)
    job = bench.job.jobs[0]
    assert job.wait(300)
    wait_until(lambda: job.status in FINAL)
    assert job.status == JobStatus.DONE, job.error
    wait_until(lambda: bench.results.curve_view is not None)
    wait_until(lambda: "site.light_curves" in bench.form.code.text or bench.form.code.text)
    assert bench.form.source.value is not None
    assert bench.form.source.value.name == "Crab"
