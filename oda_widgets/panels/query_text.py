"""Queries in words: their titles, and how two of them differ."""

from __future__ import annotations

from oda_widgets.lookup.sphere import separations
from oda_widgets.panels.times import describe
from oda_widgets.request.instruments import label_of
from oda_widgets.request.queries import ImageQuery, LightCurveQuery, Query

_SAME_PLACE = 0.05  # degrees: a quarter of what ISGRI resolves

# Fields by the words of the form; those of a catalogue and of a list have no order.
_FIELDS = {
    "source": "source",
    "science_windows": "science windows",
    "energy": "energies",
    "intervals": "times",
    "catalog": "catalogue",
    "detection_threshold": "detection threshold",
    "time_bin": "time bin",
    "instrument": "instrument",
}


def kind_of(query: Query) -> str:
    """Return the name of the site's method that answers a query."""
    if isinstance(query, ImageQuery):
        return "image"
    return "light_curves" if isinstance(query, LightCurveQuery) else "spectra"


def product_word(kind: str) -> str:
    """Return the word for the product of a query of some kind."""
    return {"image": "Image", "light_curves": "Light curve", "spectra": "Spectrum"}[kind]


def query_title(query: Query, target: str = "", number: int | None = None) -> str:
    """Return a query in a few words, such as "Image 2 · Crab · ISGRI · 20–40 keV"."""
    energy = getattr(query, "energy", None)
    kind = product_word(kind_of(query))
    instrument = label_of(query.instrument)
    parts = (
        kind if number is None else f"{kind} {number}",
        target,
