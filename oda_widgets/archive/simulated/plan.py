"""Plan the mission: every science window with its time and attitude.

The spacecraft turns its solar panels to the Sun and steps through a dither pattern: a coded mask
needs the steps between pointings to tell sources from the structure of the background. INTEGRAL
used a square of 5 x 5 and a hexagon of 7 pointings, both with steps of 2.17 degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.simulated.gaps import good_seconds
from oda_widgets.archive.simulated.observations import (
    Integers,
    Observations,
    named_windows,
    observations,
)
from oda_widgets.arrays import Floats
from oda_widgets.instruments.pointing import unit_vector
from oda_widgets.request.instruments import instruments
from oda_widgets.request.revolutions import FIRST_REVOLUTION, LAST_REVOLUTION, revolution_start
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import SECONDS_PER_DAY

STEP = 2.17
"""Distance of neighbouring pointings, degrees."""

_J2000 = 0.5  # IJD of 2000-01-01 12:00
_SLEW = 120.0  # seconds from one pointing of a pattern to the next
_USUAL, _LEAST, _MOST = 3000.0, 1800.0, 3600.0  # seconds that a pointing lasts
_SLOTS = 120  # pointings of a revolution, more than in any named window
_WORTHWHILE = 600.0  # seconds; shorter rests of interrupted observations get no pointing


@cache
def mission() -> tuple[ScienceWindow, ...]:
    """Return all science windows in order of time."""
    observed = observations()
    seconds = (observed.stop - observed.start) * SECONDS_PER_DAY
    number = pointings_in(seconds)
    which = np.repeat(np.arange(len(number)), number)
    position = np.arange(len(which)) - np.repeat(np.cumsum(number) - number, number)
    pace = ((seconds + _SLEW) / np.maximum(number, 1))[which]
    start = observed.start[which] + position * pace / SECONDS_PER_DAY
    stop = start + (pace - _SLEW) / SECONDS_PER_DAY
    attitude = _attitude(observed, which, offsets(position, number[which]), start)
    return _with_named(_windows(_identifiers(start), start, stop, attitude), start, stop)


@cache
def windows_by_stem() -> dict[str, ScienceWindow]:
    """Return all science windows by their identifiers without version."""
    return {window.id[:12]: window for window in mission()}


def pointings_in(seconds: Floats) -> Integers:
    """Return the numbers of pointings in observations of given lengths.

    They last about 3000 s, and 1800 to 3600 s if the length of the observation allows it.
    """
    slots = seconds + _SLEW
    most = np.floor(slots / (_LEAST + _SLEW))
    least = np.ceil(slots / (_MOST + _SLEW))
    number = np.maximum(np.minimum(np.round(slots / (_USUAL + _SLEW)), most), least)
    return np.where(seconds >= _WORTHWHILE, number, 0).astype(np.intp)


def square() -> Floats:
    """Return the offsets of the 5 x 5 pattern, degrees along Y and Z, shape (25, 2).

    Rows alternate in direction, so that each slew is one step.
    """
    steps = np.arange(-2, 3)
    rows = [[(y, z) for y in (steps if z % 2 == 0 else steps[::-1])] for z in steps]
    return STEP * np.array(rows, float).reshape(25, 2)


def hexagon() -> Floats:
    """Return the offsets of the hexagonal pattern with its centre, degrees, shape (7, 2)."""
    angle = np.radians(60 * np.arange(6))
    corners = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return STEP * np.concatenate([np.zeros((1, 2)), corners])


def offsets(position: NDArray[np.intp], number: NDArray[np.intp]) -> Floats:
    """Return the offsets of pointings, degrees along Y and Z, shape (n, 2).

    An observation too short for 25 pointings takes the hexagon; the list of observations does not
    tell the real pattern.

    Parameters
    ----------
    position
        Index of each pointing in its observation, from 0.
    number
        Number of pointings of its observation.
    """
    wide, narrow = square(), hexagon()
    return np.where(
        (number >= len(wide))[:, None],
        wide[position % len(wide)],
        narrow[position % len(narrow)],
    )


def sun_direction(ijd: Floats) -> Floats:
    """Return unit vectors to the Sun, equatorial, shape (n, 3); good to 0.01 degrees.

    By the low-precision formula of the Astronomical Almanac (page C5).
    """
    days = np.asarray(ijd, float) - _J2000
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = np.radians(
        280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)
    )
    obliquity = np.radians(23.439 - 4e-7 * days)
    return np.stack(
        [
            np.cos(longitude),
            np.cos(obliquity) * np.sin(longitude),
            np.sin(obliquity) * np.sin(longitude),
        ],
        axis=-1,
    )


def sunward_axis(line_of_sight: Floats, ijd: Floats) -> Floats:
    """Return the Z axis of the spacecraft, shape (n, 3).

    The solar panels face the Sun, so Z points as near to it as the line of sight allows; in the
    real science window 255900280010 this holds to 0.05 degrees.

    Parameters
    ----------
    line_of_sight
        The X axis, unit vectors, shape (n, 3).
    ijd
        Times, shape (n,).
    """
    sun = sun_direction(ijd)
    along = np.sum(sun * line_of_sight, axis=-1, keepdims=True)
    across = sun - along * line_of_sight
    axis: Floats = across / np.linalg.norm(across, axis=-1, keepdims=True)
    return axis


def _attitude(
    observed: Observations, which: Integers, steps: Floats, start: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return RA and Dec of the X axis and of the Z axis of every window, degrees."""
    target = unit_vector(observed.ra, observed.dec)[which]
    pattern_z = sunward_axis(target, observed.start[which])
    pattern_y = np.cross(pattern_z, target)
    tangent = np.tan(np.radians(steps))
    x = target + tangent[:, :1] * pattern_y + tangent[:, 1:] * pattern_z
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    return *_position(x), *_position(sunward_axis(x, start))


