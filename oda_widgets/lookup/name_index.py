"""Find names of the reference catalogue in any spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property

from oda_widgets.lookup.reference_catalog import ReferenceSource, reference_catalog
from oda_widgets.request.spelling import match_key

_SIGN = re.compile(r"[+-]")


@dataclass(frozen=True)
class NameIndex:
    """Names and aliases by their keys, see `match_key`.

    Parameters
    ----------
    sources
        Sources by the keys of their names and aliases.
    spelling
        Names as the catalogue spells them, by key.
    """

    sources: Mapping[str, ReferenceSource]
    spelling: Mapping[str, str]

    @cached_property
    def unsigned(self) -> Mapping[str, ReferenceSource]:
        """Sources by keys without signs, if only one source has the key."""
        candidates: dict[str, set[ReferenceSource]] = {}
        for key, source in self.sources.items():
            candidates.setdefault(_SIGN.sub("", key), set()).add(source)
        return {key: found.pop() for key, found in candidates.items() if len(found) == 1}


def known_source(name: str) -> ReferenceSource | None:
    """Return the source of the reference catalogue with a name or alias, or None.

    A name that lacks the sign of its declination (web addresses lose a "+") is found if only one
    source fits.

    Examples
    --------
    >>> known_source("cyg x1").name
    'Cyg X-1'
    """
    index = _name_index()
    key = match_key(name)
    found = index.sources.get(key)
    if found is None and not _SIGN.search(key):
        found = index.unsigned.get(key)
    return found


def similar_names(name: str) -> tuple[str, ...]:
    """Return up to three names of the reference catalogue that resemble a name.

    Examples
    --------
    >>> "Vela X-1" in similar_names("Vella X-1")
    True
    """
    spelling = _name_index().spelling
    near = get_close_matches(match_key(name), spelling, n=3, cutoff=0.7)
    return tuple(dict.fromkeys(spelling[key] for key in near))


@cache
def _name_index() -> NameIndex:
    catalog = reference_catalog()
    # Add names last, so that they win over equal aliases of other sources.
    named = [(alias, source) for source in catalog for alias in source.aliases]
    named += [(source.name, source) for source in catalog]
    keyed = [(match_key(name), name, source) for name, source in named]
    sources = {key: source for key, _, source in keyed}
    return NameIndex(sources, {key: name for key, name, _ in keyed})
