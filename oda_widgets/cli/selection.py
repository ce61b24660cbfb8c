"""The options by which the verbs choose science windows and times."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from typing import Any

from oda_widgets.backend.windows_near import windows_near
from oda_widgets.cli.unused import refuse_unused
from oda_widgets.errors import BadParameter
from oda_widgets.request import timespan
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.instruments import described, instruments
from oda_widgets.request.science_windows import ScienceWindowList
from oda_widgets.request.source import Source

MOST = 50
_BESIDE_SPAN = ("radius", "limit", "seed")
_CONDITIONS = ("start", "stop", *_BESIDE_SPAN)


def add_archive(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses the archive."""
    parser.add_argument(
        "--archive",
        metavar="FOLDER",
        help="archive in the layout of the ISDC, 'sample' or 'simulated' (default: these two)",
    )


def add_instrument(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses the instrument."""
    names = [one.name for one in instruments()]
    parser.add_argument(
        "--instrument",
        default=names[0],
        metavar="NAME",
        help=f"{', '.join(names[:-1])} or {names[-1]} (default {names[0]})",
    )


def add_conditions(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose among science windows; all are None if they are not given."""
    add_span(parser)
    parser.add_argument(
        "--radius",
        type=float,
        metavar="DEGREES",
        help="largest angle between pointing and source (default: that of the instrument)",
    )
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help=f"how many windows, at random, for each part of the sky (default {MOST})",
    )
    parser.add_argument("--seed", type=int, help="of the random choice (default 0)")


def add_span(parser: argparse.ArgumentParser) -> None:
    """Add the options for the span of time in which science windows are looked for."""
    parser.add_argument("--start", metavar="TIME", help="only windows after this time")
    parser.add_argument(
        "--stop",
        metavar="TIME",
        help="only windows before this time: a date in UTC, 'MJD 52744', 'rev 60' or IJD; a day, a"
        " month or a year is its beginning",
    )


def add_windows(parser: argparse.ArgumentParser) -> None:
    """Add the options that name science windows and restrict their time."""
    parser.add_argument(
        "--windows",
        nargs="+",
        metavar="ID",
        help=f"science windows (default: those that point near the source, at most {MOST})",
    )
    add_conditions(parser)
    parser.add_argument(
        "--interval",
        nargs=2,
        action="append",
        metavar=("START", "STOP"),
        help="restrict to this time, UTC or IJD; may be repeated",
    )


def windows_of(
    options: argparse.Namespace, site: Any, sources: Iterable[CatalogSource | Source]
) -> ScienceWindowList | tuple[str, ...] | list[str] | None:
    """Return the science windows that options name, or those near some sources.

    They are None for an instrument that knows no sources: intervals say when.

    Raises
    ------
    BadParameter
        If windows are named and conditions given too, or a condition would have no effect.
    EmptySelection
        If no window satisfies the conditions.
    """
    given = conditions(options)
    if options.windows:
        for name, value in given.items():
            limit = "chooses among science windows, and these are named"
            raise BadParameter(name, value, limit, f"Leave out --windows, or --{name}.")
        named: list[str] = options.windows
        return named
    instrument = described(options.instrument)
    if not instrument.sources:
        unused = _CONDITIONS if options.interval else _BESIDE_SPAN
        why = f"chooses among science windows, and a time is enough for {instrument.label}"
        advice = "Leave it out: --start and --stop, or --interval, say when."
        refuse_unused(options, unused, why, advice)
        return None
    sources = tuple(sources)
    if not sources:
        why = "counts from a source, and none is named"
        refuse_unused(options, ("radius",), why, "Name a source, or leave it out.")
    find = partial(site.science_windows, **given, instrument=instrument.name)
    return windows_near(sources, find, given.get("radius", instrument.radius))


def intervals_of(options: argparse.Namespace) -> Any:
    """Return the intervals of a query; where no windows are chosen the span of time is one.

    Raises
    ------
    BadParameter
        If such a span has one end only.
    """
    if options.interval or options.windows or described(options.instrument).sources:
        return options.interval
    return timespan.intervals_of(None, options.start, options.stop)


def conditions(options: argparse.Namespace) -> dict[str, Any]:
    """Return the conditions on science windows that were given."""
    chosen = {name: getattr(options, name) for name in _CONDITIONS}
    return {name: value for name, value in chosen.items() if value is not None}
