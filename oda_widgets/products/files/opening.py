"""Open a file of any known kind, which is found from its content."""

from __future__ import annotations

from typing import Any

from astropy.io import fits

from oda_widgets.errors import BadParameter, DamagedFile
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.files.all_sky_file import is_all_sky
from oda_widgets.products.files.catalog_columns import has_sources
from oda_widgets.products.files.catalog_hdu import read_table
from oda_widgets.products.files.container import (
    damage_reported,
    decode,
    is_fits,
    tables,
)
from oda_widgets.products.files.gate import read_content
from oda_widgets.products.files.image_file import is_map
from oda_widgets.products.files.light_curve_reading import is_curve
from oda_widgets.products.files.light_curve_text import is_curve_text
from oda_widgets.products.files.response_reading import matrices
from oda_widgets.products.files.shield_text import is_shield_text
from oda_widgets.products.files.spectrum_reading import is_spectrum
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.keywords import suggesting
from oda_widgets.request.options import check_options
from oda_widgets.request.paths import PathLike

Product = SkyImage | AllSky | Spectrum | LightCurve | Response | SourceCatalog
_AREA = "SPECRESP"


@suggesting
def open(  # noqa: A001 - oda.open
    path: PathLike, **options: Any
) -> Product:
    """Read a file of any kind that oda_widgets knows.

    Parameters
    ----------
    path
        A sky image, map of a survey, spectrum, light curve, response or catalogue; FITS, VOTable,
        ECSV, CSV (of a catalogue or a light curve), a region file of DS9, or SPI-ACS counts as text
        of the ISDC's services (genlc, ipnlc).
    options
        Options of the method ``read`` of the product, for example ``rmf`` of a spectrum.

    Raises
    ------
    BadParameter
        If there is no such file, or it holds several products and none is chosen.
    DamagedFile
        If it is truncated, or of an unknown kind; the message says what it holds.

    Examples
    --------
    >>> spectrum.write("magnetar.fits")
    >>> type(oda.open("magnetar.fits")).__name__
    'Spectrum'
    >>> type(oda.open("magnetar_rmf.fits")).__name__
    'Response'
    """
    kind = _kind(path)
    check_options(kind.read, options)
    product: Product = kind.read(path, **options)
    return product


def _kind(path: PathLike) -> Any:
    """Return the class of the product in a file."""
    content = read_content(path)
    if is_fits(content):
        del content
        return _kind_of_fits(path)
    is_curve = is_shield_text(content) or is_curve_text(content)
    return LightCurve if is_curve else SourceCatalog


def _kind_of_fits(path: PathLike) -> Any:
    """Return the class of the product in a FITS file."""
    hdus = decode(path)
    with damage_reported(path):
        kinds = _kinds(hdus)
    if not kinds and any(_AREA in hdu.columns.names for hdu in tables(hdus)):
        problem = f"{path} holds an effective area (ARF), which is read with its matrix."
        raise DamagedFile(problem, "Write oda.Response.read(rmf, arf).")
    if not kinds:
        content = "; ".join(_description(hdu) for hdu in hdus)
        problem = f"{path} holds no image, spectrum, light curve, response or catalogue."
        raise DamagedFile(problem, f"It has: {content}.")
    if len(kinds) > 1:
        names = ", ".join(kind.__name__ for kind in kinds)
        limit = f"it holds several kinds of products: {names}"
        raise BadParameter("path", str(path), limit, f"Write {kinds[0].__name__}.read(path).")
    return kinds[0]


def _kinds(hdus: fits.HDUList) -> list[Any]:
    """Return the classes of the products in a file, without those that belong to another."""
    if any(is_map(hdu) for hdu in hdus):
        return [SkyImage]
    if any(map(is_all_sky, tables(hdus))):
        return [AllSky]
    measured = [
        kind
        for kind, found in (
            (Spectrum, any(map(is_spectrum, tables(hdus)))),
            (LightCurve, any(map(is_curve, tables(hdus)))),
        )
        if found
    ]
    if measured:
        return measured
    if matrices(hdus):
        return [Response]
    if any(has_sources(read_table(hdu)) for hdu in tables(hdus)):
        return [SourceCatalog]
    # For a map that does not state its kind, the reader of images says what is missing.
    return [SkyImage] if any(hdu.is_image and "CTYPE1" in hdu.header for hdu in hdus) else []


def _description(hdu: Any) -> str:
    if isinstance(hdu, fits.BinTableHDU):
        return f"table {hdu.name or 'without a name'} ({', '.join(hdu.columns.names[:8])})"
    return f"image {hdu.name or 'without a name'}"
