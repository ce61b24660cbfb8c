"""Readers of the ISDC's files that correct rates: dead time, thresholds and efficiencies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.calibration_index import EFFICIENCIES, table_at
from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.members import CONTEXT, DEAD_TIME, context_at, member_in
from oda_widgets.archive.packed_or_not import packings
from oda_widgets.archive.whole_fits import contents_checked, units_of
from oda_widgets.arrays import Floats
from oda_widgets.files import read_regular
from oda_widgets.instruments.isgri.efficiency.tables import CHANNELS, MODULES, EfficiencyTable
from oda_widgets.instruments.isgri.energies.pulses import SIDE

_BY_MODULE, _BY_THRESHOLD = 0, 1


@dataclass(frozen=True)
class RateFiles:
    """The files of a science window that rates depend on.

    Parameters
    ----------
    dead_time
        Dead time of the modules; None if the archive lacks it.
    efficiency
        Efficiencies by module and threshold; None if it lacks them.
    context
        Thresholds of the pixels; None if it lacks them.
    problem
        Why there are no efficiencies.
    """

    dead_time: Path | None = None
    efficiency: Path | None = None
    context: Path | None = None
    problem: str = "the archive has no efficiencies (ISGR-EFFC-MOD in ic/)"

    @property
    def content(self) -> str:
        """The digest of the files, or the reason why there are no efficiencies."""
        files = [f for f in (self.dead_time, self.efficiency, self.context) if f is not None]
        if not files:
            return self.problem
        digest = hashlib.sha256(self.problem.encode())
        for path in files:
            status = path.stat()
            digest.update(_digest(path, status.st_mtime_ns, status.st_size))
        return digest.hexdigest()


@lru_cache(maxsize=1000)
def _digest(path: Path, modified: int, size: int) -> bytes:
    """Return the digest of a file, cached until its size or time of change differ."""
    del modified, size
    return hashlib.sha256(read_regular(path)).digest()


NO_RATE_FILES = RateFiles()


def rate_files(tree: Path | None, window: Path, time: float) -> RateFiles:
    """Return the files that rates of a science window depend on.

    Parameters
    ----------
    tree
        The folder that holds ``ic`` and ``idx``; None if the archive has no such folder.
    window
        The folder of the science window.
    time
        IJD, days.
    """
    dead_time = member_in(window, DEAD_TIME)
    if tree is None:
        return RateFiles(dead_time)
    try:
        efficiency = table_at(EFFICIENCIES, tree, time)
    except ContentError as error:
        return RateFiles(dead_time, problem=f"efficiencies: {error}")
    return RateFiles(dead_time, efficiency, _context(window.parent, time), "")


def read_live_fractions(path: Path) -> Floats:
    """Return the live fractions of each module, in the order of the file, shape (8, n_times).

    Raises
    ------
    ContentError
        If the file cannot be read, or holds no fractions.
    """
    units = units_of(path)
    with contents_checked(path):
        data = units["ISGR-DEAD-SCP"].data
        dead = np.stack([np.asarray(data[f"II_DEADTIME_{n}"], float) for n in range(MODULES)])
    if not np.all(np.isfinite(dead)) or not dead.size or dead.min() < 0 or dead.max() >= 1:
        raise ContentError(f"{path.name} holds dead times that are not fractions")
    return np.asarray(1.0 - dead)


def read_context(path: Path) -> NDArray[np.integer[Any]]:
    """Return gain code, threshold step and status of the pixels, shape (3, 128, 128).

    Raises
    ------
    ContentError
        If the file cannot be read, or has another shape.
    """
    units = units_of(path)
    with contents_checked(path):
        planes = np.asarray(units["ISGR-PXLP-CFG"].data)
    if planes.shape != (3, SIDE, SIDE):
        shape = " x ".join(map(str, planes.shape))
        raise ContentError(f"{path.name} has the shape {shape}, not 3 x 128 x 128")
    return planes


def read_efficiencies(path: Path) -> EfficiencyTable:
    """Return a table of efficiencies.

    Raises
    ------
    ContentError
        If the file cannot be read, or lacks modules or thresholds.
    """
    units = units_of(path)
    with contents_checked(path):
        data = units[EFFICIENCIES].data
        grouping, group = (np.asarray(data[n], int) for n in ("PIXEL_GROUPING", "PIXEL_GROUP"))
        values = np.asarray(data["EFFICIENCY"], float)
    if values.ndim != 2 or values.shape[1] != CHANNELS or not np.all(np.isfinite(values)):
        raise ContentError(f"{path.name} does not hold {CHANNELS} efficiencies a row")
    modules = {
        int(g): v for k, g, v in zip(grouping, group, values, strict=True) if k == _BY_MODULE
    }
    by_threshold = {
        int(g): v for k, g, v in zip(grouping, group, values, strict=True) if k == _BY_THRESHOLD
    }
    number = -min(by_threshold, default=0)
    if set(range(MODULES)) - set(modules) or number < 1 or set(range(number)) - set(by_threshold):
        raise ContentError(f"{path.name} lacks efficiencies of modules or thresholds")
    return EfficiencyTable(
        module=np.stack([modules[n] for n in range(MODULES)]),
        threshold=np.stack([by_threshold[n] for n in range(number)]),
        known=by_threshold[-number][:number],
        name=path.name.partition(".")[0],
    )


def _context(revolution: Path, time: float) -> Path | None:
    """Return the newest context of a revolution before a time, or its first."""
    found = (path for like in packings(CONTEXT) for path in revolution.glob(like))
    name = context_at((path.relative_to(revolution).as_posix() for path in found), time)
    return None if name is None else revolution / name
