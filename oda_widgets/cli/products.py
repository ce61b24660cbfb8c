"""The verbs that make products: image, spectra, lightcurve."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oda_widgets.cli import out, selection
from oda_widgets.cli.unused import refuse_unused
from oda_widgets.errors import BadParameter
from oda_widgets.products.files.suffixes import FIGURES, FITS
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.instruments import described
from oda_widgets.request.queries import DEFAULT_THRESHOLD
from oda_widgets.request.words import counted, degrees_texts, significance_text, with_error


def add_verbs(verbs: Any) -> None:
    """Add the verbs to the parser."""
    image = verbs.add_parser("image", help="make a sky image and list the sources in it")
    image.add_argument("source", nargs="?", help="name or 'RA, Dec' of a source to measure")
    add_selection(image)
    out.add_options(image)
    add_energy(image)
    image.add_argument(
        "--threshold",
        type=float,
        default=DEFAULT_THRESHOLD,
        metavar="SIGMA",
        help=f"lowest significance to list (default {DEFAULT_THRESHOLD:g})",
    )
    image.set_defaults(run=_image)

    spectra = verbs.add_parser("spectra", help="extract the spectra of sources, fitted together")
    add_sources(spectra)
    add_selection(spectra)
    out.add_options(spectra)
    spectra.set_defaults(run=_spectra)

    curve = verbs.add_parser("lightcurve", help="extract the light curves of sources")
    add_sources(curve)
    add_selection(curve)
    out.add_options(curve)
    add_band_and_bin(curve)
    curve.set_defaults(run=_light_curves)


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name sources."""
    parser.add_argument("sources", nargs="*", metavar="source", help="name or 'RA, Dec'")
    parser.add_argument("--catalog", metavar="FILE", help="catalogue of sources (FITS, ECSV)")


