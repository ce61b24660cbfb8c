"""The routes that describe the server: instruments, parameters, sources, jobs and tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from anyio import CapacityLimiter, move_on_after, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from oda_widgets.errors import BadParameter, OdaError
from oda_widgets.lookup.names import resolve
from oda_widgets.protocol.product_names import products_of, wire_instruments
from oda_widgets.request.numbers import number_within
from oda_widgets.server.client_query import check_instrument, read_client_query
from oda_widgets.server.offered_parameters import (
    description,
    names_of,
    source_description,
)
from oda_widgets.server.replies import json_reply
from oda_widgets.server.request_values import RequestReader
from oda_widgets.server.setup import ServerSetup
from oda_widgets.server.tokens import LONGEST_REFRESH, User, refreshed, user_of

_LONGEST_NAME = 100
_PATIENCE = 0.8  # seconds that /health waits for the table of jobs


class InformationRoutes:
    """Handlers of requests for information about the server.

    Parameters
    ----------
    setup
        Folder, secret and site of the server.
    reader
        Reader of the parameters of requests.
    """

    def __init__(self, setup: ServerSetup, reader: RequestReader) -> None:
        self._reader = reader
        self._setup = setup
        self._table = setup.table
        self._health_threads = CapacityLimiter(4)  # separate, since other threads may be busy

    async def parameter_names(self, request: Request) -> Response:
        """List the parameters of a product, or of all products."""
        self._user(request)
        instrument, product = _product(request)
        products = [product] if product else list(products_of(instrument))
        names = [name for each in products for name in names_of(each)]
        return json_reply(list(dict.fromkeys(names)))

    async def parameters(self, request: Request) -> Response:
        """Return the parameters of a query as the server reads them."""
        values = await self._reader.values(request)
        user = self._user(request)
        query = await run_in_threadpool(read_client_query, values, user)
        return json_reply(dict(query.parameters))

    async def meta_data(self, request: Request) -> Response:
        """Describe the instrument."""
        self._user(request)
        return json_reply(description(*_product(request)))

    async def source_meta_data(self, request: Request) -> Response:
        """Describe the parameters that all instruments share."""
        self._user(request)
        return json_reply(source_description())

    async def instruments(self, request: Request) -> Response:
        """List the instruments."""
        self._user(request)
        return json_reply(list(wire_instruments()))

    async def resolve_name(self, request: Request) -> Response:
        """Return the position of a source."""
        name = unquote(request.query_params.get("name", ""))
        return await run_in_threadpool(self._resolve, name)

    async def health(self, _: Request) -> Response:
        """Report whether the server works."""
        setup = self._setup
        document: dict[str, Any] = {"workers": setup.processes.alive(), "jobs": {}}
        trouble = setup.processes.trouble or "the table of jobs does not answer"
        with move_on_after(_PATIENCE):
            try:
                document |= await to_thread.run_sync(
                    self._count, abandon_on_cancel=True, limiter=self._health_threads
                )
                trouble = setup.processes.trouble or setup.folder.trouble()
            except OdaError as error:
                trouble = str(error)
        status = "no worker" if not document["workers"] else "trouble" if trouble else "ok"
        return json_reply({"status": status, "trouble": trouble} | document)

    async def check_status(self, _: Request) -> Response:
        """Return the status of a new job, as dispatchers do for this address."""
        return json_reply({"products": {}, "exit_status": "", "query_status": "new"})

    async def inspect_state(self, request: Request) -> Response:
        """List the jobs, for users with the role "job manager"."""
        self._user(request).check_role("job manager")
        records = await run_in_threadpool(self._table.records)
        return json_reply({"records": records})

    async def refresh_token(self, request: Request) -> Response:
        """Return a token that expires later, for users with the role "refresh-tokens"."""
        values = await self._reader.values(request)
        given = values.get("refresh_interval", LONGEST_REFRESH)
        seconds = number_within("refresh_interval", given, 0.0, LONGEST_REFRESH, "s")
        return PlainTextResponse(refreshed(values.get("token"), self._setup.secret, seconds))

    async def gallery_terms(self, request: Request) -> Response:
        """Return no terms: this server has no product gallery."""
        self._user(request).check_role("gallery contributor")
        return json_reply([])

    def _count(self) -> dict[str, Any]:
        """Return numbers of jobs and computations."""
        return {"jobs": self._table.counts(), "computations": self._table.computations()}

    def _user(self, request: Request) -> User:
        return user_of(request.query_params.get("token"), self._setup.secret)

    def _resolve(self, name: str) -> Response:
        try:
            source = resolve(name, online=self._setup.online)
        except OdaError as error:
            return json_reply({"name": name[:_LONGEST_NAME], "message": str(error)})
        found: dict[str, Any] = {"name": source.name, "RA": source.ra, "DEC": source.dec}
        found |= {"have_coordinates": True, "object_ids": [], "object_type": None}
        message = f"resolved by {source.resolved_by}"
        return json_reply(found | {"entity_portal_link": None, "message": message})


def _product(request: Request) -> tuple[str, str | None]:
    """Return the instrument of a request, and its product if one is named."""
    instrument = request.query_params.get("instrument")
    check_instrument(instrument)
    product = request.query_params.get("product_type")
    known = products_of(str(instrument))
    if product and product not in known:
        advice = f"Choose one of: {', '.join(known)}."
        raise BadParameter("product_type", product, "not a product of this instrument", advice)
    return str(instrument), product or None
