"""Time sherpa with the real spectrum of NGC 2110; run by a Python that has sherpa and emcee.

Prints a line of JSON: seconds of a fit and of a chain of 20 x 1000 steps, and chi2.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import emcee
import numpy as np
from astropy.io import fits
from sherpa.astro import ui


def renamed(folder: Path, target: Path) -> Path:
    """Write a copy of the RMF with the names of HDUs that sherpa looks for."""
    with fits.open(folder / "NGC2110_ursini_rmf_osa10.fits.gz") as hdus:
        for hdu in hdus[1:]:
            kind = hdu.header.get("HDUCLAS2", "")
            hdu.name = {"EBOUNDS": "EBOUNDS", "RSP_MATRIX": "MATRIX"}.get(kind, hdu.name)
        hdus.writeto(target)
    return target


def main(folder: Path) -> None:
    """Fit and sample."""
    with tempfile.TemporaryDirectory() as place:
        ui.load_pha(str(folder / "NGC2110_ursini_spectrum_osa10.fits"), use_errors=True)
        ui.load_rmf(str(renamed(folder, Path(place) / "rmf.fits")))
        ui.load_arf(str(folder / "NGC2110_ursini_arf_osa10.fits.gz"))
    ui.notice(22.0, 200.0)
    ui.ignore(None, 22.0)
    ui.ignore(200.0, None)
    ui.set_stat("chi2")
    ui.set_source(ui.powlaw1d.model)
    model = ui.get_model_component("model")
    model.gamma, model.ampl = 2.0, 1.0
    began = perf_counter()
    ui.fit()
    took = perf_counter() - began
    best = np.array([model.gamma.val, model.ampl.val])

    def log_likelihood(values: np.ndarray) -> float:
        if values[1] <= 0:
            return -np.inf
        model.gamma, model.ampl = values
        return -0.5 * float(ui.calc_stat())

    start = best * (1 + 1e-2 * np.random.default_rng(1).standard_normal((20, 2)))
    statistic = float(ui.calc_stat())
    began = perf_counter()
    emcee.EnsembleSampler(20, 2, log_likelihood).run_mcmc(start, 1000)
    chain = perf_counter() - began
    sys.stdout.write(json.dumps({"fit": took, "chain": chain, "statistic": statistic}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
