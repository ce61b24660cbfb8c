from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from bokeh.models import NoOverlap

from oda_widgets.errors import BadParameter
from oda_widgets.products.image import SkyImage
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.source import Source
from oda_widgets.request.words import with_error
from oda_widgets.views.sky.view import SkyView
from tests.views import handmade
from tests.views.wire import change, happen, open_view


@pytest.fixture
def image() -> SkyImage:
    return handmade.image()


def rings(view: SkyView) -> list[str]:
    return list(view._sources.rings.data["name"])


def test_sky_pixels_are_square(image: SkyImage) -> None:
    plot = SkyView(image)._figure.plot
    across = plot.frame_width / (plot.x_range.end - plot.x_range.start)
    upward = plot.frame_height / (plot.y_range.end - plot.y_range.start)
    assert across == pytest.approx(upward, rel=0.005)


def test_sources_are_ringed_where_they_are(image: SkyImage) -> None:
    view = SkyView(image)
    data = view._sources.rings.data
    assert list(data["name"]) == list(image.catalog.names)
    drawn = view._drawn.map("significance")
    for x, y, significance in zip(data["x"], data["y"], data["significance"], strict=True):
        row, column = round(y), round(x)
        around = drawn[row - 2 : row + 3, column - 2 : column + 3]
        assert np.nanmax(around) > 0.6 * significance


def test_labels_of_the_axes_do_not_run_into_each_other(image: SkyImage) -> None:
    plot = SkyView(image)._figure.plot
    assert all(isinstance(axis.major_label_policy, NoOverlap) for axis in plot.axis)


def test_rings_of_new_sources_are_broken(image: SkyImage) -> None:
    data = SkyView(image)._sources.rings.data
    dashed = [
        name for name, dash in zip(data["name"], data["dash"], strict=True) if dash != "solid"
    ]
    assert dashed == ["NEW_1"]


def test_a_target_that_was_not_found_is_marked_too() -> None:
    view = SkyView(handmade.image(sources=SourceCatalog()))
    assert rings(view) == [handmade.MAGNETAR.name]


def test_a_click_on_a_ring_names_the_source(image: SkyImage) -> None:
    clicked: list[str] = []
    view = SkyView(image, on_source=clicked.append)
    open_view(view.pane)
    data = view._sources.rings.data
    for _ in range(2):  # every click counts
        happen(view.pane, "tap", sx=0.0, sy=0.0, x=data["x"][1] + 2.0, y=data["y"][1] - 1.0)
    happen(view.pane, "tap", sx=0.0, sy=0.0, x=5.0, y=5.0)
    assert clicked == ["Cyg X-1", "Cyg X-1"]


def test_highlighting_is_silent(image: SkyImage) -> None:
    clicked: list[str] = []
    view = SkyView(image, on_source=clicked.append)
    view.highlight("Cyg X-1")
    assert view._sources.rings.selected.indices == [1]
    view.highlight(None)
    assert view._sources.rings.selected.indices == []
    assert clicked == []


def test_sources_that_are_not_selected_are_not_drawn(image: SkyImage) -> None:
    view = SkyView(image)
    view.show_catalog(image.catalog.update("NEW_1", selected=False))
    assert "NEW_1" not in rings(view)


@pytest.mark.parametrize("name", ["intensity", "variance", "exposure", "significance"])
def test_another_map_brings_its_own_cuts_and_unit(image: SkyImage, name: str) -> None:
    view = SkyView(image)
    view.show_map(name)
    assert view._figure.bar_title.text.startswith(name.capitalize())
    assert view.stretch.low < view.stretch.high
    assert view._controls._map.value == name


def test_a_choice_of_colours_survives_another_map(image: SkyImage) -> None:
    view = SkyView(image)
    view.set_stretch(view.stretch.with_(scale="asinh", colours="viridis"))
    view.show_map("intensity")
    assert (view.stretch.scale, view.stretch.colours) == ("asinh", "viridis")


def test_the_controls_do_what_the_methods_do(image: SkyImage) -> None:
    view = SkyView(image)
    controls = view._controls
    controls._scale.value = "sqrt"
    controls._high.value = 12
    controls._grid.value = False
    assert (view.stretch.scale, view.stretch.high) == ("sqrt", 12)
    labels = view._figure.plot.xaxis[0].major_label_overrides.values()
    assert all(str(label).endswith("°") for label in labels)


def test_wrong_cuts_are_explained_beside_the_controls(image: SkyImage) -> None:
    view = SkyView(image)
    view._controls._low.value = 1000
    assert "lower cut must be below" in view._controls._message.value
    view._controls._low.value = -3
    assert view._controls._message.value == ""


def test_an_unknown_map_is_refused(image: SkyImage) -> None:
    with pytest.raises(BadParameter, match="significance, intensity"):
        SkyView(image).show_map("ghosts")


def test_a_zoom_refines_grid_and_names(image: SkyImage) -> None:
    view = SkyView(image)
    plot = view._figure.plot
    before = dict(plot.yaxis[0].major_label_overrides)
    plot.x_range.update(start=110, end=130)
    plot.y_range.update(start=110, end=130)
    happen(view.pane, "rangesupdate", x0=110.0, x1=130.0, y0=110.0, y1=130.0)
    assert plot.yaxis[0].major_label_overrides != before
    assert len(view._sources.names.data["name"]) < 4


