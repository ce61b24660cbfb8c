"""Add keywords of the primary header to the header of a table."""

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
    """Return the header of a table with keywords on times that only the primary header states.

    Parameters
    ----------
    hdus
        HDUs of the file.
    header
        Header of one of its tables.
    mjdref
        MJD from which times count, in place of that in the file.
    """
    merged, primary = header.copy(), hdus[0].header
    if not is_ours(hdus):
        without_reference = not _states(header, _REFERENCE)
        groups = [*_ALWAYS]
        if without_reference and _states(primary, _REFERENCE):
            groups += [_REFERENCE, *_WITH_REFERENCE]
        for group in groups:
            _add_missing(merged, primary, group)
    if mjdref is not None:
        for keyword in _REFERENCE:
            merged.remove(keyword, ignore_missing=True, remove_all=True)
        merged["MJDREF"] = mjdref
    return merged


def with_reference(header: fits.Header, other: fits.Header) -> fits.Header:
    """Return a header with the reference time of another one, unless it states one itself."""
    merged = header.copy()
    if not _states(header, _REFERENCE):
        for group in (_REFERENCE, ("TELESCOP",), ("TIMESYS",), ("TIMEUNIT",)):
            _add_missing(merged, other, group)
    return merged


def _add_missing(header: fits.Header, other: fits.Header, keywords: tuple[str, ...]) -> None:
    """Add keywords from another header, unless the header states one of them."""
    if _states(header, keywords):
        return
    for keyword in keywords:
        if keyword in other and not is_empty(other, other[keyword]):
            header[keyword] = other[keyword]


def _states(header: fits.Header, keywords: tuple[str, ...]) -> bool:
    return any(keyword in header and not is_empty(header, header[keyword]) for keyword in keywords)
