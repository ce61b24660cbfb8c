"""The mean spectra of sources over several science windows, as the node ``ISGRISpectraSum``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from oda_widgets.analysis.gather import gather
from oda_widgets.arrays import Floats
from oda_widgets.engine.energy_groups import BROAD_BANDS, groups_of_channels
from oda_widgets.instruments.isgri.channels import channel_edges
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node, Task
from oda_widgets.provenance.payload import Array, Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand

if TYPE_CHECKING:
    from oda_widgets.analysis.analysis import Analysis
    from oda_widgets.analysis.session import Session

_CORRECTION = ("correction", "correction_error")


@dataclass(frozen=True)
class Binning:
    """The channels of the spectra of an instrument.

    Parameters
    ----------
    channels
        Number of channels.
    bands
        Number of broad bands, each with a common error.
    groups
        Bands in which all channels may lack data, and their channels.
    step
        Name of the step that averages spectra.
    """

    channels: int
    bands: int
    groups: tuple[tuple[EnergyBand, slice], ...]
    step: str


def isgri_binning() -> Binning:
    """Return the channels of ISGRI."""
    edges = channel_edges()
    groups = tuple(groups_of_channels(edges))
    return Binning(len(edges) - 1, BROAD_BANDS, groups, "ISGRISpectraSum")


def spectra_sum_task(
    analysis: Analysis, parts: Sequence[Task], sources: Sequence[CatalogSource], binning: Binning
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
    binning
        Channels of the spectra.
    """
    names = [source.name for source in sources]
    inputs = tuple(part.node for part in parts)
    node = Node(binning.step, code_version(__name__), {"sources": names}, inputs)
    return Task(node, partial(_mean, analysis, parts, names, binning))


def _mean(
    analysis: Analysis,
    parts: Sequence[Task],
    names: Sequence[str],
    binning: Binning,
    session: Session,
) -> Payload:
    """Return the mean spectra of the sources that any window sees."""
    stack = _Stack(len(names), binning)
    corrections: list[Array] = []

    def add(part: Payload) -> None:
        stack.add([names.index(name) for name in part.facts["seen"]], part.arrays)
        corrections.append(np.stack([part.arrays[name] for name in _CORRECTION]))

    facts = gather(add, analysis, parts, session)
    seen = sorted(stack.seen)
    facts["seen"] = [names[number] for number in seen]
    arrays = {name: values[seen] for name, values in stack.mean().items()}
    facts["no_data"] = _gaps(binning, np.asarray(np.isfinite(arrays["error"]).any(axis=0)))
    correction = dict(zip(_CORRECTION, np.mean(corrections, axis=0), strict=True))
    return Payload(facts, arrays | correction)


def _gaps(binning: Binning, good: NDArray[np.bool_]) -> list[list[float]]:
    """Return the fitted energies, in keV, where no channel is good."""
    return [[band.low, band.high] for band, channels in binning.groups if not good[channels].any()]


class _Stack:
    """Weighted means of spectra, with one weight per source and window for all channels.

    So the shape of a spectrum is not distorted. The weight is that without the source: one that
    falls with its brightness would make the mean of a variable source too low.
    """

    def __init__(self, sources: int, binning: Binning) -> None:
        shape = sources, binning.channels
        self._rate, self._variance, self._weight = np.zeros((3, *shape))
        self._common = np.zeros((sources, binning.bands, binning.bands))
        self._share = np.zeros((sources, binning.bands, binning.channels))
        self._weights = np.zeros(sources)
        self.seen: set[int] = set()

    def add(self, numbers: Sequence[int], window: Mapping[str, Floats]) -> None:
        """Add the spectra of one window for the sources with the given indices."""
        self.seen.update(numbers)
        for row, number in enumerate(numbers):
            weight = float(window["weight"][row])
            error = window["error"][row]
            good = np.isfinite(error)
            self._rate[number, good] += weight * window["rate"][row, good]
            self._variance[number, good] += (weight * error[good]) ** 2
            self._weight[number, good] += weight
            self._common[number] += weight**2 * window["common"][row]
            self._share[number] += weight * window["share"]
            self._weights[number] += weight

    def mean(self) -> dict[str, Floats]:
        """Return rates and errors, and the common part of the covariance of channels."""
        seen = self._weight > 0
        weight = np.where(seen, self._weight, 1.0)
        whole = np.where(self._weights > 0, self._weights, 1.0)
        return {
            "rate": np.where(seen, self._rate / weight, np.nan),
            "error": np.where(seen, np.sqrt(self._variance) / weight, np.inf),
            "common": self._common / whole[:, None, None] ** 2,
            "share": self._share / whole[:, None, None],
        }
