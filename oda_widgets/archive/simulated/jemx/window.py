"""The events of one simulated science window of JEM-X."""

from __future__ import annotations

import numpy as np

from oda_widgets.archive.simulated.gaps import SURGE
from oda_widgets.archive.simulated.jemx.anodes import living_anodes
from oda_widgets.archive.simulated.jemx.background import background_hits
from oda_widgets.archive.simulated.jemx.beam import source_hits
from oda_widgets.archive.simulated.jemx.hits import Hits, in_order
from oda_widgets.archive.simulated.light_curves import Passage
from oda_widgets.archive.simulated.sky import sources_ahead
from oda_widgets.archive.simulated.window import intervals_of
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.energies.origin import EnergyOrigin
from oda_widgets.instruments.jemx.area import NOMINAL
from oda_widgets.instruments.jemx.detector import (
    DETECTOR_SHAPE,
    NO_RESPONSE,
    USUAL_LIVE_FRACTION,
    Unit,
    inside,
)
from oda_widgets.instruments.jemx.mask import STAND_IN
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval, merge

_ORIGIN = EnergyOrigin("simulated", "Energies are those of the simulation.")
_STREAM = 12  # random stream of a mission; see ..detector for others


def simulate_jemx(window: ScienceWindow, seed: int, unit: Unit) -> Hits:
    """Return all events of a science window: the same for the same window, seed and unit.

    Parameters
    ----------
    window
        Its time and attitude.
    seed
        Seed of the simulated mission.
    unit
        1 or 2.
    """
    random = np.random.Generator(np.random.SFC64([seed, _STREAM, unit, int(window.id[:12])]))
    living = living_anodes(seed, unit, window.start)
    intervals = intervals_of(window)
    gap = float(intervals[1, 1]), float(intervals[2, 0])
    background = [
        background_hits(level, span, USUAL_LIVE_FRACTION, living, random)
        for level, span in ((1.0, (window.start, window.stop)), (SURGE - 1, gap))
    ]
    pointing = Pointing(window.ra, window.dec, window.ra_z, window.dec_z)
    sources = [
        source_hits(
            tangents,
            component,
            Passage.of(component.curve, window.start, window.stop),
            USUAL_LIVE_FRACTION,
            living,
            unit,
            random,
        )
        for source, tangents in sources_ahead(pointing)
        if np.hypot(*tangents) < NO_RESPONSE
        for component in source.components
    ]
    return in_order([*background, *sources])


def jemx_events(window: ScienceWindow, seed: int, unit: Unit) -> WindowEvents:
    """Return the usable events of a science window; parameters as for `simulate_jemx`."""
    hits = simulate_jemx(window, seed, unit)
    good = merge(TimeInterval(*interval) for interval in intervals_of(window).tolist())
    edges = np.array([(interval.start, interval.stop) for interval in good]).ravel()
    # Inside an interval, the number of edges before an event is odd.
    in_good_time = np.searchsorted(edges, hits.time, side="right") % 2 == 1
    dety, detz = (
        np.floor(place + DETECTOR_SHAPE[0] / 2).astype(np.uint8) for place in (hits.y, hits.z)
    )
    usable = in_good_time & inside()[detz, dety]
    return WindowEvents(
        window=window,
        time=hits.time[usable],
        energy=hits.energy[usable].astype(np.float32),
        dety=dety[usable],
        detz=detz[usable],
        good_time=good,
        flagged_counts=np.zeros(DETECTOR_SHAPE, np.int32),
        live_fraction=USUAL_LIVE_FRACTION,
        living=inside() & living_anodes(seed, unit, window.start),
        note=f"Simulated JEM-X{unit}: {STAND_IN}; its response is {NOMINAL}.",
        origin=_ORIGIN,
    )
