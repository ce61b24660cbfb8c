"""The verb that copies science windows from a mirror into a folder: fetch."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oda_widgets.cli import out
from oda_widgets.cli.selection import add_span
from oda_widgets.cli.unused import refuse_unused
from oda_widgets.config import load_settings
from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.files import check_writable
from oda_widgets.request.address import is_address

_MIRROR = "heasarc"
_RADIUS, _MOST = 15.0, 50
_CHOOSING = ("source", "start", "stop", "radius", "limit", "seed")


def add_verbs(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "fetch", help="copy science windows from HEASARC or another server into a folder"
    )
    parser.add_argument("source", nargs="?", help="name or 'RA, Dec'; windows that point near it")
    add_span(parser)
    parser.add_argument(
        "--radius",
        type=float,
        metavar="DEGREES",
        help=f"largest distance of a pointing from the source (default {_RADIUS:g})",
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help=f"how many, drawn at random (default {_MOST})"
    )
    parser.add_argument("--seed", type=int, help="of the random choice (default 0)")
    parser.add_argument("--windows", nargs="+", metavar="ID", help="these science windows instead")
    parser.add_argument(
        "--archive",
        metavar="MIRROR",
        help="'heasarc', 'isdc' or an address, https://... (default: the setting, else heasarc)",
    )
    parser.add_argument(
        "--to", required=True, metavar="FOLDER", help="where to put scw/RRRR/..., to be continued"
    )
    parser.set_defaults(run=_fetch)


def _fetch(options: argparse.Namespace) -> int:
    # --help answers at once
    from oda_widgets.archive.mirror.archive import MirrorArchive  # noqa: PLC0415
    from oda_widgets.archive.mirror.fetcher import Fetcher, fetched_all  # noqa: PLC0415
    from oda_widgets.archive.mirror.open import open_mirror  # noqa: PLC0415

    if options.windows:
        why = "chooses among science windows, and these are named"
        refuse_unused(options, _CHOOSING, why, "Leave it out, or --windows.")
    folder, settings = _target_folder(options.to), load_settings()
    where = _mirror(options.archive or settings.archive or _MIRROR, given=options.archive)
    mirror = open_mirror(where, settings.cache_folder, settings.fetch_bytes)
    names = options.windows or _windows_near_source(where, options)
    copy: MirrorArchive = mirror.into(folder)
    windows = _windows_on_mirror(copy, names)
    arrivals = fetched_all(Fetcher(copy.fetch_all, windows), _ProgressLine(sys.stderr.isatty()))
    return _report(arrivals, folder)


def _target_folder(text: str) -> Path:
    folder = out.folder("to", text)
    check_writable(folder, "to")
    return folder


def _mirror(where: str, given: str | None) -> str:
    """Return the name or the address of a mirror."""
    from oda_widgets.archive.mirror.address import MIRRORS  # noqa: PLC0415 - --help is quick

    if where in MIRRORS or is_address(where):
        return where
    if given is None:  # the setting is no mirror
        return _MIRROR
    known = ", ".join(MIRRORS)
    advice = f"Give {known} or an address, https://..."
    raise BadParameter("archive", given, "not a server that files can be fetched from", advice)


def _windows_near_source(where: str, options: argparse.Namespace) -> Sequence[str]:
    """Return the identifiers of windows that satisfy the options, and print their summary."""
    from oda_widgets.backend.connect import connect  # noqa: PLC0415 - --help answers at once

    if options.source is None:
        advice = "Name a source, or windows with --windows ID."
        raise BadParameter("source", "", "no science window is selected", advice)
    windows = connect(where).science_windows(
        options.source,
        options.start,
        options.stop,
        radius=_RADIUS if options.radius is None else options.radius,
        limit=_MOST if options.limit is None else options.limit,
        seed=options.seed or 0,
    )
    out.write_line(str(windows))
    return windows.ids


def _windows_on_mirror(mirror: Any, names: Sequence[str]) -> Sequence[Any]:
    """Return the windows that the mirror lists, and print the names of the others."""
    from oda_widgets.archive.mirror.selection import wanted_from  # noqa: PLC0415 - as above
    from oda_widgets.request.science_windows import parse_identifiers  # noqa: PLC0415

    wanted = wanted_from(mirror, parse_identifiers(names))
    for window in wanted.refused:
        out.write_line(f"skipped {window.id}: {window.reason}")
    if not wanted.listed:
        limit = "the archive has none of them"
        raise BadParameter("windows", list(names), limit, "Choose others.")
    return wanted.listed


class _ProgressLine:
    """Shows the progress of fetching in a terminal."""

    def __init__(self, watched: bool) -> None:  # noqa: FBT001 - the only argument
        self._watched = watched
        self._shown = ""

    def __call__(self, traffic: Any) -> None:
        text = str(traffic)
        if self._watched and text != self._shown:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self._shown = text


def _report(arrivals: Sequence[Any], folder: Path) -> int:
    """Print what arrived and what did not; raise the first error if nothing did."""
    sys.stderr.write("\n" if sys.stderr.isatty() else "")
    errors = [(window, outcome) for window, outcome in arrivals if isinstance(outcome, OdaError)]
    if len(errors) == len(arrivals):
        raise errors[0][1]
    for window, error in errors:
        out.write_line(f"skipped {window.id}: {error.problem}")
    records = [outcome for _, outcome in arrivals if not isinstance(outcome, OdaError)]
    for record in records:
        if record.problem:
            out.write_line(f"skipped {record.window.id}: {record.problem}")
    whole = [record for record in records if not record.problem]
    megabytes = sum(record.bytes for record in whole) / 1e6
    out.write_line(
        f"{len(whole)} of {len(arrivals)} science windows are in {folder}, {megabytes:,.0f} MB"
    )
    return 0 if len(whole) == len(arrivals) else 1
