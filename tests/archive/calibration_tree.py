"""Calibration tables that we make, in the structure of the ISDC's, which cannot be shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MODULE_COLUMNS = ("PHA_OFFSET", "PHA_GAIN", "PHA_GAIN2", "RT_OFFSET", "RT_GAIN")


def made_tables(seed: int = 8) -> dict[str, Any]:
    """Return the content of the four tables: pixels, modules, evolution, energies."""
    random = np.random.default_rng(seed)
    height, rise_time = np.arange(2048.0), np.arange(256.0)
    correction = 1 + 0.002 * (rise_time - 30) + 1e-5 * height[:, None]
    return {
        "ISGR-OFFS-MOD": random.normal([5.2, -1.0, 3.0, -0.5, 0], 0.1, (16384, 5)),
        "ISGR-MCEC-MOD": random.normal([1, 1, 0.5, 0.3, 1], 0.02, (8, 5)),
        "ISGR-L2RE-MOD": random.normal([2, 1.9, 1e-5, -1, 1], [0.1, 0.1, 1e-6, 0.1, 0.02], (3, 5)),
        "ISGR-RISE-MOD": (0.5 * height, correction),
    }


def write_tree(
    root: Path,
    tables: Mapping[str, Any] | None = None,
    *,
    times: Sequence[float] = (8300.0, 8320.64, 8330.0),
    valid: tuple[float, float] = (8000.0, 9000.0),
    version: int = 185,
) -> dict[str, Path]:
    """Write the tables beside an archive, with their indexes and the master; return where."""
    tables = tables or made_tables()
    files = {
        "ISGR-OFFS-MOD": ("cal", "ibis_isgr_gain_offset", _pixels(tables["ISGR-OFFS-MOD"])),
        "ISGR-MCEC-MOD": ("mod", "isgr_mcec_mod", _modules(tables["ISGR-MCEC-MOD"])),
        "ISGR-L2RE-MOD": ("mod", "isgr_l2re_mod", _evolution(tables["ISGR-L2RE-MOD"], times)),
        "ISGR-RISE-MOD": ("mod", "isgr_rise_mod", _energies(*tables["ISGR-RISE-MOD"])),
    }
    paths = {}
    for kind, (folder, name, unit) in files.items():
        path = root / "ic" / "ibis" / folder / f"{name}_{version:04}.fits"
        unit.header.update(
            EXTNAME=kind, VERSION=version, VSTART=valid[0], VSTOP=valid[1], FILENAME=path.name
        )
        _write(path, unit)
        paths[kind] = path
        write_index(root, kind, [(path, *valid, version)])
    write_master(root, list(files))
    return paths


def write_index(
    root: Path, kind: str, rows: Sequence[tuple[Path | str, float, float, int]]
) -> None:
    """Write the index of a kind: where its tables are and when they are valid."""
    inside = root / "idx" / "ic"
    locations = [
        path if isinstance(path, str) else f"../../{path.relative_to(root)}" for path, *_ in rows
    ]
    columns = [
        fits.Column("MEMBER_LOCATION", "256A", array=locations),
        fits.Column("VSTART", "1D", array=[row[1] for row in rows]),
        fits.Column("VSTOP", "1D", array=[row[2] for row in rows]),
        fits.Column("VERSION", "1J", array=[row[3] for row in rows]),
    ]
    unit = fits.BinTableHDU.from_columns(columns, name="GROUPING")
    _write(inside / f"{kind}-IDX.fits", unit)


def write_master(root: Path, kinds: Sequence[str]) -> None:
    """Write the master file, which lists the indexes."""
    column = fits.Column("MEMBER_LOCATION", "256A", array=[f"{kind}-IDX.fits" for kind in kinds])
    unit = fits.BinTableHDU.from_columns([column], name="GROUPING")
    _write(root / "idx" / "ic" / "ic_master_file.fits", unit)


def write_housekeeping(window: Path, temperatures: Floats) -> Path:
    """Write the temperatures of the modules into the folder of a science window."""
    columns = [
        fits.Column(
            f"I0E_MTEMP2_MMDU{module}", "1E", array=[value - 0.5, -60.0, value + 0.5, np.nan]
        )
        for module, value in enumerate(temperatures)
    ]
    path = window / "ibis_hk.fits"
    _write(path, fits.BinTableHDU.from_columns(columns, name="IBIS-DPE.-CNV"))
    return path


def _pixels(columns: Floats) -> fits.BinTableHDU:
    names = ("PHA_GAIN", "PHA_OFFSET", "RT_GAIN", "RT_OFFSET", "PIXTYPE")
    return _table(dict(zip(names, columns.T, strict=True)))


def _modules(columns: Floats) -> fits.BinTableHDU:
    return _table({"MCE": np.arange(8.0)} | dict(zip(MODULE_COLUMNS, columns.T, strict=True)))


def _evolution(columns: Floats, times: Sequence[float]) -> fits.BinTableHDU:
    return _table({"IJD": np.array(times)} | dict(zip(MODULE_COLUMNS, columns.T, strict=True)))


def _energies(energy: Floats, correction: Floats) -> fits.BinTableHDU:
    columns = [
        fits.Column("ENERGY", "1D", array=energy),
        fits.Column("CHANNEL", "1J", array=np.arange(len(energy))),
        fits.Column("CORR", "256D", array=correction),
    ]
    return fits.BinTableHDU.from_columns(columns)


def _table(columns: Mapping[str, Floats]) -> fits.BinTableHDU:
    return fits.BinTableHDU.from_columns(
        [fits.Column(name, "1D", array=values) for name, values in columns.items()]
    )


def _write(path: Path, unit: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([fits.PrimaryHDU(), unit]).writeto(path, overwrite=True)


def made_efficiencies(seed: int = 9) -> tuple[Floats, Floats, Floats]:
    """Return efficiencies of 8 modules and 3 thresholds in 256 channels, and the thresholds."""
    random = np.random.default_rng(seed)
    return random.random((8, 256)), random.random((3, 256)), np.array([15.0, 20.0, 30.0])


def write_efficiencies(
    root: Path, efficiencies: tuple[Floats, Floats, Floats], valid: tuple[float, float] = (0, 9999)
) -> Path:
    """Write a table of efficiencies beside an archive, with its index; return where."""
    modules, by_threshold, known = efficiencies
    mapping = np.zeros((1, 256))
    mapping[0, : len(known)] = known
    groups = [*range(len(modules)), *range(len(by_threshold)), -len(known)]
    columns = [
        fits.Column("PIXEL_GROUPING", "1J", array=[0] * len(modules) + [1] * (len(known) + 1)),
        fits.Column("PIXEL_GROUP", "1J", array=groups),
        fits.Column("EFFICIENCY", "256D", array=np.vstack([modules, by_threshold, mapping])),
    ]
    path = root / "ic" / "ibis" / "mod" / "isgr_effc_mod_0185.fits"
    _write(path, fits.BinTableHDU.from_columns(columns, name="ISGR-EFFC-MOD"))
    write_index(root, "ISGR-EFFC-MOD", [(path, *valid, 185)])
    return path


def write_context(revolution: Path, gain: Any, step: Any, status: Any) -> Path:
    """Write the context of a revolution, planes as [Z, Y]; return where."""
    path = revolution / "rev.001" / "cfg" / "isgri_context_20221011000000.fits"
    planes = np.stack([gain, step, status]).astype(np.int16)
    _write(path, fits.ImageHDU(planes, name="ISGR-PXLP-CFG"))
    return path


def write_dead_time(window: Path, dead: Floats) -> Path:
    """Write the dead time of the modules, shape (8, n_times); return where."""
    columns = [fits.Column(f"II_DEADTIME_{n}", "1E", array=values) for n, values in enumerate(dead)]
    path = window / "ibis_deadtime.fits"
    _write(path, fits.BinTableHDU.from_columns(columns, name="ISGR-DEAD-SCP"))
    return path
