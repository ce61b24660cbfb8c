"""What the server says: the documents that clients of the dispatcher expect, without NaN."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
from starlette.responses import Response, StreamingResponse

from oda_widgets.errors import NotAllowed, OdaError
from oda_widgets.protocol.reply import RAW, SEPARATOR
from oda_widgets.server.client_query import ClientQuery
from oda_widgets.server.offered_parameters import INSTRUMENT
from oda_widgets.version import __version__

_CHUNK = 1 << 18
_API_VERSION = "1.3.5"
_JSON = "application/json"
_API_CODE = """from oda_api.api import DispatcherAPI
disp = DispatcherAPI(url={url!r}, instrument="isgri")
par_dict = {parameters}
data_collection = disp.get_product(**par_dict)
"""
_NOT_IN_CODE = frozenset({"token", "user_catalog", "T_format", "product_type"})


def json_reply(document: Any, status: int = 200) -> Response:
    """Return a document as a response."""
    return Response(json.dumps(document, allow_nan=False), status, media_type=_JSON)


def refusal(error: OdaError) -> Response:
    """Return what is said to a client whose request is refused."""
    text = f"{error.problem} {error.advice}"
    if isinstance(error, NotAllowed):
        status = {"message": text, "error_message": error.problem, "status": 1}
        return json_reply({"error": text, "error_message": text, "exit_status": status}, 403)
    said = {"error_message": text, "error": f"RequestNotUnderstood():{text}"}
    return json_reply(said | about(), 400)


def about() -> dict[str, Any]:
    """Return what the server says of itself with each refusal."""
    return {
        "installed_instruments": [INSTRUMENT],
        "cdci_data_analysis_version": f"oda_widgets {__version__}",
        "oda_api_version": _API_VERSION,
        "config": {},
        "debug_mode": "no",
    }


def state_document(
    question: ClientQuery,
    session: str,
    state: str,
    reports: list[dict[str, Any]],
    message: str = "",
) -> dict[str, Any]:
    """Return the answer to a question, without its products."""
    failed = state == "failed"
    monitor: dict[str, Any] = {"job_id": question.job_id, "session_id": session, "status": state}
    if reports:
        monitor |= {"full_report_dict": reports[-1], "full_report_dict_list": reports}
    return {
        "query_status": state,
        "exit_status": {
            "status": int(failed),
            "message": message if failed else "",
            "error_message": message if failed else "",
            "debug_message": "",
            "comment": "",
            "warning": "",
            "job_status": state,
        },
        "job_monitor": monitor,
        "job_status": state,
        "session_id": session,
        "time_request": time.time(),
    }


def products_head(
    question: ClientQuery, session: str, url: str, echo: dict[str, Any]
) -> dict[str, Any]:
    """Return what stands with the products: whose they are, and what was asked."""
    return {
        "session_id": session,
        "job_id": question.job_id,
        "prod_process_message": "",
        "analysis_parameters": {**question.parameters, **echo, "session_id": session},
        "api_code": api_code(question, url),
    }


def api_code(question: ClientQuery, url: str) -> str:
    """Return the script for oda_api that asks the question; never with a token."""
    parameters = {
        name: question.parameters[name]
        for name in sorted(question.given)
        if name not in _NOT_IN_CODE and question.parameters.get(name) not in (None, [])
    }
    parameters |= {"product": question.product, "product_type": "Real"}
    lines = "".join(f"    {name!r}: {value!r},\n" for name, value in parameters.items())
    return _API_CODE.format(url=url, parameters=f"{{\n{lines}}}")


def with_products(
    head: dict[str, Any],
    inner: dict[str, Any],
    products: Path | bytes,
    arrays: Path | None = None,
) -> Response:
    """Return an answer with its products, which are sent from where they are, piece by piece.

    Parameters
    ----------
    head
        The answer without products.
    inner
        What stands with the products.
    products
        JSON of the products.
    arrays
        Bytes of their arrays, where they are sent behind the JSON.
    """
    opening = json.dumps(head, allow_nan=False)[:-1].encode()
    before = opening + b', "products": ' + json.dumps(inner, allow_nan=False)[:-1].encode() + b", "
    size = len(products) if isinstance(products, bytes) else products.stat().st_size
    # The products are a mapping of their own; its opening brace gives way to what stands before.
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
