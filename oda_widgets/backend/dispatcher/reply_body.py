"""Read the body of a response, unpacking it piece by piece up to a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import httpx

from oda_widgets.gunzip import unpacked

PACKED_AS = "gzip"
"""Packing that is accepted; httpx would also unpack others, without limit."""

_PLAIN = frozenset({"", "identity"})


class TooLong(Exception):
    """A body that is longer than its limit."""


def read_body(response: httpx.Response, largest: int) -> bytes:
    """Return the body of a response.

    Parameters
    ----------
    response
        A response with unread body.
    largest
        Largest unpacked size, bytes.

    Raises
    ------
    TooLong
        If it is larger.
    httpx.HTTPError
        If it does not arrive or cannot be unpacked.
    """
    content = bytearray()
    try:
        for piece in _pieces(response):
            content += piece
            if len(content) > largest:
                raise TooLong
    except (zlib.error, EOFError) as error:
        if response.num_bytes_downloaded:  # a body may be absent
            problem = f"its {PACKED_AS} is damaged"
            raise httpx.DecodingError(problem, request=response.request) from error
    return bytes(content)


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    packed = response.headers.get("content-encoding", "").strip().lower()
    if packed in _PLAIN:
        return response.iter_raw()
    if packed == PACKED_AS:
        return unpacked(response.iter_raw())
    problem = f"its body is packed as {packed[:40]!r}, not as {PACKED_AS}"
    raise httpx.DecodingError(problem, request=response.request)
