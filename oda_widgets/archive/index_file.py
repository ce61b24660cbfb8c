"""Keep the index of an archive in a file, so that the archive is read only once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from oda_widgets.files import read_regular, write_whole
from oda_widgets.request.science_windows import ScienceWindow

_FORMAT = "oda_widgets archive index 2"


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """Index entry of one event file.

    Parameters
    ----------
    id
        Identifier of the science window, ``RRRRPPPPSSSF.VVV``.
    path, size, modified
        Path, size (bytes) and modification time (ns) of the file when it was read.
    window
        Its window; None if it cannot be used.
    problem
        Why it cannot be used; empty if it can.
    """

    id: str
    path: str
    size: int
    modified: int
    window: ScienceWindow | None
    problem: str = ""


Entries = dict[str, IndexEntry]


def index_path(cache_folder: Path, root: Path) -> Path:
    """Return where the index of an archive is kept."""
    return cache_folder / f"archive-{_name_of(root)}.json"


def contents_path(cache_folder: Path, root: Path) -> Path:
    """Return where the digests of the files of an archive are kept."""
    return cache_folder / f"contents-{_name_of(root)}.json"


def load_index(path: Path) -> Entries:
    """Return the entries of an index file by identifier, empty if it is missing or damaged."""
    try:
        document = json.loads(read_regular(path))
        if document["format"] != _FORMAT or document["checksum"] != _checksum(document["entries"]):
            return {}
        return {record["id"]: _entry(record) for record in document["entries"]}
    except (OSError, ValueError, TypeError, KeyError):
        # Not a valid index: the archive is read again.
        return {}


def save_index(path: Path, root: Path, entries: Mapping[str, IndexEntry]) -> None:
    """Write an index file, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    records = [asdict(entry) for entry in entries.values()]
    document = {
        "format": _FORMAT,
        "archive": str(root),
        "checksum": _checksum(records),
        "entries": records,
    }
    write_whole(path, json.dumps(document, indent=1).encode())


def _name_of(root: Path) -> str:
    return hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]


def _entry(record: dict[str, Any]) -> IndexEntry:
    window = record["window"]
    return IndexEntry(**record | {"window": None if window is None else ScienceWindow(**window)})


def _checksum(records: list[dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(records, sort_keys=True).encode()).hexdigest()
