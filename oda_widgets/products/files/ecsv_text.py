"""Read tables in ECSV: a header of YAML in comments, then cells separated by blanks or commas.

The header is read as plain text: its tags create no Python objects, and nothing in it is computed.
"""

from __future__ import annotations

from typing import Any

import yaml
from astropy.table import Table

from oda_widgets.errors import DamagedFile, shorten
from oda_widgets.products.files.delimited_text import delimited_table, with_units
from oda_widgets.request.numbers import number_in

_ADVICE = "Write it with astropy, or give a CSV file."
_LONGITUDES_LATITUDES = (("ra", "dec"), ("l", "b"), ("lon", "lat"), ("sgl", "sgb"))
_JULIAN = (2000.0, 2451545.0, 365.25)  # a year, its Julian day, and the length of a year in days
_BESSELIAN = (1900.0, 2415020.31352, 365.242198781)
_TRUTHS = {"true": True, "false": False}


def ecsv_table(text: str) -> Table:
    """Return the table in an ECSV file.

    Raises
    ------
    DamagedFile
        If its header is not that of ECSV, or describes other columns.
    """
    lines = text.splitlines()
    header = _header([line[2:] for line in lines if line.startswith("# ")])
    described = header.get("datatype")
    if not isinstance(described, list) or not all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in described
    ):
        raise _refusal("its header does not describe its columns")
    mark = header.get("delimiter", " ")
    if mark not in {" ", ","}:
        raise _refusal(f"the mark between its cells is {shorten(mark)}")
    table = delimited_table((line for line in lines if not line.startswith("#")), mark)
    names = [one["name"] for one in described]
    if names != table.colnames:
        raise _refusal(f"its header describes other columns than {', '.join(table.colnames)}")
    # Leave out columns of lists, as for FITS.
    table.remove_columns([one["name"] for one in described if "subtype" in one])
    units = {one["name"]: one.get("unit") for one in described if "subtype" not in one}
    table.meta |= _meta(header.get("meta"))
    units = {name: unit for name, unit in units.items() if unit is not None}
    return _with_coordinates(with_units(table, units))


def _with_coordinates(table: Table) -> Table:
    """Return a table with the columns of a SkyCoord renamed: "name.ra" becomes "ra"."""
    parts = table.meta.pop("__serialized_columns__", None)
    if not isinstance(parts, dict):
        return table
    found = {
        name: part
        for name, part in parts.items()
        if isinstance(part, dict) and str(part.get("__class__", "")).endswith(".SkyCoord")
    }
    for name, part in found.items():
        for pair in _LONGITUDES_LATITUDES:
            written = [f"{name}.{angle}" for angle in pair]
            if set(written) <= set(table.colnames) and not set(pair) & set(table.colnames):
                table.rename_columns(written, list(pair))
                table.meta |= _frame_of(part)
    return table


def _frame_of(part: dict[str, Any]) -> dict[str, str]:
    """Return the frame and equinox of a SkyCoord as keywords."""
    stated, equinox = {"FRAME": str(part.get("frame", ""))}, part.get("equinox")
    if not isinstance(equinox, dict):
        return stated
    days = [number_in(str(equinox.get(key, ""))) for key in ("jd1", "jd2")]
    if None in days:
        raise _refusal("the equinox of its coordinates is no time")
    besselian = str(equinox.get("format", "")).startswith("b")
    first, day, length = _BESSELIAN if besselian else _JULIAN
    year = first + (sum(filter(None, days)) - day) / length
    return stated | {"EQUINOX": f"{year:.4f}"}


def _header(lines: list[str]) -> dict[str, Any]:
    if not lines or not lines[0].startswith("%ECSV"):
        raise _refusal("its first line is not # %ECSV 1.0")
    try:
        found = yaml.load("\n".join(lines[1:]), Loader=yaml.BaseLoader)  # noqa: S506 - only text
    except yaml.YAMLError as error:
        reason = getattr(error, "problem", None) or "it is not YAML"
        raise _refusal(f"its header cannot be read ({reason})") from None
    if not isinstance(found, dict):
        raise _refusal("its header does not describe its columns")
    return found


def _meta(stated: Any) -> dict[str, Any]:
    """Return keywords from a mapping, or from a list of mappings in order."""
    parts = stated if isinstance(stated, list) else [stated]
    return {
        str(name): _TRUTHS.get(value, value) if isinstance(value, str) else value
        for part in parts
        if isinstance(part, dict)
        for name, value in part.items()
    }


def _refusal(reason: str) -> DamagedFile:
    return DamagedFile(f"It is no table in ECSV: {reason}.", _ADVICE)
