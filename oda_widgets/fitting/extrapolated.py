"""The parts of a band in which a fitted model is extrapolated: the data do not reach there."""

from __future__ import annotations

from collections.abc import Sequence

from oda_widgets.fitting.dataset import Dataset


def fitted_range(datasets: Sequence[Dataset]) -> tuple[float, float]:
    """Return the lowest and the highest energy that was fitted, keV.

    It is an end of the requested range, if the channels inside end less than a channel from it.
    """
    ends = [_fitted_range(data) for data in datasets]
    return min(low for low, _ in ends), max(high for _, high in ends)


def extrapolation(datasets: Sequence[Dataset], band: tuple[float, float]) -> str:
    """Return which part of a band is extrapolated, such as "20-30 keV is extrapolated".

    Parameters
    ----------
    datasets
        Data of the fit.
    band
        Lower and upper edge, keV.

    Returns
    -------
    account
        With the energies that were fitted; empty if the data reach over the band.
    """
    low, high = fitted_range(datasets)
    below, above = (band[0], min(low, band[1])), (max(high, band[0]), band[1])
    parts = [f"{start:.4g}-{stop:.4g}" for start, stop in (below, above) if start < stop]
    if not parts:
        return ""
    verb = "is" if len(parts) == 1 else "are"
    return f"{' and '.join(parts)} keV {verb} extrapolated, fitted {low:.4g}-{high:.4g} keV"


def _fitted_range(data: Dataset) -> tuple[float, float]:
    low, high = float(data.low[0]), float(data.high[-1])
    first, last = float(data.high[0]) - low, high - float(data.low[-1])
    asked_low, asked_high = data.energy
    return (
        asked_low if 0 <= low - asked_low < first else low,
        asked_high if 0 <= asked_high - high < last else high,
    )
