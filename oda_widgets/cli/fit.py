"""The command that fits spectra."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from oda_widgets.cli.out import GIVE_OUT, NOTHING_TO_REPLACE
from oda_widgets.cli.unused import refuse_unused
from oda_widgets.errors import BadParameter
from oda_widgets.files import check_target, check_writable
from oda_widgets.products.files.suffixes import path_with_suffix
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.energy import EnergyBand

_ONE_SIGMA = 0.6826894921370859


def add_verbs(verbs: Any) -> None:
    """Add the command to the parser."""
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
    fit.add_argument(
        "--statistic", help="chi2, cstat, wstat or pgstat (default: the one that suits the data)"
    )
    fit.add_argument(
        "--level", type=float, default=_ONE_SIGMA,
        help="confidence of the errors (default 0.683: 1 sigma)",
    )  # fmt: skip
    fit.add_argument(
        "--flux",
        nargs=2,
        type=float,
        metavar=("LOW", "HIGH"),
        help="print the flux in a band, keV; with its upper limit if it may be 0",
    )
    fit.add_argument("--latex", action="store_true", help="print the parameters for a paper")
    fit.add_argument(
        "--out", metavar="FILE",
        help="figure (.pdf, .png, .svg), table (.txt, .tex, .csv, .html) or XSPEC's model (.xcm)",
    )  # fmt: skip
    fit.add_argument("--overwrite", action="store_true", help="replace the file of --out")
    fit.set_defaults(run=_fit)


def _fit(options: argparse.Namespace) -> int:
    from oda_widgets.fitting.fit import fit  # noqa: PLC0415 - imports scipy

    _check_target(options)
    _check_flux(options.flux)
    found = fit(
        [_read(path, options) for path in options.spectra],
        options.model,
        energy=_one_or_each(options.energy),
        systematic=_one_or_each(options.systematic),
        statistic=options.statistic,
    )
    found.errors(level=options.level)
    sys.stdout.write(f"{found.table('latex' if options.latex else 'text')}\n")
    if options.flux:
        flux = found.flux(*options.flux)
        sys.stdout.write(f"{flux}\n")
        if not flux.interval.low > 0:
            sys.stdout.write(f"{found.flux_limit(*options.flux)}\n")
    if options.out:
        found.save(options.out, overwrite=options.overwrite)
    return 0


def _check_target(options: argparse.Namespace) -> None:
    """Refuse a file that cannot be written before anything is computed."""
    from oda_widgets.fitting.saved import SAVED  # noqa: PLC0415 - imports scipy

    if options.out is None:
        refuse_unused(options, ("overwrite",), NOTHING_TO_REPLACE, GIVE_OUT)
        return
    target, _ = path_with_suffix(options.out, SAVED)
    check_target(target, overwrite=options.overwrite)
    check_writable(target)


def _check_flux(band: Any) -> None:
    """Check the band of a flux before anything is computed; the error names its flag."""
    try:
        if band:
            EnergyBand.parse(band)
    except BadParameter as error:
        advice = error.advice.replace("energy=", "flux=")
        raise BadParameter("flux", error.value, error.limit, advice) from None


def _read(path: str, options: argparse.Namespace) -> Spectrum:
    if len(options.spectra) > 1:
        why = f"there are {len(options.spectra)} spectra"
        advice = "Name the response in the header of each (RESPFILE, ANCRFILE)."
        refuse_unused(options, ("rmf", "arf"), why, advice)
    return Spectrum.read(path, options.rmf, options.arf)


def _one_or_each(values: list[Any] | None) -> Any:
    if not values:
        return None
    return values[0] if len(values) == 1 else values
