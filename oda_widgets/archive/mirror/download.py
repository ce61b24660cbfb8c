"""Fetch one file: resume partial downloads, and check it before it gets its name."""

from __future__ import annotations

import errno
import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from oda_widgets.archive.mirror.patience import Patience
from oda_widgets.archive.mirror.transport import Passing, Stopped, Transport
from oda_widgets.errors import DamagedFile, ServiceError, StoreError
from oda_widgets.files import remedy

if TYPE_CHECKING:
    import httpx

_BAD_TRIES = 4
_STEP = 1 << 18  # bytes that a try must add to count as progress
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BEGINNINGS = (b"\x1f\x8b", b"SIMPLE  =")  # gzip and FITS
_PART = ".part"

Checked = TypeVar("Checked")


@dataclass
class Watch:
    """Callbacks of a transfer, for progress and cancellation.

    Parameters
    ----------
    on_length
        Called with the length of a file as soon as it is known, bytes.
    on_bytes
        Called with the number of bytes that have arrived; negative if they must be fetched again.
    stopped
        Returns True when the transfer is no longer needed.
    make_room
        Called once when the disk is full, with the bytes that are needed.
    """

    on_length: Callable[[int], None] = lambda _: None
    on_bytes: Callable[[int], None] = lambda _: None
    stopped: Callable[[], bool] = lambda: False
    make_room: Callable[[int], None] = lambda _: None


@dataclass
class Download(Generic[Checked]):
    """The download of one file.

    Parameters
    ----------
    transport
        Connection to the server.
    path
        Path on the server, below the base.
    target
        Path of the complete file; its folder is made.
    check
        Checks the file and returns the result of `run`. Raises `DamagedFile` if it is incomplete.
    watch
        Callbacks for progress and cancellation.
    """

    transport: Transport
    path: str
    target: Path
    check: Callable[[Path], Checked]
    watch: Watch = field(default_factory=Watch)
    _counted: int = 0
    _length: int = 0
    _reached: int = 0
    _made_room: bool = False
    _bad_tries: int = 0

    def run(self) -> Checked:
        """Fetch the file and return the result of its check.

        Raises
        ------
        Absent
            If the server has no such file.
        ServiceError
            If the server does not send all of it.
        StoreError
            If it cannot be written.
        """
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            return self.transport.patiently(self._try, self._has_progressed)
        except OSError as error:
            self._remove_parts()
            raise unwritable(self.target.parent, error) from None

    def _try(self) -> Checked:
        self._check_wanted()
        try:
            part = self._transfer()
        except OSError as error:
            if error.errno in _FULL and not self._made_room:
                self._made_room = True
                self._remove_parts()
                self.watch.make_room(2 * self._length)
                raise Passing("the disk was full") from None
            raise
        try:
            checked = self.check(part)
        except DamagedFile as damage:
            self._remove_parts()
            problem = damage.problem.replace(str(part), self.path).rstrip(".")
            raise self._bad(f"what the server sends is damaged: {problem}") from None
        part.replace(self.target)
        return checked

    def _transfer(self) -> Path:
        """Return the part file with all bytes in it."""
        old = self._part_on_disk()
        offset = 0 if old is None else old.stat().st_size
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with self.transport.opened("GET", self.path, headers) as response:
            part = self._part(response)
            if response.status_code == 206 and _continues(response, offset) and part == old:
                self._write(response, part, offset)
                return part
            self._remove_parts()
            if response.status_code != 200:
                raise Passing(f"{self.path} has changed on the server")
            self._write(response, part, 0)
        return part

    def _write(self, response: httpx.Response, part: Path, offset: int) -> None:
        """Append the response to the part file, from an offset on."""
        self._count_to(offset)
        length = int(response.headers.get("content-length") or 0)
        self._length = offset + length
        self.watch.on_length(self._length)
        speed = _Speed(self.transport.patience)
        arrived = 0
        pieces = response.iter_raw()
        first = next(pieces, b"")
        if not offset and first and not first.startswith(_BEGINNINGS):
            self._remove_parts()
            raise self._not_a_file(response)
        with part.open("ab" if offset else "wb") as file:
            for piece in chain([first], pieces):
                file.write(piece)
                arrived += len(piece)
                self._count_to(offset + arrived)
                self._check_wanted()
                speed.check(len(piece))
        if not offset + arrived:
            self._remove_parts()
            raise self._bad(f"{self.path} is empty")
        if length and arrived != length:
            raise Passing(f"{self.path} ended after {arrived} of {length} bytes")

    def _not_a_file(self, response: httpx.Response) -> Exception:
        """Return the error for a page sent in place of a file."""
        kind = response.headers.get("content-type", "no type")[:60]
        return self._bad(
            f"{response.url.path} is no FITS file but something else ({kind}), as from a proxy or"
            " a page of errors"
        )

    def _bad(self, problem: str) -> Exception:
        """Return the error for bad content, which is retried less often than silence."""
        self._bad_tries += 1
        if self._bad_tries < _BAD_TRIES:
            return Passing(problem)
        return ServiceError(f"{self.transport.base}: {problem}.", "Try again later.")

    def _count_to(self, count: int) -> None:
        self.watch.on_bytes(count - self._counted)
        self._counted = count

    def _check_wanted(self) -> None:
        if self.watch.stopped():
            raise Stopped

    def _has_progressed(self) -> bool:
        part = self._part_on_disk()
        size = 0 if part is None else part.stat().st_size
        progressed = size >= self._reached + _STEP
        self._reached = max(size, self._reached)
        return progressed

    def _part(self, response: httpx.Response) -> Path:
        """Return the name of the part file, different for each version on the server."""
        headers = response.headers
        total = headers.get("content-range", "").rpartition("/")[2]
        stamp = [headers.get("etag", ""), headers.get("last-modified", "")]
        version = "|".join([*stamp, total or headers.get("content-length", "")])
        digest = hashlib.sha256(version.encode()).hexdigest()[:12]
        known = digest if any(stamp) else f"{digest}-unknown"
        return self.target.with_name(f".{self.target.name}.{known}{_PART}")

    def _part_on_disk(self) -> Path | None:
        """Return the part file of an earlier try, if the server can confirm its version."""
        parts = self._parts()
        return parts[0] if len(parts) == 1 and "-unknown" not in parts[0].name else None

    def _parts(self) -> list[Path]:
        return list(self.target.parent.glob(f".{self.target.name}.*{_PART}"))

    def _remove_parts(self) -> None:
        for part in self._parts():
            with suppress(OSError):
                part.unlink(missing_ok=True)
        self._count_to(0)


def unwritable(folder: Path, error: OSError) -> StoreError:
    """Return the error for a folder that cannot be written."""
    problem = f"Fetched files cannot be written in {folder} ({error.strerror or error})."
    elsewhere = "or choose another folder (ODA_WIDGETS_CACHE_FOLDER for the cache)."
    return StoreError(problem, f"{remedy(error)}, {elsewhere}")


class _Speed:
    """Gives up slow transfers."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._since = time.monotonic()
        self._bytes = 0

    def check(self, count: int) -> None:
        """Count received bytes; raise `Passing` if they are too few for the time."""
        self._bytes += count
        seconds = time.monotonic() - self._since
        if seconds < self._patience.over:
            return
        if self._bytes < self._patience.slowest * seconds:
            raise Passing(f"it sends only {self._bytes / seconds:.0f} bytes per second")
        self._since, self._bytes = time.monotonic(), 0


def _continues(response: httpx.Response, offset: int) -> bool:
    content_range: str = response.headers.get("content-range", "")
    return content_range.startswith(f"bytes {offset}-")
