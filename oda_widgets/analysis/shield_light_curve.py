"""The light curve of SPI's anticoincidence shield, as the node ``spi_acs_lc``.

It covers intervals and has no sources: its counts come from `oda_widgets.archive.shield`, one node
for each interval, and are rebinned to the bins of the query.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.plan import Tasks
from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, DataError, EmptySelection
from oda_widgets.products.by_source import BySource
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.orbit import Place
from oda_widgets.products.shield import ShieldCounts, check_time_bin
from oda_widgets.products.shield_curve import SHIELD_SOURCE, shield_curve
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedQuery
from oda_widgets.provenance.run import Run
from oda_widgets.request.queries import LightCurveQuery
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval, intersect, isot_utc, merge

if TYPE_CHECKING:
    from oda_widgets.archive.base import Archive
    from oda_widgets.archive.shield.base import ShieldArchive

_LONGEST = 3 * 86_400.0  # seconds of a query: a revolution, 5 million bins


def times_of(query: LightCurveQuery, windows: Sequence[ScienceWindow]) -> tuple[TimeInterval, ...]:
    """Return the intervals of a query of the shield.

    Parameters
    ----------
    query
        Query with intervals, science windows or both.
    windows
        The science windows that it names.

    Raises
    ------
    BadParameter
        If intervals and windows have no common time, or it is more than three days.
    """
    within = merge(TimeInterval(window.start, window.stop) for window in windows)
    times = query.intervals
    if within:
        times = intersect(within, query.intervals) if query.intervals else within
    if not times:
        given = [(one.start, one.stop) for one in query.intervals]
        limit = "outside the time of the science windows"
        raise BadParameter("intervals", given, limit, "Leave the windows out, or the intervals.")
    seconds = sum(one.seconds for one in times)
    if seconds > _LONGEST:
        raise _too_long(times, seconds / 86_400, len(windows))
    return times


def _too_long(times: Sequence[TimeInterval], days: float, windows: int) -> BadParameter:
    """Return the error, which names the user's parameter: windows, intervals or stop."""
    most = _LONGEST / 86_400
    advice = f"Ask for at most {most:g} d, a revolution or less."
    if windows:
        limit = f"{days:,.1f} d in {windows:,} of them, more than {most:g} at once"
        return BadParameter("science_windows", windows, limit, advice)
    if len(times) > 1:
        limit = f"{days:,.1f} d in all, more than {most:g} at once"
        return BadParameter("intervals", [_ends(one) for one in times], limit, advice)
    start, stop = _ends(times[0])
    limit = f"{days:,.1f} d after the start, {start}, more than {most:g} at once"
    return BadParameter("stop", stop, limit, advice)


def _ends(time: TimeInterval) -> tuple[str, str]:
    return isot_utc(time.start, 0), isot_utc(time.stop, 0)


def shield_tasks(times: Sequence[TimeInterval], shield: ShieldArchive, time_bin: float) -> Tasks:
    """Return the tasks of a light curve of the shield.

    Parameters
    ----------
    times
        Intervals of the light curve.
    shield
        Archive with the counts.
    time_bin
        Length of a bin, seconds.

    Raises
    ------
    BadParameter
        If the length of the bins is not a multiple of 50 ms.
    DataError
        If there are no counts.
    """
    check_time_bin(time_bin)
    parts = tuple(
        Task(
            Node("SPIACSCounts", code_version(__name__), _origin(shield, one)),
            partial(_counts, shield, one),
        )
        for one in times
    )
    nodes = tuple(part.node for part in parts)
    whole = Node("spi_acs_lc", code_version(__name__), {"time_bin": time_bin}, nodes)
    return Tasks(parts, Task(whole, partial(_joined, parts, time_bin)))


def are_simulated(times: Sequence[TimeInterval], shield: ShieldArchive) -> bool:
    """Return whether any counts of the shield in some intervals are simulated."""
    found = []
    for one in times:
        with suppress(EmptySelection):  # the interval is left out of the light curve
            found.append(shield.are_simulated(one.start, one.stop))
    return any(found)


