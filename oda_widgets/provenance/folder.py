"""The folder of the store: which files belong to a node, and which are there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from oda_widgets.errors import StoreError
from oda_widgets.files import write_whole

_FORMAT = 1
_RECORD, _ARRAYS = ".json", ".npz"
_NODE = re.compile(r"[0-9a-f]{64}")
YOUR_OWN = "Set ODA_WIDGETS_CACHE_FOLDER to a folder of your own."


@dataclass(frozen=True)
class Used:
    """The size of a result in the store.

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
        _check_format(root)

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
        """Return True if a result is there; what may not be looked at is not."""
        with suppress(OSError):
            return self.record(node_id).exists()
        return False

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
        for record in self.root.glob(f"objects/*/*{_RECORD}"):
            # Another process may remove it while we look; files of others are not ours to count.
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
            Seconds since 1970; younger ones may be in use.
        """
        drafts = (*self.root.glob("objects/*/.*"), *self.root.glob("locks/*.lock"))
        arrays = filter(_is_ours, self.root.glob(f"objects/*/*{_ARRAYS}"))
        for path in (*drafts, *arrays):
            with suppress(OSError):
                used = path.suffix == _ARRAYS and path.with_suffix(_RECORD).exists()
                if not used and path.stat().st_mtime < older_than:
                    yield path

    def remove(self, node_id: str) -> None:
        """Remove a result, the record first: without it the arrays are nothing."""
        with suppress(OSError):
            self.record(node_id).unlink(missing_ok=True)
            self.arrays(node_id).unlink(missing_ok=True)

    def _place(self, node_id: str) -> Path:
        return self.root / "objects" / node_id[:2] / node_id


def _is_ours(path: Path) -> bool:
    """Return True if a file has the place and the name of a result."""
    return _NODE.fullmatch(path.stem) is not None and path.stem.startswith(path.parent.name)


def _check_format(root: Path) -> None:
    try:
        found = int(json.loads((root / "format.json").read_text(encoding="utf-8"))["format"])
    except (OSError, ValueError, TypeError, KeyError):
        return  # new, or damaged: each result states its own format
    if found > _FORMAT:
        problem = f"The store {root} was written by a newer version (format {found})."
        advice = (
            "Update with 'pip install -U oda-widgets', or set ODA_WIDGETS_CACHE_FOLDER to another "
            "folder."
        )
        raise StoreError(problem, advice)
