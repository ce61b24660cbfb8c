"""The map of the whole sky, product of a survey."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from math import isqrt
from typing import Any

import numpy as np

from oda_widgets.abilities import Displayed, abilities
from oda_widgets.arrays import KeptArrays, Singles
from oda_widgets.lookup.healpix import HealpixGrid, healpix_grid
from oda_widgets.products.observation import Observation
from oda_widgets.products.parts import check_parts
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.words import counted, listed, significance_text

_SHOWN = 3  # sources in a print
_SKY = 41_253  # square degrees


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class AllSky(Displayed, KeptArrays):
    """A map of the whole sky in HEALPix pixels, and the sources in it.

    Parameters
    ----------
    intensity
        Flux of a source at each pixel, on-axis equivalent counts per second; shape (12 nside^2,),
        RING scheme in Galactic coordinates. NaN where no window points.
    variance
        Variance of the intensity, same shape.
    exposure
        Live seconds weighted by the fraction of the detector that the pixel illuminates (coding).
    energy
        Band of reconstructed energy.
    catalog
        Known sources, and candidates: peaks that no known source explains, marked as "new".
    observation
        Science windows, times and exposure.

    Examples
    --------
    >>> site.survey(energy=(28, 150), nside=64)
    AllSky, 28–150 keV
      ISGRI · 255900280010.001 · 2,540.7 s · energies calibrated on instrumental lines
      2022-10-12T15:09:35 to 2022-10-12T16:08:55 UTC
      HEALPix, nside 64: pixels of 55.0′, 2.0 % of the sky
      ... known sources, the brightest: ...
    """

    intensity: Singles
    variance: Singles
    exposure: Singles
    energy: EnergyBand
    catalog: SourceCatalog
    observation: Observation

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parts(
            self,
            ("intensity", "variance", "exposure"),
            energy=EnergyBand,
            catalog=SourceCatalog,
            observation=Observation,
        )
        # Label the catalogue as well, so that its own files say that it is simulated.
        if self.catalog.simulated != self.observation.simulated:
            catalog = replace(self.catalog, simulated=self.observation.simulated)
            object.__setattr__(self, "catalog", catalog)

    def __repr__(self) -> str:
        seen = self.observation
        skipped = counted(len(seen.skipped), "window") + " skipped" if seen.skipped else ""
        lines = (seen.label, seen.span, skipped, self._pixels_text(), self._sources_text())
        return "\n  ".join([f"AllSky, {self.energy}", *filter(None, lines)])

    @property
    def nside(self) -> int:
        """Pixels along the side of each of the twelve base pixels.

        Examples
        --------
        >>> sky.nside
        64
        """
        return isqrt(len(self.intensity) // 12)

    @property
    def grid(self) -> HealpixGrid:
        """The grid of the pixels.

        Examples
        --------
        >>> sky.grid.size
        49152
        """
        return healpix_grid(self.nside)

    @cached_property
    def significance(self) -> Singles:
        """Intensity over its error; NaN where no window points.

        Examples
        --------
        >>> sky.significance.shape
        (49152,)
        """
        return (self.intensity / np.sqrt(self.variance)).astype(np.float32)

    @property
    def covered(self) -> float:
        """Fraction of the sky that was observed, 0 to 1.

        Examples
        --------
        >>> round(sky.covered, 2)
        0.02
        """
        return float(np.isfinite(self.intensity).mean())

    @property
    def candidates(self) -> SourceCatalog:
        """Peaks that no known source explains; check each before calling it a source.

        Examples
        --------
        >>> len(sky.candidates)
        0
        """
        new = [source for source in self.catalog if source.new]
        return replace(SourceCatalog.of(new), simulated=self.catalog.simulated)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> AllSky:
        """Read a map that `write` wrote; it is equal bit for bit.

        Parameters
        ----------
        path
            A FITS file of a survey.

        Raises
        ------
        BadParameter
            If there is no such file.
        DamagedFile
            If it is damaged, or a HEALPix map of another program.

        Examples
        --------
        >>> sky.write("survey.fits")
        >>> type(oda.open("survey.fits")).__name__
        'AllSky'
        """
        return abilities().read(AllSky, path)

    def write(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        history: tuple[str, ...] = (),
    ) -> None:
        """Write map and catalogue as FITS, readable by healpy and astropy-healpix.

        Parameters
        ----------
        path
            Ends in ``.fits`` or ``.fits.gz``.
        overwrite
            Replace a file that exists.
        history
            Lines on the origin of the map, for the HISTORY of the file.

        Raises
        ------
        BadParameter
            If the suffix is not one of these, or the file cannot be written.

        Examples
        --------
        >>> sky.write("sky.fits")
        """
        abilities().write(self, path, overwrite=overwrite, history=history)

    def save(
        self, path: str | os.PathLike[str], *, overwrite: bool = False, **options: Any
    ) -> None:
        """Save the map, or a figure of it, in the format that the suffix names.

        Parameters
        ----------
        path
            Ends in ``.fits`` or ``.fits.gz`` for the data, or in ``.pdf``, ``.png`` or ``.svg``.
        overwrite
            Replace a file that exists.
        options
            Options of `figure`, and ``dpi`` of a PNG, 300 by default.

        Raises
        ------
        BadParameter
            If the suffix is none of these, or the file cannot be written.

        Examples
        --------
        >>> sky.save("sky.png", dpi=60)
        """
        abilities().save(self, path, overwrite=overwrite, **options)

    def figure(self, **options: Any) -> Any:
        """Return a figure for publication: the sky in Galactic coordinates (Mollweide).

        Parameters
        ----------
        options
            ``columns`` (width in columns of text, 1 or 2) or ``width`` (inches), ``map_name``
            ("significance", "intensity", "variance" or "exposure"), ``cuts`` (values of the first
            and the last colour) and ``names`` (largest number of sources with a name).

        Raises
        ------
        BadParameter
            If there is no such option, or its value is not valid.

        Examples
        --------
        >>> sky.figure(map_name="exposure").savefig("exposure.pdf")
        """
        return abilities().figure(self, **options)

    def _pixels_text(self) -> str:
        size = 60 * self.grid.pixel_size
        area = f"{100 * self.covered:.1f} % of the sky"
        if self.covered * _SKY < 1:
            area = "less than a square degree of the sky"
        return f"HEALPix, nside {self.nside}: pixels of {size:.1f}′, {area}"

    def _sources_text(self) -> str:
        known = [source for source in self.catalog if not source.new]
        first = [f"{s.name} ({significance_text(s.significance)} σ)" for s in known[:_SHOWN]]
        brightest = f", the brightest: {listed(first, _SHOWN)}" if first else ""
        number = len(self.catalog) - len(known)
        more = f"; {counted(number, 'candidate')} that no known source explains" if number else ""
        return f"{counted(len(known), 'known source')}{brightest}{more}"
