"""Writing a product as FITS, whatever it is."""

from __future__ import annotations

from functools import singledispatch
from pathlib import Path
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.files import write_files
from oda_widgets.products.files.container import encode
from oda_widgets.products.files.image_file import image_hdus
from oda_widgets.products.files.light_curve_file import light_curve_hdus
from oda_widgets.products.files.response_file import response_contents
from oda_widgets.products.files.spectrum_file import spectrum_contents
from oda_widgets.products.files.suffixes import FITS, is_compressed, path_with_suffix, sibling
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.paths import PathLike

Contents = dict[Path, bytes]


def write(product: Any, path: PathLike, *, overwrite: bool, history: tuple[str, ...] = ()) -> None:
    """Write a product and the files that belong to it (see `Product.write`)."""
    target, _ = path_with_suffix(path, FITS)
    write_files(contents(product, target, history), overwrite=overwrite)


@singledispatch
def contents(product: Any, _target: Path, _history: tuple[str, ...] = ()) -> Contents:
    """Return what goes into each file of a product, the file that names the others last.

    Parameters
    ----------
    product
        `SkyImage`, `LightCurve`, `Spectrum` or `Response`.
    target
        The file that names the others.
    history
        Lines on the origin of the product, for the HISTORY of the file.

    Raises
    ------
    BadParameter
        If it is something else.
    """
    limit = f"there is no file for a {type(product).__name__}"
    raise BadParameter("product", product, limit, "Give an image, a spectrum or a light curve.")


@contents.register
def _(image: SkyImage, target: Path, history: tuple[str, ...] = ()) -> Contents:
    return {target: encode(image_hdus(image, history), compress=is_compressed(target))}


@contents.register
def _(curve: LightCurve, target: Path, history: tuple[str, ...] = ()) -> Contents:
    return {target: encode(light_curve_hdus(curve, history), compress=is_compressed(target))}


@contents.register
def _(spectrum: Spectrum, target: Path, history: tuple[str, ...] = ()) -> Contents:
    return spectrum_contents(spectrum, target, history)


@contents.register
def _(response: Response, target: Path, _history: tuple[str, ...] = ()) -> Contents:
    return response_contents(response, target, sibling(target, "_arf"))
