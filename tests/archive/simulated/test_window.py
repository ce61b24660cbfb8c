"""The contents of a simulated window."""

from __future__ import annotations

import numpy as np
import pytest

from oda_widgets.archive.base import Archive
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.select import select
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.archive.simulated.light_curves import Passage
from oda_widgets.archive.simulated.v404_cygni import outburst
from oda_widgets.errors import ArchiveError, BadParameter
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.source import Source
from oda_widgets.request.window_query import WindowQuery

COLUMNS = ("time", "energy", "dety", "detz", "select_flag", "intervals")


def as_bytes(raw: RawWindow) -> list[bytes]:
    return [np.asarray(getattr(raw, column)).tobytes() for column in COLUMNS]


def test_it_is_an_archive_and_everything_in_it_is_labelled(mission: SimulatedArchive) -> None:
    archive: Archive = mission
    assert archive.name == "simulated mission"
    assert archive.unusable_windows() == ()
    assert all(window.simulated for window in archive.science_windows())


def test_the_same_window_is_the_same_to_the_last_bit(
    crab_window: ScienceWindow, crab_raw: RawWindow
) -> None:
    assert as_bytes(SimulatedArchive(seed=0).raw(crab_window.id[:12])) == as_bytes(crab_raw)


def test_another_seed_draws_other_photons_at_the_same_pointings(
    mission: SimulatedArchive, crab_window: ScienceWindow, crab_raw: RawWindow
) -> None:
    other = SimulatedArchive(seed=1)
    assert other.name == "simulated mission (seed 1)"
    assert other.science_windows() == mission.science_windows()
    assert as_bytes(other.raw(crab_window.id))[0] != as_bytes(crab_raw)[0]


def test_two_windows_are_drawn_apart(mission: SimulatedArchive, crab_raw: RawWindow) -> None:
    windows = mission.science_windows()
    following = windows[windows.index(crab_raw.window) + 1]
    assert not np.array_equal(mission.raw(following.id).dety[:1000], crab_raw.dety[:1000])


def test_usable_events_are_in_order_good_and_on_the_detector(
    mission: SimulatedArchive, crab_window: ScienceWindow
) -> None:
    events = mission.events(crab_window.id)
    assert np.all(np.diff(events.time) >= 0)
    assert events.energy.min() > 0
    assert events.ontime == pytest.approx(crab_window.good_time, abs=0.01)
    assert events.live_fraction is not None
    assert 0.67 < events.live_fraction < 0.78
    assert events.dety.max() < 130
    assert not np.isin(events.dety, [64, 65]).any()
    assert not np.isin(events.detz, [32, 33, 66, 67, 100, 101]).any()


def test_some_events_are_flagged_and_some_have_no_energy(crab_raw: RawWindow) -> None:
    assert 0.02 < crab_raw.select_flag.mean() < 0.08
    assert 0.01 < np.mean(crab_raw.energy == 0) < 0.05


def test_noisy_pixels_are_flagged_as_a_whole(crab_raw: RawWindow) -> None:
    pixel = crab_raw.detz.astype(int) * 130 + crab_raw.dety
    flagged = np.bincount(pixel, crab_raw.select_flag, 134 * 130)
    counts = np.bincount(pixel, minlength=134 * 130)
    assert np.all((flagged == 0) | (flagged == counts))


def test_the_window_of_2022_is_like_the_real_one() -> None:
    """Compare with 255900280010: 660 good events per second, energies calibrated on lines."""
    window = SimulatedArchive().science_windows()[-1]
    events = SimulatedArchive().events(window.id)
    rate = len(events) / events.ontime
    assert rate == pytest.approx(660, rel=0.15)
    for low, high, real in ((28, 40, 49.7), (40, 80, 209.0), (100, 300, 190.0)):
        band = np.count_nonzero((events.energy >= low) & (events.energy < high))
        assert band / events.ontime == pytest.approx(real, rel=0.15)
    soft = np.count_nonzero(events.energy < 25) / events.ontime
    assert soft < 10  # below the threshold of that year


def test_the_threshold_rises_through_the_mission(mission: SimulatedArchive) -> None:
    windows = mission.science_windows()
    shares = []
    for window in (windows[100], windows[-1]):
        energy = mission.events(window.id).energy
        shares.append(np.mean(energy < 25))
    assert shares[0] > 10 * shares[1]


def test_the_flares_of_v404_cygni_are_in_the_events(mission: SimulatedArchive) -> None:
    v404 = Source("V404 Cyg", 306.01593, 33.8672, "")
    windows = select(
        mission.science_windows(),
        WindowQuery(source=v404, radius=3, start=5649.9333, stop=5653.366),
    )
    seconds = {
        window: Passage.of(outburst(), window.start, window.stop).effective_seconds
        for window in windows
    }
    bright, calm = max(windows, key=seconds.__getitem__), min(windows, key=seconds.__getitem__)
    more = len(mission.raw(bright.id)) - len(mission.raw(calm.id))
    # Counts on axis from 20 to 40 keV: dead time takes from them, other energies add to them.
    assert more > 0.5 * (seconds[bright] - seconds[calm])


@pytest.mark.parametrize("identifier", ["012600209990.001", "999900010010", "012600200010.000"])
def test_a_window_that_is_not_planned_is_refused(
    identifier: str, mission: SimulatedArchive
) -> None:
    with pytest.raises(ArchiveError, match=identifier):
        mission.raw(identifier)


@pytest.mark.parametrize("seed", [-1, 1.5, "one", True])
def test_a_seed_is_a_whole_number(seed: object) -> None:
    with pytest.raises(BadParameter, match="seed"):
        SimulatedArchive(seed=seed)  # type: ignore[arg-type]
