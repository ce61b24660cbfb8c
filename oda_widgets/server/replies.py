"""Replies in the form of a dispatcher, without NaN."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
from starlette.responses import Response, StreamingResponse

from oda_widgets.errors import NotAllowed, OdaError, StoreError
from oda_widgets.protocol.product_names import wire_instruments
from oda_widgets.protocol.reply import RAW, SEPARATOR, STOCK_FAILURE
from oda_widgets.server.bodies import TooLarge, TooMuchAtOnce
from oda_widgets.server.client_query import ClientQuery
from oda_widgets.server.job_table import QueueFull
from oda_widgets.server.tokens import LackingRoles
from oda_widgets.version import __version__

_CHUNK = 1 << 18
_API_VERSION = "1.3.5"
_JSON = "application/json"
_API_CODE = """from oda_api.api import DispatcherAPI
disp = DispatcherAPI(url={url!r}, instrument={instrument!r})
par_dict = {parameters}
data_collection = disp.get_product(**par_dict)
"""
_NOT_IN_CODE = frozenset({"token", "user_catalog", "T_format", "product_type"})


_STATUS: dict[type[OdaError], int] = {
    StoreError: 503,
    QueueFull: 429,
    TooMuchAtOnce: 429,
    TooLarge: 413,
}


def json_reply(document: Any, status: int = 200) -> Response:
    """Return a document as a response."""
    return Response(json.dumps(document, allow_nan=False), status, media_type=_JSON)


def refusal(error: OdaError, status: int = 400) -> Response:
    """Return the response that refuses a request; some errors have a particular status."""
    text = f"{error.problem} {error.advice}"
    if isinstance(error, NotAllowed):
        # Scripts compare the text with that of dispatchers: keep our advice apart from it.
        why = {"error": f"RequestNotAuthorized():{error.problem}", "error_message": text}
        ended = {"message": text, "error_message": error.problem, "status": 1}
        roles = isinstance(error, LackingRoles)
        return json_reply(why | ({"exit_status": ended} if roles else {}), 403)
    code = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), status)
    reason = {"error": f"RequestNotUnderstood():{text}", "error_message": text}
    return json_reply(reason | server_facts(), code)


def server_facts() -> dict[str, Any]:
    """Return the version and the instruments of the server, which refusals state."""
    return {
        "installed_instruments": list(wire_instruments()),
        "cdci_data_analysis_version": f"oda_widgets {__version__}",
        "oda_api_version": _API_VERSION,
        "config": {},
        "debug_mode": "no",
    }


def state_document(
    query: ClientQuery,
    session: str,
    state: str,
    reports: list[dict[str, Any]],
    failure: str = "",
) -> dict[str, Any]:
    """Return the reply about a job, without its products."""
    monitor: dict[str, Any] = {"job_id": query.job_id, "session_id": session, "status": state}
    if reports:
        monitor |= {"full_report_dict": reports[-1], "full_report_dict_list": reports}
    return {
        "query_status": state,
        "exit_status": _exit_status(state, failure),
        "job_monitor": monitor,
        "job_status": state,
        "session_id": session,
        "time_request": time.time(),
    }


def _exit_status(state: str, failure: str) -> dict[str, Any]:
    """Return how a job ended; oda_api chooses the class of its error by the message."""
    failed = state == "failed"
    return {
        "status": int(failed),
        "message": STOCK_FAILURE if failed else "",
        "error_message": failure if failed else "",
        "advised": failed,  # our own field: advice follows the fault
        "debug_message": "",
        "comment": "",
        "warning": "",
        "job_status": state,
    }


def products_head(
    query: ClientQuery, session: str, url: str, echo: dict[str, Any]
) -> dict[str, Any]:
    """Return the fields beside the products: the job, the parameters and the script."""
    return {
        "session_id": session,
        "job_id": query.job_id,
        "prod_process_message": "",
        "analysis_parameters": {**_echoed_parameters(query), **echo, "session_id": session},
        "api_code": api_code(query, url),
    }


def _echoed_parameters(query: ClientQuery) -> dict[str, Any]:
    """Return the parameters as clients send them: a list of one window as text."""
    parameters = dict(query.parameters)
    windows = parameters.get("scw_list")
    if windows and len(windows) == 1:
        parameters["scw_list"] = windows[0]
    return parameters


def api_code(query: ClientQuery, url: str) -> str:
    """Return the script for oda_api that submits the query, without a token."""
    parameters = {
        name: query.parameters[name]
        for name in sorted(query.given)
        if name not in _NOT_IN_CODE and query.parameters.get(name) not in (None, [])
    }
    parameters |= {"product": query.product, "product_type": "Real"}
    lines = "".join(f"    {name!r}: {value!r},\n" for name, value in parameters.items())
    instrument = query.parameters["instrument"]
    return _API_CODE.format(url=url, instrument=instrument, parameters=f"{{\n{lines}}}")


def with_products(
    head: dict[str, Any],
    inner: dict[str, Any],
    products: Path | bytes,
    arrays: Path | None = None,
) -> Response:
    """Return a reply with products, which are sent in pieces from their files.

    Parameters
    ----------
    head
        The reply without products.
    inner
        Fields beside the products.
    products
        JSON of the products.
    arrays
        Bytes of their arrays, to send after the JSON; None if the JSON holds all numbers.
    """
    opening = json.dumps(head, allow_nan=False)[:-1].encode()
    before = opening + b', "products": ' + json.dumps(inner, allow_nan=False)[:-1].encode() + b", "
    size = len(products) if isinstance(products, bytes) else products.stat().st_size
    # Drop the opening brace of the mapping of products: its items follow those of `inner`.
    length = len(before) + size - 1 + 1
    if arrays is not None:
        length += len(SEPARATOR) + arrays.stat().st_size

    async def pieces() -> AsyncIterator[bytes]:
        yield before
        if isinstance(products, bytes):
            yield products[1:]
        else:
            async for chunk in _read(products, 1):
                yield chunk
        yield b"}"
        if arrays is not None:
            yield SEPARATOR
            async for chunk in _read(arrays, 0):
                yield chunk

    kind = _JSON if arrays is None else RAW
    return StreamingResponse(pieces(), media_type=kind, headers={"Content-Length": str(length)})


async def _read(file: Path, start: int) -> AsyncIterator[bytes]:
    async with await anyio.open_file(file, "rb") as opened:
        await opened.seek(start)
        while chunk := await opened.read(_CHUNK):
            yield chunk
