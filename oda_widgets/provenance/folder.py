"""The folder of the store and the files of each node in it."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from zipfile import is_zipfile

from oda_widgets.errors import FileWarning, StoreError
from oda_widgets.files import is_abandoned, read_mapping, read_regular, write_whole
from oda_widgets.provenance.entry import decode_entry
from oda_widgets.request.words import counted

_FORMAT = 1
_NOTE = "format.json"
_RECORD, _ARRAYS = ".json", ".npz"
_NODE = re.compile(r"[0-9a-f]{64}")
YOUR_OWN = "Set ODA_WIDGETS_CACHE_FOLDER to a folder of your own."


@dataclass(frozen=True)
class Used:
    """The size of a result in the store.

    Parameters
    ----------
    id
        Id of the node.
    bytes
        Size of its files.
    last_used
        Seconds since 1970.
    """

    id: str
    bytes: int
    last_used: float


class Folder:
    """The files of the store.

    Parameters
    ----------
    root
        Path of the folder, which is made when the first result is stored.

    Raises
    ------
    StoreError
        If a newer version of this package wrote it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = f"{root}/objects/"
        found = _format_in(root)
        if found is not None and found > _FORMAT:
            raise _newer(root, found)
        if found is None and not self._is_closed():
            self._mend_format()

    def _is_closed(self) -> bool:
        """Return True if this user may not read the file with the format."""
        try:
            read_regular(self.root / _NOTE)
        except OSError as error:
            return isinstance(error, PermissionError)
        return False

    def check_access(self) -> None:
        """Check that the results can be read, if there are any.

        Raises
        ------
        StoreError
            If the folder cannot be read.
        """
        try:
            next(self.root.iterdir(), None)
        except FileNotFoundError:
            return
        except OSError as error:
            problem = f"The store {self.root} cannot be read ({error.strerror or error})."
            raise StoreError(problem, YOUR_OWN) from error

    def has(self, node_id: str) -> bool:
        """Return True if a result is stored, readable and seems complete.

        The checksum of the record and the directory at the end of the arrays are checked; flipped
        bits inside arrays are noticed only when they are read.
        """
        # Check this first: large plans ask for a hundred thousand results, most of them missing.
        if not os.path.lexists(f"{self._objects}{node_id[:2]}/{node_id}{_RECORD}"):
            return False
        with suppress(OSError):
            entry = decode_entry(read_regular(self.record(node_id)), node_id)
            return entry is not None and (not entry.arrays or is_zipfile(self.arrays(node_id)))
        return False

    def listed(self) -> set[str]:
        """Return the ids of all results with a record, damaged or not."""
        found: set[str] = set()
        with suppress(OSError):
            for part in os.listdir(self._objects):  # noqa: PTH208 - paths cost more than all else
                with suppress(OSError):
                    names = os.listdir(f"{self._objects}{part}")  # noqa: PTH208
                    found |= {
                        name.removesuffix(_RECORD) for name in names if name.endswith(_RECORD)
                    }
        return found

    def record(self, node_id: str) -> Path:
        """Return the file with the record of a result; the result exists if this file does."""
        return self.root / f"objects/{node_id[:2]}/{node_id}{_RECORD}"

    def arrays(self, node_id: str) -> Path:
        """Return the file with the arrays of a result."""
        return self.root / f"objects/{node_id[:2]}/{node_id}{_ARRAYS}"

    def size(self, node_id: str) -> int:
        """Return the size of the arrays of a result in bytes; 0 if there are none."""
        with suppress(OSError):
            return self.arrays(node_id).stat().st_size
        return 0

    def lock(self, node_id: str) -> Path:
        """Return the lock file of a node."""
        return self.root / "locks" / f"{node_id}.lock"

    @property
    def times(self) -> Path:
        """The file with the computing times of steps."""
        return self.root / "times.json"

    def prepare(self) -> None:
        """Make the folder, and the file that states its format.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        if not (self.root / _NOTE).exists():
            self._write_format()

    def _write_format(self) -> None:
        write_whole(self.root / _NOTE, json.dumps({"format": _FORMAT}).encode())

    def _mend_format(self) -> None:
        """Write the format again if it is missing or damaged and the results are ours."""
        used = [used.id for used in self.results()]
        if not used:
            return  # a new folder
        ours, written = any(map(self.has, used)), False
        with suppress(OSError):
            if ours:
                self._write_format()
                written = True
        outcome = "its results are readable, and it was" if written else "it was not"
        text = f"{self.root / _NOTE}, the format of the store, is missing or damaged; {outcome}"
        # Each result states its own format, so that none can be misread.
        warnings.warn(FileWarning(f"{text} written again."), stacklevel=4)

    def results(self) -> Iterator[Used]:
        """Iterate over the stored results, with their size."""
        for record in self.root.glob(f"objects/*/*{_RECORD}"):
            # Another process may remove the file meanwhile. Files of other programs do not count.
            with suppress(OSError):
                if not _is_ours(record):
                    continue
                status = record.stat()
                arrays = record.with_suffix(_ARRAYS)
                size = arrays.stat().st_size if arrays.exists() else 0
                yield Used(record.stem, status.st_size + size, status.st_mtime)

    def leftovers(self, older_than: float) -> Iterator[Path]:
        """Iterate over files left by killed processes: drafts, and arrays without a record.

        Parameters
        ----------
        older_than
            Seconds since 1970. Younger files may be in use and are left out, except drafts of
            processes that have ended.
        """
        drafts = (*self.drafts(), *self.root.glob("locks/*.lock"))
        arrays = filter(_is_ours, self.root.glob(f"objects/*/*{_ARRAYS}"))
        for path in (*drafts, *arrays):
            with suppress(OSError):
                used = path.suffix == _ARRAYS and path.with_suffix(_RECORD).exists()
                if not used and (path.stat().st_mtime < older_than or is_abandoned(path)):
                    yield path

    def drafts(self) -> Iterator[Path]:
        """Iterate over files that processes are writing, or left when they were killed."""
        return chain(self.root.glob("objects/*/.*"), self.root.glob("locks/.*"))

    def remove_abandoned(self) -> tuple[int, int]:
        """Remove the drafts of processes that have ended; return their number and total bytes."""
        number = size = 0
        for path in list(self.drafts()):
            with suppress(OSError):
                if is_abandoned(path):
                    bytes_there = path.stat().st_size
                    path.unlink()
                    number, size = number + 1, size + bytes_there
        return number, size

    def trouble(self) -> str:
        """Return why this user cannot read or store results; empty if it is possible."""
        found = (self.root, *self.root.glob("objects"), *self.root.glob("objects/*"))
        # Unlike `Path.is_dir`, os.path.isdir raises no error without permission.
        folders = [folder for folder in found if os.path.isdir(folder)]  # noqa: PTH112
        closed = [folder for folder in folders if not _is_open(folder, os.R_OK | os.X_OK)]
        if closed:
            outcome = "to another user, or may not be read: results are computed anew"
            return f"{self._share(closed)} {outcome}"
        fixed = [folder for folder in folders if not _is_open(folder, os.W_OK | os.X_OK)]
        if fixed:
            outcome = "to another user, or may not be written: new results are not kept"
            return f"{self._share(fixed)} {outcome}"
        return ""

    def _share(self, folders: list[Path]) -> str:
        """Return the subject of a sentence about the part of the store in these folders."""
        if self.root in folders or self.root / "objects" in folders:
            return "It belongs"
        return f"{counted(len(folders), 'folder')} of it belong{'s' if len(folders) == 1 else ''}"

    def remove(self, node_id: str) -> bool:
        """Remove a result, its record first, since arrays without a record are never read.

        Returns
        -------
        removed
            False if one of its files still exists.
        """
        try:
            self.record(node_id).unlink(missing_ok=True)
            self.arrays(node_id).unlink(missing_ok=True)
        except OSError:
            return False
        return True


def _is_open(folder: Path, rights: int) -> bool:
    """Return True if this process has the given rights to a folder."""
    effective = os.access in os.supports_effective_ids
    return os.access(folder, rights, effective_ids=effective)


def _is_ours(path: Path) -> bool:
    """Return True if a file has the folder and the name of a result."""
    return _NODE.fullmatch(path.stem) is not None and path.stem.startswith(path.parent.name)


def _format_in(root: Path) -> int | None:
    """Return the format that a store states; None if it is missing or damaged."""
    found = read_mapping(root / _NOTE).get("format")
    valid = isinstance(found, int) and not isinstance(found, bool) and found >= 1
    return found if valid else None


def _newer(root: Path, found: int) -> StoreError:
    problem = f"The store {root} was written by a newer version (format {found})."
    advice = (
        "Update with 'pip install -U oda-widgets', or set ODA_WIDGETS_CACHE_FOLDER to another "
        "folder."
    )
    return StoreError(problem, advice)
