"""File extensions and the kinds of files that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from oda_widgets.errors import BadParameter
from oda_widgets.request.paths import PathLike, file_path

FITS = (".fits", ".fits.gz")
FIGURES = (".pdf", ".png", ".svg")
TABLES: Mapping[str, str] = MappingProxyType({".csv": "ascii.csv", ".ecsv": "ascii.ecsv"})
"""Suffixes of text tables, and the names of their formats in astropy."""


def path_with_suffix(path: PathLike, allowed: tuple[str, ...]) -> tuple[Path, str]:
    """Return a path and its suffix in lower case, after checking that the suffix is allowed.

    Raises
    ------
    BadParameter
        If the name ends in none of the allowed suffixes.
    """
    target = file_path("path", path)
    for suffix in allowed:
        if target.name.lower().endswith(suffix) and len(target.name) > len(suffix):
            return target, suffix
    advice = f"End it in one of: {', '.join(allowed)}."
    raise BadParameter("path", str(path), "unknown file extension", advice)


def is_compressed(path: Path) -> bool:
    """Return True if a FITS file of this name is compressed with gzip."""
    return path.suffix.lower() == ".gz"


def sibling(path: Path, ending: str) -> Path:
    """Return the path of a companion file: ``crab_rmf.fits`` for ``crab.fits`` and "_rmf"."""
    target, suffix = path_with_suffix(path, FITS)
    stem, written_suffix = target.name[: -len(suffix)], target.name[-len(suffix) :]
    return target.with_name(f"{stem}{ending}{written_suffix}")
