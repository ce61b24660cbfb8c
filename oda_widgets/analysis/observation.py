"""The observation of a product, and the warnings about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.analysis.rates_note import (
    UNCERTAIN,
    correction_error,
    first_of,
    mean_correction,
    rates_error,
    rates_note,
)
from oda_widgets.analysis.source_notes import SourceNotes
from oda_widgets.archive.jemx_events import is_jemx
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.sensitivity import UNKNOWN, WORST
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.queries import LightCurveQuery, Query, SpectrumQuery
from oda_widgets.request.science_windows import Identifiers, SkippedWindow
from oda_widgets.request.timespan import TimeInterval, intersect, merge
from oda_widgets.request.words import counted

_LOWEST_EXPECTED = 20.0  # keV: below it late windows record nothing
_NAMED = 3  # most windows that are named for parts of files left out
_NOTICED = 0.01  # seconds of an interval without good time


def observation_of(
    analysis: Analysis, result: Payload, accounts: Sequence[WindowAccount], notes: SourceNotes
) -> Observation:
    """Return the observation behind the result of an analysis.

    Parameters
    ----------
    analysis, result
        The query and its result.
    accounts
        Accounts of its windows.
    notes
        Notes on its sources.
    """
    query = analysis.query
    first = accounts[0].window
    intervals = [interval for account in accounts for interval in account.intervals]
    return Observation(
        instrument=query.instrument,
        science_windows=tuple(account.window.id for account in accounts),
        start=min(interval.start for interval in intervals),
        stop=max(interval.stop for interval in intervals),
        ontime=sum(interval.seconds for interval in intervals),
        live_time=sum(account.live_time for account in accounts),
        dead_time_note=_dead_time_note(accounts),
        pixels_note="" if is_jemx(query.instrument) else _pixels_note(accounts),
        sources_note=notes.note(),
        intervals=query.intervals,
        intervals_note=_times_note(query.intervals, accounts),
        weights_note=_weights_note(query, accounts),
        skipped=skipped_windows(analysis, result),
        simulated=any(account.window.simulated for account in accounts),
        revolution=first.revolution,
        pointing=(first.ra, first.dec, first.ra_z, first.dec_z),
        available=_available(query),
        energies="+".join(sorted({account.energies.method for account in accounts})),
        energies_note=_energies_note(accounts),
        rates_note=rates_note(accounts),
        correction=mean_correction(accounts),
        rates_error=rates_error(accounts),
    )


def skipped_windows(analysis: Analysis, result: Payload) -> tuple[SkippedWindow, ...]:
    """Return the windows that are missing from the result."""
    skipped = [SkippedWindow(**window) for window in result.facts["skipped"]]
    named = (*analysis.unusable, *skipped)
    ids = {window.id for window in named}
    return (*named, *(window for window in _unread(analysis.query) if window.id not in ids))


def _unread(query: Query) -> tuple[SkippedWindow, ...]:
    """Return the windows that could not be read when those of a query were chosen."""
    windows = query.science_windows
    return windows.unusable if isinstance(windows, Identifiers) else ()


def warnings_of(
    analysis: Analysis, result: Payload, accounts: Sequence[WindowAccount], notes: SourceNotes
) -> Iterator[str]:
    """Iterate over warnings about a result; parameters as for `observation_of`."""
    unread = _unread(analysis.query)
    for window in skipped_windows(analysis, result):
        if window not in unread:
            yield f"Science window {window.id} was skipped: {window.reason}"
    if unread:
        yield (
            f"{counted(len(unread), 'science window')} of the archive cannot be read, and whether"
            f" the query means them is not known; the first, {unread[0].id}: {unread[0].reason}"
        )
    simulated = sum(account.window.simulated for account in accounts)
    if 0 < simulated < len(accounts):
        yield (
            f"{simulated} of {len(accounts)} science windows are simulated and the others "
            "real: the product mixes them and is labelled as simulated."
        )
    yield from _warnings_of_rates(analysis.query, accounts)
    spread = max(account.rates.live_spread for account in accounts)
    if spread and (isinstance(analysis.query, LightCurveQuery) or analysis.query.intervals):
        yield _unsteady(spread)
    yield from notes.warnings()
    if isinstance(analysis.query, SpectrumQuery):
        yield from _without_data(result.facts["no_data"])


def _warnings_of_rates(query: Query, accounts: Sequence[WindowAccount]) -> Iterator[str]:
    """Iterate over warnings about energies of events and corrections of rates."""
    wrong = sum(account.energies.wrong for account in accounts)
    if wrong:
        yield _wrong_energies(wrong, len(accounts))
    if correction_error(accounts) >= UNKNOWN:
        yield _lower_limits(query)
    elif mean_correction(accounts) > WORST:
        yield _extrapolation(query, accounts)
    elif correction_error(accounts) > UNCERTAIN:
        yield _by_spectrum(query, accounts)


def _wrong_energies(wrong: int, number: int) -> str:
    """Return the warning that energies of the event files are wrong."""
    return (
        f"Energies in the event files of {wrong} of {number} science windows are wrong: bands hold"
        " photons of other energies than they say, and rates may be anything. Connect with"
        ' energies="auto".'
    )


def _unsteady(spread: float) -> str:
    """Return the warning that dead time varies within windows."""
    return (
        f"Live time varies within a science window by up to {spread:.0%} of its mean, which all"
        " rates are divided by: rates of parts of it, and bins of light curves, are wrong by as"
        " much. Those of whole science windows are right."
    )


def _without_data(gaps: Sequence[tuple[float, float]]) -> Iterator[str]:
    """Iterate over warnings about energies at which spectra have no data."""
    bands = [f"{low:g}–{high:g} keV" for low, high in gaps if low >= _LOWEST_EXPECTED]
    if bands:
        yield (
            f"The spectra have no data at {', '.join(bands)} (QUALITY 3): too few counts for a "
            "background. Take longer intervals, or less than half of a science window, whose "
            "other half then shows the background."
        )


def _weights_note(query: Query, accounts: Sequence[WindowAccount]) -> str:
    """Return the weighting of science windows; empty if there is nothing to average."""
    if len(accounts) == 1 or isinstance(query, LightCurveQuery):
        return ""
    absent = " without the source" if isinstance(query, SpectrumQuery) else ""
    windows = f"mean of {len(accounts)} science windows"
    return f"{windows}, each weighted by the inverse of the variance{absent}"


def _intervals_note(intervals: Sequence[TimeInterval], accounts: Sequence[WindowAccount]) -> str:
    """Return the good time in the intervals of a query, in words; empty if it is all of them.

    Intervals that contain a whole science window only choose windows; gaps in and between these
    are expected, and not noted.
    """
    used = merge(interval for account in accounts for interval in account.intervals)
    windows = [account.window for account in accounts]
    parts = [
        interval
        for interval in intervals
        if not any(interval.start <= w.start and w.stop <= interval.stop for w in windows)
    ]
    wanted = sum(interval.seconds for interval in parts)
    good = sum(interval.seconds for interval in intersect(parts, used))
    if wanted - good < _NOTICED:
        return ""
    return f"{good:,.3f} s of the {wanted:,.3f} s in the intervals are good time"


def _times_note(intervals: Sequence[TimeInterval], accounts: Sequence[WindowAccount]) -> str:
    """Return which time of the query and of the files was not used; empty if all was used."""
    notes = [f"{account.window.id}: {account.left_out}" for account in accounts if account.left_out]
    more = [f"and {len(notes) - _NAMED} more"] if len(notes) > _NAMED else []
    return "; ".join(filter(None, (_intervals_note(intervals, accounts), *notes[:_NAMED], *more)))


def _available(query: Query) -> int:
    """Return the number of windows that a query's were randomly chosen from; 0 if they were not."""
    windows = query.science_windows
    available = windows.available if isinstance(windows, Identifiers) else 0
    return available if available > len(windows) else 0


