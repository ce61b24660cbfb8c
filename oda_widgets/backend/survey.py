"""The methods of a site that survey the sky."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oda_widgets.analysis.plan import Plan
from oda_widgets.analysis.survey import Grown, Survey
from oda_widgets.backend.arguments import Windows
from oda_widgets.backend.embedded import EmbeddedBackend
from oda_widgets.backend.job import Job
from oda_widgets.errors import BadParameter, StoreError
from oda_widgets.files import make_folder, remedy
from oda_widgets.lookup.healpix import healpix_grid
from oda_widgets.products.all_sky import AllSky
from oda_widgets.request.arguments import called, truth
from oda_widgets.request.identity import identity
from oda_widgets.request.instruments import described
from oda_widgets.request.paths import PathLike, folder_path
from oda_widgets.request.queries import band_of
from oda_widgets.request.science_windows import parse_identifiers
from oda_widgets.request.survey_query import NSIDE, SurveyQuery
from oda_widgets.request.timespan import parse_span
from oda_widgets.request.window_query import WindowQuery
from oda_widgets.workers.progress import Monitor

_NSIDES = (16, 1024)


def survey(  # noqa: PLR0913 - conditions that users name
    self: Any,
    windows: Windows | None = None,
    *,
    energy: Any = None,
    start: Any = None,
    stop: Any = None,
    limit: int | None = None,
    seed: int = 0,
    nside: int = NSIDE,
    folder: PathLike | None = None,
    resume: bool = True,
    grown: Callable[[AllSky], object] | None = None,
) -> AllSky:
    """Return a map of the whole sky made of any number of science windows of ISGRI.

    Windows are added one after the other, in memory that does not grow with their number, and what
    is there is written down every few of them. A survey that was stopped goes on from there when it
    is asked for again.

    Parameters
    ----------
    windows
        Science windows or their identifiers, in place of `start`, `stop` and `limit`; by default
        all of the archive.
    energy
        Band in keV, for example (20, 40); by default that of the instrument.
    start, stop
        Only windows between these times.
    limit
        At most so many windows, at random; None takes all.
    seed
        Seed of the random choice: the same seed gives the same windows.
    nside
        Pixels along the side of each of the twelve base pixels of HEALPix, a power of 2 from 16 to
        1024; 512 has pixels of 6.9 arc minutes.
    folder
        Where the survey is written down; by default in the cache folder. In a folder of yours a
        survey of a longer span goes on from that of a shorter one.
    resume
        Go on from what is there; False begins anew.
    grown
        Called from another thread with the map, from time to time while it grows, and at the end.

    Raises
    ------
    BadParameter
        If a parameter cannot be accepted, or another backend than the embedded one is asked.
    EmptySelection
        If no science window is selected.
    DamagedFile
        If none can be used.
    StoreError
        If the folder cannot be written.
    JobError
        If it is cancelled, or fails.

    Warns
    -----
    IncompleteProduct
        If science windows were left out.

    Examples
    --------
    >>> sky = site.survey(energy=(28, 150), nside=64)
    >>> sky.catalog.names[0]
    'SGR 1935+2154'
    """
    backend = _embedded(self._original)
    band = band_of(energy, described("isgri"))
    _check_nside(nside)
    wanted = _wanted(windows, start, stop, limit, seed)
    whole = backend.surveyed(band, wanted, nside)
    go_on, watcher = truth("resume", resume), called("grown", grown)
    place = _folder(folder, _usual(self, wanted))
    surveyor = _Surveyor(backend, whole, place, go_on, watcher)
    sky: AllSky = self._wait_for(_job(self, surveyor.query, surveyor))
    return sky


def submit_survey(site: Any, query: SurveyQuery) -> SurveyJob:
    """Submit a survey of named windows without waiting; what is there of it is gone on from.

    Raises
    ------
    BadParameter, EmptySelection, ArchiveError, StoreError
        As for `survey`.
    """
    backend, whole, place = _found(site, query)
    return _job(site, query, _Surveyor(backend, whole, _folder(None, place)))


def plan_survey(site: Any, query: SurveyQuery) -> Plan:
    """Return the expected cost of a survey of named windows, without what was added already.

    Raises
    ------
    BadParameter, EmptySelection, ArchiveError
        As for `survey`.
    """
    backend, whole, place = _found(site, query)
    return backend.plan_of_survey(whole, place)


class SurveyJob(Job):
    """A survey that is made in the background.

    Parameters
    ----------
    query
        Names its windows.
    surveyor
        Makes it.
    executor
        Runs the job in another thread.

    Attributes
    ----------
    sky
        What it has added up so far; None before the first windows.
    """

    def __init__(self, query: SurveyQuery, surveyor: _Surveyor, executor: Executor) -> None:
        self.sky: AllSky | None = None
        self._surveyor = surveyor
        super().__init__(query, surveyor.backend, executor)

    def _made(self) -> Any:
        return self._surveyor.run(self, self._grow)

    def _grow(self, sky: AllSky) -> None:
        self.sky = sky
        self._notify()


@dataclass(frozen=True)
class _Surveyor:
    """Makes a survey, and tells whoever looks on what is added up so far."""

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
        names = (*(w.id for w in whole.windows), *(w.id for w in whole.unusable))
        return SurveyQuery(science_windows=names, energy=whole.energy, nside=whole.nside)


def _found(site: Any, query: SurveyQuery) -> tuple[EmbeddedBackend, Survey, Path]:
    """Return the backend, the survey of named windows, and the folder it is usually kept in."""
    backend = _embedded(site._original)  # noqa: SLF001 - this is a method of it
    _check_nside(query.nside)
    whole = backend.surveyed(query.energy, query.science_windows, query.nside)
    return backend, whole, _usual(site, query.science_windows)


def _job(site: Any, query: SurveyQuery, surveyor: _Surveyor) -> SurveyJob:
    job = SurveyJob(query, surveyor, site._executor)  # noqa: SLF001 - likewise
    site._jobs.add(job)  # noqa: SLF001 - likewise
    return job


def _usual(site: Any, wanted: WindowQuery | tuple[str, ...]) -> Path:
    """Return where a survey is written down if no folder is given."""
    folder: Path = site._settings.cache_folder / "surveys" / _name(wanted)  # noqa: SLF001
    return folder


def _embedded(backend: Any) -> EmbeddedBackend:
    if isinstance(backend, EmbeddedBackend):
        return backend
    limit = f"{backend.name} makes no surveys: they add up what the embedded engine images"
    advice = 'Connect to an archive: oda.connect(archive="heasarc").'
    raise BadParameter("site", backend.name, limit, advice)


def _wanted(
    windows: Windows | None, start: Any, stop: Any, limit: int | None, seed: int
) -> WindowQuery | tuple[str, ...]:
    """Return the conditions on windows, or the identifiers of those that are named."""
    first, last = parse_span(start, stop)
    conditions = WindowQuery(start=first, stop=last, limit=limit, seed=seed)
    if windows is None:
        return conditions
    for name, value in {"start": start, "stop": stop, "limit": limit}.items():
        if value is not None:
            limited = "chooses among science windows, and these are named"
            raise BadParameter(name, value, limited, f"Leave out windows, or {name}.")
    return parse_identifiers(windows)


def _name(wanted: WindowQuery | tuple[str, ...]) -> str:
    """Return a name for the folder of a survey of some windows."""
    whole = wanted.identity if isinstance(wanted, WindowQuery) else identity(list(wanted))
    return whole[:12]


def _check_nside(nside: Any) -> None:
    least, most = _NSIDES
    if not least <= healpix_grid(nside).nside <= most:
        limit = f"outside {least} to {most}"
        raise BadParameter("nside", nside, limit, f"Choose {NSIDE}, whose pixels have 6.9'.")


def _folder(given: PathLike | None, usual: Path) -> Path:
    """Return the folder of a survey, made if it is not there."""
    folder = folder_path("folder", usual if given is None else given)
    try:
        make_folder(folder)
    except OSError as error:
        problem = f"The folder {folder} cannot be made: {error.strerror or error}."
        raise StoreError(problem, f"{remedy(error)}, or choose another folder.") from None
    return folder
