"""The light curves of sources over several science windows, as the node ``ISGRILCSum``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.gather import gather
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog import CatalogSource

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis
    from oda_widgets.analysis.session import Session

_OF_SOURCE = ("rate", "error")
_OF_WINDOW = (
    "time",
    "width",
    "exposed_fraction",
    "total_counts",
    "background",
    "background_error",
)
_COLUMNS = (*_OF_WINDOW, *_OF_SOURCE)


def light_curve_sum_task(
    analysis: Analysis, parts: Sequence[Task], sources: Sequence[CatalogSource]
) -> Task:
    """Return the task to join the light curves of all windows.

    Parameters
    ----------
    analysis
        The query and its windows.
    parts
        The tasks of the windows.
    sources
        Sources of the query, in the order in which they are fitted.
    """
    names = [source.name for source in sources]
    inputs = tuple(part.node for part in parts)
    node = Node("ISGRILCSum", code_version(__name__), {"sources": names}, inputs)
    return Task(node, partial(_joined, analysis, parts, names))


def columns_of(result: Payload, number: int) -> dict[str, Array]:
    """Return the columns of a light curve by name, from the result of the sum.

    Parameters
    ----------
    result
        The light curves of all sources.
    number
        Position of the source among those that were ``"seen"``.
    """
    return {name: result.arrays[f"{name}_{number}"] for name in _COLUMNS}


def _joined(
    analysis: Analysis, parts: Sequence[Task], names: Sequence[str], session: Session
) -> Payload:
    """Return the light curves of the sources that any window sees, windows in order of time."""
    pieces: dict[str, list[dict[str, Array]]] = {name: [] for name in names}

    def add(part: Payload) -> None:
        for row, name in enumerate(part.facts["seen"]):
            pieces[name].append(_of_one(part, row))

    facts = gather(add, analysis, parts, session)
    seen = {name: found for name, found in pieces.items() if found}
    facts["seen"] = list(seen)
    arrays = {
        f"{column}_{number}": np.concatenate([piece[column] for piece in found])
        for number, found in enumerate(seen.values())
        for column in _COLUMNS
    }
    return Payload(facts, arrays)


def _of_one(part: Payload, row: int) -> dict[str, Array]:
    """Return the columns of one source in one window."""
    own = {name: part.arrays[name][row] for name in _OF_SOURCE}
    return {name: part.arrays[name] for name in _OF_WINDOW} | own
