"""Find the calibration tables of the ISDC (instrument characteristics) valid at a time.

Beside ``scw`` lies ``idx/ic/ic_master_file.fits``, which lists one index per kind of table
(``ISGR-RISE-MOD-IDX.fits``); an index lists the tables with the time that each is valid and its
version. A tree without indexes is searched by file names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import Any

from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.whole_fits import contents_checked, first_table, units_of

KINDS = ("ISGR-OFFS-MOD", "ISGR-MCEC-MOD", "ISGR-L2RE-MOD", "ISGR-RISE-MOD")
"""The tables that energies need."""

MASTER = "idx/ic/ic_master_file.fits"
"""The index of indexes, beside the science windows."""

EFFICIENCIES = "ISGR-EFFC-MOD"
"""The table that rates need."""

_NAMES = {
    "ISGR-OFFS-MOD": ("ibis_isgr_gain_offset_*", "isgr_offs_mod_*"),
    "ISGR-MCEC-MOD": ("isgr_mcec_mod_*",),
    "ISGR-L2RE-MOD": ("isgr_l2re_mod_*",),
    "ISGR-RISE-MOD": ("isgr_rise_mod_*",),
    EFFICIENCIES: ("isgr_effc_mod_*",),
}


@dataclass(frozen=True)
class _Entry:
    """A table, as described by an index or by its own header."""

    path: Path
    start: float
    stop: float
    version: int


def tree_beside(root: Path) -> Path | None:
    """Return the folder that holds ``ic`` and ``idx`` beside the science windows, if one does."""
    folders = (root, root.parent) if (root / "scw").is_dir() or root.name == "scw" else (root,)
    return next((f for f in folders if (f / "ic").is_dir() or (f / MASTER).is_file()), None)


def tables_at(tree: Path, time: float) -> dict[str, Path]:
    """Return the newest valid table of each kind.

    Parameters
    ----------
    tree
        The folder that holds ``ic`` and ``idx``.
    time
        IJD, days.

    Raises
    ------
    ContentError
        If a kind has no valid table; the message says which and why.
    """
    listed = {kind: listed_table(kind, tree, time) for kind in KINDS}
    return {kind: _existing(path) for kind, path in listed.items()}


def listed_table(kind: str, tree: Path, time: float) -> Path:
    """Return the newest valid table of one kind, whether or not its file exists.

    Parameters and errors are those of `tables_at`.
    """
    return _newest(kind, _indexes(tree).get(kind), tree, time).path


def is_table(kind: str, name: str) -> bool:
    """Return True for a file name of tables of a kind, by which they are found without an index."""
    return any(fnmatch(name, pattern) for pattern in _NAMES[kind])


def listed_indexes(tree: Path) -> tuple[Path, ...]:
    """Return the indexes that the master lists, whether or not they exist.

    Raises
    ------
    ContentError
        If the master cannot be read.
    """
    return tuple(path for path, _ in _members(tree / MASTER, tree))


def table_at(kind: str, tree: Path, time: float) -> Path:
    """Return the newest valid table of one kind; parameters and errors are those of `tables_at`."""
    return _existing(listed_table(kind, tree, time))


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ContentError(f"the table {path.name} is listed but missing")
    return path


def _newest(kind: str, index: Path | None, tree: Path, time: float) -> _Entry:
    entries = list(_named_like(kind, tree) if index is None else _listed(index, tree))
    if not entries:
        raise ContentError(f"there is no table {kind}")
    valid = [entry for entry in entries if entry.start <= time <= entry.stop]
    if not valid:
        raise ContentError(f"no table {kind} is valid at IJD {time:.1f}")
    return max(valid, key=lambda entry: (entry.version, entry.start))


def _indexes(tree: Path) -> dict[str, Path]:
    """Return the index of each kind that has one."""
    master = tree / MASTER
    listed = [] if not master.is_file() else [path for path, _ in _members(master, tree)]
    beside = [master.parent / f"{kind}-IDX.fits" for kind in _NAMES]
    found = {path.name.partition("-IDX")[0]: path for path in [*beside, *listed] if path.is_file()}
    return {kind: path for kind, path in found.items() if kind in _NAMES}


def _listed(index: Path, tree: Path) -> Iterator[_Entry]:
    """Iterate over the tables of an index, without unusable rows."""
    for path, row in _members(index, tree):
        try:
            yield _entry_of(path, row)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue


def _members(group: Path, tree: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Iterate over the members of a group of files, without those outside the tree."""
    status = group.stat()
    for row in _rows(group, status.st_mtime_ns, status.st_size):
        path = _located(str(row["MEMBER_LOCATION"]).strip(), group, tree)
        if path is not None:
            yield path, row


@lru_cache(maxsize=20)
def _rows(group: Path, modified: int, size: int) -> tuple[Mapping[str, Any], ...]:
    """Return the rows of a group of files, cached until it changes."""
    del modified, size
    with contents_checked(group):
        table = first_table(group)
        names = [name.upper() for name in table.names]
        rows = tuple(dict(zip(names, record, strict=True)) for record in table)
    if "MEMBER_LOCATION" not in names:
        raise ContentError(f"the index {group.name} has no column MEMBER_LOCATION")
    return rows


def _located(location: str, group: Path, tree: Path) -> Path | None:
    """Return the file at a location of a group, packed or not; None if outside the tree."""
    if not location or "\0" in location:
        return None
    path = (group.parent / location).resolve()
    if not path.is_relative_to(tree.resolve()):
        return None
    packed = path.with_name(f"{path.name}.gz")
    return packed if not path.is_file() and packed.is_file() else path


def _named_like(kind: str, tree: Path) -> Iterator[_Entry]:
    """Iterate over the tables of a kind by file name; their headers tell when they are valid."""
    for pattern in _NAMES[kind]:
        for path in sorted((tree / "ic").rglob(pattern)):
            try:
                with contents_checked(path):
                    entry = _entry_of(path, units_of(path)[kind].header)
            except ContentError:
                continue
            yield entry


def _entry_of(path: Path, described: Mapping[str, Any]) -> _Entry:
    start, stop = float(described["VSTART"]), float(described["VSTOP"])
    return _Entry(path, start, stop, int(described["VERSION"]))
