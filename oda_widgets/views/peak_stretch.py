"""How maps of significance are stretched so that both the noise and bright sources are seen.

The scale is linear in the noise, up to a few sigma, and logarithmic beyond (the inverse hyperbolic
sine). Maps of intensity are stretched likewise, in units of their noise.
"""

from __future__ import annotations

LINEAR_WIDTH = 4.0
"""Sigma, up to which the scale is linear."""

LOWEST = -3.0
"""Sigma, drawn in the first colour."""

FAINTEST_PEAK = 8.0
"""Sigma, drawn in the last colour where nothing is higher."""
