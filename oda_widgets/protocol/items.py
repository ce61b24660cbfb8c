"""The products of any instrument, by what they are: images, tables, texts, pictures, files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from astropy.io import fits

from oda_widgets.protocol.answer import clean
from oda_widgets.protocol.catalog import catalog_from
from oda_widgets.protocol.products import WireProduct, wire_products
from oda_widgets.protocol.refuse import refused
from oda_widgets.protocol.units import decode_base64

_PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
_LONGEST_TEXT = 1 << 20


class Kind(StrEnum):
    """What a product is."""

    IMAGE = "image"
    TABLE = "table"
    LIGHT_CURVE = "light curve"
    CATALOG = "catalogue"
    TEXT = "text"
    PICTURE = "picture"
    FILE = "file"


@dataclass(frozen=True)
class WireItem:
    """One product of any instrument.

    Parameters
    ----------
    kind
        What it is.
    name
        What to call it.
    value
        HDUs for images, tables and light curves; a `SourceCatalog`; a text; bytes for pictures
        (PNG, JPEG, GIF) and files. Whoever shows texts must escape them.
    about
        What the server says of it.
    """

    kind: Kind
    name: str
    value: Any
    about: Mapping[str, Any]

    @property
    def file_name(self) -> str:
        """A name to save it by, without any folder."""
        stem = PurePosixPath(self.name.replace("\\", "/")).name.strip(". ") or "product"
        return "".join(c if c.isalnum() or c in "._-+" else "_" for c in stem)[:100]


def items_of(products: Mapping[str, Any]) -> list[WireItem]:
    """Return all products of an answer.

    Raises
    ------
    DamagedFile
        If one cannot be read.
    """
    found: list[WireItem] = []
    if "numpy_data_product_list" in products or "numpy_data_product" in products:
        found += [_of_hdus(product) for product in wire_products(products)]
    if products.get("catalog") is not None:
        found.append(WireItem(Kind.CATALOG, "catalogue", catalog_from(products["catalog"]), {}))
    for entry in _listed(products, "astropy_table_product_ascii_list"):
        found.append(WireItem(Kind.TEXT, _name(entry, "table"), _text(entry.get("ascii")), {}))
    for entry in _listed(products, "text_product_list"):
        found.append(WireItem(Kind.TEXT, _name(entry, "text"), _text(entry.get("value")), {}))
    for entry in _listed(products, "binary_image_product_list"):
        found.append(_picture(entry))
    for entry in _listed(products, "binary_data_product_list"):
        found.append(_file(entry))
    return found


def _of_hdus(product: WireProduct) -> WireItem:
    data = [hdu for hdu in product.hdus if hdu.data is not None]
    name = clean(product.name) or clean(product.source) or "data"
    return WireItem(_kind(data), name, product.hdus, product.about)


def _kind(data: list[Any]) -> Kind:
    """Return what some HDUs with data are; beside images stand tables that only list them."""
    tables = [hdu for hdu in data if isinstance(hdu, fits.BinTableHDU)]
    if not tables or len(tables) < len(data):
        return Kind.IMAGE
    columns = {column.upper() for column in tables[0].columns.names}
    return Kind.LIGHT_CURVE if {"TIME", "RATE"} <= columns else Kind.TABLE


def _picture(entry: Mapping[str, Any]) -> WireItem:
    content = decode_base64(entry.get("b64data"))
    # What it is, its first bytes say; formats that can hold programs, such as SVG, are files.
    known = any(content.startswith(start) for start in _PICTURES)
    kind = Kind.PICTURE if known else Kind.FILE
    return WireItem(kind, _name(entry, "picture"), content, {})


def _file(entry: Mapping[str, Any]) -> WireItem:
    content = decode_base64(entry.get("data"))
    stated = entry.get("md5")
    if stated and hashlib.md5(content, usedforsecurity=False).hexdigest() != stated:
        raise refused("a file that is not what its checksum says", entry.get("name"))
    return WireItem(Kind.FILE, _name(entry, "file"), content, {})


def _listed(products: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    entries = products.get(key) or []
    if not isinstance(entries, list):
        raise refused(f"its {key} is no list")
    for entry in entries:
        unpacked = entry
        if isinstance(entry, str):
            try:
                unpacked = json.loads(entry)
            except (ValueError, RecursionError):
                unpacked = {"value": entry, "data": entry}
        if not isinstance(unpacked, dict):
            raise refused(f"its {key} holds something else than products", unpacked)
        yield unpacked


def _name(entry: Mapping[str, Any], otherwise: str) -> str:
    return clean(entry.get("name")) or otherwise


def _text(value: Any) -> str:
    if not isinstance(value, str):
        value = json.dumps(value)
    return str(value[:_LONGEST_TEXT])
