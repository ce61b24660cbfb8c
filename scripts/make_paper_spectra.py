"""Write oda_widgets/archive/simulated/paper_spectra.csv: two models of the paper of ODA.

``python -m scripts.make_paper_spectra``

Their components are in XSPEC's library only, and the simulated mission must not need it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.files import write_whole
from oda_widgets.fitting.models import library
from oda_widgets.fitting.models.definitions import definitions
from oda_widgets.fitting.models.grid import Grid

OUTPUT = Path(__file__).parents[1] / "oda_widgets" / "archive" / "simulated" / "paper_spectra.csv"
HEADER = """\
# Photons/cm2/s/keV of models of the ODA paper (Neronov et al. 2021, A&A 651, A97), computed with
# XSPEC's library; written by scripts/make_paper_spectra.py, not by hand.
# GX 5-1: bbodyrad + compTT, table 1. NGC 2110: compPS with the values of Lubinski et al. 2016
# (MNRAS 458, 2454), its norm from their curve of E F(E).
energy,GX 5-1,NGC 2110
"""
EDGES = np.geomspace(1.0, 3000.0, 401)  # keV
# Parameters without the norm, and the norm.
GX_5_1 = (
    ("bbodyrad", {"kT": 2.05}, 26.0),
    ("compTT", {"T0": 1.06, "kT": 5.4, "taup": 1.5}, 1.1),
)
# The published norm, 1.8e8, is 2.45 times below the published curve (0.0818 keV/cm2/s at 46.6 keV).
NGC_2110 = (
    ("compPS", {"kTe": 230.0, "kTbb": 0.01, "tau_y": -0.94, "geom": 0, "rel_refl": 0.63}, 4.4e8),
)


def density(components: tuple[tuple[str, dict[str, float], float], ...]) -> Floats:
    """Return the photons/cm2/s/keV of a sum of components in each bin."""
    grid = Grid(EDGES)
    total = np.zeros(len(grid))
    for name, given, norm in components:
        model = definitions()[name]
        values = [given.get(p.name, p.value) for p in model.parameters if p.name != "norm"]
        total += norm * library.evaluate(model, grid, values) / grid.width
    return total


def main() -> None:
    """Compute the models and write the table."""
    energy = np.sqrt(EDGES[1:] * EDGES[:-1])
    rows = zip(energy, density(GX_5_1), density(NGC_2110), strict=True)
    lines = [",".join(f"{max(value, 1e-99):.7g}" for value in row) for row in rows]
    write_whole(OUTPUT, (HEADER + "\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
