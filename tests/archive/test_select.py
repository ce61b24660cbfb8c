"""Choosing science windows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st

from oda_widgets.archive.select import find, select
from oda_widgets.errors import ArchiveError, BadParameter, EmptySelection
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source
from oda_widgets.request.window_query import WindowQuery

CRAB = Source("Crab", 83.63321, 22.01447)


def window(number: int, ra: float = 83.6, dec: float = 22.0) -> ScienceWindow:
    """Return the window of an hour that starts after `number` hours of IJD 1200."""
    start = 1200 + number / 24
    return ScienceWindow(f"0066{number:04}0010.001", start, start + 1 / 24, ra, dec, 0, 0, 3600)


positions = st.tuples(st.floats(0, 359.999), st.floats(-90, 90))
fields = st.lists(positions, min_size=1, max_size=30).map(
    lambda places: [window(number, *place) for number, place in enumerate(places)]
)


@given(fields, positions, st.floats(0.1, 180))
@settings(deadline=None)  # astropy, the judge, takes its time
def test_the_cone_holds_exactly_the_pointings_within_the_radius(
    windows: list[ScienceWindow], centre: tuple[float, float], radius: Any
) -> None:
    source = Source("centre", *centre)
    angles = SkyCoord([w.ra for w in windows], [w.dec for w in windows], unit="deg").separation(
        source.position
    )
    if any(abs(angle.deg - radius) < 1e-6 for angle in angles):
        return  # rounding decides
    expected = [w for w, angle in zip(windows, angles, strict=True) if angle.deg <= radius]
    if expected:
        assert list(select(windows, WindowQuery(source=source, radius=radius))) == expected
    else:
        with pytest.raises(EmptySelection, match="centre"):
            select(windows, WindowQuery(source=source, radius=radius))


def test_the_edge_of_the_cone_is_sharp() -> None:
    windows = [window(number, dec=CRAB.dec + offset) for number, offset in ((0, 14.99), (1, 15.01))]
    aligned = [replace(each, ra=CRAB.ra) for each in windows]
    assert list(select(aligned, WindowQuery(source=CRAB, radius=15))) == aligned[:1]


@given(fields, st.integers(1, 40), st.integers(0, 2**32))
def test_a_limited_choice_is_a_subset_in_order_of_time(
    windows: list[ScienceWindow], limit: Any, seed: int
) -> None:
    chosen = select(reversed(windows), WindowQuery(limit=limit, seed=seed))
    assert len(chosen) == min(limit, len(windows))
    assert set(chosen) <= set(windows)
    assert list(chosen.ids) == sorted(set(chosen.ids))
    assert chosen.available == len(windows)


def test_the_same_seed_gives_the_same_choice_and_another_seed_another() -> None:
    windows = [window(number) for number in range(100)]
    first = select(windows, WindowQuery(limit=10, seed=1))
    assert select(reversed(windows), WindowQuery(limit=10, seed=1)).ids == first.ids
    assert select(windows, WindowQuery(limit=10, seed=2)).ids != first.ids


def test_every_window_has_its_chance() -> None:
    windows = [window(number) for number in range(5)]
    seen = {select(windows, WindowQuery(limit=1, seed=seed)).ids[0] for seed in range(100)}
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("start", "stop", "numbers"),
    [
        (None, None, [0, 1, 2]),
        (1200 + 1.5 / 24, None, [1, 2]),
        (None, 1200 + 1.5 / 24, [0, 1]),
        (1200 + 1.2 / 24, 1200 + 1.4 / 24, [1]),
        (window(0).stop, window(2).start, [1]),
    ],
)
def test_windows_that_overlap_the_time_count_and_those_that_touch_it_do_not(
    start: float | None, stop: float | None, numbers: list[int]
) -> None:
    chosen = select([window(number) for number in range(3)], WindowQuery(start=start, stop=stop))
    assert list(chosen) == [window(number) for number in numbers]


def test_the_answer_says_who_gave_it() -> None:
    assert select([window(0)], WindowQuery(), "bundled sample").answered_by == "bundled sample"


def test_an_empty_cone_says_how_far_the_nearest_pointing_is() -> None:
    with pytest.raises(
        EmptySelection, match=r"within 15 deg of Crab; 006600000010\.001 is nearest, 40"
    ):
        select([window(0, dec=62.0), window(1, dec=-62.0)], WindowQuery(source=CRAB))


@pytest.mark.parametrize(
    ("start", "stop", "words"),
    [
        (
            2000.0,
            None,
            r"is after 2005.*: the last before is 006600020010\.001, until 2003-04-15T02",
        ),
        (
            None,
            1100.0,
            r"is before 2003.*: the first after is 006600000010\.001, from 2003-04-14T23",
        ),
        (
            1200 + 1.2 / 24,
            1200 + 1.4 / 24,
            r"the last before is 006600000010.*, the first after is",
        ),
    ],
)
def test_an_empty_time_names_the_nearest_windows(
    start: float | None, stop: float | None, words: str
) -> None:
    with pytest.raises(EmptySelection, match=words):
        select([window(0), window(2)], WindowQuery(start=start, stop=stop))


def test_an_empty_archive_is_not_blamed_on_the_conditions() -> None:
    with pytest.raises(EmptySelection, match="The archive has no science windows"):
        select([], WindowQuery(source=CRAB, start=2000.0))


@pytest.mark.parametrize("limit", [0, -1, 2.5, "3", True, float("nan")])
def test_a_limit_is_a_whole_number_of_one_or_more(limit: Any) -> None:
    with pytest.raises(BadParameter, match="limit"):
        select([window(0)], WindowQuery(limit=limit))


@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(BadParameter, match="seed"):
        select([window(0)], WindowQuery(seed=seed))


@pytest.mark.parametrize("radius", [0, -1, 180.1, float("nan"), "wide"])
def test_a_radius_is_an_angle_above_zero_up_to_180_degrees(radius: Any) -> None:
    with pytest.raises(BadParameter, match="radius"):
        select([window(0)], WindowQuery(source=CRAB, radius=radius))


def test_a_time_must_end_after_it_starts() -> None:
    with pytest.raises(BadParameter, match="not after start="):
        select([window(0)], WindowQuery(start=1201.0, stop=1200.0))


def test_windows_are_found_with_and_without_version_in_order_of_time() -> None:
    windows = [window(number) for number in range(3)]
    found = find(windows, ["006600020010", "006600000010.001"], "bundled sample")
    assert list(found) == [windows[0], windows[2]]
    assert (found.available, found.answered_by) == (2, "bundled sample")


@pytest.mark.parametrize("identifier", ["006600030010.001", "006600020010.002"])
def test_a_window_that_is_not_there_is_named_with_near_matches(identifier: str) -> None:
    with pytest.raises(ArchiveError, match=rf"{identifier}\. Did you mean .*006600020010\.001"):
        find([window(number) for number in range(3)], identifier)


def test_only_windows_in_which_the_instrument_was_on_are_chosen_with_its_good_time() -> None:
    on = replace(window(1), others=(("jemx1", 1200.0), ("jemx2", 0.0)))
    windows = [window(0), on, window(2)]
    (found,) = select(windows, WindowQuery(instrument="jemx1"))
    assert (found.id, found.good_time) == (on.id, 1200.0)
    with pytest.raises(EmptySelection, match="None of 3 science windows has data of JEM-X2"):
        select(windows, WindowQuery(instrument="jemx2"))
    assert len(select(windows, WindowQuery(instrument="spi_acs"))) == 3  # it always counts
