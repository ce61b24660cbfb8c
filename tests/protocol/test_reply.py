"""Answers of servers: read with care, whatever they hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oda_widgets.errors import DamagedFile
from oda_widgets.protocol.catalog import catalog_document, catalog_from
from oda_widgets.protocol.data_units import read_hdus
from oda_widgets.protocol.reply import STOCK_FAILURE, one_line, read_reply
from oda_widgets.request.catalog import SourceCatalog
from tests.protocol.any_query import catalogs

GOOD: dict[str, Any] = {
    "query_status": "progress",
    "products": {},
    "exit_status": {"message": "", "comment": ""},
    "job_monitor": {
        "job_id": "0d26afd1f9bcc9bc",
        "full_report_dict_list": [
            {"scwid": "066500220010.001", "node": "ibis_gti", "message": "main done"}
        ],
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def test_a_reply_holds_state_job_and_progress() -> None:
    reply = read_reply(json.dumps(GOOD).encode())
    assert (reply.state, reply.job_id) == ("progress", "0d26afd1f9bcc9bc")
    assert reply.reports[0].finished
    assert str(reply.reports[0]) == "ibis_gti of 066500220010.001: main done"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Welcome</html>",
        b"[]",
        b'"done"',
        b"\xff\xfe",
        b"[" * 1_000_000,
        b"1" * 100_000,
        json.dumps(GOOD | {"query_status": "unaccessible"}).encode(),
        json.dumps(GOOD | {"job_monitor": {}}).encode(),
        json.dumps(GOOD | {"job_monitor": {"job_id": "../../etc"}}).encode(),
        json.dumps(GOOD | {"products": None}).encode(),
    ],
)
def test_bodies_that_are_not_replies_are_refused(content: bytes) -> None:
    with pytest.raises(DamagedFile, match="The server's reply cannot be used"):
        read_reply(content)


@given(st.dictionaries(st.sampled_from([*GOOD, "x"]), JSON))
def test_no_document_does_anything_but_be_refused(changed: dict[str, Any]) -> None:
    try:
        reply = read_reply(json.dumps(GOOD | changed).encode())
    except DamagedFile:
        return
    assert reply.job_id


@given(JSON)
def test_no_product_does_anything_but_be_refused(document: Any) -> None:
    unit = {"header": {}, "data": document, "dt": ">f4", "name": "X", "hdu_type": "image"}
    for product in (document, {"data_unit_list": [document]}, {"data_unit_list": [unit]}):
        try:
            read_hdus(product)
        except DamagedFile:
            continue


@given(st.text(max_size=3000))
def test_texts_from_outside_become_one_printable_line(text: str) -> None:
    shown = one_line(text)
    assert shown.isprintable()
    assert len(shown) <= 500


@given(catalogs(0))
def test_a_catalogue_comes_back_as_it_went(catalog: SourceCatalog) -> None:
    document = catalog_document(catalog)
    assert catalog_from(json.dumps(document, allow_nan=False)) == catalog


def test_of_sources_with_one_name_the_later_ones_get_numbers() -> None:
    columns = [["NEW", "Crab", "NEW", "NEW (2)"], [1.0, 2, 3, 4], [1.0, 2, 3, 4]]
    catalog = catalog_from(
        {"cat_column_names": ["src_names", "ra", "dec"], "cat_column_list": columns}
    )
    assert catalog.names == ("NEW", "Crab", "NEW (3)", "NEW (2)")
    many = [["NEW"] * 3000, [1.0] * 3000, [1.0] * 3000]
    names = catalog_from({"cat_column_names": ["src_names", "ra", "dec"], "cat_column_list": many})
    assert names.names[2999] == "NEW (3000)"


@pytest.mark.parametrize(
    "changed",
    [
        {"cat_column_names": None},
        {"cat_column_list": [["Crab"], [83.6]]},
        {"cat_column_list": [["Crab"], [83.6], [22.0, 23.0]]},
        {"cat_column_list": [["Crab"], [83.6], ["north"]]},
        {"cat_column_list": [["Crab"], [83.6], [None]]},
        {"cat_column_list": [["Crab"], [83.6], [99.0]]},
        {"cat_column_list": [[" "], [83.6], [22.0]]},
        {"cat_frame": "galactic"},
        {"cat_coord_units": "hourangle"},
        {"cat_lon_name": "l"},
    ],
)
def test_catalogues_that_cannot_be_read_are_refused(changed: dict[str, Any]) -> None:
    good = {
        "cat_column_names": ["src_names", "ra", "dec"],
        "cat_column_list": [["Crab"], [83.633], [22.014]],
    }
    with pytest.raises(DamagedFile):
        catalog_from(good | changed)


@pytest.mark.parametrize("advised", [True, False])
def test_the_advice_of_our_own_servers_stands_apart(advised: bool) -> None:  # noqa: FBT001
    said = {"message": STOCK_FAILURE, "error_message": "x=0.07: no multiple. Write 0.1. Or 0.2."}
    failed = GOOD | {"query_status": "failed", "exit_status": said | {"advised": advised}}
    reply = read_reply(json.dumps(failed).encode())
    parts = (
        ("x=0.07: no multiple", "Write 0.1. Or 0.2.") if advised else (said["error_message"], "")
    )
    assert (reply.message, reply.advice) == parts
