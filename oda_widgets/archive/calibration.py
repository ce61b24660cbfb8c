"""Read OSA's energy tables and the other files that calibrate a science window."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.calibration_index import KINDS, tables_at, tree_beside
from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.members import HOUSEKEEPING, member_in
from oda_widgets.archive.rate_files import NO_RATE_FILES, RateFiles, rate_files
from oda_widgets.archive.whole_fits import contents_checked, units_of
from oda_widgets.files import read_regular
from oda_widgets.instruments.isgri.energies.energy_table import (
    HEIGHTS,
    RISE_TIMES,
    EnergyTable,
)
from oda_widgets.instruments.isgri.energies.osa import USUAL_TEMPERATURE, OsaTables
from oda_widgets.instruments.isgri.energies.pulses import SIDE

Floats = NDArray[np.float64]

_COLDEST = -50.5
"""Lower temperatures were not recorded, degrees Celsius."""

_LONGEST_GAP = 30.0
"""Days beyond its rows for which the evolution of the detector is taken as constant."""

_MODULE_COLUMNS = ("PHA_OFFSET", "PHA_GAIN", "PHA_GAIN2", "RT_OFFSET", "RT_GAIN")
_MIXED_COLUMN = "RT_PHA_GAIN"


@dataclass(frozen=True)
class CalibrationFiles:
    """The files from which OSA would calibrate a science window.

    Parameters
    ----------
    tables
        One for each of `KINDS`; empty where there are none.
    housekeeping
        File with the temperatures of the modules, if there is one.
    problem
        Why there are no tables.
    rates
        The files that rates depend on.
    """

    tables: tuple[Path, ...] = ()
    housekeeping: Path | None = None
    problem: str = "the archive has no calibration tables (ic/)"
    rates: RateFiles = NO_RATE_FILES

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that energies depend on."""
        if not self.tables or self.housekeeping is None:
            return self.tables
        return *self.tables, self.housekeeping


NO_CALIBRATION = CalibrationFiles()


def calibration_files(root: Path, window: Path, time: float) -> CalibrationFiles:
    """Return the files that calibrate a science window.

    Parameters
    ----------
    root
        Folder of the archive, the one that holds ``ic/``.
    window
        The folder of the science window.
    time
        IJD, days.
    """
    tree = tree_beside(root)
    rates = rate_files(tree, window, time)
    if tree is None:
        return CalibrationFiles(rates=rates)
    try:
        tables = tables_at(tree, time)
    except ContentError as error:
        return CalibrationFiles(problem=f"calibration tables: {error}", rates=rates)
    return CalibrationFiles(
        tuple(tables[kind] for kind in KINDS),
        member_in(window, HOUSEKEEPING),
        "",
        rates,
    )


def tables_for(files: CalibrationFiles, time: float) -> OsaTables:
    """Return the tables in calibration files.

    Parameters
    ----------
    files
        From `calibration_files`.
    time
        IJD at which they are needed.

    Raises
    ------
    ContentError
        If tables are missing, unusable or of another epoch; the message says which and why.
    """
    if not files.tables:
        raise ContentError(files.problem)
    tables = _tables(files.tables, content_of(files))
    first, last = tables.times[0], tables.times[-1]
    if not first - _LONGEST_GAP <= time <= last + _LONGEST_GAP:
        span = f"IJD {first:.1f} to {last:.1f}"
        raise ContentError(f"{files.tables[2].name} covers {span}, not {time:.1f}")
    return tables


def content_of(files: CalibrationFiles) -> str:
    """Return the digest of calibration files, or the reason why there are none."""
    if not files.tables:
        return files.problem
    digest = hashlib.sha256()
    for path in files.files:
        status = path.stat()
        digest.update(_digest(path, status.st_mtime_ns, status.st_size))
    return digest.hexdigest()


@lru_cache(maxsize=1000)
def _digest(path: Path, modified: int, size: int) -> bytes:
    """Return the digest of a file, cached until its size or time of change differ."""
    del modified, size
    return hashlib.sha256(read_regular(path)).digest()


