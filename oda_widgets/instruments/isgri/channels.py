"""The energy channels of ISGRI's spectra.

They are kept apart from the response, of which steps that extract spectra need nothing else: these
steps stay valid when the reading or writing of responses changes. They are written out here because
every plan compares bands with them, and opening the response takes as long as everything else that
a stored result needs.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_WIDTHS = (
    (12.5, 0.5), (17.0, 1.0), (35.0, 1.5), (63.5, 2.0), (99.5, 2.5), (147.0, 3.0), (201.0, 3.5),
    (267.5, 4.0), (339.5, 4.5), (425.0, 5.0), (515.0, 5.5), (619.5, 6.0), (727.5, 6.5),
    (851.0, 7.0), (977.0, 7.5), (1029.5, 0.0),
)  # fmt: skip
"""Energies at which the width of channels changes, and the new width, keV; the last is the end."""


@cache
def channel_edges() -> NDArray[np.float64]:
    """Return the edges of the 256 adjoining channels in keV, shape (257,), from 12.5 to 1029.5.

    They are those of the response, ``isgri_rmf_2022.fits.gz``.

    Examples
    --------
    >>> channel_edges()[:3]
    array([12.5, 13. , 13.5])
    """
    parts = [np.arange(low, high, width) for (low, width), (high, _) in pairwise(_WIDTHS)]
    edges = np.concatenate([*parts, [_WIDTHS[-1][0]]])
    edges.setflags(write=False)
    return edges
