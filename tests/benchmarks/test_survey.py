"""The cost of a survey: windows of all fields from gzip FITS, and a thousand of the whole sky.

Seconds are those of the processor, limits those of a machine whose FFT takes 0.48 ms, scaled by the
FFT of the same run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.archive.write import write_isdc
from tests.benchmarks.machine import REFERENCE, scaled
from tests.benchmarks.rows import Rows
from tests.benchmarks.survey_cost import MANY

ROOT = Path(__file__).parents[2]
NUMBER = int(os.environ.get("ODA_WIDGETS_TEST_WINDOWS", "100"))
MISSION = 131_000  # windows of the whole mission


@pytest.fixture(scope="module")
def all_fields() -> Path:
    """Give simulated windows of all fields and years as gzip FITS; they are written once."""
    folder = ROOT / "build" / f"all_fields_{NUMBER}"
    archive = SimulatedArchive()
    windows = archive.science_windows()
    step = len(windows) // NUMBER
    for window in windows[step // 2 :: step][:NUMBER]:
        if not list(folder.rglob(f"{window.id}/isgri_events.fits.gz")):
            write_isdc(archive.raw(window.id), folder)
    return folder


@pytest.fixture(scope="module")
def cost(all_fields: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give what a survey of them costs, and a mosaic of the whole sky."""
    folder, cache = (tmp_path_factory.mktemp(name) for name in ("survey", "cache"))
    command = [sys.executable, "-m", "tests.benchmarks.survey_cost", str(all_fields), str(folder)]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ODA_WIDGETS_CACHE_FOLDER", str(cache))
        environment.setenv("ODA_WIDGETS_STORE_LIMIT", "10")
        done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    result["store"] = sum(path.stat().st_size for path in (cache / "store").rglob("*.*"))
    return result


def test_a_survey_of_the_mission(cost: dict[str, Any], rows: Rows) -> None:
    number, fft = cost["windows"], cost["fft"]
    assert number == NUMBER
    what = "the machine for the rows of a survey: scipy.fft of 384 x 384, there and back"
    rows.note(what, fft, "where their limits come from", REFERENCE, "ms")
    what = f"a survey: each of {number} windows of all fields, from gzip FITS"
    rows.note(what, 1e3 * cost["seconds"], "limit", 1e3 * scaled(0.4, fft), "ms")
    hours = MISSION * cost["seconds"] / 3600
    what = f"a survey of {MISSION:,} windows, extrapolated from {number} of all fields, core-hours"
    ratios = [
        rows.note(what, hours, "limit", scaled(15.0, fft), "h"),
        rows.note(
            "store of a survey, each window", cost["store"] / number / 1e6, "limit", 2.5, "MB"
        ),
        rows.note(
            f"peak memory of a survey of {number} windows", cost["memory"], "limit", 2000, "MB"
        ),
    ]
    assert max(ratios) <= 1


def test_a_mosaic_of_the_whole_sky(cost: dict[str, Any], rows: Rows) -> None:
    assert cost["covered"] > 0.9
    first, last = (1e3 * seconds for seconds in cost["adding"])
    what = f"peak memory of a mosaic of the whole sky of {MANY:,} windows, with survey and files"
    memory = rows.note(what, cost["memory of the mosaic"], "limit", 2000, "MB")
    what = f"adding a window to {MANY:,} of the whole sky"
    constant = rows.note(what, last, "limit: to none, and 10 %", 1.1 * first, "ms")
    rows.note(
        "map, catalogue and files of the whole sky", cost["finishing"], "each window", first / 1e3
    )
    assert memory <= 1
    assert constant <= 1
