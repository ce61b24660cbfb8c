"""The folder of the store: which files belong to a node, and which are there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from oda_widgets.errors import StoreError
from oda_widgets.files import write_whole

_FORMAT = 1
_RECORD, _ARRAYS = ".json", ".npz"


@dataclass(frozen=True)
class Used:
    """The room that a result takes.

    Parameters
    ----------
    id
        Of its node.
    bytes
        Of its files.
    last_used
        Seconds since 1970.
    """

    id: str
    bytes: int
    last_used: float


class Folder:
    """Where things are.

    Parameters
    ----------
    root
        The folder; made when something is first kept.

    Raises
    ------
    StoreError
        If a newer version of this package wrote it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        _check_format(root)

    def record(self, node_id: str) -> Path:
        """Return the file that says what a result is; a result is there when this file is."""
        return self._place(node_id).with_suffix(_RECORD)

    def arrays(self, node_id: str) -> Path:
        """Return the file with the arrays of a result."""
        return self._place(node_id).with_suffix(_ARRAYS)

    def lock(self, node_id: str) -> Path:
        """Return the lock file of a node."""
        return self.root / "locks" / f"{node_id}.lock"

    @property
    def times(self) -> Path:
        """The file with the times that steps took."""
        return self.root / "times.json"

    def prepare(self) -> None:
        """Make the folder and say which format it has.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        if not (self.root / "format.json").exists():
            write_whole(self.root / "format.json", json.dumps({"format": _FORMAT}).encode())

    def results(self) -> Iterator[Used]:
        """Iterate over the results that are there, with the room they take."""
        for record in self.root.glob(f"objects/*/[0-9a-f]*{_RECORD}"):
            # Another process may remove it while we look.
            with suppress(OSError):
                status = record.stat()
                arrays = record.with_suffix(_ARRAYS)
                size = arrays.stat().st_size if arrays.exists() else 0
                yield Used(record.stem, status.st_size + size, status.st_mtime)

    def leftovers(self, older_than: float) -> Iterator[Path]:
        """Iterate over files that a killed process left: drafts, and arrays without a record.

        Parameters
        ----------
        older_than
            Seconds since 1970; younger ones may be at work.
        """
        for path in (*self.root.glob("objects/*/*"), *self.root.glob("locks/*")):
            orphan = path.suffix == _ARRAYS and not path.with_suffix(_RECORD).exists()
            with suppress(OSError):
                if (orphan or path.suffix not in {_RECORD, _ARRAYS}) and (
                    path.stat().st_mtime < older_than
                ):
                    yield path

    def remove(self, node_id: str) -> None:
        """Remove a result, the record first: without it the arrays are nothing."""
        with suppress(OSError):
            self.record(node_id).unlink(missing_ok=True)
            self.arrays(node_id).unlink(missing_ok=True)

    def _place(self, node_id: str) -> Path:
        return self.root / "objects" / node_id[:2] / node_id


def _check_format(root: Path) -> None:
    try:
        found = int(json.loads((root / "format.json").read_text(encoding="utf-8"))["format"])
    except (OSError, ValueError, TypeError, KeyError):
        return  # new, or damaged: each result says itself what it is
    if found > _FORMAT:
        problem = f"The store {root} was written by a newer version (format {found})."
        advice = (
            "Update with 'pip install -U oda-widgets', or set ODA_WIDGETS_CACHE_FOLDER to another "
            "folder."
        )
        raise StoreError(problem, advice)
