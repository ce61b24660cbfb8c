"""Surveys of a site: their windows, their folders, and their jobs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oda_widgets.analysis.plan import Plan
from oda_widgets.analysis.survey import Grown, Survey
from oda_widgets.backend.arguments import Windows
from oda_widgets.backend.base import Backend
from oda_widgets.backend.embedded import EmbeddedBackend
from oda_widgets.backend.job import Job
from oda_widgets.errors import BadParameter, StoreError
from oda_widgets.files import make_folder, remedy
from oda_widgets.products.all_sky import AllSky
from oda_widgets.request.arguments import called, truth
from oda_widgets.request.identity import identity
from oda_widgets.request.instruments import described
from oda_widgets.request.paths import PathLike, folder_path
from oda_widgets.request.queries import band_of
from oda_widgets.request.science_windows import parse_identifiers
from oda_widgets.request.survey_query import SurveyQuery, checked_nside
from oda_widgets.request.timespan import parse_span
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.progress import Monitor

_REVOLUTION = len("RRRR")

Wanted = WindowQuery | tuple[str, ...]
"""Conditions on science windows, or identifiers of named ones."""


@dataclass(frozen=True)
class Surveyor:
    """Makes a survey, and reports the growing map.

    Parameters
    ----------
    backend
        Backend that images the windows.
    survey
        Windows to add up.
    folder
        Where the survey is saved.
    resume
        Resume a saved survey.
    grown
        Called with the map while it grows; None calls nothing.
    """

    backend: EmbeddedBackend
    survey: Survey
    folder: Path
    resume: bool = True
    grown: Grown | None = None

    def run(self, monitor: Monitor, show: Grown) -> AllSky:
        """Return the map of the survey; `show` is called with it while it grows."""

        def grow(sky: AllSky) -> None:
            show(sky)
            if self.grown is not None:
                self.grown(sky)

        return self.backend.survey(
            self.survey, self.folder, monitor, resume=self.resume, grown=grow
        )

    @property
    def query(self) -> SurveyQuery:
        """The query that names its windows."""
        whole = self.survey
        # An unreadable folder of a whole revolution names no window.
        unusable = (w.id for w in whole.unusable if len(w.id) > _REVOLUTION)
        names = (*(w.id for w in whole.windows), *unusable)
        return SurveyQuery(science_windows=names, energy=whole.energy, nside=whole.nside)


@dataclass(frozen=True)
class Surveys:
    """The surveys of a backend.

    Parameters
    ----------
    backend
        The embedded one; others are refused when a survey is requested.
    folder
        Holds the folders of surveys if no other is given.
    """

    backend: Backend
    folder: Path

    def asked(
        self,
        windows: Wanted,
        energy: Any,
        nside: int,
        folder: PathLike | None,
        *,
        resume: bool,
        grown: Callable[[AllSky], object] | None,
    ) -> Surveyor:
        """Return the surveyor for the arguments of `Site.survey`."""
        backend = self._embedded()
        band = band_of(energy, described("isgri"))
        whole = backend.surveyed(band, windows, checked_nside(nside))
        go_on, watcher = truth("resume", resume), called("grown", grown)
        place = _made_folder(self._default_folder(windows) if folder is None else folder)
        return Surveyor(backend, whole, place, go_on, watcher)

    def named(self, query: SurveyQuery) -> Surveyor:
        """Return the surveyor of named windows, which resumes a saved survey.

        Raises
        ------
        BadParameter, EmptySelection, ArchiveError, StoreError
            As for `Site.survey`.
        """
        backend, whole = self._survey_of(query)
        place = _made_folder(self._default_folder(query.science_windows))
        return Surveyor(backend, whole, place)

    def plan(self, query: SurveyQuery) -> Plan:
        """Return the expected cost of a survey of named windows, without those added already.

        Raises
        ------
        BadParameter, EmptySelection, ArchiveError
            As for `Site.survey`.
        """
        backend, whole = self._survey_of(query)
        return backend.plan_of_survey(whole, self._default_folder(query.science_windows))

    def _survey_of(self, query: SurveyQuery) -> tuple[EmbeddedBackend, Survey]:
        backend = self._embedded()
        return backend, backend.surveyed(query.energy, query.science_windows, query.nside)

    def _embedded(self) -> EmbeddedBackend:
        backend = self.backend
        if isinstance(backend, EmbeddedBackend):
            return backend
        limit = f"{backend.name} makes no surveys: they add up what the embedded engine images"
        advice = 'Connect to an archive: oda.connect(archive="heasarc").'
        raise BadParameter("site", backend.name, limit, advice)

    def _default_folder(self, windows: Wanted) -> Path:
        """Return the default folder of a survey."""
        key = identity(list(windows)) if isinstance(windows, tuple) else windows.identity
        return self.folder / key[:12]


class SurveyJob(Job):
    """A survey computed in the background.

    Parameters
    ----------
    query
        Query with the names of its windows.
    surveyor
        Surveyor that makes it.
    executor
        Runs the job in another thread.

    Attributes
    ----------
    sky
        Its map so far; None before the first windows.
    """

    def __init__(self, query: SurveyQuery, surveyor: Surveyor, executor: Executor) -> None:
        self.sky: AllSky | None = None
        self._surveyor = surveyor
        super().__init__(query, surveyor.backend, executor)

    def _make(self) -> Any:
        return self._surveyor.run(self, self._grow)

    def _grow(self, sky: AllSky) -> None:
        self.sky = sky
        self._notify()


def wanted_windows(
    windows: Windows | None, start: Any, stop: Any, limit: int | None, seed: int
) -> Wanted:
    """Return the conditions on windows, or the identifiers of named ones.

    Raises
    ------
    BadParameter
        If windows are named and conditions are given too, or one of them cannot be accepted.
    """
    first, last = parse_span(start, stop)
    conditions = WindowQuery(start=first, stop=last, limit=limit, seed=seed)
    if windows is None:
        return conditions
    for name, value in {"start": start, "stop": stop, "limit": limit}.items():
        if value is not None:
            limited = "chooses among science windows, and these are named"
            raise BadParameter(name, value, limited, f"Leave out windows, or {name}.")
    return parse_identifiers(windows)


def _made_folder(given: PathLike) -> Path:
    """Return the folder of a survey, made if missing."""
    folder = folder_path("folder", given)
    try:
        make_folder(folder)
    except OSError as error:
        problem = f"The folder {folder} cannot be made: {error.strerror or error}."
        raise StoreError(problem, f"{remedy(error)}, or choose another folder.") from None
    return folder
