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
_LINES = 4  # lines of the grid on each side of the middle
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


def grid(ra0: float, dec0: float, reach: float) -> Grid:
    """Return a grid around a position that reaches some degrees from it."""
    step = next((s for s in _STEPS if reach / s <= _LINES), _STEPS[-1])
    found = Grid([], [], [], [], [])
    along = np.linspace(-1.1 * reach, 1.1 * reach, 121)
    for dec in _multiples(dec0, reach, step):
        if abs(dec) < 90:
            _add(found, ra0 + along / max(np.cos(np.radians(dec)), 0.05), np.full(121, dec),
                 f"{dec:+g}°".replace("-", "\N{MINUS SIGN}"), ra0, dec0, reach)  # fmt: skip
    wide = step / max(np.cos(np.radians(dec0)), 0.2)
    wide = next((s for s in _STEPS if s >= wide), _STEPS[-1])
    up = np.clip(dec0 + along, -90, 90)
    for ra in _multiples(ra0, min(reach / max(np.cos(np.radians(dec0)), 0.2), 179), wide):
        _add(found, np.full(121, ra), up, f"{ra % 360:g}°", ra0, dec0, reach)
    return found


def _multiples(middle: float, reach: float, step: float) -> list[float]:
    first, last = np.ceil((middle - reach) / step), np.floor((middle + reach) / step)
    return [float(n * step) for n in np.arange(first, last + 1)]


def _add(
    found: Grid, ra: Floats, dec: Floats, label: str, ra0: float, dec0: float, reach: float
) -> None:
    """Add to the grid the part of a line within reach, labelled where it begins."""
    x, y = flat(ra, dec, ra0, dec0)
    inside = np.hypot(x, y) <= 1.15 * reach
    if not inside.any():
        return
    found.x.append(np.where(inside, x, np.nan))
    found.y.append(np.where(inside, y, np.nan))
    first = int(np.flatnonzero(inside)[-1 if np.ptp(dec) == 0 else 0])
    found.label_x.append(float(x[first]))
    found.label_y.append(float(y[first]))
    found.labels.append(label)
