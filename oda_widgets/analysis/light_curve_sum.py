"""The light curves of sources over several science windows, as the node ``ISGRILCSum``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from oda_widgets.analysis.question import Opened
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog import CatalogSource
from oda_widgets.request.science_windows import SkippedWindow

_OF_SOURCE = ("rate", "error")
_OF_WINDOW = (
    "time",
    "width",
    "exposed_fraction",
    "total_counts",
    "background",
    "background_error",
)
COLUMNS = (*_OF_WINDOW, *_OF_SOURCE)
"""The arrays of each source in a result, their names followed by its number."""


def light_curve_sum(
    opened: Opened, parts: Sequence[Task], sources: Sequence[CatalogSource]
) -> Task:
    """Return the task to join the light curves of all windows.

    Parameters
    ----------
    opened
        The question.
    parts
        The tasks of its windows.
    sources
        Those asked for, in the order in which they are fitted.
    """
    node = Node(
        "ISGRILCSum",
        code_version(__name__),
        {"sources": [source.name for source in sources]},
        tuple(part.node for part in parts),
    )
    return Task(node, partial(_sum, opened, parts, sources))


def _sum(opened: Opened, parts: Sequence[Task], sources: Sequence[CatalogSource]) -> Payload:
    """Return the light curves of the sources that any window sees, windows in order of time."""
    pieces: dict[str, list[dict[str, Array]]] = {source.name: [] for source in sources}
    accounts: list[dict[str, Any]] = []
    skipped: list[SkippedWindow] = []
    for part in opened.parts(parts, skipped):
        for row, name in enumerate(part.facts["seen"]):
            pieces[name].append(_of_one(part, row))
        accounts += part.facts["accounts"]
    seen = {name: found for name, found in pieces.items() if found}
    facts = {
        "accounts": accounts,
        "skipped": [asdict(window) for window in skipped],
        "seen": list(seen),
    }
    arrays = {
        f"{column}_{number}": np.concatenate([piece[column] for piece in found])
        for number, found in enumerate(seen.values())
        for column in COLUMNS
    }
    return Payload(facts, arrays)


def _of_one(part: Payload, row: int) -> dict[str, Array]:
    """Return the columns of one source in one window."""
    own = {name: part.arrays[name][row] for name in _OF_SOURCE}
    return {name: part.arrays[name] for name in _OF_WINDOW} | own
