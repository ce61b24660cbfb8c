"""The plan of the simulated mission is that of the real one."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.archive.simulated import plan
from oda_widgets.archive.simulated.gaps import good_intervals
from oda_widgets.archive.simulated.observations import named_windows, observations
from oda_widgets.archive.simulated.plan import (
    STEP,
    hexagon,
    offsets,
    square,
    sun_direction,
    sunward_axis,
)
from oda_widgets.instruments.pointing import unit_vector
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.revolutions import revolution_start
from oda_widgets.request.science_windows import parse_identifier

WINDOWS = plan.mission()
START = np.array([window.start for window in WINDOWS])
STOP = np.array([window.stop for window in WINDOWS])


def test_there_are_tens_of_thousands_of_windows_from_2002_to_2022() -> None:
    assert 50_000 < len(WINDOWS) < 150_000
    assert 1040 < START[0] < 1060
    assert 8000 < START[-1] < 8100


def test_identifiers_are_unique_and_built_as_the_real_ones() -> None:
    assert len({window.id for window in WINDOWS}) == len(WINDOWS)
    for window in WINDOWS[::997]:
        assert parse_identifier(window.id) == window.id
        assert window.id.endswith("0010.001")


def test_revolutions_are_those_of_the_times() -> None:
    for window in WINDOWS[::97]:
        first, next_one = window.revolution, window.revolution + 1
        assert revolution_start(first) <= window.start < revolution_start(next_one)


def test_pointings_are_counted_in_each_revolution() -> None:
    numbers = [int(window.id[4:8]) for window in WINDOWS if window.revolution == 1555]
    assert numbers == list(range(1, len(numbers) + 1))
    assert max(int(window.id[4:8]) for window in WINDOWS) < 150


def test_windows_follow_one_another() -> None:
    assert np.all(STOP > START)
    assert np.all(START[1:] >= STOP[:-1] - 1e-9)


def test_each_window_lies_in_its_observation_and_near_its_target() -> None:
    observed = observations()
    number = np.searchsorted(observed.start, START + 1e-9, side="right") - 1
    named = set(named_windows().ids)
    usual = np.array([window.id[:12] not in named for window in WINDOWS])
    assert np.all((observed.stop[number] + 1e-9 >= STOP)[usual])
    for window, index in list(zip(WINDOWS, number, strict=True))[::501]:
        target = float(observed.ra[index]), float(observed.dec[index])
        assert separations([window.ra], [window.dec], *target)[0] < 2 * STEP * np.sqrt(2) + 0.01


def test_windows_that_the_paper_names_look_at_its_target() -> None:
    named = named_windows()
    at = np.array(named.ra) == named.ra[0]
    found = [plan.windows_by_stem()[name] for name in np.array(named.ids)[at]]
    assert len(found) == 44
    gx_5_1 = named.ra[0], named.dec[0]
    angles = separations([w.ra for w in found], [w.dec for w in found], *gx_5_1)
    assert angles.min() < 0.01
    assert angles.max() < 3.0
    assert len(np.unique(angles.round(3))) > 1  # dithered


def test_the_window_of_public_scripts_sees_the_crab() -> None:
    """Far enough from it that windows drawn at random within 3 degrees of it stay as they were."""
    window = plan.windows_by_stem()["066500220010"]
    assert revolution_start(665) <= window.start < window.stop <= revolution_start(666)
    distance = separations([window.ra], [window.dec], 83.6331, 22.0145)[0]
    assert distance == pytest.approx(STEP * np.sqrt(5), abs=0.02)


def test_no_two_windows_share_their_time() -> None:
    assert np.all(STOP[:-1] <= START[1:] + 1e-9)


@pytest.mark.parametrize("year", range(2003, 2019))
def test_the_crab_is_seen_in_every_year_of_the_paper(year: int) -> None:
    days = 365.25 * (year - 2000)
    seen = [w for w in WINDOWS if days <= w.start < days + 365.25]
    angles = separations([w.ra for w in seen], [w.dec for w in seen], 83.633, 22.014)
    assert np.count_nonzero(angles < 8) >= 20


def test_the_flare_of_3c_279_is_observed_as_a_whole() -> None:
    seen = [w for w in WINDOWS if 5644.2 < w.start < 5646.8]
    angles = separations([w.ra for w in seen], [w.dec for w in seen], 194.047, -5.789)
    assert angles.max() < 10
    gaps = np.diff([w.start for w in seen])
    assert gaps.max() < 0.05  # days


def test_pointings_last_from_half_an_hour_to_an_hour() -> None:
    seconds = (STOP - START) * 86400
    assert np.mean((seconds >= 1799.9) & (seconds <= 3600.1)) > 0.999


@pytest.mark.parametrize("seconds", [1800.0, 3600.0, 5400.0, 45_000.0, 500_000.0])
def test_every_length_of_observation_has_pointings_of_the_usual_length(seconds: float) -> None:
    number = plan.pointings_in(np.array([seconds]))[0]
    assert 1800 <= (seconds + 120) / number - 120 <= 3600


def test_the_sun_is_where_it_was_at_the_equinox_of_march_2010() -> None:
    # 2010-03-20 17:32 UTC
    assert sun_direction(np.array(3731.73)) == pytest.approx([1, 0, 0], abs=3e-4)


def test_the_sun_shines_on_the_panels_and_not_into_the_telescope() -> None:
    line_of_sight = unit_vector([w.ra for w in WINDOWS], [w.dec for w in WINDOWS])
    cosine = np.sum(line_of_sight * sun_direction(START), axis=-1)
    angle = np.degrees(np.arccos(cosine))
    # The real limit is 40 degrees from the perpendicular; a corner of the dither is 6 off it.
    assert np.mean(np.abs(angle - 90) < 40) > 0.99
    assert np.all(np.abs(angle - 90) < 48)


def test_the_roll_of_a_real_window_is_found_again() -> None:
    # 255900280010: the line of sight, and the Z axis that the ISDC gives.
    axis = sunward_axis(unit_vector([286.822876], [20.276278]), np.array([8320.632]))[0]
    real = unit_vector(199.375168, -6.873111)
    assert np.degrees(np.arccos(axis @ real)) < 0.1


def test_axes_are_perpendicular() -> None:
    x = unit_vector([w.ra for w in WINDOWS], [w.dec for w in WINDOWS])
    z = unit_vector([w.ra_z for w in WINDOWS], [w.dec_z for w in WINDOWS])
    assert np.abs(np.sum(x * z, axis=-1)).max() < 1e-9


def test_the_patterns_have_steps_of_217_degrees() -> None:
    wide, narrow = square(), hexagon()
    assert np.linalg.norm(np.diff(wide, axis=0), axis=-1) == pytest.approx(np.full(24, STEP))
    assert np.linalg.norm(narrow[1:], axis=-1) == pytest.approx(np.full(6, STEP))
    assert len(np.unique(wide.round(6), axis=0)) == 25


def test_long_observations_take_the_square_and_short_ones_the_hexagon() -> None:
    steps = offsets(np.array([0, 3]), np.array([25, 24]))
    assert np.array_equal(steps, [square()[0], hexagon()[3]])


def test_good_time_is_disjoint_and_does_not_depend_on_the_other_windows() -> None:
    together = good_intervals(START, STOP)
    assert np.all(np.diff(together.reshape(len(START), 6), axis=1) >= 0)
    alone = good_intervals(np.array(START[7]), np.array(STOP[7]))
    assert np.array_equal(alone, together[7])


def test_most_windows_are_nearly_all_good_and_a_tenth_has_a_long_gap() -> None:
    share = np.array([window.good_time for window in WINDOWS]) / ((STOP - START) * 86400)
    assert share.min() > 0.7
    assert np.mean(share < 0.955) == pytest.approx(0.1, abs=0.01)
