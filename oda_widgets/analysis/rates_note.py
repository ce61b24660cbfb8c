"""Notes on the rates of a product: corrections and their errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oda_widgets.analysis.exposure import WindowAccount
from oda_widgets.instruments.sensitivity import UNKNOWN

UNCERTAIN = 0.25
"""Error of a correction above which users are warned; 28 to 150 keV of late windows has 0.23."""

_NOTEWORTHY = 1.001


def first_of(notes: Sequence[str]) -> str:
    """Return the common note of windows, or the first and the number of windows."""
    different = list(dict.fromkeys(note for note in notes if note))
    if len(different) < 2:
        return "".join(different)
    return f"The first of {len(notes)} science windows: {different[0]}"


def rates_note(accounts: Sequence[WindowAccount]) -> str:
    """Return a note on the corrections of rates and their systematic error."""
    note = first_of([account.rates.note for account in accounts])
    if max(account.rates.correction for account in accounts) > _NOTEWORTHY:
        note += _raised(accounts)
    error = rates_error(accounts)
    if error >= UNKNOWN:
        return note
    return f"{note} Systematic error of the rates: {error:.0%}.".strip() if error else note


def _raised(accounts: Sequence[WindowAccount]) -> str:
    """Return the correction of rates, and for which spectra it is right, in words."""
    return (
        f" Rates are raised by {_range_of_corrections(accounts)} for photons that the pixels do not"
        " record. That is right for a spectrum like the Crab's (photon index 2.1); for indices"
        f" from 1.5 to 5 it is known to {correction_error(accounts):.0%}."
    )


def _range_of_corrections(accounts: Sequence[WindowAccount]) -> str:
    """Return the corrections of windows: "1.32", or "1.00 to 1.96, 1.32 on average,"."""
    corrections = [account.rates.correction for account in accounts]
    low, high, mean = (
        f"{x:.2f}" for x in (min(corrections), max(corrections), mean_correction(accounts))
    )
    return mean if low == high else f"{low} to {high}, {mean} on average,"


def correction_error(accounts: Sequence[WindowAccount]) -> float:
    """Return the mean relative error of the correction, which is common to windows."""
    return float(np.mean([account.rates.correction_error for account in accounts]))


def mean_correction(accounts: Sequence[WindowAccount]) -> float:
    """Return the correction of rates of the band, averaged over live time."""
    live = np.array([max(account.live_time, 1e-9) for account in accounts])
    return float(np.average([account.rates.correction for account in accounts], weights=live))


def rates_error(accounts: Sequence[WindowAccount]) -> float:
    """Return the relative systematic error of rates, which is common to windows."""
    if any(account.energies.wrong for account in accounts):
        return UNKNOWN
    rates = [account.rates for account in accounts]
    return float(np.mean([np.hypot(one.scale_error, one.correction_error) for one in rates]))
