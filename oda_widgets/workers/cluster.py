"""Watch a Dask cluster that computes calls: it may lose its scheduler or its workers."""

from __future__ import annotations

import time
from typing import Any

from oda_widgets.errors import ServiceError

PATIENCE = 30.0
"""Seconds for which a cluster may be without workers."""

_RUNNING = "running"
_ADVICE = (
    'connect again, or give executor="processes" to compute here; finished windows are stored.'
)


class Cluster:
    """A Dask cluster.

    Parameters
    ----------
    client
        A ``distributed.Client``.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._address = getattr(client.scheduler, "address", "?")
        self._seen = time.monotonic()

    def check(self) -> None:
        """Check that there is a scheduler, and that there were workers in the last `PATIENCE`.

        Raises
        ------
        ServiceError
            If there is none, or there were no workers.
        """
        if self._client.status != _RUNNING:
            raise self.lost()
        if self._client.scheduler_info(n_workers=-1)["workers"]:
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > PATIENCE:
            problem = f"The Dask cluster at {self._address} has had no worker for {PATIENCE:g} s."
            advice = f"Start one with 'dask worker {self._address}' and {_ADVICE}"
            raise ServiceError(problem, advice)

    def lost(self) -> ServiceError:
        """Return the error for a cluster without a scheduler."""
        problem = f"The Dask scheduler at {self._address} is gone."
        return ServiceError(problem, f"Start it and {_ADVICE}")

    def begin(self) -> None:
        """Begin to wait for workers."""
        self._seen = time.monotonic()
