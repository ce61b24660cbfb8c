from .backend.connect import connect as connect
from .backend.job import Job as Job
from .backend.site import Site as Site
from .errors import OdaError as OdaError
from .fitting.fakeit import fakeit as fakeit
from .fitting.fit import fit as fit
from .fitting.trend import trend as trend
from .panels.workbench import Workbench as Workbench
from .products.files.catalog_file import read_catalog as read_catalog
from .products.files.catalog_file import write_catalog as write_catalog
from .products.files.opening import open as open  # noqa: A004
from .products.image import SkyImage as SkyImage
from .products.light_curve import LightCurve as LightCurve
from .products.response import Response as Response
from .products.spectrum import Spectrum as Spectrum
from .request.catalog import SourceCatalog as SourceCatalog
from .request.catalog_source import CatalogSource as CatalogSource
from .request.queries import ImageQuery as ImageQuery
from .request.queries import LightCurveQuery as LightCurveQuery
from .request.queries import SpectrumQuery as SpectrumQuery
from .version import __version__ as __version__

__all__ = [
    "CatalogSource",
    "ImageQuery",
    "Job",
    "LightCurve",
    "LightCurveQuery",
    "OdaError",
    "Response",
    "Site",
    "SkyImage",
    "SourceCatalog",
    "Spectrum",
    "SpectrumQuery",
    "Workbench",
    "__version__",
    "connect",
    "fakeit",
    "fit",
    "open",
    "read_catalog",
    "trend",
    "write_catalog",
]
