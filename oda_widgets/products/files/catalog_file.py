"""Read and write source catalogues: FITS, VOTable, ECSV, CSV, and regions for DS9."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from astropy.io import ascii as text_tables
from astropy.io import fits
from astropy.io.votable import from_table, parse
from astropy.io.votable.tree import Param, VOTableFile
from astropy.table import Table

from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.files import write_files
from oda_widgets.products.files.cards import SIMULATED_KEYWORD
from oda_widgets.products.files.catalog_columns import SIMULATED_COLUMN, catalog_of, has_sources
from oda_widgets.products.files.catalog_hdu import (
    CATALOG_NAMES,
    catalog_hdu,
    catalog_table,
    read_table,
)
from oda_widgets.products.files.catalog_positions import EQUINOX, FRAME_KEYWORDS
from oda_widgets.products.files.choosing import numbered
from oda_widgets.products.files.container import (
    damage_reported,
    decode,
    encode,
    is_fits,
    tables,
)
from oda_widgets.products.files.delimited_text import delimited_table, mark_of
from oda_widgets.products.files.described_text import table_of_any_format
from oda_widgets.products.files.ecsv_text import ecsv_table
from oda_widgets.products.files.gate import read_content
from oda_widgets.products.files.observation_keywords import (
    SIMULATED_WARNING,
    creator,
    label_simulated,
)
from oda_widgets.products.files.region_file import NO_RADIUS, catalog_of_regions
from oda_widgets.products.files.suffixes import FITS, path_with_suffix
from oda_widgets.products.files.text import protected
from oda_widgets.products.files.text_limits import (
    check_ecsv,
    check_lines,
    check_text,
    check_votable,
)
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.keywords import suggesting
from oda_widgets.request.paths import PathLike

_VOTABLE = (".vot", ".xml")
_ECSV = (".ecsv",)
_REGIONS = (".reg",)
_REGIONS_BEGIN = "# Region file format: DS9 version 4.1\n"
_REGIONS_FRAME = "global color=green width=1\nfk5\n"
_READABLE = (*FITS, *_VOTABLE, *_ECSV)
_CSV = ".csv"
_TEXT = (_CSV, ".tsv", ".dat", ".txt")
_MARKS: Mapping[str, str] = MappingProxyType({_CSV: ",", ".tsv": "\t"})
_FRAME_KEYWORDS = (*FRAME_KEYWORDS, EQUINOX)
# A table, and the frame that the file states elsewhere.
_Framed = tuple[Table, str | None]


@suggesting
def write_catalog(catalog: SourceCatalog, path: PathLike, *, overwrite: bool = False) -> None:
    """Write a catalogue.

    Parameters
    ----------
    catalog
        Catalogue to write.
    path
        Ends in ``.fits``, ``.fits.gz``, ``.vot``, ``.xml`` (VOTable), ``.ecsv``, ``.csv`` or
        ``.reg`` (regions for DS9, which hold names and positions only).
    overwrite
        Replace a file that exists.

    Raises
    ------
    BadParameter
        If it is not a catalogue, the suffix is none of these, or the file cannot be written.

    Examples
    --------
    >>> oda.write_catalog(catalog, "catalogue.reg")
    """
    _check_catalog(catalog)
    target, suffix = path_with_suffix(path, (*_READABLE, _CSV, *_REGIONS))
    write_files({target: _content(catalog, suffix)}, overwrite=overwrite)


@suggesting
def read_catalog(path: PathLike, row: int | None = None) -> SourceCatalog:
    """Read a catalogue of any origin with names and positions.

    Parameters
    ----------
    path
        A FITS table, VOTable, ECSV, CSV (.csv, .tsv), text table (.dat, .txt: VizieR's byte-by-byte
        format, IPAC, or columns separated by blanks, bars, commas or tabs) or region file of DS9.
        Stated units and frames are converted; by default positions are in degrees, ICRS. Columns
        may have the names of OSA, MMODA, VizieR or SIMBAD.
    row
        Table of sources to choose, from 1, if the file has several.

    Raises
    ------
    BadParameter
        If there is no such file, its suffix is none of these, or it has several tables of sources.
    DamagedFile
        If its content does not fit its extension, it has no columns for name and position, or a
        unit or frame is not known.

    Warns
    -----
    FileWarning
        If rows are left out or renamed.

    Examples
    --------
    >>> oda.write_catalog(catalog, "catalogue.fits")
    >>> oda.read_catalog("catalogue.fits").names
    ('SGR 1935+2154', 'Cyg X-1')
    """
    target, suffix = path_with_suffix(path, (*_READABLE, *_REGIONS, *_TEXT))
    content = read_content(target)
    if is_fits(content) or suffix in FITS:
        del content  # may be large, and is read again below
        found = _fits_tables(target)
    elif suffix in _REGIONS:
        with damage_reported(path):
            regions = catalog_of_regions(content, SIMULATED_WARNING)
        return numbered(
            [regions], row, path, what="tables of sources", describe=lambda _: "regions"
        )
    else:
        with damage_reported(path):
            found = _text_tables(content, suffix)
    left = [table for table in found if has_sources(table[0])] or found[:1]
    chosen, frame = numbered(left, row, path, what="tables of sources", describe=_label)
    with damage_reported(path):
        return catalog_of(chosen, frame)


def _check_catalog(value: Any) -> None:
    if not isinstance(value, SourceCatalog):
        advice = "Give a SourceCatalog, for example SourceCatalog.of([...])."
        raise BadParameter("catalog", value, "not a catalogue", advice)


def _content(catalog: SourceCatalog, suffix: str) -> bytes:
    if suffix in FITS:
        primary = fits.PrimaryHDU()
        primary.header["CREATOR"] = (creator(), "program that wrote this")
        if catalog.simulated:
            label_simulated(primary.header)
        return encode([primary, catalog_hdu(catalog)], compress=suffix.endswith(".gz"))
    if suffix in _REGIONS:
        return _regions(catalog).encode()
    if suffix in (*_ECSV, _CSV):
        buffer, table = StringIO(), _text_table(catalog)
        if catalog.simulated and suffix == _CSV:  # it has no place for keywords
            table[SIMULATED_COLUMN] = True
        text_tables.write(table, buffer, format=suffix.removeprefix("."))
        return buffer.getvalue().encode()
    file = BytesIO()
    _votable(catalog).to_xml(file)
    return file.getvalue()


def _text_table(catalog: SourceCatalog) -> Table:
    """Return a catalogue as a table for text files, with names that read back unchanged."""
    table = catalog_table(catalog)
    if len(table):
        table["src_names"] = [protected(name) for name in catalog.names]
    return table


def _votable(catalog: SourceCatalog) -> VOTableFile:
    """Return a catalogue as a VOTable, in which a parameter labels simulated sources."""
    document = from_table(_text_table(catalog))
    if catalog.simulated:
        table = document.get_first_table()
        table.description = SIMULATED_WARNING
        label = Param(document, name=SIMULATED_KEYWORD, datatype="boolean", value=True)
        table.params.append(label)
    return document


def _regions(catalog: SourceCatalog) -> str:
    """Return circles around the sources, dashed for sources that are not selected."""
    label = f"# {SIMULATED_WARNING}\n" if catalog.simulated else ""
    circles = "".join(f"{_circle(source)}\n" for source in catalog)
    return f"{_REGIONS_BEGIN}{label}{_REGIONS_FRAME}{circles}"


def _circle(source: CatalogSource) -> str:
    radius = source.error_radius or NO_RADIUS
    label = source.name.replace("{", "(").replace("}", ")")
    dashed = "" if source.selected else " dash=1"
    return f"circle({source.ra!r},{source.dec!r},{radius!r}) # text={{{label}}}{dashed}"


def _fits_tables(path: Path) -> list[_Framed]:
    """Return the tables of a FITS file; only the one with OSA's name, if there is one."""
    hdus = decode(path)
    with damage_reported(path):
        named = [hdus[name] for name in CATALOG_NAMES if name in hdus]
        candidates = named[:1] or [hdu for hdu in tables(hdus) if hdu.name != "GROUPING"]
        if not candidates:
            raise DamagedFile("There is no table in it.", "Give a table of sources.")
        return [(_with_frame(read_table(hdu), hdus[0].header), None) for hdu in candidates]


