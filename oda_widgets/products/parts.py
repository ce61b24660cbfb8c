"""Check the fields of a product when it is made."""

from __future__ import annotations

from typing import Any

import numpy as np

from oda_widgets.errors import BadParameter


def check_parts(product: Any, arrays: tuple[str, ...], **kinds: type | tuple[type, ...]) -> None:
    """Check that the fields of a product have the right types.

    Parameters
    ----------
    product
        A product with all fields set.
    arrays
        Names of the fields that must be arrays.
    **kinds
        Class of each other field, or several classes; the message names the first.

    Raises
    ------
    BadParameter
        For the first field of another type.
    """
    for name, kind in (*((name, np.ndarray) for name in arrays), *kinds.items()):
        value = getattr(product, name)
        if not isinstance(value, kind):
            made = type(product).__name__
            expected = kind[0] if isinstance(kind, tuple) else kind
            advice = f"{made}.read(...) reads one of a file, dataclasses.replace changes parts."
            raise BadParameter(name, value, f"no {expected.__name__}, as {made} needs", advice)
