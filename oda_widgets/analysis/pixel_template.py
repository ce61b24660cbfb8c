"""What a window's neighbours tell of its pixels, as nodes: ``pixel_sums`` and ``BinMapsImage``.

Each neighbour is fitted once for all windows whose neighbour it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from oda_widgets.analysis.field_of_view import known_sources, pointing_of
from oda_widgets.analysis.graph import (
    catalog_node,
)
from oda_widgets.analysis.neighbours import neighbours
from oda_widgets.analysis.question import AskedWindow, Opened, Place
from oda_widgets.engine.energy_groups import group_edges
from oda_widgets.engine.template import PixelSums, pixel_sums
from oda_widgets.errors import ArchiveError, DataError
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.run import Run
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindow

_SEARCH = EnergyBand(28, 80)  # keV: where sources are found best


@dataclass(frozen=True)
class PixelTemplate:
    """What the neighbours of a window would tell, if it asks.

    Parameters
    ----------
    task
        To ask them; None if there are none.
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

    def told(self, run: Run) -> PixelSums | None:
        """Ask the neighbours."""
        return None if self.task is None else _measured(run.result(self.task))


def image_template(opened: Opened, asked: AskedWindow, energy: EnergyBand) -> PixelTemplate:
    """Return what the neighbours of a window would tell of its pixels in one band."""
    return _template(opened, asked, "BinMapsImage", (energy.low, energy.high), energy)


def group_template(opened: Opened, asked: AskedWindow) -> PixelTemplate:
    """Return the same in each group of energies: for all spectra and light curves."""
    return _template(opened, asked, "BinMapsSpectra", group_edges(), _SEARCH)


def _template(
    opened: Opened,
    asked: AskedWindow,
    step: str,
    edges: Sequence[float],
    search: EnergyBand,
) -> PixelTemplate:
    """Return what the neighbours of a window would tell of its pixels in some bands."""
    around = neighbours(opened.archive_windows, asked.window)
    parts = [_sums(opened, window, asked.place, edges, search) for window in around]
    tasks = [task for task in parts if task is not None]
    if not tasks:
        return PixelTemplate(None)
    version = code_version(__name__)
    node = Node(step, version, inputs=tuple(task.node for task in tasks))
    return PixelTemplate(Task(node, partial(_added, opened, tasks), needs=tuple(tasks)))


def _measured(result: Payload) -> PixelSums | None:
    """Return the sums in a result; None if no neighbour could be used."""
    if not result.arrays:
        return None
    counts, expected = (result.arrays[name].astype(float) for name in ("counts", "expected"))
    return PixelSums(counts, expected)


def _sums(
    opened: Opened,
    window: ScienceWindow,
    place: Place,
    edges: Sequence[float],
    search: EnergyBand,
) -> Task | None:
    """Return the task to fit one neighbour; None if the archive cannot say what it holds."""
    try:
        events = opened.events_node(window)
    except ArchiveError:
        return None
    parameters = {
        "edges": list(edges),
        "search": [search.low, search.high],
    }
    inputs = events, catalog_node("CatExtract", (), with_reference=True)
    node = Node("pixel_sums", code_version(__name__), parameters, inputs)
    return Task(node, partial(_fitted, opened, window, place, edges, search))


def _fitted(
    opened: Opened,
    window: ScienceWindow,
    place: Place,
    edges: Sequence[float],
    search: EnergyBand,
) -> Payload:
    def report(_: int = 0) -> None:
        opened.tell(f"pixels in {window.id}", place, 0.5)

    report()
    events = opened.reader.events(window.id)
    known = known_sources(pointing_of(events.window), ())
    sums = pixel_sums(events, edges, search, known, report)
    return _payload(sums)


def _added(opened: Opened, tasks: Sequence[Task]) -> Payload:
    """Return the sums over the neighbours that can be used."""
    total = None
    for task in tasks:
        try:
            part = _measured(opened.run.result(task))
        except DataError:
            continue
        total = part if total is None or part is None else total + part
    return Payload() if total is None else _payload(total)


def _payload(sums: PixelSums) -> Payload:
    counts, expected = (np.asarray(a, np.float32) for a in (sums.counts, sums.expected))
    return Payload({}, {"counts": counts, "expected": expected})
