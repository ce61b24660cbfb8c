"""The routes that submit queries and deliver products."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from oda_widgets.errors import BadParameter
from oda_widgets.protocol.parameters import new_session_id
from oda_widgets.protocol.reply import RAW
from oda_widgets.server.client_query import ClientQuery, read_client_query, session_id_in
from oda_widgets.server.download import archive_name, download
from oda_widgets.server.dummy_products import dummy_json
from oda_widgets.server.job_process import code_of_products
from oda_widgets.server.job_table import DONE, FAILED, JobRow
from oda_widgets.server.product_files import files_in
from oda_widgets.server.replies import json_reply, products_head, state_document, with_products
from oda_widgets.server.request_values import RequestReader
from oda_widgets.server.setup import ServerSetup
from oda_widgets.server.tokens import user_of

_ECHOED = ("query_status", "query_type", "api", "oda_api_version", "off_line")
_LONGEST_ECHO = 40
_MOST_NAMES = 20


class AnalysisRoutes:
    """Handlers of queries and downloads.

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
        self._code = code_of_products()

    async def run_analysis(self, request: Request) -> Response:
        """Submit a query, report the progress of its job, or deliver its products."""
        values = await self._reader.values(request)
        return await run_in_threadpool(self._run_analysis, values, request)

    async def download(self, request: Request) -> Response:
        """Deliver the products of a job as files."""
        values = await self._reader.values(request)
        return await run_in_threadpool(self._download, values)

    async def call_back(self, request: Request) -> Response:
        """Accept and ignore progress from workers of other dispatchers."""
        await self._reader.values(request)
        return json_reply({"time_spent_s": 0.0})

    def _run_analysis(self, values: dict[str, Any], request: Request) -> Response:
        session = session_id_in(values) or new_session_id()
        user = user_of(values.get("token"), self._setup.secret)
        query = read_client_query(values, user)
        state = values.get("query_status") or "new"
        _check_job(values.get("job_id"), state, query)
        echo = {name: str(values[name])[:_LONGEST_ECHO] for name in _ECHOED if name in values}
        inner = products_head(query, session, _address(request), echo)
        if query.dummy:
            return _dummy_reply(query, session, inner)
        client = user.identity or (request.client.host if request.client else "")
        row = self._submit(query, client, new=state == "new")
        return self._job_reply(row, query, inner, raw=RAW in request.headers.get("accept", ""))

    def _submit(self, query: ClientQuery, client: str, *, new: bool) -> JobRow:
        """Return the job of a query, queued again if its products are lost, old or missing."""
        row = self._table.submit(query.job_id, query.document(), client)
        lost = row.state == DONE and not self._setup.folder.is_complete(row.id)
        outdated = row.state == DONE and row.code != self._code
        # A new submission repeats a failed job; a client that polls is told of the failure.
        if lost or outdated or (row.state == FAILED and new):
            self._table.again(row.id)
            return self._table.submit(row.id, query.document(), client)
        return row

    def _job_reply(
        self, row: JobRow, query: ClientQuery, inner: dict[str, Any], *, raw: bool
    ) -> Response:
        reports = self._table.reports(row.id)
        head = state_document(query, inner["session_id"], row.state, reports, row.message)
        head["exit_status"]["comment"] = _comment(query, row.comment)
        if row.state != DONE:
            return json_reply(head | {"products": inner | {"input_prod_list": []}})
        inner |= self._file_names(row.id, query.product)
        folder = self._setup.folder
        if raw:
            return with_products(head, inner, folder.heads(row.id), folder.arrays(row.id))
        return with_products(head, inner, folder.products(row.id))

    def _file_names(self, job_id: str, product: str) -> dict[str, Any]:
        """Return the names under which the files of a job can be downloaded."""
        names = list(files_in(self._setup.folder.files(job_id)))
        return {"file_name": names, "download_file_name": archive_name(product)}

    def _download(self, values: dict[str, Any]) -> Response:
        job_id = values.get("job_id")
        row = self._table.find(job_id) if isinstance(job_id, str) else None
        user = user_of(values.get("token"), self._setup.secret)
        # Refuse the job of another user in the same words as one that does not exist.
        if row is None or row.state != DONE or row.query["owner"] != user.identity:
            raise BadParameter("job_id", job_id, "no products of such a job", "Submit it first.")
        product = row.query["parameters"]["product_type"]
        return download(self._setup.folder.files(row.id), product, values)


def _check_job(job_id: Any, state: Any, query: ClientQuery) -> None:
    """Check that a job is that of the query, so that nobody reaches jobs of others."""
    if state != "new" and not job_id:
        limit = "job_id must be present if query_status != new"
        raise BadParameter("job_id", job_id, limit, "Send the one that the server returned.")
    if job_id and job_id != query.job_id:
        advice = "Send the same parameters as when the job was submitted."
        raise BadParameter("job_id", job_id, "not the job of these parameters", advice)


def _dummy_reply(query: ClientQuery, session: str, inner: dict[str, Any]) -> Response:
    head = state_document(query, session, DONE, [])
    head["exit_status"]["comment"] = _comment(query, "The products are made up.")
    return with_products(head, inner, dummy_json(query.instrument, query.product, query.source))


def _comment(query: ClientQuery, remark: str) -> str:
    """Return all remarks on a query as one text."""
    names = ", ".join(query.unused[:_MOST_NAMES])
    unused = f"Please note that arguments {names} are not used." if names else ""
    return " ".join(part for part in (unused, *query.comments, remark) if part)


def _address(request: Request) -> str:
    return str(request.base_url).rstrip("/") + request.url.path.split("/run_analysis")[0]
