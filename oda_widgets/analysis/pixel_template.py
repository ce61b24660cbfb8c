"""The pixel efficiencies measured in neighbouring windows, for windows that need them.

Each neighbour is fitted once (``pixel_sums``) for all windows that use it; the sums over the
neighbours of a window are ``BinMapsImage`` for one band and ``BinMapsSpectra`` for all groups of
energies.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from math import inf
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.field_of_view import known_sources, pointing_of
from oda_widgets.analysis.graph import catalog_node
from oda_widgets.analysis.recorded_events import MOST_WINDOWS
from oda_widgets.analysis.window_counts import counts_in, counts_of
from oda_widgets.archive.layout import is_pointing
from oda_widgets.engine.energy_groups import group_edges
from oda_widgets.engine.template import PixelSums, pixel_sums
from oda_widgets.errors import ArchiveError, DataError
from oda_widgets.lookup.sphere import separation
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindow

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis, QueryWindow
    from oda_widgets.analysis.session import Session

_SEARCH = EnergyBand(28, 80)  # keV: most sensitive to sources
_NUMBER = 3  # neighbours
_APART = 0.5  # degrees: two widths of a peak
_REVOLUTION = 3.0  # days
_START = attrgetter("start")


@dataclass(frozen=True)
class PixelTemplate:
    """The efficiencies from the neighbours of a window, measured if it needs them.

    Parameters
    ----------
    task
        The task to measure them; None without neighbours.
    """

    task: Task | None

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The task, if there is one."""
        return () if self.task is None else (self.task,)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its node, if there is one."""
        return tuple(task.node for task in self.tasks)

    def sums(self, session: Session) -> PixelSums | None:
        """Return the counts of the pixels of all neighbours; None if none can be used."""
        return None if self.task is None else _sums_in(session.result(self.task))


def image_template(analysis: Analysis, window: QueryWindow, energy: EnergyBand) -> PixelTemplate:
    """Return the template of a window in one band."""
    return _template(analysis, window, "BinMapsImage", (energy.low, energy.high), energy)


def group_template(analysis: Analysis, window: QueryWindow) -> PixelTemplate:
    """Return the template of a window in each group of energies, for spectra and light curves."""
    return _template(analysis, window, "BinMapsSpectra", group_edges(), _SEARCH)


def neighbours(windows: Sequence[ScienceWindow], window: ScienceWindow) -> list[ScienceWindow]:
    """Return the nearest three pointings, in time, of the same revolution.

    They depend on the archive and on the window, not on the query. Their directions differ from the
    window's and from each other: otherwise a source too faint to be subtracted would light the same
    pixels each time and count as their efficiency.

    Parameters
    ----------
    windows
        Windows of the archive, in order of time.
    window
        One of them.
    """
    chosen = [window]
    for candidate in _by_distance(windows, window):
        if len(chosen) > _NUMBER:
            break
        if _is_alike(candidate, window) and all(_is_apart(candidate, one) for one in chosen):
            chosen.append(candidate)
    return chosen[1:]


def _by_distance(
    windows: Sequence[ScienceWindow], window: ScienceWindow
) -> Iterator[ScienceWindow]:
    """Iterate over the windows within three days, the nearest in time first; of two, the earlier.

    It is lazy, since the first few suffice: plans need the neighbours of thousands of windows.
    """
    last = len(windows)
    late = bisect_left(windows, window.start, key=_START)
    early = late - 1
    while early >= 0 or late < last:
        since = window.start - windows[early].start if early >= 0 else inf
        until = windows[late].start - window.start if late < last else inf
        if min(since, until) >= _REVOLUTION:
            return
        if since <= until:
            yield windows[early]
            early -= 1
        else:
            yield windows[late]
            late += 1


def _is_alike(other: ScienceWindow, window: ScienceWindow) -> bool:
    """Return True for two pointings of one revolution that are both real or both simulated."""
    same = (other.id[:4], other.simulated) == (window.id[:4], window.simulated)
    return same and is_pointing(other.id)


def _is_apart(one: ScienceWindow, other: ScienceWindow) -> bool:
    if abs(one.dec - other.dec) > _APART:
        return True  # whatever the right ascensions; this settles most pairs
    return separation(one.ra, one.dec, other.ra, other.dec) > _APART


def _template(
    analysis: Analysis,
    window: QueryWindow,
    step: str,
    edges: Sequence[float],
    search: EnergyBand,
) -> PixelTemplate:
    around = neighbours(analysis.archive_windows, window.science_window)
    parts = [_neighbour_task(analysis, window, other, edges, search) for other in around]
    tasks = tuple(task for task in parts if task is not None)
    if not tasks:
        return PixelTemplate(None)
    node = Node(step, code_version(__name__), inputs=tuple(task.node for task in tasks))
    return PixelTemplate(Task(node, partial(_total, tasks), needs=tasks))


def _neighbour_task(
    analysis: Analysis,
    window: QueryWindow,
    neighbour: ScienceWindow,
    edges: Sequence[float],
    search: EnergyBand,
) -> Task | None:
    """Return the task to fit one neighbour; None if the archive cannot read its file."""
    try:
        counts = counts_of(analysis, neighbour, (*edges, search.low, search.high))
        events = analysis.events_node(neighbour)
    except ArchiveError:
        return None
    source = counts[0].node if counts else events
    compute = partial(_neighbour_sums, window, neighbour, events, counts, edges, search)
    return Task(_sums_node(source, tuple(edges), search.low, search.high), compute, counts)


@lru_cache(maxsize=MOST_WINDOWS)
def _sums_node(source: Node, edges: tuple[float, ...], low: float, high: float) -> Node:
    parameters = {"edges": list(edges), "search": [low, high]}
    inputs = source, catalog_node("CatExtract", (), with_reference=True)
    return Node("pixel_sums", code_version(__name__), parameters, inputs)


def _neighbour_sums(
    window: QueryWindow,
    neighbour: ScienceWindow,
    node: Node,
    counts: tuple[Task, ...],
    edges: Sequence[float],
    search: EnergyBand,
    session: Session,
) -> Payload:
    """Return the counts of the pixels of one neighbour, measured and fitted."""

    def report(_: int = 0) -> None:
        session.report("noise of pixels in another window", window, 0.5, neighbour.id)

    report()
    events = counts_in(session.result(counts[0])) if counts else session.events(neighbour, node)
    known = known_sources(pointing_of(events.window), ())
    return _payload(pixel_sums(events, edges, search, known, report))


def _total(tasks: Sequence[Task], session: Session) -> Payload:
    """Return the sums over the neighbours that can be used."""
    total = None
    for task in tasks:
        try:
            part = _sums_in(session.result(task))
        except DataError:
            continue
        total = part if total is None or part is None else total + part
    return Payload() if total is None else _payload(total)


def _sums_in(result: Payload) -> PixelSums | None:
    """Return the sums in a result; None if no neighbour could be used."""
    if not result.arrays:
        return None
    counts, expected = (result.arrays[name].astype(float) for name in ("counts", "expected"))
    return PixelSums(counts, expected)


def _payload(sums: PixelSums) -> Payload:
    counts, expected = (np.asarray(a, np.float32) for a in (sums.counts, sums.expected))
    return Payload({}, {"counts": counts, "expected": expected})
