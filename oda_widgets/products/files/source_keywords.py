"""Read and write the source of a product in the header of its file."""

from __future__ import annotations

import warnings

import numpy as np
from astropy.io import fits

from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.files.cards import Card, float_value, text_value
from oda_widgets.products.files.positions import frame_of, within_a_turn
from oda_widgets.request.source import NO_POSITION, Source
from oda_widgets.request.words import one_line

# Keywords of tables, with OSA's RADECSYS; in images astropy's WCS would warn of it.
FRAME_CARDS: tuple[Card, ...] = (
    ("RADECSYS", "FK5", "frame of the positions"),
    ("EQUINOX", 2000.0, "equinox of the frame"),
)


# Version 0.1 wrote this beside the position (0, 0) of a source without a known position.
_OF_VERSION_0_1 = "nobody: the file states no position"


def source_cards(source: Source) -> list[Card]:
    """Return the keywords that name a source and its position."""
    position: list[Card] = [
        ("RA_OBJ", float(source.ra), "[deg] right ascension of the source"),
        ("DEC_OBJ", float(source.dec), "[deg] declination of the source"),
    ]
    return [
        ("NAME", source.name, "source"),
        ("OBJECT", source.name, "source"),
        *(position if source.has_position else []),
        ("RESOLVED", source.resolved_by, "who gave its position"),
    ]


def read_source(header: fits.Header, fallback_name: str) -> Source:
    """Return the source of a header; it may lack a position (see `Source.has_position`)."""
    name = text_value(header, "NAME", "OBJECT", "SOURCEID") or fallback_name
    ra, dec = float_value(header, "RA_OBJ"), float_value(header, "DEC_OBJ")
    resolved_by = text_value(header, "RESOLVED") or "the file"
    if ra is None or dec is None or resolved_by in {NO_POSITION, _OF_VERSION_0_1}:
        return Source.without_position(name)
    try:
        return Source(name, *_j2000(header, ra, dec), resolved_by)
    except (BadParameter, DamagedFile) as error:
        text = f"The position of {one_line(name)} (RA_OBJ, DEC_OBJ) was left out: {error.problem}"
        warnings.warn(text, FileWarning, stacklevel=5)
        return Source.without_position(name)


def _j2000(header: fits.Header, ra: float, dec: float) -> tuple[float, float]:
    """Convert a position in a header to J2000."""
    stated = text_value(header, "RADECSYS", "RADESYS")
    frame = frame_of(stated, float_value(header, "EQUINOX"))
    right, declination = frame.j2000(np.array([ra]), np.array([dec]))
    return float(within_a_turn(right)[0]), float(declination[0])


def read_target(header: fits.Header) -> Source | None:
    """Return the target of an image, or ``None`` if the header names none."""
    if text_value(header, "OBJECT") is None or float_value(header, "RA_OBJ") is None:
        return None
    return read_source(header, "")
