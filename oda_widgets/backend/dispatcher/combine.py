"""Combines the products of the parts of a query into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oda_widgets.arrays import Floats
from oda_widgets.backend.dispatcher.combine_images import combined_image
from oda_widgets.errors import DataError
from oda_widgets.products.answer import Product
from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation import Observation
from oda_widgets.products.spectrum import BAD, GOOD, Spectrum


def combined(products: Sequence[Product]) -> Product:
    """Return the product of all windows from the products of parts of them, in order of time.

    Images become the weighted mean on one grid, spectra the weighted mean in each channel, light
    curves follow one another.

    Raises
    ------
    DataError
        If spectra have different channels, as those of OSA10 and OSA11 have.
    """
    if len(products) == 1:
        return products[0]
    images = [product for product in products if isinstance(product, SkyImage)]
    if images:
        return combined_image(images, observation_of([i.observation for i in images]))
    by_source = _by_source(products)
    return BySource(tuple(_joined(parts) for parts in by_source.values()))


def observation_of(parts: Sequence[Observation]) -> Observation:
    """Return the observation of all parts together."""
    notes = dict.fromkeys(part.dead_time_note for part in parts)
    return replace(
        parts[0],
        science_windows=tuple(window for part in parts for window in part.science_windows),
        start=min(part.start for part in parts),
        stop=max(part.stop for part in parts),
        ontime=sum(part.ontime for part in parts),
        live_time=sum(part.live_time for part in parts),
        dead_time_note=" ".join(notes),
        skipped=tuple(window for part in parts for window in part.skipped),
        simulated=any(part.simulated for part in parts),
    )


def _by_source(products: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for product in products:
        for name in product:
            found.setdefault(name, []).append(product[name])
    return found


def _joined(parts: list[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    observation = observation_of([part.observation for part in parts])
    if isinstance(parts[0], LightCurve):
        return _joined_curve(parts, observation)
    return _mean_spectrum(parts, observation)


def _joined_curve(parts: Sequence[LightCurve], observation: Observation) -> LightCurve:
    time = np.concatenate([part.time for part in parts])
    order = np.argsort(time, kind="stable")

    def whole(name: str) -> Floats:
        return np.concatenate([getattr(part, name) for part in parts])[order]

    return replace(
        parts[0],
        time=time[order],
        width=whole("width"),
        rate=whole("rate"),
        error=whole("error"),
        exposed_fraction=whole("exposed_fraction"),
        total_counts=whole("total_counts"),
        background=whole("background"),
        background_error=whole("background_error"),
        observation=observation,
    )


def _mean_spectrum(parts: Sequence[Spectrum], observation: Observation) -> Spectrum:
    """Return the mean of spectra, each with one weight so that no channel is bent."""
    _check_channels(parts)
    rates = np.array([part.rate for part in parts])
    errors = np.array([part.error for part in parts])
    good = np.isfinite(rates) & np.isfinite(errors) & (errors > 0)
    variances = np.where(good, errors, 0.0) ** 2
    per_part = 1.0 / np.maximum(variances.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    weights = np.where(good, per_part, 0.0)
    total = weights.sum(axis=0)
    seen = total > 0
    divisor = np.where(seen, total, 1.0)
    rate = (weights * np.where(good, rates, 0.0)).sum(axis=0) / divisor
    error = np.sqrt((weights**2 * variances).sum(axis=0)) / divisor
    return replace(
        parts[0],
        rate=np.where(seen, rate, np.nan),
        error=np.where(seen, error, np.inf),
        quality=np.where(seen, GOOD, BAD).astype(np.int16),
        response=replace(parts[0].response, area=_mean_area(parts)),
        observation=observation,
    )


def _mean_area(parts: Sequence[Spectrum]) -> Floats:
    """Return the mean of the effective areas, weighted by the time of each part."""
    seconds = [max(part.observation.live_time, 1.0) for part in parts]
    return np.average([part.response.area for part in parts], axis=0, weights=seconds)


def _check_channels(parts: Sequence[Spectrum]) -> None:
    first = parts[0].response
    for part in parts[1:]:
        other = part.response
        same = first.redistribution.shape == other.redistribution.shape and np.allclose(
            first.channel_low, other.channel_low
        )
        if not same:
            problem = (
                f"The spectra of {part.name} before and after revolution 1626 have different "
                "channels and cannot be added up."
            )
            advice = "Ask for the windows of each epoch, and fit both together."
            raise DataError(problem, advice)
