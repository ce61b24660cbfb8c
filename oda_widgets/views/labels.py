"""Names of the products of one figure: their differences, and their common part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import Observation
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.arguments import listed
from oda_widgets.request.instruments import label_of
from oda_widgets.request.timespan import isot_utc
from oda_widgets.request.words import counted, one_line
from oda_widgets.views.bin_words import known_bins

Drawn = LightCurve | Spectrum
_MOST_NAMES = 10_000
_MONTHS = 60.0  # days; longer spans are named by their months
_GOOD_TIME = "good time"  # in a note on the observed part of the chosen times


def distinct_labels(
    products: Sequence[Drawn], labels: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return names for a legend, no two alike.

    A name states only what differs: source, instrument, band; then the time of the observation,
    as for several years of one source. Names that are still alike are numbered.

    Parameters
    ----------
    products
        Light curves or spectra.
    labels
        Names to use instead.

    Raises
    ------
    BadParameter
        If there are not as many labels as products.
    """
    if labels is not None:
        return _check_labels(labels, len(products))
    parts = [_parts(product) for product in products]
    varying = [column for column in zip(*parts, strict=True) if len(set(column)) > 1]
    names = [", ".join(row) for row in zip(*varying, strict=True)] or [p[0] for p in parts]
    if len(set(names)) < len(names):
        when = [period(product.observation) for product in products]
        names = [
            ", ".join(filter(None, (name if varying else "", time)))
            for name, time in zip(names, when, strict=True)
        ]
    return _numbered(names)


def full_labels(products: Sequence[tuple[Drawn, str]]) -> tuple[str, ...]:
    """Return names for a menu, no two alike: source, instrument, band, bins and period.

    Parameters
    ----------
    products
        Light curves or spectra, each with a remark that is added to its name, or none.
    """
    facts = [(*_facts_of(product), remark) for product, remark in products]
    # A light curve of SPI-ACS has the name of its instrument.
    names = [" · ".join(dict.fromkeys(filter(None, row))) for row in facts]
    counts = [len(product.observation.science_windows) for product, _ in products]
    alike = Counter(names)
    return _numbered(
        [
            f"{name} · {counted(count, 'science window')}" if alike[name] > 1 else name
            for name, count in zip(names, counts, strict=True)
        ]
    )


def _facts_of(product: Drawn) -> tuple[str, ...]:
    source, *band, instrument = _parts(product)
    bins = ""
    if isinstance(product, LightCurve) and len(product):
        bins = known_bins(product)
    return (source, instrument, *band, bins, period(product.observation))


def _check_labels(labels: Any, number: int) -> tuple[str, ...]:
    """Return the labels of the user, checked: one text for each product."""
    texts = [] if isinstance(labels, str | Mapping) else listed("labels", labels, most=_MOST_NAMES)
    if len(texts) != number or not all(isinstance(text, str) for text in texts):
        limit = f"not one text for each of {number}"
        raise BadParameter("labels", labels, limit, 'Write labels=["first", "second", ...].')
    return tuple(map(one_line, texts))


def common_title(products: Sequence[Drawn]) -> str:
    """Return which sources and bands a figure shows, for its title."""
    # The instrument stands in the line below the title.
    columns = zip(*(_parts(product)[:-1] for product in products), strict=True)
    names, *bands = (dict.fromkeys(column) for column in columns)
    what = next(iter(names)) if len(names) == 1 else f"{len(names)} sources"
    return ", ".join([what, *(next(iter(band)) for band in bands if len(band) == 1)])


def common_observation(seen: Sequence[Observation]) -> str:
    """Return the observations of the products of a figure on one line."""
    chosen = _time_selection(seen)
    if len(set(seen)) == 1:
        return " · ".join([seen[0].label, *chosen])
    simulated = [one.simulated for one in seen]
    warning = ["SIMULATED" if all(simulated) else "partly SIMULATED"] if any(simulated) else []
    instruments = dict.fromkeys(label_of(one.instrument) for one in seen)
    alike = _common_facts([one.label.split(" · ") for one in seen], {*warning, *instruments})
    windows = {window for one in seen for window in one.science_windows}
    counted = [f"{len(windows):,} science windows"] if len(windows) > 1 else []
    if any("science windows" in fact for fact in alike):
        counted = []
    return " · ".join([*warning, ", ".join(instruments), *counted, *alike, *chosen])


def _time_selection(seen: Sequence[Observation]) -> list[str]:
    """Return the intervals that all observations are restricted to, if they are."""
    intervals = seen[0].intervals
    if not intervals or any(one.intervals != intervals for one in seen):
        return []
    first, last = isot_utc(intervals[0].start, 0), isot_utc(intervals[-1].stop, 0)
    if first[:10] == last[:10]:
        last = last[11:]
    number = f"{len(intervals)} intervals, " if len(intervals) > 1 else ""
    span = f"{number}{first.replace('T', ' ')} to {last.replace('T', ' ')} UTC"
    (note, *others) = {one.intervals_note.partition(";")[0] for one in seen}
    return [span, note] if _GOOD_TIME in note and not others else [span]


def _common_facts(facts: Sequence[Sequence[str]], known: set[str]) -> list[str]:
    """Return the facts that all labels state, without those already known."""
    first, *others = facts
    return [fact for fact in first if fact not in known and all(fact in other for other in others)]


def period(observation: Observation) -> str:
    """Return the time of an observation in words: a day, or the first and the last month or day."""
    start, stop = observation.start, observation.stop
    if not 0 < start <= stop:
        return ""
    first, last = isot_utc(start, 0)[:10], isot_utc(stop, 0)[:10]
    if first == last:
        return first
    if stop - start > _MONTHS:
        first, last = first[:7], last[:7]
    return f"{first} to {last}"


def _parts(product: Drawn) -> tuple[str, ...]:
    """Return source, band (of light curves) and instrument."""
    seen = product.observation
    bands = (str(product.energy),) if isinstance(product, LightCurve) else ()
    instrument = label_of(seen.instrument)
    if seen.telescope != "INTEGRAL":
        instrument = "/".join(filter(None, (seen.telescope, seen.instrument)))
    return (one_line(product.name), *bands, one_line(instrument))


def _numbered(names: Sequence[str]) -> tuple[str, ...]:
    """Return names with a number added to those that are alike."""
    alike, seen = Counter(names), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})" if alike[name] > 1 else name)
    return tuple(found)
