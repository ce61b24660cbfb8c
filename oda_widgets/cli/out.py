"""The files that a verb writes, checked before anything is computed."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from oda_widgets.cli.unused import refuse_unused
from oda_widgets.errors import BadParameter
from oda_widgets.files import check_target, check_writable
from oda_widgets.products.files.suffixes import FITS, path_with_suffix, sibling
from oda_widgets.products.observation import Observation
from oda_widgets.request.paths import folder_path
from oda_widgets.request.words import one_line

_HELP = "save as .fits, or as a figure: .pdf, .png, .svg"
NOTHING_TO_REPLACE = "no file is written, and none replaced"
GIVE_OUT = "Name the file with --out, or leave it out."


def add_options(parser: argparse.ArgumentParser, help_text: str = _HELP) -> None:
    """Add ``--out`` and ``--overwrite`` to a verb."""
    parser.add_argument("--out", metavar="FILE", help=help_text)
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")


def folder(parameter: str, text: str) -> Path:
    """Return the folder that an option names; an empty text is not the current one.

    Raises
    ------
    BadParameter
        If the text is empty, or no folder can have that name.
    """
    if not text:
        advice = f'Give the name of a folder, {parameter}="." for the current one.'
        raise BadParameter(parameter, text, "no name of a folder", advice)
    return folder_path(parameter, text)


def path_of_each(
    names: Iterable[str], options: argparse.Namespace, suffixes: tuple[str, ...]
) -> dict[str, Path]:
    """Return the file of each product; with several, the file name contains that of the source.

    Parameters
    ----------
    names
        Names of the sources.
    options
        Those of the verb.
    suffixes
        Of the files that the verb writes.

    Raises
    ------
    BadParameter
        If the suffix is not known, or --overwrite is given without a file.
    """
    if options.out is None:
        refuse_unused(options, ("overwrite",), NOTHING_TO_REPLACE, GIVE_OUT)
        return {}
    path, suffix = path_with_suffix(options.out, suffixes)
    sources = tuple(names)
    if len(sources) == 1:
        return {sources[0]: path}
    stem, ending = path.name[: -len(suffix)], path.name[-len(suffix) :]
    return {
        name: path.with_name(f"{stem}_{re.sub(r'[^A-Za-z0-9+-]+', '_', name)}{ending}")
        for name in sources
    }


def check(paths: Iterable[Path], companions: Iterable[str], options: argparse.Namespace) -> None:
    """Check that files can be written.

    Parameters
    ----------
    paths
        Files of products.
    companions
        Endings of the files that are written beside a FITS file, for example ``_rmf``.
    options
        Those of the verb.

    Raises
    ------
    BadParameter
        If a file exists and may not be replaced, or its folder cannot be written.
    """
    for path in paths:
        fits = path.name.lower().endswith(FITS)
        beside = [sibling(path, ending) for ending in companions] if fits else []
        for target in (path, *beside):
            check_target(target, overwrite=options.overwrite)
        check_writable(path)


def save_each(
    products: Mapping[str, Any], paths: Mapping[str, Path], options: argparse.Namespace
) -> Iterable[Path]:
    """Save products under the names of their sources; yield the files."""
    for name, product in products.items():
        if name in paths:
            product.save(paths[name], overwrite=options.overwrite)
            yield paths[name]


def write_line(text: str) -> None:
    """Write a line to the standard output."""
    sys.stdout.write(f"{text}\n")


def print_product(product: Any, facts: str = "") -> None:
    """Print a product in one line: its name, facts, its band, and whether it is simulated.

    Parameters
    ----------
    product
        An image, a spectrum or a light curve.
    facts
        Such as its number of bins.
    """
    observation: Observation = product.observation
    band = getattr(product, "energy", None)
    text = " · ".join(filter(None, (facts, "" if band is None else str(band), observation.label)))
    name = getattr(product, "name", None)
    write_line(text if name is None else f"{one_line(name)}: {text}")
