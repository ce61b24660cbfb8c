"""The energy channels of ISGRI's spectra.

They are read apart from the response: the steps that extract spectra need nothing else of it, and
are not computed again when a way of reading or writing responses changes.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray


@cache
def channel_edges() -> NDArray[np.float64]:
    """Return the edges of the 256 adjoining channels in keV, shape (257,), from 12.5 to 1029.5.

    Examples
    --------
    >>> channel_edges()[:3]
    array([12.5, 13. , 13.5])
    """
    from astropy.io import fits  # noqa: PLC0415 - heavy

    resource = files("oda_widgets.instruments.isgri") / "data" / "isgri_rmf_2022.fits.gz"
    with as_file(resource) as path:
        bounds = fits.getdata(path, "EBOUNDS")
    edges = np.append(bounds["E_MIN"], bounds["E_MAX"][-1]).astype(float)
    edges.setflags(write=False)
    return edges
