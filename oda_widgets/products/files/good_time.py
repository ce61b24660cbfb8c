"""Read good time (tables GTI) beside a light curve, as fractions of its bins."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

import numpy as np
from astropy.io import fits

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.files.cards import text_value
from oda_widgets.products.files.columns import has_column, needed_floats
from oda_widgets.products.files.container import tables
from oda_widgets.products.files.shared_keywords import with_reference
from oda_widgets.products.files.times import time_frame
from oda_widgets.products.files.units import column_unit

_NAME = re.compile(r"(STD)?GTI\d*$")
_WHOLE = 1 - 1e-6  # fractions above this are 1 but for rounding


def good_fractions(hdus: fits.HDUList, edges: Floats, header: fits.Header) -> Floats | None:
    """Return the fraction of each bin that lies in the good time of a file.

    Parameters
    ----------
    hdus
        HDUs of the file.
    edges
        Starts and stops of the bins, IJD days, shape (n_bins, 2).
    header
        Header of the light curve, whose reference time applies to tables that state none.

    Returns
    -------
    ndarray or None
        Fractions from 0 to 1, shape (n_bins,); None if the file states no usable good time.

    Warns
    -----
    FileWarning
        If the good time cannot be used; the message says why.
    """
    found = [table for table in tables(hdus) if _is_good_time(table)]
    if not found:
        return None
    try:
        return _fractions(found, edges, header)
    except DamagedFile as error:
        text = f"Its bins count as good throughout, for its good time cannot be used. {error}"
        warnings.warn(text, FileWarning, stacklevel=5)
        return None


def _fractions(found: Sequence[fits.BinTableHDU], edges: Floats, header: fits.Header) -> Floats:
    if len(found) > 1:
        return _fractions_of_several(found, edges, header)
    return _fractions_of_table(found[0], edges, header)


def _fractions_of_several(
    found: Sequence[fits.BinTableHDU], edges: Floats, header: fits.Header
) -> Floats:
    """Return 0 for bins outside of all tables, and 1 for others; warn of that."""
    names = ", ".join(table.name for table in found)
    fractions = np.sum([_fractions_of_table(table, edges, header) for table in found], axis=0)
    text = (
        f"It has several tables of good time, {names}: bins outside all of them have none, and the "
        "others count as good throughout. Leave one."
    )
    warnings.warn(text, FileWarning, stacklevel=6)
    return np.asarray(np.where(np.isfinite(fractions), np.sign(fractions), np.nan))


def _fractions_of_table(table: fits.BinTableHDU, edges: Floats, header: fits.Header) -> Floats:
    spans = _spans(table, header)
    fractions = _good_fractions(spans, edges) if len(spans) else np.zeros(len(edges))
    if len(fractions) and not np.nansum(fractions):
        raise DamagedFile("It lies outside all bins.", "Correct the times of one of the tables.")
    return fractions


def _is_good_time(table: fits.BinTableHDU) -> bool:
    stated = (text_value(table.header, "HDUCLAS1") or "").upper() == "GTI"
    named = bool(_NAME.match(table.name)) or stated
    return named and has_column(table, "START") and has_column(table, "STOP")


def _spans(table: fits.BinTableHDU, header: fits.Header) -> Floats:
    """Return starts and stops of merged intervals, IJD days in order, shape (n_intervals, 2)."""
    start, stop = (needed_floats(table, name) for name in ("START", "STOP"))
    frame = time_frame(with_reference(table.header, header), start, column_unit(table, "START"))
    days = [
        frame.ijd(values, column_unit(table, name))
        for name, values in (("START", start), ("STOP", stop))
    ]
    known = np.isfinite(days[0]) & np.isfinite(days[1]) & (days[0] < days[1])
    order = np.argsort(days[0][known], kind="stable")
    starts, stops = (values[known][order] for values in days)
    latest = np.maximum.accumulate(stops)
    first = np.concatenate([[True], starts[1:] > latest[:-1]])[: len(starts)]
    last = np.concatenate([first[1:], [True]])[: len(starts)]
    return np.stack([starts[first], latest[last]], axis=1)


def _good_fractions(spans: Floats, edges: Floats) -> Floats:
    """Return the fraction of each bin that lies in intervals, which must not overlap."""
    before = np.concatenate([[0.0], np.cumsum(spans[:, 1] - spans[:, 0])])
    good = np.repeat(before, 2)[1:-1]  # days of good time before each edge of a span
    inside = np.diff(np.interp(edges, spans.ravel(), good), axis=1)[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        fractions = inside / (edges[:, 1] - edges[:, 0])
    return np.where(fractions > _WHOLE, 1.0, fractions)
