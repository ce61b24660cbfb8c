"""Sky maps of a scene."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.deconvolve import coding_map, sky_maps
from oda_widgets.engine.illumination import illumination
from oda_widgets.engine.locate import significance_at
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.mask import open_fraction
from tests.engine.conftest import MakeScene

GRID = SkyGrid(2)
ON_GRID = (380, 410)
PLACE = (float(GRID.tangent_y[ON_GRID[1]]), float(GRID.tangent_z[ON_GRID[0]]))


def test_map_without_sources_is_standard_normal(make_scene: MakeScene) -> None:
    scene = make_scene([], [], rng=np.random.default_rng(31))
    maps = sky_maps(scene, GRID, [])
    values = maps.significance[np.isfinite(maps.flux)]
    assert values.mean() == pytest.approx(0, abs=0.05)
    assert values.std() == pytest.approx(1, abs=0.03)
    assert maps.noise.max() < 1.08


def test_peak_shows_the_flux_and_the_significance_of_its_source(make_scene: MakeScene) -> None:
    scene = make_scene([PLACE], [50.0], rng=np.random.default_rng(32))
    alone = scene.with_tangents(np.zeros((0, 2)))
    detection = float(significance_at(alone, scene.tangents)[0])
    maps = sky_maps(scene, GRID, [detection])
    assert maps.flux[ON_GRID] == pytest.approx(scene.fluxes[0], rel=1e-3)
    assert maps.significance[ON_GRID] == pytest.approx(detection, rel=0.01)
    assert np.nanargmax(maps.significance) == np.ravel_multi_index(ON_GRID, maps.flux.shape)


def test_nothing_is_left_of_a_source_elsewhere(make_scene: MakeScene) -> None:
    """A noise-free source of 500 counts/s, fitted: its side lobes and ghosts are gone."""
    maps = sky_maps(make_scene([PLACE], [500.0]), GRID, [400.0])
    maps.flux[ON_GRID[0] - 10 : ON_GRID[0] + 11, ON_GRID[1] - 10 : ON_GRID[1] + 11] = 0
    assert np.nanmax(np.abs(maps.significance)) < 0.05


def test_a_source_that_is_not_shown_leaves_neither_a_peak_nor_a_hole(
    make_scene: MakeScene,
) -> None:
    maps = sky_maps(make_scene([PLACE], [50.0]), GRID, [None])
    assert np.nanmax(np.abs(maps.significance)) < 0.05
    beside = ON_GRID[0] + 20, ON_GRID[1] + 20
    assert maps.variance[ON_GRID] == pytest.approx(maps.variance[beside], rel=0.3)


def test_the_error_beside_a_source_that_others_explain_is_that_of_any_place(
    make_scene: MakeScene,
) -> None:
    """Next to the brighter ones alone it seemed to be there, with 3 sigma."""
    maps = sky_maps(make_scene([PLACE], [0.01]), GRID, [3.0])
    beside = ON_GRID[0] + 20, ON_GRID[1] + 20
    assert maps.variance[ON_GRID] == pytest.approx(maps.variance[beside], rel=0.3)


def test_directions_that_no_pixel_sees_have_no_value(make_scene: MakeScene) -> None:
    maps = sky_maps(make_scene([], []), GRID, [])
    unseen = np.isnan(maps.flux)
    assert unseen[0].all()
    assert not unseen[370, 370]
    np.testing.assert_array_equal(unseen, np.isnan(maps.variance))


def test_coding_is_the_part_of_the_detector_that_sees_the_sky(make_scene: MakeScene) -> None:
    coding = coding_map(make_scene([], []), GRID)
    assert coding.max() == pytest.approx(1)
    y, z = GRID.tangent_y[600], GRID.tangent_z[200]
    lit = illumination(np.array([y]), np.array([z])).sum()
    half_open = open_fraction() * isgri.WORKING_PIXELS
    assert coding[200, 600] == pytest.approx(lit / half_open, abs=0.03)
