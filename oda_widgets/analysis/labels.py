"""Labels of sources: a name given by the user changes no number, so nothing is recomputed.

Tasks use names derived from positions, and their results receive the labels of the query
afterwards. Names of the reference catalogue stay: the analysis treats a source of that name as the
one in the catalogue, at any position that the user gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.lookup.reference_catalog import reference_catalog
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import ImageQuery, Query
from oda_widgets.request.source import Source


@dataclass(frozen=True)
class Labels:
    """The labels of the sources of a query, by the names under which they are computed.

    Parameters
    ----------
    by_name
        Labels by name; empty if all labels are names of the reference catalogue.
    """

    by_name: Mapping[str, str]

    def plain(self, query: Query) -> Query:
        """Return a query whose sources have names derived from their positions."""
        names = {label: name for name, label in self.by_name.items()}
        if not names:
            return query
        sources = (replace(s, name=names.get(s.name, s.name)) for s in query.catalog)
        catalog = replace(query.catalog, sources=tuple(sources))
        if not isinstance(query, ImageQuery) or query.source is None:
            return replace(query, catalog=catalog)
        target = replace(query.source, name=names.get(query.source.name, query.source.name))
        return replace(query, catalog=catalog, source=target)

    def on(self, result: Payload) -> Payload:
        """Return a result with the labels of the query."""
        return replace(result, facts=self._on(result.facts)) if self.by_name else result

    def on_error(self, error: BadParameter) -> BadParameter:
        """Return an error with the labels of the query."""
        parts = (error.parameter, error.value, error.limit, error.advice)
        return type(error)(*(self._on(part) for part in parts))

    def _on(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, label in self.by_name.items():
                value = value.replace(name, label)
            return value
        if isinstance(value, list | tuple):
            return type(value)(self._on(part) for part in value)
        if isinstance(value, dict):
            return {key: self._on(part) for key, part in value.items()}
        return value


def labels_of(query: Query) -> Labels:
    """Return the labels of the sources of a query."""
    known = {source.name for source in reference_catalog()}
    asked: dict[str, CatalogSource | Source] = {}
    if isinstance(query, ImageQuery) and query.source is not None:
        asked[query.source.name] = query.source
    asked |= {source.name: source for source in query.catalog.selected}
    free = {label: _name(source) for label, source in asked.items() if label not in known}
    # Two labels of one position stay, since names must be distinct.
    one_place = len(set(free.values())) < len(free)
    return Labels({} if one_place else {name: label for label, name in free.items()})


def _name(source: CatalogSource | Source) -> str:
    # The bracket prevents one name from being the beginning of another.
    return f"source at ({source.ra!r}, {source.dec!r})"
