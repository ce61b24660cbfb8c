"""OSA's calibration tables, fetched into the cache of a mirror in their layout."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

from oda_widgets.archive.calibration_index import (
    MASTER,
    is_table,
    listed_indexes,
    listed_table,
)
from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.members import TABLES
from oda_widgets.archive.mirror.optional import OptionalFiles

_UP = ".."
_FOLDER = "ic"
_DEPTH = 3  # ic/ibis/mod


class CalibrationTables:
    """The calibration tables of a mirror, fetched when a science window needs them.

    Parameters
    ----------
    files
        The files of the mirror.
    """

    def __init__(self, files: OptionalFiles) -> None:
        self._files = files
        self._root = files.cache.root
        self._prepared = False

    def prepare(self, time: float, stopped: Callable[[], bool]) -> frozenset[str]:
        """Fetch the tables that are valid at a time; return the kinds that are there.

        Parameters
        ----------
        time
            IJD, days.
        stopped
            Returns True when the tables are no longer needed.

        Raises
        ------
        ServiceError
            If the server fails.
        StoreError
            If they cannot be written.
        """
        if not self._prepared:
            self._indexes(stopped)
            self._prepared = True
        return frozenset(kind for kind in TABLES if self._table(kind, time, stopped))

    def _table(self, kind: str, time: float, stopped: Callable[[], bool]) -> bool:
        try:
            path = listed_table(kind, self._root, time)
        except ContentError:
            return False
        return self._have(self._below(path), stopped)

    def _indexes(self, stopped: Callable[[], bool]) -> None:
        """Fetch the master and the index of each kind; tables without index by their names."""
        if not self._have(MASTER, stopped, packed=False) and not self._has_folder():
            return
        beside = [(self._root / MASTER).with_name(f"{kind}-IDX.fits") for kind in TABLES]
        listed: list[Path] = []
        if (self._root / MASTER).is_file():
            with suppress(ContentError):
                listed = [p for p in listed_indexes(self._root) if _kind(p) in TABLES]
        there = set()
        for path in dict.fromkeys([*listed, *beside]):
            if self._have(self._below(path), stopped):
                there.add(_kind(path))
        self._by_name(set(TABLES) - there, stopped)

    def _has_folder(self) -> bool:
        """Return True if tables are there without a master; their folder is made here too."""
        folder = self._root / _FOLDER
        if not folder.is_dir() and self._files.listings.names(f"{_FOLDER}/"):
            folder.mkdir(parents=True, exist_ok=True)
        return folder.is_dir()

    def _by_name(self, kinds: Collection[str], stopped: Callable[[], bool]) -> None:
        """Fetch all tables of kinds without index: their headers say when they are valid."""
        for path in self._listed_files() if kinds else ():
            if any(is_table(kind, path.rpartition("/")[2]) for kind in kinds):
                self._have(path, stopped, packed=False)

    def _listed_files(self, folder: str = _FOLDER, depth: int = _DEPTH) -> Iterator[str]:
        """Iterate over the files below a folder as the server lists them."""
        for name in sorted(self._files.listings.names(f"{folder}/") or ()):
            path = f"{folder}/{name}"
            if "." in name:
                yield path
            elif depth > 1:
                yield from self._listed_files(path, depth - 1)

    def _have(self, path: str, stopped: Callable[[], bool], *, packed: bool = True) -> bool:
        if not path or _UP in path.split("/"):
            return False
        return self._files.have(path, stopped, packed=packed)

    def _below(self, path: Path) -> str:
        """Return a path in the cache as it is on the server."""
        with suppress(ValueError):
            return path.resolve().relative_to(self._root.resolve()).as_posix().removesuffix(".gz")
        return ""


def _kind(index: Path) -> str:
    return index.name.partition("-IDX")[0]
