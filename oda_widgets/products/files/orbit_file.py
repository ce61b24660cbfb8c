"""Read orbit files of the ISDC."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile
from oda_widgets.products.files.cards import text_value
from oda_widgets.products.files.columns import has_column, needed_floats
from oda_widgets.products.files.container import damage_reported, decode, tables
from oda_widgets.products.files.units import floats_in
from oda_widgets.products.orbit import FARTHEST, NEAREST, Orbit
from oda_widgets.request.paths import PathLike
from oda_widgets.request.timespan import SECONDS_PER_DAY, to_ijd

_AXES = ("XPOS", "YPOS", "ZPOS")
_TICKS = 2**20  # of the on-board clock per second
_NO_ORBIT = "It has no table of positions (XPOS, YPOS, ZPOS or XYZPOS) against time."
_ADVICE = "Give sc_orbit_param.fits of a science window, or orbit_historic.fits of a revolution."


def read_orbit(path: PathLike) -> Orbit:
    """Read an orbit file (see `Orbit.read`)."""
    hdus = decode(path)
    with damage_reported(path):
        for table in tables(hdus):
            if has_column(table, "XYZPOS") or all(has_column(table, axis) for axis in _AXES):
                return _orbit(table)
        raise DamagedFile(_NO_ORBIT, _ADVICE)


def _orbit(table: fits.BinTableHDU) -> Orbit:
    position, time = _positions(table), _times(table)
    order = np.argsort(time, kind="stable")
    time, position = time[order], position[order]
    distance = np.linalg.norm(position, axis=1)
    possible = np.isfinite(time).all() and len(time)
    if not possible or not ((distance > NEAREST) & (distance < FARTHEST)).all():
        problem = f"Its positions are not {NEAREST:,.0f} to {FARTHEST:,.0f} km from the Earth."
        raise DamagedFile(problem, _ADVICE)
    return Orbit(time, position)


def _positions(table: fits.BinTableHDU) -> Floats:
    if has_column(table, "XYZPOS"):
        found = needed_floats(table, "XYZPOS", lists=True)
        if found.ndim != 2 or found.shape[1] < 3:
            raise DamagedFile(_NO_ORBIT, _ADVICE)
        return found[:, :3]
    return np.column_stack([floats_in(table, axis, "km") for axis in _AXES])


def _times(table: fits.BinTableHDU) -> Floats:
    """Return the times of positions, IJD days."""
    if has_column(table, "DAYBEG"):
        return floats_in(table, "DAYBEG", "d")
    if has_column(table, "TIME"):
        return floats_in(table, "TIME", "d")
    received = text_value(table.header, "ERTFIRST")
    if not has_column(table, "OB_TIME") or received is None:
        raise DamagedFile(_NO_ORBIT, _ADVICE)
    # ERTFIRST is the time at which the first tick reached the Earth. In the half second of travel,
    # and the time for packing, the satellite moves by less than 100 km, 0.3 ms of light.
    words = needed_floats(table, "OB_TIME", lists=True)
    ticks = ((words - words[0]) @ (2.0 ** np.array([48, 32, 16, 0]))) / _TICKS
    times: Floats = to_ijd(received) + ticks / SECONDS_PER_DAY
    return times
