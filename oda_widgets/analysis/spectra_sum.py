"""The mean spectra of sources over several science windows, as the node ``ISGRISpectraSum``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from oda_widgets.analysis.gather import gather
from oda_widgets.arrays import Floats
from oda_widgets.instruments.isgri.channels import channel_edges
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog import CatalogSource

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis
    from oda_widgets.analysis.session import Session


def spectra_sum_task(
    analysis: Analysis, parts: Sequence[Task], sources: Sequence[CatalogSource]
) -> Task:
    """Return the task to average the spectra of all windows.

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
    node = Node("ISGRISpectraSum", code_version(__name__), {"sources": names}, inputs)
    return Task(node, partial(_mean, analysis, parts, names))


def _mean(
    analysis: Analysis, parts: Sequence[Task], names: Sequence[str], session: Session
) -> Payload:
    """Return the mean spectra of the sources that any window sees."""
    stack = _Stack(len(names), len(channel_edges()) - 1)

    def add(part: Payload) -> None:
        numbers = [names.index(name) for name in part.facts["seen"]]
        stack.add(numbers, part.arrays["rate"], part.arrays["error"])

    facts = gather(add, analysis, parts, session)
    seen = sorted(stack.seen)
    rate, error = (values[seen] for values in stack.mean())
    facts["seen"] = [names[number] for number in seen]
    return Payload(facts, {"rate": rate, "error": error})


class _Stack:
    """Weighted means of spectra, one weight per source and window, so that no channel is bent."""

    def __init__(self, sources: int, channels: int) -> None:
        self._rate = np.zeros((sources, channels))
        self._variance = np.zeros((sources, channels))
        self._weight = np.zeros((sources, channels))

        self.seen: set[int] = set()

    def add(self, numbers: Sequence[int], rate: Floats, error: Floats) -> None:
        """Add the spectra of one window for the sources of the given numbers."""
        self.seen.update(numbers)
        for row, number in enumerate(numbers):
            good = np.isfinite(error[row])
            weight = 1.0 / np.sum(error[row][good] ** 2) if good.any() else 0.0
            self._rate[number, good] += weight * rate[row, good]
            self._variance[number, good] += (weight * error[row, good]) ** 2
            self._weight[number, good] += weight

    def mean(self) -> tuple[Floats, Floats]:
        """Return rates and errors, shape (n_sources, n_channels)."""
        seen = self._weight > 0
        weight = np.where(seen, self._weight, 1.0)
        rate = np.where(seen, self._rate / weight, np.nan)
        return rate, np.where(seen, np.sqrt(self._variance) / weight, np.inf)
