"""Source catalogues as files: FITS, VOTable, ECSV, and regions for DS9."""

from __future__ import annotations

import warnings
from io import BytesIO, StringIO
from pathlib import Path

from astropy.io import ascii as text_tables
from astropy.io import fits
from astropy.io.votable import from_table, parse_single_table
from astropy.io.votable.tree import Param, VOTableFile
from astropy.table import Table

from oda_widgets.errors import DamagedFile
from oda_widgets.files import write_files
from oda_widgets.products.files.cards import SIMULATED_KEYWORD
from oda_widgets.products.files.catalog_columns import catalog_of
from oda_widgets.products.files.catalog_hdu import CATALOG_NAMES, catalog_hdu, catalog_table
from oda_widgets.products.files.container import (
    damage_reported,
    decode,
    encode,
    read_content,
    tables,
)
from oda_widgets.products.files.observation_keywords import (
    SIMULATED_WARNING,
    creator,
    label_simulated,
)
from oda_widgets.products.files.suffixes import FITS, path_with_suffix
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.paths import PathLike

_VOTABLE = (".vot", ".xml")
_ECSV = (".ecsv",)
_REGIONS = (".reg",)
_REGIONS_BEGIN = "# Region file format: DS9 version 4.1\n"
_REGIONS_FRAME = "global color=green width=1\nfk5\n"
# About the point spread of ISGRI: a circle that can be seen around a source without error radius.
_DEFAULT_RADIUS = 0.1  # degrees
_READABLE = (*FITS, *_VOTABLE, *_ECSV)


def write_catalog(catalog: SourceCatalog, path: PathLike, *, overwrite: bool = False) -> None:
    """Write a catalogue.

    Parameters
    ----------
    catalog
        The sources.
    path
        Ends in ``.fits``, ``.fits.gz``, ``.vot``, ``.xml`` (VOTable), ``.ecsv`` or ``.reg``
        (regions for DS9, which hold names and positions only).
    overwrite
        Replace a file that exists.

    Raises
    ------
    BadParameter
        If the suffix is none of these, or the file cannot be written.

    Examples
    --------
    >>> oda.write_catalog(catalog, "catalogue.reg")
    """
    target, suffix = path_with_suffix(path, (*_READABLE, *_REGIONS))
    write_files({target: _content(catalog, suffix)}, overwrite=overwrite)


def read_catalog(path: PathLike) -> SourceCatalog:
    """Read a catalogue of any origin with names and positions.

    Parameters
    ----------
    path
        A FITS table, VOTable or ECSV file.

    Raises
    ------
    BadParameter
        If there is no such file or its suffix is none of these.
    DamagedFile
        If its content does not fit its extension, or it has no columns for name, right ascension
        and declination.

    Examples
    --------
    >>> oda.write_catalog(catalog, "catalogue.fits")
    >>> oda.read_catalog("catalogue.fits").names
    ('SGR 1935+2154', 'Cyg X-1')
    """
    target, suffix = path_with_suffix(path, _READABLE)
    if suffix in FITS:
        return _from_fits(target)
    content = read_content(target)
    with damage_reported(path), warnings.catch_warnings():
        # Foreign VOTables break the letter of the standard; what counts is that they can be read.
        warnings.simplefilter("ignore")
        return catalog_of(_table(content, suffix))


def _content(catalog: SourceCatalog, suffix: str) -> bytes:
    if suffix in FITS:
        primary = fits.PrimaryHDU()
        primary.header["CREATOR"] = (creator(), "program that wrote this")
        if catalog.simulated:
            label_simulated(primary.header)
        return encode([primary, catalog_hdu(catalog)], compress=suffix.endswith(".gz"))
    if suffix in _REGIONS:
        return _regions(catalog).encode()
    if suffix in _ECSV:
        buffer = StringIO()
        text_tables.write(catalog_table(catalog), buffer, format="ecsv")
        return buffer.getvalue().encode()
    file = BytesIO()
    _votable(catalog).to_xml(file)
    return file.getvalue()


def _votable(catalog: SourceCatalog) -> VOTableFile:
    """Return a catalogue as a VOTable; a parameter labels simulated sources."""
    document = from_table(catalog_table(catalog))
    if catalog.simulated:
        table = document.get_first_table()
        table.description = SIMULATED_WARNING
        label = Param(document, name=SIMULATED_KEYWORD, datatype="boolean", value=True)
        table.params.append(label)
    return document


def _regions(catalog: SourceCatalog) -> str:
    """Return circles around the sources; a source that is not selected has a dashed one."""
    label = f"# {SIMULATED_WARNING}\n" if catalog.simulated else ""
    circles = "".join(f"{_circle(source)}\n" for source in catalog)
    return f"{_REGIONS_BEGIN}{label}{_REGIONS_FRAME}{circles}"


def _circle(source: CatalogSource) -> str:
    radius = source.error_radius or _DEFAULT_RADIUS
    label = source.name.replace("{", "(").replace("}", ")")
    dashed = "" if source.selected else " dash=1"
    return f"circle({source.ra!r},{source.dec!r},{radius!r}) # text={{{label}}}{dashed}"


def _from_fits(path: Path) -> SourceCatalog:
    hdus = decode(path)
    with damage_reported(path):
        for name in CATALOG_NAMES:
            if name in hdus:
                return catalog_of(Table.read(hdus[name]))
        candidates = [hdu for hdu in tables(hdus) if hdu.name != "GROUPING"]
        if not candidates:
            raise DamagedFile("There is no table in it.", "Give a table of sources.")
        return catalog_of(Table.read(candidates[0]))


def _table(content: bytes, suffix: str) -> Table:
    if suffix in _ECSV:
        return text_tables.read(content.decode(), format="ecsv")
    read = parse_single_table(BytesIO(content))
    table = read.to_table()
    table.meta |= {parameter.name: parameter.value for parameter in read.params}
    return table
