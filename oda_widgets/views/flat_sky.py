"""The sky on a plane around a position, for maps of pointings that may reach everywhere.

The projection is zenithal equidistant (ARC, Calabretta & Greisen 2002, A&A 395, 1077, section
5.1.4): angles from the middle are true, however large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from oda_widgets.arrays import Floats

_STEPS = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
_LINES = 6  # steps of the grid from the middle to a corner, at most
_POINTS = 241  # of a line
# Room for a label in parts of the frame, which is 260 screen pixels wide or more.
_INSET, _LABEL_WIDTH, _LABEL_HEIGHT = 0.01, 0.16, 0.06
_ROUND = np.linspace(0.0, 360.0, 61)


@dataclass(frozen=True)
class Grid:
    """Lines of equal right ascension and declination, and their labels, all in degrees."""

    x: list[Floats]
    y: list[Floats]
    label_x: list[float]
    label_y: list[float]
    labels: list[str]


def components(
    ra: ArrayLike, dec: ArrayLike, ra0: float, dec0: float
) -> tuple[Floats, Floats, Floats]:
    """Return unit vectors to positions: components along east, north and the middle itself.

    Parameters
    ----------
    ra, dec
        Degrees, scalars or shape (n,).
    ra0, dec0
        Of the middle.

    Examples
    --------
    >>> [float(part.round(3)) for part in components(110.0, 0.0, 80.0, 0.0)]
    [0.5, 0.0, 0.866]
    """
    turn, up = np.radians(np.asarray(ra, float) - ra0), np.radians(np.asarray(dec, float))
    middle = np.radians(dec0)
    east = np.cos(up) * np.sin(turn)
    north = np.cos(middle) * np.sin(up) - np.sin(middle) * np.cos(up) * np.cos(turn)
    along = np.sin(middle) * np.sin(up) + np.cos(middle) * np.cos(up) * np.cos(turn)
    return east, north, along


def flat(ra: ArrayLike, dec: ArrayLike, ra0: float, dec0: float) -> tuple[Floats, Floats]:
    """Return positions as degrees to the east and to the north of the middle.

    Parameters
    ----------
    ra, dec
        Degrees, shape (n,).
    ra0, dec0
        Of the middle.

    Examples
    --------
    >>> x, y = flat([85.0], [0.0], 80.0, 0.0)
    >>> float(x[0].round(6)), float(y[0].round(6))
    (5.0, 0.0)
    """
    east, north, along = components(ra, dec, ra0, dec0)
    across = np.hypot(east, north)
    angle = np.degrees(np.arctan2(across, along))
    scale = np.divide(angle, across, out=np.zeros_like(across), where=across > 0)
    return east * scale, north * scale


def on_circle(ra: float, dec: float, radius: float) -> tuple[Floats, Floats]:
    """Return positions on a circle around another one, everything in degrees."""
    around, middle, distance = np.radians(_ROUND), np.radians(dec), np.radians(radius)
    up = np.arcsin(
        np.sin(middle) * np.cos(distance) + np.cos(middle) * np.sin(distance) * np.cos(around)
    )
    turn = np.arctan2(
        np.sin(around) * np.sin(distance) * np.cos(middle),
        np.cos(distance) - np.sin(middle) * np.sin(up),
    )
    return ra + np.degrees(turn), np.degrees(up)


def grid(ra0: float, dec0: float, across: tuple[float, float], up: tuple[float, float]) -> Grid:
    """Return a grid around a position that fills a frame, with labels that stand inside it.

    Parameters
    ----------
    ra0, dec0
        Of the middle, degrees.
    across, up
        Ends of the frame to the east and to the north of the middle, degrees.
    """
    reach = float(np.hypot(np.abs(across).max(), np.abs(up).max()))
    step = next((s for s in _STEPS if reach / s <= _LINES), _STEPS[-1])
    found, frame = Grid([], [], [], [], []), (across, up)
    along = np.linspace(-reach, reach, _POINTS)
    polar = abs(dec0) + reach > 90  # lines of right ascension end at the pole, in the frame
    for dec in _multiples(dec0, reach, step):
        if abs(dec) < 90:
            turn = 180.0 if polar else min(reach / np.cos(np.radians(dec)), 180.0)
            x, y = flat(ra0 + along * turn / reach, dec, ra0, dec0)
            label = f"{dec:+g}°".replace("-", "\N{MINUS SIGN}")
            _add(found, x, y, frame, label, x)
    narrow = max(np.cos(np.radians(dec0)), 0.2)
    wide = _STEPS[-1] if polar else next((s for s in _STEPS if s >= step / narrow), _STEPS[-1])
    decs = np.clip(dec0 + along, -90, 90)
    for ra in _multiples(ra0, 179 if polar else min(reach / narrow, 179), wide):
        x, y = flat(np.full(_POINTS, ra), decs, ra0, dec0)
        _add(found, x, y, frame, f"{ra % 360:g}°", -np.abs(decs) if polar else -y)
    return found


def _multiples(middle: float, reach: float, step: float) -> list[float]:
    first, last = np.ceil((middle - reach) / step), np.floor((middle + reach) / step)
    return [float(n * step) for n in np.arange(first, last + 1)]


def _add(
    found: Grid,
    x: Floats,
    y: Floats,
    frame: tuple[tuple[float, float], tuple[float, float]],
    label: str,
    rank: Floats,
) -> None:
    """Add a line to the grid, labelled where its rank is highest and the label has room."""
    sides = [(low, high, high - low) for low, high in map(sorted, frame)]
    (west, east, wide), (south, north, high) = sides
    found.x.append(x)
    found.y.append(y)
    # East is on the left: a label stands to the west of its point, and above it.
    room = (x < east - _INSET * wide) & (x > west + _LABEL_WIDTH * wide)
    room &= (y > south + _INSET * high) & (y < north - _LABEL_HEIGHT * high)
    if not room.any():
        return
    place = int(np.argmax(np.where(room, rank, -np.inf)))
    found.label_x.append(float(x[place]))
    found.label_y.append(float(y[place]))
    found.labels.append(label)
