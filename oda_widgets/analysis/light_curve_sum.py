"""The light curves of sources over several science windows, as the node ``ISGRILCSum``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.gather import gather
from oda_widgets.analysis.longer_bins import LongerBins
from oda_widgets.arrays import Floats
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog_source import CatalogSource

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis
    from oda_widgets.analysis.session import Session

_OF_SOURCE = ("rate", "error", "common_error")
_OF_WINDOW = (
    "starts",
    "time",
    "width",
    "exposed_fraction",
    "total_counts",
    "background",
    "background_error",
)
_COLUMNS = (*_OF_WINDOW, *_OF_SOURCE, "window")


def light_curve_sum_task(
    analysis: Analysis,
    parts: Sequence[Task],
    sources: Sequence[CatalogSource],
    time_bin: float,
    step: str = "ISGRILCSum",
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
    time_bin
        Length of a bin, seconds; bins longer than a window join windows.
    """
    names = [source.name for source in sources]
    inputs = tuple(part.node for part in parts)
    node = Node(step, code_version(__name__), {"sources": names}, inputs)
    return Task(node, partial(_joined, analysis, parts, names, time_bin))


def columns_of(result: Payload, number: int) -> dict[str, Array]:
    """Return the columns of a light curve by name, from the result of the sum.

    Parameters
    ----------
    result
        The light curves of all sources.
    number
        Index of the source in ``"seen"``.
    """
    return {name: result.arrays[f"{name}_{number}"] for name in _COLUMNS}


def _joined(
    analysis: Analysis,
    parts: Sequence[Task],
    names: Sequence[str],
    time_bin: float,
    session: Session,
) -> Payload:
    """Return the light curves of the sources that any window sees, windows in order of time.

    All have the same bins: a source has no data in windows that do not see it.
    """
    pieces: list[Payload] = []
    facts = gather(pieces.append, analysis, parts, session)
    window = {name: np.concatenate([p.arrays[name] for p in pieces]) for name in _OF_WINDOW}
    window["window"] = np.repeat(np.arange(len(pieces)), [len(p.arrays["time"]) for p in pieces])
    bins = LongerBins.of(window, time_bin)
    shared = bins.window_columns(window)
    facts["seen"] = [name for name in names if any(name in p.facts["seen"] for p in pieces)]
    arrays: dict[str, Array] = {}
    for number, name in enumerate(facts["seen"]):
        own = _of_source(pieces, name)
        columns = shared | bins.source_columns(window, own, shared["width"])
        arrays |= {f"{column}_{number}": columns[column] for column in _COLUMNS}
    return Payload(facts, arrays)


def _of_source(pieces: Sequence[Payload], name: str) -> dict[str, Floats]:
    """Return rates and errors of a source in all windows; NaN in those that do not see it."""
    return {
        own: np.concatenate([_rows(piece, own, name) for piece in pieces]) for own in _OF_SOURCE
    }


def _rows(piece: Payload, column: str, name: str) -> Floats:
    """Return a column of one source in one window."""
    seen = piece.facts["seen"]
    if name not in seen:
        return np.full(len(piece.arrays["time"]), np.nan)
    rows: Floats = piece.arrays[column][seen.index(name)]
    return rows
