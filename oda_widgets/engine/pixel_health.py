"""Usable pixels: noisy ones are left out, silent ones weighted by the probability of being alive.

A pixel that was off for a part of the window is left out of all of it: image, spectrum and each bin
of a light curve then have the same pixels, and correct rates.

In a long window every living pixel counts, and a silent one is dead. In a short one, or where the
archive holds the events of one band only, many are silent by chance, mostly those that see no
source: leaving them out makes sources too faint, and so does keeping the dead ones. Each silent
pixel is therefore weighted by the probability of being alive (Dempster, Laird & Rubin 1977,
J. R. Stat. Soc. B 39, 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.engine.lone_pixels import stands_out
from oda_widgets.engine.pauses import paused_pixels
from oda_widgets.engine.shadowgram import Recorded, pieces, pixel_numbers
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.window_counts import WindowCounts

_ROUNDS = 5  # iterations of the counts outside the image and the living pixels
_NOT_COUNTED = np.zeros(isgri.DETECTOR_SHAPE)
_HALVINGS = 20  # of the range of the number of dead pixels
_LEAST = 1e-9  # probability, so that no weight is zero
_MOST_PAUSED = 0.5  # of the pixels: if more seem off, the good time is wrong


@dataclass(frozen=True)
class PixelHealth:
    """Pixels in use, and the probability that silent pixels are alive.

    Parameters
    ----------
    used
        Pixels in use, shape (134, 130).
    silent
        Pixels in use that have counted nothing in the whole window, same shape.
    dead
        Largest possible number of dead ones among them.
    totals
        Counts of each pixel over all energies and the whole window, shape (134, 130); read only
        where pixels are silent.
    """

    used: NDArray[np.bool_]
    silent: NDArray[np.bool_]
    dead: float
    totals: Floats

    @property
    def working(self) -> int:
        """Number of pixels in use that are not dead."""
        return int(np.count_nonzero(self.used) - self.dead)

    def alive(self, expected: Floats, counts: Floats, used: NDArray[np.bool_]) -> Floats:
        """Return the probability that each silent pixel is alive.

        Parameters
        ----------
        expected
            Expected counts in an image of each of its pixels if it is alive, flat.
        counts
            Counts of the image, flat.
        used
            The pixels of the image, some or all of those in use, shape (134, 130).

        Notes
        -----
        A source that lights a pixel in the image lights it at other energies and times as well, to
        some degree: the expected counts outside the image are a constant plus a multiple of those
        in it, fitted to all pixels.
        """
        silent = self.silent[used]
        outside = self.totals[used] - counts
        dead = min(self.dead, float(silent.sum()))
        weight = np.where(silent, 1.0 - dead / max(int(silent.sum()), 1), 1.0)
        for _ in range(_ROUNDS):
            whole = expected[silent] + _straight_line(expected, outside, weight)[silent]
            weight[silent] = _alive(np.maximum(whole, 0.0), len(counts), dead)
        return weight[silent]


def pixel_health(events: Recorded) -> PixelHealth:
    """Return the health of the pixels in a window, as recorded or from all its events."""
    if events.living is not None:
        return PixelHealth(events.living, np.zeros_like(events.living), 0.0, _NOT_COUNTED)
    if isinstance(events, WindowCounts):
        return health_of(events.total.astype(float), events.flagged_counts, events.paused)
    counts = np.zeros(isgri.DETECTOR_SHAPE)
    for piece in pieces(events):
        counts += np.bincount(pixel_numbers(events, piece), minlength=counts.size).reshape(
            counts.shape
        )
    return health_of(counts, events.flagged_counts, paused_pixels(events))


def health_of(
    counts: Floats,
    flagged: NDArray[np.int32],
    paused: NDArray[np.bool_] | None = None,
) -> PixelHealth:
    """Return the health of pixels.

    Parameters
    ----------
    counts
        Good events of each pixel over all energies and the whole window, shape (134, 130).
    flagged
        Events of each pixel that were rejected as noise.
    paused
        Pixels that were off for a part of the window, same shape; None for none.

    Notes
    -----
    A pixel is left out if more than half of its events were rejected, if it counts far more than
    all around it, or if it is silent where none is silent by chance. It is not compared with a
    fraction of the typical count: pixels in the shadow of a very bright source also count little.
    """
    good = (
        isgri.existing_pixels() & (flagged <= counts) & ~stands_out(counts, np.sqrt(counts + 1.0))
    )
    if paused is not None and good[paused].sum() < _MOST_PAUSED * good.sum():
        good &= ~paused
    by_chance = _silent_by_chance(counts[good])
    used = good if by_chance >= 1 else good & (counts > 0)
    silent = used & (counts == 0)
    dead = max(np.count_nonzero(silent) - by_chance, 0.0)
    return PixelHealth(used, silent, dead, counts)


def _alive(expected: Floats, number: int, most: float) -> Floats:
    """Return the probability that silent pixels are alive.

    Parameters
    ----------
    expected
        Expected counts of each if it is alive.
    number
        Number of all pixels.
    most
        Largest possible number of dead pixels.
    """

    def alive(dead: float) -> Floats:
        living = (number - dead) * np.exp(-expected)
        return np.asarray(living / np.maximum(dead + living, _LEAST))

    least = 0.0
    for _ in range(_HALVINGS):
        dead = (least + most) / 2
        # If more seem dead than were assumed, there are more.
        least, most = (dead, most) if np.sum(1.0 - alive(dead)) > dead else (least, dead)
    return np.maximum(alive((least + most) / 2), _LEAST)


def _straight_line(x: Floats, y: Floats, weight: Floats) -> Floats:
    """Return the values at x of the best straight line through y."""
    x_mean, y_mean = np.average(x, weights=weight), np.average(y, weights=weight)
    spread = np.average((x - x_mean) ** 2, weights=weight)
    together = np.average((x - x_mean) * (y - y_mean), weights=weight)
    slope = together / spread if spread > _LEAST else 0.0
    return np.asarray(y_mean + slope * (x - x_mean))


def _silent_by_chance(counts: Floats) -> float:
    """Return the number of living pixels that count nothing, from those that count one and two.

    For Poisson counts with one mean it is n1 n1 / 2 n2, and with several means at least that (Chao
    1987, Biometrics 43, 783).
    """
    once, twice = (int(np.count_nonzero(counts == number)) for number in (1, 2))
    return once**2 / (2 * max(twice, 1))
