"""Fit spectra with sherpa; run by a Python that has it, with a folder of spectra to fit.

Prints a line of JSON for each: name, value of the statistic, index, norm and their errors. The
numbers in tests/fitting/test_likelihoods.py are of the spectra of tests/fitting/counted.py:

    python -m tests.validation.test_likelihoods FOLDER
    PYTHON_WITH_SHERPA tests/benchmarks/sherpa_statistics.py FOLDER
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from astropy.io import fits
from sherpa.astro import ui

_NAMES = {"EBOUNDS": "EBOUNDS", "RSP_MATRIX": "MATRIX", "SPECRESP": "SPECRESP"}


def renamed(path: Path) -> str:
    """Return a copy of a response with the names of HDUs that sherpa looks for."""
    target = path.with_name(f"sherpa_{path.name}")
    with fits.open(path) as hdus:
        for hdu in hdus[1:]:
            hdu.name = _NAMES.get(hdu.header.get("HDUCLAS2", ""), hdu.name)
        hdus.writeto(target, overwrite=True)
    return str(target)


def fitted(path: Path) -> dict[str, float | str]:
    """Return the fit of a power law by sherpa."""
    statistic = path.stem.split("-")[1]
    ui.clean()
    ui.load_pha(str(path))
    ui.load_rmf(renamed(path.with_name(f"{path.stem}_rmf.fits")))
    ui.load_arf(renamed(path.with_name(f"{path.stem}_arf.fits")))
    if statistic == "chi2":
        ui.set_stat("chi2datavar")
    else:
        ui.set_stat(statistic)
    ui.set_source(ui.powlaw1d.model)
    model = ui.get_model_component("model")
    model.gamma, model.ampl = 2.0, 0.5
    ui.set_method("neldermead")
    ui.set_method_opt("ftol", 1e-12)
    for _ in range(3):
        ui.fit()
    ui.covar()
    errors = ui.get_covar_results().parmaxes
    return {
        "name": path.stem, "statistic": float(ui.calc_stat()), "index": model.gamma.val,
        "norm": model.ampl.val, "index_error": errors[0], "norm_error": errors[1],
    }  # fmt: skip


def main(folder: Path) -> None:
    """Fit each spectrum of a folder: ``name-statistic.fits``."""
    logging.getLogger("sherpa").setLevel(logging.ERROR)
    for path in sorted(folder.glob("*-*.fits")):
        if not path.stem.endswith(("_rmf", "_arf", "_bkg")) and "sherpa" not in path.name:
            sys.stdout.write(json.dumps(fitted(path)) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
