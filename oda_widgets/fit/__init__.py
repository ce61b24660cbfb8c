"""Spectral fits: XSPEC models, folding, statistics, errors, chains.

The room and the function that opens it have one name: ``oda_widgets.fit(spectra, "powerlaw")``
works whether or not something of this room was imported before.
"""

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """A module that can be called."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        from oda_widgets.fit.fitting import fit  # noqa: PLC0415 - numpy, scipy

        return fit(*arguments, **options)


sys.modules[__name__].__class__ = _Room
