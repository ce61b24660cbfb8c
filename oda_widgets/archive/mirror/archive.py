"""An archive on a web server in the layout of the ISDC, whose files are fetched when needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from oda_widgets.archive import isdc
from oda_widgets.archive.calibration import CalibrationFiles
from oda_widgets.archive.layout import FILE_NAMES, missing_window
from oda_widgets.archive.mirror.address import HEASARC, MIRRORS
from oda_widgets.archive.mirror.cache import MirrorCache, Record, Room
from oda_widgets.archive.mirror.check import checked_events, content_of
from oda_widgets.archive.mirror.download import Download, Watch, unwritable
from oda_widgets.archive.mirror.heasarc_table import heasarc_columns
from oda_widgets.archive.mirror.listing import Listings
from oda_widgets.archive.mirror.members import WindowMembers, has_members
from oda_widgets.archive.mirror.optional import OptionalFiles
from oda_widgets.archive.mirror.transport import Absent, Passing, Stopped, Transport
from oda_widgets.archive.mirror.window_list import (
    INDEX_PATHS,
    Columns,
    load_list,
    read_index,
    save_list,
    windows_of,
)
from oda_widgets.archive.mirror.windows_on_server import WindowsOnServer
from oda_widgets.archive.window_folder import calibration_of, events_of_file
from oda_widgets.errors import ArchiveError, DamagedFile, ServiceError
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.lock import only_one
from oda_widgets.request.science_windows import ScienceWindow, SkippedWindow, parse_identifier

_FRESH = 86400.0  # seconds for which a list of windows counts as up to date
_ATTEMPTS = 3  # attempts for a file that the server lists but does not send
WINDOW_LIST = "windows.npz"
_MARK = "windows.mark"


class MirrorArchive:
    """An archive on a web server.

    Files are fetched into a cache and checked before use. Files in the cache are used without the
    server.

    Parameters
    ----------
    transport
        The connection to the server.
    cache
        Folder of fetched files.
    known_as
        Name of the mirror, if it has one (see `address.MIRRORS`).
    """

    def __init__(self, transport: Transport, cache: MirrorCache, known_as: str = "") -> None:
        self.transport = transport
        self.cache = cache
        self._known_as = known_as
        self._listings = Listings(transport)
        self._on_server = WindowsOnServer(self._listings)
        files = OptionalFiles(cache, self._listings, self._fetch_file)
        self._members = WindowMembers(files)
        self._room = Room(cache)
        self._absent: dict[str, str] = {}

    def __reduce__(self) -> tuple[type[MirrorArchive], tuple[Transport, MirrorCache, str]]:
        """Travel to worker processes without lists and connection."""
        return MirrorArchive, (self.transport, self.cache, self._known_as)

    @property
    def name(self) -> str:
        """Name for use in a sentence."""
        if self._known_as:
            return f"archive of {self._known_as.upper()}"
        return f"archive {self.transport.base}"

    @property
    def address(self) -> str:
        """Argument of ``connect(archive=...)`` that opens this archive."""
        return self._known_as or self.transport.base

    def science_windows(self) -> tuple[ScienceWindow, ...]:
        """Return all pointings that the mirror lists, in order of time.

        Raises
        ------
        ServiceError
            If the list is not in the cache and the server does not send it.
        """
        return self._windows

    def unusable_windows(self) -> tuple[SkippedWindow, ...]:
        """Return no windows: unusable ones become known only when fetched."""
        return ()

    def listed(self, identifier: str) -> ScienceWindow | None:
        """Return a window of the list, by its identifier with or without version."""
        row = self._rows.get(identifier[:12])
        return None if row is None else windows_of(self._columns, slice(row, row + 1))[0]

    def content(self, identifier: str) -> str:
        """Return the digest of the event file of a window that was fetched.

        Raises
        ------
        ArchiveError
            If it was not.
        """
        return self._record(identifier).content

    def version(self, identifier: str) -> str:
        """Return the version of the code that gives events: that of a folder."""
        del identifier
        return code_version(isdc.__name__)

    def calibration(self, window: ScienceWindow) -> CalibrationFiles:
        """Return the calibration files of a window, as far as they were fetched."""
        return calibration_of(self.cache.root, self.cache.folder(window.id), window)

    def events(self, identifier: str) -> WindowEvents:
        """Return the usable events of a window; its file is fetched if it is not in the cache.

        Raises
        ------
        ArchiveError
            If the window was never fetched, or its file was removed from the cache and cannot be
            fetched again, or has changed on the server.
        DamagedFile
            If its file has no usable event.
        """
        record = self._record(identifier)
        try:
            return self._read(record)
        except ArchiveError:
            # The file may have been removed meanwhile to make room for another window.
            if self.cache.has_file(record):
                raise
        except DamagedFile:
            path = self.cache.path(record)
            if content_of(path) == record.content:
                raise
            path.unlink(missing_ok=True)
        return self._read(record)

    def _read(self, record: Record) -> WindowEvents:
        """Read the event file of a record; it is fetched if it was removed."""
        if not self.cache.has_file(record):
            self._fetch_again(record)
        return events_of_file(self.cache.path(record), record.window.id)

    def into(self, folder: Path) -> MirrorArchive:
        """Return the same mirror with another folder, in which files stay."""
        cache = MirrorCache(folder, limit=None, list_root=self.cache.root)
        return MirrorArchive(self.transport, cache, self._known_as)

    def fetch(self, identifier: str, watch: Watch | None = None) -> Record:
        """Fetch the event file of a window into the cache, and return its record.

        Parameters
        ----------
        identifier
            With version; a newer one replaces it.
        watch
            Callbacks for progress and cancellation.

        Raises
        ------
        ArchiveError
            If the server has no such window, or it has no events.
        ServiceError
            If the server does not send the file.
        StoreError
            If it cannot be written.
        """
        watch = watch or Watch()

        def waiting() -> None:
            if watch.stopped():
                raise Stopped

        if identifier[:12] in self._absent:
            raise ArchiveError(self._absent[identifier[:12]], "Leave it out.")
        with only_one(self.cache.lock(identifier[:12]), waiting):
            record = self.cache.records([identifier]).get(identifier[:12])
            if record is None or not (record.problem or self.cache.has_file(record)):
                record = self._fetch_newest(identifier, watch)
        return record

    def fetch_all(self, identifier: str, watch: Watch | None = None) -> Record:
        """Fetch all usable files of a window into the cache, and return its record.

        Parameters and errors are those of `fetch`.
        """
        watch = watch or Watch()
        record = self.fetch(identifier, watch)
        if not record.problem:
            self._members.fetch(record.window, watch.stopped)
        return record

    def is_complete(self, record: Record) -> bool:
        """Return True if all files of a window were fetched, except perhaps its events."""
        return bool(record.problem) or has_members(self.cache, record.window.id)

    def _record(self, identifier: str) -> Record:
        record = self.cache.records([parse_identifier(identifier)]).get(identifier[:12])
        if record is None:
            problem = f"Science window {identifier} was not fetched from {self.transport.base}."
            raise ArchiveError(problem, "Submit the query again.")
        return record

    def _fetch_again(self, record: Record) -> None:
        """Fetch a removed file again; its content must be the same."""
        try:
            content = self.fetch(record.window.id).content
        except ServiceError as error:
            # An error of one window: the query continues without it.
            raise ArchiveError(error.problem, error.advice) from error
        if content != record.content:
            problem = f"The file of science window {record.window.id} has changed on the server."
            raise ArchiveError(problem, "Submit the query again.")

    def _fetch_newest(self, identifier: str, watch: Watch) -> Record:
        """Fetch the newest version of a window and write its record."""
        newest = self._on_server.newest(identifier)
        if newest is None:
            raise self._not_there(identifier, "is not on the server: it may not be public")
        listed = self.listed(newest)
        if listed is None:
            raise missing_window(newest, self._rows, f"The {self.name}")
        listed = replace(listed, id=newest)
        for _ in range(_ATTEMPTS):
            for name in reversed(FILE_NAMES):
                with suppress(Absent):
                    return self._transfer(listed, name, watch)
            if self._on_server.has_events(newest) is False:
                break
        raise self._not_there(identifier, "has no ISGRI events")

    def _transfer(self, listed: ScienceWindow, name: str, watch: Watch) -> Record:
        folder = self.cache.folder(listed.id)
        path = f"scw/{listed.id[:4]}/{listed.id}/{name}"

        check = partial(checked_events, name=name, listed=listed)
        watch = replace(watch, make_room=self._room.free)
        record = Download(self.transport, path, folder / name, check, watch).run()
        try:
            self.cache.save(record)
            if record.problem:
                (folder / name).unlink(missing_ok=True)
            self._room.added(folder / name, record.bytes)
        except OSError as error:
            raise unwritable(self.cache.root, error) from None
        return record

    def _not_there(self, identifier: str, why: str) -> ArchiveError:
        self._absent[identifier[:12]] = f"Science window {identifier} {why}."
        return ArchiveError(self._absent[identifier[:12]], "Leave it out.")

    def _fetch_file(
        self, path: str, check: Callable[[Path], None], stopped: Callable[[], bool]
    ) -> None:
        """Fetch a file other than an event file, unless it is in the cache."""
        target = self.cache.root / path
        with only_one(self.cache.lock(path.replace("/", "-")), lambda: None):
            if not target.is_file():
                Download(self.transport, path, target, check, Watch(stopped=stopped)).run()

    @cached_property
    def _rows(self) -> dict[str, int]:
        """The row of each window in the list, by its identifier without version."""
        names = self._columns["id"].tolist()
        return {name[:12].decode(): row for row, name in enumerate(names)}

    @cached_property
    def _windows(self) -> tuple[ScienceWindow, ...]:
        return windows_of(self._columns)

    @cached_property
    def _columns(self) -> Columns:
        """The list of windows."""
        with only_one(self.cache.lock("list"), lambda: None):
            return self._current_list()

    def _current_list(self) -> Columns:
        """Return the list of windows, from the cache if it is fresh or the server is offline."""
        path = self.cache.lists / WINDOW_LIST
        known = load_list(path)
        if known is not None and (_is_fresh(path) or self._unchanged(path)):
            return known
        try:
            columns, mark = self._fetch_list()
        except ServiceError:
            if known is None:
                raise
            return known
        try:
            save_list(path, columns)
            (self.cache.lists / _MARK).write_text(mark, encoding="utf-8")
        except OSError as error:
            raise unwritable(self.cache.lists, error) from None
        return columns

    def _unchanged(self, path: Path) -> bool:
        """Return True if the index on the server still matches a list, or cannot be read."""
        try:
            name, _, mark = (self.cache.lists / _MARK).read_text("utf-8").partition("\n")
        except (OSError, ValueError):
            return False
        if name not in INDEX_PATHS:
            return False
        try:
            unchanged = self._mark(name) == mark
        except (Passing, ServiceError):
            return True  # without a network the list is used unchanged
        if unchanged:
            with suppress(OSError):
                path.touch()
        return unchanged

    def _mark(self, path: str) -> str:
        """Return the version of a file as the server states it; empty if it does not."""
        try:
            with self.transport.opened("HEAD", path) as response:
                headers = response.headers
                stamp = headers.get("etag", "") + headers.get("last-modified", "")
                return f"{stamp} {headers.get('content-length', '')}" if stamp else ""
        except Absent:
            return ""

    def _fetch_list(self) -> tuple[Columns, str]:
        """Fetch the index of the mirror; return its windows and the mark of its version."""
        for path in INDEX_PATHS:
            target = self.cache.lists / Path(path).name
            with suppress(Absent):
                columns = Download(self.transport, path, target, read_index).run()
                target.unlink(missing_ok=True)
                mark = ""
                with suppress(Passing, ServiceError):
                    mark = self._mark(path)
                return columns, f"{path}\n{mark}" if mark else ""
        if self.transport.base == MIRRORS[HEASARC]:
            return heasarc_columns(), ""
        raise self._no_list()

    def _no_list(self) -> ServiceError:
        """Return the error for a server without an index of windows."""
        names = self._listings.names("")
        if names is not None and "scw" not in names:
            problem = f"{self.transport.base} is not an archive: it has no scw/."
            return ServiceError(problem, "Give the address of the folder that holds scw/RRRR/.")
        problem = f"{self.transport.base} has no index of science windows ({INDEX_PATHS[0]})."
        return ServiceError(problem, "Give the address of the folder that holds scw/ and idx/.")


def _is_fresh(path: Path) -> bool:
    """Return whether a list is recent; one from the future was written with a wrong clock."""
    return 0 <= time.time() - path.stat().st_mtime < _FRESH
