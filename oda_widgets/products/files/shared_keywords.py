"""Keywords of a table that its file states once, in the primary header."""

from __future__ import annotations

from astropy.io import fits

from oda_widgets.products.files.cards import is_empty
from oda_widgets.products.files.container import is_ours

_REFERENCE = ("MJDREF", "MJDREFI", "MJDREFF", "JDREF", "JDREFI", "JDREFF", "DATEREF")
_WITH_REFERENCE = (("TIMEZERO", "TIMEZERI", "TIMEZERF"), ("TIMEPIXR",), ("TIMEDEL",))
_ALWAYS = (
    ("TELESCOP",),
    ("INSTRUME",),
    ("TIMESYS",),
    ("TIMEUNIT",),
    ("EXPOSURE", "LIVETIME"),
    ("ONTIME",),
)


def with_shared(
    hdus: fits.HDUList, header: fits.Header, mjdref: float | None = None
) -> fits.Header:
    """Return the header of a table with what only the primary header of its file says of times.

    Parameters
    ----------
    hdus
        The file.
    header
        Of one of its tables.
    mjdref
        MJD that times count from, instead of what the file says.
    """
    merged, primary = header.copy(), hdus[0].header
    if not is_ours(hdus):
        without_reference = not _states(header, _REFERENCE)
        groups = [*_ALWAYS]
        if without_reference and _states(primary, _REFERENCE):
            groups += [_REFERENCE, *_WITH_REFERENCE]
        for group in groups:
            _take(merged, primary, group)
    if mjdref is not None:
        for keyword in _REFERENCE:
            merged.remove(keyword, ignore_missing=True, remove_all=True)
        merged["MJDREF"] = mjdref
    return merged


def with_reference(header: fits.Header, other: fits.Header) -> fits.Header:
    """Return a header with the reference time of another, if it states none itself."""
    merged = header.copy()
    if not _states(header, _REFERENCE):
        for group in (_REFERENCE, ("TELESCOP",), ("TIMESYS",), ("TIMEUNIT",)):
            _take(merged, other, group)
    return merged


def _take(header: fits.Header, other: fits.Header, keywords: tuple[str, ...]) -> None:
    """Add keywords of another header, unless one of them is there."""
    if _states(header, keywords):
        return
    for keyword in keywords:
        if keyword in other and not is_empty(other, other[keyword]):
            header[keyword] = other[keyword]


def _states(header: fits.Header, keywords: tuple[str, ...]) -> bool:
    return any(keyword in header and not is_empty(header, header[keyword]) for keyword in keywords)
