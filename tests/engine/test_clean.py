"""Finding the sources of a field."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.clean import clean
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import WindowImage, image_window
from oda_widgets.engine.mura_aperture import GHOSTS
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand
from tests.engine.conftest import scene_of
from tests.photons.fields import Field

GRID = SkyGrid(2)
ARCMINUTE = np.radians(1 / 60)


@pytest.fixture(scope="module")
def places(ghost_field: Field) -> np.ndarray:
    """Give the true directions of the bright source and of that on its ghost."""
    return np.array([ghost_field.pointing.tangents(s.ra, s.dec) for s in ghost_field.sources])


@pytest.fixture(scope="module")
def image(ghost_window: WindowEvents, band: EnergyBand, places: np.ndarray) -> WindowImage:
    """Give the image with two catalogue entries: one 0.2' off the bright source, one nowhere."""
    known = [
        Known("bright", places[0] + 0.2 * ARCMINUTE, 0.3 * ARCMINUTE),
        Known("absent", np.array([0.03, 0.08])),
    ]
    return image_window(ghost_window, band, ghost_window.good_time, known, GRID, 6.0)


def test_a_source_and_another_on_its_ghost_are_found(
    image: WindowImage, places: np.ndarray
) -> None:
    assert len(image.sources) == 2
    for source, place in zip(image.sources, places, strict=True):
        assert np.hypot(*(source.tangents - place)) < 20 * ARCMINUTE / source.significance + 1e-5


def test_fluxes_are_the_true_ones(image: WindowImage, ghost_field: Field) -> None:
    truth = [source.rate_between(28, 80) for source in ghost_field.sources]
    pulls = (image.scene.fluxes - truth) / image.scene.flux_errors
    assert np.abs(pulls).max() < 4


def test_the_catalogue_names_what_it_knows(image: WindowImage) -> None:
    assert [source.name for source in image.sources] == ["bright", None]


def test_a_bright_source_is_placed_by_its_peak(image: WindowImage, places: np.ndarray) -> None:
    """The catalogue is 0.2' off; at 200 sigma the data know better."""
    assert np.hypot(*(image.sources[0].tangents - places[0])) < 0.12 * ARCMINUTE


def test_requested_sources_are_measured_even_if_they_are_absent(
    ghost_window: WindowEvents, band: EnergyBand
) -> None:
    asked = Known("absent", np.array([0.03, 0.08]), always=True)
    found = image_window(ghost_window, band, ghost_window.good_time, [asked], GRID, 6.0).sources
    assert found[0].name == "absent"
    np.testing.assert_array_equal(found[0].tangents, asked.tangents)
    assert abs(found[0].significance) < 4


def test_a_requested_source_stays_at_its_place_when_a_ghost_of_another_is_beside_it() -> None:
    """A bright source near a ghost of it looks like a bright peak beside it, until it is found."""
    place = np.array([0.03, -0.02])
    bright = place + GHOSTS[4] + np.array([4.0, 3.0]) * ARCMINUTE
    scene = scene_of([tuple(place), tuple(bright)], [3.0, 60.0], rng=np.random.default_rng(1))
    asked = Known("asked", place, always=True)
    fitted, found = clean(scene.with_tangents(np.zeros((0, 2))), [asked], 6.0)
    assert [source.name for source in found] == ["asked", None]
    np.testing.assert_array_equal(found[0].tangents, place)
    pulls = (fitted.fluxes - [3.0, 60.0]) / fitted.flux_errors
    assert np.abs(pulls).max() < 4


@pytest.mark.parametrize("known", [True, False])
def test_a_bright_source_beside_a_requested_position_is_found(known: bool) -> None:  # noqa: FBT001
    """Some arcminutes away it is another source, whether a catalogue knows it or not."""
    place = np.array([0.03, -0.02])
    asked = Known("asked", place + np.array([4.5, 0.0]) * ARCMINUTE, always=True)
    catalog = [asked, Known("bright", place)] if known else [asked]
    scene = scene_of([tuple(place)], [60.0], rng=np.random.default_rng(2))
    fitted, found = clean(scene.with_tangents(np.zeros((0, 2))), catalog, 6.0)
    assert [source.name for source in found] == ["asked", "bright" if known else None]
    pulls = (fitted.fluxes - [0.0, 60.0]) / fitted.flux_errors
    assert np.abs(pulls).max() < 4


def test_a_known_source_too_faint_to_be_found_keeps_its_light() -> None:
    """Ten arcminutes away, a third of its light would count as that of a source that is found."""
    place = np.array([0.03, -0.02])
    beside, apart = place + np.array([8.0, 6.0]) * ARCMINUTE, place + 60 * ARCMINUTE
    scene = scene_of([tuple(place), tuple(beside)], [6.0, 1.5])
    known = [Known("found", place), Known("faint", beside), Known("apart", apart)]
    fitted, found = clean(scene.with_tangents(np.zeros((0, 2))), known, 6.0)
    assert [source.name for source in found] == ["found", "faint"]
    np.testing.assert_array_equal(found[1].tangents, beside)
    assert found[1].significance < 5
    np.testing.assert_allclose(fitted.fluxes, [6.0, 1.5], rtol=1e-3)


def test_a_source_that_no_pixel_sees_is_not_fitted() -> None:
    outside = Known("outside", np.array([-0.26, -0.182]), always=True)
    scene = scene_of([(0.03, -0.02)], [20.0])
    fitted, found = clean(scene.with_tangents(np.zeros((0, 2))), [outside], 6.0)
    assert [source.name for source in found] == [None]
    assert np.isfinite(fitted.flux_errors).all()


def test_peaks_are_where_the_photons_are_or_absent(
    ghost_window: WindowEvents, band: EnergyBand, places: np.ndarray
) -> None:
    """One arcminute off, on nothing, and two whose peaks merge."""
    asked = [
        Known("off", places[1] + ARCMINUTE * np.array([1.0, 0.0]), always=True),
        Known("absent", np.array([0.03, 0.08]), always=True),
        Known("one", places[0], always=True),
        Known("other", places[0] + 8 * ARCMINUTE, always=True),
    ]
    image = image_window(ghost_window, band, ghost_window.good_time, asked, GRID, 6.0)
    off, absent, _, other = image.sources
    assert np.hypot(*(off.peak - places[1])) < 25 * ARCMINUTE / off.significance
    assert np.isnan(absent.peak).all()
    assert np.isnan(other.peak).all()


def test_the_observer_of_a_search_may_stop_it(ghost_window: WindowEvents, band: EnergyBand) -> None:
    steps = []

    def stop(step: str) -> None:
        steps.append(step)
        if step == "sources":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        image_window(ghost_window, band, ghost_window.good_time, [], GRID, 6.0, stop)
    assert steps == ["background", "sources"]
