"""Finding the sources of a field."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import WindowImage, image_window
from oda_widgets.engine.sky_grid import SkyGrid
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.request.energy import EnergyBand
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


def test_what_is_asked_for_is_measured_though_it_is_not_there(
    ghost_window: WindowEvents, band: EnergyBand
) -> None:
    asked = Known("absent", np.array([0.03, 0.08]), always=True)
    found = image_window(ghost_window, band, ghost_window.good_time, [asked], GRID, 6.0).sources
    assert found[0].name == "absent"
    np.testing.assert_array_equal(found[0].tangents, asked.tangents)
    assert abs(found[0].significance) < 4


def test_who_watches_may_stop_it(ghost_window: WindowEvents, band: EnergyBand) -> None:
    steps = []

    def stop(step: str) -> None:
        steps.append(step)
        if step == "sources":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        image_window(ghost_window, band, ghost_window.good_time, [], GRID, 6.0, stop)
    assert steps == ["background", "sources"]
