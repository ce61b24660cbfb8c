"""Spectra and light curves: fits of all sources in every bin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oda_widgets.engine.extract import RateEstimator
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import image_window
from oda_widgets.engine.light_curves import WindowLightCurves
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.engine.spectra import WindowSpectra, window_spectra
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.timespan import TimeInterval
from tests.engine.conftest import scene_of, window_light_curves, window_of
from tests.photons.detector import worn_pixels
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


@pytest.fixture(scope="module")
def rough_window(burst_field: Field) -> WindowEvents:
    """Give 300 s of the same sources on pixels whose efficiencies scatter by 40 %."""
    rng = np.random.default_rng(5)
    pixels = worn_pixels(rng, scatter=0.4, dead=0.0, noisy=0.0)
    return window_of(replace(burst_field, pixels=pixels).trace(300.0, rng))


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
    """150 s after the start, 50 times as bright for 3 s: errors follow the counts of all pixels."""
    seconds = (curves.time - burst_window.window.start) * 86400
    burst = (seconds > 150) & (seconds < 152)
    calm = (seconds > 90) & (seconds < 140)
    rate, error = curves.rates.rate[0], curves.rates.error[0]
    assert rate[burst][0] > 30 * rate[calm].mean()
    in_band = (burst_window.energy >= 28) & (burst_window.energy < 80)
    edges = np.append(curves.start, curves.start[-1] + BIN / 86400)
    counts, _ = np.histogram(burst_window.time[in_band], edges)
    more = np.sqrt(counts[burst][0] / counts[calm].mean())
    assert more > 1.5
    assert error[burst][0] == pytest.approx(more * error[calm].mean(), rel=0.1)
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
    begins, means = ((t - start) * 86400 for t in (found.start, found.time))
    np.testing.assert_allclose(begins, [0, 10, 20, 30, 40, 60, 70, 80, 90], atol=1e-3)
    np.testing.assert_allclose(means, [5, 15, 25, 35, 45, 66.5, 75, 85, 95], atol=1e-3)


@pytest.mark.parametrize("seconds", [7.0, 64.0, 1e5])
def test_bins_end_with_the_data(
    burst_window: WindowEvents, band: EnergyBand, sources: list[Known], seconds: float
) -> None:
    start = burst_window.window.start
    good = [TimeInterval(start + a / 86400, start + b / 86400) for a, b in ((20, 90), (130, 250))]
    found = window_light_curves(burst_window, band, seconds, good, sources)
    stop = found.start + found.width / 86400
    assert found.start[0] == good[0].start
    assert stop[-1] == pytest.approx(good[1].stop, abs=1e-9)
    assert (stop[:-1] <= found.start[1:] + 1e-9).all()
    assert ((found.start < found.time) & (found.time < stop)).all()
    assert np.sum(found.width * found.exposed_fraction) == pytest.approx(190, abs=1e-3)


def test_counts_of_all_bins_are_those_of_the_band(
    curves: WindowLightCurves, burst_window: WindowEvents
) -> None:
    inside = (burst_window.energy >= 28) & (burst_window.energy < 80)
    assert curves.total_counts.sum() == np.count_nonzero(inside)


def test_a_whole_window_has_the_error_of_its_image(
    rough_window: WindowEvents, band: EnergyBand, sources: list[Known]
) -> None:
    good = rough_window.good_time
    image = image_window(rough_window, band, good, sources, SkyGrid(1), 6.0)
    errors = image.scene.flux_errors * [source.noise for source in image.sources]
    of_image = {source.name: error for source, error in zip(image.sources, errors, strict=True)}
    whole = window_light_curves(rough_window, band, 1e5, good, sources)
    for source, error in zip(sources, whole.rates.error[:, 0], strict=True):
        assert error == pytest.approx(of_image[source.name], rel=0.03)


def test_noise_that_bins_share_shows_with_exposure(
    rough_window: WindowEvents, band: EnergyBand, sources: list[Known]
) -> None:
    """Pixel efficiencies that scatter by 40 %: plain in 300 s, hidden in 2 s."""
    bins, whole = (
        window_light_curves(rough_window, band, seconds, rough_window.good_time, sources)
        for seconds in (BIN, 1e5)
    )
    counted = np.sqrt(np.sum(bins.rates.error[1] ** 2)) / len(bins.time)
    assert whole.rates.error[1, 0] > 1.15 * counted
    pulls = (bins.rates.rate[1] - bins.rates.rate[1].mean()) / bins.rates.error[1]
    assert pulls.std() == pytest.approx(1, abs=3.5 / np.sqrt(2 * pulls.size))


def test_channels_share_noise_in_proportion_to_their_counts(
    rough_window: WindowEvents, sources: list[Known]
) -> None:
    found = window_spectra(rough_window, EDGES, rough_window.good_time, sources)
    np.testing.assert_allclose(found.share.sum(axis=1), [1, 1, 0, 0, 0])
    common = np.diagonal(found.common, axis1=1, axis2=2) @ found.share**2
    assert (common[1] > 0).all()
    assert (found.error**2 > common).all()
    bands = found.common[1]
    assert bands[0, 1] > 0.5 * np.sqrt(bands[0, 0] * bands[1, 1])  # pixels keep their efficiency


def test_a_reference_shows_the_background_of_channels_with_few_counts(
    burst_window: WindowEvents, sources: list[Known]
) -> None:
    start, edges = burst_window.window.start, np.array([99.5, 110.0, 119.5, 135.0, 150.0])
    second = [TimeInterval(start + 10 / 86400, start + 11 / 86400)]
    found = window_spectra(burst_window, edges, second, sources)
    assert (found.error > 0).all()
    assert np.isfinite(found.error).all()
    usual = window_spectra(burst_window, edges, burst_window.good_time, sources)
    np.testing.assert_allclose(found.error / usual.error, np.sqrt(300), rtol=0.3)


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
    columns = ("time", "energy", "dety", "detz")
    return replace(events, **{name: getattr(events, name)[chosen] for name in columns})
