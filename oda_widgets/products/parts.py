"""The parts that a product is made of, checked when someone makes one by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from oda_widgets.errors import BadParameter


def check_parts(product: Any, arrays: tuple[str, ...], **kinds: type | tuple[type, ...]) -> None:
    """Check that the parts of a product are what its fields say.

    Parameters
    ----------
    product
        The product, its fields set.
    arrays
        Names of the fields that are arrays.
    **kinds
        The class of other fields; of several that will do, the first is the usual one.

    Raises
    ------
    BadParameter
        For the first that is another.
    """
    for name, kind in (*((name, np.ndarray) for name in arrays), *kinds.items()):
        value = getattr(product, name)
        if not isinstance(value, kind):
            made = type(product).__name__
            usual = kind[0] if isinstance(kind, tuple) else kind
            advice = f"{made}.read(...) reads one of a file, dataclasses.replace changes parts."
            raise BadParameter(name, value, f"no {usual.__name__}, as {made} needs", advice)