def _with_frame(table: Table, primary: fits.Header) -> Table:
    """Return a table with the frame of the primary header, unless it states one itself."""
    if not any(str(key).upper() in _FRAME_KEYWORDS for key in table.meta):
        table.meta |= {key: primary[key] for key in _FRAME_KEYWORDS if key in primary}
    return table


def _text_tables(content: bytes, suffix: str) -> list[_Framed]:
    """Return the tables of a text file: VOTable, ECSV, CSV or others."""
    if suffix in _VOTABLE:
        check_votable(content)
        with warnings.catch_warnings():
            # Many VOTables violate the standard in harmless ways.
            warnings.simplefilter("ignore")
            return _votable_tables(content)
    check_text(content, guessed=suffix not in (*_MARKS, *_ECSV))
    check_lines(content)
    text = content.decode("utf-8-sig")
    if suffix in _ECSV:
        check_ecsv(text)
        return [(ecsv_table(text), None)]
    lines = text.splitlines()
    default = _MARKS.get(suffix)
    if default is None:
        return [(table_of_any_format(lines), None)]
    return [(delimited_table(lines, mark_of(lines, default)), None)]


def _votable_tables(content: bytes) -> list[_Framed]:
    """Return the tables of a VOTable, each with its parameters and its frame (COOSYS)."""
    # Pass a function: astropy would unpack the contents of a file again.
    document = parse(BytesIO(content).read)
    systems = {system.ID: system for system in document.iter_coosys()}
    found = []
    for each in document.iter_tables():
        table = each.to_table()
        table.meta |= {parameter.name: parameter.value for parameter in each.params}
        named = {field.ref for field in each.fields if field.ref in systems}
        stated = named or (set(systems) if len(systems) == 1 else set())
        system = systems[stated.pop()] if len(stated) == 1 else None
        if system is not None and system.equinox:
            table.meta["EQUINOX"] = system.equinox
        found.append((table, None if system is None else system.system))
    if not found:
        raise DamagedFile("There is no table in it.", "Give a table of sources.")
    return found


def _label(found: _Framed) -> str:
    table = found[0]
    return str(table.meta.get("EXTNAME") or table.meta.get("name") or ", ".join(table.colnames[:4]))
