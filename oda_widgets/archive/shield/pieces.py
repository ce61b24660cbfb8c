"""Join pieces of counts of the shield."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oda_widgets.products.shield import ShieldCounts
from oda_widgets.request.timespan import SECONDS_PER_DAY


def together(pieces: Sequence[ShieldCounts]) -> ShieldCounts:
    """Return the counts of all pieces in order of time, each bin once.

    Parameters
    ----------
    pieces
        In any order; bins with the same start are equal.
    """
    if not pieces:
        return ShieldCounts(*(np.zeros(0) for _ in range(3)))
    start, width, counts = (
        np.concatenate([getattr(piece, name) for piece in pieces])
        for name in ("start", "width", "counts")
    )
    order = np.argsort(start, kind="stable")
    start, width, counts = start[order], width[order], counts[order]
    fresh = np.diff(start, prepend=-np.inf) * SECONDS_PER_DAY > width / 2
    return ShieldCounts(start[fresh], width[fresh], counts[fresh])
