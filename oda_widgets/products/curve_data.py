"""The data of a light curve: its bins and its observation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import KeptArrays
from oda_widgets.errors import DataError
from oda_widgets.products.bin_errors import BinErrors
from oda_widgets.products.curve_counts import effective_exposure, nothing_counted
from oda_widgets.products.observation import Observation
from oda_widgets.products.parts import check_parts
from oda_widgets.products.product import Product
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import SECONDS_PER_DAY


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class CurveData(Product, KeptArrays):
    """The bins of a light curve; see `LightCurve` for the fields."""

    source: Source
    energy: EnergyBand
    time: NDArray[np.float64]
    width: NDArray[np.float64]
    rate: NDArray[np.float64]
    error: NDArray[np.float64]
    exposed_fraction: NDArray[np.float64]
    total_counts: NDArray[np.float64]
    background: NDArray[np.float64]
    background_error: NDArray[np.float64]
    observation: Observation
    provenance: Provenance | None = field(default=None, compare=False, repr=False)
    starts: NDArray[np.float64] | None = None
    common_error: NDArray[np.float64] | None = None
    window: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parts(
            self,
            ("time", "width", "rate", "error", "exposed_fraction", "total_counts"),
            source=(Source, CatalogSource),
            energy=EnergyBand,
            observation=Observation,
        )

    @property
    def bin_errors(self) -> BinErrors:
        """Errors of the bins, with the parts that bins of one science window share.

        Examples
        --------
        >>> curve.bin_errors.error.shape
        (36,)
        """
        return BinErrors.of(self.error, self.common_error, self.window)

    @property
    def exposure(self) -> NDArray[np.float64]:
        """Live time in each bin, seconds: rate times exposure is counts.

        It is `good_time` less the mean dead time of the observation, as EXPOSURE in OGIP, or the
        good time if the dead time is not known.

        Examples
        --------
        >>> bool((curve.exposure <= curve.good_time).all())
        True
        """
        return self.good_time * self.observation.live_fraction

    @property
    def good_time(self) -> NDArray[np.float64]:
        """Good time in each bin, seconds, including dead time; ONTIME in files.

        Examples
        --------
        >>> bool((curve.good_time <= curve.width).all())
        True
        """
        return self.width * self.exposed_fraction

    @property
    def edges(self) -> NDArray[np.float64]:
        """Start and stop of each bin, IJD days, shape (n_bins, 2).

        Examples
        --------
        >>> curve.edges.shape
        (36, 2)
        """
        width = self.width / SECONDS_PER_DAY
        starts = self.time - width / 2 if self.starts is None else self.starts
        return np.column_stack([starts, starts + width])

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Mask of the bins with a rate, an error and good time, shape (n_bins,).

        The error must be above 0, unless nothing was counted (`empty`).

        Examples
        --------
        >>> bool(curve.measured.all())
        True
        """
        known = np.isfinite(self.rate) & np.isfinite(self.error) & (self.error > 0)
        return known & (self.good_time > 0) | self.empty if self.exposures_known else known

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Mask of the bins with good time in which nothing was counted, shape (n_bins,).

        Their rates and errors are 0, and the errors of all others are the roots of their counts.

        Examples
        --------
        >>> bool(curve.empty.any())
        False
        """
        return nothing_counted(self.rate, self.error, self.good_time)

    @property
    def effective_exposure(self) -> NDArray[np.float64] | None:
        """Seconds by which rates must be multiplied to give counts with Poisson errors.

        None if no bin is `empty`; errors are then used as they are.

        Examples
        --------
        >>> curve.effective_exposure is None
        True
        """
        empty = self.empty
        if not empty.any():
            return None
        return effective_exposure(self.rate, self.error, self.exposure, empty)

    @property
    def expected_errors(self) -> BinErrors:
        """Errors for chi squared: `bin_errors`, unless some bins are `empty`.

        Then each bin has the Poisson error of the mean rate, so that bins with few counts by chance
        do not get more weight than others.

        Examples
        --------
        >>> bool((curve.expected_errors.error == curve.error).all())
        True
        """
        effective = self.effective_exposure
        if effective is None:
            return self.bin_errors
        used = self.measured
        seconds = float(effective[used].sum())
        counts = max(float(self.rate[used] @ effective[used]), 1.0)  # the error of no counts is one
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(counts / seconds / effective)
        return BinErrors.of(error, self.common_error, self.window)

    @property
    def shown_error(self) -> NDArray[np.float64]:
        """Errors of single bins, shape (n_bins,): `error`, or one count if a bin is `empty`.

        Examples
        --------
        >>> bool((curve.shown_error == curve.error).all())
        True
        """
        effective = self.effective_exposure
        if effective is None:
            return self.error
        with np.errstate(divide="ignore"):
            return np.where(self.empty, 1 / effective, self.error)

    @property
    def exposures_known(self) -> bool:
        """False if a file states neither lengths nor exposures of its bins.

        `width` is then the least distance between times, for figures; `exposure` and `good_time`
        are NaN, and averages are weighted by errors.

        Examples
        --------
        >>> curve.exposures_known
        True
        """
        return not len(self) or not bool(np.isnan(self.exposed_fraction).all())

    def need_lengths(self) -> None:
        """Check that the lengths of the bins are known.

        Raises
        ------
        DataError
            If they are not known (see `exposures_known`).

        Examples
        --------
        >>> curve.need_lengths()
        """
        if not self.exposures_known:
            problem = "The file says neither how long its bins are nor their exposures."
            raise DataError(problem, "Add TIMEDEL, in days, to its header.")

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weights of bins in averages: good time, or inverse variances if it is not known.

        Examples
        --------
        >>> bool((curve.weights == curve.good_time).all())
        True
        """
        return self.good_time if self.exposures_known else self.error**-2.0

    @property
    def name(self) -> str:
        """Name of the source.

        Examples
        --------
        >>> curve.name
        'SGR 1935+2154'
        """
        return self.source.name

    def __len__(self) -> int:
        return len(self.time)
