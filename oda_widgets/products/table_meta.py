"""What the tables of a product state beside their rows: source, instrument, band, simulated."""

from __future__ import annotations

from typing import Any

from oda_widgets.products.observation import Observation
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instruments import label_of


def table_meta(name: str, band: EnergyBand, observation: Observation) -> dict[str, Any]:
    """Return the keywords of a table, with the names that FITS files give them; energies in keV."""
    return {
        "OBJECT": name,
        "TELESCOP": observation.telescope,
        "INSTRUME": label_of(observation.instrument),
        "E_MIN": band.low,
        "E_MAX": band.high,
        "SIMULATE": observation.simulated,
    }
