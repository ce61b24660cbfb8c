"""The functions that make each product of an instrument.

An instrument that the engine can analyse has a row for each of its products; nothing else in the
engine lists instruments. Other queries are refused, with the backends that can answer them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from oda_widgets.analysis.analysis import Analysis
from oda_widgets.analysis.image import image_tasks, sky_image
from oda_widgets.analysis.jemx import (
    jemx_image_tasks,
    jemx_light_curve_tasks,
    jemx_sky_image,
    jemx_spectra,
    jemx_spectra_tasks,
)
from oda_widgets.analysis.light_curves import light_curve_tasks, light_curves
from oda_widgets.analysis.plan import Tasks
from oda_widgets.analysis.spectra import spectra, spectra_tasks
from oda_widgets.errors import BadParameter
from oda_widgets.products.answer import Product
from oda_widgets.products.observation import Observation
from oda_widgets.provenance.payload import Payload
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.instrument import IMAGE, LIGHT_CURVE, SPECTRUM
from oda_widgets.request.instruments import described
from oda_widgets.request.queries import Query


@dataclass(frozen=True)
class Maker:
    """The functions that make a product of an instrument.

    Parameters
    ----------
    tasks
        Returns the tasks of a query.
    product
        Makes the product from the result of the last task.
    """

    tasks: Callable[[Any, Analysis], Tasks]
    product: Callable[[Any, Payload, Observation, Provenance], Product]


_MAKERS: Mapping[tuple[str, str], Maker] = MappingProxyType(
    {
        ("isgri", IMAGE): Maker(image_tasks, sky_image),
        ("isgri", SPECTRUM): Maker(spectra_tasks, spectra),
        ("isgri", LIGHT_CURVE): Maker(light_curve_tasks, light_curves),
        ("jemx", IMAGE): Maker(jemx_image_tasks, jemx_sky_image),
        ("jemx", SPECTRUM): Maker(jemx_spectra_tasks, jemx_spectra),
        ("jemx", LIGHT_CURVE): Maker(jemx_light_curve_tasks, light_curves),
    }
)
"""By family of instruments and kind of product."""


def maker_of(query: Query) -> Maker:
    """Return the functions that make the product of a query.

    Raises
    ------
    BadParameter
        If the engine does not analyse this instrument.
    """
    instrument = described(query.instrument)
    maker = _MAKERS.get((instrument.family, query.kind))
    if maker is None:
        limit = f"the embedded engine makes no {query.kind.replace('_', ' ')} of {instrument.label}"
        advice = f'Dispatchers do: oda.connect("https://...") (their {_at_dispatchers(query)}).'
        raise BadParameter("instrument", query.instrument, limit, advice)
    return maker


def _at_dispatchers(query: Query) -> str:
    return described(query.instrument).wire.product(query.kind)
