"""The site, whose methods turn names and dates into queries and wait for the products."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from weakref import WeakSet

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.arguments import Catalog, Windows, as_catalog, as_query
from oda_widgets.backend.base import Backend
from oda_widgets.backend.job import Job
from oda_widgets.backend.recorded.open import begin_recording
from oda_widgets.backend.stays_here import StaysHere
from oda_widgets.backend.survey import SurveyJob, Surveys, wanted_windows
from oda_widgets.backend.waiting import wait_for
from oda_widgets.backend.windows_near import check_time, windows_near
from oda_widgets.config import Settings
from oda_widgets.errors import BadParameter, IncompleteProduct
from oda_widgets.forking import renew_in_children
from oda_widgets.lookup.names import resolve
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.arguments import called
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.instruments import described
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.paths import PathLike
from oda_widgets.request.queries import (
    DEFAULT_THRESHOLD,
    ImageQuery,
    LightCurveQuery,
    Query,
    SpectrumQuery,
    band_of,
    offering,
)
from oda_widgets.request.science_windows import ScienceWindowList, parse_identifiers
from oda_widgets.request.source import Source
from oda_widgets.request.survey_query import NSIDE, SurveyQuery
from oda_widgets.request.timespan import (
    TimeInterval,
    intervals_of,
    parse_intervals,
    parse_span,
)
from oda_widgets.request.window_query import WindowQuery


@suggesting_class
class Site(StaysHere):
    """Make images, spectra and light curves from an archive, a dispatcher or a recording.

    Use `connect` to make one. Methods named after a product wait for it, with a progress bar when
    it takes longer than a second, or a line every ten seconds in the log of a script; `submit`
    does not wait.

    Parameters
    ----------
    backend
        Computes or fetches the products.
    settings
        Settings in force; by default those of `connect`.
    watch
        Called with each job that a method waits for; returns when it has ended (see `watched`).

    Examples
    --------
    >>> site = oda.connect(archive="sample")
    >>> windows = site.science_windows("SGR 1935+2154")
    >>> print(windows.ids[0])
    255900280010.001
    >>> burst = [("2022-10-12T15:20:44", "2022-10-12T15:20:45")]
    >>> image = site.image("SGR 1935+2154", windows, energy=(28, 150), intervals=burst)
    >>> image.catalog.names
    ('SGR 1935+2154',)
    """

    _stays_because = "it has jobs and a connection"
    _instead = "Call oda.connect in the other process, or send products."

    def __init__(
        self,
        backend: Backend,
        settings: Settings | None = None,
        *,
        watch: Callable[[Job], object] | None = None,
    ) -> None:
        if not callable(getattr(backend, "run", None)):
            limit = "not a backend"
            raise BadParameter("backend", backend, limit, 'Write oda.connect(archive="sample").')
        self._original = self._backend = backend
        self._settings = settings or Settings()
        self._watch = called("watch", watch) or _watch_here
        self._surveys = Surveys(backend, self._settings.cache_folder / "surveys")
        self._jobs: WeakSet[Job] = WeakSet()
        self._start_threads()
        renew_in_children(self._renew)

    def __repr__(self) -> str:
        return f"<Site: {self.name}>"

    def _start_threads(self) -> None:
        number = self._original.at_once
        self._executor = ThreadPoolExecutor(number, thread_name_prefix="oda-widgets")
        # A survey may take a night, during which queries run too.
        self._survey_thread = ThreadPoolExecutor(1, thread_name_prefix="oda-widgets-survey")

    def _renew(self) -> None:
        """Leave the jobs to the process that this one was forked from."""
        self._start_threads()
        for job in self._jobs:
            job.leave_to_parent()

    @property
    def name(self) -> str:
        """Name of the backend, as messages call it."""
        return self._backend.name

    @property
    def connection(self) -> str:
        """Python that connects to the same archive, dispatcher or recording; without a token.

        Examples
        --------
        >>> site.connection
        "oda.connect(archive='sample')"
        """
        return self._backend.connection

    def resolve(self, source: Any) -> Source:
        """Return a source by its name or position; `resolved_by` says which catalogue knew it.

        Parameters
        ----------
        source
            A name, a position as text ("83.63 22.01", "05:34:31.9 +22:00:52", "l=184.56 b=-5.78"
            and many more, see `oda_widgets.lookup.positions.parse_position`), a pair of degrees,
            quantities or texts, or `~astropy.coordinates.SkyCoord`.

        Raises
        ------
        UnknownSource
            If no catalogue or service knows the name.

        Examples
        --------
        >>> crab = site.resolve("crab nebula")
        >>> crab.name, round(crab.ra, 2), crab.resolved_by
        ('Crab', 83.63, 'reference catalogue')
        """
        return resolve(source, online=self._settings.online)

    def science_windows(
        self,
        source: Any = None,
        start: Any = None,
        stop: Any = None,
        *,
        radius: float | None = None,
        limit: int | None = 50,
        seed: int = 0,
        instrument: str = "isgri",
    ) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions.

        Simulated windows are returned only where no real one satisfies them.

        Parameters
        ----------
        source
            Name or position; only windows that point within `radius` of it. By default anywhere.
        start, stop
            Only windows that overlap this time: a date in UTC, "MJD 52744", "rev 60",
            `~astropy.time.Time` or a number in IJD (see `oda_widgets.request.timespan.to_ijd`). A
            month or a year is its beginning: all of 2006 is start="2006", stop="2007".
        radius
            Largest angle between pointing and source, degrees; by default that of the instrument,
            15 for ISGRI and 4 for JEM-X.
        limit
            Largest number of windows; more are thinned at random. None takes all.
        seed
            Seed of the random choice: the same seed gives the same windows.
        instrument
            "isgri", "jemx1", "jemx2" or "spi_acs": only windows in which it was on.

        Raises
        ------
        EmptySelection
            If none satisfies them; the message says which condition excludes them.
        UnknownSource
            If no catalogue or service knows the name of the source.

        Examples
        --------
        >>> len(site.science_windows("SGR 1935+2154", start="2022-10", stop="2022-11"))
        1
        """
        first, last = parse_span(start, stop)
        query = WindowQuery(
            source=None if source is None else self.resolve(source),
            radius=described(instrument).radius if radius is None else radius,
            start=first,
            stop=last,
            limit=limit,
            seed=seed,
            instrument=instrument,
        )
        return self._backend.science_windows(query)

    def named_windows(self, windows: Any) -> ScienceWindowList:
        """Return science windows by their identifiers: their times, pointings and good time.

        Parameters
        ----------
        windows
            One identifier, or several. Those that the archive lacks are left out.

        Raises
        ------
        BadParameter
            If an identifier is malformed or given twice.
        EmptySelection, ServiceError
            If the services of a dispatcher do not know one, or do not answer.

        Examples
        --------
        >>> site.named_windows("255900280010.001")[0].simulated
        False
        """
        return self._backend.named_windows(parse_identifiers(windows))

    def image(
        self,
        source: Any = None,
        windows: Windows | None = None,
        *,
        energy: Any = None,
        intervals: Any = None,
        catalog: Catalog | None = None,
        detection_threshold: float = DEFAULT_THRESHOLD,
        instrument: str = "isgri",
    ) -> SkyImage:
        """Return a sky image and the sources in it.

        Parameters
        ----------
        source
            Name or position of a source to label, and to list whatever its significance.
        windows
            Science windows or their identifiers; by default those that point near the source, at
            most 50.
        energy
            Band in keV, for example (20, 40); by default that of the instrument.
        intervals
            Restrict the image to these intervals of time, [(start, stop), ...].
        catalog
            Sources to measure whatever their significance, for example ``["Crab"]``.
        detection_threshold
            Lowest significance listed in the catalogue.
        instrument
            "isgri", "jemx1", "jemx2" or "spi_acs".

        Raises
        ------
        BadParameter
            If a parameter cannot be accepted, or no window sees the source.
        UnknownSource
            If no catalogue or service knows a name.
        EmptySelection
            If no science window, or no event, is selected.
        DataError, ServiceError, JobError
            If the data cannot be read, the dispatcher fails or the job does.

        Warns
        -----
        IncompleteProduct
            If science windows were left out.

        Examples
        --------
        >>> image = site.image("SGR 1935+2154", energy=(28, 150))
        >>> print(image.energy, image.significance.ndim)
        28–150 keV 2
        """
        # Before windows are searched.
        band = band_of(energy, offering(instrument, ImageQuery.kind))
        target = None if source is None else self.resolve(source)
        sources = () if target is None else (target,)
        query = ImageQuery(
            science_windows=self._identifiers(windows, sources, instrument),
            energy=band,
            source=target,
            catalog=self._catalog(catalog),
            intervals=parse_intervals(intervals),
            detection_threshold=detection_threshold,
            instrument=instrument,
        )
        image: SkyImage = self._wait(query)
        return image

    def spectra(
        self,
        windows: Windows | None = None,
        *,
        catalog: Catalog | None = None,
        intervals: Any = None,
        instrument: str = "isgri",
    ) -> BySource[Spectrum]:
        """Return the spectra of all selected sources of a catalogue, fitted together.

        Parameters
        ----------
        windows
            Science windows; by default those that point near the sources of the catalogue, at
            most 50 for each part of the sky.
        catalog
            The sources, for example ``image.catalog`` or ``["Crab", "1A 0535+262"]``.
        intervals
            Restrict the spectra to these intervals of time.
        instrument
            "isgri", "jemx1", "jemx2" or "spi_acs".

        Returns
        -------
        BySource
            A product for each source, by its name.

        Raises
        ------
        BadParameter
            If a parameter cannot be accepted, or no window sees any of the sources.
        UnknownSource
            If no catalogue or service knows a name.
        EmptySelection
            If no science window, or no event, is selected.
        DataError, ServiceError, JobError
            If the data cannot be read, the dispatcher fails or the job does.

        Warns
        -----
        IncompleteProduct
            If science windows or sources were left out.

        Examples
        --------
        >>> spectra = site.spectra(catalog=["SGR 1935+2154"])
        >>> spectra["SGR 1935+2154"].rate.shape
        (256,)
        """
        offering(instrument, SpectrumQuery.kind)  # before windows are searched
        sources = self._catalog(catalog)
        query = SpectrumQuery(
            science_windows=self._identifiers(windows, sources, instrument),
            catalog=sources,
            intervals=parse_intervals(intervals),
            instrument=instrument,
        )
        spectra: BySource[Spectrum] = self._wait(query)
        return spectra

    def light_curves(
        self,
        windows: Windows | None = None,
        *,
        catalog: Catalog | None = None,
        energy: Any = None,
        time_bin: float = 1.0,
        start: Any = None,
        stop: Any = None,
        intervals: Any = None,
        instrument: str = "isgri",
    ) -> BySource[LightCurve]:
        """Return the light curves of all selected sources of a catalogue, fitted together.

        Parameters
        ----------
        windows
            Science windows; by default those that point near the sources of the catalogue, at
            most 50 for each part of the sky. For "spi_acs" a span of time alone is enough.
        catalog
            The sources, for example ``image.catalog`` or ``["Crab", "1A 0535+262"]``; none for
            "spi_acs", whose rate is that of the whole sky.
        energy
            Band in keV; by default that of the instrument.
        time_bin
            Length of a bin in seconds. Bins end with their science window; bins longer than every
            window join windows.
        start, stop
            Restrict the light curves to this span of time; the same as one interval.
        intervals
            Restrict the light curves to these intervals of time.
        instrument
            "isgri", "jemx1", "jemx2" or "spi_acs".

        Returns
        -------
        BySource
            A product for each source, by its name; "SPI-ACS" is the only one of "spi_acs".

        Raises
        ------
        BadParameter
            If a parameter cannot be accepted, or no window sees any of the sources.
        UnknownSource
            If no catalogue or service knows a name.
        EmptySelection
            If no science window, or no event, is selected.
        DataError, ServiceError, JobError
            If the data cannot be read, the dispatcher fails or the job does.

        Warns
        -----
        IncompleteProduct
            If science windows or sources were left out.

        Examples
        --------
        >>> curves = site.light_curves(catalog=["SGR 1935+2154"], energy=(28, 150), time_bin=10)
        >>> print(curves["SGR 1935+2154"].name)
        SGR 1935+2154
        >>> curves = site.light_curves(
        ...     instrument="spi_acs",
        ...     start="2023-03-07T15:41:10",
        ...     stop="2023-03-07T15:50",
        ...     time_bin=0.1,
        ... )
        >>> curves["SPI-ACS"].burst().t90
        28... ± ...
        """
        band = band_of(energy, described(instrument))  # before windows are searched
        sources, within = self._catalog(catalog), intervals_of(intervals, start, stop)
        query = LightCurveQuery(
            science_windows=self._identifiers(windows, sources, instrument, within),
            catalog=sources,
            energy=band,
            time_bin=time_bin,
            intervals=within,
            instrument=instrument,
        )
        curves: BySource[LightCurve] = self._wait(query)
        return curves

    def survey(  # noqa: PLR0913 - conditions that users name
        self,
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
        """Return a map of the whole sky from any number of science windows of ISGRI.

        Windows are added one after the other, in memory that does not grow with their number, and
        the sum is saved every few of them. A stopped survey resumes from there when called again.
        Other queries run meanwhile.

        Parameters
        ----------
        windows
            Science windows or their identifiers, in place of `start`, `stop` and `limit`; by
            default all of the archive.
        energy
            Band in keV, for example (20, 40); by default that of the instrument.
        start, stop
            Only windows between these times.
        limit
            Largest number of windows, chosen at random; None takes all.
        seed
            Seed of the random choice: the same seed gives the same windows.
        nside
            Pixels along the side of each of the twelve base pixels of HEALPix, a power of 2 from 16
            to 1024; 512 has pixels of 6.9 arc minutes.
        folder
            Where the survey is saved; by default in the cache folder. In a folder of yours a survey
            of a longer span continues that of a shorter one.
        resume
            Resume a saved survey; False begins anew.
        grown
            Called from another thread with the map, from time to time while it grows, and at the
            end.

        Raises
        ------
        BadParameter
            If a parameter cannot be accepted, or the backend is not the embedded one.
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
        wanted = wanted_windows(windows, start, stop, limit, seed)
        surveyor = self._surveys.asked(wanted, energy, nside, folder, resume=resume, grown=grown)
        job = SurveyJob(surveyor.query, surveyor, self._survey_thread)
        sky: AllSky = self._wait_for(self._remembered(job))
        return sky

    def submit(self, query: Any) -> Job:
        """Submit a query without waiting for its product.

        Parameters
        ----------
        query
            `ImageQuery`, `SpectrumQuery` or `LightCurveQuery`.

        Returns
        -------
        Job
            With ``status``, ``progress``, ``cancel()`` and ``result()``.

        Raises
        ------
        BadParameter
            If it is something else. Errors of the analysis are raised by ``result()``.

        Examples
        --------
        >>> query = oda.ImageQuery(science_windows="255900280010.001", energy=(28, 150))
        >>> job = site.submit(query)
        >>> job.result().energy == query.energy
        True
        """
        if isinstance(query, SurveyQuery):
            surveyor = self._surveys.named(query)
            return self._remembered(SurveyJob(query, surveyor, self._survey_thread))
        return self._remembered(Job(as_query(query), self._backend, self._executor))

    def plan(self, query: Any) -> Plan:
        """Preview the steps of a query and their cost, without submitting it.

        Parameters
        ----------
        query
            `ImageQuery`, `SpectrumQuery` or `LightCurveQuery`.

        Returns
        -------
        Plan
            ``str(plan)`` is for example "50 windows, 37 in the store, about 12 s".

        Raises
        ------
        BadParameter
            If it is something else, or no window sees its sources.

        Examples
        --------
        >>> query = oda.ImageQuery(science_windows="255900280010.001", energy=(30, 60))
        >>> print(site.plan(query))
        1 window, 0 in the store, ...
        """
        if isinstance(query, SurveyQuery):
            return self._surveys.plan(query)
        return self._backend.plan(as_query(query))

    def instrument(self, name: str) -> Any:
        """Return another instrument that a dispatcher offers, with parameters of its own.

        Parameters
        ----------
        name
            Name on the server, for example "jemx" or "gw".

        Returns
        -------
        Instrument
            With ``products``, ``items(product)`` and ``get(product, **parameters)``.

        Raises
        ------
        BadParameter
            If the backend does not offer it.
        """
        return self._backend.instrument(name)

    def watched(self, watch: Callable[[Job], object]) -> Site:
        """Return the same site, whose methods wait without progress bar or warnings.

        Parameters
        ----------
        watch
            Called with each job that a method waits for; returns when it has ended. It may cancel
            the job, and show ``job.progress`` and ``job.warnings``.

        Examples
        --------
        >>> quiet = site.watched(lambda job: job.wait(600))
        >>> len(quiet.image("SGR 1935+2154", energy=(28, 150)).catalog)
        2
        """
        return Site(self._backend, self._settings, watch=watch)

    def use_token(self, token: str) -> None:
        """Use another token for a dispatcher from now on, in this session only.

        Parameters
        ----------
        token
            Text from the server. To keep it for other sessions put it into ``~/.oda-token``.

        Raises
        ------
        BadParameter
            If it is not a token, or the backend does not use tokens.
        NotAllowed
            If it is expired, or would travel unencrypted.
        """
        self._backend.use_token(token)

    def record(self, path: PathLike) -> None:
        """Record all further products in a file, from which they can be replayed anywhere.

        ``connect("recorded:answers.zip")`` replays them, without engine, archive or network.

        Parameters
        ----------
        path
            Ends in ``.zip``; an existing recording is continued.

        Raises
        ------
        BadParameter
            If it cannot be written.
        DamagedFile
            If the file is not a recording.

        Examples
        --------
        >>> site = oda.connect(archive="sample")
        >>> site.record("answers.zip")
        >>> image = site.image("SGR 1935+2154", energy=(28, 150))
        >>> replay = oda.connect("recorded:answers.zip")
        >>> replay.image("SGR 1935+2154", energy=(28, 150)).catalog == image.catalog
        True
        """
        self._backend = begin_recording(self._original, path)

    def _identifiers(
        self,
        windows: Windows | None,
        sources: Any,
        instrument: str = "isgri",
        intervals: Sequence[TimeInterval] = (),
    ) -> tuple[str, ...]:
        """Return the identifiers of windows, by default of those that point near sources.

        An instrument without sources needs none, but intervals.
        """
        if windows is None and not described(instrument).sources:
            check_time(intervals, instrument, self.science_windows)
            return ()
        if windows is None:
            asked = sources.selected if isinstance(sources, SourceCatalog) else sources
            find = partial(self.science_windows, instrument=instrument)
            windows = windows_near(asked, find, described(instrument).radius)
        return parse_identifiers(windows)

    def _catalog(self, catalog: Any) -> Any:
        """Return a catalogue, with names and positions resolved."""
        return as_catalog(catalog, self.resolve)

    def _remembered(self, job: Job) -> Job:
        """Return a job, remembered for forked processes (see `_renew`)."""
        self._jobs.add(job)
        return job

    def _wait(self, query: Query) -> Any:
        """Submit a query, show its progress and return its product."""
        return self._wait_for(self.submit(query))

    def _wait_for(self, job: Job) -> Any:
        """Show the progress of a job and return its product."""
        try:
            self._watch(job)
        except KeyboardInterrupt:
            job.cancel()
            raise
        return job.result()


def _watch_here(job: Job) -> None:
    """Wait for a job with a progress bar, and show its warnings."""
    wait_for(job)
    if job.error is None:
        for text in job.warnings:
            warnings.warn(text, IncompleteProduct, stacklevel=5)
