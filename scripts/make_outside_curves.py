"""Write light curves that others have published as tables that `LightCurve.read` reads.

::

    python -m scripts.make_outside_curves FOLDER

FOLDER has Crab_SWIFT_BAT.dat.gz, CRAB_GBM_occ_fluxhist_auto.txt.gz and bottacini_lc.txt of
oda-hub/oda_api_benchmark (MIT licence). The daily points of the Crab become means of 50 days.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oda_widgets.files import write_whole
from oda_widgets.request.timespan import IJD_ZERO_MJD, SECONDS_PER_DAY
from scripts.apps import NOTEBOOKS

Floats = NDArray[np.float64]

_SWIFT_BEGINS = 53465.0  # MJD; BAT was being commissioned before
_STEP = 50.0  # days, as in Wilson-Hodge et al. 2011
_FEWEST = 15  # daily points of a mean
_FARTHEST = 6.0  # median distances from the median; 4 sigma of a normal distribution
_BENCHMARK = "from oda-hub/oda_api_benchmark (MIT), by scripts/make_outside_curves.py"
# Columns of GBM's file: start and stop (MJD), then rate and error of bands, in mCrab.
_GBM_BANDS = {(25, 50): 4, (100, 300): 8}


def main() -> None:
    """Read the files in the folder named on the command line, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    bat = np.loadtxt(folder / "Crab_SWIFT_BAT.dat.gz", usecols=(0, 1, 2), unpack=True)
    about = ("Swift", "BAT", "Crab", (15, 50), f"Means of 50 days of Swift/BAT, {_BENCHMARK}.")
    _write("crab_bat.csv", about, _means(*bat[:, bat[0] > _SWIFT_BEGINS]))
    for band, column in _GBM_BANDS.items():
        columns = (0, 1, column, column + 1)
        name = folder / "CRAB_GBM_occ_fluxhist_auto.txt.gz"
        start, stop, rate, error = np.loadtxt(name, usecols=columns, unpack=True)
        about = ("Fermi", "GBM", "Crab", band, f"Means of 50 days of Fermi/GBM, {_BENCHMARK}.")
        _write(f"crab_gbm_{band[0]}.csv", about, _means((start + stop) / 2, rate, error))
    day, rate, width, error = np.loadtxt(folder / "bottacini_lc.txt", unpack=True)
    day = day + 5644 + IJD_ZERO_MJD
    note = f"Bottacini et al. 2016, ApJ 832, 17, figure 1, {_BENCHMARK}."
    about = ("INTEGRAL", "ISGRI", "3C 279", (20, 100), note)
    _write("3c279_bottacini.csv", about, (day, 2 * width * SECONDS_PER_DAY, rate, error))


def _means(day: Floats, rate: Floats, error: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return means of 50 days weighted by their errors: middle, width in seconds, rate, error.

    Days far from the median of their 50 days are left out: some are wrong by a factor of ten.
    """
    place = np.floor((day - day[0]) / _STEP).astype(int)
    found = []
    for one in np.unique(place):
        chosen = np.flatnonzero(place == one)
        away = np.abs(rate[chosen] - np.median(rate[chosen]))
        chosen = chosen[away < _FARTHEST * np.median(away)]
        if len(chosen) >= _FEWEST:
            weight = error[chosen] ** -2.0
            mean = float(np.sum(weight * rate[chosen]) / weight.sum())
            # The scatter counts where it is larger than the stated errors.
            chi2 = float(np.sum(weight * (rate[chosen] - mean) ** 2)) / (len(chosen) - 1)
            spread = float(weight.sum()) ** -0.5 * max(1.0, chi2**0.5)
            found.append((day[0] + (one + 0.5) * _STEP, _STEP * SECONDS_PER_DAY, mean, spread))
    middle, width, mean, spread = np.array(found).T
    return middle, width, mean, spread


def _write(
    name: str,
    about: tuple[str, str, str, tuple[int, int], str],
    columns: tuple[Floats, Floats, Floats, Floats],
) -> None:
    telescope, instrument, source, (low, high), note = about
    lines = [
        f"# {note}",
        f"# TELESCOP = {telescope}",
        f"# INSTRUME = {instrument}",
        f"# OBJECT = {source}",
        f"# E_MIN = {low}",
        f"# E_MAX = {high}",
        "MJD,WIDTH,RATE,ERROR",
        *(
            f"{middle:.4f},{width:.0f},{rate:.5g},{error:.3g}"
            for middle, width, rate, error in zip(*columns, strict=True)
        ),
        "",
    ]
    write_whole(NOTEBOOKS / "data" / name, "\n".join(lines).encode())


if __name__ == "__main__":
    main()
