"""The sky of the simulated mission: positions, spectra and brightness of sources.

Sources come from the reference catalogue, in this order:

- the targets of the ODA paper behave as published (`targets`);
- bright sources have a nominal brightness, chosen for a plausible sky and not measured, and a shape
  usual for their kind (`bright_sources.csv`): the catalogue often holds an outburst or a
  placeholder for them;
- others have the catalogue's spectrum if it makes them fainter than 3 thousandths of the Crab.
  Brighter ones are transients in outburst or placeholders, and dark here, as are those without
  spectrum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from oda_widgets.archive.simulated.component import CRAB_RATE, Component, Components
from oda_widgets.archive.simulated.photon_spectra import (
    PhotonSpectrum,
    catalogued,
    column_density,
)
from oda_widgets.archive.simulated.tables import rows_of
from oda_widgets.archive.simulated.targets import targets
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.mask import ELEMENT_SIDE, ELEMENTS
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.lookup.reference_catalog import ReferenceSource, reference_catalog

FAINT = 0.6
"""Counts/s, 20 to 60 and 60 to 200 keV, up to which the rates of the catalogue are trusted."""

_SHAPES = {
    "pulsar": PhotonSpectrum("cutoff", (1.0, 15.0, 1.0)),
    "wind binary": PhotonSpectrum("cutoff", (1.4, 30.0, 1.0)),
    "soft binary": PhotonSpectrum("cutoff", (1.5, 9.0, 1.0)),
    "burster": PhotonSpectrum("cutoff", (1.5, 45.0, 1.0)),
    "black hole": PhotonSpectrum("cutoff", (1.6, 120.0, 1.0)),
    "galaxy": PhotonSpectrum("cutoff", (1.7, 200.0, 1.0)),
    "nebula": PhotonSpectrum("powerlaw", (2.0, 1.0)),
    "white dwarf": PhotonSpectrum("cutoff", (1.3, 20.0, 1.0)),
}


@dataclass(frozen=True)
class SkySource:
    """A source with emission.

    Parameters
    ----------
    name
        As the reference catalogue spells it.
    ra, dec
        Degrees, J2000.
    components
        Components of its emission.
    """

    name: str
    ra: float
    dec: float
    components: Components


@cache
def sky() -> tuple[SkySource, ...]:
    """Return all sources with emission."""
    found = ((source, _components(source)) for source in reference_catalog())
    return tuple(SkySource(s.name, s.ra, s.dec, light) for s, light in found if light)


def sources_ahead(pointing: Pointing) -> Iterator[tuple[SkySource, tuple[float, float]]]:
    """Iterate over the sources in the field of view, with the tangents of their directions."""
    sources = sky()
    along_y, along_z = pointing.tangents([s.ra for s in sources], [s.dec for s in sources])
    seen = (np.abs(along_y) < _REACH) & (np.abs(along_z) < _REACH)  # False behind the telescope
    for index in np.flatnonzero(seen):
        yield sources[index], (float(along_y[index]), float(along_z[index]))


def _components(source: ReferenceSource) -> Components:
    """Return the components of a source, absorbed by the column density of the catalogue."""
    absorbing = column_density(source.spectral_model, source.spectral_parameters)

    def absorbed(component: Component) -> Component:
        spectrum = replace(component.spectrum, column_density=absorbing)
        return replace(component, spectrum=spectrum)

    return tuple(map(absorbed, _emission(source)))


def _emission(source: ReferenceSource) -> Components:
    if source.name in targets():
        return targets()[source.name]
    if source.name in _bright():
        level, kind = _bright()[source.name]
        return (Component(_SHAPES[kind], level / 1000 * CRAB_RATE),)
    spectrum = catalogued(source.spectral_model, source.spectral_parameters)
    if spectrum is not None and _is_faint(source):
        return (Component(spectrum),)
    return ()


def _is_faint(source: ReferenceSource) -> bool:
    """Return True for a small rate above zero; NaN compares as False."""
    return 0 < source.rate_20_60 < FAINT and source.rate_60_200 < FAINT


@cache
def _bright() -> dict[str, tuple[float, str]]:
    """Return mean brightness (mCrab) and kind of the bright sources."""
    rows = rows_of("bright_sources.csv")
    return {row["name"]: (float(row["millicrab"]), row["kind"]) for row in rows}


# Largest tangent at which a ray from the far edge of the detector meets the mask.
_REACH = (
    ELEMENTS / 2 * ELEMENT_SIDE
    + max(isgri.DETECTOR_SHAPE) / 2 * isgri.PIXEL_PITCH
    + max(isgri.MASK_SHIFT)
) / (isgri.MASK_DISTANCE - isgri.MASK_THICKNESS / 2)
