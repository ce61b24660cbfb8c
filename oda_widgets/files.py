"""Write files that appear whole or not at all.

Content is written under a temporary name in the same folder, and renamed when it is complete. An
error, a full disk or a crash leaves the earlier file.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import socket
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from oda_widgets.errors import BadParameter

_NON_BLOCKING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_OWNER_ALONE = 0o700
_CLOSED = ".closed"  # marks a folder that was closed to others
_LARGEST_MAPPING = 64 << 20  # bytes
_DRAFT = re.compile(r"\.(?P<host>[0-9a-f]{8})\.(?P<process>\d{1,9})\.[0-9a-f]{32}\.part")


@contextmanager
def drafts(*paths: Path, durable: bool = True) -> Iterator[tuple[Path, ...]]:
    """Yield temporary names beside files; drafts written there are renamed when the block ends.

    Parameters
    ----------
    paths
        The files, in the order of renaming: a file that refers to the others comes last.
    durable
        Wait until the disk has stored them, so that a power failure cannot leave an empty file. It
        takes some milliseconds a file, and is not needed for results that can be computed again.

    Raises
    ------
    OSError
        If one cannot be written. No temporary file is left, whatever happens.
    """
    names = tuple(path.with_name(draft_name()) for path in paths)
    try:
        yield names
        if durable:
            _flush_to_disk(names)
        for draft, path in zip(names, paths, strict=True):
            draft.replace(path)
    finally:
        for draft in names:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file and read it back before it gets its name.

    Parameters
    ----------
    path
        Missing folders are made, for this user alone.
    content
        Content of the file.
    durable
        See `drafts`.

    Raises
    ------
    OSError
        If it cannot be written, or differs when it is read back.
    """
    make_folder(path.parent)
    with drafts(path, durable=durable) as (draft,):
        _write_and_verify(draft, content)


