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
        The folder; made when a result is first stored.

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
        """Return True if the note of the format may not be read: another user keeps it closed."""
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
            If the folder may not be read.
        """
        try:
            next(self.root.iterdir(), None)
        except FileNotFoundError:
            return
        except OSError as error:
            problem = f"The store {self.root} cannot be read ({error.strerror or error})."
            raise StoreError(problem, YOUR_OWN) from error

    def has(self, node_id: str) -> bool:
        """Return True if a result is stored, readable and looks whole.

        A record is checked by its checksum, arrays by the directory at their end: a bit that
        flipped inside them shows only when they are read.
        """
        # A plan of thousands of windows asks for a hundred thousand results, most of them missing.
        if not os.path.lexists(f"{self._objects}{node_id[:2]}/{node_id}{_RECORD}"):
            return False
        with suppress(OSError):
            entry = decode_entry(read_regular(self.record(node_id)), node_id)
            return entry is not None and (not entry.arrays or is_zipfile(self.arrays(node_id)))
        return False

    def listed(self) -> set[str]:
        """Return the ids of all results whose records are there, whole or not."""
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
        """Return the record of a result: the result exists when this file does."""
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
        """The file with the times that steps took."""
        return self.root / "times.json"

    def prepare(self) -> None:
        """Make the folder with the note of its format.

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
        """Write a missing or damaged note of the format again if results show that it is ours."""
        used = [used.id for used in self.results()]
        if not used:
            return  # it is new
        ours, written = any(map(self.has, used)), False
        with suppress(OSError):
            if ours:
                self._write_format()
                written = True
        outcome = "its results are readable, and it was" if written else "it was not"
        text = f"{self.root / _NOTE}, the format of the store, is missing or damaged; {outcome}"
        # Each result states its own format, so none is misread.
        warnings.warn(FileWarning(f"{text} written again."), stacklevel=4)

    def results(self) -> Iterator[Used]:
        """Iterate over the stored results, with their size."""
        for record in self.root.glob(f"objects/*/*{_RECORD}"):
            # Another process may remove it meanwhile; files of other programs are not counted.
            with suppress(OSError):
                if not _is_ours(record):
                    continue
                status = record.stat()
                arrays = record.with_suffix(_ARRAYS)
                size = arrays.stat().st_size if arrays.exists() else 0
                yield Used(record.stem, status.st_size + size, status.st_mtime)

    def leftovers(self, older_than: float) -> Iterator[Path]:
        """Iterate over files that a killed process left: drafts, and arrays without a record.

        Parameters
        ----------
        older_than
            Seconds since 1970; younger ones may be in use, unless they are drafts of processes
            that have ended.
        """
        drafts = (*self.drafts(), *self.root.glob("locks/*.lock"))
        arrays = filter(_is_ours, self.root.glob(f"objects/*/*{_ARRAYS}"))
        for path in (*drafts, *arrays):
            with suppress(OSError):
                used = path.suffix == _ARRAYS and path.with_suffix(_RECORD).exists()
                if not used and (path.stat().st_mtime < older_than or is_abandoned(path)):
                    yield path

    def drafts(self) -> Iterator[Path]:
        """Iterate over what processes are writing, or left when they were killed."""
        return chain(self.root.glob("objects/*/.*"), self.root.glob("locks/.*"))

    def remove_abandoned(self) -> tuple[int, int]:
        """Remove the drafts of processes that have ended; return how many these were, in bytes."""
        number = size = 0
        for path in list(self.drafts()):
            with suppress(OSError):
                if is_abandoned(path):
                    bytes_there = path.stat().st_size
                    path.unlink()
                    number, size = number + 1, size + bytes_there
        return number, size

    def trouble(self) -> str:
        """Return what keeps this user from reading or storing results; empty if nothing does."""
        found = (self.root, *self.root.glob("objects"), *self.root.glob("objects/*"))
        # Other than `Path.is_dir`, this is no error for what may not be looked at.
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
        """Return which part of the store some folders are, as the beginning of a sentence."""
        if self.root in folders or self.root / "objects" in folders:
            return "It belongs"
        return f"{counted(len(folders), 'folder')} of it belong{'s' if len(folders) == 1 else ''}"

    def remove(self, node_id: str) -> bool:
        """Remove a result, the record first: arrays without a record are never read.

        Returns
        -------
        removed
            False if a file of it is still there.
        """
        try:
            self.record(node_id).unlink(missing_ok=True)
            self.arrays(node_id).unlink(missing_ok=True)
        except OSError:
            return False
        return True


def _is_open(folder: Path, rights: int) -> bool:
    """Return True if this process has some rights at a folder."""
    effective = os.access in os.supports_effective_ids
    return os.access(folder, rights, effective_ids=effective)


def _is_ours(path: Path) -> bool:
    """Return True if a file has the place and the name of a result."""
    return _NODE.fullmatch(path.stem) is not None and path.stem.startswith(path.parent.name)


def _format_in(root: Path) -> int | None:
    """Return the format that the note in a store states; None if it is missing or damaged."""
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
