"""Queries in words: their titles, and how two of them differ."""

from __future__ import annotations

from oda_widgets.lookup.sphere import separations
from oda_widgets.panels.times import describe
from oda_widgets.request.instruments import label_of
from oda_widgets.request.queries import ImageQuery, LightCurveQuery
from oda_widgets.request.survey_query import AnyQuery, SurveyQuery

WHOLE_SKY = "Whole sky"
"""The target of a survey, where other jobs name their source."""

_SAME_PLACE = 0.05  # degrees: a quarter of what ISGRI resolves

# Names of fields in the form.
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
        if hasattr(query, name) and _comparable(query, name) != _comparable(other, name)
    )


def account_of_origin(query: AnyQuery, target: str, form: AnyQuery | None, source: str = "") -> str:
    """Return how the query of a result differs from that of the form; empty if it does not.

    Parameters
    ----------
    query, target
        Query of the result, and name of its source.
    form, source
        Query of the form, None if it holds none, and name of its source.
    """
    title = query_title(query, target)
    origin = f"From another query: {', '.join(filter(None, (title, _window_count(query))))}."
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
    """Return differences with the name of the form's source, if that is another one."""
    if source in {"", target} or not {"source", "catalogue"} & set(found):
        return found
    both_fitted = target in form.catalog.selected.names and source in query.catalog.selected.names
    if both_fitted and "source" not in found:
        return found
    one_each = all(len(one.catalog.selected) <= 1 for one in (query, form))
    replaced = {"source", "catalogue"} if one_each else {"source"}
    return (f"source ({source})", *(word for word in found if word not in replaced))


def _same_place(query: AnyQuery, form: AnyQuery) -> bool:
    """Return whether two queries are about one source, whose position may differ a little.

    The position in a link may come from another service, or from a fit.
    """
    one, other = getattr(query, "source", None), getattr(form, "source", None)
    if one is None or other is None or one.name.casefold() != other.name.casefold():
        return False
    (angle,) = separations([one.ra], [one.dec], other.ra, other.dec)
    return bool(angle < _SAME_PLACE)


def _comparable(query: AnyQuery, name: str) -> object:
    """Return a field of a query; windows and sources without their order."""
    value = getattr(query, name)
    if name == "science_windows":
        return frozenset(value)
    if name == "catalog":
        return frozenset((source.name, source.ra, source.dec) for source in value.selected)
    return value


def _window_count(query: AnyQuery) -> str:
    """Return how many windows a query has, in words; empty if it has none."""
    count = len(query.science_windows)
    if not count:
        return ""
    return "1 science window" if count == 1 else f"{count:,} science windows"


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
