"""Read products of any instrument: images, tables, texts, pictures and files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from astropy.io import fits

from oda_widgets.protocol.catalog import catalog_from
from oda_widgets.protocol.data_units import decode_base64
from oda_widgets.protocol.product_reader import HduProduct, read_hdu_products
from oda_widgets.protocol.reply import one_line, unusable

_PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
_LONGEST_TEXT = 1 << 20


class ProductKind(StrEnum):
    """Kind of a product."""

    IMAGE = "image"
    TABLE = "table"
    LIGHT_CURVE = "light curve"
    CATALOG = "catalogue"
    TEXT = "text"
    PICTURE = "picture"
    FILE = "file"


@dataclass(frozen=True)
class GenericProduct:
    """One product of any instrument.

    Parameters
    ----------
    kind
        Format of `value`.
    name
        Name to show to users.
    value
        HDUs for images, tables and light curves; a `SourceCatalog`; a text; bytes for pictures
        (PNG, JPEG, GIF) and files. Texts must be escaped before they are shown.
    about
        Description by the server.
    """

    kind: ProductKind
    name: str
    value: Any
    about: Mapping[str, Any]

    @property
    def file_name(self) -> str:
        """Name of a file to save it in, without a folder."""
        stem = PurePosixPath(self.name.replace("\\", "/")).name.strip(". ") or "product"
        return "".join(c if c.isalnum() or c in "._-+" else "_" for c in stem)[:100]


def read_generic_products(products: Mapping[str, Any]) -> list[GenericProduct]:
    """Return all products of a reply.

    Raises
    ------
    DamagedFile
        If one cannot be read.
    """
    found: list[GenericProduct] = []
    if "numpy_data_product_list" in products or "numpy_data_product" in products:
        found += [_from_hdus(product) for product in read_hdu_products(products)]
    if products.get("catalog") is not None:
        found.append(
            GenericProduct(ProductKind.CATALOG, "catalogue", catalog_from(products["catalog"]), {})
        )
    for entry in _entries(products, "astropy_table_product_ascii_list"):
        found.append(
            GenericProduct(ProductKind.TEXT, _name(entry, "table"), _text(entry.get("ascii")), {})
        )
    for entry in _entries(products, "text_product_list"):
        found.append(
            GenericProduct(ProductKind.TEXT, _name(entry, "text"), _text(entry.get("value")), {})
        )
    for entry in _entries(products, "binary_image_product_list"):
        found.append(_picture(entry))
    for entry in _entries(products, "binary_data_product_list"):
        found.append(_file(entry))
    return found


def _from_hdus(product: HduProduct) -> GenericProduct:
    data = [hdu for hdu in product.hdus if hdu.data is not None]
    name = one_line(product.name) or one_line(product.source) or "data"
    return GenericProduct(_kind(data), name, product.hdus, product.about)


def _kind(data: list[Any]) -> ProductKind:
    """Return the kind of a product; tables beside images are indexes of them."""
    tables = [hdu for hdu in data if isinstance(hdu, fits.BinTableHDU)]
    if not tables or len(tables) < len(data):
        return ProductKind.IMAGE
    columns = {column.upper() for column in tables[0].columns.names}
    return ProductKind.LIGHT_CURVE if {"TIME", "RATE"} <= columns else ProductKind.TABLE


def _picture(entry: Mapping[str, Any]) -> GenericProduct:
    content = decode_base64(entry.get("b64data"))
    # Trust the first bytes only. Formats that may hold programs, such as SVG, remain files.
    known = any(content.startswith(start) for start in _PICTURES)
    kind = ProductKind.PICTURE if known else ProductKind.FILE
    return GenericProduct(kind, _name(entry, "picture"), content, {})


def _file(entry: Mapping[str, Any]) -> GenericProduct:
    content = decode_base64(entry.get("data"))
    stated = entry.get("md5")
    if stated and hashlib.md5(content, usedforsecurity=False).hexdigest() != stated:
        raise unusable("a file that is not what its checksum says", entry.get("name"))
    return GenericProduct(ProductKind.FILE, _name(entry, "file"), content, {})


def _entries(products: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    """Iterate over the entries of a list of products; some servers send each as JSON."""
    entries = products.get(key) or []
    if not isinstance(entries, list):
        raise unusable(f"its {key} is no list")
    for entry in entries:
        decoded = entry
        if isinstance(entry, str):
            try:
                decoded = json.loads(entry)
            except (ValueError, RecursionError):
                decoded = {"value": entry, "data": entry}
        if not isinstance(decoded, dict):
            raise unusable(f"its {key} holds something else than products", decoded)
        yield decoded


def _name(entry: Mapping[str, Any], default: str) -> str:
    return one_line(entry.get("name")) or default


def _text(value: Any) -> str:
    if not isinstance(value, str):
        value = json.dumps(value)
    return str(value[:_LONGEST_TEXT])
