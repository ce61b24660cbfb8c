"""Options that would have no effect: they are refused, not ignored."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from oda_widgets.errors import BadParameter


def refuse_unused(options: argparse.Namespace, names: Iterable[str], why: str, advice: str) -> None:
    """Refuse the first of some options that was given.

    Parameters
    ----------
    options
        Those of the verb; options that were not given are None, False or empty.
    names
        Options that have no effect beside the others.
    why, advice
        The reason, as a clause, and what to do instead.

    Raises
    ------
    BadParameter
        If one was given.
    """
    for name in names:
        value = getattr(options, name)
        if value is None or value is False or value == []:
            continue
        # A list holds arguments without a flag; a flag without a value has nothing to show.
        if isinstance(value, list):
            raise BadParameter(name.removesuffix("s"), value[0], why, advice)
        raise BadParameter(name, None if value is True else value, why, advice)
