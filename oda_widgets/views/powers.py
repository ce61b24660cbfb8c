"""Quantities in units of a power of ten, as axes of figures show them."""

from __future__ import annotations

from math import floor, log10

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.request.words import power_of_ten

_PLAIN = (-2, 4)  # powers of ten that are written out
_UNITS = {
    "erg/cm²/s": "erg cm⁻² s⁻¹",
    "photons/cm²/s": "photons cm⁻² s⁻¹",
    "photons/keV/cm²/s": "photons keV⁻¹ cm⁻² s⁻¹",
}


def power_of(values: Floats) -> int:
    """Return the power of ten in units of which values are shown; 0 for plain numbers."""
    largest = float(np.max(np.abs(values), initial=0.0))
    power = floor(log10(largest)) if largest > 0 else 0
    return 0 if _PLAIN[0] <= power <= _PLAIN[1] else power


def quantity_label(name: str, unit: str, power: int = 0) -> str:
    """Return the name of a quantity, with its unit in a second line if it has one."""
    raised = power_of_ten(power) if power else ""
    inside = " ".join(filter(None, (raised, _UNITS.get(unit, unit))))
    return f"{name}\n({inside})" if inside else name
