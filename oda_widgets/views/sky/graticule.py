"""Lines of constant right ascension and declination over an image, and where to label them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.views.sky.angles import degrees_text, short_dec_text, short_ra_text
from oda_widgets.views.sky.window import Frame, Window

if TYPE_CHECKING:
    from astropy.wcs import WCS


# Steps that are round in the notation of the labels, degrees.
_RA_STEPS = tuple(15 / 3600 * s for s in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600))
_DEC_STEPS = tuple(n / 60 for n in (1 / 6, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900))
_DEGREE_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
_SAMPLES = 97
_BESIDE = 0.5  # part of a window; lines reach so far beyond each side, to be there in a drag
_DEFAULT_LINES = 7  # in a frame of unknown size
_FEWEST_LINES = 3
_APART = 62.0  # screen pixels between lines, at least
_BETWEEN = 14.0  # least distance of labels, screen pixels


@dataclass(frozen=True)
class Graticule:
    """Curves in pixel coordinates, and the labels where they meet the frame.

    Parameters
    ----------
    curves
        One (x, y) pair per line; NaN far outside the window.
    bottom, left
        Position along the lower and the left edge, and label.
    """

    curves: tuple[tuple[Floats, Floats], ...]
    bottom: dict[float, str]
    left: dict[float, str]


def graticule(
    wcs: WCS, window: Window, frame: Frame | None = None, *, sexagesimal: bool = True
) -> Graticule:
    """Return the coordinate grid of a window.

    Parameters
    ----------
    wcs
        Celestial coordinates of the image.
    window
        Part of the sky on screen.
    frame
        Its width and height, screen pixels: a large one has room for more lines.
    sexagesimal
        Label in hours, minutes and degrees, minutes; otherwise in decimal degrees.
    """
    ra, dec = _extent(wcs, window)
    across, upward = _wanted_lines(frame)
    ra_step = _step(ra, _RA_STEPS if sexagesimal else _DEGREE_STEPS, across)
    dec_step = _step(dec, _DEC_STEPS if sexagesimal else _DEGREE_STEPS, upward)
    around = window.widened(_BESIDE)
    ra, dec = _extent(wcs, around)
    meridians = {value: _meridian(wcs, value, dec) for value in _multiples(ra, ra_step)}
    parallels = {value: _parallel(wcs, value, ra) for value in _multiples(dec, dec_step)}
    ra_label, dec_label = (
        (short_ra_text, short_dec_text) if sexagesimal else (degrees_text, degrees_text)
    )
    bottom = _crossings(meridians, window)
    left = _crossings({d: (y, x) for d, (x, y) in parallels.items()}, _transposed(window))
    curves = (*meridians.values(), *parallels.values())
    return Graticule(
        curves=tuple(_inside(curve, around) for curve in curves),
        bottom={place: ra_label(value % 360, ra_step) for place, value in bottom.items()},
        left={place: dec_label(value, dec_step) for place, value in left.items()},
    )


def thinned(labels: dict[float, str], scale: float, letter: float) -> dict[float, str]:
    """Return every label, or every second, third ... of them, so that none meets the next.

    Parameters
    ----------
    labels
        By their place along an edge.
    scale
        Screen pixels for each unit of a place.
    letter
        Width of a letter along the edge, screen pixels; 0 for labels one above the other.
    """
    places = sorted(labels)
    size = max((len(labels[place]) for place in places), default=0) * letter + _BETWEEN
    for step in range(1, len(places)):
        kept = places[::step]
        if all((b - a) * scale >= size for a, b in pairwise(kept)):
            return {place: labels[place] for place in kept}
    return {place: labels[place] for place in places[:1]}


def _extent(wcs: WCS, window: Window) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the range of right ascension (unwrapped) and declination inside a window."""
    x, y = np.meshgrid(
        np.linspace(window.left, window.right, 17), np.linspace(window.bottom, window.top, 17)
    )
    ra, dec = wcs.wcs_pix2world(x.ravel(), y.ravel(), 0)
    ra, dec = ra[np.isfinite(ra)], dec[np.isfinite(dec)]
    if not ra.size:
        return (0.0, 360.0), (-90.0, 90.0)
    middle = ra[len(ra) // 2]
    offset = (ra - middle + 180) % 360 - 180
    low, high = middle + offset.min(), middle + offset.max()
    return (float(low), float(high)), (float(dec.min()), float(dec.max()))


def _wanted_lines(frame: Frame | None) -> tuple[float, float]:
    """Return how many meridians and how many parallels a frame has room for."""
    if frame is None:
        return _DEFAULT_LINES, _DEFAULT_LINES
    across, upward = (max(size / _APART, _FEWEST_LINES) for size in frame)
    return across, upward


def _step(extent: tuple[float, float], steps: tuple[float, ...], lines: float) -> float:
    """Return the smallest round step that draws no more lines than wanted."""
    span = extent[1] - extent[0]
    return next((step for step in steps if span / step <= lines), steps[-1])


def _multiples(extent: tuple[float, float], step: float) -> list[float]:
    first, last = np.ceil(extent[0] / step), np.floor(extent[1] / step)
    return [float(n * step) for n in np.arange(first, last + 1)]


def _meridian(wcs: WCS, ra: float, dec: tuple[float, float]) -> tuple[Floats, Floats]:
    along = np.linspace(*_widened(dec, 90.0), _SAMPLES)
    return _to_pixels(wcs, np.full(_SAMPLES, ra % 360), along)


def _parallel(wcs: WCS, dec: float, ra: tuple[float, float]) -> tuple[Floats, Floats]:
    along = np.linspace(*_widened(ra, 1e9), _SAMPLES)
    return _to_pixels(wcs, along % 360, np.full(_SAMPLES, dec))


def _widened(extent: tuple[float, float], limit: float) -> tuple[float, float]:
    """Let a curve start a little outside, so that it reaches the frame."""
    margin = 0.05 * (extent[1] - extent[0])
    return max(extent[0] - margin, -limit), min(extent[1] + margin, limit)


def _to_pixels(wcs: WCS, ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
    x, y = wcs.wcs_world2pix(ra, dec, 0)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def _crossings(curves: dict[float, tuple[Floats, Floats]], window: Window) -> dict[float, float]:
    """Return where curves meet the lower edge of a window: place along it, and value."""
    found: dict[float, float] = {}
    for value, (x, y) in curves.items():
        below = np.signbit(y - window.bottom)
        for i in np.flatnonzero(below[1:] != below[:-1]):
            place = np.interp(0, *_ascending(y[i : i + 2] - window.bottom, x[i : i + 2]))
            if window.left <= place <= window.right:
                found[float(place)] = value
    return found


def _ascending(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(first)
    return first[order], second[order]


def _transposed(window: Window) -> Window:
    return Window(window.bottom, window.top, window.left, window.right)


def _inside(curve: tuple[Floats, Floats], window: Window) -> tuple[Floats, Floats]:
    """Blank what lies far outside, where a gnomonic projection runs to infinity."""
    x, y = curve
    width, height = window.right - window.left, window.top - window.bottom
    near = (x > window.left - width) & (x < window.right + width)
    near &= (y > window.bottom - height) & (y < window.top + height)
    return np.where(near, x, np.nan), np.where(near, y, np.nan)
