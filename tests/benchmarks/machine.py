"""The speed of the machine: limits in seconds hold for one whose FFT takes 0.48 ms."""

from __future__ import annotations

from statistics import median
from time import process_time

import numpy as np
from scipy import fft

REFERENCE = 0.48  # ms
_SIDE, _TIMES = 384, 200


def fft_milliseconds() -> float:
    """Return the milliseconds of processor time of an FFT of 384 x 384, there and back."""
    image = np.random.default_rng(0).normal(size=(_SIDE, _SIDE)).astype(np.float32)
    fft.irfft2(fft.rfft2(image))
    taken = []
    for _ in range(_TIMES):
        begun = process_time()
        fft.irfft2(fft.rfft2(image))
        taken.append(1e3 * (process_time() - begun))
    return median(taken)


def scaled(seconds: float, fft: float | None = None) -> float:
    """Return a limit for this machine; a faster one has to keep the limit itself.

    Parameters
    ----------
    seconds
        The limit.
    fft
        Milliseconds of the FFT while it was measured; those of now by default.
    """
    return seconds * max(1.0, (fft or fft_milliseconds()) / REFERENCE)
