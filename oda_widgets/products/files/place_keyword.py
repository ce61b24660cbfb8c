"""Read and write the place of the satellite in a header: MMODA's keyword EPHS."""

from __future__ import annotations

import warnings

from astropy.io import fits

from oda_widgets.errors import BadParameter, FileWarning, shorten
from oda_widgets.products.files.cards import Card, text_value
from oda_widgets.products.orbit import Place, place_within

_PLACE = "EPHS"


def read_place(header: fits.Header) -> Place | None:
    """Return the place of the satellite from EPHS, "RA Dec distance ..." in degrees and km."""
    stated = text_value(header, _PLACE)
    if stated is None:
        return None
    try:
        return place_within(*stated.split()[:3])
    except (TypeError, BadParameter):
        text = f"{_PLACE} = {shorten(stated)} is not a place of the satellite: it was left out."
        warnings.warn(text, FileWarning, stacklevel=5)
        return None


def place_cards(place: Place | None) -> list[Card]:
    """Return the keyword for the place of the satellite."""
    if place is None:
        return []
    text = " ".join(repr(float(number)) for number in place)  # with all digits
    return [(_PLACE, text, "satellite: RA, Dec, km")]
