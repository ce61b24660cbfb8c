"""Rates of the simulated Crab through the years: thresholds rise, live time and area change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import oda_widgets as oda
from oda_widgets.archive.simulated.component import CRAB_RATE
from oda_widgets.archive.simulated.epoch import epoch_at
from oda_widgets.archive.simulated.plan import mission
from oda_widgets.archive.simulated.targets import targets
from oda_widgets.lookup.sphere import separations
from oda_widgets.request.science_windows import ScienceWindow
from tests.validation.results import Table

_CRAB = (83.6331, 22.0145)
_BAND = (20.0, 40.0)
_LATE = 2019


@pytest.mark.filterwarnings("ignore:Most pixels see nothing")  # as they do not from 2020 on
@pytest.mark.filterwarnings("ignore:Rates of 20–40 keV are raised")  # rightly: it is the Crab
@pytest.mark.parametrize("year", [2005, 2009, 2014, 2016, 2018, 2019, 2020, 2021])
def test_crab(year: int, table: Callable[[str], Table]) -> None:
    window = _window(year)
    site = oda.connect(archive="simulated")
    image = site.image("Crab", [window.id], energy=_BAND)
    curve = site.light_curves([window.id], catalog=image.catalog, energy=_BAND, time_bin=100)[
        "Crab"
    ]
    true = _rate(window)
    reach = 0.05 if year >= _LATE else 0.03
    with table(f"The simulated Crab of {year}, 20-40 keV, rate over the truth") as row:
        found = {"image": image.catalog["Crab"].flux, "light curve": curve.mean_rate[0]}
        for product, rate in found.items():
            row.between(product, rate / true, 1 - reach, 1 + reach)


def _window(year: int) -> ScienceWindow:
    """Return a window of a year that sees the Crab."""
    first = 365.25 * (year - 2000)
    of_year = [window for window in mission() if first <= window.start < first + 365.25]
    seen = [w for w in of_year if separations(w.ra, w.dec, *_CRAB) < 6]
    return seen[len(seen) // 2]


def _rate(window: ScienceWindow) -> float:
    """Return the rate with which the simulation made it, counts/s."""
    (crab,) = targets()["Crab"]
    level = float(crab.curve.level(np.array((window.start + window.stop) / 2)))
    return CRAB_RATE * level * epoch_at(window.start, window.revolution).area


@pytest.mark.parametrize("year", [2018, 2021])
def test_channels_near_the_threshold(year: int, table: Callable[[str], Table]) -> None:
    """A power law that is fitted above would bring its own error: all are beside the truth."""
    pulls = [_pulls_near_the_threshold(year, seed) for seed in range(4)]
    with table(f"Channels of the simulated Crab of {year} from the threshold to 40 keV") as row:
        row.above("good channels of each of four missions", min(map(len, pulls)), 8)
        row.between("chi squared per channel", float(np.mean(np.concatenate(pulls) ** 2)), 0.5, 1.6)


def _pulls_near_the_threshold(year: int, seed: int) -> NDArray[np.float64]:
    """Return how far good channels are from the truth, in errors."""
    site = oda.connect(archive=f"simulated:{seed}")
    near = site.science_windows("Crab", str(year), str(year + 1), radius=6, limit=2)
    spectrum = site.spectra(near, catalog=["Crab", "1A 0535+262"])["Crab"]
    (crab,) = targets()["Crab"]
    level = np.mean([_rate(window) for window in near]) / CRAB_RATE
    channels = zip(spectrum.channel_low, spectrum.channel_high, strict=True)
    expected = level * np.array([crab.counts.between(low, high) for low, high in channels])
    good = (spectrum.quality == 0) & (spectrum.channel_high <= 40.0)
    errors = np.hypot(spectrum.error, spectrum.systematic_error * expected)
    return np.asarray(((spectrum.rate - expected) / errors)[good])
