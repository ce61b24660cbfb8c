"""Circles and boxes on an image: drawn, typed, listed, saved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oda_widgets.errors import BadParameter
from oda_widgets.lookup.sphere import separation
from oda_widgets.products.files.region_file import regions_of
from oda_widgets.request.sky_region import SkyRegion
from oda_widgets.views.file_button import FileButton
from oda_widgets.views.paper.publish import render
from oda_widgets.views.sky.region_outline import REGION_COLOUR, corners
from oda_widgets.views.sky.view import SkyView
from tests.views import handmade


@pytest.fixture
def view() -> SkyView:
    return SkyView(handmade.image())


def pixel(view: SkyView, ra: float, dec: float) -> tuple[float, float]:
    x, y = view._drawn.display.wcs.wcs_world2pix(ra, dec, 0)
    return float(x), float(y)


def click(view: SkyView, ra: float, dec: float) -> None:
    x, y = pixel(view, ra, dec)
    view._clicked(x, y)


def test_a_circle_is_drawn_by_two_clicks(view: SkyView) -> None:
    view.drawing["circle"].value = True
    assert "middle of the circle" in view.readout.value
    click(view, 293.0, 22.0)
    assert "place on the circle" in view.readout.value
    click(view, 293.0, 23.0)
    (circle,) = view.regions.regions
    assert (circle.ra, circle.dec) == (pytest.approx(293.0), pytest.approx(22.0))
    assert circle.size == (pytest.approx(1.0, abs=1e-5),)
    x, y = (np.asarray(view._drawn_regions.outlines.data[name][0]) for name in "xy")
    ra, dec = view._drawn.display.wcs.wcs_pix2world(x, y, 0)
    distances = [separation(293.0, 22.0, *place) for place in zip(ra, dec, strict=True)]
    assert distances == pytest.approx([1.0] * len(distances), abs=1e-5)


def test_a_box_is_drawn_by_its_corners(view: SkyView) -> None:
    view.drawing["box"].value = True
    drawn = SkyRegion("b", "box", 293.0, 22.0, (3.0, 1.0))
    ra, dec = corners(drawn)
    click(view, ra[0], dec[0])
    click(view, ra[2], dec[2])
    (box,) = view.regions.regions
    assert (box.ra, box.dec) == (pytest.approx(293.0, abs=0.01), pytest.approx(22.0, abs=0.01))
    assert box.size == (pytest.approx(3.0, rel=0.01), pytest.approx(1.0, rel=0.01))


def test_tools_that_click_are_one_at_a_time(view: SkyView) -> None:
    for tool in view._tools:
        tool.value = True
        assert [each for each in view._tools if each.value] == [tool]


def test_regions_are_typed_named_changed_and_removed(view: SkyView) -> None:
    regions = view.regions
    regions.kind.value = "box"
    regions.name.value, regions.position.value, regions.size.value = "mine", "83.6 22", "2 × 1"
    regions.add_typed()
    assert regions.regions == (SkyRegion("mine", "box", 83.6, 22.0, (2.0, 1.0)),)
    regions.size.value, regions.position.value = "two", "83.6 22"
    regions.add_typed()
    assert "not a number" in regions.message.value
    regions.table._receive(None, {"type": "act", "id": "mine", "action": "Edit"}, [])
    assert (regions.position.value, regions.size.value) == ("83.6 +22", "2 × 1")
    regions.name.value = "yours"
    regions.add_typed()
    assert [(one.name, one.size) for one in regions.regions] == [("yours", (2.0, 1.0))]
    regions.table._receive(None, {"type": "act", "id": "yours", "action": "Remove"}, [])
    assert regions.regions == ()
    assert view._drawn_regions.outlines.data["x"] == []


def test_files_of_regions_go_in_and_out(view: SkyView) -> None:
    content = b"fk5\ncircle(293.6,22,0.5) # text={one}\n-box(292.6,22,2,1,30) # text={two}\n"
    view.regions.read("mine.reg", content)
    assert regions_of(view.regions.content()) == regions_of(content)
    assert view._drawn_regions.labels.data["name"] == ["one", "two"]
    assert view._drawn_regions.outlines.data["dash"] == ["solid", "dashed"]
    with pytest.raises(Exception, match="no circle or box"):
        view.regions.read("evil.reg", b"fk5\n<script>")
    assert len(view.regions.regions) == 2


def open_file(view: SkyView, content: bytes) -> None:
    button = next(
        part for row in view.regions.children for part in getattr(row, "children", ())
        if isinstance(part, FileButton)
    )  # fmt: skip
    button._receive(button, {"type": "file", "name": "mine.reg"}, [content])


def test_no_message_stays_after_the_file_is_mended(view: SkyView) -> None:
    open_file(view, b"fk5\ncircle(83.6,22,0.5)\nellipse(1,2,3,4)\n")
    assert "1 region of other shapes" in view.regions.message.value
    open_file(view, b"fk5\n<script>")
    assert "other shapes" not in view.regions.message.value
    assert "no circle or box" in view.regions.message.value
    open_file(view, b"fk5\ncircle(83.6,22,0.5)\n")
    assert view.regions.message.value == ""


def test_paper_shows_the_regions_of_the_screen(view: SkyView) -> None:
    view.regions.read("mine.reg", b"fk5\n-circle(293.7,21.9,1.5) # text={my circle}\n")
    drawn = render(view.image, "svg", **view.paper_options).decode()
    assert "my circle" in drawn
    assert REGION_COLOUR in drawn
    view.regions.remove("my circle")
    assert REGION_COLOUR not in render(view.image, "svg", **view.paper_options).decode()


@pytest.mark.parametrize("wrong", ["abc", 7, [None]])
def test_what_is_no_region_is_not_drawn_on_paper(wrong: Any) -> None:
    with pytest.raises(BadParameter, match="not regions of the sky"):
        render(handmade.image(), "svg", regions=wrong)


def test_a_session_keeps_regions_and_refuses_hostile_ones_in_words(view: SkyView) -> None:
    view.regions.read("mine.reg", b"fk5\ncircle(83.6,22,0.5) # text={one}\n")
    other = SkyView(handmade.image())
    other.restore(view.kept)
    assert other.regions.regions == view.regions.regions
    other.restore({"regions": "fk5\ncircle(1,2,-3)"})
    assert "no number" in other.regions.message.value


def test_a_turned_box_turns_anticlockwise_on_the_sky() -> None:
    ra, dec = corners(SkyRegion("b", "box", 10.0, 0.0, (4.0, 2.0), angle=90.0))
    assert np.ptp(ra) == pytest.approx(2.0, rel=1e-3)
    assert np.ptp(dec) == pytest.approx(4.0, rel=1e-3)
    ra, dec = corners(SkyRegion("b", "box", 10.0, 0.0, (4.0, 0.1), angle=30.0))
    west = int(np.argmin(ra))  # to the right, where east is left: its end is turned up
    assert dec[west] > 0


def test_names_of_neighbouring_regions_do_not_overlap_on_screen(view: SkyView) -> None:
    names = ("north of the source", "the source itself", "south of the source")
    view.show_regions(
        [SkyRegion(name, "circle", 293.0, 22.0 - 0.01 * n, (0.3,)) for n, name in enumerate(names)]
    )
    frame = view._figure.frame
    width, height = frame.size
    across = width / (frame.window.right - frame.window.left)
    upward = height / (frame.window.top - frame.window.bottom)
    labels = view._drawn_regions.labels.data
    places = [
        (x * across + dx, y * upward - dy, len(name))
        for x, y, dx, dy, name in zip(
            *(labels[k] for k in ("x", "y", "dx", "dy", "name")), strict=True
        )
    ]
    assert len(places) >= 2
    for i, (x, y, letters) in enumerate(places):
        for other_x, other_y, others in places[:i]:
            beside = x >= other_x + 6 * others or other_x >= x + 6 * letters
            assert beside or abs(y - other_y) >= 14
