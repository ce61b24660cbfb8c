"""A query sent to a dispatcher in parts becomes one product."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st

import oda_widgets as oda
from oda_widgets.backend.dispatcher.combine import combined
from oda_widgets.backend.dispatcher.split import parts_of
from oda_widgets.errors import BadParameter, DataError
from oda_widgets.products.by_source import BySource
from oda_widgets.products.observation import Observation
from oda_widgets.request.energy import EnergyBand
from tests.products.examples import make_light_curve

OBSERVATION = Observation("isgri", ("066500220010.001",), 3000.0, 3000.1, 100.0, 80.0, "a", "b")


@given(st.sets(st.integers(1, 2886 * 10), min_size=1, max_size=200))
def test_every_window_is_asked_once_with_the_software_of_its_epoch(numbers: set[int]) -> None:
    windows = tuple(f"{1 + n // 10:04d}{n % 10:04d}0010.001" for n in numbers if n < 28850)
    if not windows:
        return
    parts = parts_of(oda.ImageQuery(science_windows=windows))
    asked = [window for part in parts for window in part.query.science_windows]
    assert sorted(asked) == sorted(windows)
    for part in parts:
        assert len(part.query.science_windows) <= 50
        old = {int(window[:4]) < 1626 for window in part.query.science_windows}
        assert old == {part.osa_version == "OSA10.2"}


def test_parts_are_of_nearly_equal_size() -> None:
    windows = tuple(f"0665{n:04d}0010.001" for n in range(101))
    sizes = [
        len(p.query.science_windows) for p in parts_of(oda.ImageQuery(science_windows=windows))
    ]
    assert sizes == [33, 34, 34]


def test_a_version_that_was_chosen_is_taken_for_all() -> None:
    query = oda.ImageQuery(science_windows=("066500220010.001", "200000220010.001"))
    assert [part.osa_version for part in parts_of(query, "OSA11.2")] == ["OSA11.2"]
    assert [part.osa_version for part in parts_of(query)] == ["OSA10.2", "OSA11.2"]


def test_a_revolution_that_never_was_is_refused() -> None:
    with pytest.raises(BadParameter, match="revolution 9999"):
        parts_of(oda.ImageQuery(science_windows=("999900220010.001",)))


def image(centre: float, flux: float, variance: float, shape: tuple[int, int] = (40, 60)) -> Any:
    """Return an image with a gaussian source at right ascension 83, seen from a centre."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval = ["RA---TAN", "DEC--TAN"], [centre, 22.0]
    wcs.wcs.cdelt, wcs.wcs.crpix = [-0.1, 0.1], [shape[1] / 2, shape[0] / 2]
    wcs.wcs.set()
    rows, columns = np.indices(shape)
    x, y = wcs.wcs_world2pix(83.0, 22.0, 0)
    intensity = flux * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 2.0**2))
    singles = intensity.astype(np.float32), np.full(shape, variance, np.float32)
    significance = (intensity / np.sqrt(variance)).astype(np.float32)
    exposure = np.full(shape, 100, np.float32)
    catalog = oda.SourceCatalog.of(
        [
            oda.CatalogSource("Crab", 83.0, 22.0, significance=flux / variance**0.5),
            oda.CatalogSource("NEW_7", centre, 21.0, significance=5.5, new=True),
        ]
    )
    return oda.SkyImage(
        *singles, significance, exposure, wcs, EnergyBand(20, 40), catalog, OBSERVATION
    )


def test_images_become_their_weighted_mean_on_one_grid() -> None:
    whole: Any = combined([image(83.0, 10.0, 1.0), image(83.7, 13.0, 2.0)])
    x, y = whole.wcs.wcs_world2pix(83.0, 22.0, 0)
    peak = whole.intensity[round(float(y)), round(float(x))]
    assert peak == pytest.approx((10 + 13 / 2) / 1.5, rel=0.01)
    assert np.nanmin(whole.variance) == pytest.approx(1 / 1.5)
    assert whole.exposure.max() == pytest.approx(200)
    assert whole.shape[1] > 60
    assert whole.catalog["Crab"].significance == pytest.approx(np.hypot(10, 13 / 2**0.5))
    assert whole.catalog.names == ("Crab", "NEW_1", "NEW_2")
    assert whole.observation.live_time == 160


