"""The parts of a running server that its routes share."""

from __future__ import annotations

from dataclasses import dataclass

from oda_widgets.backend.site import Site
from oda_widgets.server.job_folder import JobFolder
from oda_widgets.server.job_processes import JobProcesses
from oda_widgets.server.job_table import JobTable


@dataclass(frozen=True)
class ServerSetup:
    """The parts of a running server that its routes share.

    Parameters
    ----------
    folder
        Folder of jobs and products.
    table
        Table of jobs.
    secret
        Secret that signs tokens.
    site
        Site that lists science windows.
    processes
        Processes that compute jobs.
    hosts
        Names by which clients may call the server; requests to other names are refused, see
        `same_site.OwnNamesOnly`.
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
