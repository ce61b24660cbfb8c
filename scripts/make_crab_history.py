"""Write oda_widgets/archive/simulated/crab_history.csv from Swift/BAT and Fermi/GBM light curves.

::

    python scripts/make_crab_history.py Crab_SWIFT_BAT.dat.gz CRAB_GBM_occ_fluxhist_auto.txt.gz

Both are in the repository oda-hub/oda_api_benchmark (MIT licence).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oda_widgets.files import write_whole
from oda_widgets.request.timespan import IJD_ZERO_MJD

Floats = NDArray[np.float64]

OUTPUT = Path(__file__).parents[1] / "oda_widgets" / "archive" / "simulated" / "crab_history.csv"
STEP = 50.0  # days; the daily points scatter by 4 %, the Crab changes over months
FEWEST = 30
HEADER = """\
# Flux of the Crab relative to its mean, 15 to 50 keV: mean of the 50-day medians of Swift/BAT and
# Fermi/GBM, from oda-hub/oda_api_benchmark (MIT); written by scripts/make_crab_history.py.
ijd,level
"""


def main() -> None:
    """Read the two light curves named on the command line and write their mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bat", type=Path, help="daily light curve of Swift/BAT")
    parser.add_argument("gbm", type=Path, help="daily light curve of Fermi/GBM")
    options = parser.parse_args()
    bat = np.loadtxt(options.bat, usecols=(0, 1))
    start, stop, rate = np.loadtxt(options.gbm, usecols=(0, 1, 2), unpack=True)
    gbm = np.column_stack([(start + stop) / 2, rate])
    edges = np.arange(bat[0, 0], bat[-1, 0], STEP)
    level = np.nanmean([_medians(bat, edges), _medians(gbm, edges)], axis=0)
    middle = edges[:-1] + STEP / 2 - IJD_ZERO_MJD
    points = ((time, one) for time, one in zip(middle, level, strict=True) if np.isfinite(one))
    lines = (f"{time:.1f},{one:.4f}\n" for time, one in points)
    write_whole(OUTPUT, (HEADER + "".join(lines)).encode())


def _medians(curve: Floats, edges: Floats) -> Floats:
    """Return medians between edges relative to the mean; NaN where there are few points."""
    number = np.digitize(curve[:, 0], edges)
    groups = [curve[number == one, 1] for one in range(1, len(edges))]
    medians = [np.median(group) if len(group) >= FEWEST else np.nan for group in groups]
    return np.array(medians) / np.median(curve[:, 1])


if __name__ == "__main__":
    main()
