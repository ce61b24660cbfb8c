"""Names for the array types used throughout the simulator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Energies = NDArray[np.float32]
Integers = NDArray[np.intp]
Tags = NDArray[np.int16]
Bytes = NDArray[np.uint8]
Booleans = NDArray[np.bool_]
