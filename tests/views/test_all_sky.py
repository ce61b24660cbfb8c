"""The picture of the whole sky: Mollweide's projection, sources at their places, and the label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

import oda_widgets as oda
from oda_widgets.errors import BadParameter
from oda_widgets.lookup.healpix import healpix_grid
from oda_widgets.products.all_sky import AllSky
from oda_widgets.request.energy import EnergyBand
from oda_widgets.views.mollweide import mollweide
from tests.products.examples import make_image

CENTRE = oda.CatalogSource("Sgr A*", 266.4168, -29.0078, significance=50.0, flux=5.0)
LEFT = oda.CatalogSource("NEW_1", 299.5903, 35.2016, significance=7.0, flux=1.0, new=True)


def make_sky(*sources: oda.CatalogSource, seen: bool = True) -> AllSky:
    """Return a map of the northern Galactic half, flat but for one bright pixel."""
    grid = healpix_grid(32)
    flux = np.full(grid.size, np.nan, np.float32)
    if seen:
        flux[: grid.size // 2] = 0.5
        flux[grid.pixels(0.0, 1.0)] = 100.0
    return AllSky(
        intensity=flux,
        variance=np.where(np.isfinite(flux), 1, np.nan).astype(np.float32),
        exposure=np.where(np.isfinite(flux), 1000, 0).astype(np.float32),
        energy=EnergyBand(20, 40),
        catalog=oda.SourceCatalog.of(sources),
        observation=replace(make_image().observation, simulated=True),
    )


def words_of(figure: Figure) -> str:
    axes = figure.axes[0]
    titles = [axes.get_title(loc="left")]
    return " | ".join([*titles, *(text.get_text() for text in axes.texts)])


@pytest.mark.parametrize(
    ("longitude", "latitude", "x", "y"),
    [(0, 0, 0, 0), (90, 0, -1, 0), (270, 0, 1, 0), (0, 90, 0, 1), (123, -90, 0, -1)],
)
def test_longitudes_grow_to_the_left(longitude: int, latitude: int, x: float, y: float) -> None:
    assert np.allclose(mollweide(longitude, latitude), (x, y), atol=2e-3)


def test_mollweide_keeps_areas() -> None:
    """Half of the sphere lies within 30 degrees, and half of the ellipse within this height."""
    _, y = mollweide(0.0, 30.0)
    within = 2 / np.pi * (np.arcsin(y) + y * np.sqrt(1 - y**2))
    assert within == pytest.approx(0.5, abs=1e-6)


def test_a_picture_shows_the_map_where_it_was_seen() -> None:
    figure = make_sky().figure()
    picture = figure.axes[0].images[0].get_array()
    rows, columns = picture.shape
    assert picture.mask[: rows // 2 - 30].all()
    assert picture[3 * rows // 4, columns // 2] == pytest.approx(0.5)
    row, column = np.unravel_index(int(picture.argmax()), picture.shape)
    assert abs(column - columns / 2) < columns / 100
    assert 0 < row - rows / 2 < rows / 40


@pytest.fixture(scope="module")
def drawn() -> Figure:
    """Give the picture of two sources."""
    figure: Figure = make_sky(CENTRE, LEFT).figure()
    return figure


def test_simulated_events_are_named_in_the_picture_with_the_sources(drawn: Figure) -> None:
    said = words_of(drawn)
    assert "SIMULATED" in said
    assert "20–40 keV" in said
    assert "Sgr A*" in said
    assert "NEW_1" in said


def test_sources_stand_at_their_places(drawn: Figure) -> None:
    known, candidates = (marks.get_offsets() for marks in drawn.axes[0].collections)
    assert np.allclose(known, [[0, 0]], atol=2e-3)
    assert np.allclose(candidates, [[-0.792, 0.042]], atol=2e-3)  # l = 71.33, b = 3.07


def test_names_that_would_overlap_are_left_out() -> None:
    beside = oda.CatalogSource("Beside it", 266.5, -29.1, significance=40.0)
    said = words_of(make_sky(CENTRE, beside).figure())
    assert "Sgr A*" in said
    assert "Beside it" not in said
    assert "Sgr A*" not in words_of(make_sky(CENTRE).figure(names=0))


@pytest.mark.parametrize("map_name", ["intensity", "variance", "exposure"])
def test_each_map_can_be_drawn(map_name: str) -> None:
    make_sky().figure(map_name=map_name, columns=1).draw_without_rendering()


def test_a_sky_of_which_nothing_was_seen_can_be_drawn() -> None:
    make_sky(seen=False).figure(map_name="exposure").draw_without_rendering()


def test_names_at_the_edge_stay_in_the_picture() -> None:
    at_the_edge = oda.CatalogSource("Crab", 83.633, 22.0145, significance=40.0)
    axes = make_sky(at_the_edge).figure().axes[0]
    (name,) = (text for text in axes.texts if text.get_text() == "Crab")
    assert name.get_window_extent().x1 < axes.get_window_extent().x1


def test_a_notebook_shows_the_picture() -> None:
    shown = make_sky(CENTRE)._repr_mimebundle_()
    assert "image/png" in shown
    assert "AllSky, 20–40 keV" in shown["text/plain"]


@pytest.mark.parametrize(
    "words", [{"map_name": "colour"}, {"names": -1}, {"columns": 3}, {"radius": 5}, {"cuts": 3}]
)
def test_options_that_cannot_be_drawn_are_refused(words: dict[str, object]) -> None:
    with pytest.raises(BadParameter):
        make_sky().figure(**words)
