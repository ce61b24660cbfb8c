"""Messages on a page: they name a field by its label, not by its parameter in Python."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "source": "Source",
        "start": "From",
        "stop": "to",
        "radius": "Radius (deg)",
        "limit": "At most",
        "seed": "Seed",
        "windows": "Science windows",
        "science_windows": "Science windows",
        "instrument": "Instrument",
        "energy": "Energies",
        "energy_low": "From (keV)",
        "energy_high": "to (keV)",
        "low": "From (keV)",
        "high": "to (keV)",
        "intervals": "Time selection",
        "product": "Product",
        "detection_threshold": "Detection threshold (σ)",
        "time_bin": "Time bin (s)",
        "catalog": "Catalogue",
        "token": "Token",
        "norm": "Factor",
        "limit_below": "Upper limits below (σ)",
        "above": "Above (σ)",
        "longest": "Longest window (s)",
        "systematic": "Systematic error (%)",
        "steps": "Steps",
    }
)
"""Labels of the fields of the page by the names of their parameters."""

_NAMED = re.compile(rf"(?<![\w.])({'|'.join(FIELDS)})=(?=[^\s=])")


def in_field_words(text: str) -> str:
    """Return a message with the labels of fields in place of the names of parameters.

    Examples
    --------
    >>> in_field_words("limit='abc': not a number. Write for example limit=10.")
    "At most 'abc': not a number. Write for example At most 10."
    """
    return _NAMED.sub(lambda found: f"{FIELDS[found[1]]} ", text)
