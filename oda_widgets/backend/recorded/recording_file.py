"""The file of a recording: a zip archive with one member per query, named by key and hash."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from threading import Lock
from typing import Any

from oda_widgets.errors import BadParameter, DamagedFile, OdaError, printable
from oda_widgets.files import drafts
from oda_widgets.products.files.gate import LARGEST_FILE, most_unpacked
from oda_widgets.protocol.reply import read_document
from oda_widgets.request.paths import file_path

_FORMAT = "oda_widgets recording 2"
_HEAD = "recording.json"
_LONGEST_NAME = 200
_MEMBER = re.compile(r"answers/(?P<key>[0-9a-f]{64})\.(?P<hash>[0-9a-f]{64})\.answer")
_NAMED = re.compile(r"file ['\"]answers/[^'\"]*['\"]?")
_MOST_MEMBERS = 10_000
_LARGEST_LIST = 400 * _MOST_MEMBERS  # bytes of the list of members
_AGAIN = "Record it again, or fetch the file again."


class RecordingFile:
    """A recording on disk.

    Parameters
    ----------
    path
        Path that ends in ``.zip``.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = file_path("path", path)
        self._lock = Lock()
        if self.path.suffix.lower() != ".zip":
            raise BadParameter("path", str(path), "not the name of a recording", "End it in .zip.")

    def begin(self, name: str) -> None:
        """Write an empty recording, unless the file is already one.

        Parameters
        ----------
        name
            Name of the backend.

        Raises
        ------
        BadParameter
            If the file cannot be written.
        DamagedFile
            If the file is not a recording.
        """
        if self.path.exists():
            self.name()
            return
        head = json.dumps({"format": _FORMAT, "name": name})
        try:
            with zipfile.ZipFile(self.path, "x") as archive:
                archive.writestr(_HEAD, head)
        except OSError as error:
            limit = f"cannot be written ({error.strerror or error})"
            raise BadParameter("path", str(self.path), limit, "Choose another folder.") from None

    def name(self) -> str:
        """Return the name of the backend that was recorded."""
        with self._opened() as archive:
            return printable(str(_head(archive)["name"]))[:_LONGEST_NAME]

    def known(self) -> set[str]:
        """Return the keys of all members."""
        with self._opened() as archive:
            _head(archive)
            return set(_members(archive))

    def add(self, key: str, content: bytes) -> None:
        """Add a document; the file stays readable at any time.

        Raises
        ------
        BadParameter
            If it cannot be written.
        """
        with self._lock:
            self._add(key, content)

    def _add(self, key: str, content: bytes) -> None:
        if key in self.known():
            return
        digest = hashlib.sha256(content).hexdigest()
        try:
            with drafts(self.path) as (draft,):
                shutil.copyfile(self.path, draft)
                with zipfile.ZipFile(draft, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                    archive.writestr(f"answers/{key}.{digest}.answer", content)
        except OSError as error:
            limit = f"cannot be written ({error.strerror or error})"
            raise BadParameter("path", str(self.path), limit, "Make room for it.") from None

    def read(self, key: str) -> Any:
        """Return a document, checked by its hash; None if the key is unknown.

        Raises
        ------
        DamagedFile
            If it differs from the recorded one.
        """
        with self._opened() as archive:
            _head(archive)
            found = _members(archive).get(key)
            if found is None:
                return None
            member, digest = found
            if member.file_size > min(LARGEST_FILE, most_unpacked(member.compress_size)):
                raise DamagedFile(f"{self.path} holds an answer that is too large.", _AGAIN)
            with archive.open(member) as opened:
                content = opened.read(LARGEST_FILE + 1)
            if hashlib.sha256(content).hexdigest() != digest:
                raise DamagedFile(f"A product in {self.path} was changed.", _AGAIN)
            return read_document(content)

    @contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        if not self.path.is_file():
            advice = f"Look in {self.path.parent} for its name."
            raise BadParameter("path", str(self.path), "no such file", advice)
        try:
            with _LimitedFile(self.path) as file, zipfile.ZipFile(file) as archive:
                file.opened = True
                _check_packing(archive)
                yield archive
        except OdaError:
            raise
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, TypeError) as error:
            problem = f"{self.path} cannot be read ({_reason(error)})."
            raise DamagedFile(problem, _AGAIN) from error
        except (NotImplementedError, RuntimeError, zlib.error) as error:
            problem = f"{self.path} is not a recording ({_reason(error)})."
            raise DamagedFile(problem, _AGAIN) from error


def _reason(error: Exception) -> str:
    """Return the text of an error, without the long names of members."""
    return printable(_NAMED.sub("an answer", str(error)))[:_LONGEST_NAME]


class _LimitedFile(FileIO):
    """A file that limits the list of members, which zipfile reads first and as a whole."""

    opened = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` bytes, or all that are left."""
        wanted = -1 if size is None else size
        if self.opened:
            return super().read(wanted) or b""
        found = super().read(min(wanted, _LARGEST_LIST + 1) if wanted >= 0 else _LARGEST_LIST + 1)
        if found is not None and len(found) > _LARGEST_LIST:
            raise _too_much(self.name)
        return found or b""


def _too_much(path: object) -> DamagedFile:
    return DamagedFile(f"{path} holds more than a recording does.", _AGAIN)


def _check_packing(archive: zipfile.ZipFile) -> None:
    """Refuse members neither stored nor deflated: other methods may need any amount of memory."""
    for member in archive.infolist():
        if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            problem = f"{archive.filename} is not a recording ({member.filename!r:.80} is not"
            raise DamagedFile(f"{problem} packed by deflate).", _AGAIN)


def _head(archive: zipfile.ZipFile) -> dict[str, Any]:
    if len(archive.infolist()) > _MOST_MEMBERS or archive.getinfo(_HEAD).file_size > 1 << 16:
        raise _too_much(archive.filename)
    head = json.loads(archive.read(_HEAD))
    if head["format"] != _FORMAT:
        problem = f"It is of another format, {str(head['format'])[:60]!r}."
        raise DamagedFile(problem, "Update oda_widgets, or record it again.")
    return dict(head)


def _members(archive: zipfile.ZipFile) -> dict[str, tuple[zipfile.ZipInfo, str]]:
    found = {}
    for member in archive.infolist():
        name = _MEMBER.fullmatch(member.filename)
        if name is not None:
            found[name["key"]] = member, name["hash"]
    return found
