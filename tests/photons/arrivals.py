"""Events as they come out of the detector, before they are tagged and merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .arrays import Bytes, Energies, Floats


@dataclass(frozen=True)
class Arrivals:
    """Events of one origin.

    Attributes
    ----------
    time
        IJD.
    energy
        Registered energy, keV.
    dety, detz
        0-based pixel coordinates, gaps between modules included.
    """

    time: Floats
    energy: Energies
    dety: Bytes
    detz: Bytes
