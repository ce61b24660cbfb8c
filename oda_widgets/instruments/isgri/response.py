"""The energy response of ISGRI."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

from oda_widgets.products.response import Response


@cache
def isgri_response() -> Response:
    """Return the response of ISGRI: 256 channels from 12.5 to 1029.5 keV, of the year 2022.

    It is that of OSA 11 for revolution 2500 and later. It is used at all epochs, because no other
    is at hand, and products say so.
    """
    # Imported, not an ability of values, because the version of a step covers only imports.
    from oda_widgets.products.files.response_reading import (  # noqa: PLC0415 - astropy
        read_response,
    )

    resource = files("oda_widgets.instruments.isgri") / "data" / "isgri_rmf_2022.fits.gz"
    with as_file(resource) as path:
        return read_response(path)
