"""Write a product of any kind as FITS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatch
from inspect import signature
from pathlib import Path
from types import MappingProxyType
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.files import check_target, write_files
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.files.all_sky_file import all_sky_hdus
from oda_widgets.products.files.container import encode
from oda_widgets.products.files.image_file import image_hdus
from oda_widgets.products.files.light_curve_file import light_curve_hdus
from oda_widgets.products.files.on_off_file import on_off_contents
from oda_widgets.products.files.response_file import response_contents
from oda_widgets.products.files.spectrum_file import spectrum_contents
from oda_widgets.products.files.suffixes import FITS, is_compressed, path_with_suffix, sibling
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.response import Response
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.arguments import listed, one_of
from oda_widgets.request.paths import PathLike

Contents = dict[Path, bytes]
_MOST_LINES = 10_000
_LAYOUTS: Mapping[str, Callable[..., Contents]] = MappingProxyType(
    {"osa": spectrum_contents, "on_off": on_off_contents}
)


def write(
    product: Any,
    path: PathLike,
    *,
    overwrite: bool,
    history: tuple[str, ...] = (),
    **options: Any,
) -> None:
    """Write a product and the files that belong to it (see `Product.write`)."""
    target, _ = path_with_suffix(path, FITS)
    check_target(target, overwrite=overwrite)
    lines = _lines(history)
    write_files(checked_contents(product, target, lines, **options), overwrite=overwrite)


def checked_contents(
    product: Any, target: Path, history: tuple[str, ...] = (), **options: Any
) -> Contents:
    """Check options, and return the contents of each file of a product."""
    own = list(signature(contents.dispatch(type(product))).parameters)[3:]
    for name, value in options.items():
        if name not in own:
            limit = f"no option of the FITS file of a {type(product).__name__}"
            there = f"There are: {', '.join(own)}." if own else "Only figures have options."
            raise BadParameter(name, value, limit, there)
    return contents(product, target, history, **options)


def _lines(history: Any) -> tuple[str, ...]:
    """Check the lines of a history, and return them; text alone is one line."""
    if isinstance(history, Mapping):
        raise BadParameter("history", history, "not a list of lines", 'Write history=["line"].')
    lines = listed("history", [history] if isinstance(history, str) else history, _MOST_LINES)
    for line in lines:
        if not isinstance(line, str):
            raise BadParameter("history", line, "not text", 'Write history=("line", ...).')
        if any("\ud800" <= letter <= "\udfff" for letter in line):
            raise BadParameter("history", line, "half of a letter is in it", "Leave it out.")
    return tuple(lines)


@singledispatch
def contents(
    product: Any, _target: Path, _history: tuple[str, ...] = (), **_options: Any
) -> Contents:
    """Return the contents of each file of a product; last the file that names the others.

    Parameters
    ----------
    product
        `SkyImage`, `AllSky`, `LightCurve`, `Spectrum` or `Response`.
    target
        Path of the file that names the others.
    history
        Lines on the origin of the product, for the HISTORY of the file.
    options
        ``time_unit`` of a light curve, see `light_curve_hdus`; ``layout`` of a spectrum.

    Raises
    ------
    BadParameter
        If it is not a product.
    """
    limit = f"there is no file for a {type(product).__name__}"
    raise BadParameter("product", product, limit, "Give an image, a spectrum or a light curve.")


@contents.register
def _(image: SkyImage, target: Path, history: tuple[str, ...] = ()) -> Contents:
    return {target: encode(image_hdus(image, history), compress=is_compressed(target))}


@contents.register
def _(sky: AllSky, target: Path, history: tuple[str, ...] = ()) -> Contents:
    return {target: encode(all_sky_hdus(sky, history), compress=is_compressed(target))}


@contents.register
def _(
    curve: LightCurve, target: Path, history: tuple[str, ...] = (), time_unit: str = "d"
) -> Contents:
    hdus = light_curve_hdus(curve, history, time_unit)
    return {target: encode(hdus, compress=is_compressed(target))}


@contents.register
def _(
    spectrum: Spectrum, target: Path, history: tuple[str, ...] = (), layout: str = "osa"
) -> Contents:
    return _LAYOUTS[one_of("layout", layout, _LAYOUTS)](spectrum, target, history)


@contents.register
def _(response: Response, target: Path, _history: tuple[str, ...] = ()) -> Contents:
    return response_contents(response, target, sibling(target, "_arf"))
