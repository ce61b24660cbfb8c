"""The verb that finds the bursts of light curves."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from oda_widgets.cli import out
from oda_widgets.cli.products import (
    add_band_and_bin,
    add_selection,
    add_sources,
    made_light_curves,
    site_of,
)
from oda_widgets.errors import BadParameter
from oda_widgets.products.burst import Burst
from oda_widgets.products.curve_bursts import BURST_THRESHOLD
from oda_widgets.products.files.suffixes import TABLES
from oda_widgets.request.words import counted, with_error

_HEADS = ("start (UTC)", "sigma", "T90 (s)", "peak (counts/s)", "counts")


def add_verbs(verbs: Any) -> None:
    """Add the verb to the parser."""
    bursts = verbs.add_parser("bursts", help="find the bursts of light curves and measure them")
    add_sources(bursts)
    add_selection(bursts)
    add_band_and_bin(bursts)
    bursts.add_argument(
        "--above",
        type=float,
        default=BURST_THRESHOLD,
        metavar="SIGMA",
        help=f"significance that a burst reaches in some window (default {BURST_THRESHOLD:g})",
    )
    bursts.add_argument(
        "--position",
        metavar="SOURCE",
        help="name or 'RA, Dec' of the bursts, for when they reached the centre of the Earth",
    )
    out.add_options(bursts, "save the table: .csv or .ecsv")
    bursts.set_defaults(run=_bursts)


def _bursts(options: argparse.Namespace) -> int:
    source = None
    if options.position is not None:
        source = site_of(options).resolve(options.position)
    paths, curves = made_light_curves(options, tuple(TABLES))
    for name, curve in curves.items():
        found = curve.bursts(above=options.above)
        out.say(curve, f"{counted(len(found), 'burst')} in {counted(len(curve), 'bin')}")
        _say_rows(_rows(found, source))
        if name in paths:
            found.save(paths[name], source=source, overwrite=options.overwrite)
            out.write_line(f"saved {paths[name]}")
    return 0


def _rows(bursts: Sequence[Burst], source: Any) -> list[tuple[str, ...]]:
    """Return the heads and a row for each burst; none where there is no burst."""
    if not bursts:
        return []
    heads = _HEADS if source is None else (*_HEADS, "later at the Earth (s)")
    return [heads, *(_row(burst, source) for burst in bursts)]


def _row(burst: Burst, source: Any) -> tuple[str, ...]:
    row = (
        burst.trigger_utc,
        burst.significance_in_words.removesuffix(" σ"),
        str(burst.t90),
        with_error(*burst.peak),
        with_error(*burst.counts),
    )
    return row if source is None else (*row, _delay(burst, source))


def _delay(burst: Burst, source: Any) -> str:
    """Return how much later a burst reached the centre of the Earth, in seconds."""
    try:
        return f"{burst.light_travel_time(source):+.3f}"
    except BadParameter as error:
        advice = "Leave --position out."
        raise BadParameter("position", source.name, error.limit, advice) from None


def _say_rows(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows with their columns below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.write_line(f"  {'  '.join(cells).rstrip()}")
