"""Fits that begin where others end, or that take over what others computed, end the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from oda_widgets.engine import scene as scene_module
from oda_widgets.engine.deconvolve import sky_maps
from oda_widgets.engine.fit import Begins, fit
from oda_widgets.engine.identify import Known
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.spectra import window_spectra
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.channels import channel_edges
from oda_widgets.request.energy import EnergyBand
from tests.engine.conftest import scene_of, window_light_curves, window_of
from tests.photons.fields import Field

ONE, TWO, THREE = (0.01, -0.02), (0.06, 0.03), (-0.11, 0.07)
MOST = 0.02
"""Errors by which a number may change when only the way to it does."""


@pytest.fixture(scope="module")
def sources(burst_field: Field) -> list[Known]:
    """Give the true sources and two places without one."""
    true = [
        Known(s.name, np.array(burst_field.pointing.tangents(s.ra, s.dec)), always=True)
        for s in burst_field.sources
    ]
    return [*true, *(Known(str(at), np.array(at), always=True) for at in (TWO, THREE))]


@pytest.fixture(scope="module")
def long_window(burst_field: Field) -> WindowEvents:
    """Give 900 s of them, enough for all groups of energies."""
    return window_of(burst_field.trace(900.0, np.random.default_rng(7)))


@pytest.fixture
def each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin every fit with a flat image, in double precision, with columns of its own."""

    def exactly(counts: np.ndarray, columns: np.ndarray, *others: object) -> object:
        given = (None if n == 3 else value for n, value in enumerate(others[:5]))
        return fit(counts, columns.astype(float), *given)

    monkeypatch.setattr(Scene, "begun_like", lambda self, *_: self)
    monkeypatch.setattr(scene_module, "fit", exactly)


@pytest.fixture(scope="module")
def quick(long_window: WindowEvents, sources: list[Known]) -> tuple[np.ndarray, ...]:
    """Give rates and errors of spectra and light curves as they are made."""
    return _products(long_window, sources)


def _products(window: WindowEvents, sources: list[Known]) -> tuple[np.ndarray, ...]:
    spectra = window_spectra(window, channel_edges(), window.good_time, sources)
    band = EnergyBand(20, 40)
    curves = window_light_curves(window, band, 100.0, window.good_time, sources)
    return spectra.rate, spectra.error, curves.rates.rate, curves.rates.error


@pytest.mark.usefixtures("each_by_itself")
def test_products_are_those_of_fits_each_by_itself(
    quick: tuple[np.ndarray, ...], long_window: WindowEvents, sources: list[Known]
) -> None:
    slow = _products(long_window, sources)
    for (rate, error), (usual, usual_error) in zip(
        (quick[:2], quick[2:]), (slow[:2], slow[2:]), strict=True
    ):
        seen = np.isfinite(usual_error)
        assert seen.any()
        assert np.array_equal(seen, np.isfinite(error))
        assert np.max(np.abs(rate - usual)[seen] / usual_error[seen]) < MOST
        np.testing.assert_allclose(error[seen], usual_error[seen], rtol=1e-3)


@pytest.mark.parametrize("begins", ["near", "far", "end"])
@pytest.mark.parametrize("flux", [25.0, 3000.0])
def test_a_fit_in_single_precision_is_that_in_double(flux: float, begins: Begins) -> None:
    scene = scene_of([ONE, TWO, THREE], [60.0, flux, 1.0], rng=np.random.default_rng(1))
    quick, exact = (
        fit(scene.counted, columns, scene.n_background, begins=begins)
        for columns in (scene.columns, scene.columns.astype(float))
    )
    assert quick.covariance.dtype == quick.model.dtype == np.float64
    pulls = (quick.coefficients - exact.coefficients) / exact.errors
    assert np.abs(pulls).max() < MOST / 4
    np.testing.assert_allclose(quick.errors, exact.errors, rtol=1e-4)


