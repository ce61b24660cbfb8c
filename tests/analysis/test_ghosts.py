"""Which peaks of a mosaic are ghosts."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.analysis.field_of_view import pointing_of
from oda_widgets.analysis.ghosts import Ghosts
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.engine.jemx_aperture import jemx_aperture
from oda_widgets.engine.mura_aperture import GHOSTS, IBIS
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.request.energy import EnergyBand

BRIGHT, FAINT = 100.0, 6.0
POINTINGS = [pointing_of(window) for window in SimulatedArchive().science_windows()[2000:2030]]
SOURCE = POINTINGS[0].ra, POINTINGS[0].dec


def ghosts_of(pointings: list[Pointing], strength: float = BRIGHT) -> Ghosts:
    ghosts = Ghosts(pointings, IBIS)
    ghosts.add(*SOURCE, strength)
    return ghosts


@pytest.mark.parametrize("number", range(len(GHOSTS)))
def test_a_peak_one_period_away_is_a_ghost_in_the_window_that_sees_it_so(number: int) -> None:
    place = [float(x) for x in POINTINGS[0].sky(*GHOSTS[number])]
    assert ghosts_of(POINTINGS[:1]).explain(*place, FAINT)
    assert ghosts_of(POINTINGS[::-1]).explain(*place, FAINT)


def test_a_peak_elsewhere_or_stronger_than_the_source_is_none() -> None:
    place = [float(x) for x in POINTINGS[0].sky(*GHOSTS[0])]
    assert not ghosts_of(POINTINGS[:1]).explain(*SOURCE, FAINT)
    assert not ghosts_of(POINTINGS[:1], strength=FAINT).explain(*place, BRIGHT)
    assert not ghosts_of(POINTINGS[:1]).explain((SOURCE[0] + 180) % 360, -SOURCE[1], FAINT)


def test_a_mask_without_ghosts_explains_nothing() -> None:
    ghosts = Ghosts(POINTINGS, jemx_aperture(EnergyBand(5, 10)))
    ghosts.add(*SOURCE, BRIGHT)
    assert not ghosts.explain(*SOURCE, FAINT)


def test_all_windows_and_sources_at_once_give_what_they_give_one_by_one() -> None:
    rng = np.random.default_rng(3)
    around = rng.uniform(-12, 12, (40, 2)) + SOURCE
    sources, peaks = around[:20].tolist(), around[20:].tolist()
    ghosts = Ghosts(POINTINGS, IBIS)
    for source in sources:
        ghosts.add(*source, BRIGHT)
    found = [ghosts.explain(*peak, FAINT) for peak in peaks]
    assert found == [
        any(_is_ghost(pointing, peak, source) for pointing in POINTINGS for source in sources)
        for peak in peaks
    ]
    assert 0 < sum(found) < len(found)


def _is_ghost(pointing: Pointing, peak: list[float], source: list[float]) -> bool:
    offset = np.array(pointing.tangents(*peak)) - np.array(pointing.tangents(*source))
    return bool(np.any(np.all(np.abs(offset - GHOSTS) < IBIS.peak_width, axis=1)))
