"""The sources of several windows as one list."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.analysis.merge_catalogs import merged
from oda_widgets.analysis.mosaic_sources import mosaic_sources, with_noise
from oda_widgets.engine.locate import error_radius
from oda_widgets.engine.mosaic import Footprint
from oda_widgets.engine.mosaic_noise import MosaicNoise
from oda_widgets.engine.mura_aperture import GHOSTS
from oda_widgets.request.catalog_source import CatalogSource
from tests.engine.test_mosaic import POINTINGS, SOURCE, added, resampled

Windows = list[list[CatalogSource]]


def source(
    name: str, flux: float, place: tuple[float, float] = SOURCE, error: float = 1.0
) -> CatalogSource:
    """Return a source as a window finds it."""
    return CatalogSource(
        name,
        *place,
        significance=flux / error,
        flux=flux,
        flux_error=error,
        error_radius=12.5 / 60 * error / flux,
        ra_fit=place[0],
        dec_fit=place[1],
        new=name == "NEW",
    )


def listed(images: list[Footprint], windows: Windows) -> list[CatalogSource]:
    """Return the sources of the mosaic of three images."""
    return mosaic_sources(added(images), merged(windows), POINTINGS, images)


def shining(flux: float) -> list[Footprint]:
    """Return three images of one source."""
    return [resampled(pointing, flux) for pointing in POINTINGS]


def test_a_source_too_faint_for_one_window_is_found_in_the_sum_and_named() -> None:
    (found,) = listed(shining(4.0), [[], [], []])
    assert found.name == "Crab"
    assert not found.new
    assert found.flux == pytest.approx(4.0, rel=0.02)
    assert found.significance == pytest.approx(4 * 3**0.5, rel=0.02)
    assert (found.ra_fit, found.dec_fit) == pytest.approx(SOURCE, abs=0.2 / 60)


def test_it_is_new_where_the_catalogue_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oda_widgets.analysis.mosaic_sources.separable_sources", lambda *_: ())
    (found,) = listed(shining(4.0), [[], [], []])
    assert found.name == "NEW_1"
    assert found.new


def test_a_source_is_measured_where_it_was_not_found_as_well() -> None:
    """The mean of those that found it would be too bright."""
    (found,) = listed(shining(4.0), [[source("Crab", 6.5)], [], []])
    assert found.flux == pytest.approx((6.5 + 4 + 4) / 3, rel=0.01)
    assert found.flux_error == pytest.approx(3**-0.5, rel=0.01)


def test_chance_in_one_window_is_denied_by_the_others() -> None:
    assert listed(shining(0.0), [[source("NEW", 5.5)], [], []]) == []


def test_a_flare_in_one_window_stays() -> None:
    (found,) = listed(shining(0.0), [[], [source("NEW", 8.0)], []])
    assert (found.name, found.flux, found.significance) == ("NEW_1", 8.0, 8.0)


def test_one_source_is_listed_once_though_windows_call_it_differently() -> None:
    beside = (SOURCE[0] + 0.02, SOURCE[1])
    windows = [[source("NEW", 10.0, beside)], [source("Crab", 10.0)], [source("NEW", 10.0)]]
    (found,) = listed(shining(10.0), windows)
    assert found.name == "Crab"
    assert found.significance == pytest.approx(10 * 3**0.5, rel=0.01)


def test_the_ghost_of_what_no_window_has_fitted_is_no_source() -> None:
    y, z = POINTINGS[0].tangents(*SOURCE)
    ra, dec = POINTINGS[0].sky(y + GHOSTS[4][0], z + GHOSTS[4][1])
    images = []
    for pointing in POINTINGS:
        ghost = resampled(pointing, 4.0, place=(float(ra), float(dec)))
        images.append(replace(ghost, flux=ghost.flux + resampled(pointing, 6.0).flux))
    assert [found.name for found in listed(images, [[], [], []])] == ["Crab"]


def test_the_noise_of_a_mosaic_is_in_the_errors_of_its_sources() -> None:
    grid = added(shining(4.0)).grid
    noise = MosaicNoise(np.full(grid.shape, 1.25, np.float32), grid)
    known, kept = with_noise([source("Crab", 40), source("NEW", 7), source("NEW", 6)], noise, 1.0)
    assert (known.flux, known.flux_error, known.significance) == (40, 1.25, 32)
    assert known.error_radius == pytest.approx(error_radius(32))
    assert (kept.flux, kept.significance) == (7, pytest.approx(5.6))
