"""From our products to those of the dispatcher's answers, without pickles.

The text is written in pieces: an image has a million numbers, and whoever writes it must not keep
others waiting, nor hold it in memory several times.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

import numpy as np
from astropy.io import fits

from oda_widgets.backend.base import Product
from oda_widgets.backend.wire.catalog import catalog_document
from oda_widgets.products.files.image_file import image_hdus
from oda_widgets.products.files.light_curve_file import light_curve_hdus
from oda_widgets.products.files.response_file import response_hdus
from oda_widgets.products.files.spectrum_file import spectrum_hdus
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.timespan import SECONDS_PER_DAY

_WORDS = frozenset({"COMMENT", "HISTORY", ""})
# Numbers that JSON has not, in words that JSON and Python both read: NaN comes back from null,
# which oda_api turns into None, and infinity from a number that is too large.
_NOT_FINITE = (("-Infinity", "-1e999"), ("Infinity", "1e999"), ("NaN", "null"))
_GROUPING = "ISGR-MOSA-IMA-IDX"
_KINDS = {fits.PrimaryHDU: "primary", fits.ImageHDU: "image", fits.BinTableHDU: "bintable"}

Pieces = Iterator[str]


def products_text(product: Product) -> Pieces:
    """Iterate over the JSON of the products of an answer."""
    if isinstance(product, SkyImage):
        yield '{"numpy_data_product_list": ['
        yield from _image(product)
        yield f'], "catalog": {_dumped(catalog_document(product.catalog))}'
    else:
        yield '{"numpy_data_product_list": ['
        parts: Iterable[Any] = product.values()
        yield from _separated(piece for part in parts for piece in _parts(part))
        yield "]"
    yield f', "input_prod_list": {_dumped(list(_windows(product)))}}}'


def _windows(product: Any) -> tuple[str, ...]:
    parts = [product] if isinstance(product, SkyImage) else list(product.values())
    return parts[0].observation.science_windows if parts else ()


def _parts(part: Spectrum | LightCurve) -> Iterator[Pieces]:
    if isinstance(part, LightCurve):
        width = float(np.median(part.width)) / SECONDS_PER_DAY if len(part) else 0.0
        about = {"src_name": part.name, "time_bin": width, "time": "TIME"}
        about |= {"rate": "RATE", "rate_err": "ERROR"}
        yield _product("isgri_lc", about, light_curve_hdus(part))
        return
    matrix, area = response_hdus(part.response, "NONE")
    for kind, hdus in (
        ("isgri_spectrum", spectrum_hdus(part, "NONE", "NONE")),
        ("isgri_arf", area),
        ("isgri_rmf", matrix),
    ):
        yield _product("", {"src_name": part.name, "product": kind}, hdus)


def _image(image: SkyImage) -> Pieces:
    hdus = image_hdus(image)
    hdus[1].name = _GROUPING
    about = {"product": "mosaic", "instrument": "isgri", "src_name": "", "query_parameters": None}
    return _product("mosaic_image", about, hdus)


def _product(name: str, about: Mapping[str, Any], hdus: Iterable[Any]) -> Pieces:
    head = {"name": name, "meta_data": _dumped(about)}
    yield f'{_dumped(head)[:-1]}, "data_unit_list": ['
    yield from _separated(_unit(hdu) for hdu in hdus)
    yield "]}"


def _unit(hdu: Any) -> Pieces:
    kind = next(name for cls, name in _KINDS.items() if type(hdu) is cls)
    document = {"name": hdu.name, "header": _header(hdu.header), "binarys": None}
    document |= {"meta_data": {}, "hdu_type": kind}
    data = hdu.data
    if data is None:
        yield _dumped(document | {"data": None, "dt": None, "units_dict": None})
        return
    if kind == "bintable":
        units = {column.name: column.unit for column in hdu.columns if column.unit}
        document |= {"dt": _columns(data), "units_dict": units or None}
        rows = (_row(row) for row in zip(*(_cells(data, n) for n in data.names), strict=True))
    else:
        document |= {"dt": data.dtype.newbyteorder(">").str, "units_dict": None}
        rows = (_numbers(row.tolist()) for row in data)
    yield f'{_dumped(document)[:-1]}, "data": "['
    for number, row in enumerate(rows):
        yield f", {row}" if number else row
    yield ']"}'


def _columns(data: Any) -> str:
    """Return the types of the columns as they stand in a file, as Python writes them."""
    kinds = [(name, _in_file(data.dtype[name])) for name in data.names]
    return str([(name, *((kind[0],) if not kind[1] else kind)) for name, kind in kinds])


def _in_file(dtype: np.dtype[Any]) -> tuple[str, tuple[int, ...]]:
    return dtype.base.newbyteorder(">").str, dtype.shape


def _cells(data: Any, name: str) -> list[Any]:
    cells: list[Any] = np.asarray(data[name]).tolist()
    return cells


def _row(values: tuple[Any, ...]) -> str:
    """Return a row of a table, its quotes escaped: it becomes part of a text."""
    if not any(isinstance(value, str) for value in values):
        return _numbers(list(values))
    cells = (_dumped(v) if isinstance(v, str) else _numbers(v) for v in values)
    return _dumped(f"[{', '.join(cells)}]")[1:-1]


def _numbers(values: Any) -> str:
    text = json.dumps(values)
    for theirs, ours in _NOT_FINITE:
        if theirs in text:
            text = text.replace(theirs, ours)
    return text


def _header(header: fits.Header) -> dict[str, Any]:
    cards = {card.keyword: card.value for card in header.cards if card.keyword not in _WORDS}
    return {
        keyword: value
        for keyword, value in cards.items()
        if isinstance(value, str | bool | int) or (isinstance(value, float) and isfinite(value))
    }


def _separated(parts: Iterable[Pieces]) -> Pieces:
    for number, pieces in enumerate(parts):
        if number:
            yield ", "
        yield from pieces


def _dumped(document: Any) -> str:
    return json.dumps(document, allow_nan=False)
