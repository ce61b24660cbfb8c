"""The calibration of the energies of a science window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from oda_widgets.errors import BadParameter

Floats = NDArray[np.float64]

EnergyChoice = Literal["auto", "archive", "lines", "osa"]
"""Choice of energies by the user; "auto" leaves it to the data."""

EnergyMethod = Literal["archive", "lines", "osa", "simulated"]

_AT = (15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0, 150.0, 250.0, 511.0, 1000.0)
"""Energies at which the uncertainty is kept, keV."""


@dataclass(frozen=True)
class EnergyOrigin:
    """The calibration of the energies of a science window, and its uncertainty.

    Parameters
    ----------
    method
        "archive" for those of the event file, "lines" for those calibrated on the instrumental
        lines of the background, "osa" for those of OSA's tables, "simulated" for those
        of the simulation.
    reason
        The calibration and its reason, in words.
    uncertainty
        Energies in keV and the relative uncertainty of the scale at each; empty when unknown.
    wrong
        True if the lines of the background are not at their nominal energies.
    """

    method: EnergyMethod
    reason: str
    uncertainty: tuple[tuple[float, float], ...] = ()
    wrong: bool = False

    def uncertainty_at(self, energy: Floats) -> Floats:
        """Return the relative uncertainty of the scale at energies in keV; zero when unknown."""
        if not self.uncertainty:
            return np.zeros(np.shape(energy))
        at, uncertainty = np.array(self.uncertainty).T
        between: Floats = np.interp(np.log(energy), np.log(at), uncertainty)
        return between


AS_RECORDED = EnergyOrigin("archive", "Energies are those of the archive, not tested.")
"""Origin of the energies of events from an archive."""


def tabulated(at_energies: Floats) -> tuple[tuple[float, float], ...]:
    """Return an uncertainty at `uncertainty_energies` in the form of `EnergyOrigin.uncertainty`."""
    return tuple(zip(_AT, np.asarray(at_energies).round(5).tolist(), strict=True))


def uncertainty_energies() -> Floats:
    """Return the energies in keV at which uncertainties are kept."""
    return np.array(_AT)


def energy_choice(value: object) -> EnergyChoice:
    """Check that a value is a choice of energies.

    Raises
    ------
    BadParameter
        If it is not.
    """
    for choice in get_args(EnergyChoice):
        if value == choice:
            return choice  # type: ignore[no-any-return]
    limit = "not one of " + ", ".join(repr(choice) for choice in get_args(EnergyChoice))
    raise BadParameter("energies", value, limit, 'Leave it out, or give "auto".')
