"""What is done to a product after any backend: its catalogue lists what the query asks for."""

from __future__ import annotations

from dataclasses import replace

from oda_widgets.products.answer import Product
from oda_widgets.products.image import SkyImage
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.queries import ImageQuery, Query


def finish(product: Product, query: Query) -> Product:
    """Return a product as its query asks for it.

    An image lists the sources above the detection threshold, and those that the query names.
    """
    if not (isinstance(product, SkyImage) and isinstance(query, ImageQuery)):
        return product
    named = {*query.catalog.names, query.source.name if query.source else ""}
    listed = (
        source
        for source in product.catalog
        if source.name in named or source.significance >= query.detection_threshold
    )
    return replace(product, catalog=SourceCatalog.of(listed))
