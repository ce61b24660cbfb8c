"""The first query of the page: that of its link, or the light curve of a source."""

from __future__ import annotations

import os
from collections.abc import Iterable
from math import isnan, nan
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

import numpy as np

from oda_widgets.errors import EmptySelection, shorten
from oda_widgets.lookup.reference_catalog import sources_within
from oda_widgets.protocol.links import query_from_link
from oda_widgets.request.queries import ImageQuery, Query
from oda_widgets.request.revolutions import FIRST_REVOLUTION, LAST_REVOLUTION, revolution_start
from oda_widgets.request.science_windows import Identifiers, ScienceWindow, ScienceWindowList
from oda_widgets.request.source import Source
from oda_widgets.request.survey_query import AnyQuery

if TYPE_CHECKING:
    from oda_widgets.backend.site import Site
    from oda_widgets.panels.session import FormState

_QUERY_STRING = "QUERY_STRING"  # where Voila puts that of the address
_HAS_QUERY = "product_type="
OF_THE_SAMPLE = "SGR 1935+2154"
"""Source of the bundled bursts."""

_MOST_FIELDS = 100_000  # of a query string
_FITTED_BESIDE = 0.2  # degrees: what ISGRI resolves
_FIELD = 12.0  # degrees from the line of sight


def link_of_kernel() -> str:
    """Return the link of the page if the kernel was started for that page."""
    return os.environ.get(_QUERY_STRING, "").lstrip("?")


def linked_query(site: Site, link: str) -> Query | None:
    """Return the query in a link, if there is one.

    Parameters
    ----------
    site
        Finds science windows for links that name none.
    link
        The query string of an address.

    Raises
    ------
    BadParameter
        If the query of the link is not valid.
    UnknownSource
        If the link only names a source, and the name is not resolved.
    """
    if _HAS_QUERY not in link:
        return None
    return query_from_link(_with_position(site, link), site.science_windows)


def named_in(link: str) -> str:
    """Return the name of the source in a link; empty without one."""
    return _parameters(link).get("src_name", [""])[-1].strip()


def _with_position(site: Site, link: str) -> str:
    """Return a link with the position of the source that it merely names."""
    name = named_in(link)
    if not name or {"RA", "DEC"} & _parameters(link).keys():
        return link
    source = site.resolve(name)
    return f"{link}&{urlencode({'RA': source.ra, 'DEC': source.dec})}"


def _parameters(link: str) -> dict[str, list[str]]:
    try:
        return parse_qs(link, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}  # `query_from_link` raises the error


def source_of(query: AnyQuery, origin: str) -> Source | None:
    """Return the source that a query is about: its own, or the first of its catalogue.

    Parameters
    ----------
    query
        Of any kind.
    origin
        Origin of the position, unless the reference catalogue has the source near it.
    """
    if isinstance(query, ImageQuery):
        return query.source
    if not query.catalog.selected:
        return None
    first = query.catalog.selected[0]
    # The catalogue of a query holds the fitted position, not the known one.
    near = (known.source for known in sources_within(first.ra, first.dec, _FITTED_BESIDE))
    known = next((source for source in near if source.name == first.name), None)
    return known or Source(first.name, first.ra, first.dec, origin)


def other_name(form: FormState) -> str:
    """Return a remark if the name in a form is not that of its source; else an empty text.

    A page writes the same name twice; a file that others wrote need not.
    """
    typed, source = form.name.strip(), form.source
    if source is None or typed.casefold() == source.name.strip().casefold():
        return ""
    shown = "no name" if not typed else shorten(typed)
    return f"The file names the source {shown}; its data are those of {shorten(source.name)}."


def windows_of(query: AnyQuery, origin: str) -> ScienceWindowList:
    """Return the windows of a query, of which only identifier and revolution are known.

    Parameters
    ----------
    query
        Its windows may hold the number from which a search chose them.
    origin
        Origin of the names, as in `known_windows`; not used if a search found them.
    """
    ids = query.science_windows
    windows = windows_named(ids)
    if isinstance(ids, Identifiers):
        return ScienceWindowList(windows, ids.available, "", ids.unusable)
    return ScienceWindowList(windows, len(windows), origin)


def windows_named(names: Iterable[str]) -> tuple[ScienceWindow, ...]:
    """Return windows of which only the identifiers are known."""
    windows = []
    for name in names:
        revolution = min(max(int(name[:4]), FIRST_REVOLUTION), LAST_REVOLUTION)
        start = revolution_start(revolution)
        windows.append(ScienceWindow(name, start, start + 0.03, nan, nan, nan, nan, 0.0))
    return tuple(windows)


def is_only_named(window: ScienceWindow) -> bool:
    """Return True for a window of which only the identifier is known: its start is a guess."""
    return isnan(window.ra)


def first_source(site: Site, name: str | None = None) -> tuple[Source, ScienceWindowList]:
    """Return the source to begin with, and the science windows around it.

    Without a name it is the source of the bundled bursts or, where a site has no window of it,
    the brightest one that the reference catalogue lists in the field of a window.

    Raises
    ------
    OdaError
        If the name is not resolved, or the site has no window, or none with a known source.
    """
    source = site.resolve(OF_THE_SAMPLE if name is None else name)
    try:
        return source, site.science_windows(source)
    except EmptySelection:
        if name is not None:
            raise
    return _brightest(site)


def _brightest(site: Site) -> tuple[Source, ScienceWindowList]:
    window = site.science_windows(limit=1)[0]
    known = sources_within(window.ra, window.dec, _FIELD)
    if not known:
        problem = "The reference catalogue lists no source in the first science window."
        raise EmptySelection(problem, "Name a source.")
    brightest = max(known, key=lambda source: float(np.nan_to_num(source.rate_20_60)))
    return brightest.source, site.science_windows(brightest.source)
