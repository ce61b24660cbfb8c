"""The workers that compute windows beside this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from typing import Any

from oda_widgets.errors import BadParameter, MissingTool, text_of
from oda_widgets.workers.cluster import Cluster
from oda_widgets.workers.process_executor import ProcessExecutor

PROCESSES = "processes"
NONE = "none"

_MOST_BY_ITSELF = 8  # more processes only if asked for
_MOST = 1024
_PATIENCE = 10.0  # seconds for a cluster to answer
_ADVICE = (
    'Give "processes", "none", a number of processes, the address of a Dask scheduler such as '
    '"tcp://host:8786", a distributed.Client, or an executor of concurrent.futures.'
)


@dataclass(frozen=True)
class Workers:
    """An executor, how many calls it computes at once, and the Dask cluster behind it, if any."""

    executor: Executor
    number: int
    cluster: Cluster | None = None

    def submit(
        self, on_progress: Callable[[Any], None], function: Callable[..., Any], *arguments: Any
    ) -> Future[Any]:
        """Call a function; `on_progress` receives its reports if the executor can carry them."""
        if isinstance(self.executor, ProcessExecutor):
            return self.executor.submit_reporting(on_progress, function, *arguments)
        if self.cluster is not None:
            self.cluster.begin()
        return self.executor.submit(function, *arguments)

    def check(self) -> None:
        """Check that calls can still be computed.

        Raises
        ------
        ServiceError
            If a cluster has lost its scheduler, or had no workers for some time.
        """
        if self.cluster is not None:
            self.cluster.check()

    def stop(self, futures: Iterable[Future[Any]]) -> None:
        """Stop some calls if they are running, as far as the executor can."""
        if isinstance(self.executor, ProcessExecutor):
            self.executor.stop(futures)


def open_workers(executor: Any) -> Workers | None:
    """Return the workers for a word, a number, an address, a client or an executor.

    Parameters
    ----------
    executor
        "processes" for one worker process per core of this machine; "none"; a number of worker
        processes; the address of a Dask scheduler; a ``distributed.Client``; an executor.

    Returns
    -------
    workers
        None when all is computed in this process.

    Raises
    ------
    BadParameter
        If it is none of these, or no scheduler is reached at the address.
    MissingTool
        If it is an address and the package distributed is missing.
    """
    if hasattr(executor, "_client"):
        return Workers(executor, _threads_of(executor._client), Cluster(executor._client))  # noqa: SLF001 - Dask offers no other way
    if isinstance(executor, Executor):
        return Workers(executor, getattr(executor, "_max_workers", None) or cores())
    if hasattr(executor, "get_executor"):
        return _of_client(executor)
    text = text_of(executor).strip()
    if "://" in text:
        return _of_client(_client(text))
    return _processes(text, executor)


def has_died(error: Exception) -> bool:
    """Return True if an error says that a worker died, not that its task failed."""
    # Compared by name, so that distributed is imported only where it is used.
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processes(text: str, given: object) -> Workers | None:
    if text == NONE:
        return None
    if text == PROCESSES:
        number = min(cores(), _MOST_BY_ITSELF)
    elif text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST:
        number = int(text)
    else:
        limit = f"neither an executor nor a number of processes from 1 to {_MOST}"
        raise BadParameter("executor", given, limit, _ADVICE)
    # A single worker process has no advantage over this one.
    return Workers(ProcessExecutor(number), number) if number > 1 else None


def _of_client(client: Any) -> Workers:
    # A cluster must not reuse the result of an equal call: the store decides that.
    return Workers(client.get_executor(pure=False), _threads_of(client), Cluster(client))


def _threads_of(client: Any) -> int:
    return max(1, sum(map(int, client.nthreads().values())))


def _client(address: str) -> Any:
    try:
        from distributed import Client  # noqa: PLC0415 - heavy, and not always installed
    except ImportError:
        problem = f"executor={address!r} needs the package distributed, which is not installed."
        raise MissingTool(problem, "Install it with 'pip install distributed'.") from None
    try:
        return Client(address, timeout=_PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        limit = f"no Dask scheduler answers there ({error})"
        advice = "Start one with 'dask scheduler', or give executor=\"processes\"."
        raise BadParameter("executor", address, limit, advice) from None
