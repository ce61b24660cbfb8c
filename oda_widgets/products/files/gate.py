"""Read the bytes of foreign files within limits: all readers take them from here.

Readers parse files in memory. No address is ever opened, neither as a path nor from inside a file.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from oda_widgets.errors import BadParameter, DamagedFile, shorten
from oda_widgets.files import open_regular
from oda_widgets.gunzip import pieces_of
from oda_widgets.request.paths import PathLike, file_path

# Bytes, unpacked. A mosaic of the whole sky in pixels of ISGRI has 100 MB.
LARGEST_FILE = 256 << 20
_LARGEST_RATIO = 200  # of unpacked to packed size
_SMALL = 64 << 20  # unpacked bytes below which the ratio does not matter: they may be all zeros
_FETCH_AGAIN = "Fetch or make the file again."
# Beginnings of files that libraries would unpack themselves, without any limit.
_PACKED = re.compile(
    rb"(?P<gzip>\x1f\x8b)|(?P<bzip2>BZh[1-9](1AY&SY|\x17rE8P\x90))|(?P<xz>\xfd7zXZ\0)"
    rb"|(?P<zip>PK[\x03\x05]|PK\x06\x06)|(?P<compress>\x1f[\x9d\xa0])|(?P<zstd>\x28\xb5\x2f\xfd)"
)


def read_content(path: PathLike, largest: int = LARGEST_FILE) -> bytes:
    """Return the bytes of a file, unpacked if it is compressed with gzip.

    Parameters
    ----------
    path
        Path of the file.
    largest
        Largest size in bytes, on disk and unpacked; unpacking stops there.

    Raises
    ------
    BadParameter
        If there is no such file.
    DamagedFile
        If it cannot be read or unpacked, is too large, or is compressed twice or in another way.
    """
    target = file_path("path", path)
    if target.exists() and not target.is_file():
        limit = "a folder" if target.is_dir() else "a device or a pipe"
        raise BadParameter("path", str(path), limit, "Give the name of a file.")
    if not target.is_file():
        advice = f"Look in {target.parent} for its name."
        raise BadParameter("path", str(path), "no such file", advice)
    try:
        with open_regular(target) as file:
            content = _joined(_checked_ratio(pieces_of(file), file), largest)
        _check_plain(content)
    except DamagedFile as error:
        raise DamagedFile(f"{path}: {error.problem}", error.advice) from None
    except (OSError, EOFError, MemoryError, zlib.error) as error:
        reason = "it ends too early" if isinstance(error, EOFError) else shorten(str(error))
        raise DamagedFile(f"{path} cannot be read ({reason}).", _FETCH_AGAIN) from error
    return content


def most_unpacked(packed: int) -> int:
    """Return the largest allowed number of unpacked bytes for a number of packed ones."""
    return max(_SMALL, _LARGEST_RATIO * packed)


def check_size(content: bytes, largest: int, what: str) -> None:
    """Check that the content of a file does not exceed the limit for its kind."""
    if len(content) > largest:
        raise DamagedFile(f"It has more than {largest:,} bytes.", f"Give {what} of less.")


def _check_plain(content: bytes) -> None:
    """Check that content is not compressed: compressed bytes have not been checked."""
    packed = _PACKED.match(content)
    if packed is not None:
        problem = f"It is packed (with {packed.lastgroup}), and not once with gzip."
        raise DamagedFile(problem, "Unpack it, or pack it once with gzip.")


def _joined(pieces: Iterator[bytes], largest: int) -> bytes:
    content = BytesIO()  # getvalue makes no copy
    for piece in pieces:
        if content.tell() + len(piece) > largest:
            problem = f"It has more than {largest >> 20} MB, unpacked."
            raise DamagedFile(problem, "Give the part of it that is needed in a file of its own.")
        content.write(piece)
    return content.getvalue()


def _checked_ratio(pieces: Iterator[bytes], file: BinaryIO) -> Iterator[bytes]:
    """Yield unpacked pieces until their size exceeds the allowed ratio."""
    unpacked = 0
    for piece in pieces:
        yield piece
        unpacked += len(piece)
        if unpacked > most_unpacked(file.tell()):
            problem = f"It unpacks to more than {_LARGEST_RATIO} times its size."
            raise DamagedFile(problem, _FETCH_AGAIN)
