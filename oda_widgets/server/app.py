"""The server as an ASGI application: its routes, and the rules that all of them share."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from oda_widgets.errors import BadParameter, clipped
from oda_widgets.server.analysis_routes import AnalysisRoutes
from oda_widgets.server.failures import as_failure
from oda_widgets.server.information_routes import InformationRoutes
from oda_widgets.server.replies import refusal
from oda_widgets.server.request_values import RequestReader
from oda_widgets.server.same_site import OwnNamesOnly, SameSiteOnly
from oda_widgets.server.setup import ServerSetup
from oda_widgets.server.timesystem_routes import TimesystemRoutes

_TIMESYSTEM = "/gw/timesystem/api/v1.0"
_BOTH = ("GET", "POST")
_LONGEST_ADDRESS = 60
_ADVICE = "Give oda_api the address of the server alone; queries go to /run_analysis."

Handler = Callable[[Request], Awaitable[Response]]


def application(setup: ServerSetup) -> Starlette:
    """Return the server as an ASGI application."""
    routes = [
        Route(path, _guarded(handler), methods=list(methods) or ["GET"])
        for path, handler, *methods in _handlers(setup)
    ]
    return Starlette(
        routes=[*routes, Mount("/dispatch-data", routes=routes)],
        middleware=[
            Middleware(OwnNamesOnly, hosts=setup.hosts),
            Middleware(SameSiteOnly, hosts=setup.hosts),
            Middleware(_MergeSlashes),
        ],
        exception_handlers={404: _unknown_address, 405: _unknown_method},
    )


def _handlers(setup: ServerSetup) -> list[tuple[str, Handler, *tuple[str, ...]]]:
    """Return path, handler and methods (GET by default) of each route."""
    reader = RequestReader()
    analysis, about = AnalysisRoutes(setup, reader), InformationRoutes(setup, reader)
    timesystem = TimesystemRoutes(setup)
    return [
        ("/run_analysis", analysis.run_analysis, *_BOTH),
        ("/download_products", analysis.download, *_BOTH),
        ("/call_back", analysis.call_back, *_BOTH),
        ("/api/par-names", about.parameter_names),
        ("/api/parameters", about.parameters),
        ("/api/meta-data", about.meta_data),
        ("/meta-data", about.meta_data),
        ("/meta-data-src", about.source_meta_data),
        ("/api/instr-list", about.instruments),
        ("/instr-list", about.instruments),
        ("/resolve_name", about.resolve_name),
        ("/health", about.health),
        ("/check_satus", about.check_status),  # the dispatcher's spelling
        ("/inspect-state", about.inspect_state, *_BOTH),
        ("/refresh_token", about.refresh_token, *_BOTH),
        ("/get_list_terms", about.gallery_terms),
        ("/get_revnum", timesystem.revolution),
        (_TIMESYSTEM + "/scwlist/{kind}/{start}/{stop}", timesystem.science_windows),
        (_TIMESYSTEM + "/converttime/{given}/{time}/{target}", timesystem.convert_time),
    ]


async def _unknown_address(request: Request, _: Exception) -> Response:
    limit = "this server has no such address"
    return refusal(BadParameter("address", request.url.path, limit, _ADVICE), 404)


async def _unknown_method(request: Request, error: Exception) -> Response:
    limit = f"not a method of {clipped(request.url.path, _LONGEST_ADDRESS)}"
    response = refusal(BadParameter("method", request.method, limit, "Send GET or POST."), 405)
    response.headers.update(getattr(error, "headers", None) or {})
    return response


def _guarded(handler: Handler) -> Handler:
    """Return a handler whose errors become replies, never tracebacks."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - a request must not end the server
            return refusal(as_failure(error, "a request"))

    return guarded


class _MergeSlashes:
    """Accept double slashes in a path and a slash at its end, as dispatchers do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its path normalised."""
        if scope["type"] == "http":
            path = re.sub("/+", "/", scope["path"]).rstrip("/") or "/"
            scope = {**scope, "path": path, "raw_path": path.encode("utf-8", "replace")}
        await self._app(scope, receive, send)
