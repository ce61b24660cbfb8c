"""Start and stop the server."""

from __future__ import annotations

import errno
import logging
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from oda_widgets.backend.connect import connect
from oda_widgets.config import Settings, load_settings
from oda_widgets.errors import BadParameter
from oda_widgets.request.address import HOST, foreign_host
from oda_widgets.request.identity import identity
from oda_widgets.server.app import application
from oda_widgets.server.connection import Connection
from oda_widgets.server.folder_lock import only_server
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_processes import JobProcesses
from oda_widgets.server.job_table import JobTable
from oda_widgets.server.setup import ServerSetup
from oda_widgets.server.tokens import secret_in
from oda_widgets.server.told_to_stop import stopped_by_signals

_HIGHEST_PORT = 65535
_MOST_WORKERS = 256
_BACKLOG = 2048
# Seconds, longer than clients pause between requests: one that arrives while the server closes the
# connection fails.
_KEEP_ALIVE = 30
_GRACE = 3  # seconds to finish replies when the server is told to stop


@dataclass(frozen=True)
class Options:
    """Options of a server.

    Parameters
    ----------
    host, port
        Address to listen at; port 0 for any free port.
    archive
        Archive to compute from (see `connect`); None for the archive in the settings.
    folder
        Folder of jobs, products and the secret; by default a separate one for each archive.
    workers
        Number of processes that compute jobs.
    hosts
        Further names by which clients may call the server.
    """

    host: str = "127.0.0.1"
    port: int = 10100
    archive: str | None = None
    folder: Path | None = None
    workers: int = 1
    hosts: tuple[str, ...] = ()


def serve(options: Options, announce: Callable[[str], Any] = lambda _: None) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    options
        Options of the server.
    announce
        Called with the address once the server listens.

    Raises
    ------
    BadParameter
        If the port is in use, or the folder belongs to another server or archive.
    OdaError
        If the archive cannot be opened.
    """
    check_options(options)
    os.umask(0o077)  # queries, products and the secret are for this user alone
    settings = load_settings()
    archive = settings.archive if options.archive is None else options.archive
    folder = JobFolder(options.folder or _default_folder(settings, archive))
    folder.make_private()
    with (
        only_server(folder, archive),
        _listening(options) as listener,
        JobTable(folder.table) as table,
    ):
        site = connect(archive, executor="none")  # so that errors appear here, not in a job process
        processes = JobProcesses(folder, table, archive, options.workers)
        setup = ServerSetup(
            folder=folder,
            table=table,
            secret=secret_in(folder.secret),
            hosts=tuple({"127.0.0.1", "localhost", options.host, *options.hosts}),
            online=settings.online,
            site=site,
            processes=processes,
        )
        table.put_back()  # the jobs that were running when the last server ended
        folder.remove_drafts()
        _run(setup, listener, lambda: announce(_address(options.host, listener)))


def _run(setup: ServerSetup, listener: socket.socket, announce: Callable[[], Any]) -> None:
    config = uvicorn.Config(
        application(setup),
        http=Connection,
        log_level="warning",
        access_log=False,  # addresses may hold tokens
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
    )
    server = _Server(config)
    # Malformed bodies are refused by replies, and would fill the log.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

    def stop() -> None:
        server.should_exit = True

    with stopped_by_signals(stop, setup.processes.kill):
        setup.processes.start()
        try:
            announce()
            server.run(sockets=[listener])
        finally:
            setup.processes.stop()
            setup.table.put_back()


class _Server(uvicorn.Server):
    """A server of uvicorn that leaves signals to `stopped_by_signals`."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do not handle signals."""
        yield


def check_options(options: Options) -> None:
    """Check the options of a server.

    Raises
    ------
    BadParameter
        If the port, the number of workers or a name of the server is not valid.
    """
    if not 0 <= options.port <= _HIGHEST_PORT:
        limit = f"outside 0 to {_HIGHEST_PORT}"
        raise BadParameter("port", options.port, limit, "Write for example --port 10100.")
    if not 1 <= options.workers <= _MOST_WORKERS:
        limit = f"outside 1 to {_MOST_WORKERS}"
        raise BadParameter("workers", options.workers, limit, "Write for example --workers 2.")
    for name in options.hosts:
        if not HOST.fullmatch(name):
            limit = "not the name of a machine"
            raise BadParameter("name", name, limit, "Write it as in --name astro.example.org.")


@contextmanager
def _listening(options: Options) -> Iterator[socket.socket]:
    """Yield a socket that listens at the address."""
    try:
        listener = socket.create_server((options.host, options.port), backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        if _blames_host(error):
            raise foreign_host(options.host) from None
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number else str(error)
        limit = f"cannot be used on {options.host} ({reason})"
        advice = f"Choose another: --port {min(options.port + 1, _HIGHEST_PORT)}."
        raise BadParameter("port", options.port, limit, advice) from None
    with listener:
        yield listener


def _blames_host(error: Exception) -> bool:
    """Return whether an error of listening is due to the host, not the port."""
    number = getattr(error, "errno", None)
    # getaddrinfo gives negative numbers for names that cannot be resolved.
    return number is None or number < 0 or number == errno.EADDRNOTAVAIL


def _address(host: str, listener: socket.socket) -> str:
    return f"http://{host}:{listener.getsockname()[1]}"


def _default_folder(settings: Settings, archive: str) -> Path:
    """Return the default folder for the jobs of an archive."""
    path = Path(archive)
    whole = str(path.resolve()) if archive and path.exists() else archive
    name = re.sub(r"[^0-9A-Za-z]+", "_", path.name).strip("_")[:20] or "bundled"
    return settings.cache_folder / "server" / f"{name}-{identity(whole)[:8]}"
