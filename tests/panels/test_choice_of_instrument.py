"""The page offers what the chosen instrument has."""

from __future__ import annotations

from typing import Any

import pytest

from oda_widgets.panels.known_windows import OF_A_LINK
from oda_widgets.panels.opening import windows_named
from oda_widgets.panels.stage import Stage
from oda_widgets.panels.windows import WindowsPanel
from oda_widgets.panels.workbench import Workbench
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import described
from oda_widgets.request.queries import LightCurveQuery
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval
from tests.panels.fake_site import FakeSite
from tests.panels.turns import wait_until
from tests.views import handmade


def offered(bench: Workbench) -> list[str]:
    return [name for _, name in bench.form.product.kind.options]


def test_another_instrument_brings_its_band_its_radius_and_its_windows(
    bench: Workbench, site: FakeSite
) -> None:
    bench.form.energies.instrument.value = "jemx1"
    assert bench.form.energies.value == EnergyBand(3, 20)
    assert bench.form.windows.radius.read() == 4
    wait_until(lambda: site.searches[-1].get("instrument") == "jemx1")
    wait_until(lambda: not bench.form.submit_button.disabled)
    query = bench.form.image_query()
    assert (query.instrument, query.energy) == ("jemx1", EnergyBand(3, 20))
    bench.form.energies.low.value = "40"
    assert "outside 3 to 35 keV" in bench.form.energies.message.value
    bench.form.energies.instrument.value = "isgri"
    assert bench.form.energies.value == EnergyBand(28, 80)


def test_spi_acs_offers_light_curves_alone_and_no_catalogue(bench: Workbench) -> None:
    assert offered(bench) == ["image", "spectra", "light_curves"]
    bench.form.energies.instrument.value = "spi_acs"
    assert offered(bench) == ["light_curves"]
    assert bench.form.catalogue.layout.display == "none"
    wait_until(lambda: not bench.form.submit_button.disabled)
    assert not len(bench.form.light_curve_query().catalog)
    assert bench.form.light_curve_query().science_windows == (handmade.WINDOW,)
    bench.form.energies.instrument.value = "jemx2"
    assert offered(bench) == ["image", "spectra", "light_curves"]


def test_a_product_that_the_instrument_does_not_make_is_refused_in_words(bench: Workbench) -> None:
    """A script may ask for it; the page does not offer it."""
    bench.form.energies.instrument.value = "spi_acs"
    bench._call(bench.image_selection)
    assert "SPI-ACS makes light curves only" in bench.job.message.value
    assert bench.form.product.value == "light_curves"


def test_a_typed_span_is_the_span_of_an_instrument_that_needs_no_windows(
    bench: Workbench, site: FakeSite
) -> None:
    bench.form.energies.instrument.value = "spi_acs"
    windows = bench.form.windows
    windows.start.value, windows.stop.value = "2023-03-07T15:44", "2023-03-07T15:46"
    assert not bench.form.submit_button.disabled
    job = bench.submit()
    assert job.query.science_windows == ()
    (span,) = job.query.intervals
    assert span.seconds == pytest.approx(120, abs=1e-4)
    assert job.query.time_bin == 0.2  # not the one that suited the windows
    assert "120 s in 1 interval: no science windows are needed" in windows._summary.value
    assert windows.list.layout.display == "none"
    assert "intervals=" in bench.form.code.text
    assert bench.job.target(job) == "SPI-ACS"
    assert "Light curve 2 · SPI-ACS" in bench.job.history.children[0].description
    asked = len(site.searches)
    bench.form.energies.instrument.value = "isgri"
    wait_until(lambda: len(site.searches) > asked)
    assert windows.intervals == ()


def test_the_span_of_a_link_without_windows_keeps_every_digit(bench: Workbench) -> None:
    span = TimeInterval(8466.123456789123, 8466.223456789123)
    query = LightCurveQuery(science_windows=(), intervals=(span,), instrument="spi_acs")
    bench.form.show(query, None, ScienceWindowList((), 0, OF_A_LINK), OF_A_LINK)
    assert bench.query().intervals == (span,)
    assert bench.form.windows.start.value.startswith("2023-03-07")
    bench.form.windows.start.value = "2023-03-07"
    assert bench.query().intervals != (span,)


CRAB = Source("Crab", 83.63, 22.01)


class Mission(FakeSite):
    """Has windows that point farther and farther from the Crab; JEM-X1 was off in the first."""

    def science_windows(self, source: Any = None, **search: Any) -> ScienceWindowList:
        self.searches.append({"source": source, **search})
        available = 2406 if search["instrument"] == "isgri" else 1203
        return ScienceWindowList(tuple(self._windows()), available, "a mission")

    def _windows(self) -> ScienceWindowList:
        windows = (
            ScienceWindow(
                f"10{n:02d}00000010.001", 3000.0 + n, 3000.1 + n, 83.63, 22.01 + 2 * n, 0.0, 0.0,
                3000.0, simulated=True, others=(("jemx1", 2000.0 if n else 0.0),),
            )
            for n in range(8)
        )  # fmt: skip
        return ScienceWindowList(tuple(windows), 328, "a mission")


def panel_at_the_crab() -> WindowsPanel:
    panel = WindowsPanel(Mission(), lambda: None, Stage())
    panel.source = CRAB
    panel.search()
    return panel


def test_the_windows_in_use_stay_with_another_instrument() -> None:
    panel = panel_at_the_crab()
    first = panel.chosen
    panel.use_instrument(described("jemx1"))
    panel.keep()
    wait_until(lambda: panel.found)
    assert panel.chosen == first[1:4]
    assert panel.found.available == 1203  # as many as a search finds, not those that stay
    assert "3 of 1,203" in panel._summary.value
    assert panel.found[0].good_time == 2000
    assert "3 of the 8 windows in use are kept: 1 without data of JEM-X1, 4 too far" in (
        panel.message.value
    )
    panel.use_instrument(described("isgri"))
    panel.keep()
    wait_until(lambda: panel.found)
    assert panel.chosen == first
    assert "8 of 2,406" in panel._summary.value
    assert panel.message.value == ""


def test_windows_of_a_link_are_looked_up_and_never_called_real_before() -> None:
    panel = panel_at_the_crab()
    named = windows_named(["100300000010.001", "100400000010.001", "255900280010.001"])
    panel.show(ScienceWindowList(named, 3, OF_A_LINK))
    assert "known by name only · 3 windows, from the link" in panel._summary.value
    assert "real" not in panel._summary.value
    panel.list.value = panel.list.value[:2]
    wait_until(lambda: "SIMULATED" in panel._summary.value)
    assert "3 windows, from the link, 2 chosen" in panel._summary.value
    assert "bundled sample" in panel._summary.value
    assert panel.chosen == ("100300000010.001", "100400000010.001")
    assert panel.list.options[0][0] == "100300000010.001 · 2008-03-21 23:58 · 3,000 s"
    assert panel.list.options[2][0].endswith("revolution 2559")


def test_no_windows_are_listed_for_a_source_that_is_not_resolved(
    bench: Workbench, site: FakeSite
) -> None:
    asked = len(site.searches)
    bench.form.source.name.value = "Nibiru"
    bench.form.windows.limit.value = "3"
    assert bench.form.windows.list.options == ()
    assert "Check the spelling" in bench.form.source.message.value
    assert "not resolved yet" in bench.form.plan.text.value
    bench.form.source.name.value = "Cyg X-1"  # the field tells it when it is left
    assert bench.form.source.value.name == "Cyg X-1"
    assert len(site.searches) == asked + 1
    assert not bench.form.submit_button.disabled
