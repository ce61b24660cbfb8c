"""Read counts of the shield of SPI in the text of the ISDC's public services, genlc and ipnlc.

``genlc`` has four columns: the middle of a bin in IJD (TT), seconds since the start, counts, and
seconds of the day (UTC). ``ipnlc``, the format of the interplanetary network, has two lines of
heading (date and seconds of the day in UTC to which times refer; background and length of a bin)
and two columns: start of a bin in seconds, and counts. Its writer takes half a bin from genlc's
times (V. Savchenko, integralhk), which says what these are. Both may come in one JSON string, or
with ``<br>`` at the end of lines.
"""

from __future__ import annotations

import json
import re
from html import unescape

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.errors import BadParameter, DamagedFile, EmptySelection
from oda_widgets.products.files.gate import check_size
from oda_widgets.products.shield import LARGEST_COUNT, NATIVE_BIN, ShieldCounts
from oda_widgets.request.timespan import SECONDS_PER_DAY, to_ijd
from oda_widgets.request.words import one_line

LARGEST_TEXT = 96 << 20  # bytes, a day of genlc
_BEGINNING = 4000  # characters that must show what the file is
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"<\s*(!doctype|html|head|body|title|h1|pre|p|div)\b", re.IGNORECASE)
_HEADING = re.compile(
    r"^\s*'INTEGRAL\s*'\s+'(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{2}|\d{4})'"
    r"\s+(?P<seconds>\d+(\.\d*)?)\b"
)
_ROW = re.compile(r"^\s*\d{3,5}\.\d{5,}\s+-?\d[\d.e+-]*\s+\d+(\.\d*)?\s+\d[\d.]*\s*$")
_EMPTY = re.compile(r"ZeroData|NoData|empty lc|No data", re.IGNORECASE)
_LIMITED = re.compile(r"this service are limited|over ?revolution", re.IGNORECASE)
_CENTURY = 2000
_LONGEST_WORDS = 200
_AGAIN = "Ask the service again, or give a file of genlc or ipnlc."


def is_service_text(content: bytes) -> bool:
    """Return whether a file looks like a reply of the services: counts, or a web page."""
    return is_shield_text(content) or bool(_PAGE.match(_beginning(content)))


def is_shield_text(content: bytes) -> bool:
    """Return whether a file looks like the text of genlc or ipnlc."""
    text = _beginning(content).lstrip('"').replace(r"\n", "\n")
    data = [line for line in _lines(text) if not line.startswith("#")]
    return bool(data) and bool(_HEADING.match(data[0]) or _ROW.match(data[0]))


def _beginning(content: bytes) -> str:
    return content[:_BEGINNING].decode("utf-8", "replace").lstrip()


def read_shield_text(content: bytes, label: str) -> ShieldCounts:
    """Return the counts in text of genlc or ipnlc.

    Parameters
    ----------
    content
        Bytes of the text.
    label
        Name of the file or service for the message.

    Raises
    ------
    EmptySelection
        If it says that there are no data.
    DamagedFile
        If it is a web page, an error of the service, or has impossible numbers.
    """
    check_size(content, LARGEST_TEXT, "a light curve of at most a day")
    text = _unpacked(content.decode("utf-8", "replace"))
    lines = [line for line in _lines(text) if not line.startswith("#")]
    if not lines or not (_HEADING.match(lines[0]) or _ROW.match(lines[0])):
        raise _error_in(text, label)
    try:
        counts = _ipnlc_counts(lines) if _HEADING.match(lines[0]) else _genlc_counts(lines)
    except (ValueError, IndexError, BadParameter) as error:
        problem = f"{label}: a line is not one of genlc or ipnlc ({one_line(str(error), 100)})."
        raise DamagedFile(problem, _AGAIN) from None
    return _sorted_counts(counts, label)


def _unpacked(text: str) -> str:
    """Return the text in a JSON string; other text unchanged."""
    if not text.lstrip().startswith('"'):
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, str) else text


def _lines(text: str) -> list[str]:
    lines = (_BREAK.sub("", text) if "<" in text else text).splitlines()
    return [line for line in map(str.strip, lines) if line]


def _genlc_counts(lines: list[str]) -> ShieldCounts:
    """Return the counts of genlc, whose times are the middles of bins in IJD."""
    table = _numbers(lines, 4)
    start = table[:, 0] - NATIVE_BIN / 2 / SECONDS_PER_DAY
    return ShieldCounts.native(start, table[:, 2])


def _ipnlc_counts(lines: list[str]) -> ShieldCounts:
    """Return the counts of ipnlc, whose times are the starts of bins in seconds of a UTC day."""
    heading = _HEADING.match(lines[0])
    if heading is None:
        raise ValueError(lines[0])
    year = int(heading["year"])
    year += _CENTURY if year < 100 else 0
    midnight = to_ijd(f"{year:04d}-{int(heading['month']):02d}-{int(heading['day']):02d}")
    background, width = map(float, lines[1].split())
    del background  # always zero: the service does not fit it
    table = _numbers(lines[2:], 2)
    start = midnight + (float(heading["seconds"]) + table[:, 0]) / SECONDS_PER_DAY
    if abs(width - NATIVE_BIN) > 1e-6:
        raise ValueError(lines[1])
    return ShieldCounts.native(start, table[:, 1])


def _numbers(lines: list[str], columns: int) -> Floats:
    if not lines:
        problem = "The reply has a heading and no counts."
        raise EmptySelection(problem, "Choose another time.")
    table = np.loadtxt(lines, dtype=np.float64, ndmin=2, comments=None)
    if table.shape[1] != columns:
        problem = f"{table.shape[1]} columns, where there should be {columns}"
        raise ValueError(problem)
    return table


def _sorted_counts(counts: ShieldCounts, label: str) -> ShieldCounts:
    """Check counts, and return them in order of time without repeated bins."""
    known = np.isfinite(counts.start) & np.isfinite(counts.counts)
    possible = known & (counts.counts >= 0) & (counts.counts < LARGEST_COUNT)
    if not possible.all():
        row = int(np.flatnonzero(~possible)[0]) + 1
        problem = f"{label}: row {row} has no number of counts from 0 to {LARGEST_COUNT:,}."
        raise DamagedFile(problem, _AGAIN)
    order = np.argsort(counts.start, kind="stable")
    start = counts.start[order]
    # Windows of the archive overlap by a packet: repeated bins have the same start.
    fresh = np.diff(start, prepend=-np.inf) * SECONDS_PER_DAY > NATIVE_BIN / 2
    return ShieldCounts.native(start[fresh], counts.counts[order][fresh])


def _error_in(text: str, label: str) -> DamagedFile | EmptySelection:
    """Return the error for text that is not a light curve, with the beginning of the text."""
    words = one_line(
        " ".join(unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text[:200_000]))).split()), _LONGEST_WORDS
    )
    said = f': "{words}"' if words else ""
    if _EMPTY.search(words):
        return EmptySelection(f"{label} has no data of this time{said}.", "Choose another time.")
    if _LIMITED.search(words):
        return DamagedFile(
            f"{label} refuses so long a time{said}.", "Ask for less, an hour or two."
        )
    if _PAGE.search(text[:_BEGINNING]):
        return DamagedFile(f"{label} answers with a page and not with counts{said}.", _AGAIN)
    return DamagedFile(f"{label} holds no counts of the shield{said}.", _AGAIN)
