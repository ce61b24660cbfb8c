"""The data of a spectrum: its channels, its response and its observation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import KeptArrays
from oda_widgets.errors import BadParameter
from oda_widgets.products.counts import Counts, Groups
from oda_widgets.products.observation import Observation
from oda_widgets.products.parts import check_parts
from oda_widgets.products.product import Product
from oda_widgets.products.response import Response
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.source import Source

GOOD = 0
DUBIOUS = 2  # a channel that the pixels hardly see, in OGIP's numbers
BAD = 3  # a channel without data, in MMODA's numbers


@dataclass(frozen=True, eq=False, repr=False)
class Background(KeptArrays):
    """The background included in a spectrum of source and background.

    Parameters
    ----------
    rate, error
        Counts per second per channel, scaled to the spectrum, and their errors, shape
        (n_channels,).
    counts
        Counts of a Poisson background; None if the errors are Gaussian.

    Examples
    --------
    >>> import numpy as np
    >>> Background(rate=np.array([0.5, 0.4]), error=np.array([0.1, 0.1])).rate.shape
    (2,)
    """

    rate: NDArray[np.float64]
    error: NDArray[np.float64]
    counts: Counts | None = None


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class SpectrumData(Product, KeptArrays):
    """The channels of a spectrum; see `Spectrum` for the fields."""

    source: Source
    rate: NDArray[np.float64]
    error: NDArray[np.float64]
    quality: NDArray[np.int16]
    systematic_error: NDArray[np.float64]
    response: Response
    observation: Observation
    provenance: Provenance | None = field(default=None, compare=False, repr=False)
    background: Background | None = None
    counts: Counts | None = None
    grouping: NDArray[np.int16] | None = None
    grouped: str = ""
    common_error: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parts(
            self,
            ("rate", "error", "quality", "systematic_error"),
            source=(Source, CatalogSource),
            response=Response,
            observation=Observation,
        )
        # Label the response as well, so that its own files say that it is simulated.
        if self.observation.simulated and not self.response.simulated:
            object.__setattr__(self, "response", replace(self.response, simulated=True))

    @property
    def name(self) -> str:
        """Name of the source.

        Examples
        --------
        >>> spectrum.name
        'SGR 1935+2154'
        """
        return self.source.name

    @property
    def channel_low(self) -> NDArray[np.float64]:
        """Lower edges of the channels, keV, shape (n_channels,).

        Examples
        --------
        >>> float(spectrum.channel_low[0])
        12.5
        """
        return self.response.channel_low

    @property
    def channel_high(self) -> NDArray[np.float64]:
        """Upper edges of the channels, keV, shape (n_channels,).

        Examples
        --------
        >>> float(spectrum.channel_high[-1])
        1029.5
        """
        return self.response.channel_high

    @property
    def good(self) -> NDArray[np.bool_]:
        """Mask of the channels that hold data, shape (n_channels,).

        Examples
        --------
        >>> spectrum = site.spectra(catalog=["SGR 1935+2154"])["SGR 1935+2154"]
        >>> spectrum.good.dtype
        dtype('bool')
        """
        measured = (self.quality == GOOD) & np.isfinite(self.rate) & np.isfinite(self.error)
        if self.background is not None:
            measured &= np.isfinite(self.background.rate) & np.isfinite(self.background.error)
        return np.asarray(measured, dtype=np.bool_)

    def error_of_sums(self, groups: Groups) -> NDArray[np.float64]:
        """Return the errors of the sums over groups of channels, shape (n_groups,).

        Parameters
        ----------
        groups
            Groups of the channels of the spectrum.

        Raises
        ------
        BadParameter
            If they are not groups of channels.

        Examples
        --------
        >>> import numpy as np
        >>> from oda_widgets.products.counts import groups
        >>> spectrum.error_of_sums(groups(np.array([0]), spectrum.good, None)).shape
        (1,)
        """
        _check_groups(groups)
        if self.common_error is None:
            return groups.root_of_squares(self.error)
        shared = np.sum(np.square(self.common_error), axis=0)
        own = np.sqrt(np.maximum(np.square(self.error) - shared, 0.0))
        whole = np.square(groups.root_of_squares(own))
        whole += np.sum(np.square(groups.total(self.common_error)), axis=0)
        return np.asarray(np.sqrt(whole))


def _check_groups(value: Any) -> None:
    if not isinstance(value, Groups):
        advice = "Write spectrum.rate_in(20, 40), or group the spectrum."
        raise BadParameter("groups", value, "no groups of channels", advice)