@lru_cache(maxsize=1)
def _tables(paths: tuple[Path, ...], content: str) -> OsaTables:
    """Return the tables in files, cached by their content."""
    del content
    readers = (_pixels, _modules, _evolution, _energies)
    pixels, modules, (times, evolution), table = (
        _read(path, kind, reader) for path, kind, reader in zip(paths, KINDS, readers, strict=True)
    )
    names = tuple(path.name.partition(".")[0] for path in paths)
    return OsaTables(pixels, modules, times, evolution, table, names)


def read_temperatures(files: CalibrationFiles) -> Floats:
    """Return the mean temperature of each module, degrees Celsius, shape (8,).

    A module without a recorded temperature has the usual one.
    """
    found = np.full(8, USUAL_TEMPERATURE)
    if files.housekeeping is None:
        return found
    with suppress(ContentError), contents_checked(files.housekeeping):
        data = units_of(files.housekeeping)["IBIS-DPE.-CNV"].data
        for module in range(8):
            recorded = np.asarray(data[f"I0E_MTEMP2_MMDU{module}"], float)
            known = recorded[np.isfinite(recorded) & (recorded > _COLDEST)]
            if len(known):
                found[module] = known.mean()
    return found


def _read(path: Path, kind: str, reader: Any) -> Any:
    """Read a table; errors name its file."""
    units = units_of(path)
    with contents_checked(path):
        unit = units[kind] if kind in units else units[1]
        return reader(unit)


def _pixels(unit: Any) -> Floats:
    names = unit.data.names
    columns = _columns(unit, names[:4])
    if columns.shape != (SIDE * SIDE, 4):
        raise ContentError(f"has {len(columns)} rows, not one for each of {SIDE * SIDE} pixels")
    return columns


def _modules(unit: Any) -> Floats:
    names = unit.data.names
    wanted = _MODULE_COLUMNS if set(_MODULE_COLUMNS) <= set(names) else names[1:6]
    columns = _columns(unit, wanted)
    if columns.shape != (8, 5):
        raise ContentError("does not have one row for each of 8 modules")
    mixed = _columns(unit, [_MIXED_COLUMN]) if _MIXED_COLUMN in names else np.zeros((8, 1))
    return np.hstack([columns, mixed])


def _evolution(unit: Any) -> tuple[Floats, Floats]:
    names = unit.data.names
    wanted = ("IJD", *_MODULE_COLUMNS)
    columns = _columns(unit, wanted if set(wanted) <= set(names) else names[:6])
    columns = columns[np.argsort(columns[:, 0], kind="stable")]
    if not len(columns):
        raise ContentError("has no rows")
    if len(columns) == 1:  # constant
        columns = np.vstack([columns, columns])
        columns[1, 0] += 1.0
    if np.any(np.diff(columns[:, 0]) <= 0):
        raise ContentError("has two rows with the same time")
    return columns[:, 0], columns[:, 1:]


def _energies(unit: Any) -> EnergyTable:
    """Return LUT2: an image of energies, or a table of energies and their corrections."""
    if unit.is_image:
        energy = np.asarray(unit.data, float)
        if energy.shape == (HEIGHTS, RISE_TIMES):
            energy = energy.T
    else:
        names = unit.data.names
        correction = "CORR" if "CORR" in names else names[2]
        height = "ENERGY" if "ENERGY" in names else names[0]
        factor = np.asarray(unit.data[correction], float)
        energy = (factor * np.asarray(unit.data[height], float)[:, None]).T
    if energy.shape != (RISE_TIMES, HEIGHTS):
        shape = " x ".join(map(str, energy.shape))
        raise ContentError(f"has the shape {shape}, not {RISE_TIMES} x {HEIGHTS}")
    if not np.any(energy > 0):
        raise ContentError("holds no energies")
    # An event has no energy where the table has no value.
    return EnergyTable(np.ascontiguousarray(np.nan_to_num(energy, posinf=0.0)))


def _columns(unit: Any, names: Sequence[str]) -> Floats:
    """Return some columns of a table side by side."""
    columns = [np.asarray(unit.data[name], float) for name in names]
    return _finite(np.stack(columns, axis=1))


def _finite(values: Floats) -> Floats:
    if not np.all(np.isfinite(values)):
        raise ContentError("holds values that are not numbers")
    return values
