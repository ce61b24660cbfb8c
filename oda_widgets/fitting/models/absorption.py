"""Photoelectric absorption between the stars, as XSPEC's ``wabs`` has it."""

from __future__ import annotations

import numpy as np

from oda_widgets.arrays import Floats

# keV, and c0, c1, c2 above it: cross sections per hydrogen atom are (c0 + c1 E + c2 E^2) / E^3 in
# 1e-24 cm2 (Morrison & McCammon 1983, ApJ 270, 119, table 2). The last ones hold beyond 10 keV.
_CROSS_SECTIONS = np.array(
    [
        (0.030, 17.3, 608.1, -2150.0), (0.100, 34.6, 267.9, -476.1), (0.284, 78.1, 18.8, 4.3),
        (0.400, 71.4, 66.8, -51.4), (0.532, 95.5, 145.8, -61.1), (0.707, 308.9, -380.6, 294.0),
        (0.867, 120.6, 169.3, -47.7), (1.303, 141.3, 146.8, -31.5), (1.840, 202.7, 104.7, -17.0),
        (2.471, 342.7, 18.7, 0.0), (3.210, 352.2, 18.7, 0.0), (4.038, 433.9, -2.4, 0.75),
        (7.111, 629.0, 30.9, 0.0), (8.331, 701.2, 25.2, 0.0),
    ]
)  # fmt: skip


def transmitted(energy: Floats, column_density: float) -> Floats:
    """Return the fraction of photons that are not absorbed.

    Parameters
    ----------
    energy
        keV, 0.03 and more.
    column_density
        Hydrogen atoms in 1e22 per cm2.
    """
    edges, *terms = _CROSS_SECTIONS.T
    number = np.maximum(np.searchsorted(edges, energy, side="right") - 1, 0)
    constant, linear, square = (term[number] for term in terms)
    cross_section = (constant + linear * energy + square * energy**2) / energy**3
    passes: Floats = np.exp(-0.01 * column_density * cross_section)
    return passes
