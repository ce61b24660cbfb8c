"""The kinds of arrays that most rooms handle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Numbers of 8 bytes."""

Singles = NDArray[np.float32]
"""Numbers of 4 bytes: images, maps, weights of many pixels."""
