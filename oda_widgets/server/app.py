"""The routes of the server."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from oda_widgets.backend.site import Site
from oda_widgets.errors import BadParameter, JobError, OdaError
from oda_widgets.lookup.names import resolve
from oda_widgets.protocol.parameters import PRODUCTS, new_session_id
from oda_widgets.protocol.reply import RAW
from oda_widgets.protocol.timesystem import window_columns
from oda_widgets.request.numbers import finite_number
from oda_widgets.server.client_query import ClientQuery, read_client_query, session_of
from oda_widgets.server.download import ARCHIVE_NAMES, download
from oda_widgets.server.dummy_products import dummy_json
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_table import DONE, FAILED, JobRow, JobTable
from oda_widgets.server.offered_parameters import INSTRUMENT, description, names_of
from oda_widgets.server.product_files import files_in
from oda_widgets.server.replies import (
    json_reply,
    products_head,
    refusal,
    state_document,
    with_products,
)
from oda_widgets.server.request_values import values_of
from oda_widgets.server.tokens import user_of

_LOG = logging.getLogger(__name__)
_CONTROL = ("query_status", "query_type", "api", "oda_api_version", "off_line")
_LONGEST_ECHO = 40
_WINDOWS = "/gw/timesystem/api/v1.0/scwlist"
_DEFECT = JobError("The request cannot be handled.", "Tell those who run the server.")

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class ServerSetup:
    """What a server needs to know.

    Parameters
    ----------
    folder
        Where jobs and answers are.
    table
        The jobs.
    secret
        With which tokens are signed.
    hosts
        Names by which clients may call it; anything else is a page that pretends to be us.
    online
        Whether names may be looked up at SIMBAD and NED.
    site
        Who knows which science windows there are.
    workers_alive
        Says how many processes work.
    """

    folder: JobFolder
    table: JobTable
    secret: str
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    online: bool = True
    site: Site | None = None
    workers_alive: Callable[[], int] = lambda: 0


def application(setup: ServerSetup) -> Starlette:
    """Return the server as an ASGI application."""
    server = _Server(setup)
    routes = [
        Route("/run_analysis", _guarded(server.run_analysis), methods=["GET", "POST"]),
        Route("/api/par-names", _guarded(server.parameter_names)),
        Route("/api/meta-data", _guarded(server.meta_data)),
        Route("/meta-data", _guarded(server.meta_data)),
        Route("/api/instr-list", _guarded(server.instruments)),
        Route("/instr-list", _guarded(server.instruments)),
        Route("/resolve_name", _guarded(server.resolve_name)),
        Route("/download_products", _guarded(server.download), methods=["GET", "POST"]),
        Route("/call_back", _guarded(server.call_back), methods=["GET", "POST"]),
        Route("/health", _guarded(server.health)),
        Route(_WINDOWS + "/{kind}/{start}/{stop}", _guarded(server.science_windows)),
    ]
    return Starlette(
        routes=[*routes, Mount("/dispatch-data", routes=routes)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(setup.hosts))],
    )


def _guarded(handler: Handler) -> Handler:
    """Return a handler whose errors become answers, never tracebacks."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except OdaError as error:
            return refusal(error)
        except Exception:  # noqa: BLE001 - the one place where a defect of ours ends
            _LOG.exception("a request failed")
            return refusal(_DEFECT)

    return guarded


