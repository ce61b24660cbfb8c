"""Read whole FITS files without events: calibration tables, housekeeping and indexes.

They may come from mirrors and are not trusted: their unpacked size and the numbers in their headers
are checked before astropy reads them. Products have another gate
(`oda_widgets.products.files.gate`), on which no version of a step may depend.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from oda_widgets.archive.byte_stream import ByteStream
from oda_widgets.archive.damage import ContentError, NamedContentError
from oda_widgets.archive.fits_stream import Header, headers, skip_data
from oda_widgets.errors import FOREIGN_TROUBLE
from oda_widgets.files import check_regular, open_regular
from oda_widgets.gunzip import MAGIC, pieces_of

_LARGEST = 256 << 20  # bytes, unpacked; twice the index of the whole mission
_MOST_COLUMNS = 999  # allowed by the standard


def units_of(path: Path) -> Any:
    """Return the units of a FITS file, packed or not, read completely into memory.

    Raises
    ------
    ContentError
        If it cannot be read, or is larger than such files are.
    """
    from astropy.io import fits  # noqa: PLC0415 - heavy import

    with contents_checked(path):
        content = _content(path)
        stream = ByteStream(BytesIO(content))
        for header in headers(stream):
            _check_table(header)
            skip_data(stream, header)
        # For a truncated file astropy only warns.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return fits.open(BytesIO(content), memmap=False, lazy_load_hdus=False, uint=False)


def first_table(path: Path) -> Any:
    """Return the rows of the first table of a FITS file.

    Raises
    ------
    ContentError
        If it cannot be read, or has no table.
    """
    tables = [unit for unit in units_of(path) if not unit.is_image]
    if not tables:
        raise ContentError(f"the index {path.name} has no table")
    with contents_checked(path):
        return tables[0].data


@contextmanager
def contents_checked(path: Path) -> Iterator[None]:
    """Turn errors of astropy, numpy and our readers into a `NamedContentError`."""
    from astropy.io.fits import VerifyError  # noqa: PLC0415 - heavy import

    try:
        yield
    except NamedContentError:
        raise
    except ContentError as error:
        raise NamedContentError(f"{path.name} {error}") from None
    except (*FOREIGN_TROUBLE, VerifyError, Warning) as error:
        why = "it ends too early" if isinstance(error, EOFError) else error
        raise NamedContentError(f"{path.name} cannot be read ({why})") from None


def _content(path: Path) -> bytes:
    """Return the content of a file, unpacked, because astropy does not unpack data in memory."""
    check_regular(path)
    content = bytearray()
    with open_regular(path) as file:
        for piece in pieces_of(file):
            content += piece
            if len(content) > _LARGEST:
                raise ContentError(f"has more than {_LARGEST >> 20} MB")
    if content.startswith(MAGIC):  # a stream would unpack it again without a limit
        raise ContentError("is packed twice")
    return bytes(content)


def _check_table(header: Header) -> None:
    """Check the numbers in the header of a table that the size of its data does not limit."""
    if header.get("XTENSION") != "BINTABLE":
        return
    if header.get("PCOUNT", 0) != 0:
        raise ContentError("has cells of variable length, which are not read here")
    if not 0 <= header.get("TFIELDS", 0) <= _MOST_COLUMNS:
        raise ContentError(f"announces more than {_MOST_COLUMNS} columns")
    if header.get("NAXIS2", 0) and not header.get("NAXIS1", 0):
        raise ContentError("announces rows without bytes")
