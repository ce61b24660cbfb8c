"""Dead time and efficiencies between archive and engine: which are used, and what is said."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.sensitivities import with_sensitivity
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.rate_files import NO_RATE_FILES, RateFiles
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.archive.simulated.detector import detector_of
from oda_widgets.archive.simulated.window import epoch_of
from oda_widgets.archive.write import write_isdc
from oda_widgets.engine.efficiency import correction
from oda_widgets.engine.pixel_health import pixel_health
from oda_widgets.errors import DamagedFile
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.detector import existing_pixels
from oda_widgets.instruments.sensitivity import UNKNOWN, Sensitivity
from tests.archive.calibration_tree import (
    made_efficiencies,
    write_context,
    write_dead_time,
    write_efficiencies,
)

WINDOW = "255900280010.001"
CRAB_2021 = "235300220010.001"
EXISTS = existing_pixels()


@cache
def sample() -> WindowEvents:
    return CalibratedArchive(SampleArchive()).events(WINDOW)


def few(rows: slice | NDArray[np.bool_] = slice(None, None, 100)) -> WindowEvents:
    """Return a hundredth of the events of the sample, or another part."""
    events = sample()
    return replace(
        events,
        time=events.time[rows],
        energy=events.energy[rows],
        dety=events.dety[rows],
        detz=events.detz[rows],
        live_fraction=None,
    )


def of(events: WindowEvents) -> Sensitivity:
    assert events.sensitivity is not None
    return events.sensitivity


def by(files: RateFiles) -> WindowEvents:
    return with_sensitivity(few(), files, real=True)


def test_without_files_a_real_window_has_the_usual_dead_time_and_says_so() -> None:
    assert sample().live_fraction == pytest.approx(0.716, abs=0.001)
    assert "not in the archive" in of(sample()).live_note
    assert 0.05 < of(sample()).scale_error < 0.15


def test_thresholds_of_the_real_window_are_near_thirty_kev() -> None:
    seen = [of(sample()).in_band(low, low + 2)[EXISTS].mean() for low in (20, 28, 34, 40)]
    assert seen[0] < 0.2
    assert 0.3 < seen[1] < 0.7 < seen[2] < seen[3]
    assert seen[3] > 0.95


def test_too_few_events_are_not_corrected_and_it_is_said() -> None:
    sensitivity = of(by(NO_RATE_FILES))
    assert np.all(sensitivity.in_band(20, 24)[EXISTS] == 1)
    assert "too few events" in sensitivity.note


@pytest.mark.parametrize("parts", [4, 8])
def test_a_part_of_the_events_shows_what_all_of_them_show(parts: int) -> None:
    """Rates of a quarter were 2.4 % above those of all, and those of an eighth 15 % below."""
    chosen = np.random.default_rng(parts).random(len(sample())) < 1 / parts
    part = with_sensitivity(few(chosen), NO_RATE_FILES, real=True)
    share = of(part).shares(EXISTS)
    band = np.array([28.0]), np.array([64.0])
    of_all = of(sample()).mean_in_bands(*band, of(sample()).shares(EXISTS))
    assert of(part).mean_in_bands(*band, share) == pytest.approx(of_all, rel=0.015)
    assert of(part).unknown_below == 0


def test_rates_without_thresholds_are_told_to_be_lower_limits() -> None:
    sensitivity = of(by(NO_RATE_FILES))
    health = pixel_health(few())
    errors = [
        correction(by(NO_RATE_FILES), low, high, health).error
        for low, high in ((28, 64), (40, 64), (100, 200))
    ]
    assert errors == [UNKNOWN, 0.0, 0.0]
    assert "Rates below 40 keV are lower limits." in sensitivity.note


def test_events_that_no_real_pixels_recorded_are_taken_as_they_are() -> None:
    events = with_sensitivity(few(), NO_RATE_FILES, real=False)
    assert events.live_fraction is None
    assert of(events).gain == 1
    assert of(events).scale_error == 0


def test_simulated_pixels_are_measured_to_three_per_cent() -> None:
    events = CalibratedArchive(SimulatedArchive()).events(CRAB_2021)
    window = events.window
    detector = detector_of(0, window.revolution, epoch_of(window))
    threshold = detector.threshold[detector.efficiency > 0]
    for low, high in ((24, 30), (30, 40)):
        at = np.arange(low, high, 0.1) + 0.05
        counts = np.interp(at, of(events).energy, of(events).usual)
        true = np.average(at > threshold[:, None], axis=1, weights=counts).mean()
        assert of(events).in_band(low, high)[EXISTS].mean() == pytest.approx(true, rel=0.03)


def test_each_module_has_its_own_dead_time(tmp_path: Path) -> None:
    dead = np.linspace(0.2, 0.34, 8)
    events = by(RateFiles(dead_time=write_dead_time(tmp_path, dead[:, None])))
    assert events.live_fraction == pytest.approx(1 - dead.mean())
    gain = np.broadcast_to(of(events).gain, EXISTS.shape)
    relative = (1 - dead) / (1 - dead.mean())
    # Modules as OSA counts them: 0 has the highest Y and Z, 7 the lowest.
    assert gain[133, 129] / gain[0, 0] == pytest.approx(relative[0] / relative[7])
    assert gain[0, 129] / gain[133, 0] == pytest.approx(relative[3] / relative[4])


@pytest.mark.parametrize(("later", "spread"), [(0.25, 0.0), (0.26, 0.0), (0.625, 1 / 3)])
def test_a_dead_time_that_varies_is_told(tmp_path: Path, later: float, spread: float) -> None:
    dead = np.full((8, 100), 0.25)
    dead[:, 50:] = later
    events = by(RateFiles(dead_time=write_dead_time(tmp_path, dead)))
    assert events.live_fraction == pytest.approx(1 - dead.mean())
    assert of(events).live_spread == pytest.approx(spread)
    assert ("varies by up to 33%" in of(events).live_note) == bool(spread)


def test_tables_give_the_efficiency_of_each_pixel(tmp_path: Path) -> None:
    modules, by_threshold, known = made_efficiencies()
    step = np.full((128, 128), 10)
    step[:, 64:] = 63  # off
    context = write_context(tmp_path, np.ones((128, 128)), step, np.ones((128, 128)))
    table = write_efficiencies(tmp_path, (modules, by_threshold, known))
    sensitivity = of(by(RateFiles(efficiency=table, context=context, problem="")))
    threshold = 1.4482 * 10 + 1.69  # nearest to 15 keV
    assert abs(threshold - 15) > 0.5  # and yet too far: the pixel is not used
    assert not sensitivity.at(40.0).any()
    step[:, :64] = 9  # 14.72 keV
    context = write_context(tmp_path, np.ones((128, 128)), step, np.ones((128, 128)))
    sensitivity = of(by(RateFiles(efficiency=table, context=context, problem="")))
    efficiency = sensitivity.at(12.5)
    assert efficiency[0, 0] == pytest.approx(modules[7, 1] * by_threshold[0, 1], rel=1e-6)
    assert not efficiency[:, 66:].any()
    assert "isgr_effc_mod_0185" in sensitivity.note


def test_without_a_context_all_pixels_have_the_threshold_of_the_epoch(tmp_path: Path) -> None:
    modules, by_threshold, known = made_efficiencies()
    table = write_efficiencies(tmp_path, (modules, by_threshold, np.array([15.3, 20.0, 30.0])))
    sensitivity = of(by(RateFiles(efficiency=table, problem="")))
    assert sensitivity.at(13.0)[0, 0] == pytest.approx(modules[7, 2] * by_threshold[0, 2], rel=1e-6)
    assert "all 15.3 keV (there is no context" in sensitivity.note
    del known


@pytest.mark.parametrize("damaged", ["dead_time", "efficiency", "context"])
def test_damaged_files_fall_back_in_words(tmp_path: Path, damaged: str) -> None:
    ones = np.ones((128, 128))
    files = RateFiles(
        write_dead_time(tmp_path, np.full((8, 1), 0.3)),
        write_efficiencies(tmp_path, made_efficiencies()),
        write_context(tmp_path, ones, 9 * ones, ones),
        "",
    )
    path = getattr(files, damaged)
    path.write_bytes(path.read_bytes()[:2000])
    sensitivity = of(by(files))
    assert path.name in sensitivity.note + sensitivity.live_note


def test_a_context_that_switches_all_pixels_off_is_refused(tmp_path: Path) -> None:
    ones = np.ones((128, 128))
    table = write_efficiencies(tmp_path, made_efficiencies())
    context = write_context(tmp_path, ones, 9 * ones, 0 * ones)
    with pytest.raises(
        DamagedFile, match=f"No pixel is switched on in the context {re.escape(str(context))}"
    ):
        by(RateFiles(efficiency=table, context=context, problem=""))


def test_rates_of_an_exported_window_depend_on_the_files_beside_it(tmp_path: Path) -> None:
    raw = SampleArchive().raw()
    rows = slice(None, None, 4000)
    assert raw.height is not None
    assert raw.rise_time is not None
    part = replace(
        raw,
        **{name: getattr(raw, name)[rows] for name in ("time", "energy", "dety", "detz")},
        select_flag=raw.select_flag[rows],
        height=raw.height[rows],
        rise_time=raw.rise_time[rows],
    )
    path = write_isdc(part, tmp_path)
    archive = CalibratedArchive(IsdcArchive(tmp_path))
    (window,) = archive.science_windows()
    before = archive.node(window)
    write_dead_time(path.parent, np.full((8, 2), 0.4))
    assert archive.node(window).id != before.id
    assert archive.node(window).inputs == before.inputs
    assert archive.events(window.id).live_fraction == pytest.approx(0.6)


def test_few_events_leave_untold_what_thresholds_hide() -> None:
    """In a longer window the same pixels tell more; of simulated ones the shape is known."""
    some = few(slice(None, None, 3))
    assert of(with_sensitivity(some, NO_RATE_FILES, real=True)).untold == pytest.approx(0.1)
    assert 0 < of(sample()).untold < 0.06
    assert of(with_sensitivity(some, NO_RATE_FILES, real=False)).untold == 0
