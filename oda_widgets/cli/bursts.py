"""The verb that finds the bursts of light curves."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from typing import Any

from oda_widgets.cli import out
from oda_widgets.cli.products import (
    add_band_and_bin,
    add_selection,
    add_sources,
    compute_light_curves,
    site_of,
    warnings_in_one_line,
)
from oda_widgets.errors import IncompleteProduct
from oda_widgets.products.burst import Burst
from oda_widgets.products.curve_bursts import BURST_THRESHOLD
from oda_widgets.products.files.suffixes import TABLES
from oda_widgets.products.light_curve import LightCurve
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
    paths, curves = compute_light_curves(options, tuple(TABLES))
    for name, curve in curves.items():
        found = curve.bursts(above=options.above)
        out.print_product(curve, f"{counted(len(found), 'burst')} in {counted(len(curve), 'bin')}")
        source_with_times = _source_with_times(source, curve)
        _print_rows(_rows(found, source_with_times))
        if name in paths:
            found.save(paths[name], source=source_with_times, overwrite=options.overwrite)
            out.write_line(f"saved {paths[name]}")
    return 0


def _source_with_times(source: Any, curve: LightCurve) -> Any:
    """Return the source if times at the Earth can be computed, else None with a warning."""
    if source is None or curve.observation.place is not None:
        return source
    text = (
        f"The light curve of {curve.name} does not say where the satellite was: the times at the "
        "Earth (--position) are left out."
    )
    with warnings_in_one_line():
        warnings.warn(text, IncompleteProduct, stacklevel=2)
    return None


def _rows(bursts: Sequence[Burst], source: Any) -> list[tuple[str, ...]]:
    """Return the heads and a row for each burst; nothing without bursts."""
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
    if source is None:
        return row
    return (*row, f"{burst.light_travel_time(source):+.3f}")


def _print_rows(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.write_line(f"  {'  '.join(cells).rstrip()}")
