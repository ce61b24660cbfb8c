"""Connecting to a dispatcher."""

from __future__ import annotations

from oda_widgets.backend.base import Backend
from oda_widgets.backend.dispatcher.token import find_token
from oda_widgets.config import Settings
from oda_widgets.provenance.store import Store


def open_dispatcher(
    address: str, token: str | None, settings: Settings, osa_version: str
) -> Backend:
    """Return the backend that asks a dispatcher.

    Parameters
    ----------
    address
        Of the dispatcher.
    token
        Who asks (see `find_token`).
    settings
        Where answers and jobs are kept.
    osa_version
        "auto", or the version to use for everything.

    Raises
    ------
    ServiceError
        If there is no dispatcher.
    """
    from oda_widgets.backend.dispatcher.backend import (  # noqa: PLC0415 - loads an HTTP client
        DispatcherBackend,
    )

    store = Store(settings.store_folder, settings.store_bytes)
    folder = settings.cache_folder / "dispatcher"
    return DispatcherBackend(address, find_token(token), store, folder, osa_version)
