"""The speed of the engine, against peers on the same data or against the floor."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from isgri.utils import LightCurve as PeerLightCurve
from scipy import fft

import oda_widgets as oda
from oda_widgets.archive.isdc import IsdcArchive
from oda_widgets.archive.sample import SampleArchive
from oda_widgets.engine.sky_grid import SkyGrid, correlate
from oda_widgets.instruments.isgri import detector as isgri
from tests.benchmarks.machine import scaled
from tests.benchmarks.rows import Rows
from tests.real_data import OSA_ILLUMINATION

BAND = (28, 150)
ROOT = Path(__file__).parents[2]


def seconds_of(*words: str) -> float:
    """Return the seconds of a fresh process."""
    begun = perf_counter()
    subprocess.run([sys.executable, *words], check=True, cwd=ROOT)
    return perf_counter() - begun


def test_import(benchmark: Any, rows: Rows) -> None:
    benchmark.pedantic(seconds_of, args=("-c", "import oda_widgets"), rounds=5)
    connect = median(seconds_of("-c", "from oda_widgets import connect") for _ in range(3))
    workbench = median(seconds_of("-c", "from oda_widgets import Workbench") for _ in range(3))
    ratio = rows.note("import oda_widgets", benchmark.stats["median"], "limit", 1.0)
    rows.note("from oda_widgets import connect", connect, "limit", 1.0)
    rows.note("from oda_widgets import Workbench", workbench, "import jdaviz (peers.md)", 4.43)
    assert ratio <= 1


def test_one_decoding(benchmark: Any, rows: Rows) -> None:
    """One map of all directions, against an FFT correlation of the same size."""
    grid = SkyGrid(oversampling=1)
    rng = np.random.default_rng(0)
    image = rng.poisson(20.0, isgri.DETECTOR_SHAPE) * isgri.existing_pixels()
    spectrum = fft.rfft2(rng.normal(size=(grid.size, grid.size)).astype(np.float32))

    def by_fft() -> Any:
        padded = np.zeros((grid.size, grid.size), np.float32)
        padded[: image.shape[0], : image.shape[1]] = image
        return fft.irfft2(fft.rfft2(padded) * spectrum)

    correlate(grid, image)  # the factors of a grid are made once
    benchmark(correlate, grid, image)
    begun = perf_counter()
    for _ in range(20):
        by_fft()
    floor = (perf_counter() - begun) / 20
    subject = "one sky map of 370 x 370 directions, thick mask"
    milliseconds = 1e3 * benchmark.stats["median"]
    rows.note(subject, milliseconds, "scipy.fft, thin mask", 1e3 * floor, "ms")
    assert rows.note(subject, milliseconds, "limit", 10.0, "ms") <= 1


def test_the_machine(rows: Rows) -> None:
    """The speed of this machine relative to the one of the limits in seconds."""
    rng = np.random.default_rng(0)
    image = rng.normal(size=(384, 384)).astype(np.float32)
    fft.irfft2(fft.rfft2(image))
    taken = []
    for _ in range(200):
        begun = perf_counter()
        fft.irfft2(fft.rfft2(image))
        taken.append(1e3 * (perf_counter() - begun))
    what = "the machine itself: scipy.fft of 384 x 384, there and back"
    rows.note(what, median(taken), "where the limits in seconds come from", 0.76, "ms")


def test_the_whole_window_on_one_core(benchmark: Any, rows: Rows) -> None:
    """From the bundled events to image, light curve and spectrum, in a process of one core."""

    def run() -> dict[str, float]:
        command = [sys.executable, "-m", "tests.benchmarks.whole_window"]
        shown = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
        result: dict[str, float] = json.loads(shown.stdout)
        return result

    runs: list[dict[str, float]] = []
    benchmark.pedantic(lambda: runs.append(run()), rounds=3)
    middle = {name: median(one[name] for one in runs) for name in runs[0]}
    counted = ("read 2.48 M events", "image of the whole window", "1 s light curve")
    total = sum(middle[name] for name in (*counted, "256-channel spectrum"))
    subject = "the whole sample on one core: read, image, 1 s light curve, 256-channel spectrum"
    ratio = rows.note(subject, total, "limit", scaled(1.2))
    for name in (*counted, "256-channel spectrum", "image of brushed bursts"):
        rows.note(f"of which {name}", middle[name], "the whole", total)
    memory = rows.note("peak memory of that", middle["memory"], "limit", 700.0, "MB")
    assert ratio <= 1
    assert memory <= 1


def test_reading(benchmark: Any, rows: Rows, event_file: Path) -> None:
    archive = IsdcArchive(event_file.parents[3])
    benchmark.pedantic(archive.events, args=("255900280010.001",), rounds=5)
    begun = perf_counter()
    SampleArchive().events("255900280010.001")
    packed = perf_counter() - begun
    begun = perf_counter()
    subprocess.run(["gzip", "-dc", event_file], check=True, stdout=subprocess.DEVNULL)
    floor = perf_counter() - begun
    subject = "2.48 M events from gzip FITS"
    rows.note(subject, benchmark.stats["median"], "gzip -dc alone", floor)
    rows.note("2.48 M events from the bundled sample", packed, "gzip -dc of the FITS file", floor)


def test_a_light_curve_against_the_isgri_package(
    benchmark: Any, rows: Rows, event_file: Path, magnetar: oda.SourceCatalog
) -> None:
    """Ours is a fit of source and background in each bin with errors; theirs sums the PIF."""

    def theirs() -> Any:
        curve = PeerLightCurve.load_data(events_path=event_file, pif_path=OSA_ILLUMINATION)
        return curve.rebin(binsize=1.0, emin=BAND[0], emax=BAND[1])

    def ours() -> Any:
        site = oda.connect(archive=event_file.parents[3])
        return site.light_curves(catalog=magnetar, energy=BAND, time_bin=1.0)

    benchmark.pedantic(ours, rounds=3)
    begun = perf_counter()
    theirs()
    peer = perf_counter() - begun
    subject = "1 s light curve from gzip FITS, source fitted"
    rows.note(subject, benchmark.stats["median"], "isgri 0.7.2, source not separated", peer)
