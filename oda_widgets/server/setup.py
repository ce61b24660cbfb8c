"""The parts of a running server, which its routes share."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.backend.site import Site
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_processes import JobProcesses
from oda_widgets.server.job_table import JobTable


@dataclass(frozen=True)
class ServerSetup:
    """The parts of a running server.

    Parameters
    ----------
    folder
        Folder of jobs and products.
    table
        Table of jobs.
    secret
        Secret that signs tokens.
    site
        Site that knows the science windows.
    processes
        Processes that compute jobs.
    hosts
        Names by which clients may call the server; others are refused, so that a web page whose
        name resolves to this machine reaches nothing.
    online
        Whether names may be looked up at SIMBAD and NED.
    """

    folder: JobFolder
    table: JobTable
    secret: str
    site: Site
    processes: JobProcesses
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    online: bool = True
