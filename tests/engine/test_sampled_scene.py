"""The scene of JEM-X: significances are normal, fluxes right, sources where they are."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.archive.simulated.jemx.window import jemx_events
from oda_widgets.archive.simulated.plan import windows_by_stem
from oda_widgets.engine.identify import Known
from oda_widgets.engine.imaging import WindowImage, image_again
from oda_widgets.engine.jemx_aperture import jemx_aperture
from oda_widgets.engine.sampled_scene import sampled_scene
from oda_widgets.engine.shadowgram import shadowgram
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.request.energy import EnergyBand

BAND = EnergyBand(3, 20)
CRAB = (83.6332, 22.0145)
APERTURE = jemx_aperture(BAND)
GRID = APERTURE.search_grid


@pytest.fixture(scope="module")
def image() -> WindowImage:
    """Return the image of a window that has the Crab 2.4 degrees off axis."""
    return image_of("083500090010")


def image_of(stem: str) -> WindowImage:
    window = windows_by_stem()[stem]
    events = jemx_events(window, 0, 1)
    scene = sampled_scene(events, shadowgram(events, BAND, events.good_time), APERTURE)
    pointing = Pointing(window.ra, window.dec, window.ra_z, window.dec_z)
    known = [Known("Crab", np.array(pointing.tangents(*CRAB)))]
    return image_again(scene, known, GRID, 6.0)


def test_sources_are_found_where_they_are(image: WindowImage) -> None:
    crab, other = image.sources
    assert (crab.name, other.name) == ("Crab", None)
    assert crab.significance > 300
    home = crab.home
    assert home is not None
    assert np.degrees(np.hypot(*(crab.tangents - home))) * 60 < 0.1


def test_flux_is_that_on_axis(image: WindowImage) -> None:
    assert image.scene.fluxes[0] == pytest.approx(123, rel=0.02)
    assert image.scene.flux_errors[0] < 0.5


def test_significances_beside_sources_are_normal(image: WindowImage) -> None:
    assert_normal_beside_sources(image)


def test_they_are_beside_the_crab_on_twenty_dead_strips() -> None:
    assert_normal_beside_sources(image_of("171500080010"))


def assert_normal_beside_sources(image: WindowImage) -> None:
    assert image.maps.noise.max() < 1.03
    significance = image.maps.significance
    for source in image.sources:
        significance[GRID.around(source.tangents, 3 * APERTURE.peak_width)] = np.nan
    seen = significance[np.isfinite(significance) & (image.maps.coding > 0.05)]
    assert np.std(seen) == pytest.approx(1.0, abs=0.03)
    assert abs(np.mean(seen)) < 0.02
    assert np.abs(seen).max() < 5.5
