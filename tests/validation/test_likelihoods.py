"""Poisson counts with default settings: the truth is found, and sherpa finds the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from oda_widgets.products.spectrum import Spectrum
from tests.fitting.counted import TRUTH, counted, drawn
from tests.validation.parallel import over
from tests.validation.results import Table

DRAWS = 400
SHERPA = Path(__file__).parents[1] / "benchmarks" / "sherpa_statistics.py"
# Counts of the background over those of the source, and its exposure over that of the source.
BACKGROUNDS = {"no background": (0.0, 0.0), "a fifth of background, five exposures": (0.2, 5.0),
               "a fifth of background, one exposure": (0.2, 1.0)}  # fmt: skip


def measured(n_counts: int, part: float, ratio: float, seed: int) -> tuple[float, bool]:
    """Return the index that is fitted, and whether its 68 % interval holds the truth."""
    fit = drawn(n_counts, part, ratio, seed).fit("powerlaw")
    interval = fit.errors("PhoIndex").first
    truth = TRUTH["PhoIndex"]
    return fit.parameters["PhoIndex"].value, interval.low <= truth <= interval.high


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("n_counts", [50, 700, 20_000])
def test_the_index_is_right_with_default_settings(
    table: Callable[[str], Table], n_counts: int, background: str
) -> None:
    found = over(partial(measured, n_counts, *BACKGROUNDS[background]), range(DRAWS))
    index = np.array([value for value, _ in found])
    holds = 100.0 * np.mean([inside for _, inside in found])
    bias = (index.mean() - TRUTH["PhoIndex"]) / index.std()
    with table(f"{DRAWS} simulated spectra of {n_counts} counts, {background}") as row:
        row.near_zero("mean of the index minus the truth, σ", float(bias), 0.1)
        row.between("68 % intervals that hold the truth, %", float(holds), 63, 73)


def write_for_sherpa(folder: Path) -> dict[str, Spectrum]:
    """Write the spectra that sherpa is to fit, by name; the name ends in the statistic."""
    spectra = {
        "counted-cstat": counted(background=False),
        "counted-wstat": counted(background=True),
        "grouped-chi2": counted(background=False).group(min_counts=20),
        "many-cstat": drawn(20_000, 0.0, 0.0, 1),
        "many-wstat": drawn(20_000, 0.2, 5.0, 1),
        "some-wstat": drawn(700, 0.2, 5.0, 1),
        "some-cstat": drawn(700, 0.0, 0.0, 1),
        "many-chi2": drawn(20_000, 0.0, 0.0, 1).group(min_counts=20),
    }
    for name, spectrum in spectra.items():
        spectrum.write(folder / f"{name}.fits", overwrite=True)
    return spectra


def test_sherpa_finds_the_same(table: Callable[[str], Table], tmp_path: Path) -> None:
    python = os.environ.get("ODA_WIDGETS_SHERPA")
    if not python:
        pytest.skip("ODA_WIDGETS_SHERPA does not name the Python of an environment with sherpa")
    spectra = write_for_sherpa(tmp_path)
    words = [python, str(SHERPA), str(tmp_path)]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    results = [json.loads(line) for line in shown.splitlines() if line.startswith("{")]
    assert {result["name"] for result in results} == set(spectra)
    with table("Statistic and best fit of the same channels, relative to sherpa 4.19") as row:
        for result in results:
            name = result["name"]
            fit = spectra[name].fit("powerlaw", statistic=name.split("-")[1])
            pairs = {
                "statistic": (fit.statistic, result["statistic"]),
                "index": (fit.parameters["PhoIndex"].value, result["index"]),
                "norm": (fit.parameters["norm"].value, result["norm"]),
            }
            for what, (ours, theirs) in pairs.items():
                row.near_zero(f"{name}: {what}", ours / theirs - 1.0, 1e-4)


if __name__ == "__main__":
    write_for_sherpa(Path(sys.argv[1]))
