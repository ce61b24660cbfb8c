"""The events of one simulated science window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.raw_window import KeywordValue, RawWindow
from oda_widgets.archive.simulated.arrivals import Arrivals, in_order
from oda_widgets.archive.simulated.background import (
    background_arrivals,
    background_of,
    noise_arrivals,
)
from oda_widgets.archive.simulated.beam import source_arrivals
from oda_widgets.archive.simulated.detector import Detector, detector_of
from oda_widgets.archive.simulated.epoch import Epoch, epoch_at
from oda_widgets.archive.simulated.gaps import SURGE, good_intervals
from oda_widgets.archive.simulated.light_curves import Passage
from oda_widgets.archive.simulated.sky import sources_ahead
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.pointing import Pointing
from oda_widgets.request.science_windows import ScienceWindow

_STREAM = 4  # random stream of a mission; see detector.py for others


def simulate(window: ScienceWindow, seed: int) -> RawWindow:
    """Return a science window with all its events: the same for the same window and seed.

    Parameters
    ----------
    window
        Its time and attitude.
    seed
        Seed of the simulated mission.
    """
    epoch = epoch_of(window)
    detector = detector_of(seed, window.revolution, epoch)
    random = np.random.Generator(np.random.SFC64([seed, _STREAM, int(window.id[:12])]))
    events = in_order(
        [
            *_background(window, seed, epoch, detector, random),
            *_sources(window, epoch, detector, random),
        ]
    )
    row, column = np.divmod(events.pixel, np.int32(isgri.DETECTOR_SHAPE[1]))
    return RawWindow(
        window=window,
        time=events.time,
        energy=events.energy,
        dety=column.astype(np.uint8),
        detz=row.astype(np.uint8),
        select_flag=detector.noisy[events.pixel].astype(np.uint8),
        intervals=intervals_of(window),
        keywords=_keywords(epoch, seed),
    )


def epoch_of(window: ScienceWindow) -> Epoch:
    """Return the state of the instrument in a window."""
    return epoch_at(window.start, window.revolution)


def intervals_of(window: ScienceWindow) -> NDArray[np.float64]:
    """Return the good time intervals of a window, IJD days, shape (n, 2)."""
    return good_intervals(np.array(window.start), np.array(window.stop))


def _background(
    window: ScienceWindow,
    seed: int,
    epoch: Epoch,
    detector: Detector,
    random: np.random.Generator,
) -> list[Arrivals]:
    """Return the background, the surge in the long gap and the noise of pixels."""
    shapes, level = background_of(seed), epoch.background_level
    whole = window.start, window.stop
    intervals = intervals_of(window)
    gap = float(intervals[1, 1]), float(intervals[2, 0])
    return [
        background_arrivals(shapes, level, whole, detector, random),
        background_arrivals(shapes, level * (SURGE - 1), gap, detector, random),
        noise_arrivals(whole, detector, random),
    ]


def _sources(
    window: ScienceWindow, epoch: Epoch, detector: Detector, random: np.random.Generator
) -> list[Arrivals]:
    pointing = Pointing(window.ra, window.dec, window.ra_z, window.dec_z)
    sensitivity = epoch.live_fraction * epoch.area
    return [
        source_arrivals(
            tangents,
            component.counts,
            Passage.of(component.curve, window.start, window.stop),
            sensitivity,
            detector,
            random,
        )
        for source, tangents in sources_ahead(pointing)
        for component in source.components
    ]


def _keywords(epoch: Epoch, seed: int) -> dict[str, KeywordValue]:
    """Return the header keywords other than time and attitude."""
    return {"CREATOR": "oda_widgets simulated mission", "SEED": seed, "DEADC": epoch.live_fraction}
