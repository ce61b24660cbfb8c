"""The product of a query: an image, spectra or light curves."""

from __future__ import annotations

from oda_widgets.products.by_source import BySource
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum

Product = SkyImage | BySource[Spectrum] | BySource[LightCurve]
