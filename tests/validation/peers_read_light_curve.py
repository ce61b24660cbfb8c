"""Read a light curve with stingray, HENDRICS and lightkurve, in their environment; print JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from typing import Any

warnings.simplefilter("ignore")


def stingray(path: str) -> dict[str, Any]:
    """Return the light curve that stingray reads."""
    from stingray import Lightcurve

    curve = Lightcurve.read(path, fmt="hea")
    days = curve.time.astype(float) / 86400
    return _found(float(curve.mjdref) + days, curve.countrate, len(curve.gti))


def hendrics(path: str) -> dict[str, Any]:
    """Return the light curve that HENDRICS reads."""
    from hendrics.io import load_data
    from hendrics.lcurve import lcurve_from_fits

    with tempfile.TemporaryDirectory() as folder:
        found = load_data(lcurve_from_fits(path, outdir=folder)[0])
    days = found["time"].astype(float) / 86400
    return _found(float(found["mjdref"]) + days, found["counts"] / found["dt"], len(found["gti"]))


def lightkurve(path: str) -> dict[str, Any]:
    """Return the light curve that lightkurve reads."""
    from lightkurve.io.generic import read_generic_lightcurve

    found = read_generic_lightcurve(path, flux_column="rate", flux_err_column="error")
    return _found(found.time.tt.mjd, found.flux.value, 0)


def _found(mjd: Any, rate: Any, stretches: int) -> dict[str, Any]:
    return {"mjd": list(map(float, mjd)), "rate": list(map(float, rate)), "stretches": stretches}


if __name__ == "__main__":
    readers = (stingray, hendrics, lightkurve)
    sys.stdout.write("\n" + json.dumps({read.__name__: read(sys.argv[1]) for read in readers}))
