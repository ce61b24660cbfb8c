"""Find events that a file has more than once, from telemetry packets received twice.

A pixel is dead for 114 µs after an event, and times have steps of 61 µs: rows with the same time,
pixel and pulse height are one event.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats


def repeats(
    time: Floats, order: NDArray[np.intp] | slice, pixel_and_pulse: tuple[NDArray[np.generic], ...]
) -> NDArray[np.intp]:
    """Return the rows that repeat an earlier one.

    Parameters
    ----------
    time
        Of all rows, IJD days.
    order
        Sorts them by time, rows of equal time as they are in the file.
    pixel_and_pulse
        Columns that must be equal besides the time.
    """
    ordered = time[order]
    same = ordered[1:] == ordered[:-1]
    at = np.flatnonzero(same)
    if not len(at):
        return at
    candidate = np.zeros(len(time), np.bool_)
    candidate[at] = candidate[at + 1] = True
    places = np.flatnonzero(candidate)
    rows = places if isinstance(order, slice) else order[places]
    instants = np.cumsum(np.append(True, ordered[places[1:]] != ordered[places[:-1]]))
    columns = (instants, *(column[rows] for column in pixel_and_pulse))
    arranged = np.lexsort(columns[::-1])
    again = np.ones(len(rows) - 1, np.bool_)
    for column in columns:
        in_turn = column[arranged]
        again &= in_turn[1:] == in_turn[:-1]
    return rows[arranged[1:][again]]
