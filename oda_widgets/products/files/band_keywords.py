"""The energy band of a product in the header of its file: E_MIN and E_MAX."""

from __future__ import annotations

import warnings

from astropy.io import fits

from oda_widgets.errors import FileWarning
from oda_widgets.products.files.cards import float_value, text_value
from oda_widgets.products.files.units import converted
from oda_widgets.request.energy import EnergyBand


def read_band(header: fits.Header) -> EnergyBand | None:
    """Return the energy band in a header, None if it states none.

    Wavelengths (EUNIT) are converted.

    Warns
    -----
    FileWarning
        If E_MIN is above E_MAX; the two are exchanged.
    """
    stated = float_value(header, "E_MIN"), float_value(header, "E_MAX")
    if stated[0] is None or stated[1] is None:
        return None
    unit = text_value(header, "EUNIT", "E_UNIT")
    first, second = converted(stated, unit, "keV", "E_MIN and E_MAX (EUNIT)").tolist()
    band = EnergyBand(min(first, second), max(first, second))
    if (
        first > second and stated[0] > stated[1]
    ):  # expected for wavelengths, which run the other way
        text = f"E_MIN = {stated[0]:g} is above E_MAX = {stated[1]:g}: taken as {band}."
        warnings.warn(text, FileWarning, stacklevel=4)
    return band
