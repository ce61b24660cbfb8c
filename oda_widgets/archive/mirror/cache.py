"""The files of a mirror on this disk: an archive in the same layout, with a record per window.

A record describes a fetched file. It stays when the file is removed to make room, so that stored
results of a window are found without fetching it again.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from oda_widgets.files import write_whole
from oda_widgets.forking import renew_in_children
from oda_widgets.request.science_windows import ScienceWindow

FOLDER = "mirrors"
_OURS = ".oda-widgets"  # beside scw/: no archive has such a folder
_HEADROOM = 0.9  # fraction of the limit that stays in use when room is made, so that this is rare
_CHECK = 2  # version of the rules for unusable files; verdicts of others are ignored
_ABANDONED = 7 * 86400.0  # seconds after which a partial file is no longer resumed


@dataclass(frozen=True)
class Record:
    """Record of a fetched science window.

    Parameters
    ----------
    window
        Its entry in an index, from its own file.
    file
        Name of its event file.
    bytes
        Size of the file.
    content
        SHA-256 of the file, in hex.
    problem
        Why it cannot be used; empty if it can.
    """

    window: ScienceWindow
    file: str
    bytes: int
    content: str
    problem: str = ""


@dataclass(frozen=True)
class MirrorCache:
    """The files of a mirror on this disk.

    Parameters
    ----------
    root
        The folder that holds ``scw``.
    limit
        Largest size of its event files in bytes; None for no limit.
    list_root
        The cache whose list of windows is used; by default this one.
    """

    root: Path
    limit: int | None = None
    list_root: Path | None = None

    @property
    def lists(self) -> Path:
        """The folder of the list of windows."""
        return (self.list_root or self.root) / _OURS

    def lock(self, name: str) -> Path:
        """Return the lock file of a window or another file."""
        return self.root / _OURS / "locks" / f"{name}.lock"

    def folder(self, identifier: str) -> Path:
        """Return the folder of a science window."""
        return self.root / f"scw/{identifier[:4]}/{identifier}"

    def path(self, record: Record) -> Path:
        """Return where the event file of a record is, or was."""
        identifier = record.window.id
        return self.root / f"scw/{identifier[:4]}/{identifier}/{record.file}"

    def has_file(self, record: Record) -> bool:
        """Return True if the event file of a record exists and has its size."""
        with suppress(OSError):
            return self.path(record).stat().st_size == record.bytes
        return False

    def used(self, records: Iterable[Record]) -> None:
        """Mark event files as used, so that other files are removed before them.

        Called at the beginning of a query. While it runs, files are removed in the order of
        arrival, so that those already computed go first.
        """
        for record in records:
            with suppress(OSError):
                os.utime(self.path(record))

    def save(self, record: Record) -> None:
        """Write a record.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        text = json.dumps({**asdict(record), "check": _CHECK}, indent=1)
        path = self._record(record.window.id)
        path.parent.mkdir(parents=True, exist_ok=True)  # it may be the user's folder
        write_whole(path, text.encode())

    def is_missing(self, path: str) -> bool:
        """Return True if the server is known to have no file at a path below its base."""
        return self._mark("missing", path.replace("/", "-")).is_file()

    def remember_missing(self, path: str) -> None:
        """Remember that the server lacks a file, so that it is not asked for again."""
        self._write_mark(self._mark("missing", path.replace("/", "-")), path)

    def is_complete(self, identifier: str, members: str) -> bool:
        """Return True if all members of a window were requested."""
        with suppress(OSError, ValueError):
            return self._mark("complete", identifier).read_text("utf-8") == members
        return False

    def remember_complete(self, identifier: str, members: str) -> None:
        """Remember that all members of a window were requested."""
        self._write_mark(self._mark("complete", identifier), members)

    def _mark(self, kind: str, name: str) -> Path:
        return self.root / _OURS / kind / name

    @staticmethod
    def _write_mark(path: Path, text: str) -> None:
        # Without a mark the server is asked again.
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text.encode())

    def records(self, identifiers: Iterable[str]) -> dict[str, Record]:
        """Return the records of windows by their identifiers without version.

        Of several versions the highest is used; versions below the requested one are ignored.
        """
        wanted: dict[str, dict[str, str]] = {}
        for identifier in identifiers:
            wanted.setdefault(identifier[:4], {})[identifier[:12]] = identifier
        found: dict[str, Record] = {}
        for revolution, stems in wanted.items():
            for name in sorted(_names(self._record(revolution + "0" * 8).parent)):
                stem = name[:12]
                if stem in stems and name.removesuffix(".json") >= stems[stem]:
                    record = _read(self._record(name.removesuffix(".json")))
                    if record is not None:
                        found[stem] = record
        return found

    def make_room(self, limit: int, keep: Path | None = None) -> int:
        """Remove the least recently used event files; return the size of the others, bytes.

        Parameters
        ----------
        limit
            Largest size of the files that stay, bytes.
        keep
            A file that stays.
        """
        files = sorted(self._files(), key=lambda file: file[1].st_mtime)
        left = sum(status.st_size for _, status in files)
        for path, status in files:
            if left <= limit:
                break
            if path == keep:
                continue
            with suppress(OSError):
                path.unlink()
                left -= status.st_size
        return left

    def size(self) -> tuple[int, int]:
        """Return the number of event files and their size in bytes."""
        sizes = [status.st_size for _, status in self._files()]
        return len(sizes), sum(sizes)

    def _record(self, identifier: str) -> Path:
        return self.root / f"{_OURS}/windows/{identifier[:4]}/{identifier}.json"

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Iterate over the event files; abandoned partial files are removed on the way."""
        for path in self.root.glob("scw/*/*/*"):
            with suppress(OSError):
                status = path.stat()
                if path.name.startswith("isgri_events.fits"):
                    yield path, status
                elif path.suffix == ".part" and time.time() - status.st_mtime > _ABANDONED:
                    path.unlink()


class Room:
    """Keeps a cache below its limit; measures it only when the limit may be reached.

    Parameters
    ----------
    cache
        The cache.
    """

    def __init__(self, cache: MirrorCache) -> None:
        self._cache = cache
        self._size: int | None = None
        self._renew()
        renew_in_children(self._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()

    def added(self, path: Path, count: int) -> None:
        """Count the bytes of a new file; if the cache is full, remove older files, not this one."""
        limit = self._cache.limit
        if limit is None:
            return
        with self._lock:
            self._size = self._cache.size()[1] if self._size is None else self._size + count
            if self._size > limit:
                self._size = self._cache.make_room(int(_HEADROOM * limit), keep=path)

    def free(self, count: int) -> None:
        """Remove files of at least some bytes, because the disk is full."""
        if self._cache.limit is not None:
            with self._lock:
                self._size = self._cache.make_room(max(0, self._cache.size()[1] - count))


def caches_in(cache_folder: Path) -> Iterator[MirrorCache]:
    """Iterate over the caches of all mirrors.

    Raises
    ------
    OSError
        If their folder exists but may not be listed.
    """
    folder = cache_folder / FOLDER
    # Unlike `Path.glob`, this does not take an unreadable folder for an empty one.
    for root in sorted(folder.iterdir()) if folder.exists() else ():
        if root.is_dir():
            yield MirrorCache(root)


def cache_root(cache_folder: Path, base: str) -> Path:
    """Return the folder of the files of a mirror."""
    host = "".join(c if c.isalnum() or c in ".-" else "_" for c in base.split("/")[2])
    digest = hashlib.sha256(base.encode()).hexdigest()[:8]
    return cache_folder / FOLDER / f"{host}-{digest}"


def _names(folder: Path) -> list[str]:
    with suppress(OSError):
        return [path.name for path in folder.iterdir() if path.suffix == ".json"]
    return []


def _read(path: Path) -> Record | None:
    """Return the record in a file; None if it is missing or damaged."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        window = ScienceWindow(**document["window"])
        name, size, content = document["file"], document["bytes"], document["content"]
        problem = str(document["problem"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    whole = isinstance(size, int) and isinstance(content, str) and len(content) == 64
    expected = name in {"isgri_events.fits", "isgri_events.fits.gz"}
    if not (whole and expected and window.id == path.stem):
        return None
    if problem and document.get("check") != _CHECK:
        return None
    return Record(window, name, size, content, problem)
