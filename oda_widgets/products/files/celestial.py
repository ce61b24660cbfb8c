"""Celestial coordinates of an image, in the keywords of OSA and with all digits."""

from __future__ import annotations

import warnings

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from oda_widgets.errors import DamagedFile
from oda_widgets.products.files.cards import Card


def celestial_cards(wcs: WCS) -> list[Card]:
    """Return the keywords of a two-dimensional celestial projection.

    `~astropy.wcs.WCS.to_header` rounds to 12 digits. The matrix is written as the coordinates have
    it, to the last bit: CD, as OSA writes it, or PC with CDELT, in which programs such as gammapy
    look for the size of a pixel.
    """
    sizes: list[Card] = []
    if wcs.wcs.has_cd():
        name, matrix = "CD", wcs.pixel_scale_matrix
    else:
        name, matrix = "PC", wcs.wcs.get_pc()
        steps = enumerate(wcs.wcs.get_cdelt().tolist(), start=1)
        sizes = [(f"CDELT{number}", step, "[deg] size of a pixel") for number, step in steps]
    unit = "[deg] " if name == "CD" else ""
    cards: list[Card] = []
    for axis in range(2):
        number = axis + 1
        cards += [
            (f"CTYPE{number}", str(wcs.wcs.ctype[axis]), "projection"),
            (f"CRPIX{number}", float(wcs.wcs.crpix[axis]), "reference pixel"),
            (
                f"CRVAL{number}",
                float(wcs.wcs.crval[axis]),
                "[deg] coordinate of the reference pixel",
            ),
            (f"CUNIT{number}", "deg", "unit of the axis"),
            (f"{name}{number}_1", float(matrix[axis, 0]), f"{unit}transformation matrix"),
            (f"{name}{number}_2", float(matrix[axis, 1]), f"{unit}transformation matrix"),
        ]
    return [*cards, *sizes, *_frame_cards(wcs)]


def read_celestial(header: fits.Header) -> WCS:
    """Return the celestial coordinates of a header.

    Raises
    ------
    DamagedFile
        If it has none.
    """
    with warnings.catch_warnings():
        # astropy announces each deprecated keyword of ISDC that it understands all the same.
        warnings.simplefilter("ignore")
        wcs = WCS(header, naxis=2)
    if not wcs.has_celestial:
        problem = "Its image has no celestial coordinates."
        raise DamagedFile(problem, "Give an image with CTYPE1 and CTYPE2 in its header.")
    return wcs


def _frame_cards(wcs: WCS) -> list[Card]:
    frame = wcs.wcs.radesys or "FK5"
    cards: list[Card] = [("RADESYS", str(frame), "frame of the coordinates")]
    if frame == "FK5":
        cards.append(("EQUINOX", 2000.0, "equinox of the frame"))
    # Undefined until the projection is set up; then it has its default, which says nothing new.
    if np.isfinite(wcs.wcs.lonpole):
        cards.append(("LONPOLE", float(wcs.wcs.lonpole), "[deg] native longitude of the pole"))
    return cards
