"""Select the events of a science window that an analysis uses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.repeats import repeats
from oda_widgets.archive.silences import without_silences
from oda_widgets.errors import DamagedFile
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.detector import DETECTOR_SHAPE
from oda_widgets.instruments.isgri.energies.pulses import Pulses, seed_of
from oda_widgets.request.timespan import TimeInterval

_NOTICED = 0.01  # seconds of good time


def usable_events(raw: RawWindow, origin: object) -> WindowEvents:
    """Return the events that are selected, inside good time and complete, in order of time.

    An event is used when its SELECT_FLAG is zero, its time lies in ``start <= t < stop`` of a good
    time interval, its pixel exists, and it has an energy: finite and above zero, or, where the
    pulses are known, a pulse from which the energy can be reconstructed. A row that repeats another
    counts once. Long stretches without any event are removed from good time (see
    `oda_widgets.archive.silences`).

    Parameters
    ----------
    raw
        All events, as recorded.
    origin
        A file or the name of an archive, for the message.

    Raises
    ------
    DamagedFile
        If no event is left; the message says which condition removed the last ones.
    """
    order = _order(raw.time)
    good_time = without_silences(raw.time[order], raw.good_time)
    once = _once(raw, order)
    on_detector = (raw.dety < DETECTOR_SHAPE[1]) & (raw.detz < DETECTOR_SHAPE[0]) & once
    conditions = {
        "is on the detector": on_detector,
        "was selected (SELECT_FLAG = 0)": raw.select_flag == 0,
        "has an energy": _has_energy(raw),
        "is inside good time": _inside(raw.time, good_time),
    }
    rows = _rows_in_time_order(_all_of(conditions, origin), order)
    return WindowEvents(
        window=raw.window,
        time=raw.time[rows],
        energy=raw.energy[rows],
        dety=raw.dety[rows],
        detz=raw.detz[rows],
        good_time=good_time,
        flagged_counts=_counts_per_pixel(raw, on_detector & (raw.select_flag != 0)),
        pulses=_pulses(raw, rows),
        left_out=_left_out(raw, good_time, once, order),
    )


def _left_out(
    raw: RawWindow,
    good_time: tuple[TimeInterval, ...],
    once: NDArray[np.bool_],
    order: NDArray[np.intp] | slice,
) -> str:
    """Say how much good time and how many rows of the file are not used, and why."""
    seconds = sum(one.seconds for one in raw.good_time) - sum(one.seconds for one in good_time)
    again = len(once) - int(np.count_nonzero(once))
    timeless = 0 if isinstance(order, slice) else int(np.count_nonzero(np.isnan(raw.time)))
    found = {
        f"{seconds:,.1f} s of its good time are left out: no event in them": seconds > _NOTICED,
        f"{again:,} of its {len(once):,} events are there twice and count once": again,
        f"{timeless:,} of its {len(once):,} events have no time and are missing": timeless,
    }
    return ", ".join(words for words, said in found.items() if said)


def _once(raw: RawWindow, order: NDArray[np.intp] | slice) -> NDArray[np.bool_]:
    """Return True for rows that repeat no earlier one."""
    pulse = raw.energy if raw.height is None else raw.height
    once = np.ones(len(raw), np.bool_)
    once[repeats(raw.time, order, (raw.dety, raw.detz, pulse))] = False
    return once


def _order(time: NDArray[np.float64]) -> NDArray[np.intp] | slice:
    """Return the order of rows by time: a slice of all if they are sorted, as in most files."""
    return slice(None) if _in_order(time) else np.argsort(time, kind="stable")


def _has_energy(raw: RawWindow) -> NDArray[np.bool_]:
    energetic: NDArray[np.bool_] = (raw.energy > 0) & (raw.energy < np.inf)
    return energetic if raw.height is None else energetic | (raw.height > 0)


def _pulses(raw: RawWindow, rows: NDArray[np.intp]) -> Pulses | None:
    """Return the pulses of rows; None if the file has none, or only zeros."""
    if raw.height is None or raw.rise_time is None:
        return None
    if not raw.height.any() or not raw.rise_time.any():
        return None
    return Pulses(
        height=raw.height[rows],
        rise_time=raw.rise_time[rows],
        dety=raw.dety[rows],
        detz=raw.detz[rows],
        seed=seed_of(raw.window.id),
        row=rows.astype(np.int32),
    )


def _all_of(conditions: dict[str, NDArray[np.bool_]], origin: object) -> NDArray[np.bool_]:
    kept = np.array(True)  # noqa: FBT003 - a truth value that arrays are combined with
    for words, condition in conditions.items():
        kept = kept & condition
        if not kept.any():
            problem = f"{origin} has no usable event: none of {len(condition)} {words}."
            raise DamagedFile(problem, "Leave this science window out.")
    return kept


def _inside(time: NDArray[np.float64], good_time: tuple[TimeInterval, ...]) -> NDArray[np.bool_]:
    edges = np.array([(interval.start, interval.stop) for interval in good_time]).ravel()
    if _in_order(time):
        # As in nearly all files: find the few edges among the events.
        inside = np.zeros(len(time), bool)
        for first, last in np.searchsorted(time, edges).reshape(-1, 2):
            inside[first:last] = True
        return inside
    # Inside an interval, the number of edges before an event is odd.
    edges_passed = np.searchsorted(edges, time, side="right")
    odd: NDArray[np.bool_] = edges_passed % 2 == 1
    return odd


def _in_order(times: NDArray[np.float64]) -> bool:
    return bool(np.all(times[1:] >= times[:-1]))


def _rows_in_time_order(
    kept: NDArray[np.bool_], order: NDArray[np.intp] | slice
) -> NDArray[np.intp]:
    if isinstance(order, slice):
        return np.flatnonzero(kept)
    return order[kept[order]]


def _counts_per_pixel(raw: RawWindow, chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
    pixel = raw.detz[chosen].astype(np.intp) * DETECTOR_SHAPE[1] + raw.dety[chosen]
    counts = np.bincount(pixel, minlength=DETECTOR_SHAPE[0] * DETECTOR_SHAPE[1])
    return counts.reshape(DETECTOR_SHAPE).astype(np.int32)
