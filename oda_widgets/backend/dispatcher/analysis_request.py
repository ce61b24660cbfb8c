"""Request one analysis from a dispatcher, until the reply has the products."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future, wait
from threading import Thread

from oda_widgets.backend.dispatcher.http import Http
from oda_widgets.backend.dispatcher.remote_jobs import RemoteJob, RemoteJobs
from oda_widgets.errors import DataError, JobError, NotAccepted, ServiceError
from oda_widgets.protocol.parameters import Value, differences, new_session_id
from oda_widgets.protocol.reply import Reply, read_reply
from oda_widgets.workers.progress import Monitor, Progress

_CLIENT = {"api": "True", "oda_api_version": "1.3.5", "off_line": "False"}
_FIRST_WAIT, _LONGEST_WAIT = 0.3, 15.0  # seconds between two requests
_CHECK_EVERY = 0.2  # seconds between two checks for cancellation
_LONGEST = 14 * 86400.0  # seconds; a job that takes longer is lost
_ADVICE = "Try fewer science windows or another energy band."
_ENDED = frozenset({"done", "failed"})
_EXPLAINED = {
    "EmptyScWList": "None of the science windows has usable data.",
    "NoISGRIEvents": "A science window has no ISGRI events.",
    "NoScWData": "A science window is not in the archive.",
    "NoDeadData": "A science window has no data on dead time.",
    "EmptyImageList": "No science window gave an image.",
    "FractionalEnergyBinsNotAllowed": "OSA takes energies in steps of 0.5 keV only.",
}


class AnalysisRequest:
    """Requests one analysis until it ends.

    Parameters
    ----------
    http
        Connection to the server.
    jobs
        Jobs of earlier sessions.
    key
        Identity of the query at this server, hex digits.
    parameters
        The query in the dispatcher's parameters.
    """

    def __init__(
        self, http: Http, jobs: RemoteJobs, key: str, parameters: Mapping[str, Value]
    ) -> None:
        self._http = http
        self._jobs = jobs
        self._key = key
        self._parameters = parameters
        self._reported = Progress(f"asking {http.address}")

    def result(self, monitor: Monitor, windows: int) -> tuple[bytes, Reply]:
        """Wait for the products; return the reply as received, and as read and checked.

        Parameters
        ----------
        monitor
            Receives progress and warnings.
        windows
            Number of science windows.

        Raises
        ------
        JobError
            If the job failed, or the products are of another query.
        ServiceError
            If the server cannot be reached or sends an invalid reply.
        """
        content, reply, job = self._first_reply(monitor)
        pause, reported, began = _FIRST_WAIT, 0, time.monotonic()
        while reply.state not in _ENDED:
            self._check_patience(began)
            if len(reply.reports) != reported or reply.state == "ready":
                pause, reported = _FIRST_WAIT, len(reply.reports)
            self._reported = _progress(reply, windows)
            _pause(0.0 if reply.state == "ready" else pause, self._reported, monitor)
            pause = min(1.3 * pause, _LONGEST_WAIT)
            content, reply = self._ask(job, reply.state, monitor)
        self._jobs.remove(self._key)
        if reply.state == "failed":
            raise self._failure(reply)
        self._check_echo(reply)
        if reply.comment:
            monitor.warn(f"{self._http.address} says: {reply.comment}")
        return content, reply

    def _first_reply(self, monitor: Monitor) -> tuple[bytes, Reply, RemoteJob]:
        """Return the reply about the job of an earlier session, or a new job."""
        remembered = self._jobs.find(self._key)
        if remembered is not None:
            try:
                return *self._ask(remembered, "submitted", monitor), remembered
            except NotAccepted:  # the server has forgotten it
                self._jobs.remove(self._key)
        session = new_session_id()
        content, reply = self._ask(RemoteJob(session, "", time.time()), "new", monitor)
        job = RemoteJob(session, reply.job_id, time.time())
        if reply.state not in _ENDED:
            self._jobs.save(self._key, job)
        return content, reply, job

    def _ask(self, job: RemoteJob, state: str, monitor: Monitor) -> tuple[bytes, Reply]:
        parameters = {**_CLIENT, **self._parameters, "session_id": job.session_id}
        parameters["query_status"] = state
        if job.job_id:
            parameters["job_id"] = job.job_id
        content = self._send(parameters, monitor)
        try:
            reply = read_reply(content)
        except DataError as error:
            raise ServiceError(error.problem, error.advice) from error
        if job.job_id and reply.job_id != job.job_id:
            problem = f"{self._http.address} replies about another job ({reply.job_id})."
            raise ServiceError(problem, "Ask again.")
        return content, reply

    def _send(self, parameters: Mapping[str, Value], monitor: Monitor) -> bytes:
        """Send a request in a thread, so that the job can be cancelled at any moment."""
        response: Future[bytes] = Future()

        def send() -> None:
            try:
                response.set_result(self._http.ask(parameters))
            except BaseException as error:  # noqa: BLE001 - raised where the result is awaited
                response.set_exception(error)

        Thread(target=send, daemon=True).start()
        while not wait([response], _CHECK_EVERY).done:
            monitor.report(self._reported)
        return response.result()

    def _check_patience(self, began: float) -> None:
        """Give up a job that never ends, by a clock that is never set."""
        if time.monotonic() - began > _LONGEST:
            self._jobs.remove(self._key)
            problem = f"{self._http.address} has not finished in {_LONGEST / 86400:.0f} days."
            raise JobError(problem, "Ask again; the analysis then starts anew.")

    def _check_echo(self, reply: Reply) -> None:
        """Refuse the products of another query: servers confuse queries with equal digits."""
        wrong = differences(self._parameters, reply.echoed)
        if wrong:
            problem = (
                f"{self._http.address} has answered another query: {', '.join(wrong)} "
                "differ from what was asked, so its products are refused."
            )
            advice = "Change the query a little, for example an energy by 0.5 keV."
            raise JobError(problem, advice)

    def _failure(self, reply: Reply) -> JobError:
        for name, meaning in _EXPLAINED.items():
            if name in reply.message:
                return JobError(f"The analysis failed: {meaning}", "Choose other windows or bands.")
        reason = reply.message.rstrip(". ") or "it gives no reason"
        problem = f"The analysis failed at {self._http.address}: {reason}."
        return JobError(problem, reply.advice or _ADVICE)


def _pause(seconds: float, progress: Progress, monitor: Monitor) -> None:
    """Wait while reporting progress; the monitor may cancel the job at any moment."""
    until = time.monotonic() + seconds
    while True:
        monitor.report(progress)
        left = until - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, _CHECK_EVERY))


def _progress(reply: Reply, windows: int) -> Progress:
    """Return the current step at the server, and the number of windows done."""
    if not reply.reports:
        return Progress(f"{reply.state} at the server", 0.0, windows)
    last: dict[str, bool] = {report.window: report.finished for report in reply.reports}
    done = sum(1.0 if finished else 0.5 for window, finished in last.items() if window)
    return Progress(str(reply.reports[-1]), min(done, 0.99 * windows), windows)
