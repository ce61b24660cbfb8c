"""Round maps to their precision, so that they take a quarter of the space.

The last bits of a float are noise that cannot be compressed. Steps of a small fraction of the error
keep all the information in a flux, as in the tiles of compressed FITS images (Pence et al. 2010,
PASP 122, 1065).
"""

from __future__ import annotations

import numpy as np

from oda_widgets.arrays import Singles

_STEPS = 32.0
"""Least number of steps in an error; rounding moves a value by at most 1/64 of its error."""

_BITS = 10
"""Bits of the mantissa that smooth maps keep: 1 part in 2,000."""

_MANTISSA = 23


def rounded_to_noise(values: Singles, errors: Singles) -> Singles:
    """Return values in steps of a power of two, 1/64 to 1/32 of their errors.

    Parameters
    ----------
    values
        Of any shape.
    errors
        Their standard deviations; values with errors that are not positive stay unchanged.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([1.2345], np.float32)
    >>> float(rounded_to_noise(values, np.ones(1, np.float32))[0])
    1.25
    """
    known = np.isfinite(values) & np.isfinite(errors) & (errors > 0)
    step = np.exp2(np.floor(np.log2(errors / _STEPS, where=known, out=np.ones_like(errors))))
    return np.where(known, np.round(values / step) * step, values).astype(np.float32)


def shortened(values: Singles) -> Singles:
    """Return values rounded to 1 part in 2,000, with zero last bits; NaN and infinities stay.

    Examples
    --------
    >>> import numpy as np
    >>> float(shortened(np.array([1.2345678], np.float32))[0])
    1.234375
    """
    unused = _MANTISSA - _BITS
    bits = np.asarray(values, np.float32).view(np.uint32)
    half, mask = np.uint32(1 << (unused - 1)), np.uint32((0xFFFFFFFF << unused) & 0xFFFFFFFF)
    short = ((bits + half) & mask).view(np.float32)
    return np.where(np.isfinite(values), short, values).astype(np.float32)