def test_maps_are_those_of_a_fit_in_double_precision() -> None:
    scene = scene_of([ONE, TWO, THREE], [60.0, 3000.0, 1.0], rng=np.random.default_rng(8))
    exact = replace(scene)
    vars(exact)["columns"] = scene.columns.astype(float)
    detections = (scene.fluxes / scene.flux_errors).tolist()
    quick, slow = (sky_maps(one, scene.aperture.map_grid, detections) for one in (scene, exact))
    seen = np.isfinite(slow.variance)
    assert np.array_equal(seen, np.isfinite(quick.variance))
    pulls = (quick.flux - slow.flux)[seen] / np.sqrt(slow.variance[seen])
    assert np.abs(pulls).max() < MOST
    np.testing.assert_allclose(quick.variance[seen], slow.variance[seen], rtol=2e-3)


def test_fits_from_far_and_from_near_end_the_same() -> None:
    scene = scene_of([ONE, TWO], [60.0, 25.0], rng=np.random.default_rng(1))
    near, far = (
        fit(scene.counted, scene.columns, scene.n_background, begins=b) for b in ("near", "far")
    )
    pulls = (far.coefficients - near.coefficients) / near.errors
    assert np.abs(pulls).max() < MOST
    np.testing.assert_allclose(far.errors, near.errors, rtol=1e-4)


def test_sources_in_one_place_are_fitted_alike_in_single_precision() -> None:
    scene = scene_of([ONE, ONE], [60.0, 60.0], rng=np.random.default_rng(2))
    far = fit(scene.counted, scene.columns, scene.n_background, begins="far")
    first, second = far.coefficients[-2:]
    assert first == pytest.approx(second)


def test_columns_taken_over_are_those_computed() -> None:
    scene = scene_of([ONE, TWO], [60.0, 25.0], rng=np.random.default_rng(3))
    assert scene.fit
    for places in ([TWO], [TWO, THREE, ONE], [], [THREE]):
        at = np.array(places, float).reshape(-1, 2)
        for other in (scene.with_tangents(at), scene.with_some(at)):
            anew = Scene(scene.shadowgram, scene.background, at)
            np.testing.assert_array_equal(other.columns, anew.columns)
        rougher = other.with_scatter_around(1.2 * other.fit.model)
        np.testing.assert_array_equal(rougher.columns, other.columns)


def test_a_band_has_its_own_efficiencies_in_the_columns_of_another() -> None:
    scene = scene_of([ONE, TWO], [60.0, 25.0], rng=np.random.default_rng(4))
    slope = np.linspace(0.5, 1.0, scene.used.shape[1])
    seen = scene.background.with_efficiency(scene.background.efficiency * slope)
    band = replace(scene, background=seen)
    begun = band.begun_like(scene)
    np.testing.assert_allclose(begun.columns, replace(band).columns, rtol=1e-6, atol=1e-6)
    assert begun.start is not None
    assert begun.start.sum() == pytest.approx(band.counted.sum(), rel=0.05)


def test_a_band_whose_other_pixels_see_begins_by_itself() -> None:
    scene = scene_of([ONE], [60.0], rng=np.random.default_rng(5))
    dark = scene.background.efficiency.copy()
    dark[:40] = 0.0
    band = replace(scene, background=scene.background.with_efficiency(dark))
    assert band.begun_like(scene).start is None


def test_maps_of_parts_of_a_grid_are_parts_of_the_map() -> None:
    scene = scene_of([ONE], [60.0], rng=np.random.default_rng(6))
    aperture, grid = scene.aperture, scene.aperture.map_grid
    image = scene.on_detector(scene.fit.weights)
    whole = aperture.correlate(grid, image)
    for first, last in pairwise(range(0, grid.size + 1, grid.size // 4)):
        part = slice(first, last), slice(None)
        np.testing.assert_allclose(
            aperture.correlate(grid, image, part), whole[part], rtol=1e-5, atol=1e-5
        )