def test_the_browser_gets_a_byte_a_pixel_and_of_other_colours_only_palettes(
    image: SkyImage,
) -> None:
    view = SkyView(image)
    sizes: list[int] = []
    view.pane.send = lambda _content, buffers: sizes.append(sum(map(len, buffers)))
    open_view(view.pane)
    rows, columns = view._drawn.display.shape
    assert rows * columns <= sum(sizes) < rows * columns + 20_000  # and lines of the grid
    sizes.clear()
    view.set_stretch(view.stretch.with_(colours="viridis"))
    assert sum(sizes) == 0
    view.set_stretch(view.stretch.with_(scale="asinh"))
    assert sum(sizes) == rows * columns


def test_the_pointer_reads_the_maps_in_full_precision(image: SkyImage) -> None:
    view = SkyView(image)
    assert "Point at the image" in view.readout.value
    x, y = (float(view._sources.rings.data[axis][0]) for axis in ("x", "y"))
    change(view.pane, view._figure.pointer, "data", {"x": [x], "y": [y]})
    found = view._drawn.values_at(x, y)
    assert f"<b>{found['significance']:.1f} σ</b>" in view.readout.value
    flux = with_error(found["intensity"], found["variance"] ** 0.5)
    assert f"{flux} counts/s" in view.readout.value
    change(view.pane, view._figure.pointer, "data", {"x": [-1e9], "y": [0.0]})
    assert "Point at the image" in view.readout.value


def test_an_image_may_have_no_target() -> None:
    view = SkyView(handmade.image(target=None))
    assert view._figure.plot.above[1].text.startswith("Sky image")
    near = Source("NEW_7", 299.59, 35.2)
    view = SkyView(handmade.image(target=near))
    assert rings(view).count("NEW_7") == 0  # the same place as Cyg X-1


def test_names_are_drawn_as_text() -> None:
    odd = CatalogSource("<img src=x>", 293.0, 22.0)
    view = SkyView(handmade.image(sources=SourceCatalog.of([odd])))
    assert "<img src=x>" in rings(view)  # canvas text: nothing to escape, nothing escaped


def test_zoom_shows_the_marked_source_with_square_pixels_and_back(image: SkyImage) -> None:
    view = SkyView(image)
    whole = view._figure.frame.window
    view.highlight("Cyg X-1")
    view.zoom_to_source()
    window, plot = view._figure.frame.window, view._figure.plot
    assert (window.left + window.right) / 2 == pytest.approx(view._sources.rings.data["x"][1])
    across = plot.frame_width / (window.right - window.left)
    assert plot.frame_height / (window.top - window.bottom) == pytest.approx(across, rel=0.01)
    view.zoom_out()
    assert view._figure.frame.window == whole


def test_a_click_on_the_sky_adds_a_place_only_when_wanted(image: SkyImage) -> None:
    places: list[tuple[float, float]] = []
    view = SkyView(image, on_place=lambda ra, dec: places.append((ra, dec)))
    open_view(view.pane)
    happen(view.pane, "tap", sx=0.0, sy=0.0, x=5.0, y=5.0)
    assert places == []
    view.adding.value = True
    happen(view.pane, "tap", sx=0.0, sy=0.0, x=5.0, y=5.0)
    ((ra, dec),) = places
    x, y = view._drawn.display.wcs.wcs_world2pix(ra, dec, 0)
    assert (float(x), float(y)) == pytest.approx((5.0, 5.0))


def test_two_clicks_measure_the_distance_between_them(image: SkyImage) -> None:
    clicked: list[str] = []
    view = SkyView(image, on_source=clicked.append, on_place=lambda *_place: None)
    open_view(view.pane)
    view.adding.value = True
    view.measuring.value = True
    assert not view.adding.value
    assert "measure from" in view.readout.value
    first, second = view.image.catalog.sources[:2]
    places = [SkyCoord(one.ra, one.dec, unit="deg") for one in (first, second)]
    for place in places:
        x, y = view._drawn.display.wcs.wcs_world2pix(place.ra.deg, place.dec.deg, 0)
        happen(view.pane, "tap", sx=0.0, sy=0.0, x=float(x), y=float(y))
    assert f"<b>{places[0].separation(places[1]).deg:.3f}°" in view.readout.value
    angle = places[0].position_angle(places[1]).deg
    assert f"position angle {angle:.1f}°" in view.readout.value
    assert clicked == []
    view.measuring.value = False
    assert "position angle" not in view.readout.value


def test_what_a_click_does_and_what_is_under_the_pointer_stand_above_the_map() -> None:
    """Below a map that is as tall as the window nobody sees them."""
    view = SkyView(handmade.image())
    places = list(view.children)
    buttons = next(box for box in places if view.measuring in getattr(box, "children", ()))
    assert places.index(buttons) < places.index(view.readout) < places.index(view.pane)
