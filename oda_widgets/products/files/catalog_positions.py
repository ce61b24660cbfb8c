"""Read positions of sources from a table, in any columns, units and frames."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy import units as u
from astropy.table import Table

from oda_widgets.arrays import Floats
from oda_widgets.errors import DamagedFile, FileWarning
from oda_widgets.products.files.catalog_cells import (
    check_numbers,
    find_column,
    known_columns,
    number_of,
    refuse_without,
    text_of_cell,
)
from oda_widgets.products.files.positions import Frame, degrees_of, frame_of
from oda_widgets.products.files.units import converted, unit_of

FRAME_KEYWORDS = ("FRAME", "RADESYS", "RADECSYS")
EQUINOX = "EQUINOX"
# Pairs of columns with positions in order of preference, and the frame that their names imply.
_POSITIONS: tuple[tuple[str, str, str], ...] = (
    ("ra", "dec", ""),
    ("ra_fin", "dec_fin", ""),
    ("ra_obj", "dec_obj", ""),
    ("raj2000", "dej2000", "fk5"),
    ("raj2000", "decj2000", "fk5"),
    ("_raj2000", "_dej2000", "fk5"),
    ("_raj2000", "_decj2000", "fk5"),
    ("ra_icrs", "de_icrs", "icrs"),
    ("ra_icrs", "dec_icrs", "icrs"),
    ("ra_d", "dec_d", ""),
    ("_ra", "_de", ""),
    ("_ra.icrs", "_de.icrs", "icrs"),
    ("_ra_icrs", "_de_icrs", "icrs"),
    ("radeg", "dedeg", ""),
    ("radeg", "decdeg", ""),
    ("ra_deg", "dec_deg", ""),
    ("ra2000", "dec2000", "fk5"),
    ("ra_2000", "dec_2000", "fk5"),
    ("ra_j2000", "dec_j2000", "fk5"),
    ("alpha_j2000", "delta_j2000", "fk5"),
    ("alpha", "delta", ""),
    ("right_ascension", "declination", ""),
    ("rightascension", "declination", ""),
    ("ra", "de", ""),
    ("rab1950", "deb1950", "fk4"),
    ("_rab1950", "_deb1950", "fk4"),
    ("glon", "glat", "galactic"),
    ("_glon", "_glat", "galactic"),
    ("l", "b", "galactic"),
    ("lii", "bii", "galactic"),
    ("gal_lon", "gal_lat", "galactic"),
    ("galactic_longitude", "galactic_latitude", "galactic"),
    ("elon", "elat", "ecliptic"),
    ("_elon", "_elat", "ecliptic"),
    ("ecl_lon", "ecl_lat", "ecliptic"),
    ("sgl", "sgb", "supergalactic"),
    ("lon", "lat", ""),
)
_SURE = frozenset({"fk5", "icrs"})  # frames whose columns are compared with other columns
# Hours, minutes and seconds, and degrees, in columns of their own (VizieR's byte-by-byte tables).
_HOURS, _DEGREES = ("rah", "ram", "ras"), ("ded", "dem", "des")
_SIGNS = ("de-", "dec-", "design")
_UNITS_OF_HOURS = (u.h, u.min, u.s)
_UNITS_OF_DEGREES = (u.deg, u.arcmin, u.arcsec)
# Units that tables use for minutes and seconds of time as well as of arc.
_AMBIGUOUS_UNITS = frozenset({"min", "m", "s", "sec"})
_APART = 0.02  # degrees, largest distance between two positions of the same row


@dataclass(frozen=True)
class _Place:
    """Columns and frame of the positions of a table."""

    longitude: str
    latitude: str
    frame: Frame


def positions_of(table: Table, meta: dict[str, Any], frame: str | None) -> tuple[Floats, Floats]:
    """Return right ascension and declination (J2000) of all rows, NaN if missing.

    Parameters
    ----------
    table
        Table of sources.
    meta
        Keywords of the table, in capitals.
    frame
        Frame that the file states elsewhere, or None.

    Raises
    ------
    DamagedFile
        If it has no positions, or their unit or frame is not known.
    """
    place = _place(table, meta, frame)
    if place is None and has_parts(table):
        return _from_parts(table)
    if place is None:
        for field in ("ra", "dec"):
            names = tuple(pair[("ra", "dec").index(field)] for pair in _POSITIONS)
            if find_column(table, names) is None:
                refuse_without(table, field, field)
        problem = f"The table has no two columns of one position: {', '.join(table.colnames)}."
        raise DamagedFile(problem, "Name them ra and dec.")
    return _j2000(table, place)


def fitted_positions(
    table: Table, meta: dict[str, Any], frame: str | None
) -> tuple[Floats, Floats] | None:
    """Return the fitted positions of all rows; None if the table has none."""
    known = known_columns(table)
    for longitude, latitude in (("ra_fit", "dec_fit"), ("ra_fin", "dec_fin")):
        if longitude in known and latitude in known:
            place = _place(table, meta, frame)
            found = Frame() if place is None else place.frame
            return _j2000(table, _Place(known[longitude], known[latitude], found))
    return None


def has_positions(table: Table) -> bool:
    """Return whether a table has columns of positions."""
    return bool(_pairs(table)) or has_parts(table)


def has_parts(table: Table) -> bool:
    """Return whether hours and minutes, degrees and arcminutes have separate columns."""
    known = known_columns(table)
    return all(name in known for names in (_HOURS, _DEGREES) for name in names[:2])


def _j2000(table: Table, place: _Place) -> tuple[Floats, Floats]:
    longitude = _angles(table, place.longitude, hours=place.frame.is_equatorial)
    latitude = _angles(table, place.latitude, hours=False)
    return place.frame.j2000(longitude, latitude)


def _place(table: Table, meta: dict[str, Any], frame: str | None) -> _Place | None:
    """Return the columns and the frame of the positions of a table.

    Columns whose names imply a frame are trusted more than the header. If other columns differ from
    them, a warning says so, and the columns that imply their frame are used.
    """
    known = known_columns(table)
    stated = next((meta[key] for key in FRAME_KEYWORDS if meta.get(key)), frame)
    named = tuple(str(meta.get(key, "")).strip().casefold() for key in ("LON_NAME", "LAT_NAME"))
    header = None if stated is None else str(stated), meta.get(EQUINOX)
    if all(name in known for name in named):
        return _Place(known[named[0]], known[named[1]], frame_of(*header))
    pairs = _pairs(table)
    if not pairs:
        return None
    longitude, latitude, implied = pairs[0]
    if implied:
        return _Place(longitude, latitude, frame_of(implied))
    place = _Place(longitude, latitude, frame_of(*header))
    other = next((_Place(*pair[:2], frame_of(pair[2])) for pair in pairs if pair[2] in _SURE), None)
    if other is None or not place.frame.is_equatorial:
        return place
    apart = _most_apart(table, place, other)
    if apart <= _APART:
        return place
    text = (
        f"{place.longitude}, {place.latitude} and {other.longitude}, {other.latitude} are up to "
        f"{apart:.3g} deg apart: the latter, which name their frame, were read."
    )
    warnings.warn(text, FileWarning, stacklevel=5)
    return other


def _most_apart(table: Table, one: _Place, other: _Place) -> float:
    """Return the largest difference along declination or right ascension, degrees on the sky."""
    (ra, dec), (other_ra, other_dec) = _j2000(table, one), _j2000(table, other)
    turn = np.abs((ra - other_ra + 180.0) % 360.0 - 180.0) * np.cos(np.radians(dec))
    return float(np.nanmax(np.maximum(np.abs(turn), np.abs(dec - other_dec)), initial=0.0))


def _pairs(table: Table) -> list[tuple[str, str, str]]:
    """Return the pairs of columns with positions, and the frames that their names imply."""
    known = known_columns(table)
    return [
        (known[longitude], known[latitude], implied)
        for longitude, latitude, implied in _POSITIONS
        if longitude in known and latitude in known
    ]


def _from_parts(table: Table) -> tuple[Floats, Floats]:
    """Return positions from separate columns of hours and degrees, minutes and seconds."""
    known = known_columns(table)
    hours = _sum_of_parts(table, _HOURS, _UNITS_OF_HOURS)
    degrees = np.abs(_sum_of_parts(table, _DEGREES, _UNITS_OF_DEGREES))
    signs = [known[name] for name in (*_SIGNS, _DEGREES[0]) if name in known]
    south = np.any([[text_of_cell(cell).startswith("-") for cell in table[s]] for s in signs], 0)
    return 15.0 * hours, np.where(south, -degrees, degrees)


def _sum_of_parts(table: Table, names: tuple[str, ...], units: tuple[u.UnitBase, ...]) -> Floats:
    """Return the sum of the parts of an angle, in the unit of the first part."""
    known = known_columns(table)
    total = np.zeros(len(table))
    for name, unit in zip(names, units, strict=True):
        if name in known:
            total += np.abs(_part(table, known[name], unit)) * float(unit.to(units[0]))
    return total


def _part(table: Table, column: str, unit: u.UnitBase) -> Floats:
    """Return a part of an angle, such as the minutes, in its unit."""
    check_numbers(table, column)
    values = np.array([number_of(cell, column, np.nan) for cell in table[column]], dtype=float)
    stated = table[column].unit
    if str(stated or "").strip().lower() in _AMBIGUOUS_UNITS:
        return values
    what = f"the column {column}"
    if unit == u.h and unit_of(stated, what) == u.hourangle:
        return values
    return converted(values, stated, unit, what)


def _angles(table: Table, column: str, *, hours: bool) -> Floats:
    values = table[column]
    check_numbers(table, column)
    return degrees_of(list(values), values.unit, f"The column {column}", hours=hours)
