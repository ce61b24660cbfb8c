"""The nodes of the analysis, with DDOSA's names where DDOSA has the same step.

::

    ScWData ─ ISGRIEvents ─ ISGRICounts, ISGRIRefCat ─ CatExtract ─ ii_skyimage ─ mosaic_footprint
    pixel_sums of its neighbours ─ BinMapsImage ─ ii_skyimage, if it needs them
    mosaic_footprint of each window ─ mosaic_ii_skyimage
    ii_skyimage, CatExtract of the mosaic ─ cleaned_footprint ─ mosaic_ii_skyimage, likewise
    ISGRICounts, ISGRIResponse, CatForSpectra ─ ii_spectra_extract ─ ISGRISpectraSum
    pixel_sums of its neighbours ─ BinMapsSpectra ─ ii_spectra_extract, ISGRIGroupFits, likewise
    ISGRIEvents, ISGRICounts, CatForLC ─ ISGRIGroupFits ─ ii_lc_extract ─ ISGRILCSum

    ScWData ─ JEMXEvents, ISGRIRefCat ─ CatExtract ─ jemx_image ─ mosaic_footprint ─ mosaic_jemx
    JEMXEvents, JRMF, CatForSpectra ─ jemx_spe ─ spe_pick
    JEMXEvents, CatForLC ─ jemx_lcr ─ lc_pick

The parameters of a node are limited to what affects its window: sources outside its field of view
and intervals outside its time change nothing, so they are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from oda_widgets.lookup import reference_catalog
from oda_widgets.provenance.code_version import code_version
from oda_widgets.provenance.node import Node
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.timespan import TimeInterval


@cache
def reference_catalog_node() -> Node:
    """Return the node of the reference catalogue."""
    return Node("ISGRIRefCat", code_version(reference_catalog.__name__))


def catalog_node(
    step: str, sources: Sequence[CatalogSource], *, with_reference: bool = False
) -> Node:
    """Return the node of a choice of sources at fixed positions.

    Parameters
    ----------
    step
        Name of the node.
    sources
        The chosen sources.
    with_reference
        Whether sources of the reference catalogue may be found in addition.
    """
    places = tuple((source.name, source.ra, source.dec) for source in sources)
    return _choice(step, places, with_reference=with_reference)


@lru_cache(maxsize=500)
def _choice(
    step: str, places: tuple[tuple[str, float, float], ...], *, with_reference: bool
) -> Node:
    """Return the node of a choice; many windows see the same sources."""
    inputs = (reference_catalog_node(),) if with_reference else ()
    return Node(step, "choice", {"sources": [list(place) for place in places]}, inputs)


def interval_parameter(intervals: Iterable[TimeInterval]) -> list[list[float]]:
    """Return intervals as a parameter of a node, IJD days."""
    return [[interval.start, interval.stop] for interval in intervals]


def in_canonical_order(sources: Iterable[CatalogSource]) -> tuple[CatalogSource, ...]:
    """Return sources in the order in which they are fitted, independent of the query's order."""
    return tuple(sorted(sources, key=lambda source: (source.name, source.ra, source.dec)))
