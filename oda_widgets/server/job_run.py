"""The run of one job: finds its science windows and sources, and computes its product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oda_widgets.backend.job import Job
from oda_widgets.backend.site import Site
from oda_widgets.errors import BadParameter, EmptySelection
from oda_widgets.products.answer import Product
from oda_widgets.products.image import SkyImage
from oda_widgets.protocol.parameters import fields_from
from oda_widgets.protocol.product_names import instrument_of, kind_of
from oda_widgets.protocol.wire_times import interval_in
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instrument import IMAGE, LIGHT_CURVE
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.source import Source

OnProgress = Callable[[Job], None]


@dataclass(frozen=True)
class JobResult:
    """The product of a job, with remarks.

    Parameters
    ----------
    product
        The product.
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
        The site that computes.
    parameters, given
        Of the client's query (see `client_query.ClientQuery`).
    on_progress
        Called with each job of the site at each change of its progress.
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
        self._pointed = {"RA", "DEC"} <= set(given)
        self._timed = {"T1", "T2"} <= set(given)
        # Without a name of its own the source would have that of the default parameters.
        self._named = self._pointed and "src_name" in given
        self._on_progress = on_progress
        self._comments: list[str] = []

    def result(self) -> JobResult:
        """Return the product.

        Raises
        ------
        OdaError
            If there is none.
        """
        if not self._instrument.sources:
            return self._with_comments(self._submit(self._whole_sky()))
        windows = self._windows()
        kind = kind_of(self._parameters["product_type"])
        if kind == IMAGE:
            return self._with_comments(self._image(windows, self._catalog))
        catalog = self._catalog if len(self._catalog) else self._detected(windows)
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

    def _whole_sky(self) -> LightCurveQuery:
        """Return the query for an instrument that knows a time and no source."""
        self._tell_usual_time()
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
        if self._parameters["scw_list"]:
            return tuple(self._parameters["scw_list"])
        if not self._pointed:
            where = f"RA={self._source.ra:g}, DEC={self._source.dec:g}"
            self._comments.append(f"No position was given: {where} was taken.")
        self._tell_usual_time()
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
        return found.ids

    def _tell_usual_time(self) -> None:
        """Say which time was taken where none was given, or half of one."""
        if not self._timed:
            start, stop = (self._parameters[name] for name in ("T1", "T2"))
            self._comments.append(f"No time was given: T1={start}, T2={stop} were taken.")

    def _image(self, windows: tuple[str, ...], catalog: SourceCatalog) -> SkyImage:
        words: dict[str, Any] = {
            "science_windows": windows,
            "energy": self._energy,
            "catalog": catalog,
            "detection_threshold": self._parameters.get("detection_threshold", 7.0),
            "instrument": self._instrument.name,
        }
        try:
            image = self._submit(ImageQuery(**words, source=self._source if self._named else None))
        except BadParameter as error:
            # Clients give any position with a list of windows, because the dispatcher ignores it.
            if error.parameter != "source":
                raise
            self._comments.append(f"The position was not used: {error.limit}.")
            image = self._submit(ImageQuery(**words))
        assert isinstance(image, SkyImage)  # noqa: S101 - the answer to an image query
        return image

    def _detected(self, windows: tuple[str, ...]) -> SourceCatalog:
        """Return the sources found in an image, as a dispatcher does without a catalogue."""
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
        return JobResult(product, " ".join(dict.fromkeys(self._comments)))
