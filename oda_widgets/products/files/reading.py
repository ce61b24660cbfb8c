"""Read a product of any kind from its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, cast

from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.files.all_sky_file import read_all_sky
from oda_widgets.products.files.catalog_file import read_catalog
from oda_widgets.products.files.container import trouble_reported
from oda_widgets.products.files.image_file import read_image
from oda_widgets.products.files.light_curve_reading import read_light_curve
from oda_widgets.products.files.orbit_file import read_orbit
from oda_widgets.products.files.response_reading import read_response
from oda_widgets.products.files.spectrum_reading import read_spectrum
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.orbit import Orbit
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.paths import PathLike

T = TypeVar("T")

_READERS: Mapping[type, Callable[..., Any]] = MappingProxyType(
    {
        SkyImage: read_image,
        AllSky: read_all_sky,
        LightCurve: read_light_curve,
        Spectrum: read_spectrum,
        Response: read_response,
        SourceCatalog: read_catalog,
        Orbit: read_orbit,
    }
)


def read(kind: type[T], path: PathLike, **options: Any) -> T:
    """Read a product of a kind (see the method `read` of the product)."""
    with trouble_reported(path):
        return cast("T", _READERS[kind](path, **options))