def add_energy(parser: argparse.ArgumentParser) -> None:
    """Add the option of a band."""
    parser.add_argument(
        "--energy",
        nargs=2,
        type=float,
        metavar=("LOW", "HIGH"),
        help="band in keV (default {:g} {:g}, of others as the instrument)".format(
            *described("isgri").band
        ),
    )


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose archive, instrument and science windows."""
    selection.add_archive(parser)
    selection.add_instrument(parser)
    selection.add_windows(parser)


def add_band_and_bin(parser: argparse.ArgumentParser) -> None:
    """Add the options of a light curve: its band and the width of its bins."""
    add_energy(parser)
    parser.add_argument(
        "--bin", type=float, default=1.0, metavar="SECONDS", help="bin width (default 1)"
    )


def _image(options: argparse.Namespace) -> int:
    paths = out.path_of_each(["image"], options, (*FITS, *FIGURES))
    out.check(paths.values(), (), options)
    with warnings_in_one_line():
        site = site_of(options)
        source = None if options.source is None else site.resolve(options.source)
        image = site.image(
            source,
            selection.windows_of(options, site, () if source is None else (source,)),
            energy=options.energy,
            intervals=options.interval,
            detection_threshold=options.threshold,
            instrument=options.instrument,
        )
    out.print_product(image)
    print_sources(image.catalog)
    _save({"image": image}, paths, options)
    return 0


def _spectra(options: argparse.Namespace) -> int:
    site = site_of(options)
    catalog = _catalog(site, options)
    paths = out.path_of_each(catalog.selected.names, options, (*FITS, *FIGURES))
    out.check(paths.values(), ("_rmf", "_arf"), options)
    with warnings_in_one_line():
        windows = selection.windows_of(options, site, catalog.selected)
        spectra = site.spectra(
            windows,
            catalog=catalog,
            intervals=options.interval,
            instrument=options.instrument,
        )
    for spectrum in spectra.values():
        out.print_product(spectrum)
    _save(spectra, paths, options)
    return 0


def _light_curves(options: argparse.Namespace) -> int:
    paths, curves = compute_light_curves(options, (*FITS, *FIGURES))
    for curve in curves.values():
        out.print_product(curve, _bins_in_words(curve))
    _save(curves, paths, options)
    return 0


def compute_light_curves(
    options: argparse.Namespace, suffixes: tuple[str, ...]
) -> tuple[dict[str, Path], Mapping[str, LightCurve]]:
    """Compute the light curves that options name; return the file of each, and the light curves.

    Parameters
    ----------
    options
        Those of a verb with `add_sources`, `add_selection` and `add_band_and_bin`.
    suffixes
        Of the files that the verb writes.

    Raises
    ------
    OdaError
        As `Site.light_curves`; or if an option has no effect, or a file cannot be written.
    """
    instrument = described(options.instrument)
    if not instrument.sources:
        why = f"{instrument.label} sees the whole sky at once, and knows no sources"
        advice = "Leave it out: --start and --stop, or --interval, say when."
        refuse_unused(options, ("sources", "catalog"), why, advice)
    site = site_of(options)
    catalog = _catalog(site, options)
    names = catalog.selected.names if instrument.sources else [instrument.label]
    paths = out.path_of_each(names, options, suffixes)
    out.check(paths.values(), (), options)
    with warnings_in_one_line():
        curves = site.light_curves(
            selection.windows_of(options, site, catalog.selected),
            catalog=catalog,
            energy=options.energy,
            time_bin=options.bin,
            intervals=selection.intervals_of(options),
            instrument=options.instrument,
        )
    return paths, curves


def _bins_in_words(curve: LightCurve) -> str:
    """Return the number of bins, the mean rate and the rate of the brightest bin, in words."""
    bins = counted(len(curve), "bin")
    return f"{bins}, mean {curve.rate_in_words}, brightest {curve.brightest}"


def _save(products: Any, paths: Any, options: argparse.Namespace) -> None:
    for path in out.save_each(products, paths, options):
        out.write_line(f"saved {path}")


def site_of(options: argparse.Namespace) -> Any:
    """Return the site of the archive that options name."""
    from oda_widgets.backend.connect import connect  # noqa: PLC0415 - --help answers at once

    return connect(archive=options.archive)


def _catalog(site: Any, options: argparse.Namespace) -> SourceCatalog:
    """Return the sources named on the command line and in the catalogue file."""
    if not described(options.instrument).sources:
        return SourceCatalog()
    if not options.sources and options.catalog is None:
        advice = "Name a source, or give --catalog FILE."
        raise BadParameter("source", "", "no source is selected", advice)
    catalog = SourceCatalog() if options.catalog is None else _read_catalog(options.catalog)
    for name in options.sources:
        source = site.resolve(name)
        if source.name in catalog:
            limit = "named twice, or in the file of --catalog too"
            raise BadParameter("source", source.name, limit, "Name it once.")
        catalog = catalog.add(CatalogSource(source.name, source.ra, source.dec))
    return catalog


def _read_catalog(path: str) -> SourceCatalog:
    from oda_widgets.products.files.catalog_file import (  # noqa: PLC0415 - --help answers at once
        read_catalog,
    )

    return read_catalog(path)


def print_sources(catalog: SourceCatalog) -> None:
    """Print a line for each source."""
    if not len(catalog):
        out.write_line("no source above the threshold")
        return
    out.write_line(
        f"{'source':24s} {'RA (deg)':>9s} {'Dec (deg)':>9s} {'sigma':>7s}  rate (counts/s)"
    )
    for s in catalog:
        (ra, dec), sigma = degrees_texts(s.ra, s.dec), significance_text(s.significance)
        out.write_line(
            f"{s.name:24s} {ra:>9s} {dec:>9s} {sigma:>7s}  {with_error(s.flux, s.flux_error)}"
        )


class warnings_in_one_line(warnings.catch_warnings):  # noqa: N801 - reads as a phrase
    """Show our warnings as one line on the standard error."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.showwarning = _print_warning


def _print_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    sys.stderr.write(f"oda-widgets: {message}\n")
