"""Make image, spectra and light curves of many windows in a fresh process; print the cost.

Run as ``python -m tests.benchmarks.many_windows ARCHIVE EXECUTOR``; with the executor "none" it
keeps to one core. Seconds are those of the processors, which other programs do not lengthen, except
those called "wall".
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import oda_widgets as oda
from oda_widgets.config import load_settings
from tests.benchmarks.machine import fft_milliseconds
from tests.benchmarks.memory import peak_megabytes

BAND = (20, 40)
NEW_BAND = (40, 60)
TARGET = "GX 5-1"
SOURCES = 25
TIME_BIN = 100


def measure(archive: str, executor: str) -> dict[str, Any]:
    """Return seconds of each product, peak memory in MB, and the products.

    Further questions are asked of one process only.
    """
    result: dict[str, Any] = {}
    site = oda.connect(archive=archive, executor=executor)
    backend: Any = site._backend
    began = _own_seconds()
    windows = site.science_windows()
    result["index"] = (_own_seconds() - began) / len(windows)
    result["fft"] = fft_milliseconds()

    def timed(name: str, ask: Callable[[], Any]) -> Any:
        begun, spent = perf_counter(), _own_seconds()
        product = ask()
        result[f"{name} (wall)"] = perf_counter() - begun
        result[name] = _own_seconds() - spent
        return product

    begun = perf_counter()
    image = timed("image", lambda: site.image(TARGET, windows, energy=BAND))
    result["store"] = _stored_megabytes()
    catalog = oda.SourceCatalog.of(image.catalog[:SOURCES])
    spectra = timed("spectra", lambda: site.spectra(windows, catalog=catalog))
    curves = timed(
        "light curves",
        lambda: site.light_curves(windows, catalog=catalog, energy=BAND, time_bin=TIME_BIN),
    )
    result["wall"] = perf_counter() - begun
    timed(
        "finer bins",
        lambda: site.light_curves(windows, catalog=catalog, energy=BAND, time_bin=TIME_BIN / 2),
    )
    if backend._workers is not None:
        backend._workers.executor.shutdown()
    own, workers = (resource.getrusage(who) for who in _BOTH)
    result["own seconds"] = own.ru_utime + own.ru_stime
    result["seconds of workers"] = workers.ru_utime + workers.ru_stime
    number = 0 if backend._workers is None else backend._workers.number
    unit = 1e6 if sys.platform == "darwin" else 1e3
    result["memory"] = peak_megabytes() + number * workers.ru_maxrss / unit
    if backend._workers is None:
        one_more = oda.SourceCatalog.of(image.catalog[: SOURCES + 1])
        timed("new band", lambda: site.image(TARGET, windows, energy=NEW_BAND))
        timed("one source more", lambda: site.spectra(windows, catalog=one_more))
        timed("known", lambda: site.image(TARGET, windows, energy=BAND, catalog=catalog))
        result["reading"] = _seconds_of_reading(site, windows)
    result["windows"], result["sources"] = len(windows), len(catalog)
    result["sums"] = [
        float(image.intensity[image.exposure > 0].sum()),
        sum(float(spectrum.rate[spectrum.quality == 0].sum()) for spectrum in spectra.values()),
        sum(float(curve.error[curve.error < 1e9].sum()) for curve in curves.values()),
    ]
    return result


def _seconds_of_reading(site: Any, windows: Any) -> float:
    """Return the seconds of reading all windows, for images and for light curves, from some.

    Spectra are made of the counts that images leave.
    """
    begun = _own_seconds()
    some = windows[:: max(1, len(windows) // 5)]
    for window in some:
        site._backend._reader.archive.events(window.id)
    return 2 * len(windows) * (_own_seconds() - begun) / len(some)


def _stored_megabytes() -> float:
    """Return the size of all arrays in the store."""
    folder = load_settings().store_folder
    return sum(path.stat().st_size for path in folder.rglob("*.npz")) / 1e6


_BOTH = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _own_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    if sys.argv[2] == "none" and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    sys.stdout.write(json.dumps(measure(*sys.argv[1:])))
