"""Finish the product of any backend: list the sources that the query asks for."""

from __future__ import annotations

from oda_widgets.backend.weak_sources import known_weak_sources
from oda_widgets.products.answer import Product
from oda_widgets.products.image import SkyImage
from oda_widgets.products.made_when_asked import replaced
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.queries import SEARCH_THRESHOLD, ImageQuery, Query


def finish(product: Product, query: Query) -> Product:
    """Return a product with the sources that its query asks for.

    An image lists the sources above the detection threshold, and those that the query names. With a
    threshold below that of the search it also lists known sources at their positions.
    """
    if not (isinstance(product, SkyImage) and isinstance(query, ImageQuery)):
        return product
    listed = filter(query.lists, product.catalog)
    weak: list[CatalogSource] = []
    if query.detection_threshold < SEARCH_THRESHOLD:
        weak = known_weak_sources(product, query.detection_threshold)
    return replaced(product, catalog=SourceCatalog.of([*listed, *weak]))
