"""Convert HDUs to the bytes of a FITS file, and bytes to HDUs."""

from __future__ import annotations

import gzip
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.errors import (
    FOREIGN_TROUBLE,
    BadParameter,
    DamagedFile,
    DataError,
    FileWarning,
    OdaError,
    shorten,
    text_of,
)
from oda_widgets.products.files.cards import CREATOR
from oda_widgets.products.files.fits_limits import sound_part
from oda_widgets.products.files.gate import read_content
from oda_widgets.products.files.possible_keywords import check_keywords
from oda_widgets.request.paths import PathLike

_FETCH_AGAIN = "Fetch or make the file again."
_RENEW_CHECKSUM = (
    "If you edited it on purpose, renew its checksum (fchecksum, or checksum=True in astropy); "
    "if not, make it again."
)
_FORMAT = re.compile(r"TDISP\d+", re.IGNORECASE)
_OBJECTS = "BEGIN-ASTROPY-SERIALIZED-COLUMNS"
# In place of the time, so that files of equal products differ in DATE only.
_CHECKSUM_WHEN = "when it was written"


def encode(hdus: Sequence[Any], *, compress: bool) -> bytes:
    """Return the content of a FITS file with checksums.

    Parameters
    ----------
    hdus
        The primary HDU and its extensions.
    compress
        True to compress with gzip, without time and name in its header, so that equal contents give
        equal files.
    """
    file = fits.HDUList(list(hdus))
    file.update_extend()
    # Lets a reader notice a truncated file, even if it was cut between HDUs.
    file[0].header["NEXTEND"] = (len(file) - 1, "number of extensions")
    for hdu in file:
        hdu.add_checksum(when=_CHECKSUM_WHEN)
    buffer = BytesIO()
    file.writeto(buffer, output_verify="exception")
    content = buffer.getvalue()
    return gzip.compress(content, compresslevel=6, mtime=0) if compress else content


def decode(path: PathLike | fits.HDUList) -> fits.HDUList:
    """Return the HDUs of a FITS file, read completely into memory.

    HDUs from a server are checked and returned, so that readers of files accept them too.

    Raises
    ------
    BadParameter
        If there is no such file.
    DamagedFile
        If it is not FITS, is truncated, or is ours and its checksums disagree.
    """
    if isinstance(path, fits.HDUList):
        with damage_reported(path):
            for hdu in path:
                _remove_instructions(hdu.header)
                check_keywords(hdu.header)
        return path
    content = read_content(path)
    with damage_reported(path):
        sound = content[: sound_part(content)]
        hdus, complaints = _opened(sound, checksum=False)
        if is_ours(hdus):
            hdus, complaints = _opened(sound, checksum=True)
    _report_complaints(complaints, hdus, path, more=len(content) > len(sound))
    with damage_reported(path):
        for hdu in hdus:
            check_keywords(hdu.header)
    return hdus


def is_fits(content: bytes) -> bool:
    """Return whether bytes begin like a FITS file."""
    return content.startswith(b"SIMPLE  =")


@contextmanager
def damage_reported(path: PathLike | fits.HDUList) -> Iterator[None]:
    """Convert all errors about a bad file, ours and those of libraries, to `DamagedFile`."""
    label = label_of(path)
    try:
        with trouble_reported(path):
            yield
    except BadParameter as error:
        raise DamagedFile(_with_label(label, error.problem), error.advice) from error
    except DataError as error:
        raise type(error)(_with_label(label, error.problem), error.advice) from error


@contextmanager
def trouble_reported(path: PathLike | fits.HDUList) -> Iterator[None]:
    """Convert errors of astropy and numpy about a bad file; let our own errors pass."""
    try:
        with np.errstate(all="ignore"):
            yield
    except OdaError:
        raise
    except (*FOREIGN_TROUBLE, fits.VerifyError) as error:
        problem = f"{label_of(path)} cannot be read ({shorten(str(error))})."
        advice = f"{_FETCH_AGAIN} If other programs read it, report it with the file."
        raise DamagedFile(problem, advice) from error


def _with_label(path: str, problem: str) -> str:
    return problem if problem.startswith(path) else f"{path}: {problem}"


def label_of(path: PathLike | fits.HDUList) -> str:
    """Return the name of a file, or of HDUs from a server, for a message."""
    return "The reply of the server" if isinstance(path, fits.HDUList) else text_of(path)


def tables(hdus: fits.HDUList) -> list[fits.BinTableHDU]:
    """Return the tables of a file; text tables (XTENSION = TABLE) are converted to binary ones."""
    return [
        hdu if isinstance(hdu, fits.BinTableHDU) else _as_binary(hdu)
        for hdu in hdus
        if isinstance(hdu, fits.BinTableHDU | fits.TableHDU)
    ]


def _as_binary(table: fits.TableHDU) -> fits.BinTableHDU:
    """Return a text table as a binary table."""
    columns = []
    for column in table.columns:
        values = np.asarray(table.data[column.name])
        width = max(values.dtype.itemsize // 4, 1) if values.dtype.kind == "U" else 1
        form = {"i": "K", "f": "D"}.get(values.dtype.kind, f"{width}A")
        columns.append(fits.Column(column.name, form, column.unit, array=values))
    header = table.header.copy(strip=True)
    return fits.BinTableHDU.from_columns(columns, header=header, name=table.name)


def _opened(content: bytes, *, checksum: bool) -> tuple[fits.HDUList, list[str]]:
    """Return the HDUs of a file, and the warnings of astropy.

    Parameters
    ----------
    content
        Bytes of the file.
    checksum
        True to verify checksums. Not for foreign files, since astropy drops HDUs whose checksum is
        blank or out of date.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # uint=False: astropy cannot scale unsigned integers further.
        hdus = fits.open(
            BytesIO(content), memmap=False, lazy_load_hdus=False, checksum=checksum, uint=False
        )
        for hdu in hdus:
            _remove_instructions(hdu.header)
            hdu.verify("silentfix+ignore")
    return hdus, [str(warning.message) for warning in caught]


def _remove_instructions(header: fits.Header) -> None:
    """Remove keywords that make astropy act: display formats, and descriptions of objects.

    Showing a number with a billion digits takes gigabytes. From comments that describe the columns
    of a table astropy makes objects, whose units it computes.
    """
    for keyword in [keyword for keyword in header if _FORMAT.fullmatch(keyword)]:
        header.remove(keyword, ignore_missing=True, remove_all=True)
    if any(_OBJECTS in str(comment) for comment in header.get("COMMENT", ())):
        header.remove("COMMENT", ignore_missing=True, remove_all=True)


def _report_complaints(
    complaints: list[str], hdus: fits.HDUList, path: PathLike, *, more: bool
) -> None:
    """Refuse a damaged file of this package; warn of bytes after the last HDU."""
    if more and not is_ours(hdus):
        text = f"{path}: what follows its HDU {len(hdus)} is not FITS and was left out."
        warnings.warn(text, FileWarning, stacklevel=3)
    if is_ours(hdus):
        if hdus[0].header.get("NEXTEND", len(hdus) - 1) != len(hdus) - 1:
            raise DamagedFile(f"{path} is truncated or damaged: parts are missing.", _FETCH_AGAIN)
        if any("verification failed" in complaint for complaint in complaints):
            problem = f"{path} was changed after it was written: its checksum disagrees."
            raise DamagedFile(problem, _RENEW_CHECKSUM)


def is_ours(hdus: fits.HDUList) -> bool:
    """Return whether we wrote a file; other tools leave outdated checksums when they edit files."""
    return str(hdus[0].header.get("CREATOR", "")).startswith(CREATOR)
