"""Fetch OSA's calibration tables into the cache of a mirror, in their layout."""

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
        """Fetch the tables valid at a time; return the kinds that exist.

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
            self._fetch_indexes(stopped)
            self._prepared = True
        return frozenset(kind for kind in TABLES if self._fetch_table(kind, time, stopped))

    def _fetch_table(self, kind: str, time: float, stopped: Callable[[], bool]) -> bool:
        try:
            path = listed_table(kind, self._root, time)
        except ContentError:
            return False
        return self._have(self._path_on_server(path), stopped)

    def _fetch_indexes(self, stopped: Callable[[], bool]) -> None:
        """Fetch the master and the index of each kind; find tables without an index by name."""
        if not self._have(MASTER, stopped, packed=False) and not self._has_folder():
            return
        beside = [(self._root / MASTER).with_name(f"{kind}-IDX.fits") for kind in TABLES]
        listed: list[Path] = []
        if (self._root / MASTER).is_file():
            with suppress(ContentError):
                listed = [p for p in listed_indexes(self._root) if _kind(p) in TABLES]
        there = set()
        for path in dict.fromkeys([*listed, *beside]):
            if self._have(self._path_on_server(path), stopped):
                there.add(_kind(path))
        self._fetch_by_name(set(TABLES) - there, stopped)

    def _has_folder(self) -> bool:
        """Return True if there are tables without a master; make their folder in the cache."""
        folder = self._root / _FOLDER
        if not folder.is_dir() and self._files.listings.names(f"{_FOLDER}/"):
            folder.mkdir(parents=True, exist_ok=True)
        return folder.is_dir()

    def _fetch_by_name(self, kinds: Collection[str], stopped: Callable[[], bool]) -> None:
        """Fetch all tables of kinds without an index: their headers tell when they are valid."""
        for path in self._listed_files() if kinds else ():
            if any(is_table(kind, path.rpartition("/")[2]) for kind in kinds):
                self._have(path, stopped, packed=False)

    def _listed_files(self, folder: str = _FOLDER, depth: int = _DEPTH) -> Iterator[str]:
        """Iterate over the files below a folder, as listed by the server."""
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

    def _path_on_server(self, path: Path) -> str:
        """Return the path on the server of a path in the cache; empty outside the cache."""
        with suppress(ValueError):
            return path.resolve().relative_to(self._root.resolve()).as_posix().removesuffix(".gz")
        return ""


def _kind(index: Path) -> str:
    return index.name.partition("-IDX")[0]
