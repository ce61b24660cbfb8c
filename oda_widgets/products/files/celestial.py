"""Read and write the celestial coordinates of images, in OSA's keywords and with all digits."""

from __future__ import annotations

import re
import warnings

import numpy as np
from astropy import units as u
from astropy.io import fits
from astropy.wcs import WCS, WcsError

from oda_widgets.errors import FOREIGN_TROUBLE, DamagedFile
from oda_widgets.products.files.cards import Card, card_value, float_value, text_value
from oda_widgets.products.files.positions import Frame, frame_of
from oda_widgets.products.files.possible_keywords import refuse_keyword
from oda_widgets.products.files.units import check_unit, unit_of
from oda_widgets.request.words import one_line

# Largest values of keywords; orders of distortions determine how much astropy would read.
_MOST = tuple(
    (re.compile(pattern), most)
    for pattern, most in (
        (r"CRPIX\d[A-Z]?", 1e7),
        (r"CRVAL1[A-Z]?", 360.0),
        (r"CRVAL2[A-Z]?", 90.0),
        (r"(CD|PC)\d+_\d+[A-Z]?|CDELT\d[A-Z]?|CROTA\d", 1e6),
        (r"PV\d+_\d+[A-Z]?", 1e6),
        (r"(LONPOLE|LATPOLE)[A-Z]?", 1000.0),
        (r"EQUINOX[A-Z]?", 3000.0),
        (r"[AB]P?_ORDER", 9.0),
        (r"WCSAXES[A-Z]?", 10.0),
    )
)
_PLACE_IN_SOURCE = re.compile(r"ERROR \d+ in \w+\(\) at line \d+ of file \S+:\s*")
_UNIT = re.compile(r"CUNIT\d+[A-Z]?")
_SAME_PLACE = 0.1  # pixels
_ACCEPTED = "ICRS and FK5 of J2000"
_REPROJECT = "Reproject the image to ICRS, for example with the package reproject."
_SMALLEST_PIXEL, _LARGEST_PIXEL = 1e-9, 180.0  # degrees


def celestial_cards(wcs: WCS) -> list[Card]:
    """Return the keywords of a two-dimensional celestial projection.

    `~astropy.wcs.WCS.to_header` rounds to 12 digits; here the matrix is written exactly. It has the
    form of the coordinates: CD, as in OSA, or PC with CDELT, from which programs such as gammapy
    take the size of a pixel.
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
        If it has none, or they are not right ascension and declination of J2000, which figures and
        measurements assume.
    """
    _check_header(header)
    try:
        with warnings.catch_warnings():
            # astropy warns of deprecated keywords of the ISDC, which it understands.
            warnings.simplefilter("ignore")
            wcs = WCS(header, naxis=2)
            celestial = wcs.has_celestial
    except (*FOREIGN_TROUBLE, WcsError) as error:
        raise _unusable(_message(error)) from None
    if not celestial:
        problem = "Its image has no celestial coordinates."
        raise DamagedFile(problem, "Give an image with CTYPE1 and CTYPE2 in its header.")
    _check_frame(header, wcs)
    _check_scale(wcs)
    return wcs


def check_same_places(
    kind: str, header: fits.Header, other: str, reference: fits.Header, shape: tuple[int, ...]
) -> None:
    """Check that the pixels of two maps of an image are at the same places on the sky.

    Parameters
    ----------
    kind, header
        Name and header of a map.
    other, reference
        Name and header of the map to compare with.
    shape
        Rows and columns of both maps.

    Raises
    ------
    DamagedFile
        If corners differ by more than a tenth of a pixel.
    """
    rows, columns = shape
    corners = np.array([(0.0, 0.0), (columns - 1.0, 0.0), (0.0, rows - 1.0)])
    middle = [((columns - 1) / 2, (rows - 1) / 2)]
    here, there = read_celestial(header), read_celestial(reference)
    with np.errstate(all="ignore"):
        places = here.wcs_pix2world(np.vstack([middle, corners]), 0)
        found = there.wcs_world2pix(places, 0)
        back = here.wcs_world2pix(places, 0)
    # Corners of an all-sky map may lie outside of the sky: ignore NaN.
    apart = float(np.nanmax(np.abs(found - back), initial=0.0))
    if apart > _SAME_PLACE:
        problem = f"Its maps of {kind} and {other} differ in their place by {apart:.3g} pixels."
        raise DamagedFile(problem, "Correct CRPIX, CRVAL and CD or CDELT of one of them.")


