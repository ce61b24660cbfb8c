"""Survey windows of all fields, and add a thousand up, in a fresh process; print the cost.

Run as ``python -m tests.benchmarks.survey_cost ARCHIVE FOLDER``. It keeps to one core. Seconds are
those of the processor, which other programs do not lengthen.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import oda_widgets as oda
from oda_widgets.analysis.exposure import WindowAccount, accounts_of
from oda_widgets.analysis.survey_sky import all_sky_of
from oda_widgets.analysis.survey_sums import SurveySums
from oda_widgets.archive.simulated.archive import SimulatedArchive
from oda_widgets.lookup.healpix import healpix_grid
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.survey_query import NSIDE
from tests.benchmarks.machine import fft_milliseconds
from tests.benchmarks.memory import peak_megabytes

BAND = (20, 40)
MANY = 1000
_APART = 100  # windows that are added at the beginning and at the end, and compared


def measure(archive: str, folder: Path) -> dict[str, Any]:
    """Return seconds, memory in MB and sizes of a survey, and of a mosaic of the whole sky."""
    before = fft_milliseconds()
    images: list[Payload] = []
    _keep(images)
    site = oda.connect(archive=archive, executor="none")
    windows = site.science_windows(limit=None)
    begun = process_time()
    sky = site.survey(windows, energy=BAND, folder=folder)
    seconds = process_time() - begun
    result = {
        "windows": len(sky.observation.science_windows),
        "seconds": seconds / len(sky.observation.science_windows),
        "memory": peak_megabytes(),
    }
    return result | _mosaic(images, folder) | {"fft": median([before, fft_milliseconds()])}


def _keep(images: list[Payload], most: int = 5) -> None:
    """Keep the images of some windows, from which the mosaic is made."""
    add = SurveySums.add

    def kept(sums: SurveySums, identifier: str, image: Payload, *others: str) -> None:
        if len(images) < most:
            images.append(image)
        add(sums, identifier, image, *others)

    SurveySums.add = kept  # type: ignore[method-assign]


def _mosaic(images: list[Payload], folder: Path) -> dict[str, Any]:
    """Return what it costs to add a thousand windows up that look at the whole sky."""
    every = SimulatedArchive().science_windows()
    windows = every[:: len(every) // MANY][:MANY]
    sums = SurveySums.empty(healpix_grid(NSIDE))
    taken = []
    # The first again, at the end: fields differ in their sources.
    for number, window in enumerate([*windows, *windows[:_APART]]):
        image = _pointed(images[number % len(images)], window)
        begun = process_time()
        sums.add(window.id, image)
        taken.append(process_time() - begun)
    begun = process_time()
    sums.save(folder / "mosaic.npz")
    sky = all_sky_of(sums, EnergyBand(*BAND), ())
    sky.save(folder / "mosaic.fits")
    return {
        "covered": sky.covered,
        "adding": [median(taken[:_APART]), median(taken[-_APART:])],
        "finishing": process_time() - begun,
        "memory of the mosaic": peak_megabytes(),
        "file": (folder / "mosaic.npz").stat().st_size / 1e6,
    }


def _pointed(image: Payload, window: ScienceWindow) -> Payload:
    """Return the image of a window as if another window had taken it."""
    (account,) = accounts_of(image.facts)
    moved: WindowAccount = replace(account, window=window)
    return Payload({**image.facts, "accounts": [moved.facts()], "sources": []}, image.arrays)


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    sys.stdout.write(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
