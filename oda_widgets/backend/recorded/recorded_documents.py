"""Encode and decode documents of recordings: products with provenance, lists of windows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from oda_widgets.products.answer import Product
from oda_widgets.products.image import SkyImage
from oda_widgets.protocol.product_reader import read_product
from oda_widgets.protocol.product_writer import json_with_arrays
from oda_widgets.protocol.reply import SEPARATOR
from oda_widgets.provenance.record import Provenance
from oda_widgets.provenance.repeat import RepeatedText
from oda_widgets.provenance.step import Step
from oda_widgets.request.queries import Query
from oda_widgets.request.science_windows import ScienceWindow, ScienceWindowList, SkippedWindow


def query_key(query: Query) -> str:
    """Return the key of a query in a recording."""
    return query.identity


def product_content(product: Product, query: Query) -> bytes:
    """Return a product with its history: JSON followed by the bytes of its arrays."""
    provenance = _provenance(product)
    whole = json_with_arrays(product)
    document = {
        "products": json.loads(whole.text),
        "detection_threshold": getattr(query, "detection_threshold", None),
        "provenance": {
            "nodes": [asdict(step) for step in provenance.nodes],
            "archive": provenance.archive,
            "code": provenance.code,
            "share": provenance.link,
        },
    }
    return SEPARATOR.join((json.dumps(document).encode(), b"".join(whole.arrays)))


def product_of(document: Mapping[str, Any], query: Query) -> Product:
    """Return the recorded product."""
    recorded = document["provenance"]
    steps = tuple(Step(**s | {"inputs": tuple(s["inputs"])}) for s in recorded["nodes"])
    repeat = RepeatedText(recorded["code"], recorded["share"])
    provenance = Provenance(steps, query.identity, recorded["archive"], repeat)
    return read_product(document["products"], query, provenance)


def windows_content(windows: ScienceWindowList) -> bytes:
    """Return a list of science windows as JSON."""
    document = {
        "windows": [asdict(window) for window in windows],
        "available": windows.available,
        "answered_by": windows.answered_by,
        "unusable": [asdict(window) for window in windows.unusable],
    }
    return json.dumps(document).encode()


def windows_of(document: Mapping[str, Any]) -> ScienceWindowList:
    """Return the recorded science windows."""
    windows = tuple(ScienceWindow(**window) for window in document["windows"])
    unusable = tuple(SkippedWindow(**window) for window in document.get("unusable", ()))
    return ScienceWindowList(windows, document["available"], document["answered_by"], unusable)


def _provenance(product: Product) -> Provenance:
    """Return the history that all parts of a product share."""
    part: Any = product if isinstance(product, SkyImage) else next(iter(product.values()))
    found: Provenance = part.provenance
    if isinstance(product, SkyImage):
        return found
    # The last line of each part selects it from the whole.
    return replace(found, lines=found.lines[:-1])
