"""Energies of real events: the calibration that is used, its reason, and its place in products."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from time import process_time
from typing import get_args

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

import oda_widgets as oda
from oda_widgets.analysis.calibrated_archive import CalibratedArchive
from oda_widgets.analysis.energies import with_energies
from oda_widgets.archive.calibration import NO_CALIBRATION, CalibrationFiles, tables_for
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.archive.write import write_isdc
from oda_widgets.errors import BadParameter, IncompleteProduct
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.energies.health import health
from oda_widgets.instruments.isgri.energies.origin import EnergyChoice
from oda_widgets.instruments.isgri.energies.osa import reconstruct
from oda_widgets.instruments.sensitivity import UNKNOWN
from oda_widgets.provenance.node import Node
from tests.archive.calibration_tree import write_housekeeping, write_tree
from tests.instruments.energies.detector import draw

WINDOW = "255900280010.001"
MAGNETAR = "SGR 1935+2154"
BURSTS = [("2022-10-12T15:20:27", "2022-10-12T15:20:33")]
CLASSES = ((7, 16), (16, 25), (25, 35), (35, 45), (45, 60), (60, 81))


@cache
def sample() -> WindowEvents:
    return SampleArchive().events(WINDOW)


@cache
def by_lines() -> WindowEvents:
    return with_energies(sample(), "auto", NO_CALIBRATION)


def part(events: WindowEvents, step: int) -> WindowEvents:
    """Return every so manieth event."""
    assert events.pulses is not None
    rows = slice(None, None, step)
    return replace(
        events,
        time=events.time[rows],
        energy=events.energy[rows],
        dety=events.dety[rows],
        detz=events.detz[rows],
        pulses=events.pulses[rows],
    )


def test_the_file_of_2022_is_wrong_and_the_lines_are_used() -> None:
    events = by_lines()
    assert events.origin.method == "lines"
    assert re.search(r"event file: .* at 7\d\.\d to 12\d\.\d keV", events.origin.reason)
    assert "no calibration tables" in events.origin.reason
    assert events.pulses is None
    assert events.energy.min() > 0


@pytest.mark.parametrize(("first", "last"), CLASSES)
def test_the_bump_is_at_60_kev_at_every_rise_time(first: int, last: int) -> None:
    """By a smoothed histogram of 1 keV, as anybody would look at it."""
    rise_time = rise_times_of(by_lines())
    chosen = (rise_time >= first) & (rise_time < last)
    counts = np.histogram(by_lines().energy[chosen], np.arange(0.5, 150))[0]
    smooth = np.convolve(counts, np.hanning(15), "same")
    assert 45 + np.argmax(smooth[44:90]) == pytest.approx(60, abs=1.5)


def rise_times_of(events: WindowEvents) -> NDArray[np.uint8]:
    """Return the rise times of the events that were used."""
    pulses = sample().pulses
    assert pulses is not None
    used = np.flatnonzero((pulses.rise_time >= 7) & (pulses.rise_time <= 80))
    place = np.searchsorted(sample().time[used], events.time)
    assert np.array_equal(sample().time[used][place], events.time)
    assert len(used) - len(place) < 1000  # those without height
    return pulses.rise_time[used][place]


def test_the_same_window_gives_the_same_bits() -> None:
    again = with_energies(SampleArchive().events(WINDOW), "auto", NO_CALIBRATION)
    assert again.energy.tobytes() == by_lines().energy.tobytes()
    assert again.origin == by_lines().origin


def test_a_minute_is_calibrated_like_the_hour() -> None:
    events = with_energies(part(sample(), 60), "auto", NO_CALIBRATION)
    assert events.origin.method == "lines"
    edges = np.arange(40, 100)
    few = np.histogram(events.energy, edges)[0].astype(float)
    many = np.histogram(by_lines().energy, edges)[0].astype(float)
    mean = [np.sum(counts * edges[:-1]) / counts.sum() for counts in (few, many)]
    assert mean[0] == pytest.approx(mean[1], abs=1.0)
    at = np.array([60.0, 511.0])
    assert np.all(events.origin.uncertainty_at(at) > by_lines().origin.uncertainty_at(at))


def test_a_second_cannot_be_calibrated_and_keeps_the_energies_of_the_file() -> None:
    events = with_energies(part(sample(), 3600), "auto", NO_CALIBRATION)
    assert events.origin.method == "archive"
    assert "not tested" in events.origin.reason
    assert "too few events" in events.origin.reason


def test_right_energies_of_a_file_are_used() -> None:
    drawn = draw(500_000)
    window = sample().window
    events = WindowEvents(
        window=window,
        time=np.linspace(window.start, window.stop, 500_000, endpoint=False),
        energy=drawn.truth.astype(np.float32),
        dety=drawn.pulses.dety,
        detz=drawn.pulses.detz,
        good_time=sample().good_time,
        flagged_counts=sample().flagged_counts,
        pulses=drawn.pulses,
    )
    used = with_energies(events, "auto", NO_CALIBRATION)
    assert used.origin.method == "archive"
    assert "wrong" not in used.origin.reason
    assert np.array_equal(used.energy, events.energy)


@pytest.mark.slow
def test_a_million_events_take_a_quarter_of_a_second() -> None:
    events = sample()

    def seconds() -> float:
        start = process_time()
        with_energies(events, "auto", NO_CALIBRATION)
        return process_time() - start

    assert min(seconds() for _ in range(3)) < 0.25 * len(events) / 1e6


def test_an_expert_may_want_the_energies_of_the_file() -> None:
    events = with_energies(sample(), "archive", NO_CALIBRATION)
    assert events.origin.method == "archive"
    assert "as asked for" in events.origin.reason
    assert "They are wrong." in events.origin.reason
    assert np.array_equal(events.energy, sample().energy[sample().energy > 0])


def test_a_file_without_pulses_keeps_its_energies() -> None:
    for choice in get_args(EnergyChoice):
        events = with_energies(replace(sample(), pulses=None), choice, NO_CALIBRATION)
        assert events.origin.method == "archive"
        assert "holds no pulses" in events.origin.reason


def test_simulated_energies_are_right_by_construction() -> None:
    archive = CalibratedArchive(SimulatedArchive())
    window = archive.science_windows()[1000]
    events = archive.events(window.id)
    assert events.origin.method == "simulated"
    (recorded,) = archive.node(window).inputs
    assert recorded.step == "ISGRIEvents"


def exported(folder: Path, step: int = 40) -> RawWindow:
    """Write a part of the sample as an archive."""
    raw = SampleArchive().raw()
    assert raw.height is not None
    assert raw.rise_time is not None
    rows = slice(None, None, step)
    columns = ("time", "energy", "dety", "detz", "select_flag", "height", "rise_time")
    some = replace(raw, **{name: getattr(raw, name)[rows] for name in columns})
    write_isdc(some, folder)
    return some


def test_tables_of_osa_are_used_to_the_digit(tmp_path: Path) -> None:
    exported(tmp_path)
    write_tree(tmp_path)
    temperature = np.linspace(-12.0, 5.0, 8)
    write_housekeeping(tmp_path / "scw" / "2559" / WINDOW, temperature)
    archive = IsdcArchive(tmp_path)
    recorded = archive.events(WINDOW)
    assert recorded.pulses is not None
    middle = (recorded.window.start + recorded.window.stop) / 2
    tables = tables_for(archive.calibration(recorded.window), middle)
    energy, corrected = reconstruct(recorded.pulses, recorded.time, tables, temperature)
    used = (corrected >= 16) & (corrected <= 116) & (energy > 0)
    events = CalibratedArchive(archive).events(WINDOW)
    assert events.origin.method == "osa"
    assert "isgr_rise_mod_0185" in events.origin.reason
    np.testing.assert_allclose(events.energy, energy[used], atol=1e-4)


@pytest.mark.parametrize("choice", ["auto", "osa"])
def test_damaged_tables_fall_back_in_words(tmp_path: Path, choice: EnergyChoice) -> None:
    exported(tmp_path)
    write_tree(tmp_path)["ISGR-RISE-MOD"].write_bytes(b"damaged")
    events = CalibratedArchive(IsdcArchive(tmp_path), choice).events(WINDOW)
    assert events.origin.method == "lines"
    assert "isgr_rise_mod_0185.fits" in events.origin.reason


def test_tables_that_leave_no_event_an_energy_are_not_used(tmp_path: Path) -> None:
    exported(tmp_path)
    pixels = write_tree(tmp_path)["ISGR-OFFS-MOD"]
    with fits.open(pixels, mode="update") as units:
        for name in units[1].data.names:
            units[1].data[name] = 0
    events = CalibratedArchive(IsdcArchive(tmp_path)).events(WINDOW)
    assert events.origin.method == "lines"
    assert re.search(r"Not used: .* put [\d,]+ of [\d,]+ events at 12", events.origin.reason)


def test_an_image_in_place_of_a_table_falls_back_in_words(tmp_path: Path) -> None:
    exported(tmp_path)
    pixels = write_tree(tmp_path)["ISGR-OFFS-MOD"]
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((4, 4)))]).writeto(
        pixels, overwrite=True
    )
    events = CalibratedArchive(IsdcArchive(tmp_path)).events(WINDOW)
    assert events.origin.method == "lines"
    assert f"{pixels.name} cannot be read" in events.origin.reason


def test_other_tables_are_another_node(tmp_path: Path) -> None:
    exported(tmp_path, step=4000)
    archive = CalibratedArchive(IsdcArchive(tmp_path))
    (window,) = archive.science_windows()

    def energies_of(archive: CalibratedArchive) -> Node:
        (energies,) = archive.node(window).inputs
        return energies

    without = energies_of(archive)
    write_tree(tmp_path)
    with_tables = energies_of(archive)
    write_tree(tmp_path, version=186)
    newer = energies_of(archive)
    asked = energies_of(CalibratedArchive(archive.archive, "lines"))
    assert with_tables.step == "ibis_isgr_energy"
    assert with_tables.inputs[0].step == "ISGRIEvents"
    assert len({node.id for node in (without, with_tables, newer, asked)}) == 4


def test_calibration_files_are_named_when_there_are_none() -> None:
    files = CalibrationFiles(problem="calibration tables: there is no table ISGR-RISE-MOD")
    events = with_energies(part(sample(), 60), "osa", files)
    assert "there is no table ISGR-RISE-MOD" in events.origin.reason


def test_products_say_which_energies_were_used_and_why(
    sample_site: oda.Site, tmp_path: Path
) -> None:
    spectrum = sample_site.spectra(catalog=[MAGNETAR], intervals=BURSTS)[MAGNETAR]
    observation = spectrum.observation
    assert observation.energies == "lines"
    assert "energies calibrated on instrumental lines" in repr(spectrum)
    assert "calibrated on instrumental lines" in " ".join(repr(spectrum.provenance).split())
    assert "energies" not in spectrum.provenance.code
    assert any(step.name == "ibis_isgr_energy" for step in spectrum.provenance.nodes)
    spectrum.save(tmp_path / "pha.fits")
    header = fits.getheader(tmp_path / "pha.fits")
    assert header["ENERGIES"] == "lines"
    assert header["ENERNOTE"] == observation.energies_note
    middle = (spectrum.channel_low + spectrum.channel_high) / 2
    near, low = (spectrum.systematic_error[np.searchsorted(middle, kev)] for kev in (60.0, 35.0))
    assert 0.01 < near < low < 0.2


@pytest.mark.filterwarnings("ignore:Rates of")
def test_the_choice_of_an_expert_stands_in_the_script_and_is_warned_of() -> None:
    site = oda.connect("sample", executor="none", energies="archive")
    with pytest.warns(IncompleteProduct, match="1 of 1 science windows are wrong"):
        image = site.image(MAGNETAR, energy=(28, 150), intervals=BURSTS)
    assert image.observation.energies == "archive"
    assert image.observation.rates_error == UNKNOWN
    assert "oda.connect(archive='sample', energies='archive')" in image.code()


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(BadParameter, match=r"'auto', 'archive', 'lines', 'osa'"):
        oda.connect("sample", energies="right")  # type: ignore[arg-type]


def test_health_before_and_after() -> None:
    pulses = sample().pulses
    assert pulses is not None
    assert not health(sample().energy, pulses.rise_time).good
    assert health(by_lines().energy, rise_times_of(by_lines())).good
