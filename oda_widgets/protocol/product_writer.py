"""Write our products as the JSON of a dispatcher's reply, without pickles.

The text is written in pieces: an image has a million numbers, and writing it must neither keep
other clients waiting nor hold several copies in memory.

There are two forms. In that of the protocol, which every client of a dispatcher reads, numbers are
text. Our own client requests the bytes of the arrays after the text (`reply.RAW`), which is a
hundred times faster.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from math import isfinite
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from oda_widgets.products.answer import Product
from oda_widgets.products.files.image_file import image_hdus
from oda_widgets.products.files.light_curve_file import light_curve_hdus
from oda_widgets.products.files.observation_keywords import extension_name
from oda_widgets.products.files.response_file import response_hdus
from oda_widgets.products.files.spectrum_file import spectrum_hdus
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.protocol.catalog import catalog_document
from oda_widgets.request.instrument import IMAGE
from oda_widgets.request.instruments import described
from oda_widgets.request.timespan import SECONDS_PER_DAY

_WORDS = frozenset({"COMMENT", "HISTORY", ""})
# JSON has neither NaN nor infinity. Readers turn null (None for oda_api) into NaN, and a number too
# large into infinity.
_NOT_FINITE = (("Infinity", "1e999"), ("inf", "1e999"), ("NaN", "null"), ("nan", "null"))
_NUMBERS = "fiu"  # kinds of data types that are numbers
_SINGLE = 4  # bytes
_MATRIX = "MATRIX"  # written in 4-byte numbers, as by OSA
_IBIS = "IBIS"
_WHOLE_SKY = "query"  # the dispatchers' name of the source of light curves of SPI-ACS
_KINDS = {fits.PrimaryHDU: "primary", fits.ImageHDU: "image", fits.BinTableHDU: "bintable"}

Pieces = Iterator[str]
Unit = Callable[[Any], Pieces]


@dataclass(frozen=True)
class JsonWithArrays:
    """Products as JSON, and the bytes of their arrays.

    Parameters
    ----------
    text
        JSON that gives each array by its offset and length in bytes.
    arrays
        Bytes of each array.
    """

    text: str
    arrays: tuple[bytes, ...]


def json_with_arrays(product: Product) -> JsonWithArrays:
    """Return the products of a reply in the form for our own client."""
    arrays: list[bytes] = []
    text = "".join(_products(product, partial(_raw_unit, arrays)))
    return JsonWithArrays(text, tuple(arrays))


def json_pieces(product: Product) -> Pieces:
    """Iterate over the JSON of the products of a reply, with all numbers as text."""
    return _products(product, _text_unit)


def _products(product: Product, unit: Unit) -> Pieces:
    if isinstance(product, SkyImage):
        yield '{"numpy_data_product_list": ['
        yield from _image(product, unit)
        yield f'], "catalog": {_dumped(_catalog(product))}'
    else:
        yield '{"numpy_data_product_list": ['
        parts: Iterable[Any] = product.values()
        yield from _separated(piece for part in parts for piece in _parts(part, unit))
        yield "]"
    yield f', "input_prod_list": {_dumped(list(_windows(product)))}}}'


def _windows(product: Any) -> tuple[str, ...]:
    parts = [product] if isinstance(product, SkyImage) else list(product.values())
    return parts[0].observation.science_windows if parts else ()


def _parts(part: Spectrum | LightCurve, unit: Unit) -> Iterator[Pieces]:
    known = described(part.observation.instrument)
    wire = known.wire
    if isinstance(part, LightCurve):
        width = float(np.median(part.width)) / SECONDS_PER_DAY if len(part) else 0.0
        about = {"src_name": part.name if known.sources else _WHOLE_SKY, "time_bin": width}
        about["time"] = "TIME"
        about |= {"rate": "RATE", "rate_err": "ERROR"}
        yield _product(wire.light_curve, about, _curve_hdus(part), unit)
        return
    matrix, area = response_hdus(part.response, "NONE")
    for kind, hdus in (
        (wire.spectrum, spectrum_hdus(part, "NONE", "NONE")),
        (f"{wire.instrument}_arf", area),
        (f"{wire.instrument}_rmf", matrix),
    ):
        yield _product("", {"src_name": part.name, "product": kind}, hdus, unit)


def _curve_hdus(curve: LightCurve) -> list[Any]:
    """Return the HDUs of a light curve in the order of dispatchers.

    oda_api saves the first table of IBIS, and the second of any other instrument: an index precedes
    the light curves of JEM-X.
    """
    has_sources = described(curve.observation.instrument).sources
    primary, table, *others = light_curve_hdus(curve, (), "d" if has_sources else "s")
    name = table.header["INSTRUME"]
    if not has_sources or name == _IBIS:
        return [primary, table, *others]
    for other in others:
        other.header["INSTRUME"] = name
    return [primary, *others[:1], table, *others[1:]]


def _image(image: SkyImage, unit: Unit) -> Pieces:
    hdus = image_hdus(image)
    hdus[1].name = f"{extension_name(image.observation.instrument, IMAGE)}-IDX"
    name = described(image.observation.instrument).wire.instrument
    about = {"product": "mosaic", "instrument": name, "src_name": "", "query_parameters": None}
    return _product("mosaic_image", about, hdus, unit)


def _catalog(image: SkyImage) -> dict[str, Any]:
    own = described(image.observation.instrument).wire.catalog
    return catalog_document(image.catalog, own)


def _product(name: str, about: Mapping[str, Any], hdus: Iterable[Any], unit: Unit) -> Pieces:
    head = {"name": name, "meta_data": _dumped(about)}
    yield f'{_dumped(head)[:-1]}, "data_unit_list": ['
    yield from _separated(unit(hdu) for hdu in hdus)
    yield "]}"


def _text_unit(hdu: Any) -> Pieces:
    """Iterate over the JSON of a data unit with its numbers as text."""
    document, data = _unit_document(hdu), hdu.data
    if data is None:
        yield _dumped(document | {"data": None})
        return
    if document["hdu_type"] == "bintable":
        columns = [np.asarray(data[name]) for name in data.names]
        singles = [
            c.astype(">f4") if n == _MATRIX else c for n, c in zip(data.names, columns, strict=True)
        ]
        document["dt"] = _types(data.names, singles)
        rows = _table_rows(singles)
    else:
        rows = _image_rows(data)
    yield f'{_dumped(document)[:-1]}, "data": "['
    for number, row in enumerate(rows):
        yield f", {row}" if number else row
    yield ']"}'


def _raw_unit(arrays: list[bytes], hdu: Any) -> Pieces:
    """Iterate over the JSON of a data unit, and append its bytes, as in a file, to the arrays."""
    document, data = _unit_document(hdu), hdu.data
    if data is None:
        yield _dumped(document | {"data": None})
        return
    if document["hdu_type"] == "bintable":
        columns = [np.asarray(data[name]) for name in data.names]
        document["dt"] = _types(data.names, columns)
        content = np.rec.fromarrays(columns, dtype=_dtype(data.names, columns)).tobytes()
    else:
        content = data.astype(data.dtype.newbyteorder(">")).tobytes()
    document["shape"] = list(data.shape)
    document["raw"] = [sum(map(len, arrays)), len(content)]
    arrays.append(content)
    yield _dumped(document)


def _unit_document(hdu: Any) -> dict[str, Any]:
    kind = next(name for cls, name in _KINDS.items() if type(hdu) is cls)
    units = {c.name: c.unit for c in hdu.columns if c.unit} if kind == "bintable" else {}
    dtype = None if hdu.data is None else hdu.data.dtype.newbyteorder(">").str
    return {
        "name": hdu.name,
        "header": _header(hdu.header),
        "binarys": None,
        "meta_data": {},
        "hdu_type": kind,
        "dt": dtype,
        "units_dict": units or None,
    }


def _dtype(names: Sequence[str], columns: Sequence[Any]) -> np.dtype[Any]:
    """Return the data type of a row in a file, big-endian."""
    return np.dtype([_field(name, c) for name, c in zip(names, columns, strict=True)])


def _types(names: Sequence[str], columns: Sequence[Any]) -> str:
    """Return the data type of a row in Python's notation."""
    return str([_field(name, c) for name, c in zip(names, columns, strict=True)])


