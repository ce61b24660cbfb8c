"""Connect to an archive, a dispatcher or a recording."""

from __future__ import annotations

from contextlib import suppress
from os import PathLike
from typing import Any

from oda_widgets.archive.mirror.open import is_known_mirror
from oda_widgets.archive.open import open_archive
from oda_widgets.backend.base import Backend
from oda_widgets.backend.dispatcher.token import check_token, find_token
from oda_widgets.backend.embedded import EmbeddedBackend
from oda_widgets.backend.recorded.open import is_recording, open_recording
from oda_widgets.backend.site import Site
from oda_widgets.config import Settings, load_settings
from oda_widgets.errors import NoDispatcher, OdaError, ServiceError, shorten, text_of
from oda_widgets.files import close_to_others
from oda_widgets.instruments.isgri.energies.origin import EnergyChoice, energy_choice
from oda_widgets.provenance.store import Store
from oda_widgets.request.address import is_address, is_private
from oda_widgets.request.keywords import suggesting
from oda_widgets.request.paths import file_path
from oda_widgets.request.revolutions import checked_release
from oda_widgets.workers.workers import open_workers


@suggesting
def connect(
    archive: str | PathLike[str] | None = None,
    *,
    executor: Any = None,
    token: str | None = None,
    osa_version: str = "auto",
    energies: EnergyChoice = "auto",
) -> Site:
    """Return a site over an archive, a dispatcher or a recording.

    Parameters
    ----------
    archive
        Folder of an archive in the layout of the ISDC; "heasarc", "isdc" or the address of any
        server with such a folder, "https://...", whose files are fetched when needed; "sample" for
        the bundled real science window, 255900280010.001; "simulated" for a simulated mission of 20
        years. By default the archive of the settings or, without any, the sample and the simulated
        mission together; an empty text means these two whatever the settings say. The address of an
        ODA/MMODA dispatcher, "https://...", uses that instead, and "recorded:answers.zip" replays
        what `Site.record` has recorded.
    executor
        Where the science windows of a query are computed: "processes" for one worker process per
        core of this machine, "none" for this process alone, a number of worker processes, the
        address of a Dask scheduler, a ``distributed.Client``, or an executor of
        `concurrent.futures`. By default as in the settings, else worker processes.
    token
        For a dispatcher: the token of the user; by default that of ``ODA_TOKEN`` or of a file
        ``.oda-token`` here or at home. An empty text uses none.
    osa_version
        For a dispatcher: "auto" chooses OSA10.2 before revolution 1626 and OSA11.2 after.
    energies
        For an archive, the calibration of the energies of real events: "osa" with the calibration
        tables of OSA 11 in ``ic/`` beside ``scw/``; "archive" as in the event files, which is wrong
        in late years; "lines" on the instrumental lines of the background, window by window; "auto"
        takes the first of these that is available and right, in this order. Each product says which
        was used, and why.

    Raises
    ------
    ArchiveError
        If the folder is not an archive.
    BadParameter
        If `executor`, `osa_version` or `energies` has another value than those above, or no
        scheduler responds.
    MissingTool
        If the package distributed is needed and missing.
    ServiceError
        If the dispatcher cannot be reached, or the address is not that of one.
    StoreError
        If a newer version of this package wrote the store of results.

    Examples
    --------
    >>> oda.connect(archive="sample")
    <Site: bundled sample>
    >>> oda.connect()
    <Site: bundled sample and simulated mission>
    """
    settings = load_settings()
    with suppress(OSError):  # without it results are not stored, as `oda-widgets doctor` tells
        close_to_others(settings.cache_folder)
    choice = energy_choice(text_of(energies) if isinstance(energies, str) else shorten(energies))
    check_token(token)
    release = checked_release(osa_version)
    where = settings.archive if archive is None else archive
    where = text_of(where) if isinstance(where, str) else file_path("archive", where)
    if is_recording(where):
        return Site(open_recording(str(where)), settings)
    if is_address(where) and not is_known_mirror(str(where), settings.cache_folder):
        backend = _dispatcher_if_one(str(where), token, settings, release)
        if backend is not None:
            return Site(backend, settings)
    opened = open_archive(where, settings.cache_folder, settings.fetch_bytes)
    store = Store(settings.store_folder, settings.store_bytes)
    workers = open_workers(settings.executor if executor is None else executor)
    backend = EmbeddedBackend(
        opened,
        store,
        workers,
        choice,
        shield_service=settings.shield_service,
        online=settings.online,
    )
    return Site(backend, settings)


def _dispatcher_if_one(
    address: str, token: str | None, settings: Settings, osa_version: str
) -> Backend | None:
    """Return the dispatcher at an address; None if it is that of an archive.

    Raises
    ------
    ServiceError
        If it is neither, or cannot be reached.
    """
    try:
        return _dispatcher(address, token, settings, osa_version)
    except NoDispatcher as refusal:
        if not is_private(address):
            raise
        try:
            open_archive(address, settings.cache_folder, settings.fetch_bytes).science_windows()
        except OdaError as error:
            problem, advice = (
                f"{error.problem} {refusal.problem}",
                f"{error.advice} {refusal.advice}",
            )
            raise ServiceError(problem, advice) from error
    return None


def _dispatcher(address: str, token: str | None, settings: Settings, osa_version: str) -> Backend:
    from oda_widgets.backend.dispatcher.backend import (  # noqa: PLC0415 - loads an HTTP client
        DispatcherBackend,
    )

    store = Store(settings.store_folder, settings.store_bytes)
    jobs = settings.cache_folder / "dispatcher"
    return DispatcherBackend(address, find_token(token), store, jobs, osa_version)
