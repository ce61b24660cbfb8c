"""What was observed for a product, and what the user is told about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.exposure import WindowAccount, accounts_of
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.payload import Payload
from oda_widgets.request.queries import ImageQuery, Query
from oda_widgets.request.science_windows import Identifiers, SkippedWindow


def observation_of(analysis: Analysis, result: Payload) -> Observation:
    """Return what was observed for the result of an analysis."""
    query, accounts = analysis.query, accounts_of(result.facts)
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
        pixels_note=_pixels_note(accounts),
        intervals=query.intervals,
        skipped=skipped_windows(analysis, result),
        simulated=any(account.window.simulated for account in accounts),
        revolution=first.revolution,
        pointing=(first.ra, first.dec, first.ra_z, first.dec_z),
        available=_available(query),
        energies="+".join(sorted({account.energies.method for account in accounts})),
        energies_note=_energies_note(accounts),
    )


def skipped_windows(analysis: Analysis, result: Payload) -> tuple[SkippedWindow, ...]:
    """Return the windows that the result had to do without."""
    skipped = (SkippedWindow(**window) for window in result.facts["skipped"])
    return (*analysis.unusable, *skipped)


def warnings_of(analysis: Analysis, result: Payload) -> Iterator[str]:
    """Iterate over what the user should know about a result."""
    for window in skipped_windows(analysis, result):
        yield f"Science window {window.id} was skipped: {window.reason}"
    accounts = accounts_of(result.facts)
    simulated = sum(account.window.simulated for account in accounts)
    if 0 < simulated < len(accounts):
        yield (
            f"{simulated} of {len(accounts)} science windows are simulated and the others "
            "real: the product mixes them and is labelled as simulated."
        )
    if not isinstance(analysis.query, ImageQuery):
        for name in analysis.query.catalog.selected.names:
            if name not in result.facts["seen"]:
                yield f"{name} is left out: no science window has it in its field of view."


def _available(query: Query) -> int:
    """Return from how many windows those of a query were chosen at random; 0 if they were not."""
    windows = query.science_windows
    available = windows.available if isinstance(windows, Identifiers) else 0
    return available if available > len(windows) else 0


def _energies_note(accounts: Sequence[WindowAccount]) -> str:
    """Return how the energies of the events came to be, in words."""
    reasons = dict.fromkeys(account.energies.reason for account in accounts)
    first = next(iter(reasons))
    if len(reasons) == 1:
        return first
    methods = [account.energies.method for account in accounts]
    numbers = ", ".join(f"{methods.count(method)} {method}" for method in sorted(set(methods)))
    return f"Energies of {len(accounts)} science windows: {numbers}. The first: {first}"


def _dead_time_note(accounts: Sequence[WindowAccount]) -> str:
    if all(account.with_dead_time for account in accounts):
        return "Live time is good time corrected for dead time."
    return (
        "The event files carry no dead time: live time is the sum of the good time "
        "intervals, and rates are lower than OSA's by its live fraction (0.67 to 0.78)."
    )


def _pixels_note(accounts: Sequence[WindowAccount]) -> str:
    pixels = [account.pixels for account in accounts]
    low, high = min(pixels), max(pixels)
    used = f"{low}" if low == high else f"{low} to {high}"
    return (
        f"{used} of {isgri.WORKING_PIXELS} pixels used; left out are those that are silent "
        "and those most of whose events are flagged as noise."
    )