def _field(name: str, column: Any) -> tuple[Any, ...]:
    kind, shape = column.dtype, column.shape[1:]
    code = f"S{max(kind.itemsize // 4, 1)}" if kind.kind == "U" else kind.newbyteorder(">").str
    return (name, code, shape) if shape else (name, code)


def _table_rows(columns: Sequence[NDArray[Any]]) -> Pieces:
    """Iterate over the rows of a table as JSON."""
    if all(column.dtype.kind in _NUMBERS for column in columns):
        form = f"[{', '.join(_form(column) for column in columns)}]"
        lists = [column.reshape(len(column), -1).tolist() for column in columns]
        for cells in zip(*lists, strict=True):
            yield _finite(form % tuple(chain.from_iterable(cells)))
        return
    for values in zip(*(column.tolist() for column in columns), strict=True):
        words = (_dumped(v) if isinstance(v, str) else _finite(json.dumps(v)) for v in values)
        # Escape quotes: the row becomes part of a JSON string.
        yield _dumped(f"[{', '.join(words)}]")[1:-1]


def _image_rows(image: NDArray[Any]) -> Pieces:
    """Iterate over the rows of an image as JSON."""
    form = _form(image)
    for row in image:
        yield _finite(form % tuple(row.tolist()))


def _form(column: NDArray[Any]) -> str:
    """Return the format of the cells of a column; nine digits hold every bit of 4 bytes."""
    number = "%.9g" if column.dtype.kind == "f" and column.dtype.itemsize == _SINGLE else "%r"
    return number if column.ndim == 1 else f"[{','.join([number] * column.shape[1])}]"


def _finite(text: str) -> str:
    """Return text with NaN and infinity replaced by what JSON can hold."""
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
