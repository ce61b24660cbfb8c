"""One question to a dispatcher, from asking to the answer that holds the products."""

from __future__ import annotations

import time
from collections.abc import Mapping

from oda_widgets.backend.dispatcher.http import Http
from oda_widgets.backend.dispatcher.memory import Memory, RemoteJob, new_session
from oda_widgets.errors import DataError, JobError, ServiceError
from oda_widgets.protocol.answer import Answer, answer_of
from oda_widgets.protocol.parameters import Value, differences
from oda_widgets.workers.monitor import Monitor

_CLIENT = {"api": "True", "oda_api_version": "1.3.5", "off_line": "False"}
_FIRST_WAIT, _LONGEST_WAIT = 0.3, 15.0  # seconds between two looks
_LOOK = 0.2  # seconds between two looks at whether we were told to stop
_LONGEST = 14 * 86400.0  # seconds; what takes longer is lost
_ENDED = frozenset({"done", "failed"})
_EXPLAINED = {
    "EmptyScWList": "None of the science windows has usable data.",
    "NoISGRIEvents": "A science window has no ISGRI events.",
    "NoScWData": "A science window is not in the archive.",
    "NoDeadData": "A science window has no data on dead time.",
    "EmptyImageList": "No science window gave an image.",
    "FractionalEnergyBinsNotAllowed": "OSA takes energies in steps of 0.5 keV only.",
}


class Conversation:
    """Asks one question until it is answered.

    Parameters
    ----------
    http
        The server.
    memory
        Jobs that were asked before.
    question
        Identity of the question at this server, hex digits.
    parameters
        The question in the dispatcher's words.
    """

    def __init__(
        self, http: Http, memory: Memory, question: str, parameters: Mapping[str, Value]
    ) -> None:
        self._http = http
        self._memory = memory
        self._question = question
        self._parameters = parameters

    def answer(self, monitor: Monitor, windows: int) -> tuple[bytes, Answer]:
        """Wait for the answer and return it as it came, and as it was read and checked.

        Parameters
        ----------
        monitor
            Who wants to know how far it is.
        windows
            How many science windows it works on.

        Raises
        ------
        JobError
            If the job failed, or another question was answered.
        ServiceError
            If the server is not reached or does not answer as it should.
        """
        remembered = self._memory.recall(self._question)
        content, answer, job = self._begun(remembered)
        wait, reported = _FIRST_WAIT, 0
        while answer.state not in _ENDED:
            if time.time() - job.submitted > _LONGEST:
                self._memory.forget(self._question)
                problem = f"{self._http.address} has not answered in {_LONGEST / 86400:.0f} days."
                raise JobError(problem, "Ask again; it then begins anew.")
            if len(answer.reports) != reported or answer.state == "ready":
                wait, reported = _FIRST_WAIT, len(answer.reports)
            _tell(answer, monitor, windows, 0.0 if answer.state == "ready" else wait)
            wait = min(1.3 * wait, _LONGEST_WAIT)
            content, answer = self._ask(job, answer.state)
        self._memory.forget(self._question)
        if answer.state == "failed":
            raise self._failure(answer)
        self._check_echo(answer)
        if answer.comment:
            monitor.warn(f"{self._http.address} says: {answer.comment}")
        return content, answer

    def _begun(self, remembered: RemoteJob | None) -> tuple[bytes, Answer, RemoteJob]:
        """Return the first answer: to a job of before, where the server still knows it."""
        if remembered is not None:
            try:
                return *self._ask(remembered, "submitted"), remembered
            except ServiceError as error:
                if "does not accept" not in error.problem:
                    raise
                self._memory.forget(self._question)
        session = new_session()
        content, answer = self._ask(RemoteJob(session, "", time.time()), "new")
        job = RemoteJob(session, answer.job_id, time.time())
        if answer.state not in _ENDED:
            self._memory.remember(self._question, job)
        return content, answer, job

    def _ask(self, job: RemoteJob, state: str) -> tuple[bytes, Answer]:
        asked = {**_CLIENT, **self._parameters, "session_id": job.session_id}
        asked["query_status"] = state
        if job.job_id:
            asked["job_id"] = job.job_id
        content = self._http.ask(asked)
        try:
            answer = answer_of(content)
        except DataError as error:
            raise ServiceError(error.problem, error.advice) from error
        if job.job_id and answer.job_id != job.job_id:
            problem = f"{self._http.address} answers for another job ({answer.job_id})."
            raise ServiceError(problem, "Ask again.")
        return content, answer

    def _check_echo(self, answer: Answer) -> None:
        """Refuse the products of another question: servers mix up questions with equal digits."""
        wrong = differences(self._parameters, answer.echoed)
        if wrong:
            problem = (
                f"{self._http.address} has answered another question: {', '.join(wrong)} "
                "differ from what was asked, so its products are refused."
            )
            advice = "Change the question a little, for example an energy by 0.5 keV."
            raise JobError(problem, advice)

    def _failure(self, answer: Answer) -> JobError:
        for name, meaning in _EXPLAINED.items():
            if name in answer.message:
                return JobError(f"The analysis failed: {meaning}", "Choose other windows or bands.")
        said = answer.message.rstrip(". ") or "it gives no reason"
        problem = f"The analysis failed at {self._http.address}: {said}."
        return JobError(problem, "Try fewer windows or another band; OSA's messages are terse.")


def _tell(answer: Answer, monitor: Monitor, windows: int, wait: float) -> None:
    """Say how far it is, and wait; the monitor may stop us at any moment."""
    step, done = _progress(answer)
    until = time.monotonic() + wait
    while True:
        monitor.step(step, min(done, 0.99 * windows), windows)
        left = until - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, _LOOK))


def _progress(answer: Answer) -> tuple[str, float]:
    """Return what the server does, and how many windows it is done with."""
    if not answer.reports:
        return f"{answer.state} at the server", 0.0
    last: dict[str, bool] = {report.window: report.finished for report in answer.reports}
    done = sum(1.0 if finished else 0.5 for window, finished in last.items() if window)
    return str(answer.reports[-1]), done
