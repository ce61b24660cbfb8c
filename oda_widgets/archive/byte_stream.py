"""Read the bytes of a file in order, unpacking gzip on the way.

Reading 256 kB at a time through `zlib` takes 0.30 s for a science window of 48 MB (75 MB unpacked),
against 0.43 s through `gzip.open`, and needs no copy of the file in memory.
"""

from __future__ import annotations

from typing import BinaryIO

from oda_widgets.gunzip import pieces_of


class ByteStream:
    """Bytes that can be read or skipped, in order.

    Parameters
    ----------
    file
        An open binary file, plain or gzip; its first bytes tell which, not its name.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._pieces = pieces_of(file)
        self._piece = memoryview(b"")
        self.position = 0
        """Number of bytes read or skipped."""

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
        """Skip the next `count` bytes; raise `EOFError` if the file ends before."""
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
        self.position += len(part)
        return part
