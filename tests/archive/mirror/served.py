"""An archive to be served: the index of windows that the ISDC puts beside its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.archive.mirror.patience import Patience
from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.request.science_windows import ScienceWindow
from tests.archive.conftest import build_window
from tests.patience import PATIENCE

# A server that answers badly is asked again at once; one that is slow is waited for.
IMPATIENT = Patience(
    connect=PATIENCE,
    read=PATIENCE,
    tries=6,
    total=PATIENCE,
    first_wait=0.001,
    longest_wait=0.01,
    slowest=0.0,
)
INDEX = "idx/scw/GNRL-SCWG-GRP-IDX.fits"


def window_of(identifier: str, number: int) -> RawWindow:
    """Return a window of so many random events, which gzip hardly packs."""
    raw, rng = build_window(identifier), np.random.default_rng(int(identifier[4:8]))
    start, stop = raw.window.start, raw.window.stop
    return replace(
        raw,
        time=np.sort(rng.uniform(start, stop, number)),
        energy=rng.uniform(15, 1000, number).astype(np.float32),
        dety=rng.integers(0, 130, number).astype(np.uint8),
        detz=rng.integers(0, 134, number).astype(np.uint8),
        select_flag=np.zeros(number, np.uint8),
    )


def write_index(root: Path, windows: Iterable[ScienceWindow], name: str = INDEX) -> Path:
    """Write the index of an archive: one row per window, in any order."""
    rows = list(windows)
    return write_rows(
        root,
        [f"../../scw/{w.id[:4]}/{w.id}/swg.fits" for w in rows],
        {
            "TSTART": [w.start for w in rows],
            "TSTOP": [w.stop for w in rows],
            "RA_SCX": [w.ra for w in rows],
            "DEC_SCX": [w.dec for w in rows],
            "RA_SCZ": [w.ra_z for w in rows],
            "DEC_SCZ": [w.dec_z for w in rows],
        },
        name,
    )


def write_rows(root: Path, places: list[str], numbers: dict[str, Any], name: str = INDEX) -> Path:
    """Write an index with any rows, with the columns of the ISDC that matter and some others."""
    names = {"MEMBER_XTENSION": "S8", "MEMBER_LOCATION": "S256"} | dict.fromkeys(numbers, ">f8")
    rows = np.zeros(len(places), list(names.items()))
    rows["MEMBER_XTENSION"], rows["MEMBER_LOCATION"] = b"BINTABLE", places
    for key, values in numbers.items():
        rows[key] = values
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    header = fits.BinTableHDU(rows[:1], name="GROUPING").header
    header["NAXIS2"] = len(rows)
    # The rows are as FITS has them: astropy would convert 200,000 of them for seconds.
    data = rows.tobytes()
    parts = fits.PrimaryHDU().header.tostring(), header.tostring()
    path.write_bytes("".join(parts).encode() + data + bytes(-len(data) % 2880))
    return path
