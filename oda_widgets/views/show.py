"""The widget that shows a product; what ``product.plot()`` returns."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from oda_widgets.analysis.plan import Plan
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.errors.contour import Contour
from oda_widgets.fitting.result import Fit
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.views.catalog import CatalogTable
from oda_widgets.views.contours import ContourView
from oda_widgets.views.corner import ChainView
from oda_widgets.views.fit_view import FitView
from oda_widgets.views.history.view import HistoryView
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.spectrum import SpectrumView


@singledispatch
def show(product: Any, **_options: Any) -> Any:
    """Return the widget that shows a product.

    Parameters
    ----------
    product
        `SkyImage`, `LightCurve`, `Spectrum`, `SourceCatalog`, `Provenance` or `Plan`.
    options
        Those of the view: `SkyView`, `LightCurveView`, `SpectrumView`, `CatalogTable` or
        `HistoryView`.

    Raises
    ------
    BadParameter
        If there is no view for such a thing.
    """
    limit = f"nothing shows a {type(product).__name__}"
    advice = "Give a SkyImage, a LightCurve, a Spectrum or a SourceCatalog."
    raise BadParameter("product", product, limit, advice)


@show.register
def _(image: SkyImage, **options: Any) -> SkyView:
    return SkyView(image, **options)


@show.register
def _(curve: LightCurve, **options: Any) -> LightCurveView:
    return LightCurveView(curve, **options)


@show.register
def _(spectrum: Spectrum, **options: Any) -> SpectrumView:
    return SpectrumView(spectrum, **options)


@show.register
def _(catalog: SourceCatalog, **options: Any) -> CatalogTable:
    return CatalogTable(catalog, **options)


@show.register
def _(plan: Plan, **options: Any) -> HistoryView:
    return HistoryView(plan, **options)


@show.register
def _(provenance: Provenance, **options: Any) -> HistoryView:
    return HistoryView(provenance, **options)


@show.register
def _(fit: Fit, **options: Any) -> FitView:
    return FitView(fit, **options)


@show.register
def _(chain: Chain, **options: Any) -> ChainView:
    return ChainView(chain, **options)


@show.register
def _(contour: Contour, **options: Any) -> ContourView:
    return ContourView(contour, **options)
