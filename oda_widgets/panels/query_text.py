"""Queries in words: their titles, and how two of them differ."""

from __future__ import annotations

from oda_widgets.lookup.sphere import separations
from oda_widgets.panels.times import describe
from oda_widgets.request.instruments import label_of
from oda_widgets.request.queries import ImageQuery, LightCurveQuery
from oda_widgets.request.survey_query import AnyQuery, SurveyQuery

WHOLE_SKY = "Whole sky"
"""What a survey is about, where other jobs name their source."""

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
    "nside": "pixels",
}


def kind_of(query: AnyQuery) -> str:
    """Return the name of the site's method that answers a query."""
    if isinstance(query, ImageQuery):
        return "image"
    if isinstance(query, SurveyQuery):
        return "survey"
    return "light_curves" if isinstance(query, LightCurveQuery) else "spectra"


def product_word(kind: str) -> str:
    """Return the word for the product of a query of some kind."""
    return {
        "image": "Image",
        "light_curves": "Light curve",
        "spectra": "Spectrum",
        "survey": "Survey",
    }[kind]


def query_title(query: AnyQuery, target: str = "", number: int | None = None) -> str:
    """Return a query in a few words, such as "Image 2 · Crab · ISGRI · 20–40 keV"."""
    energy = getattr(query, "energy", None)
    kind = product_word(kind_of(query))
    instrument = label_of(query.instrument)
    parts = (
        kind if number is None else f"{kind} {number}",
        target,
        instrument if instrument != target else "",
        "" if energy is None else str(energy),
        describe(query.intervals) if query.intervals else "",
    )
    return " · ".join(part for part in parts if part)


def differences(query: AnyQuery, other: AnyQuery) -> tuple[str, ...]:
    """Return the fields in which two queries of one kind differ, in the words of the form."""
    return tuple(
        words
        for name, words in _FIELDS.items()
        if hasattr(query, name) and _plain(query, name) != _plain(other, name)
    )


def account_of_origin(query: AnyQuery, target: str, form: AnyQuery | None, source: str = "") -> str:
    """Return which query a result comes from if it is not that of the form; else nothing.

    Parameters
    ----------
    query, target
        Of the result, and the source that it is about.
    form, source
        The query of the form, None where it holds none, and its source.
    """
    title = query_title(query, target)
    origin = f"From another query: {', '.join(filter(None, (title, _windows(query))))}."
    if form is None:
        return f"{origin} The form is not ready."
    differs = differences(query, form)
    if _same_place(query, form):
        differs = tuple(word for word in differs if word != _FIELDS["source"])
    found = _with_source(differs, query, form, target, source)
    return f"{origin} The form differs in {_listed(found)}." if found else ""


def _with_source(
    found: tuple[str, ...], query: AnyQuery, form: AnyQuery, target: str, source: str
) -> tuple[str, ...]:
    """Return differences that name the source where it is another one."""
    named = "source" in found or not (
        target in form.catalog.selected.names and source in query.catalog.selected.names
    )
    if not {"source", "catalogue"} & set(found) or not source or source == target or not named:
        return found
    alone = all(len(one.catalog.selected) <= 1 for one in (query, form))
    told = {"source"} | ({"catalogue"} if alone else set())
    return (f"source ({source})", *(word for word in found if word not in told))


def _same_place(query: AnyQuery, form: AnyQuery) -> bool:
    """Return whether two queries are about one source, though its position may differ a little.

    A link has the position that a source had then: as a service gave it, or fitted.
    """
    one, other = getattr(query, "source", None), getattr(form, "source", None)
    if one is None or other is None or one.name.casefold() != other.name.casefold():
        return False
    (angle,) = separations([one.ra], [one.dec], other.ra, other.dec)
    return bool(angle < _SAME_PLACE)


def _plain(query: AnyQuery, name: str) -> object:
    value = getattr(query, name)
    if name == "science_windows":
        return frozenset(value)
    if name == "catalog":
        return frozenset((source.name, source.ra, source.dec) for source in value.selected)
    return value


def _windows(query: AnyQuery) -> str:
    """Return how many windows a query has; nothing of one that needs none."""
    count = len(query.science_windows)
    if not count:
        return ""
    return "1 science window" if count == 1 else f"{count:,} science windows"


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
