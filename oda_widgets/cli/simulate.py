"""The verb that writes simulated science windows: simulate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from oda_widgets.archive.layout import event_path
from oda_widgets.cli import out
from oda_widgets.cli.selection import add_span
from oda_widgets.cli.unused import refuse_unused
from oda_widgets.errors import BadParameter
from oda_widgets.files import check_writable

_WINDOWS = 5
_RADIUS = 10.0


def add_verbs(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "simulate", help="write simulated science windows as an archive of the ISDC"
    )
    parser.add_argument("--source", help="name or 'RA, Dec'; only windows that point near it")
    add_span(parser)
    parser.add_argument(
        "--radius",
        type=float,
        metavar="DEGREES",
        help=f"largest distance of a pointing from the source (default {_RADIUS:g})",
    )
    parser.add_argument(
        "--limit",
        "--windows",
        dest="limit",
        type=int,
        default=_WINDOWS,
        metavar="N",
        help=f"how many, at random (default {_WINDOWS})",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help="of the random choice of windows and of the photons (default 0)",
    )
    parser.add_argument(
        "--out", required=True, metavar="FOLDER", help="where to write scw/RRRR/..."
    )
    parser.add_argument("--overwrite", action="store_true", help="replace existing files")
    parser.set_defaults(run=_simulate)


def _simulate(options: argparse.Namespace) -> int:
    # --help answers at once
    from oda_widgets.archive.simulated.archive import SimulatedArchive  # noqa: PLC0415
    from oda_widgets.backend.connect import connect  # noqa: PLC0415

    if options.source is None:
        why = "counts from a source, and none is named"
        refuse_unused(options, ("radius",), why, "Name one with --source, or leave it out.")
    target = out.folder("out", options.out)
    archive = SimulatedArchive(options.seed)
    windows = connect(archive.address).science_windows(
        options.source,
        options.start,
        options.stop,
        radius=_RADIUS if options.radius is None else options.radius,
        limit=options.limit,
        seed=options.seed,
    )
    _check_targets(windows.ids, target, overwrite=options.overwrite)
    for window in windows:
        sys.stdout.write(f"wrote {_export(archive, window.id, target)}\n")
    return 0


def _check_targets(identifiers: Iterable[str], folder: Path, *, overwrite: bool) -> None:
    """Refuse to replace files before any is written: they may be real data."""
    check_writable(folder / "scw", "out")
    for identifier in identifiers:
        path = event_path(folder, identifier)
        if path.exists() and not overwrite:
            advice = "Give another folder, or replace its files with overwrite=True."
            raise BadParameter("out", str(path), "exists already", advice)


def _export(archive: Any, identifier: str, folder: Path) -> Path:
    try:
        path: Path = archive.export(identifier, folder)
    except OSError as error:
        limit = f"cannot be written ({error.strerror or error})"
        raise BadParameter("out", str(folder), limit, "Give another folder.") from None
    return path
