"""Sky images."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from oda_widgets.abilities import abilities
from oda_widgets.arrays import KeptArrays, Singles
from oda_widgets.products.made_when_asked import MadeWhenAsked
from oda_widgets.products.observation import Observation
from oda_widgets.products.parts import check_parts
from oda_widgets.products.product import Product
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.source import Source
from oda_widgets.request.words import counted, listed, one_line, significance_text

if TYPE_CHECKING:
    from astropy.wcs import WCS


@suggesting_class
@dataclass(frozen=True, eq=False, repr=False)
class SkyImage(Product, KeptArrays):
    """An image of the sky, its errors, and the sources in it.

    Parameters
    ----------
    intensity
        Flux of a source at each sky pixel, on-axis equivalent counts per second; shape
        (n_dec, n_ra), in terms of FITS [axis 2, axis 1]. NaN outside the field of view.
    variance
        Variance of the intensity, same shape.
    significance
        Intensity over its error, which includes those of all sources fitted together.
    exposure
        Live seconds weighted by the fraction of the detector that the pixel illuminates (coding).
    wcs
        Celestial coordinates, gnomonic ("RA---TAN", "DEC--TAN"), square pixels.
    energy
        Band of reconstructed energy.
    catalog
        Sources found in the image, and those of the query, fitted together.
    observation
        Science windows, times and exposure.
    target
        The source of the query, if any.
    provenance
        The steps that made it; None if it was read from a file.

    Examples
    --------
    >>> site.image("SGR 1935+2154", energy=(28, 150))
    SkyImage of SGR 1935+2154, 28–150 keV
      ISGRI · 255900280010.001 · 2,540.7 s · energies calibrated on instrumental lines
      2022-10-12T15:09:35 to 2022-10-12T16:08:55 UTC
      740 × 740 pixels of 2.47′
      2 sources, the brightest: SGR 1935+2154 (... σ), Cyg X-1 (... σ)
    """

    intensity: Singles
    variance: Singles
    significance: Singles
    exposure: Singles
    if TYPE_CHECKING:
        wcs: WCS
    else:  # made late, since importing astropy.wcs takes most of the time to load a stored image
        wcs: Any = MadeWhenAsked()
    energy: EnergyBand
    catalog: SourceCatalog
    observation: Observation
    target: Source | None = None
    provenance: Provenance | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parts(
            self,
            ("intensity", "variance", "significance", "exposure"),
            energy=EnergyBand,
            catalog=SourceCatalog,
            observation=Observation,
        )
        # Label the catalogue as well, so that its own files say that it is simulated.
        if self.catalog.simulated != self.observation.simulated:
            catalog = replace(self.catalog, simulated=self.observation.simulated)
            object.__setattr__(self, "catalog", catalog)

    def _description(self) -> tuple[str, ...]:
        target = "" if self.target is None else f"{one_line(self.target.name)}, "
        rows, columns = self.shape
        return (
            f"{target}{self.energy}",
            f"{columns} × {rows} pixels of {60 * self.pixel_size:.2f}′",
            _sources_text(self.catalog),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Number of pixels along axis 2 (declination) and axis 1 (right ascension).

        Examples
        --------
        >>> image.shape
        (740, 740)
        """
        rows, columns = self.significance.shape
        return rows, columns

    @cached_property
    def pixel_size(self) -> float:
        """Side of a pixel at the centre of the image, degrees.

        Examples
        --------
        >>> round(60 * image.pixel_size, 2)
        2.47
        """
        return float(np.sqrt(np.abs(np.linalg.det(self.wcs.pixel_scale_matrix))))

    @classmethod
    def read(cls, path: str | os.PathLike[str], energy: Any = None) -> SkyImage:
        """Read an image of oda_widgets, OSA or MMODA.

        Parameters
        ----------
        path
            A FITS file with maps of intensity, variance, significance and exposure.
        energy
            The band, if the file has several: a pair in keV.

        Raises
        ------
        BadParameter
            If there is no such file, or no such band in it.
        DamagedFile
            If it is truncated, lacks a map, or is not an image.

        Examples
        --------
        >>> image.write("image.fits")
        >>> oda.SkyImage.read("image.fits").catalog.names
        ('SGR 1935+2154', 'Cyg X-1')
        """
        band = None if energy is None else EnergyBand.parse(energy)
        return abilities().read(SkyImage, path, energy=band)


def _sources_text(catalog: SourceCatalog) -> str:
    """Return the number of sources, and the brightest with their significance."""
    measured = [source for source in catalog.brightest(len(catalog)) if source.significance > 0]
    brightest = listed(
        [f"{one_line(s.name)} ({significance_text(s.significance)} σ)" for s in measured[:3]], 3
    )
    number = counted(len(catalog), "source")
    return f"{number}, the brightest: {brightest}" if measured else number
