"""Combine the products of the parts of a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oda_widgets.backend.dispatcher.combine_images import combined_image
from oda_widgets.errors import DataError
from oda_widgets.products.answer import Product
from oda_widgets.products.by_source import BySource
from oda_widgets.products.curve_rebinning import columns_of_all
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.observation_of_all import observation_of_all
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.products.spectrum_stack import stacked


def combined(products: Sequence[Product]) -> Product:
    """Return the product of all windows from those of parts, in order of time.

    Images become the weighted mean on one grid, spectra the weighted mean in each channel, light
    curves are concatenated.

    Raises
    ------
    DataError
        If spectra have different channels, as those of OSA10 and OSA11.
    """
    if len(products) == 1:
        return products[0]
    images = [product for product in products if isinstance(product, SkyImage)]
    if images:
        return combined_image(images, observation_of_all([i.observation for i in images]))
    by_source = _by_source(products)
    return BySource(tuple(_joined(parts) for parts in by_source.values()))


def _by_source(products: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for product in products:
        for name in product:
            found.setdefault(name, []).append(product[name])
    return found


def _joined(parts: list[Any]) -> Any:
    first, *others = parts
    if not others:
        return first
    if isinstance(first, LightCurve):
        return _joined_curve(parts)
    _check_channels(parts)
    return stacked(first, others, "variance")


def _joined_curve(parts: Sequence[LightCurve]) -> LightCurve:
    observation = observation_of_all([part.observation for part in parts])
    order = np.argsort(np.concatenate([part.time for part in parts]), kind="stable")
    columns: dict[str, Any] = columns_of_all(parts, order, observation.science_windows)
    return replace(parts[0], **columns, observation=observation)


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
