"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path
from secrets import token_hex


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name beside its place, read it back, then rename it.

    Parameters
    ----------
    path
        Its place; missing folders are made.
    content
        What it will hold.

    Raises
    ------
    OSError
        If it cannot be written, or is not what was written; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        _write_and_verify(temporary, content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write_and_verify(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
    if path.read_bytes() != content:
        raise OSError(errno.EIO, "what was read back differs from what was written")
