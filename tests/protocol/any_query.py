"""Any question that a dispatcher can be asked."""

from __future__ import annotations

from hypothesis import strategies as st

from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.source import Source

NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
RIGHT_ASCENSIONS = st.floats(0, 360, exclude_max=True)
DECLINATIONS = st.floats(-90, 90)
WINDOWS = st.lists(
    st.from_regex(r"[0-9]{12}\.001", fullmatch=True),
    min_size=1,
    max_size=5,
    unique_by=lambda text: text[:12],
).map(tuple)
BANDS = st.builds(  # no narrower than a channel
    lambda low, width: EnergyBand(low, low + width), st.floats(15, 400), st.floats(0.6, 400)
)
SOURCES = st.builds(Source, NAMES, RIGHT_ASCENSIONS, DECLINATIONS)


def catalogs(least: int) -> st.SearchStrategy[SourceCatalog]:
    """Return catalogues of at least so many sources."""
    sources = st.builds(CatalogSource, NAMES, RIGHT_ASCENSIONS, DECLINATIONS)
    named = st.lists(sources, min_size=least, max_size=4, unique_by=lambda s: s.name)
    return named.map(SourceCatalog.of).filter(lambda catalog: catalog.coincident is None)


IMAGES = st.builds(
    ImageQuery,
    science_windows=WINDOWS,
    energy=BANDS,
    source=st.none() | SOURCES,
    catalog=catalogs(0),
    detection_threshold=st.floats(3, 100),
)
SPECTRA = st.builds(SpectrumQuery, science_windows=WINDOWS, catalog=catalogs(1))
CURVES = st.builds(
    LightCurveQuery,
    science_windows=WINDOWS,
    catalog=catalogs(1),
    energy=BANDS,
    time_bin=st.floats(0.01, 20000),
)
QUERIES: st.SearchStrategy[Query] = IMAGES | SPECTRA | CURVES
