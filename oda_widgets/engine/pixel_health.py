"""Usable pixels: noisy ones are left out, silent ones weighted by P(alive).

A pixel that was off for a part of the window is left out of all of it: then image, spectrum and
each bin of a light curve have the same pixels, and rates that are right.

In a long window every living pixel counts, and a silent one is dead. In a short one, or where the
archive holds the events of one band only, many are silent by chance, most of them where no source
shines: to leave them out makes sources fainter than they are, and so does it to keep the dead. Each
silent pixel is therefore weighted with the probability that it lives (Dempster, Laird & Rubin 1977,
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

_ROUNDS = 5  # in which the light outside the image and the living pixels are found
_NOT_COUNTED = np.zeros(isgri.DETECTOR_SHAPE)
_HALVINGS = 20  # of the range in which the number of dead pixels is
_LEAST = 1e-9  # probability, so that no weight is zero
_MOST_PAUSED = 0.5  # of the pixels: more were not off, but the good time is not what it says


@dataclass(frozen=True)
class PixelHealth:
    """Pixels in use, and the probability that silent pixels are alive.

    Parameters
    ----------
    used
        Pixels in use, shape (134, 130).
    silent
        Those of them that have counted nothing in the whole window, same shape.
    dead
        The most of these that can be dead.
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
        """Return the probability that each silent pixel lives.

        Parameters
        ----------
        expected
            Counts in an image that a model expects of each of its pixels if it lives, flat.
        counts
            Those of the image, flat.
        used
            The pixels of the image, some or all of those in use, shape (134, 130).

        Notes
        -----
        A source that lights a pixel in the image lights it at other energies and times as well,
        more or less of it: the counts outside the image are taken as a constant and a multiple of
        what is expected in it, as all pixels show.
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
    """Return the health of the pixels in a window, judged by all its events if it has to be."""
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
        Events that were refused as noise.
    paused
        Pixels that were off for a part of the window, same shape; None for none.

    Notes
    -----
    A pixel is left out when more than half of its events were refused, when it counts far more than
    all around it, and when it is silent where chance silences none. It is not compared with a
    fraction of the typical count: the shadow of a very bright source looks like that too.
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
    """Return the probability that silent pixels live.

    Parameters
    ----------
    expected
        Counts of each if it lives.
    number
        Of all pixels.
    most
        Number that can be dead.
    """

    def alive(dead: float) -> Floats:
        living = (number - dead) * np.exp(-expected)
        return np.asarray(living / np.maximum(dead + living, _LEAST))

    least = 0.0
    for _ in range(_HALVINGS):
        dead = (least + most) / 2
        # As long as more seem dead than were taken to be, there are more.
        least, most = (dead, most) if np.sum(1.0 - alive(dead)) > dead else (least, dead)
    return np.maximum(alive((least + most) / 2), _LEAST)


def _straight_line(x: Floats, y: Floats, weight: Floats) -> Floats:
    """Return the values at x of the straight line that fits y best."""
    x_mean, y_mean = np.average(x, weights=weight), np.average(y, weights=weight)
    spread = np.average((x - x_mean) ** 2, weights=weight)
    together = np.average((x - x_mean) * (y - y_mean), weights=weight)
    slope = together / spread if spread > _LEAST else 0.0
    return np.asarray(y_mean + slope * (x - x_mean))


def _silent_by_chance(counts: Floats) -> float:
    """Return how many living pixels count nothing, from how many count one and two.

    For Poisson counts of one mean that is n1 n1 / 2 n2, and for those of several means no less
    (Chao 1987, Biometrics 43, 783).
    """
    once, twice = (int(np.count_nonzero(counts == number)) for number in (1, 2))
    return once**2 / (2 * max(twice, 1))
