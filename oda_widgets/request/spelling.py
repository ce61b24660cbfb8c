"""Compare names of sources whatever their spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from oda_widgets.errors import BadParameter
from oda_widgets.request.numbers import with_plain_minus

_BLANKS = re.compile(r"[\s_]+")
_JOINING_SIGN = re.compile(r"(?<!\d)[+-]|[+-](?!\d)")


def match_key(name: str) -> str:
    """Return a key that is the same for all spellings of a name.

    Case, blanks, underscores and hyphens between words do not matter. The sign of a declination
    does: IGR J17391-3021 and IGR J17391+3021 are far apart.

    Examples
    --------
    >>> match_key("vela_x-1") == match_key("Vela X-1")
    True
    """
    plain = with_plain_minus(unicodedata.normalize("NFKC", name)).casefold()
    return _JOINING_SIGN.sub("", _BLANKS.sub("", plain).removeprefix("v*"))


def spelled(parameter: str, name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a text spells, or None if there is none.

    Raises
    ------
    BadParameter
        If it spells several of them and equals none exactly.

    Examples
    --------
    >>> spelled("source", "sgr1935+2154", ["Cyg X-1", "SGR 1935+2154"])
    'SGR 1935+2154'
    """
    names = tuple(dict.fromkeys(known))
    if name in names:
        return name
    found = [other for other in names if match_key(other) == match_key(name)]
    if len(found) > 1:
        ways = " or ".join(f'"{other}"' for other in found)
        raise BadParameter(parameter, name, "may be several sources", f"Write {ways}.")
    return found[0] if found else None
