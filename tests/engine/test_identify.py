"""The identification of a peak."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.identify import Found, Known, Peak, identified, loss_by_chance
from oda_widgets.engine.locate import error_radius, locate
from oda_widgets.engine.mura_aperture import GHOSTS
from oda_widgets.engine.scene import Scene
from tests.engine.conftest import scene_of

ARCMINUTE = np.radians(1 / 60)
PLACE = np.array([0.03, -0.02])
GHOST = PLACE + GHOSTS[1]  # 53 elements to the left


def without_sources(fluxes: list[float], *places: np.ndarray) -> Scene:
    """Return the counts of sources, with nothing in the fit."""
    scene = scene_of([(float(y), float(z)) for y, z in places], fluxes)
    return scene.with_tangents(np.zeros((0, 2)))


def judged(scene: Scene, start: np.ndarray, *known: Known) -> list[Found]:
    """Return the identification of the peak at a direction."""
    tangents, significance = locate(scene, start)
    return identified(scene, Peak(start, tangents, significance, 1.0, 1.0), known)


def test_a_ghost_is_given_to_the_source_of_the_catalogue_that_casts_it() -> None:
    (found,) = judged(without_sources([8.0], PLACE), GHOST, Known("known", PLACE))
    assert found.name == "known"
    np.testing.assert_array_equal(found.tangents, PLACE)


def test_a_ghost_of_a_new_source_is_followed_back_to_it() -> None:
    (found,) = judged(without_sources([8.0], PLACE), GHOST)
    assert found.name is None
    assert np.hypot(*(found.tangents - PLACE)) < 0.1 * ARCMINUTE


def test_a_new_source_on_the_ghost_of_a_known_one_stays_new() -> None:
    """The known one does not shine, and the data tell."""
    (found,) = judged(without_sources([40.0], PLACE), PLACE, Known("dark", GHOST))
    assert found.name is None


def test_a_lobe_of_a_known_source_at_the_rim_is_given_to_it() -> None:
    """A few elements of the mask do not tell the lobe beside it from a source of its own."""
    rim = np.array([-0.2555, 0.2259])
    scene = without_sources([25.0], rim)
    lobe = rim + np.radians([0.72, 0.0])
    (found,) = judged(scene, lobe, Known("at the rim", rim), Known("dark", PLACE))
    assert found.name == "at the rim"
    assert np.isnan(found.peak).all()
    (found,) = judged(scene, lobe, Known("dark", PLACE))
    assert found.name is None


@pytest.mark.parametrize("offset", [1.0, 2.5])
def test_a_faint_source_is_placed_by_the_catalogue(offset: float) -> None:
    known = Known("known", PLACE + np.array([offset, 0.0]) * ARCMINUTE)
    (found,) = judged(without_sources([5.0], PLACE), PLACE, known)
    assert found.name == "known"
    np.testing.assert_array_equal(found.tangents, known.tangents)


def test_a_source_far_outside_its_error_is_another() -> None:
    known = Known("known", PLACE + np.array([5.0, 0.0]) * ARCMINUTE)
    (found,) = judged(without_sources([40.0], PLACE), PLACE, known)
    assert found.name is None


def test_a_poorly_known_position_gives_way_to_the_peak() -> None:
    known = Known("known", PLACE + np.array([4.0, 0.0]) * ARCMINUTE, 5 * ARCMINUTE)
    (found,) = judged(without_sources([30.0], PLACE), PLACE, known)
    assert found.name == "known"
    assert np.hypot(*(found.tangents - PLACE)) < 0.1 * ARCMINUTE


def test_two_sources_whose_peaks_merge_are_both_found() -> None:
    other = PLACE + np.array([7.0, 6.0]) * ARCMINUTE
    known = Known("one", PLACE), Known("other", other), Known("dark", PLACE + 0.1)
    found = judged(without_sources([15.0, 15.0], PLACE, other), (PLACE + other) / 2, *known)
    assert {source.name for source in found} == {"one", "other"}


def test_the_loss_by_chance_grows_with_the_error_of_the_position() -> None:
    """Two 90 % radii of a position are 18.4 in chi-squared, however bright the source."""
    assert loss_by_chance(6.0, error_radius(6.0)) == pytest.approx(18.4, rel=0.02)
    assert loss_by_chance(10.0, 2 * error_radius(10.0)) == pytest.approx(4 * 18.4, rel=0.05)
