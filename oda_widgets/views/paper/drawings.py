"""The functions that draw products, histories and fits for publication."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from matplotlib.figure import Figure

from oda_widgets.fitting.chains.chain import Chain
from oda_widgets.fitting.errors.contour import Contour
from oda_widgets.fitting.result import Fit
from oda_widgets.fitting.trend import Trend
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.burst import Burst
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.provenance.record import Provenance
from oda_widgets.views.paper.all_sky import all_sky_figure
from oda_widgets.views.paper.burst import burst_figure
from oda_widgets.views.paper.contours import contour_figure
from oda_widgets.views.paper.corner import corner_figure
from oda_widgets.views.paper.fit_figure import fit_figure
from oda_widgets.views.paper.history import history_drawing
from oda_widgets.views.paper.light_curve import light_curve_figure
from oda_widgets.views.paper.spectrum import spectrum_figure
from oda_widgets.views.paper.trend import trend_figure

DRAWINGS: Mapping[type, Callable[..., Figure]] = MappingProxyType(
    {
        LightCurve: light_curve_figure,
        Spectrum: spectrum_figure,
        Provenance: history_drawing,
        Fit: fit_figure,
        Chain: corner_figure,
        Contour: contour_figure,
        AllSky: all_sky_figure,
        Burst: burst_figure,
        Trend: trend_figure,
    }
)
