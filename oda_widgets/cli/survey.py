"""The verb that adds science windows up on the whole sky: survey."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from oda_widgets.cli import out
from oda_widgets.cli.products import (
    add_energy,
    print_sources,
    site_of,
    warnings_in_one_line,
)
from oda_widgets.cli.selection import add_archive, add_span
from oda_widgets.products.all_sky import AllSky
from oda_widgets.request.words import counted

_PICTURE, _MAP = "survey.png", "survey.fits"
_DOTS = 200  # per inch of the picture


def add_verbs(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs.add_parser(
        "survey", help="add science windows up on the whole sky, and go on where it was stopped"
    )
    add_archive(parser)
    add_span(parser)
    parser.add_argument(
        "--limit", type=int, metavar="N", help="how many windows, at random (default: all)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random choice (default 0)")
    add_energy(parser)
    parser.add_argument(
        "--nside",
        type=int,
        default=512,
        metavar="N",
        help="of HEALPix, a power of 2 (default 512: pixels of 6.9')",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="FOLDER",
        help=f"for {_MAP} and {_PICTURE}, written anew while the survey grows, and what it needs to"
        " go on when it is asked for again",
    )
    parser.add_argument(
        "--afresh", action="store_true", help="begin anew, whatever the folder holds"
    )
    parser.set_defaults(run=_survey)


def _survey(options: argparse.Namespace) -> int:
    folder = out.folder("out", options.out)

    def grown(sky: AllSky) -> None:
        sky.save(folder / _PICTURE, overwrite=True, dpi=_DOTS)
        windows = counted(len(sky.observation.science_windows), "window")
        sys.stderr.write(f"oda-widgets: {windows}, {counted(len(sky.catalog), 'source')}\n")

    with warnings_in_one_line():
        sky = site_of(options).survey(
            energy=options.energy,
            start=options.start,
            stop=options.stop,
            limit=options.limit,
            seed=options.seed,
            nside=options.nside,
            folder=folder,
            resume=not options.afresh,
            grown=grown,
        )
    out.print_product(sky, f"{100 * sky.covered:.1f} % of the sky")
    print_sources(sky.catalog)
    sky.save(folder / _MAP, overwrite=True)
    for name in (_MAP, _PICTURE):
        out.write_line(f"saved {folder / name}")
    return 0
