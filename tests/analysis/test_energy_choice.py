"""Which energies are used, for photons drawn one by one in each situation of an archive."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from oda_widgets.analysis.energies import with_energies
from oda_widgets.archive.calibration import NO_CALIBRATION, CalibrationFiles
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.archive.write import write_isdc
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.energies.origin import EnergyChoice
from tests.archive.calibration_tree import write_tree
from tests.archive.conftest import build_window
from tests.instruments.energies.detector import Drawn, draw

WINDOW = "255900280010.001"
MANY, FEW = 500_000, 500
GAIN, OFFSET = 0.96, 12.0
EVERY_CHOICE: tuple[EnergyChoice, ...] = ("auto", "osa", "lines", "archive")

# What the file says, the tables beside it, the number of events, and what each choice uses.
SITUATIONS = {
    "right, no tables": ("right", "none", MANY, ("archive", "lines", "lines", "archive")),
    "wrong by rise time, no tables": ("late", "none", MANY, ("lines", "lines", "lines", "archive")),
    "wrong gain, no tables": ("gain", "none", MANY, ("lines", "lines", "lines", "archive")),
    "few, no tables": ("late", "none", FEW, ("archive", "archive", "archive", "archive")),
    "right, tables": ("right", "there", MANY, ("osa", "osa", "lines", "archive")),
    "wrong, tables": ("late", "there", MANY, ("osa", "osa", "lines", "archive")),
    "few, tables": ("late", "there", FEW, ("osa", "osa", "archive", "archive")),
    "wrong, tables damaged": ("late", "damaged", MANY, ("lines", "lines", "lines", "archive")),
    "right, tables damaged": ("right", "damaged", MANY, ("archive", "lines", "lines", "archive")),
    "wrong, tables of other years": ("late", "old", MANY, ("lines", "lines", "lines", "archive")),
}


@cache
def drawn(number: int) -> Drawn:
    return draw(number, gain=GAIN, offset=OFFSET)


def events_of(file: str, number: int) -> WindowEvents:
    """Return events whose energies in the file are right, or wrong in one of two ways."""
    photons, like = drawn(number), SampleArchive().events(WINDOW)
    energy: NDArray[np.floating] = {
        "right": photons.truth,
        "gain": 0.85 * photons.truth,
        "late": photons.archive,
    }[file]
    return replace(
        like,
        time=np.linspace(like.window.start, like.window.stop, number, endpoint=False),
        energy=energy.astype(np.float32),
        dety=photons.pulses.dety,
        detz=photons.pulses.detz,
        pulses=photons.pulses,
    )


def files_of(tables: str, folder: Path) -> CalibrationFiles:
    """Return the calibration of an archive, whose tables undo the law of the detector."""
    if tables == "none":
        return NO_CALIBRATION
    # At -8 C and the usual bias OSA's steps change heights by these powers (energies.md, 2).
    warmth = ((273 - 8) / 273) ** -1.11 * 1.2**-0.0832
    height = np.arange(2048.0)
    paths = write_tree(
        folder,
        {
            "ISGR-OFFS-MOD": np.tile([5 / warmth, 0, 10 / 3, -2, 0], (16384, 1)),
            "ISGR-MCEC-MOD": np.tile([0, 1, 0, 0, 1.0], (8, 1)),
            "ISGR-L2RE-MOD": np.tile([OFFSET, GAIN, 0, 0, 1.0], (3, 1)),
            "ISGR-RISE-MOD": (height, np.ones((2048, 256))),
        },
        valid=(1000.0, 2000.0) if tables == "old" else (8000.0, 9000.0),
    )
    if tables == "damaged":
        paths["ISGR-RISE-MOD"].write_bytes(b"damaged")
    write_isdc(build_window(WINDOW), folder)
    return IsdcArchive(folder).calibration(SampleArchive().science_windows()[0])


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_energies_that_are_used(situation: str, tmp_path: Path) -> None:
    file, tables, number, expected = SITUATIONS[situation]
    events, files = events_of(file, number), files_of(tables, tmp_path)
    for choice, method in zip(EVERY_CHOICE, expected, strict=True):
        used = with_energies(events, choice, files)
        assert used.origin.method == method, choice
        if number == MANY and (method != "archive" or file == "right"):
            assert bump_of(used) == pytest.approx(60.0, abs=1.5), choice
        if choice == "auto" and tables in ("damaged", "old"):
            assert "Not used: " in used.origin.reason


def bump_of(events: WindowEvents) -> float:
    """Return the top of the bump by a histogram smoothed over 7 keV."""
    counts = np.histogram(events.energy, np.arange(0, 150, 0.5))[0]
    smooth = np.convolve(counts, np.hanning(30), "same")
    return 45.25 + 0.5 * int(np.argmax(smooth[90:180]))