def _check_frame(header: fits.Header, wcs: WCS) -> None:
    """Check that coordinates are right ascension and declination of J2000."""
    axes = tuple(str(name).split("-")[0] for name in wcs.wcs.ctype)
    if axes != ("RA", "DEC"):
        problem = f"The axes of its image are {' and '.join(axes)}, not RA and DEC."
        raise DamagedFile(problem, _REPROJECT)
    keyword = next((name for name in ("RADESYS", "RADECSYS") if name in header), "RADESYS")
    stated = text_value(header, keyword)
    try:
        frame = frame_of(stated, card_value(header, "EQUINOX"))
    except DamagedFile as error:
        if stated is None:
            raise
        problem = f"{error.problem} Its keyword is {keyword}; accepted are {_ACCEPTED}."
        raise DamagedFile(problem, f"Correct {keyword}.") from None
    if frame not in (Frame(), Frame("fk5")):
        year = "" if frame.equinox == Frame().equinox else f" of {frame.equinox:g}"
        problem = (
            f"Its image is in the frame {frame.name.upper()}{year} ({keyword}, EQUINOX); "
            f"accepted are {_ACCEPTED}."
        )
        raise DamagedFile(problem, _REPROJECT)


def _check_header(header: fits.Header) -> None:
    """Check that the keywords of coordinates are possible, before they are used."""
    for keyword in header:
        limit = next((most for pattern, most in _MOST if pattern.fullmatch(keyword)), None)
        value = float_value(header, keyword) if limit else None
        if (
            limit is not None
            and value is not None
            and abs(value) * _in_degrees(header, keyword) > limit
        ):
            refuse_keyword(keyword, value, f"more than {limit:g}")
        if _UNIT.fullmatch(keyword):
            check_unit(str(card_value(header, keyword)), f"the axes ({keyword})")
    axes = float_value(header, "WCSAXES")
    if axes is not None and axes < 1:
        refuse_keyword("WCSAXES", axes, "an image has axes")


def _in_degrees(header: fits.Header, keyword: str) -> float:
    """Return degrees per unit of a coordinate (CRVAL, by its CUNIT); 1 for all other keywords."""
    if not keyword.startswith("CRVAL"):
        return 1.0
    stated = f"the axes (CUNIT{keyword[5:]})"
    unit = unit_of(card_value(header, f"CUNIT{keyword[5:]}"), stated)
    if unit is None:
        return 1.0
    if not unit.is_equivalent(u.deg):
        problem = f"The unit of {stated} is {unit}, which is not one of angles."
        raise DamagedFile(problem, "Give an image with axes in degrees.")
    return float(unit.to(u.deg))


def _check_scale(wcs: WCS) -> None:
    """Check that the coordinates give a position and a possible size of pixels."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            sizes = np.sqrt(np.abs(np.linalg.det(wcs.pixel_scale_matrix)))
            place = wcs.wcs_pix2world([wcs.wcs.crpix], 1)[0]
    except (*FOREIGN_TROUBLE, WcsError) as error:
        raise _unusable(_message(error)) from None
    if not _SMALLEST_PIXEL <= sizes <= _LARGEST_PIXEL:
        raise _unusable(f"the sides of its pixels are {sizes:g} deg")
    if not np.isfinite(place).all():
        raise _unusable("its reference pixel is nowhere on the sky")


def _message(error: BaseException) -> str:
    """Return the message of astropy without references to its source code."""
    return one_line(_PLACE_IN_SOURCE.sub("", str(error)).strip(" .:\n"), 100)


def _unusable(reason: str) -> DamagedFile:
    problem = f"Its celestial coordinates cannot be used: {reason}."
    return DamagedFile(problem, "Correct CRPIX, CRVAL, CTYPE and CD or CDELT in it.")


def _frame_cards(wcs: WCS) -> list[Card]:
    frame = wcs.wcs.radesys or "FK5"
    cards: list[Card] = [("RADESYS", str(frame), "frame of the coordinates")]
    if frame == "FK5":
        cards.append(("EQUINOX", 2000.0, "equinox of the frame"))
    # NaN until the projection is set up; then it may be the default.
    if np.isfinite(wcs.wcs.lonpole):
        cards.append(("LONPOLE", float(wcs.wcs.lonpole), "[deg] native longitude of the pole"))
    return cards
