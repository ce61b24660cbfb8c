"""Run one job: find its science windows and sources, and compute its product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from oda_widgets.backend.job import Job
from oda_widgets.backend.site import Site
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products.answer import Product
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.observation import Observation
from oda_widgets.protocol.parameters import fields_from
from oda_widgets.protocol.product_names import instrument_of, kind_of
from oda_widgets.protocol.wire_times import interval_in
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instrument import IMAGE, LIGHT_CURVE
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.source import Source
from oda_widgets.server.failures import without_folders

OnProgress = Callable[[Job], None]


@dataclass(frozen=True)
class JobResult:
    """The product of a job, with remarks.

    Parameters
    ----------
    product
        Image, spectra or light curves.
    comment
        Remarks for the client, for example which parameters were not used.
    """

    product: Product
    comment: str


class JobRun:
    """The run of one job.

    Parameters
    ----------
    site
        Site that computes.
    parameters, given
        Parameters of the query, and names of those that the client sent (see
        `client_query.ClientQuery`).
    on_progress
        Called with each job of the site whenever its progress changes.
    """

    def __init__(
        self,
        site: Site,
        parameters: Mapping[str, Any],
        given: tuple[str, ...],
        on_progress: OnProgress,
    ) -> None:
        self._site = site
        self._parameters = parameters
        self._instrument = instrument_of(parameters)
        products = filter(None, map(self._instrument.wire.product, (IMAGE, LIGHT_CURVE)))
        self._fields: dict[str, Any] = {}
        for product in products:
            self._fields |= fields_from(parameters, product)
        self._has_position = {"RA", "DEC"} <= set(given)
        self._has_times = {"T1", "T2"} <= set(given)
        # Without src_name the parameters hold the name of the default source.
        self._has_source = self._has_position and "src_name" in given
        self._on_progress = on_progress
        self._comments: list[str] = []

    def result(self) -> JobResult:
        """Compute and return the product.

        Raises
        ------
        OdaError
            If it cannot be computed.
        """
        if not self._instrument.sources:
            return self._with_comments(self._submit(self._whole_sky_query()))
        windows = self._windows()
        kind = kind_of(self._parameters["product_type"])
        if kind == IMAGE:
            return self._with_comments(self._image(windows, self._catalog))
        catalog = self._catalog if len(self._catalog) else self._detected_sources(windows)
        instrument = self._instrument.name
        query: Query = SpectrumQuery(
            science_windows=windows, catalog=catalog, instrument=instrument
        )
        if kind == LIGHT_CURVE:
            query = LightCurveQuery(
                science_windows=windows,
                catalog=catalog,
                energy=self._energy,
                time_bin=self._fields["time_bin"],
                instrument=instrument,
            )
        return self._with_comments(self._submit(query))

    def _whole_sky_query(self) -> LightCurveQuery:
        """Return the query for an instrument without sources, for a time only."""
        self._comment_on_default_times()
        return LightCurveQuery(
            intervals=interval_in(self._parameters),
            time_bin=self._fields["time_bin"],
            instrument=self._instrument.name,
        )

    @property
    def _catalog(self) -> SourceCatalog:
        catalog: SourceCatalog = self._fields.get("catalog", SourceCatalog())
        return catalog

    @property
    def _energy(self) -> EnergyBand:
        energy: EnergyBand = self._fields["energy"]
        return energy

    @property
    def _source(self) -> Source:
        source: Source = self._fields["source"]
        return source

    def _windows(self) -> tuple[str, ...]:
        """Return the listed science windows, or those at the time and position."""
        if self._parameters["scw_list"]:
            return tuple(self._parameters["scw_list"])
        if not self._has_position:
            where = f"RA={self._source.ra:g}, DEC={self._source.dec:g}"
            self._comments.append(f"No position was given: {where} was taken.")
        self._comment_on_default_times()
        found = self._site.science_windows(
            self._source.position,
            self._parameters["T1"],
            self._parameters["T2"],
            radius=self._parameters["radius"],
            limit=self._parameters["max_pointings"],
            instrument=self._instrument.name,
        )
        if found.available > len(found):
            self._comments.append(
                f"{len(found):,} of {found.available:,} science windows were used (max_pointings)."
            )
        if found.unusable:
            self._comments.append(found.unusable_note)
        return found.ids

    def _comment_on_default_times(self) -> None:
        """Add a comment on T1 and T2 if the client did not send both."""
        if not self._has_times:
            start, stop = (self._parameters[name] for name in ("T1", "T2"))
            self._comments.append(f"No time was given: T1={start}, T2={stop} were taken.")

    def _image(self, windows: tuple[str, ...], catalog: SourceCatalog) -> SkyImage:
        fields: dict[str, Any] = {
            "science_windows": windows,
            "energy": self._energy,
            "catalog": catalog,
            "detection_threshold": self._parameters.get("detection_threshold", 7.0),
            "instrument": self._instrument.name,
        }
        try:
            source = self._source if self._has_source else None
            image = self._submit(ImageQuery(**fields, source=source))
        except BadParameter as error:
            # Clients may send any position with a list of windows: dispatchers ignore it.
            if error.parameter != "source":
                raise
            self._comments.append(f"The position was not used: {error.limit}.")
            image = self._submit(ImageQuery(**fields))
        assert isinstance(image, SkyImage)  # noqa: S101 - the answer to an image query
        return image

    def _detected_sources(self, windows: tuple[str, ...]) -> SourceCatalog:
        """Return the sources found in an image, which dispatchers use if no catalogue is given."""
        catalog = self._image(windows, SourceCatalog()).catalog
        if not len(catalog):
            problem = "No source was found in the image of these science windows."
            raise EmptySelection(problem, "Give a catalogue (selected_catalog).")
        return catalog

    def _submit(self, query: Query) -> Product:
        job = self._site.submit(query)
        job.listen(self._on_progress)
        product = job.result()
        self._comments += job.warnings
        return product

    def _with_comments(self, product: Product) -> JobResult:
        comment = without_folders(" ".join(dict.fromkeys(self._comments)))
        return JobResult(_for_clients(product), comment)


def _for_clients(product: Product) -> Product:
    """Return a product whose observation tells nothing of the folders of this machine."""
    if isinstance(product, SkyImage):
        return replace(product, observation=_without_places(product.observation))
    parts: list[Any] = [
        replace(one, observation=_without_places(one.observation)) for one in product.values()
    ]
    return BySource(tuple(parts))


def _without_places(observation: Observation) -> Observation:
    skipped = [replace(w, reason=without_folders(w.reason)) for w in observation.skipped]
    return replace(observation, skipped=tuple(skipped))