def shield_light_curves(
    query: LightCurveQuery, tasks: Tasks, run: Run, archive: Archive, warn: Callable[[str], None]
) -> BySource[LightCurve]:
    """Return the light curve of a query of the shield, by the name "SPI-ACS".

    Parameters
    ----------
    archive
        Its name and address go into the provenance.
    warn
        Called with a text for each interval without counts.

    Raises
    ------
    EmptySelection
        If there are no counts.
    BadParameter
        If the bins are shorter than those of the data.
    """
    result = run.result(tasks.whole, run)
    times = tuple(_time_of(part.node) for part in tasks.windows)
    provenance = Provenance(
        nodes=run.steps(tasks.whole.node),
        question=query.identity,
        archive=archive.name,
        repeat=RepeatedQuery(query, archive.address, linked=_with(times, query)),
    )
    facts = result.facts
    for problem in facts["without"]:
        warn(f"An interval was left out: {problem}")
    for text in _missing(facts["asked"], float(result.arrays["exposed"].sum()), query.time_bin):
        warn(text)
    counts = ShieldCounts(*(result.arrays[name] for name in ("start", "width", "counts")))
    curve = shield_curve(
        counts,
        exposed=result.arrays["exposed"],
        origin=" ".join(facts["origins"]),
        simulated=facts["simulated"],
        place=Place(*facts["place"]) if facts["place"] else None,
        provenance=provenance.then(f"curve = curves[{SHIELD_SOURCE.name!r}]"),
    )
    observation = replace(curve.observation, intervals=query.intervals)
    return BySource((replace(curve, observation=observation),))


def _time_of(node: Node) -> TimeInterval:
    """Return the interval of a node of counts."""
    return TimeInterval(node.parameters["start"], node.parameters["stop"])


def _with(times: tuple[TimeInterval, ...], query: LightCurveQuery) -> LightCurveQuery:
    """Return a query with intervals in place of science windows."""
    return replace(query, science_windows=(), intervals=times)


def _missing(asked: Sequence[float], found: float, time_bin: float) -> list[str]:
    """Return a warning if more data are missing from intervals than bins at their ends.

    Parameters
    ----------
    asked
        Length of each interval, seconds.
    found
        Total length of the data, seconds.
    time_bin
        Length of a bin, seconds.
    """
    wanted = sum(asked)
    if wanted - found <= 2 * time_bin * len(asked):
        return []
    return [f"{found:,.3f} s of the {wanted:,.3f} s requested have data of SPI-ACS."]


def _origin(shield: ShieldArchive, time: TimeInterval) -> dict[str, object]:
    return {
        "start": time.start,
        "stop": time.stop,
        "content": shield.content(time.start, time.stop),
    }


def _counts(shield: ShieldArchive, time: TimeInterval, _run: Run) -> Payload:
    """Return the counts of an interval."""
    data = shield.data(time.start, time.stop)
    facts = {
        "origin": data.origin,
        "simulated": data.simulated,
        "place": None if data.place is None else list(data.place),
    }
    counts = data.counts
    # Integers below a million are exact in half the size.
    arrays: dict[str, Array] = {
        "start": counts.start,
        "width": counts.width.astype(np.float32),
        "counts": np.round(counts.counts).astype(np.int32),
    }
    return Payload(facts, arrays)


def _joined(parts: Sequence[Task], time_bin: float, run: Run) -> Payload:
    """Return the counts of all intervals in the bins of the query."""
    pieces: list[tuple[ShieldCounts, Floats]] = []
    found: list[Payload] = []
    asked: list[float] = []
    failed: list[DataError] = []
    for part in parts:
        try:
            with run.inputs():
                payload = run.result(part, run)
        except DataError as error:
            failed.append(error)
            continue
        found.append(payload)
        asked.append(_time_of(part.node).seconds)
        pieces.append(_counts_in(payload).joined(time_bin))
    if not pieces:
        raise failed[0]
    facts = {
        "origins": list(dict.fromkeys(payload.facts["origin"] for payload in found)),
        "simulated": any(payload.facts["simulated"] for payload in found),
        "place": found[0].facts["place"],
        "asked": asked,
        "without": [error.problem for error in failed],
    }
    columns: dict[str, Array] = {
        name: np.concatenate([getattr(counts, name) for counts, _ in pieces])
        for name in ("start", "width", "counts")
    }
    columns["exposed"] = np.concatenate([exposed for _, exposed in pieces])
    return Payload(facts, columns)


def _counts_in(payload: Payload) -> ShieldCounts:
    start, width, counts = (payload.arrays[name] for name in ("start", "width", "counts"))
    # Lengths are whole milliseconds; round the stored single precision to them.
    return ShieldCounts(
        start, np.asarray(width, np.float64).round(3), np.asarray(counts, np.float64)
    )
