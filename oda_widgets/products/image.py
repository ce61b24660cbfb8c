"""Sky images."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.abilities import abilities
from oda_widgets.products.observation import Observation
from oda_widgets.products.product import Product
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.source import Source
from oda_widgets.request.words import counted, listed, one_line

if TYPE_CHECKING:
    from astropy.wcs import WCS

FloatImage = NDArray[np.float32]


@dataclass(frozen=True, repr=False)
class SkyImage(Product):
    """An image of the sky, its errors, and the sources in it.

    Parameters
    ----------
    intensity
        Flux of a source at each sky pixel, counts per second as seen on axis; shape
        (n_dec, n_ra) in the sense of FITS: [axis 2, axis 1]. NaN outside the field of view.
    variance
        Its variance, same shape.
    significance
        Intensity over its error, where the error knows of all sources that were fitted.
    exposure
        Seconds weighted by the fraction of the detector that sees the pixel through the mask.
    wcs
        Celestial coordinates, gnomonic ("RA---TAN", "DEC--TAN"), square pixels.
    energy
        The band.
    catalog
        Sources found or asked for, joint fit.
    observation
        What was observed.
    target
        The source the question was about, if any.
    provenance
        How it came to be; None for what was read from a file.
    """

    intensity: FloatImage
    variance: FloatImage
    significance: FloatImage
    exposure: FloatImage
    wcs: WCS
    energy: EnergyBand
    catalog: SourceCatalog
    observation: Observation
    target: Source | None = None
    provenance: Provenance | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        # What was measured in simulated events is simulated, and so say files of the catalogue.
        if self.catalog.simulated != self.observation.simulated:
            catalog = replace(self.catalog, simulated=self.observation.simulated)
            object.__setattr__(self, "catalog", catalog)

    def _words(self) -> tuple[str, ...]:
        target = "" if self.target is None else f"{one_line(self.target.name)}, "
        rows, columns = self.shape
        return (
            f"{target}{self.energy}",
            f"{columns} × {rows} pixels of {60 * self.pixel_size:.2f}′",
            _sources(self.catalog),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Number of pixels along axis 2 and axis 1."""
        rows, columns = self.significance.shape
        return rows, columns

    @cached_property
    def pixel_size(self) -> float:
        """Side of a pixel at the centre of the image, degrees."""
        return float(np.sqrt(np.abs(np.linalg.det(self.wcs.pixel_scale_matrix))))

    @classmethod
    def read(cls, path: str | os.PathLike[str], energy: Any = None) -> SkyImage:
        """Read an image of ours, of OSA or of MMODA.

        Parameters
        ----------
        path
            A FITS file with maps of intensity, variance, significance and exposure.
        energy
            Which band, where the file has several: a pair in keV.

        Raises
        ------
        BadParameter
            If there is no such file, or no such band in it.
        DamagedFile
            If it is truncated, lacks a map, or is something else.
        """
        band = None if energy is None else EnergyBand.parse(energy)
        return abilities().read(SkyImage, path, energy=band)


def _sources(catalog: SourceCatalog) -> str:
    """Return how many sources there are, and the brightest with their significance."""
    measured = [source for source in catalog.brightest(len(catalog)) if source.significance > 0]
    brightest = listed([f"{one_line(s.name)} ({s.significance:.1f} σ)" for s in measured[:3]], 3)
    number = counted(len(catalog), "source")
    return f"{number}, the brightest: {brightest}" if measured else number