def test_a_new_source_of_an_earlier_image_keeps_its_number_when_images_are_combined() -> None:
    """It was asked for by its number: it is known, and no new source is called the same."""
    images = [image(83.0, 10.0, 1.0), image(83.7, 13.0, 2.0)]
    asked_for = oda.CatalogSource("NEW_1", 83.2, 22.5, significance=4.0)
    images = [
        replace(image, catalog=oda.SourceCatalog.of([*image.catalog, asked_for]))
        for image in images
    ]
    whole: Any = combined(images)
    assert whole.catalog.names == ("Crab", "NEW_1", "NEW_2", "NEW_3")
    assert not whole.catalog["NEW_1"].new


def test_images_on_opposite_sides_of_the_sky_are_not_added_up() -> None:
    with pytest.raises(DataError, match="so far apart"):
        combined([image(83.0, 10.0, 1.0), image(263.0, 10.0, 1.0)])


def spectrum(rate: float, error: float, channels: int = 3, live_time: float = 80) -> Any:
    edges = np.linspace(20, 100, channels + 1)
    response = oda.Response(
        edges[:-1], edges[1:], edges[:-1], edges[1:], np.eye(channels), np.full(channels, 10.0)
    )
    from oda_widgets.request.source import Source

    return oda.Spectrum(
        source=Source("Crab", 83.0, 22.0),
        rate=np.array([np.nan, *[rate] * (channels - 1)]),
        error=np.array([np.inf, *[error] * (channels - 1)]),
        quality=np.zeros(channels, np.int16),
        systematic_error=np.zeros(channels),
        response=response,
        observation=replace(OBSERVATION, live_time=live_time),
    )


def test_spectra_become_their_weighted_mean() -> None:
    parts = [BySource((spectrum(1.0, 1.0),)), BySource((spectrum(4.0, 2.0),))]
    whole: Any = combined(parts)
    mean = whole["Crab"]
    assert mean.rate[1:] == pytest.approx([1.6, 1.6])
    assert mean.error[1:] == pytest.approx([0.8**0.5] * 2)
    assert np.isnan(mean.rate[0])
    assert mean.quality.tolist() == [3, 0, 0]
    assert mean.observation.live_time == 160


def test_spectra_of_different_channels_are_not_added_up() -> None:
    parts = [BySource((spectrum(1.0, 1.0),)), BySource((spectrum(1.0, 1.0, 5),))]
    with pytest.raises(DataError, match=r"before and after revolution 1626.*fit both"):
        combined(parts)


def test_spectra_keep_what_their_parts_say_of_channels_and_errors() -> None:
    dubious = np.array([3, 2, 0], np.int16)
    shared = np.array([[0.0, 0.5, 0.5]])
    parts = [
        replace(spectrum(1.0, 1.0), quality=dubious, common_error=shared),
        replace(spectrum(3.0, 1.0), quality=dubious, systematic_error=np.full(3, 0.1)),
    ]
    whole: Any = combined([BySource((part,)) for part in parts])
    mean = whole["Crab"]
    assert mean.quality.tolist() == [3, 2, 0]
    np.testing.assert_allclose(mean.common_error, [[0.0, 0.25, 0.25]])
    assert mean.systematic_error[1] == pytest.approx(0.1 * 3 / 4)


def test_light_curves_of_parts_are_measured_as_one() -> None:
    """The bins of each part share errors within its windows."""
    parts = [
        replace(
            make_light_curve(3),
            time=8320.0 + day + np.arange(3) / 86400.0,
            observation=replace(OBSERVATION, science_windows=(window,)),
            common_error=np.full(3, 0.5),
            window=np.zeros(3, np.int64),
        )
        for day, window in enumerate(("066500220010.001", "200000220010.001"))
    ]
    whole: Any = combined([BySource((part,)) for part in parts])
    curve = whole[parts[0].name]
    assert curve.window.tolist() == [0, 0, 0, 1, 1, 1]
    assert np.isfinite(curve.mean()).all()
    assert len(curve.rebin(days=0.5)) == 2
