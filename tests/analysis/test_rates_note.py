"""What is said about the rates of science windows, and about spectra unlike the Crab's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.exposure import RateOrigin, WindowAccount
from oda_widgets.analysis.rates_note import rates_error, rates_note
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.engine.efficiency import correction
from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand

WINDOW = "255900280010.001"


def accounts(*corrections: float) -> list[WindowAccount]:
    """Return the accounts of windows of equal live time whose rates are raised so much."""
    events = SampleArchive().events(WINDOW)
    one = WindowAccount.of(events, events.good_time)
    origins = [RateOrigin(correction=c, correction_error=0.3 * (c - 1)) for c in corrections]
    return [replace(one, rates=origin) for origin in origins]


def test_windows_that_differ_are_given_as_a_range_and_a_mean() -> None:
    note = rates_note(accounts(1.0, 1.1, 1.24, 1.96))
    assert "raised by 1.00 to 1.96, 1.32 on average, for" in note


def test_windows_that_agree_have_one_factor_and_the_spectrum_it_is_right_for() -> None:
    note = rates_note(accounts(1.5, 1.5))
    assert "raised by 1.50 for" in note
    assert "like the Crab's (photon index 2.1)" in note
    assert "from 1.5 to 5 it is known to 15%" in note


def test_nothing_is_said_of_windows_that_see_all() -> None:
    assert rates_note(accounts(1.0, 1.0)) == ""


@pytest.fixture(scope="module")
def calibrated() -> WindowEvents:
    return CalibratedArchive(SampleArchive()).events(WINDOW)


@pytest.mark.parametrize("index", [1.5, 3.0, 5.0])
@pytest.mark.parametrize("band", [(20.0, 40.0), (25.0, 60.0), (28.0, 80.0)])
def test_sources_of_any_slope_lie_inside_the_stated_error(
    calibrated: WindowEvents, band: tuple[float, float], index: float
) -> None:
    events = calibrated
    health = pixel_health(events)
    assert events.sensitivity is not None
    seen = events.sensitivity.in_band(*band, tilt=2.1 - index)[health.used].mean()
    raised = correction(events, *band, health)
    assert abs(seen * raised.factor - 1) <= raised.error
    account = RateOrigin.of(events, EnergyBand(*band), health)
    assert rates_error([replace(accounts(1.0)[0], rates=account)]) > raised.error
