"""The cost of a query is shown before it is submitted, without blocking."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oda_widgets.errors import ArchiveError, BadParameter
from oda_widgets.panels.workbench import Workbench
from tests.panels.fake_site import FakeSite
from tests.panels.turns import held_timers, wait_until


def test_the_plan_follows_the_question(bench: Workbench, site: FakeSite) -> None:
    wait_until(lambda: "1 window, 1 in the store, about 12 s" in bench.form.plan.text.value)
    before = len(site.planned)
    with held_timers():
        for energy in ((20, 40), (20, 60), (20, 80)):
            bench.form.energies.choose(energy)
    assert site.planned[-1].energy.high == 80
    assert len(site.planned) == before + 1


def test_the_reason_for_a_missing_plan_is_shown_in_its_place(
    bench: Workbench, site: FakeSite
) -> None:
    site.plan_failure = ArchiveError("The folder <b>went away</b>.", "Mount it.")
    bench.form.energies.choose((20, 40))
    wait_until(lambda: "went away" in bench.form.plan.text.value)
    assert "<b>" not in bench.form.plan.text.value
    bench.form.energies.low.value = "300"
    assert "lower edge must be below" in bench.form.plan.text.value


def test_a_query_that_its_plan_refuses_is_not_submitted(bench: Workbench, site: FakeSite) -> None:
    limit = "outside the time of the science windows"
    site.plan_failure = BadParameter("intervals", "100 1000", limit, "Leave the windows out.")
    bench.form.energies.choose((20, 40))
    wait_until(lambda: bench.form.submit_button.disabled)
    assert "outside the time of the science windows. Leave" in bench.form.plan.text.value
    site.plan_failure = None
    bench.form.energies.choose((20, 60))
    assert not bench.form.submit_button.disabled


def test_a_defect_in_the_plan_is_not_silent(
    bench: Workbench, site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.plan_failure = ZeroDivisionError()
    bench.form.energies.choose((20, 40))
    wait_until(lambda: "should not: ZeroDivisionError" in bench.form.plan.text.value)
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()


def test_the_form_says_that_the_counts_of_the_whole_sky_are_simulated_and_not_that_they_are_real(
    bench: Workbench, site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = site.plan
    monkeypatch.setattr(
        bench.form.plan, "_make_plan", lambda query: replace(made(query), simulated=True)
    )
    bench.form.energies.instrument.value = "spi_acs"
    wait_until(lambda: "SIMULATED" in bench.form.plan.text.value)
    assert "real" not in bench.form.windows._summary.value.replace("&lt;real&gt;", "")
