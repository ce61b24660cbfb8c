"""The reference catalogue: known sources in the field of INTEGRAL, shipped with the package.

``reference_catalog.csv`` holds 947 of the 2410 sources of the INTEGRAL General Reference Catalogue,
version 43 (ISDC, Geneva), as far as it could be obtained. Sources added by hand say so in
`ReferenceSource.origin`. The file is written by `scripts/make_reference_catalog.py`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import nan

import numpy as np
from numpy.typing import NDArray

from oda_widgets.lookup.sphere import separations
from oda_widgets.request.numbers import number_within
from oda_widgets.request.source import Source

_ROUNDING = 1e-9  # degrees


@dataclass(frozen=True, slots=True)
class ReferenceSource:
    """A source of the reference catalogue.

    Parameters
    ----------
    name
        Name as the catalogue spells it.
    ra, dec
        Position in degrees (J2000), accurate to 0.1 arcseconds at best.
    error_radius
        Radius of the uncertainty of the position, degrees.
    rate_20_60, rate_60_200
        Count rates in ISGRI predicted by the spectral model, 20 to 60 and 60 to 200 keV, counts/s;
        NaN without a model. Rates of transients are placeholders.
    spectral_model, spectral_parameters
        XSPEC expression and its parameters; empty without a model.
    aliases
        Other names.
    origin
        Reference for these values.

    Examples
    --------
    >>> sources_within(83.633, 22.014, 0.1)[0].error_radius < 0.01
    True
    """

    name: str
    ra: float
    dec: float
    error_radius: float
    rate_20_60: float
    rate_60_200: float
    spectral_model: str
    spectral_parameters: tuple[float, ...]
    aliases: tuple[str, ...]
    origin: str

    @property
    def source(self) -> Source:
        """The source with its name and position, as queries take it.

        Examples
        --------
        >>> sources_within(83.633, 22.014, 0.1)[0].source.name
        'Crab'
        """
        return Source(self.name, self.ra, self.dec, "reference catalogue")


@cache
def reference_catalog() -> tuple[ReferenceSource, ...]:
    """Return all sources of the reference catalogue, in order of right ascension.

    Examples
    --------
    >>> len(reference_catalog()) > 900
    True
    """
    text = (files("oda_widgets.lookup") / "reference_catalog.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(_source(row) for row in rows)


def sources_within(ra: float, dec: float, radius: float) -> tuple[ReferenceSource, ...]:
    """Return the sources within a radius of a position, the nearest first; all in degrees.

    Raises
    ------
    BadParameter
        If the position is not on the sky or the radius is outside 0 to 180 degrees.

    Examples
    --------
    >>> [source.name for source in sources_within(83.633, 22.014, 5)]
    ['Crab', 'RX J0525.3+2413', '1A 0535+262']
    """
    number_within("ra", ra, 0, 360, "deg")
    number_within("dec", dec, -90, 90, "deg")
    number_within("radius", radius, 0, 180, "deg")
    catalog, (all_ra, all_dec) = reference_catalog(), _positions()
    # Angles are never smaller than differences of declination, which are faster to compute.
    near = np.flatnonzero(np.abs(all_dec - dec) <= radius + _ROUNDING)
    angles = separations(all_ra[near], all_dec[near], ra, dec)
    nearest_first = np.argsort(angles, kind="stable")
    return tuple(catalog[near[index]] for index in nearest_first if angles[index] <= radius)


@cache
def _positions() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return right ascensions and declinations of all sources."""
    catalog = reference_catalog()
    return np.array([source.ra for source in catalog]), np.array([s.dec for s in catalog])


def _source(row: dict[str, str]) -> ReferenceSource:
    return ReferenceSource(
        name=row["name"],
        ra=float(row["ra"]),
        dec=float(row["dec"]),
        error_radius=float(row["error_radius"]),
        rate_20_60=float(row["rate_20_60"] or nan),
        rate_60_200=float(row["rate_60_200"] or nan),
        spectral_model=row["spectral_model"],
        spectral_parameters=tuple(float(text) for text in row["spectral_parameters"].split()),
        aliases=tuple(row["aliases"].split("|")) if row["aliases"] else (),
        origin=row["origin"],
    )
