"""Work through the bundled science window in a fresh process and print seconds and memory.

Run as ``python -m tests.benchmarks.whole_window``; it keeps to one core. Seconds are those of the
processor, which other programs do not lengthen.
"""

from __future__ import annotations

import json
import os
import sys
from time import process_time

from tests.benchmarks.memory import peak_megabytes

BURSTS = ("2022-10-12T15:20:27", "2022-10-12T15:20:33")
BAND = (28, 150)


def measure() -> dict[str, float]:
    """Return the seconds of each step and the peak memory in MB."""
    seconds: dict[str, float] = {}
    begun = process_time()
    import oda_widgets as oda
    from oda_widgets.archive.sample import SampleArchive

    site = oda.connect(archive="sample")
    seconds["import and connect"] = process_time() - begun
    begun = process_time()
    SampleArchive().events("255900280010.001")
    seconds["read 2.48 M events"] = process_time() - begun
    catalog = oda.SourceCatalog.of([oda.CatalogSource("SGR 1935+2154", 293.73199, 21.89672)])
    begun = process_time()
    site.image("SGR 1935+2154", energy=BAND)
    seconds["image of the whole window"] = process_time() - begun
    begun = process_time()
    site.light_curves(catalog=catalog, energy=BAND, time_bin=1.0)
    seconds["1 s light curve"] = process_time() - begun
    begun = process_time()
    site.spectra(catalog=catalog)
    seconds["256-channel spectrum"] = process_time() - begun
    begun = process_time()
    site.image("SGR 1935+2154", energy=BAND, intervals=[BURSTS])
    seconds["image of brushed bursts"] = process_time() - begun
    seconds["memory"] = peak_megabytes()
    return seconds


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    sys.stdout.write(json.dumps(measure()))
