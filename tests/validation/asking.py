"""From a traced field to the answers of the public API, and to the truth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import oda_widgets as oda
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from tests.photons.background import Background
from tests.photons.detector import worn_pixels
from tests.photons.fields import Field
from tests.photons.isdc_files import write_events
from tests.photons.observation import Gap, TracedEvents
from tests.photons.sources import TracedSource
from tests.photons.spectra import PowerLaw, Tabulated, fraction

Floats = NDArray[np.float64]

BAND = (28.0, 80.0)


@dataclass(frozen=True)
class Asked:
    """A field that was traced into an archive, and the site over it.

    Parameters
    ----------
    field
        The truth.
    traced
        The tagged events of its last window.
    site
        What the public API gives.
    windows
        Identifiers of the windows.
    root
        The folder of the archive.
    """

    field: Field
    traced: TracedEvents
    site: oda.Site
    windows: tuple[str, ...]
    root: Path

    def image(
        self,
        catalog: SourceCatalog | None = None,
        intervals: Sequence[tuple[float, float]] | None = None,
    ) -> oda.SkyImage:
        """Return the image of all windows in the band."""
        return self.site.image(
            windows=self.windows,
            energy=BAND,
            catalog=catalog,
            intervals=intervals,
            detection_threshold=5.0,
        )


@contextmanager
def asked(field: Field, duration: float, seed: int, gaps: Sequence[Gap] = ()) -> Iterator[Asked]:
    """Trace one window of a field into an archive that lasts as long as the context."""
    with several([field], duration, seed, gaps) as one:
        yield one


@contextmanager
def several(
    views: Sequence[Field], duration: float, seed: int, gaps: Sequence[Gap] = ()
) -> Iterator[Asked]:
    """Trace a window of each view of a field."""
    rng = np.random.default_rng([20261122, seed])
    with tempfile.TemporaryDirectory() as folder:
        for view in views:
            traced = view.trace(duration, rng, gaps)
            write_events(traced, Path(folder))
        swids = tuple(f"{view.pointing.swid}.001" for view in views)
        yield Asked(views[-1], traced, oda.connect(archive=folder), swids, Path(folder))


def drawn(make: Callable[[np.random.Generator], Field], seed: int) -> Field:
    """Return a field drawn with a seed, with photons of the band only.

    The others would not enter an image, and tracing and storing them takes most of the time.
    """
    return in_band(make(np.random.default_rng([1, seed])))


def in_band(field: Field) -> Field:
    """Return a field with only the photons of the band."""
    background = field.background
    sources = tuple(_source_in_band(source) for source in field.sources)
    return replace(
        field,
        sources=sources,
        background=None if background is None else _background_in_band(background),
    )


def sources_in_band(field: Field) -> Field:
    """Return a field whose sources shine in the band only; its background has all energies."""
    return replace(field, sources=tuple(_source_in_band(source) for source in field.sources))


def _source_in_band(source: TracedSource) -> TracedSource:
    return replace(source, rate=source.rate_between(*BAND), spectrum=PowerLaw(2.1, *BAND))


def _background_in_band(background: Background) -> Background:
    spectrum = background.spectrum
    edges = np.arange(BAND[0], BAND[1] + 0.5, 0.5)
    rate = background.rate * fraction(spectrum, *BAND)
    return replace(background, rate=rate, spectrum=Tabulated(edges, np.diff(spectrum.below(edges))))


def with_scatter(field: Field, scatter: float, seed: int) -> Field:
    """Return a field on a detector whose pixel efficiencies scatter by so much."""
    return replace(field, pixels=worn_pixels(np.random.default_rng([2, seed]), scatter=scatter))


def catalog_of(field: Field) -> SourceCatalog:
    """Return the true sources of a field."""
    return SourceCatalog.of(CatalogSource(s.name, s.ra, s.dec) for s in field.sources)


def rate_of(source: TracedSource) -> float:
    """Return the true rate of a source in the band."""
    return source.rate_between(*BAND)


def arcminutes(found: CatalogSource, source: TracedSource) -> float:
    """Return how far a position found is from the truth."""
    ra = found.ra_fit if np.isfinite(found.ra_fit) else found.ra
    dec = found.dec_fit if np.isfinite(found.dec_fit) else found.dec
    return 60 * CatalogSource("found", ra, dec).separation(
        CatalogSource("true", source.ra, source.dec)
    )


def match(
    catalog: SourceCatalog, field: Field, within: float = 6.0
) -> tuple[dict[str, CatalogSource], list[CatalogSource]]:
    """Return the found source of each true one (by name), and the spurious ones.

    Parameters
    ----------
    catalog
        What was found, brightest first.
    field
        The truth.
    within
        Largest distance in arcminutes.
    """
    found: dict[str, CatalogSource] = {}
    fakes = []
    for candidate in catalog:
        nearest = min(field.sources, key=lambda s: arcminutes(candidate, s), default=None)
        if nearest is None or arcminutes(candidate, nearest) > within or nearest.name in found:
            fakes.append(candidate)
        else:
            found[nearest.name] = candidate
    return found, fakes
