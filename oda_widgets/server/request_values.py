"""Read the parameters of a request within limits, and outside of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from oda_widgets.errors import BadParameter
from oda_widgets.server.bodies import Bodies
from oda_widgets.server.catalog_upload import catalog_in

_MOST_VALUES = 5000  # each science window may be a parameter
_LARGEST_FILE = 2 << 20
_PARSERS, CATALOG_READERS = 4, 2  # at the same time; others wait
_CATALOG = "user_catalog_file"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"

Pairs = list[tuple[str, Any]]


class RequestReader:
    """Read the parameters of requests, in separate threads."""

    def __init__(self) -> None:
        self._bodies = Bodies()
        self._parsers = CapacityLimiter(_PARSERS)
        self._catalog_readers = CapacityLimiter(CATALOG_READERS)

    async def values(self, request: Request) -> dict[str, Any]:
        """Return all parameters of a request; repeated ones as lists.

        Raises
        ------
        BadParameter
            If a limit is exceeded, or the request cannot be read.
        """
        async with self._bodies.of(request) as content:
            parse = partial(_values, request.url.query, request.headers, content)
            values, catalog = await to_thread.run_sync(parse, limiter=self._parsers)
        if catalog is not None:
            text = await to_thread.run_sync(catalog_in, catalog, limiter=self._catalog_readers)
            values["selected_catalog"] = text
        return values


def _values(query: str, headers: Headers, content: bytes) -> tuple[dict[str, Any], bytes | None]:
    """Return all parameters, and the content of an uploaded catalogue or None."""
    try:
        pairs: Pairs = [*_parse(query), *_form(headers, content)]
    except (ValueError, MultiPartException, UnicodeError) as error:
        advice = f"Send a form ({_FORM})."
        raise BadParameter("request", "...", f"cannot be read: {error}", advice) from None
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name not in values:
            values[name] = value
        elif isinstance(values[name], list):
            values[name].append(value)
        else:
            values[name] = [values[name], value]
    return _split_files(values)


def _parse(text: str) -> Pairs:
    return [*parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_VALUES)]


def _form(headers: Headers, content: bytes) -> Pairs:
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == _FORM:
        return _parse(content.decode("utf-8"))
    return asyncio.run(_multipart(headers, content)) if kind == _MULTIPART else []


async def _multipart(headers: Headers, content: bytes) -> Pairs:
    async def body() -> AsyncGenerator[bytes, None]:
        yield content

    parser = MultiPartParser(
        headers, body(), max_files=4, max_fields=_MOST_VALUES, max_part_size=_LARGEST_FILE
    )
    form = await parser.parse()
    pairs: Pairs = []
    for name, value in form.multi_items():
        pairs.append((name, await value.read() if isinstance(value, UploadFile) else value))
    await form.close()
    return pairs


def _split_files(values: Mapping[str, Any]) -> tuple[dict[str, Any], bytes | None]:
    """Return parameters with a file of windows read, and the content of a catalogue or None."""
    found: dict[str, Any] = {}
    catalog = None
    for name, value in values.items():
        if isinstance(value, list):
            found[name] = [item for item in value if isinstance(item, str)]
        elif isinstance(value, str):
            found.setdefault(name, value)
        elif len(value) > _LARGEST_FILE:
            limit = f"longer than {_LARGEST_FILE >> 20} MB"
            raise BadParameter(name, f"{len(value)} bytes", limit, "Send less.")
        elif name == "user_scw_list_file":
            found["scw_list"] = _windows_in(value)
        elif name == _CATALOG:
            catalog = value
    return found, catalog


def _windows_in(content: bytes) -> str:
    words = content.decode("utf-8", "replace").replace("\n", ",").split(",")
    return ",".join(word.strip() for word in words if word.strip())