def _position(direction: Floats) -> tuple[Floats, Floats]:
    x, y, z = direction.T
    return np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arcsin(np.clip(z, -1, 1)))


def _with_named(
    windows: Sequence[ScienceWindow], starts: Floats, stops: Floats
) -> tuple[ScienceWindow, ...]:
    """Return windows, replacing by named ones all that share their time or name."""
    named = _named_windows()
    taken = {window.id for window in named}
    free = np.ones(len(windows), bool)
    for window in named:
        free &= (starts >= window.stop) | (stops <= window.start)
    left = (w for w, is_free in zip(windows, free, strict=True) if is_free and w.id not in taken)
    return tuple(sorted((*left, *named), key=lambda window: window.start))


def _named_windows() -> tuple[ScienceWindow, ...]:
    """Return the named science windows, at nominal times of their revolutions."""
    named = named_windows()
    revolution, pointing = (np.array([int(one[i : i + 4]) for one in named.ids]) for i in (0, 4))
    starts, stops = ([revolution_start(n + k) for n in revolution.tolist()] for k in (0, 1))
    slot = (np.array(stops) - starts) / _SLOTS
    start = starts + pointing * slot
    target = Observations(named.ra, named.dec, start, start + slot)
    steps = offsets(named.place, named.pointings)
    attitude = _attitude(target, np.arange(len(named.ids)), steps, start)
    ids = [f"{one}.001" for one in named.ids]
    return _windows(ids, start, start + slot - _SLEW / SECONDS_PER_DAY, attitude)


def _windows(
    ids: Sequence[str],
    start: Floats,
    stop: Floats,
    attitude: tuple[Floats, Floats, Floats, Floats],
) -> tuple[ScienceWindow, ...]:
    columns = (start, stop, *attitude, good_seconds(start, stop))
    lists = [column.tolist() for column in columns]
    marks = [True] * len(start)
    units = [one.name for one in instruments() if one.mode]  # they are on whenever ISGRI is
    others = [tuple((unit, seconds) for unit in units) for seconds in lists[-1]]
    return tuple(map(ScienceWindow, ids, *lists, marks, others))


def _identifiers(start: Floats) -> list[str]:
    """Return RRRRPPPP0010.001: the revolution, and the pointing in it, from 1."""
    revolution = _revolutions(start)
    first = np.searchsorted(revolution, revolution)  # of its revolution: they are in order
    pointing = np.arange(len(start)) - first + 1
    numbers = (revolution * 10_000 + pointing).tolist()
    return [f"{number:08d}0010.001" for number in numbers]


def _revolutions(time: Floats) -> Integers:
    numbers = range(FIRST_REVOLUTION, LAST_REVOLUTION + 1)
    starts = [revolution_start(number) for number in numbers]
    return np.searchsorted(starts, time, side="right") + FIRST_REVOLUTION - 1