class _Server:
    def __init__(self, setup: ServerSetup) -> None:
        self._setup = setup
        self._table = setup.table

    async def run_analysis(self, request: Request) -> Response:
        """Take a question, tell how far it is, or give its products."""
        values = await values_of(request)
        return await run_in_threadpool(self._run_analysis, values, request)

    async def parameter_names(self, request: Request) -> Response:
        """List the parameters that a product takes."""
        product = _chosen(request, needs_product=True)
        assert product is not None  # noqa: S101 - it was needed
        return json_reply(names_of(product))

    async def meta_data(self, request: Request) -> Response:
        """Describe the instrument."""
        return json_reply(description(_chosen(request, needs_product=False)))

    async def instruments(self, _: Request) -> Response:
        """List the instruments."""
        return json_reply([INSTRUMENT])

    async def resolve_name(self, request: Request) -> Response:
        """Find the position of a source."""
        name = unquote(request.query_params.get("name", ""))
        return await run_in_threadpool(self._resolve, name)

    async def download(self, request: Request) -> Response:
        """Give the products of a job as files."""
        values = await values_of(request)
        return await run_in_threadpool(self._download, values)

    async def call_back(self, request: Request) -> Response:
        """Take what workers of other dispatchers tell, which ours do not need."""
        await values_of(request)
        return json_reply({"time_spent_s": 0.0})

    async def health(self, _: Request) -> Response:
        """Tell whether all is well."""
        counts = await run_in_threadpool(self._table.counts)
        computations = await run_in_threadpool(self._table.computations)
        alive = self._setup.workers_alive()
        document = {"status": "ok" if alive else "no worker", "workers": alive, "jobs": counts}
        return json_reply(document | {"computations": computations})

    async def science_windows(self, request: Request) -> Response:
        """List science windows, as the timesystem service beside a dispatcher does."""
        return await run_in_threadpool(self._science_windows, request)

    def _science_windows(self, request: Request) -> Response:
        if self._setup.site is None:
            raise JobError("This server knows no science windows.", "Name them yourself.")
        given = request.query_params
        position = (given["ra"], given["dec"]) if "ra" in given and "dec" in given else None
        found = self._setup.site.science_windows(
            position,
            request.path_params["start"],
            request.path_params["stop"],
            radius=finite_number("radius", given.get("radius", 15.0)),
            limit=None,
        )
        columns = window_columns(found)
        if "return_columns" not in given:
            return json_reply(columns["SWID"])
        wanted = given["return_columns"].split(",")
        return json_reply({name: columns[name] for name in wanted if name in columns})

    def _run_analysis(self, values: dict[str, Any], request: Request) -> Response:
        session = session_of(values) or new_session_id()
        user = user_of(values.get("token"), self._setup.secret)
        question = read_client_query(values, user)
        state = values.get("query_status") or "new"
        _check_job(values.get("job_id"), state, question)
        echo = {name: _short(values[name]) for name in _CONTROL if name in values}
        inner = products_head(question, session, _address(request), echo)
        if question.dummy:
            head = state_document(question, session, DONE, [])
            head["exit_status"]["comment"] = _comment(question, "The products are made up.")
            return with_products(head, inner, dummy_json(question.product))
        row = self._row(question, new=state == "new")
        raw = RAW in request.headers.get("accept", "")
        return self._answer(row, question, inner, raw=raw)

    def _row(self, question: ClientQuery, *, new: bool) -> JobRow:
        row = self._table.submit(question.job_id, question.document())
        gone = row.state == DONE and not self._setup.folder.is_complete(row.id)
        # What failed is tried again when it is asked again; those who wait learn that it failed.
        if gone or (row.state == FAILED and new):
            self._table.again(row.id)
            return self._table.submit(row.id, question.document())
        return row

    def _answer(
        self, row: JobRow, question: ClientQuery, inner: dict[str, Any], *, raw: bool
    ) -> Response:
        reports = self._table.reports(row.id)
        session = inner["session_id"]
        head = state_document(question, session, row.state, reports, row.message)
        if row.state == DONE:
            head["exit_status"]["comment"] = _comment(question, row.comment)
            inner |= self._files(row.id, question.product)
            folder = self._setup.folder
            if raw:
                return with_products(head, inner, folder.heads(row.id), folder.arrays(row.id))
            return with_products(head, inner, folder.products(row.id))
        return json_reply(head | {"products": inner | {"input_prod_list": []}})

    def _files(self, job_id: str, product: str) -> dict[str, Any]:
        """Return the names by which the files of a job are downloaded."""
        names = list(files_in(self._setup.folder.files(job_id)))
        return {"file_name": names, "download_file_name": ARCHIVE_NAMES[product]}

    def _resolve(self, name: str) -> Response:
        try:
            source = resolve(name, online=self._setup.online)
        except OdaError as error:
            return json_reply({"name": name[:100], "message": str(error)})
        found = {"name": source.name, "RA": source.ra, "DEC": source.dec}
        found |= {"have_coordinates": True, "object_ids": [], "object_type": None}
        said = {"entity_portal_link": None, "message": f"resolved by {source.resolved_by}"}
        return json_reply(found | said)

    def _download(self, values: dict[str, Any]) -> Response:
        job_id = values.get("job_id")
        row = self._table.find(job_id) if isinstance(job_id, str) else None
        user = user_of(values.get("token"), self._setup.secret)
        # Somebody else's job is not told from one that never was.
        if row is None or row.state != DONE or row.query["owner"] != user.identity:
            raise BadParameter("job_id", job_id, "no products of such a job", "Ask for it first.")
        product = row.query["parameters"]["product_type"]
        return download(self._setup.folder.files(row.id), product, values)


def _check_job(job_id: Any, state: Any, question: ClientQuery) -> None:
    """Refuse a job that is not that of the question: nobody gets at other people's jobs."""
    if state != "new" and not job_id:
        limit = "job_id must be present if query_status != new"
        raise BadParameter("job_id", job_id, limit, "Write the one you were told.")
    if job_id and job_id != question.job_id:
        advice = "Send the same parameters as when you were told the job."
        raise BadParameter("job_id", job_id, "not the job of these parameters", advice)


def _chosen(request: Request, *, needs_product: bool) -> str | None:
    instrument = request.query_params.get("instrument")
    product = request.query_params.get("product_type")
    if instrument != INSTRUMENT:
        advice = f"known: ['{INSTRUMENT}']."
        raise BadParameter("instrument", instrument, "not an instrument of this server", advice)
    if product not in PRODUCTS and (product or needs_product):
        advice = f"Choose one of: {', '.join(PRODUCTS)}."
        raise BadParameter("product_type", product, "not a product of this instrument", advice)
    return product or None


def _comment(question: ClientQuery, said: str) -> str:
    if not question.unused:
        return said
    names = ", ".join(question.unused[:20])
    return f"Please note that arguments {names} are not used. {said}".strip()


def _address(request: Request) -> str:
    return str(request.url).split("/run_analysis", maxsplit=1)[0]


def _short(value: Any) -> str:
    return str(value)[:_LONGEST_ECHO]
