"""Downloads of a product, and its provenance."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ipywidgets import HBox

from oda_widgets.abilities import abilities
from oda_widgets.panels.card import button
from oda_widgets.products.all_sky import AllSky
from oda_widgets.products.image import SkyImage
from oda_widgets.products.light_curve import LightCurve
from oda_widgets.products.spectrum import Spectrum
from oda_widgets.request.instruments import label_of
from oda_widgets.views.download import DownloadButton

Shown = SkyImage | LightCurve | Spectrum
Saved = Shown | AllSky


class ProductFiles(HBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Buttons to save a product and to show its provenance.

    Parameters
    ----------
    product
        Image, light curve or spectrum.
    on_history
        Called when the provenance button is clicked.
    paper_options
        Returns the options that make the figure for publication look like that on the screen.
    """

    def __init__(
        self,
        product: Shown,
        on_history: Callable[[], object],
        paper_options: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        history = button("History", "Provenance of this product", "oda-chip")
        history.on_click(lambda _button: on_history())
        # A spectrum is three files: PHA, RMF and ARF.
        several = isinstance(product, Spectrum)
        files = downloads(file_stem(product), lambda: product, paper_options, several=several)
        super().__init__([*files, history])
        self.add_class("oda-controls")


def downloads(
    stem: str,
    product: Callable[[], Saved],
    paper_options: Callable[[], dict[str, Any]] = dict,
    *,
    several: bool = False,
) -> list[DownloadButton]:
    """Return the buttons that save a product as FITS and as figures.

    Parameters
    ----------
    stem
        File name without suffix.
    product
        Returns the product on show when a button is clicked.
    paper_options
        As for `ProductFiles`.
    several
        Whether its FITS are several files, which are zipped.
    """

    def drawn(picture_format: str) -> DownloadButton:
        def content() -> bytes:
            return abilities().picture(product(), picture_format, **paper_options())

        return DownloadButton(f"{stem}.{picture_format}", content, picture_format.upper())

    ending, name = (".zip", "FITS (zip)") if several else (".fits", "FITS")
    whole = DownloadButton(stem + ending, lambda: fits_content(product()), name)
    return [whole, *map(drawn, ("pdf", "svg", "png"))]


def title(product: Saved) -> str:
    """Return a title such as "Image of Crab, ISGRI, 20–40 keV"."""
    instrument = label_of(product.observation.instrument)
    if isinstance(product, AllSky):
        return f"Survey, {instrument}, {product.energy}"
    if isinstance(product, SkyImage):
        target = f" of {product.target.name}" if product.target is not None else ""
        return f"Image{target}, {instrument}, {product.energy}"
    seen_by = f", {instrument}" if product.name != instrument else ""
    if isinstance(product, LightCurve):
        band = str(product.energy)
        return f"Light curve of {product.name}{seen_by}, {band}"
    return f"Spectrum of {product.name}{seen_by}"


def file_stem(product: Saved) -> str:
    """Return the file name of a product without suffix, valid on every system."""
    return re.sub(r"[^0-9A-Za-z.+-]+", "_", title(product)).strip("_")


def fits_content(product: Saved) -> bytes:
    """Return a product as FITS, zipped if it is several files."""
    with TemporaryDirectory() as folder:
        product.save(Path(folder) / f"{file_stem(product)}.fits")
        files = sorted(Path(folder).iterdir())
        if len(files) == 1:
            return files[0].read_bytes()
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return content.getvalue()
