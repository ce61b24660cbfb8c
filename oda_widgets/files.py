"""Files that appear whole or not at all.

What is written stands under a temporary name in the folder of the file until it is complete; only
then it takes its name. An error, a full disk or a crash leaves the file that was there before.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from oda_widgets.errors import BadParameter


@contextmanager
def drafts(*paths: Path, durable: bool = True) -> Iterator[tuple[Path, ...]]:
    """Give temporary names beside files, which take their names when the block ends.

    Parameters
    ----------
    paths
        The files, in the order in which they take their names: the one that names the others last.
    durable
        Wait until the disk has stored them, so that a power failure cannot leave an empty file.
        It takes some milliseconds a file; what can be computed again does without.

    Raises
    ------
    OSError
        If one cannot be written. No temporary file is left, whatever happens.
    """
    names = tuple(path.with_name(f".{uuid4().hex}.part") for path in paths)
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
    """Write a file and read it back before it takes its name.

    Parameters
    ----------
    path
        Its name; missing folders are made.
    content
        What it will hold.
    durable
        See `drafts`.

    Raises
    ------
    OSError
        If it cannot be written, or differs when it is read back.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with drafts(path, durable=durable) as (draft,):
        _write_and_verify(draft, content)


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece, so that it need not fit into memory.

    Parameters
    ----------
    path
        Its name; missing folders are made.
    pieces
        What it will hold, in order.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with drafts(path) as (draft,), draft.open("xb") as file:
        file.writelines(pieces)


def write_files(contents: Mapping[Path, bytes], *, overwrite: bool) -> None:
    """Write files under names that a user gave; files that belong together appear together.

    Parameters
    ----------
    contents
        What goes into each file; the file that names the others stands last.
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
    if not path.parent.is_dir():
        limit = "its folder does not exist"
        raise BadParameter("path", str(path), limit, f"Create {path.parent} first.")
    if path.is_dir():
        raise BadParameter("path", str(path), "a folder, not a file", "Add the name of a file.")
    if path.exists() and not overwrite:
        advice = "Choose another name, or replace it with overwrite=True."
        raise BadParameter("path", str(path), "exists already", advice)


def _write_and_verify(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
    if path.read_bytes() != content:
        raise OSError(errno.EIO, "what was read back differs from what was written")


def _flush_to_disk(paths: Iterable[Path]) -> None:
    for path in paths:
        with path.open("r+b") as file:
            os.fsync(file.fileno())
