"""Spectra and light curves: fits of all sources in every bin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oda_widgets.engine.extract import RateEstimator
from oda_widgets.engine.identify import Known
from oda_widgets.engine.light_curves import WindowLightCurves, window_light_curves
from oda_widgets.engine.spectra import WindowSpectra, window_spectra
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import TimeInterval
from tests.engine.conftest import scene_of
from tests.photons.fields import Field

EDGES = np.arange(28.0, 82.0, 2.0)
BIN = 2.0


@pytest.fixture(scope="module")
def sources(burst_field: Field) -> list[Known]:
    """Give the true sources."""
    return [
        Known(s.name, np.array(burst_field.pointing.tangents(s.ra, s.dec)), always=True)
        for s in burst_field.sources
    ]


@pytest.fixture(scope="module")
def curves(burst_window: WindowEvents, band: EnergyBand, sources: list[Known]) -> WindowLightCurves:
    """Give light curves in bins of 2 s."""
    return window_light_curves(burst_window, band, BIN, burst_window.good_time, sources)


@pytest.fixture(scope="module")
def spectra(burst_window: WindowEvents, sources: list[Known]) -> WindowSpectra:
    """Give spectra in channels of 2 keV."""
    return window_spectra(burst_window, EDGES, burst_window.good_time, sources)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=5))
def test_counts_dealt_out_to_bins_add_up(parts: list[float]) -> None:
    share = np.array(parts) / np.sum(parts)
    scene = scene_of([(0.01, -0.02), (0.06, 0.03)], [60.0, 25.0], rng=np.random.default_rng(41))
    estimator = RateEstimator.of(scene)
    counts = scene.shadowgram.counts[scene.used].astype(int)
    dealt = np.random.default_rng(42).multinomial(counts, share)
    rates = estimator.rates(estimator.matrix @ dealt, 1000.0 * share, np.ones(len(share)))
    np.testing.assert_allclose(rates.rate @ share, scene.fluxes, rtol=1e-6)


def test_a_light_curve_adds_up_to_the_spectrum(
    curves: WindowLightCurves, spectra: WindowSpectra
) -> None:
    mean = curves.rates.rate.mean(axis=1)
    error = np.sqrt(np.sum(spectra.error**2, axis=1))
    np.testing.assert_allclose((mean - spectra.rate.sum(axis=1)) / error, 0, atol=0.1)


def test_rates_are_the_true_ones(
    curves: WindowLightCurves, spectra: WindowSpectra, burst_field: Field
) -> None:
    steady = burst_field.sources[1]
    truth = np.diff(steady.rate * steady.spectrum.below(EDGES))
    for pulls in (
        (spectra.rate[1] - truth) / spectra.error[1],
        (curves.rates.rate[1] - truth.sum()) / curves.rates.error[1],
    ):
        assert pulls.mean() == pytest.approx(0, abs=4 / np.sqrt(pulls.size))
        assert pulls.std() == pytest.approx(1, abs=3.5 / np.sqrt(2 * pulls.size))


def test_a_burst_is_where_it_was_with_the_error_of_a_burst(
    curves: WindowLightCurves, burst_window: WindowEvents
) -> None:
    """150 s after the start, 50 times as bright for 3 s."""
    seconds = (curves.time - burst_window.window.start) * 86400
    burst = (seconds > 150) & (seconds < 152)
    calm = (seconds > 90) & (seconds < 140)
    rate, error = curves.rates.rate[0], curves.rates.error[0]
    assert rate[burst][0] > 30 * rate[calm].mean()
    assert error[burst][0] > 2 * error[calm].mean()
    assert curves.rates.error[1][burst][0] > curves.rates.error[1][calm].mean()


def test_bins_know_their_good_time(
    burst_window: WindowEvents, band: EnergyBand, sources: list[Known]
) -> None:
    """Good time of 0 to 50 s and 63 to 100 s in bins of 10 s, of which one sees nothing."""
    start = burst_window.window.start
    good = [TimeInterval(start + a / 86400, start + b / 86400) for a, b in ((0, 50), (63, 100))]
    found = window_light_curves(burst_window, band, 10.0, good, sources)
    np.testing.assert_allclose(found.exposed_fraction, [1, 1, 1, 1, 1, 0.7, 1, 1, 1], atol=1e-4)
    np.testing.assert_allclose(found.width, 10.0, rtol=1e-6)
    centres = (found.time - start) * 86400
    np.testing.assert_allclose(centres, [5, 15, 25, 35, 45, 65, 75, 85, 95], atol=1e-3)


def test_counts_of_all_bins_are_those_of_the_band(
    curves: WindowLightCurves, burst_window: WindowEvents
) -> None:
    inside = (burst_window.energy >= 28) & (burst_window.energy < 80)
    assert curves.total_counts.sum() == np.count_nonzero(inside)


def test_channels_without_photons_have_no_rate(
    burst_window: WindowEvents, sources: list[Known]
) -> None:
    low_only = burst_window.energy < 300
    cut = window_spectra(
        _selected(burst_window, low_only),
        np.array([50.0, 60.0, 400.0, 500.0]),
        burst_window.good_time,
        sources,
    )
    np.testing.assert_array_equal(np.isnan(cut.rate[0]), [False, False, True])
    np.testing.assert_array_equal(np.isinf(cut.error[0]), [False, False, True])


def _selected(events: WindowEvents, chosen: np.ndarray) -> WindowEvents:
    from dataclasses import replace

    columns = ("time", "energy", "dety", "detz")
    return replace(events, **{name: getattr(events, name)[chosen] for name in columns})
