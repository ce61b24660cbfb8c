"""The widget that shows a product, as ``product.plot()`` returns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from oda_widgets.analysis.plan import Plan
from oda_widgets.errors import BadParameter
from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.errors.contour import Contour
from oda_widgets.fitting.result import Fit
from oda_widgets.fitting.trend import Trend
from oda_widgets.products.burst import Burst
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.provenance.record import Provenance
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.options import check_options
from oda_widgets.views.burst import burst_view
from oda_widgets.views.catalog import CatalogTable
from oda_widgets.views.contours import ContourView
from oda_widgets.views.corner import ChainView
from oda_widgets.views.figure_options import checked_figure_options
from oda_widgets.views.fit_view import FitView
from oda_widgets.views.history.view import HistoryView
from oda_widgets.views.light_curve import LightCurveView
from oda_widgets.views.several import first_and_others
from oda_widgets.views.sky.view import SkyView
from oda_widgets.views.spectrum import SpectrumView
from oda_widgets.views.trend import TrendView

_VIEWS: Mapping[type, Callable[..., Any]] = MappingProxyType(
    {
        SkyImage: SkyView,
        LightCurve: LightCurveView,
        Burst: burst_view,
        Spectrum: SpectrumView,
        SourceCatalog: CatalogTable,
        Plan: HistoryView,
        Provenance: HistoryView,
        Fit: FitView,
        Chain: ChainView,
        Contour: ContourView,
        Trend: TrendView,
    }
)


def show(product: Any, **options: Any) -> Any:
    """Return the widget that shows a product.

    Parameters
    ----------
    product
        `SkyImage`, `LightCurve` or `Spectrum` (several of these two share a figure), `Burst`,
        `SourceCatalog`, `Provenance`, `Plan`, `Fit`, `Chain`, `Contour` or `Trend`.
    options
        Those of the view: `SkyView`, `LightCurveView`, `SpectrumView`, `CatalogTable`,
        `HistoryView`, `FitView`, `ChainView` or `ContourView`.

    Raises
    ------
    BadParameter
        If there is no view for such a thing, or the view has no such option.
    """
    product, options = first_and_others(product, options)
    for kind, view in _VIEWS.items():
        if isinstance(product, kind):
            check_options(view, options)
            return view(product, **checked_figure_options(options, on_paper=False))
    limit = f"nothing shows a {type(product).__name__}"
    advice = "Give a SkyImage, a LightCurve, a Spectrum or a SourceCatalog."
    raise BadParameter("product", product, limit, advice)
