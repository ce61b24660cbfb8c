"""The sources, and their positions, that every window of a mosaic fits when cleaned again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from oda_widgets.analysis.blends import known_beside
from oda_widgets.analysis.graph import in_canonical_order
from oda_widgets.engine.aperture import Aperture
from oda_widgets.engine.mura_aperture import IBIS
from oda_widgets.lookup.reference_catalog import ReferenceSource, reference_catalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import SEARCH_THRESHOLD

_WELL_KNOWN = 1 / 60  # degrees: a catalogue position this precise is better than ours
_SAME_FIT = 0.5 / 60  # degrees: fitted new sources this close to each other are the same

_GHOSTS_SHOW = 8.0  # significance of a source whose ghosts may reach the search threshold


def cleaning_places(
    found: Iterable[CatalogSource],
    fixed: Sequence[CatalogSource],
    aperture: Aperture = IBIS,
    lowest: float = SEARCH_THRESHOLD,
) -> tuple[CatalogSource, ...]:
    """Return the sources that all windows of a mosaic fit, at the same positions in each.

    They include known sources whose peaks overlap theirs, however faint.
    Catalogue positions do not depend on the windows of the mosaic, so another window leaves the
    others unchanged.

    Parameters
    ----------
    found
        The sources of the mosaic.
    fixed
        Sources that the query fits at fixed positions.
    lowest
        Significance of the faintest source that is cleaned.
    """
    named = {source.name: source for source in fixed}
    sure = (source for source in found if source.significance >= lowest)
    places = named | {s.name: _at_its_place(s) for s in sure if s.name not in named}
    beside = [s for s in known_beside(places.values(), aperture) if s.name not in places]
    return in_canonical_order((*places.values(), *beside))


def is_worth_cleaning(places: Iterable[CatalogSource], before: Sequence[CatalogSource]) -> bool:
    """Return True for the first cleaning, or if another one removes significant ghosts.

    Parameters
    ----------
    places
        Sources to be cleaned.
    before
        Sources that were cleaned before; empty the first time.
    """
    names = {source.name for source in before if not source.new}
    return not before or any(
        source.significance >= _GHOSTS_SHOW
        and source.name not in names
        and not _is_among(source, before)
        for source in places
    )


def is_settled(fitted: Sequence[CatalogSource], wanted: Iterable[CatalogSource]) -> bool:
    """Return True if the fit of a window has all the sources it should, and no other new ones.

    Parameters
    ----------
    fitted
        Sources in the fit of the window.
    wanted
        Sources that the fit should have.
    """
    names = {source.name for source in fitted if not source.new}
    wanted_new = [source for source in wanted if source.new]
    fitted_new = [source for source in fitted if source.new]
    return (
        all(source.name in names for source in wanted if not source.new)
        and all(_is_among(source, fitted_new) for source in wanted_new)
        and all(_is_among(source, wanted_new) for source in fitted_new)
    )


def _is_among(source: CatalogSource, others: Iterable[CatalogSource]) -> bool:
    return any(source.separation(other) < _SAME_FIT for other in others)


def _at_its_place(source: CatalogSource) -> CatalogSource:
    """Return a source at its position in the reference catalogue, if that is precise."""
    known = None if source.new else _reference().get(source.name)
    if known is None or known.error_radius > _WELL_KNOWN:
        return source
    return replace(source, ra=known.ra, dec=known.dec)


@cache
def _reference() -> Mapping[str, ReferenceSource]:
    return {source.name: source for source in reference_catalog()}
