"""The growing sky on the page: levels, peaks, names that do not overlap, and the label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import Text, Title

import oda_widgets as oda
from oda_widgets.lookup.healpix import healpix_grid
from oda_widgets.views.mollweide import projected, with_peaks
from oda_widgets.views.sky.all_sky import AllSkyView
from oda_widgets.views.sky.stretch import NO_VALUE
from tests.products.examples import make_all_sky
from tests.views.test_all_sky import CENTRE, LEFT, make_sky

MOST_BYTES = 2_000_000  # of a frame that a page is sent


def titles(view: AllSkyView) -> list[str]:
    return [item.text for item in view.plot.above if isinstance(item, Title)]


def test_what_was_not_seen_has_no_colour() -> None:
    view = AllSkyView(make_sky(CENTRE))
    levels = view._maps.data["levels"][0]
    rows, columns = levels.shape
    assert (levels[: rows // 2 - 20] == NO_VALUE).all()
    assert (levels[rows // 2 + 20 : -20, columns // 2] != NO_VALUE).all()
    assert levels.max() == NO_VALUE
    assert sorted(np.unique(levels))[-2] == NO_VALUE - 1  # the peak has the last colour


def test_a_page_is_sent_small_frames() -> None:
    view = AllSkyView(make_all_sky(256))
    payload = view.pane.document.to_json(deferred=True)
    assert sum(len(buffer.to_bytes()) for buffer in payload.buffers) < MOST_BYTES


def test_a_peak_between_two_points_of_the_picture_is_drawn() -> None:
    """A picture has fewer points than a map has pixels."""
    grid = healpix_grid(512)
    values = np.zeros(grid.size, np.float32)
    values[[1_000_001, 1_234_567, 2_000_003]] = 50, 60, 70
    picture = projected(grid, values, 200)
    drawn = with_peaks(grid, values, picture)
    assert sorted(drawn[drawn > 0]) == [50, 60, 70]


def test_simulated_events_are_named_above_it() -> None:
    view = AllSkyView(make_sky(CENTRE))
    assert titles(view)[0].startswith("SIMULATED")
    assert titles(view)[1] == "Survey · 20–40 keV"


def test_names_do_not_overlap_and_the_most_significant_come_first() -> None:
    beside = oda.CatalogSource("Beside it", 266.5, -29.1, significance=40.0)
    view = AllSkyView(make_sky(beside, CENTRE, LEFT))
    assert view.drawn_names[0] == "Sgr A*"
    assert set(view._rings.data["name"]) == {"Sgr A*", "Beside it", "NEW_1"}


def test_it_shows_what_the_sky_has_become() -> None:
    view = AllSkyView(make_sky(seen=False))
    assert (view._maps.data["levels"][0] == NO_VALUE).all()
    view.show(make_sky(CENTRE))
    assert view.drawn_names == ("Sgr A*",)
    assert (view._maps.data["levels"][0] != NO_VALUE).any()


def test_names_follow_the_width_of_the_frame() -> None:
    places = [(266.4 + 9 * n, -29.0, 50.0 - n) for n in range(8)]
    sources = [oda.CatalogSource(f"A long name {n}", *place) for n, place in enumerate(places)]
    view = AllSkyView(make_sky(*sources))
    wide = len(view.drawn_names)
    view.plot.update(frame_height=90, frame_width=180)
    assert 0 < len(view.drawn_names) < wide


@pytest.mark.parametrize("simulated", [True, False])
def test_a_notebook_without_a_kernel_shows_a_picture(*, simulated: bool) -> None:
    sky = make_sky(CENTRE)
    sky = replace(sky, observation=replace(sky.observation, simulated=simulated))
    assert "image/png" in AllSkyView(sky).still


@pytest.mark.parametrize("width", [330, 700, 900])  # screen pixels of the frame
def test_the_numbers_of_parallels_stand_whole_inside_the_ellipse(width: int) -> None:
    plot = AllSkyView(make_sky(CENTRE)).plot
    scale = width / (plot.x_range.end - plot.x_range.start)  # screen pixels
    found = {}
    for one in plot.renderers:
        glyph = one.glyph
        if (
            isinstance(glyph, Text)
            and glyph.text_align == "left"
            and glyph.text_baseline != "middle"
        ):
            data = one.data_source.data
            down = 14 if glyph.text_baseline == "top" else -14
            for x, y, text in zip(data["x"], data["y"], data["text"], strict=True):
                left, far = x + 8 / scale, y - (glyph.y_offset + down) / scale
                for corner in ((left, far), (left + 7 * len(text) / scale, far)):
                    assert (corner[0] / 2) ** 2 + corner[1] ** 2 < 1, text
                found[text] = y
    assert list(found) == ["+30°", "+60°", "\N{MINUS SIGN}60°", "\N{MINUS SIGN}30°", "b = 0°"]
