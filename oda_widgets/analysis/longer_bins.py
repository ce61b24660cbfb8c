"""Time bins longer than science windows, joined from bins of whole windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats
from oda_widgets.request.timespan import SECONDS_PER_DAY


@dataclass(frozen=True)
class LongerBins:
    """Groups of bins of whole windows that are joined.

    Bins are counted from the first start, and each window belongs to the bin that contains the mean
    of its good time, so a longer bin starts and stops with its data.

    Parameters
    ----------
    first
        Index of the first bin of each longer one.
    number
        Number of all bins that are joined.
    """

    first: NDArray[np.intp]
    number: int

    @classmethod
    def of(cls, window: Mapping[str, Floats], time_bin: float) -> Self:
        """Return the groups for bins in order of time.

        If any window is as long as a bin, bins start anew in each window and none are joined.

        Parameters
        ----------
        window
            Columns that all sources share.
        time_bin
            Length of a bin, seconds.
        """
        if not len(window["width"]) or (window["width"] >= time_bin).any():
            return cls(np.arange(len(window["width"])), len(window["width"]))
        since = (window["time"] - window["starts"][0]) * SECONDS_PER_DAY
        return cls(np.flatnonzero(np.diff(np.floor(since / time_bin), prepend=-1.0)), len(since))

    def window_columns(self, window: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return the columns that all sources share."""
        starts, exposure = window["starts"], window["width"] * window["exposed_fraction"]
        stops = np.maximum.reduceat(starts + window["width"] / SECONDS_PER_DAY, self.first)
        width = (stops - starts[self.first]) * SECONDS_PER_DAY
        since = window["time"] - starts[0]
        background, error = self._mean(window["background"], window["background_error"], exposure)
        return {
            "starts": starts[self.first],
            "time": starts[0] + self._mean(since, since, exposure)[0],
            "width": width,
            "exposed_fraction": np.add.reduceat(exposure, self.first) / width,
            "total_counts": np.add.reduceat(window["total_counts"], self.first),
            "background": background,
            "background_error": error,
            "window": np.where(self._single, window["window"][self.first], -1),
        }

    def source_columns(
        self, window: Mapping[str, Floats], own: Mapping[str, Floats], width: Floats
    ) -> dict[str, Floats]:
        """Return the columns of one source; NaN and zero exposure where it has no data.

        Parameters
        ----------
        window, own
            Columns that all sources share, and those of the source.
        width
            Widths of the longer bins, seconds.
        """
        exposure = window["width"] * window["exposed_fraction"]
        exposure = np.where(np.isfinite(own["rate"]), exposure, 0.0)
        rate, error = self._mean(own["rate"], own["error"], exposure)
        exposed = np.add.reduceat(exposure, self.first) / width
        common = np.where(self._single, own["common_error"][self.first], 0.0)
        return {
            "exposed_fraction": exposed,
            "rate": rate,
            "error": error,
            "common_error": common,
        }

    @property
    def _single(self) -> NDArray[np.bool_]:
        """True for bins of a single science window: only these share errors with others."""
        return np.asarray(np.diff(self.first, append=self.number) == 1)

    def _mean(self, values: Floats, errors: Floats, exposure: Floats) -> tuple[Floats, Floats]:
        """Return means weighted by exposure, and their errors; windows are independent."""
        whole = np.add.reduceat(exposure, self.first)
        whole = np.where(whole > 0, whole, np.nan)
        weighted, scaled = (np.where(exposure > 0, x * exposure, 0.0) for x in (values, errors))
        mean: Floats = np.add.reduceat(weighted, self.first) / whole
        error: Floats = np.sqrt(np.add.reduceat(scaled**2, self.first)) / whole
        return mean, error
