"""The verb that fits spectra."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.products.spectrum import Spectrum

_PICTURES = frozenset({".pdf", ".png", ".svg"})


def add_verbs(verbs: Any) -> None:
    """Add the verb to the parser."""
    fit = verbs.add_parser("fit", help="fit spectra with XSPEC's models")
    fit.add_argument("model", help="in XSPEC's notation, or an .xcm file")
    fit.add_argument("spectra", nargs="+", metavar="pha", help="OGIP spectra, fitted together")
    fit.add_argument("--rmf", help="redistribution matrix of a single spectrum")
    fit.add_argument("--arf", help="effective area of a single spectrum")
    fit.add_argument(
        "--energy", nargs=2, type=float, action="append", metavar=("LOW", "HIGH"),
        help="range in keV; once for all spectra, or once for each",
    )  # fmt: skip
    fit.add_argument(
        "--systematic", type=float, action="append", metavar="FRACTION",
        help="of the rate; once for all spectra, or once for each",
    )  # fmt: skip
    fit.add_argument("--statistic", help="chi2 (default), cstat or pgstat")
    fit.add_argument("--level", type=float, default=0.683, help="of the errors (default 0.683)")
    fit.add_argument(
        "--flux", nargs=2, type=float, metavar=("LOW", "HIGH"), help="print the flux in a band, keV"
    )
    fit.add_argument("--latex", action="store_true", help="print the parameters for a paper")
    fit.add_argument("--out", metavar="FILE", help="a figure: .pdf, .png, .svg; or .xcm")
    fit.set_defaults(run=_fit)


def _fit(options: argparse.Namespace) -> int:
    from oda_widgets.fitting.fit import fit  # noqa: PLC0415 - imports scipy

    spectra = [_read(path, options) for path in options.spectra]
    suffix = Path(options.out).suffix.lower() if options.out else ""
    if suffix not in {"", ".xcm", *_PICTURES}:
        limit = "is no figure and no command file"
        raise BadParameter("out", options.out, limit, "Write .pdf, .png, .svg or .xcm.")
    found = fit(
        spectra,
        options.model,
        energy=_one_or_each(options.energy),
        systematic=_one_or_each(options.systematic),
        statistic=options.statistic,
    )
    found.errors(level=options.level)
    sys.stdout.write(f"{found.table('latex' if options.latex else 'text')}\n")
    if options.flux:
        sys.stdout.write(f"{found.flux(*options.flux)}\n")
    if suffix == ".xcm":
        found.write_xcm(options.out)
    elif suffix:
        found.figure().savefig(options.out)
    return 0


def _read(path: str, options: argparse.Namespace) -> Spectrum:
    if (options.rmf or options.arf) and len(options.spectra) > 1:
        limit = f"there are {len(options.spectra)} spectra"
        advice = "Name the response in the header of each (RESPFILE, ANCRFILE)."
        raise BadParameter("rmf", options.rmf, limit, advice)
    return Spectrum.read(path, options.rmf, options.arf)


def _one_or_each(values: list[Any] | None) -> Any:
    if not values:
        return None
    return values[0] if len(values) == 1 else values
