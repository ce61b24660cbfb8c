"""The counts of a science window by energy and pixel, as the node ``ISGRICounts``.

A window is read and calibrated once: images and spectra of all its time are made from its counts,
in any band, and light curves take the sensitivity of its pixels from them. Parts of its time, and
bands with edges that are not edges of the counts, need the events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from oda_widgets.analysis.exposure import selected_events
from oda_widgets.analysis.recorded_events import MOST_WINDOWS
from oda_widgets.engine.pauses import paused_pixels
from oda_widgets.engine.shadowgram import Recorded, window_counts
from oda_widgets.instruments.isgri.energies.origin import EnergyOrigin
from oda_widgets.instruments.isgri.window_counts import PackedCounts, WindowCounts, on_edges
from oda_widgets.instruments.sensitivity import Sensitivity
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

COUNTS = "ISGRICounts"
"""Name of the step."""

_ARRAYS = ("energy", "curves", "curve", "usual")
_WORDS = tuple(one.name for one in fields(Sensitivity) if one.name not in (*_ARRAYS, "gain"))


def counts_task(analysis: Analysis, window: ScienceWindow) -> Task:
    """Return the task to count the events of a window of the archive.

    Raises
    ------
    ArchiveError
        If the archive cannot read its file.
    """
    events = analysis.events_node(window)
    return Task(_counts_node(events), partial(_counted, window, events))


@lru_cache(maxsize=MOST_WINDOWS)
def _counts_node(events: Node) -> Node:
    return Node(COUNTS, code_version(__name__), inputs=(events,))


def counts_for(analysis: Analysis, window: QueryWindow, edges: Sequence[float]) -> tuple[Task, ...]:
    """Return the task that counts a window, or an empty tuple if its events are needed.

    Parameters
    ----------
    analysis, window
        The query and one of its windows.
    edges
        Edges of the bands to count, keV; empty for the channels of spectra.
    """
    return () if window.restriction else counts_of(analysis, window.science_window, edges)


def counts_of(
    analysis: Analysis, window: ScienceWindow, edges: Sequence[float]
) -> tuple[Task, ...]:
    """Return the task that counts a whole window; parameters as for `counts_for`."""
    return (counts_task(analysis, window),) if on_edges(*edges) else ()


def recorded(
    window: QueryWindow, counts: Sequence[Task], session: Session
) -> tuple[Recorded, tuple[TimeInterval, ...]]:
    """Return the counts of a window, or its events, and its good time to be used.

    Parameters
    ----------
    window
        A window of the query.
    counts
        The task that counts it, if its events are not needed.

    Raises
    ------
    EmptySelection
        If it has no good time in the intervals of the query.
    """
    if not counts:
        return selected_events(window, session)
    session.report("reading", window, 0.0)
    found = counts_in(session.result(counts[0]))
    return found, found.good_time


def counts_in(result: Payload) -> WindowCounts:
    """Return the counts in a result."""
    facts, arrays = result.facts, result.arrays
    return WindowCounts(
        number=facts["number"],
        total=arrays["total"],
        packed=PackedCounts(arrays["content"], arrays["ends"], arrays["widths"]),
        window=ScienceWindow(**facts["window"]),
        good_time=tuple(TimeInterval(*ends) for ends in facts["good_time"]),
        flagged_counts=arrays["flagged"],
        live_fraction=facts["live_fraction"],
        origin=_origin(facts["origin"]),
        sensitivity=_sensitivity(facts["sensitivity"], arrays),
        paused=arrays["paused"],
        note=facts["note"],
        left_out=facts["left_out"],
    )


def _counted(window: ScienceWindow, node: Node, session: Session) -> Payload:
    """Return the counts of a window in the form of the store."""
    events = session.events(window, node)
    counts = window_counts(events, paused_pixels(events))
    facts = {
        "number": counts.number,
        "window": asdict(counts.window),
        "good_time": [[interval.start, interval.stop] for interval in counts.good_time],
        "live_fraction": counts.live_fraction,
        "origin": asdict(counts.origin),
        "sensitivity": None,
        "note": counts.note,
        "left_out": counts.left_out,
    }
    packed, sensitivity = counts.packed, counts.sensitivity
    arrays: dict[str, Array] = {
        "total": counts.total,
        "content": packed.content,
        "ends": packed.ends,
        "widths": packed.widths,
        "flagged": counts.flagged_counts,
        "paused": counts.paused,
    }
    if sensitivity is None:
        return Payload(facts, arrays, compact=True)
    words, numbers = _stored(sensitivity)
    return Payload(facts | {"sensitivity": words}, arrays | numbers, compact=True)


def _stored(sensitivity: Sensitivity) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return a sensitivity as facts and arrays."""
    words = {name: getattr(sensitivity, name) for name in _WORDS}
    arrays: dict[str, Array] = {name: getattr(sensitivity, name) for name in _ARRAYS}
    arrays["curve"] = arrays["curve"].astype(np.int16)
    if isinstance(sensitivity.gain, np.ndarray):
        return words, arrays | {"gain": sensitivity.gain}
    return words | {"gain": float(sensitivity.gain)}, arrays


def _sensitivity(
    words: Mapping[str, Any] | None, arrays: Mapping[str, Array]
) -> Sensitivity | None:
    if words is None:
        return None
    own = {name: arrays[name] for name in _ARRAYS}
    gain = words["gain"] if "gain" in words else arrays["gain"]
    return Sensitivity(**own | dict(words) | {"gain": gain, "curve": own["curve"].astype(np.intp)})


def _origin(facts: Mapping[str, Any]) -> EnergyOrigin:
    uncertainty = tuple((energy, relative) for energy, relative in facts["uncertainty"])
    return EnergyOrigin(**{**facts, "uncertainty": uncertainty})
