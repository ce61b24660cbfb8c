"""The bundled light curve of SPI-ACS: GRB 230307A.

540 s from 2023-03-07T15:41:06 UTC in bins of 0.1 s, made by MMODA. It comes from the tests of
Gamma-ray Data Tools for INTEGRAL (Apache-2.0, see sample/LICENSE.gdt-integral.txt).
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

from oda_widgets.archive.shield.base import ShieldData
from oda_widgets.errors import EmptySelection
from oda_widgets.products.orbit import Place
from oda_widgets.products.shield import ShieldCounts, span_in_words

_FILE = "spiacs_lc_GRB230307A.fits.gz"
_ORIGIN = "GRB 230307A, bundled: a light curve of MMODA in bins of 0.1 s."


class ShieldSample:
    """The counts around GRB 230307A that come with the package."""

    def data(self, start: float, stop: float) -> ShieldData:
        """Return the bundled counts between two instants, IJD days.

        Raises
        ------
        EmptySelection
            If there are none.
        """
        counts, place = _bundled()
        found = counts.between(start, stop)
        if not len(found):
            covered = span_in_words(*counts.span)
            problem = "The bundled sample has no counts of SPI-ACS in this time."
            raise EmptySelection(problem, f"It has GRB 230307A: {covered}.")
        return ShieldData(found, _ORIGIN, place=place)

    def are_simulated(self, start: float, stop: float) -> bool:
        """Return False: these are measured. Errors are those of `data`."""
        self.data(start, stop)
        return False

    def content(self, start: float, stop: float) -> str:
        """Return the digest of the bundled file.

        Raises
        ------
        EmptySelection
            If there are no counts in this time.
        """
        self.data(start, stop)
        return _digest()


@cache
def _bundled() -> tuple[ShieldCounts, Place | None]:
    from oda_widgets.products.files.light_curve_reading import (  # noqa: PLC0415 - imports astropy
        read_light_curve,
    )

    with as_file(_resource()) as path:
        curve = read_light_curve(path)
    counts = ShieldCounts(curve.edges[:, 0], curve.width, curve.total_counts)
    return counts, curve.observation.place


@cache
def _digest() -> str:
    return hashlib.sha256(_resource().read_bytes()).hexdigest()


def _resource() -> Traversable:
    return files("oda_widgets.archive") / "sample" / _FILE
