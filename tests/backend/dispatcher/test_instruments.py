"""Any instrument of a server can be used by the parameters that the server describes."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

import oda_widgets as oda
from oda_widgets.errors import BadParameter, DamagedFile, NotAllowed, ServiceError
from oda_widgets.protocol.generic_products import ProductKind, read_generic_products
from oda_widgets.protocol.meta_data import read_meta_data
from oda_widgets.server.offered_parameters import description


@pytest.fixture(scope="module")
def site(real_dispatcher: str) -> oda.Site:
    return oda.connect(real_dispatcher, token="")


def test_the_real_dispatchers_instruments_describe_themselves(site: oda.Site) -> None:
    empty = site.instrument("empty")
    assert set(empty.products) == {"dummy", "numerical", "failing", "parametrical", "echo"}
    items = {item.name: item for item in empty.items("parametrical")}
    assert (items["sb"].units, items["sb"].default) == ("keV", 10.0)
    assert {"src_name", "RA", "T1"} <= items.keys()
    assert "token" not in items


def test_jem_x_is_an_instrument_like_any_other(site: oda.Site) -> None:
    jemx = site.instrument("jemx")
    curve, *_ = jemx.get("jemx_lc", query_type="Dummy", E1_keV=3, E2_keV=20)
    assert curve.kind == ProductKind.LIGHT_CURVE
    assert (curve.value[1].data["RATE"] > 0).all()
    found = jemx.get("jemx_image", query_type="Dummy")
    assert [item.kind for item in found] == [ProductKind.IMAGE, ProductKind.CATALOG]
    spectrum = jemx.get("jemx_spectrum", query_type="Dummy")
    assert [item.kind for item in spectrum] == [ProductKind.TABLE] * 3


def test_jem_x_gives_the_products_of_real_data_too(site: oda.Site) -> None:
    jemx, windows = site.instrument("jemx"), ["066500220010.001", "066500230010.001"]
    found = jemx.get("jemx_image", jemx_num=2, scw_list=windows, osa_version="OSA10.2")
    assert [item.kind for item in found] == [ProductKind.IMAGE, ProductKind.CATALOG]


def test_unknown_parameters_are_refused_with_the_known_ones(site: oda.Site) -> None:
    with pytest.raises(BadParameter, match=r"instrument='gw'.*There are: empty"):
        site.instrument("gw")
    empty = site.instrument("empty")
    with pytest.raises(BadParameter, match="Choose one of: dummy"):
        empty.get("movie")
    with pytest.raises(BadParameter, match=r"src_nam='x'.*Did you mean src_name\?"):
        empty.get("dummy", src_nam="x")
    with pytest.raises(BadParameter, match="p='many': not a number"):
        empty.get("numerical", p="many")
    with pytest.raises(NotAllowed, match="token"):
        empty.get("numerical", query_type="Dummy", p=4)
    with pytest.raises(BadParameter, match=r"has no instruments beyond.*Connect to a dispatcher"):
        oda.connect(archive="sample").instrument("gw")


def test_both_forms_of_the_description_are_read() -> None:
    ours = read_meta_data(description("isgri", None))
    document = description("isgri", None)[0]
    lists = [document[:2] + [json.loads(group) for group in document[2:]]]
    assert read_meta_data(lists) == ours
    energy = next(item for item in ours["isgri_image"] if item.name == "E1_keV")
    assert (energy.low, energy.high) == (15, 800)
    assert energy.checked("20") == "20.0"
    with pytest.raises(BadParameter, match="outside 15 to 800 keV"):
        energy.checked(5)
    version = next(item for item in ours["isgri_image"] if item.name == "osa_version")
    with pytest.raises(BadParameter, match=r"OSA10\.2, OSA11\.0, OSA11\.1, OSA11\.2"):
        version.checked("OSA9")


@pytest.mark.parametrize("document", [None, [], [[]], {}, "x", [[1, "x", ["{"]]], [["[" * 9999]]])
def test_descriptions_that_are_none_are_refused(document: Any) -> None:
    with pytest.raises(ServiceError, match="cannot be read"):
        read_meta_data(document)


def packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()


def test_products_are_known_by_what_they_are() -> None:
    content = b"\xfb\xff\xfe anything"
    products = {
        "text_product_list": [{"name": "note", "value": "hello"}, "plain text"],
        "binary_image_product_list": [
            {"name": "plot", "b64data": packed(b"\x89PNG...")},
            {"name": "drawing", "b64data": packed(b"<svg onload='alert(1)'/>")},
        ],
        "binary_data_product_list": [
            {
                "name": "../../etc/passwd",
                "data": packed(content),
                "md5": hashlib.md5(content).hexdigest(),  # noqa: S324 - what the protocol has
            }
        ],
        "astropy_table_product_ascii_list": [{"name": "t", "ascii": "# %ECSV 1.0"}],
    }
    items = {item.name: item for item in read_generic_products(products)}
    assert items["plot"].kind == ProductKind.PICTURE
    assert items["drawing"].kind == ProductKind.FILE  # an SVG may hold a program
    assert items["note"].value == "hello"
    assert items["text"].value == "plain text"
    assert items["../../etc/passwd"].file_name == "passwd"
    assert items["../../etc/passwd"].value == content


@pytest.mark.parametrize(
    "products",
    [
        {"text_product_list": 3},
        {"text_product_list": [3]},
        {"binary_image_product_list": [{"b64data": None}]},
        {"binary_image_product_list": [{"b64data": "§"}]},
        {"binary_data_product_list": [{"data": "AAAA", "md5": "0"}]},
        {"numpy_data_product_list": {}},
        {"catalog": []},
    ],
)
def test_products_that_cannot_be_read_are_refused(products: dict[str, Any]) -> None:
    with pytest.raises(DamagedFile):
        read_generic_products(products)