def _energies_note(accounts: Sequence[WindowAccount]) -> str:
    """Return the origin of the energies of events, in words."""
    reasons = dict.fromkeys(account.energies.reason for account in accounts)
    first = next(iter(reasons))
    if len(reasons) == 1:
        return first
    methods = [account.energies.method for account in accounts]
    numbers = ", ".join(f"{methods.count(method)} {method}" for method in sorted(set(methods)))
    return f"Energies of {len(accounts)} science windows: {numbers}. The first: {first}"


def _dead_time_note(accounts: Sequence[WindowAccount]) -> str:
    if all(account.with_dead_time for account in accounts):
        treated = first_of([account.rates.live_note for account in accounts])
        return f"Live time is good time corrected for dead time. {treated}".strip()
    return (
        "The event files carry no dead time: live time is the sum of the good time "
        "intervals, and rates are lower than OSA's by its live fraction (0.67 to 0.78)."
    )


def _lower_limits(query: Query) -> str:
    """Return the warning that the efficiency of pixels in a band is unknown."""
    band = "" if isinstance(query, SpectrumQuery) else f" of {query.energy}"
    return (
        f"Rates{band} are lower limits: too few events to measure the thresholds of pixels."
        " Take longer science windows, or higher energies."
    )


def _extrapolation(query: Query, accounts: Sequence[WindowAccount]) -> str:
    """Return the warning that pixels do not record most of a band."""
    band = "" if isinstance(query, SpectrumQuery) else f" of {query.energy}"
    return (
        f"Most pixels see nothing{band}: rates are raised by {mean_correction(accounts):.1f} to"
        " correct for it, which is right only for spectra like the Crab's. Choose higher energies."
    )


def _by_spectrum(query: Query, accounts: Sequence[WindowAccount]) -> str:
    """Return the warning that rates of a band depend on the spectrum of the source."""
    band = "" if isinstance(query, SpectrumQuery) else f" of {query.energy}"
    return (
        f"Rates{band} are raised by {mean_correction(accounts):.2f} for photons that pixels do not"
        " record, which is right for a spectrum like the Crab's; for photon indices from 1.5 to 5"
        f" they are known to {correction_error(accounts):.0%}. Choose higher energies, or fit a"
        " spectrum."
    )


def _pixels_note(accounts: Sequence[WindowAccount]) -> str:
    pixels = [account.pixels for account in accounts]
    low, high = min(pixels), max(pixels)
    used = f"{low}" if low == high else f"{low} to {high}"
    return (
        f"{used} of {isgri.WORKING_PIXELS} pixels used; left out are those that are silent, "
        "in the whole window or for a part of it, and those that count noise."
    )
