from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from bokeh.models import NoOverlap

from oda_widgets.request.timespan import TimeInterval
from oda_widgets.views.labels import common_observation
from oda_widgets.views.sky.labels import _box, place_labels
from oda_widgets.views.sky.sources import placed_names, unnamed_words
from oda_widgets.views.sky.window import Window
from oda_widgets.views.spectrum import SpectrumView
from tests.views import handmade

SIZE = (600.0, 600.0)


def test_labels_do_not_overlap_in_a_crowd() -> None:
    positions = np.random.default_rng(5).uniform(0, 600, (40, 2))
    points = [(float(x), float(y)) for x, y in positions]
    names = [f"IGR J1747{n:02d}-2721" for n in range(40)]
    placed = place_labels(points, names, SIZE)
    boxes = [
        _box(x, y, name, place)
        for (x, y), name, place in zip(points, names, placed, strict=True)
        if place is not None
    ]
    assert len(boxes) > 15
    assert all(first.overlap(second) == 0 for first, second in combinations(boxes, 2))


def test_labels_stay_inside_the_frame() -> None:
    placed = place_labels([(595.0, 300.0)], ["Crab"], SIZE)
    assert placed[0] is not None
    assert placed[0].dx < 0


def test_the_first_of_two_close_sources_gets_the_better_place() -> None:
    first, second = place_labels([(300.0, 300.0), (310.0, 300.0)], ["A 0535+26", "Crab"], SIZE)
    assert first is not None
    assert second is not None
    assert (first.dx, first.dy) != (second.dx, second.dy)


def test_sources_outside_the_frame_have_no_label() -> None:
    assert place_labels([(-20.0, 300.0)], ["Crab"], SIZE) == [None]


def test_crowded_names_stand_apart_with_a_line_and_cross_no_other() -> None:
    points = [(300.0 + 12 * i, 300.0 + 9 * (i % 3)) for i in range(7)]
    names = [f"IGR J1747{n}-2721" for n in range(7)]
    near, far = (place_labels(points, names, SIZE, far=apart) for apart in (0, len(names)))
    assert None in near
    assert None not in far
    boxes = [_box(x, y, n, p) for (x, y), n, p in zip(points, names, far, strict=True) if p]
    assert all(first.overlap(second) == 0 for first, second in combinations(boxes, 2))
    assert all(p is None or p == q for p, q in zip(near, far, strict=True))


def test_a_name_without_a_line_is_nearer_to_its_ring_than_to_any_other() -> None:
    shifts = np.random.default_rng(3).uniform(-18, 18, (100, 2))
    points = [(60.0 * (n % 10) + dx, 60.0 * (n // 10) + dy) for n, (dx, dy) in enumerate(shifts)]
    names = [f"GX {n}+1" for n in range(100)]
    for (x, y), name, place in zip(points, names, place_labels(points, names, SIZE), strict=True):
        if place is not None:
            nearest = sorted(points, key=lambda point: _box(x, y, name, place).distance(*point))
            assert nearest[0] == (x, y)


def test_the_brightest_of_a_heap_is_named_first_and_the_rest_are_counted() -> None:
    xs = [300.0, 306.0, 294.0, 300.0, 303.0]
    rings = {
        "x": np.array(xs), "y": np.array([300.0, 303.0, 303.0, 294.0, 306.0]),
        "name": [f"1E 174{n}.7-2942" for n in range(5)], "color": ["white"] * 5,
        "significance": [10.0, 12.0, 27.8, 5.0, 6.0],
    }  # fmt: skip
    window = Window(0.0, 600.0, 0.0, 600.0)
    placed = placed_names(rings, window, SIZE, apart=1)
    assert "1E 1742.7-2942" in placed["name"]
    missing = 5 - len(placed["name"])
    assert missing > 0
    words = unnamed_words(rings, placed, window)
    assert words == f"without a name for want of room: {missing} of 5 sources"
    assert unnamed_words(rings, placed_names(rings, window, SIZE, apart=5), window) == ""


def test_numbers_of_axes_leave_room_between_each_other() -> None:
    view = SpectrumView(handmade.spectrum())
    assert all(isinstance(a.major_label_policy, NoOverlap) for a in view.figure.axis)


def test_how_much_of_the_chosen_times_is_good_stands_in_the_figure() -> None:
    times = (TimeInterval(8320.640002, 8320.640071),)
    account = "5.296 s of the 6.000 s in the intervals are good time"
    seen = replace(
        handmade.observation(3.8), intervals=times, intervals_note=f"{account}; 2559…: a gap"
    )
    assert common_observation([seen]).endswith(f"UTC · {account}")
    assert account not in common_observation([seen, replace(seen, intervals_note="")])
    others = replace(seen, intervals_note="2559…: a gap")
    assert common_observation([others]).endswith(" UTC")
