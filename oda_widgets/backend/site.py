"""The site: its methods turn names and dates into queries, and wait for the products."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from typing import Any

import numpy as np

from oda_widgets.analysis.plan import Plan
from oda_widgets.backend.base import Backend
from oda_widgets.backend.job import Job
from oda_widgets.backend.recorded.open import begin_recording
from oda_widgets.config import Settings
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.lookup.names import resolve
from oda_widgets.lookup.sphere import separations
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.catalog import CatalogSource, SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import (
    DEFAULT_BAND,
    DEFAULT_THRESHOLD,
    ImageQuery,
    LightCurveQuery,
    Query,
    SpectrumQuery,
    parse_instrument,
)
from oda_widgets.request.science_windows import (
    ScienceWindow,
    ScienceWindowList,
    parse_identifiers,
)
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import parse_intervals, to_ijd
from oda_widgets.request.window_query import DEFAULT_RADIUS, WindowQuery

Catalog = SourceCatalog | Sequence[CatalogSource | Source | str] | str
Windows = ScienceWindowList | ScienceWindow | Iterable[str] | str

_PATIENCE = 0.2  # seconds between two looks at a job
_SILENCE = 1.0  # seconds before a progress bar appears


class IncompleteProduct(UserWarning):
    """A product was made, but some data were missing, or it could not be kept in the store."""


class Site:
    """Make images, spectra and light curves from an archive, a dispatcher or a recording.

    Use `connect` to make one. Methods named after a product wait for it, with a progress bar when
    it takes longer than a second; `submit` does not wait.

    Parameters
    ----------
    backend
        Computes or fetches the products.
    settings
        Settings in force; by default those of `connect`.

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

    def __init__(self, backend: Backend, settings: Settings | None = None) -> None:
        self._original = self._backend = backend
        self._settings = settings or Settings()
        self._executor = ThreadPoolExecutor(backend.at_once, thread_name_prefix="oda-widgets")

    def __repr__(self) -> str:
        return f"<Site: {self.name}>"

    @property
    def name(self) -> str:
        """Name of the backend, as messages call it."""
        return self._backend.name

    def resolve(self, source: Any) -> Source:
        """Return a source by its name or position; `resolved_by` says which catalogue knew it.

        Parameters
        ----------
        source
            A name, "RA, Dec" or a pair in degrees, sexagesimal text, or
            `~astropy.coordinates.SkyCoord`.

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
        radius: float = DEFAULT_RADIUS,
        limit: int | None = 50,
        seed: int = 0,
    ) -> ScienceWindowList:
        """Return the science windows that satisfy all conditions.

        Simulated windows are returned only where no real one satisfies them.

        Parameters
        ----------
        source
            Name or position; only windows that point within `radius` of it. By default anywhere.
        start, stop
            Only windows that overlap this time: a date in UTC, `~astropy.time.Time` or IJD (see
            `oda_widgets.request.timespan.to_ijd`).
        radius
            Largest angle between pointing and source, degrees.
        limit
            Largest number of windows; more are thinned at random. None takes all.
        seed
            Seed of the random choice: the same seed gives the same windows.

        Raises
        ------
        EmptySelection
            If none satisfies them; the message says which condition is to blame.
        UnknownSource
            If no catalogue or service knows the name of the source.

        Examples
        --------
        >>> len(site.science_windows("SGR 1935+2154", start="2022-10", stop="2022-11"))
        1
        """
        query = WindowQuery(
            source=None if source is None else self.resolve(source),
            radius=radius,
            start=None if start is None else to_ijd(start, "start"),
            stop=None if stop is None else to_ijd(stop, "stop"),
            limit=limit,
            seed=seed,
        )
        return self._backend.science_windows(query)

    def image(
        self,
        source: Any = None,
        windows: Windows | None = None,
        *,
        energy: Any = DEFAULT_BAND,
        intervals: Any = None,
        catalog: Catalog | None = None,
        detection_threshold: float = DEFAULT_THRESHOLD,
        instrument: str = "isgri",
    ) -> SkyImage:
        """Return a sky image and the sources in it.

        Parameters
        ----------
        source
            Name or position of a source that is labelled, and listed whatever its significance.
        windows
            Science windows or their identifiers; by default those that point near the source, at
            most 50.
        energy
            Band in keV, for example (20, 40).
        intervals
            Restrict the image to these intervals of time, [(start, stop), ...].
        catalog
            Sources to be measured whatever their significance, for example ``["Crab"]``.
        detection_threshold
            Lowest significance listed in the catalogue.
        instrument
            "isgri"; others have their own methods, see `instrument`.

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
        instrument = parse_instrument(instrument)  # before the band, whose limits are ISGRI's
        target = None if source is None else self.resolve(source)
        query = ImageQuery(
            science_windows=self._identifiers(windows, () if target is None else (target,)),
            energy=EnergyBand.parse(energy),
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
        catalog: Catalog,
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
            "isgri"; others have their own methods, see `instrument`.

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
        sources = self._catalog(catalog)
        query = SpectrumQuery(
            science_windows=self._identifiers(windows, sources),
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
        catalog: Catalog,
        energy: Any = DEFAULT_BAND,
        time_bin: float = 1.0,
        intervals: Any = None,
        instrument: str = "isgri",
    ) -> BySource[LightCurve]:
        """Return the light curves of all selected sources of a catalogue, fitted together.

        Parameters
        ----------
        windows
            Science windows; by default those that point near the sources of the catalogue, at
            most 50 for each part of the sky.
        catalog
            The sources, for example ``image.catalog`` or ``["Crab", "1A 0535+262"]``.
        energy
            Band in keV.
        time_bin
            Length of a bin in seconds.
        intervals
            Restrict the light curves to these intervals of time.
        instrument
            "isgri"; others have their own methods, see `instrument`.

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
        >>> curves = site.light_curves(catalog=["SGR 1935+2154"], energy=(28, 150), time_bin=10)
        >>> print(curves["SGR 1935+2154"].name)
        SGR 1935+2154
        """
        instrument = parse_instrument(instrument)
        sources = self._catalog(catalog)
        query = LightCurveQuery(
            science_windows=self._identifiers(windows, sources),
            catalog=sources,
            energy=EnergyBand.parse(energy),
            time_bin=time_bin,
            intervals=parse_intervals(intervals),
            instrument=instrument,
        )
        curves: BySource[LightCurve] = self._wait(query)
        return curves

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
        return Job(_checked(query), self._backend, self._executor)

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
        return self._backend.plan(_checked(query))

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

    def use_token(self, token: str) -> None:
        """Use another token for a dispatcher from now on, in this session only.

        Parameters
        ----------
        token
            Text as the server gave it. To keep it for other sessions put it into ``~/.oda-token``.

        Raises
        ------
        BadParameter
            If it is no token, or the backend does not use tokens.
        NotAllowed
            If it is expired, or would travel unencrypted.
        """
        self._backend.use_token(token)

    def record(self, path: str | PathLike[str]) -> None:
        """Record all further products in a file, from which they can be replayed anywhere.

        ``connect("recorded:answers.zip")`` replays them, without engine, archive or network.

        Parameters
        ----------
        path
            Ends in ``.zip``; a recording that is there is continued.

        Raises
        ------
        BadParameter
            If it cannot be written.
        DamagedFile
            If something else has this name.

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

    def _identifiers(self, windows: Windows | None, sources: Any) -> tuple[str, ...]:
        """Return the identifiers of windows, by default those that point near some sources."""
        if windows is None:
            windows = self._windows_near(sources)
        return parse_identifiers(windows)

    def _windows_near(self, sources: Any) -> Windows:
        """Return windows that point near the selected sources of a catalogue.

        Sources that no window sees are left out when the product is made.
        """
        selections: list[ScienceWindowList] = []
        unseen: list[EmptySelection] = []
        for source in sources.selected if isinstance(sources, SourceCatalog) else sources:
            if not any(_point_near(source, selection) for selection in selections):
                try:
                    found = self.science_windows(Source(source.name, source.ra, source.dec))
                    selections.append(found)
                except EmptySelection as error:
                    unseen.append(error)
        if unseen and not selections:
            raise unseen[0]
        if len(selections) > 1:
            return sorted({i for selection in selections for i in selection.ids})
        # A single selection knows how many windows it was drawn from.
        return selections[0] if selections else self.science_windows()

    def _catalog(self, catalog: Any) -> Any:
        """Return a catalogue of what names one; anything else is unusable by the query."""
        if catalog is None:
            return SourceCatalog()
        if isinstance(catalog, str | Source | CatalogSource):
            catalog = [catalog]
        if isinstance(catalog, SourceCatalog) or not isinstance(catalog, list | tuple):
            return catalog
        return SourceCatalog.of(
            source if isinstance(source, CatalogSource) else self.resolve(source)
            for source in catalog
        )

    def _wait(self, query: Query) -> Any:
        """Submit a query, show its progress and return its product."""
        job = self.submit(query)
        try:
            _show_progress(job)
        except KeyboardInterrupt:
            job.cancel()
            raise
        product = job.result()
        for text in job.warnings:
            warnings.warn(text, IncompleteProduct, stacklevel=3)
        return product


def _point_near(source: Source | CatalogSource, windows: ScienceWindowList) -> bool:
    """Tell whether one of some windows points near a source."""
    pointings = np.array([(window.ra, window.dec) for window in windows])
    angles = separations(pointings[:, 0], pointings[:, 1], source.ra, source.dec)
    return bool((angles <= DEFAULT_RADIUS).any())


def _show_progress(job: Job) -> None:
    """Wait for a job; a progress bar appears where somebody can see it."""
    if job.wait(_SILENCE):
        return
    from tqdm.auto import tqdm  # noqa: PLC0415 - looks for a notebook when imported

    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed}"
    with tqdm(total=1.0, leave=False, bar_format=layout, disable=not watched) as bar:
        while not job.wait(_PATIENCE):
            bar.set_description(str(job.progress), refresh=False)
            bar.update(job.progress.fraction - bar.n)


def _checked(query: Any) -> Query:
    """Return a query; what is not one is unusable."""
    if isinstance(query, ImageQuery | SpectrumQuery | LightCurveQuery):
        return query
    advice = "Build an ImageQuery, a SpectrumQuery or a LightCurveQuery."
    raise BadParameter("query", query, "not a query", advice)
