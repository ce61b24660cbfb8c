"""Read images, spectra and light curves from the products of a reply."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from astropy.io import fits

from oda_widgets.errors import FileWarning, JobError
from oda_widgets.products.answer import Product
from oda_widgets.products.by_source import BySource
from oda_widgets.products.files.image_file import read_image
from oda_widgets.products.files.light_curve_reading import read_light_curve
from oda_widgets.products.files.spectrum_reading import read_spectrum
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import Observation
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.protocol.catalog import catalog_from, unplaced
from oda_widgets.protocol.data_units import read_hdus
from oda_widgets.protocol.product_names import product_of
from oda_widgets.protocol.reply import unusable
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.instruments import described, family_of, label_of
from oda_widgets.request.queries import ImageQuery, Query, SpectrumQuery
from oda_widgets.request.source import Source

_Part = TypeVar("_Part", Spectrum, LightCurve)


@dataclass(frozen=True)
class HduProduct:
    """One product of a reply, as HDUs.

    Parameters
    ----------
    name
        Name that the server gives it.
    about
        Description by the server: ``src_name``, ``product`` and more.
    hdus
        Header and data.
    """

    name: str
    about: Mapping[str, Any]
    hdus: fits.HDUList

    @property
    def source(self) -> str:
        """Name of the source; empty for images."""
        return str(self.about.get("src_name") or "")


def read_hdu_products(products: Mapping[str, Any]) -> list[HduProduct]:
    """Return all products of a reply that consist of HDUs.

    Raises
    ------
    DamagedFile
        If one cannot be read.
    """
    listed = products.get("numpy_data_product_list")
    if "numpy_data_product" in products:
        listed = [products["numpy_data_product"]]
    if not isinstance(listed, list):
        raise unusable("it has no products")
    return [_read_hdu_product(entry) for entry in listed]


def read_product(
    products: Mapping[str, Any], query: Query, provenance: Provenance | None
) -> Product:
    """Return the product of a query.

    Parameters
    ----------
    products
        The mapping ``products`` of the reply.
    query
        Query that the server answered.
    provenance
        Provenance of the product; None if not known yet.

    Raises
    ------
    DamagedFile
        If they cannot be read, or a part is missing.
    """
    found = read_hdu_products(products)
    if isinstance(query, ImageQuery):
        return _image(found, products, query, provenance)
    if isinstance(query, SpectrumQuery):
        return BySource(tuple(_spectra(found, query, provenance)))
    return BySource(tuple(_light_curves(found, query, provenance)))


def _read_hdu_product(entry: Any) -> HduProduct:
    if isinstance(entry, str):
        entry = _decoded(entry)
    if not isinstance(entry, dict):
        raise unusable("a product that is no mapping", entry)
    about = entry.get("meta_data")
    about = _decoded(about) if isinstance(about, str) else about
    if not isinstance(about, dict):
        raise unusable("a product that does not say what it is", about)
    return HduProduct(str(entry.get("name") or ""), about, read_hdus(entry))


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unusable("a part that is not in JSON", text[:80]) from error


def _image(
    found: list[HduProduct],
    products: Mapping[str, Any],
    query: ImageQuery,
    provenance: Provenance | None,
) -> SkyImage:
    mosaics = [product for product in found if product.about.get("product") == "mosaic"] or found
    if not mosaics:
        raise unusable(f"there is no {product_of(query)} in it")
    document = products.get("catalog")
    catalog = SourceCatalog() if document is None else catalog_from(document)
    if not len(catalog) and _is_blank(mosaics[0].hdus):
        raise _no_detection_error(query)
    image = read_image(mosaics[0].hdus, query.energy)
    return replace(
        image,
        catalog=_with_fluxes(catalog, image.catalog),
        observation=_with_sources_note(_observation(image.observation, query), document),
        target=query.source,
        provenance=provenance,
    )


def _is_blank(hdus: fits.HDUList) -> bool:
    """Return whether an image is the blank one that means "no detection" for JEM-X."""
    images = [hdu for hdu in hdus if hdu.is_image and hdu.data is not None]
    return len(images) == 1 and "IMATYPE" not in images[0].header and not images[0].data.any()


def _no_detection_error(query: ImageQuery) -> JobError:
    label = described(query.instrument).label
    problem = f"The dispatcher detected no source with {label}, and sends no image then."
    return JobError(problem, "Choose more science windows, or windows nearer to a source.")


def _with_sources_note(observation: Observation, document: Any) -> Observation:
    """Return an observation that notes how many sources of a catalogue have no position."""
    names = () if document is None else unplaced(document)
    if not names:
        return observation
    note = f"{len(names)} new source{'s' * (len(names) > 1)} without a position left out."
    return replace(observation, sources_note=f"{observation.sources_note} {note}".strip())


def _with_fluxes(catalog: SourceCatalog, inside: SourceCatalog) -> SourceCatalog:
    """Return the catalogue of a reply with the fluxes that our own servers add to the image."""
    measured = {source.name: source for source in inside}
    return SourceCatalog.of(measured.get(source.name, source) for source in catalog)


def _spectra(
    found: list[HduProduct], query: Query, provenance: Provenance | None
) -> list[Spectrum]:
    parts: dict[str, dict[str, fits.HDUList]] = {}
    for product in found:
        kind = str(product.about.get("product") or "").rsplit("_", 1)[-1]
        parts.setdefault(product.source, {})[kind] = product.hdus
    spectra = []
    for given, hdus in parts.items():
        name = _name_in_query(given, query)
        missing = {"spectrum", "arf", "rmf"} - hdus.keys()
        if missing:
            raise unusable(f"the spectrum of {name} comes without its {', '.join(sorted(missing))}")
        with warnings.catch_warnings():
            # JEM-X counts channels from 1 in spectra and from 0 in responses.
            warnings.simplefilter("ignore", FileWarning)
            spectrum = read_spectrum(hdus["spectrum"], hdus["rmf"], hdus["arf"])
        history = _extended(provenance, f"spectrum = spectra[{name!r}]")
        spectra.append(_with_query_facts(spectrum, name, query, history))
    return spectra


def _light_curves(
    found: list[HduProduct], query: Query, provenance: Provenance | None
) -> list[LightCurve]:
    curves = []
    for product in found:
        curve = read_light_curve(product.hdus)
        whole_sky = not described(query.instrument).sources
        given = curve.source.name if whole_sky else product.source or curve.source.name
        name = _name_in_query(given, query)
        history = _extended(provenance, f"curve = curves[{name!r}]")
        curves.append(_with_query_facts(curve, name, query, history))
    return curves


def _with_query_facts(part: _Part, name: str, query: Query, history: Provenance | None) -> _Part:
    """Return a spectrum or light curve with the facts that only the query knows."""
    return replace(
        part,
        source=_source(name, part.source, query),
        observation=_observation(part.observation, query),
        provenance=history,
    )


def _extended(provenance: Provenance | None, line: str) -> Provenance | None:
    return None if provenance is None else provenance.then(line)


def _name_in_query(name: str, query: Query) -> str:
    """Return the name of a source as the query spells it: servers change capitals."""
    same = (known for known in query.catalog.names if known.casefold() == name.casefold())
    return name if name in query.catalog.names else next(same, name)


def _source(name: str, found: Source, query: Query) -> Source:
    """Return a source at its position in the catalogue of the query, else in the file."""
    if name in query.catalog.names:
        known: CatalogSource = query.catalog[name]
        return Source(name, known.ra, known.dec, "catalogue")
    return Source(name or found.name, found.ra, found.dec, found.resolved_by)


def _observation(found: Observation, query: Query) -> Observation:
    """Return the observation with the science windows of the query if the file names none."""
    label, family = described(query.instrument).label, described(query.instrument).family
    if found.instrument != query.instrument and family_of(found.instrument) == family:
        raise unusable(f"it is of {label_of(found.instrument)}, and {label} was asked for")
    if found.science_windows or not query.science_windows:
        return replace(found, instrument=query.instrument)
    windows = tuple(query.science_windows)
    revolution = found.revolution or int(windows[0][:4])
    return replace(
        found, instrument=query.instrument, science_windows=windows, revolution=revolution
    )