def write_new(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file that does not exist yet; of several processes only one succeeds.

    Parameters
    ----------
    path
        In a folder that exists.
    content
        Content of the file.
    mode
        Permissions, which the user's umask restricts.

    Raises
    ------
    FileExistsError
        If the file exists.
    OSError
        If it cannot be written.
    """
    draft = path.with_name(draft_name())
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        _link(draft, path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _link(draft: Path, path: Path) -> None:
    """Give a draft its name if no file has that name."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:  # no hard links; if killed between the two calls, this leaves an empty file
        path.touch(exist_ok=False)
        try:
            draft.replace(path)
        except OSError:
            path.unlink(missing_ok=True)
            raise


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece, so that it need not fit into memory.

    Parameters
    ----------
    path
        Missing folders are made.
    pieces
        Pieces of the content, in order.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    make_folder(path.parent)
    with drafts(path) as (draft,), draft.open("xb") as file:
        file.writelines(pieces)


def write_files(contents: Mapping[Path, bytes], *, overwrite: bool) -> None:
    """Write files under names that a user gave; files that belong together appear together.

    Parameters
    ----------
    contents
        Content of each file; a file that refers to the others comes last.
    overwrite
        Replace files that exist.

    Raises
    ------
    BadParameter
        If a file exists, its folder does not, or the disk refuses.
    """
    for path in contents:
        check_target(path, overwrite=overwrite)
    try:
        with drafts(*contents) as names:
            for draft, content in zip(names, contents.values(), strict=True):
                _write_and_verify(draft, content)
    except OSError as error:
        limit = f"could not be written ({error.strerror or error})"
        advice = "Make room on the disk, or choose a folder you may write to."
        raise BadParameter("path", ", ".join(map(str, contents)), limit, advice) from error


def check_target(path: Path, *, overwrite: bool) -> None:
    """Check that a file can take a name.

    Parameters
    ----------
    path
        The name.
    overwrite
        Whether a file that exists may be replaced.

    Raises
    ------
    BadParameter
        If it is a folder, its folder does not exist, or it exists and may not be replaced.
    """
    if type(overwrite).__name__ not in {"bool", "bool_"}:
        advice = "Write overwrite=True."
        raise BadParameter("overwrite", overwrite, "neither True nor False", advice)
    if not path.parent.is_dir():
        limit = "its folder does not exist"
        raise BadParameter("path", str(path), limit, f"Create {path.parent} first.")
    if path.is_dir():
        raise BadParameter("path", str(path), "a folder, not a file", "Add the name of a file.")
    if path.exists() and not overwrite:
        advice = "Choose another name, or replace it with overwrite=True."
        raise BadParameter("path", str(path), "exists already", advice)


def check_writable(path: Path, parameter: str = "path") -> None:
    """Check that a file can be written, before its content is computed.

    Parameters
    ----------
    path
        The file; if its folder does not exist, the nearest existing folder above is tried.
    parameter
        Name of the parameter, for the message.

    Raises
    ------
    BadParameter
        If no file can be made there.
    """
    try:
        folder = next((each for each in path.parents if each.exists()), Path())
        with (folder / draft_name()).open("xb") as file:
            Path(file.name).unlink()
    except OSError as error:
        limit = f"no file can be written there ({error.strerror or error})"
        raise BadParameter(
            parameter, str(path), limit, "Choose a folder you may write to."
        ) from None


def remedy(error: OSError) -> str:
    """Return what makes a place writable after an error, as the beginning of a sentence.

    Examples
    --------
    >>> remedy(OSError(errno.ENOSPC, "No space left on device"))
    'Make room there'
    """
    full = error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", None), errno.EFBIG}
    return "Make room there" if full else "Give yourself the right to write there"


def is_of_another_user(path: Path) -> bool:
    """Return whether a file or folder belongs to another user than this process does."""
    with suppress(OSError):
        return os.name == "posix" and path.stat().st_uid != os.geteuid()
    return False


def is_abandoned(path: Path) -> bool:
    """Return True if a file is a draft left by an ended process of this machine."""
    name = _DRAFT.fullmatch(path.name)
    if name is None or os.name != "posix" or name["host"] != _host():
        return False
    try:
        os.kill(int(name["process"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False  # it runs and belongs to another user
    return False


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, each for this user alone.

    Raises
    ------
    OSError
        If one cannot be made.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=_OWNER_ALONE, exist_ok=True)


def close_to_others(folder: Path) -> None:
    """Close a folder of this user to others, once only: opened again, it stays open.

    Earlier versions made folders with the default permissions of the system.

    Raises
    ------
    OSError
        If it cannot be closed.
    """
    if os.name != "posix" or (folder / _CLOSED).exists():
        return
    make_folder(folder)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(_OWNER_ALONE)
        (folder / _CLOSED).touch(mode=0o600)


def is_open_to_others(folder: Path) -> bool:
    """Return whether other users may list, enter or write a folder."""
    return os.name == "posix" and bool(folder.stat().st_mode & 0o077)


def read_regular(path: Path) -> bytes:
    """Return the content of a plain file; refuse pipes and devices, which could block.

    Raises
    ------
    OSError
        If it cannot be read, or is not a plain file.
    """
    with open_regular(path) as file:
        return file.read()


def open_regular(path: Path) -> BufferedReader | BytesIO:
    """Open a plain file for reading; pipes and devices are refused without blocking.

    A file of size zero counts as empty: some in /proc block until the kernel has a message.

    Raises
    ------
    OSError
        If it cannot be opened, or is not a plain file.
    """
    # A pipe may replace the file after any check by name, so opening must not block.
    descriptor = os.open(path, os.O_RDONLY | _NON_BLOCKING)
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_size:
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISREG(found.st_mode):
        return BytesIO()
    raise OSError(errno.EINVAL, "it is not a plain file", str(path))


def check_regular(path: Path) -> None:
    """Raise an `OSError` if a pipe or a device stands in the place of a file."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "it is not a plain file", str(path))


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping in one of our JSON files; empty if it is missing, damaged or foreign."""
    try:
        with open_regular(path) as file:
            found = json.loads(file.read(_LARGEST_MAPPING))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def draft_name() -> str:
    """Return a new name that tells host and process, so that `is_abandoned` recognises it."""
    return f".{_host()}.{os.getpid()}.{uuid4().hex}.part"


def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _write_and_verify(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
    if path.read_bytes() != content:
        raise OSError(errno.EIO, "the content read back differs from that written")


def _flush_to_disk(paths: Iterable[Path]) -> None:
    for path in paths:
        with path.open("r+b") as file:
            os.fsync(file.fileno())
