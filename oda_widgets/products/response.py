"""The response of an instrument: from the energy of photons to channels."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.arrays import KeptArrays
from oda_widgets.errors import BadParameter
from oda_widgets.products.counts import Groups
from oda_widgets.request.arguments import array_of
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.words import counted, one_line

# Elements of a matrix may be negative by this fraction of the largest one: smoothing left 0.7 % in
# the matrices of OSA 10.
MATRIX_NOISE = 0.02


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class Response(Displayed, KeptArrays):
    """Redistribution matrix and effective area of a spectrum.

    Parameters
    ----------
    energy_low, energy_high
        Edges of the bins of true energy in keV, shape (n_energies,).
    channel_low, channel_high
        Edges of the channels in keV, shape (n_channels,).
    redistribution
        Probability that a photon is counted in a channel, shape (n_energies, n_channels); rows sum
        to 1 or less.
    area
        Effective area in cm2, shape (n_energies,).
    first_channel
        Number of the first channel, 0 or 1 in most files.
    origin
        File or model from which it comes, for the header.
    simulated
        True if it belongs to events that are not real; its files say so.
    telescope, instrument
        Mission and instrument, as in `Observation`.

    Examples
    --------
    >>> spectrum.response
    Response: 256 channels, 12.5–1030 keV
      2,466 energy bins, ... keV
      largest area ... cm²
      ...
    """

    energy_low: NDArray[np.float64]
    energy_high: NDArray[np.float64]
    channel_low: NDArray[np.float64]
    channel_high: NDArray[np.float64]
    redistribution: NDArray[np.float64]
    area: NDArray[np.float64]
    first_channel: int = 0
    origin: str = ""
    simulated: bool = field(default=False, compare=False)
    telescope: str = field(default="INTEGRAL", compare=False)
    instrument: str = field(default="isgri", compare=False)

    def __repr__(self) -> str:
        channels = counted(len(self.channel_low), "channel")
        energies = counted(len(self.energy_low), "energy bin")
        lines = [
            f"Response: {channels}, {_range_text(self.channel_low, self.channel_high)}",
            f"  {energies}, {_range_text(self.energy_low, self.energy_high)}",
            f"  largest area {self.area.max(initial=0):.4g} cm²",
            f"  {one_line(self.origin, 80)}" if self.origin else "",
        ]
        if self.simulated:
            lines[0] += ", SIMULATED"
        return "\n".join(line for line in lines if line)

    def fold(self, photon_flux: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the count rate per channel, counts/s, shape (n_channels,).

        Parameters
        ----------
        photon_flux
            Photons per cm2 and second in each bin of true energy, shape (n_energies,).

        Raises
        ------
        BadParameter
            If it has another shape, or does not hold numbers.

        Examples
        --------
        >>> response = spectrum.response
        >>> crab = 9.7 * response.energy_low**-2.1 * (response.energy_high - response.energy_low)
        >>> response.fold(crab).shape
        (256,)
        """
        flux = array_of("photon_flux", photon_flux, self.area.size)
        if flux.shape != self.area.shape or flux.dtype.kind not in "iuf":
            limit = f"not numbers of shape {self.area.shape}"
            advice = "Give photons/cm2/s between response.energy_low and energy_high."
            raise BadParameter("photon_flux", photon_flux, limit, advice)
        rate: NDArray[np.float64] = (flux * self.area) @ self.redistribution
        return rate

    def joined(self, groups: Groups) -> Response:
        """Return the response for groups of channels.

        Parameters
        ----------
        groups
            Groups of the channels of the response.

        Raises
        ------
        BadParameter
            If they are not groups of these channels.

        Examples
        --------
        >>> response = site.spectra(catalog=["SGR 1935+2154"])["SGR 1935+2154"].response
        >>> n_channels = len(response.channel_low)
        >>> groups = Groups(np.arange(0, n_channels, 2), np.ones(n_channels))
        >>> len(response.joined(groups).channel_low)
        128
        """
        if not isinstance(groups, Groups) or len(groups.weights) != len(self.channel_low):
            limit = f"not groups of {len(self.channel_low)} channels"
            raise BadParameter("groups", groups, limit, "Write spectrum.joined(starts).response.")
        return replace(
            self,
            channel_low=np.minimum.reduceat(self.channel_low, groups.starts),
            channel_high=np.maximum.reduceat(self.channel_high, groups.starts),
            redistribution=groups.total(self.redistribution),
        )

    def write(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the redistribution matrix (RMF), and the effective area (ARF) beside it.

        Parameters
        ----------
        path
            Name of the RMF, ends in ``.fits`` or ``.fits.gz``. The ARF of ``isgri.fits`` is
            ``isgri_arf.fits``.
        overwrite
            Replace files that exist.

        Raises
        ------
        BadParameter
            If the suffix is not one of these, or a file cannot be written.

        Examples
        --------
        >>> spectrum.response.write("isgri.fits")
        """
        abilities().write(self, path, overwrite=overwrite)

    @classmethod
    def read(
        cls, rmf: str | os.PathLike[str], arf: str | os.PathLike[str] | None = None
    ) -> Response:
        """Read an OGIP response.

        Parameters
        ----------
        rmf
            File of the redistribution matrix. Blocks of a matrix in one file add up; ``"name{2}"``
            is the second of several matrices for different times.
        arf
            File of the effective area. Not needed if the matrix includes the area, as in OSA 11, or
            for an RMF of this package with its ARF beside it.

        Raises
        ------
        BadParameter
            If a file does not exist, the two do not belong together, or the area is missing.
        DamagedFile
            If a file is truncated, not a response, or inconsistent.

        Examples
        --------
        >>> spectrum.response.write("response.fits")
        >>> len(oda.Response.read("response.fits").area)
        2466
        """
        return abilities().read(Response, rmf, arf=arf)


def _range_text(low: NDArray[np.float64], high: NDArray[np.float64]) -> str:
    return f"{low.min(initial=np.inf):.4g}–{high.max(initial=0):.4g} keV"
