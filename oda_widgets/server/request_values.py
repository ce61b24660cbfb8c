"""Reading what clients send: from the address and the body, bounded in every respect."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.products.files.catalog_file import read_catalog
from oda_widgets.protocol.catalog import catalog_text

LARGEST_BODY = 10 << 20
_MOST_VALUES = 5000  # science windows may be as many parameters
_LARGEST_FILE = 2 << 20
_FITS = b"SIMPLE"


async def values_of(request: Request) -> dict[str, Any]:
    """Return all parameters of a request; those given several times as lists.

    Raises
    ------
    BadParameter
        If there is too much of anything, or it cannot be read.
    """
    try:
        pairs: list[tuple[str, Any]] = parse_qsl(
            request.url.query, keep_blank_values=True, max_num_fields=_MOST_VALUES
        )
        pairs += await _body(request)
    except (ValueError, MultiPartException, UnicodeError) as error:
        advice = "Send a form (application/x-www-form-urlencoded)."
        raise BadParameter("request", "...", f"cannot be read: {error}", advice) from None
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name not in values:
            values[name] = value
        elif isinstance(values[name], list):
            values[name].append(value)
        else:
            values[name] = [values[name], value]
    return await _with_files(values)


async def _body(request: Request) -> list[tuple[str, Any]]:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "multipart/form-data":
        parser = MultiPartParser(
            request.headers,
            _bounded(request),
            max_files=4,
            max_fields=_MOST_VALUES,
            max_part_size=_LARGEST_FILE,
        )
        form: FormData = await parser.parse()
        return list(form.multi_items())
    content = b"".join([chunk async for chunk in _bounded(request)])
    if kind != "application/x-www-form-urlencoded":
        return []
    # Megabytes take seconds, in which others must be answered.
    return await run_in_threadpool(_parsed, content)


def _parsed(content: bytes) -> list[tuple[str, Any]]:
    text = content.decode("utf-8")
    return [*parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_VALUES)]


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST_BODY:
                limit = f"longer than {LARGEST_BODY >> 20} MB"
                raise BadParameter("request", f"{size} bytes", limit, "Send less.")
            yield chunk
    except ClientDisconnect:
        raise BadParameter("request", "...", "it ended early", "Send it again.") from None


async def _with_files(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with files in their place: a list of windows, a catalogue."""
    files = {name: value for name, value in values.items() if isinstance(value, UploadFile)}
    for name, file in files.items():
        content = await file.read(_LARGEST_FILE + 1)
        await file.close()
        del values[name]
        if len(content) > _LARGEST_FILE:
            limit = f"longer than {_LARGEST_FILE >> 20} MB"
            raise BadParameter(name, f"{len(content)} bytes", limit, "Send less.")
        if name == "user_scw_list_file":
            words = content.decode("utf-8", "replace").replace("\n", ",").split(",")
            values["scw_list"] = ",".join(word.strip() for word in words if word.strip())
        elif name == "user_catalog_file":
            values["selected_catalog"] = await run_in_threadpool(_catalog, content)
    return {name: _texts(value) for name, value in values.items()}


def _texts(value: Any) -> Any:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else value


def _catalog(content: bytes) -> str:
    """Return the catalogue in a file that a client sent: FITS or ECSV."""
    suffix = ".fits" if content.startswith(_FITS) else ".ecsv"
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"catalogue{suffix}"
        file.write_bytes(content)
        try:
            return catalog_text(read_catalog(file))
        except OdaError as error:
            problem = error.problem.replace(str(file), "the file")
            limit = f"cannot be read: {problem.rstrip('.')}"
            raise BadParameter("user_catalog_file", "...", limit, error.advice) from None
