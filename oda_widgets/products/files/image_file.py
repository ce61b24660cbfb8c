"""Read and write sky images in the form of OSA's and MMODA's mosaics."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np
from astropy import units as u
from astropy.io import fits

from oda_widgets.arrays import Floats, Singles
from oda_widgets.errors import BadParameter, DamagedFile, FileWarning
from oda_widgets.products.files.band_keywords import read_band
from oda_widgets.products.files.cards import Card, append_cards, float_value, text_value
from oda_widgets.products.files.catalog_columns import catalog_of
from oda_widgets.products.files.catalog_hdu import CATALOG_NAMES, catalog_hdu, read_table
from oda_widgets.products.files.celestial import (
    celestial_cards,
    check_same_places,
    read_celestial,
)
from oda_widgets.products.files.container import damage_reported, decode, label_of
from oda_widgets.products.files.grouping import grouping_hdu
from oda_widgets.products.files.observation_keywords import (
    extension_name,
    observation_cards,
    observation_tables,
    primary_hdu,
    read_observation,
)
from oda_widgets.products.files.source_keywords import read_target, source_cards
from oda_widgets.products.files.units import converted
from oda_widgets.products.image import SkyImage
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.instrument import IMAGE
from oda_widgets.request.paths import PathLike

_SQUARE = re.compile(r"\((.+)\)\s*(?:\*\*|\^)?\s*\(?2\)?")  # (counts/sec)**2, as OSA writes
_FORMAT_CARDS: tuple[Card, ...] = (
    ("GRPID1", 1, "EXTVER of the group this belongs to"),
    ("HDUCLASS", "OGIP", "format conforms mostly to OGIP standards"),
    ("HDUCLAS1", "IMAGE", "a sky image"),
    ("CHANTYPE", "PI", "type of detector channels"),
)


@dataclass(frozen=True)
class _Map:
    """A map of an image: its name in IMATYPE, its field in `SkyImage`, and its unit.

    Units are those of the FITS standard. OSA's "counts/sec", "no units" and "sec" are not, so that
    programs such as gammapy cannot read them.
    """

    kind: str
    field: str
    unit: str


_MAPS = (
    _Map("INTENSITY", "intensity", "count/s"),
    _Map("VARIANCE", "variance", "count**2/s**2"),
    _Map("SIGNIFICANCE", "significance", ""),
    _Map("EXPOSURE", "exposure", "s"),
)
# OSA's names of the maps of JEM-X.
_OTHER_KINDS = {
    "RECONSTRUCTED": "INTENSITY",
    "RECTIFIED": "INTENSITY",
    "FLUX": "INTENSITY",
    "VARIA": "VARIANCE",
    "SIGNI": "SIGNIFICANCE",
    "SIGNIFICANCE MAP": "SIGNIFICANCE",
    "EXPO": "EXPOSURE",
}


def image_hdus(image: SkyImage, history: tuple[str, ...] = ()) -> list[Any]:
    """Return a sky image as the HDUs of a file."""
    name = extension_name(image.observation.instrument, IMAGE)
    return [
        primary_hdu(image.observation, history, image.provenance),
        grouping_hdu(name, [a_map.kind for a_map in _MAPS], image.energy, image.observation),
        *(_map_hdu(image, a_map, version) for version, a_map in enumerate(_MAPS, start=1)),
        catalog_hdu(image.catalog, name.replace("-IMA", "-RES")),
        *observation_tables(image.observation),
    ]


def read_image(path: PathLike | fits.HDUList, energy: EnergyBand | None = None) -> SkyImage:
    """Read a sky image from a file or its HDUs (see `SkyImage.read`)."""
    hdus = decode(path)
    with damage_reported(path):
        bands = _bands(hdus)
    band = _choose(bands, energy, path)
    with damage_reported(path):
        return _image(hdus, bands[band], band)


def _map_hdu(image: SkyImage, a_map: _Map, version: int) -> fits.ImageHDU:
    name = extension_name(image.observation.instrument, IMAGE)
    hdu = fits.ImageHDU(np.asarray(getattr(image, a_map.field), np.float32), name=name)
    hdu.ver = version
    cards: list[Card] = [
        ("BUNIT", a_map.unit, "unit of the pixel values"),
        ("IMATYPE", a_map.kind, "type of image"),
        *celestial_cards(image.wcs),
        *observation_cards(image.observation),
        *(source_cards(image.target) if image.target else []),
        *_FORMAT_CARDS,
        *_band_cards(image.energy),
    ]
    append_cards(hdu.header, cards)
    return hdu


def _band_cards(energy: EnergyBand) -> list[Card]:
    return [
        ("CHANMIN", floor(energy.low), "lowest channel of the energy range"),
        ("CHANMAX", ceil(energy.high), "highest channel of the energy range"),
        ("E_MIN", energy.low, "[keV] lower energy limit"),
        ("E_MEAN", (energy.low + energy.high) / 2, "[keV] mean energy"),
        ("E_MAX", energy.high, "[keV] upper energy limit"),
    ]


def _bands(hdus: fits.HDUList) -> dict[EnergyBand, dict[str, Any]]:
    """Return the HDUs of all maps, by energy band and kind."""
    bands: dict[EnergyBand, dict[str, Any]] = {}
    for hdu in (each for each in hdus if is_map(each)):
        band = read_band(hdu.header)
        if band is None:
            continue
        maps, kind = bands.setdefault(band, {}), _kind(hdu.header)
        if kind in maps:
            problem = f"It has several maps of {kind} for {band}."
            raise DamagedFile(problem, "Give a file with one image for each energy band.")
        maps[kind] = hdu
    if not bands:
        raise _no_map(hdus)
    return bands


def _no_map(hdus: fits.HDUList) -> DamagedFile:
    """Return the error for a file in which no map states its kind and band."""
    number = sum(hdu.is_image and hdu.data is not None for hdu in hdus)
    problem = "No image in it states its kind and band (keywords IMATYPE, E_MIN and E_MAX)."
    if number == 1:
        problem += (
            " It holds a single map: its errors do not follow from it, which an image needs "
            "(maps of intensity, variance and significance)."
        )
    return DamagedFile(problem, "Give the mosaic of OSA, MMODA or oda_widgets with all its maps.")


def is_map(hdu: Any) -> bool:
    """Return whether an HDU is a map and states its kind and band."""
    energies = (float_value(hdu.header, "E_MIN"), float_value(hdu.header, "E_MAX"))
    return bool(hdu.is_image and _kind(hdu.header) and None not in energies)


def _kind(header: fits.Header) -> str:
    stated = (text_value(header, "IMATYPE") or "").upper()
    return _OTHER_KINDS.get(stated, stated)


def _choose(
    bands: dict[EnergyBand, dict[str, Any]],
    energy: EnergyBand | None,
    path: PathLike | fits.HDUList,
) -> EnergyBand:
    if energy in bands:
        return energy
    if energy is None and len(bands) == 1:
        return next(iter(bands))
    limit = f"{label_of(path)} has images of several energy bands"
    if energy is not None:
        limit = f"{label_of(path)} has no image of this energy band"
    known = "; ".join(str(band) for band in bands)
    raise BadParameter("energy", energy, limit, f"Choose one of: {known}.")


def _image(hdus: fits.HDUList, maps: dict[str, Any], band: EnergyBand) -> SkyImage:
    missing = [a_map.kind for a_map in _MAPS[:3] if a_map.kind not in maps]
    if missing:
        problem = f"It has no map of {', '.join(missing)} for {band}."
        raise DamagedFile(problem, "Give the file as OSA or MMODA wrote it, with all its maps.")
    maps = _with_exposure(maps)
    pixels = {a_map.field: _pixels(maps[a_map.kind], a_map) for a_map in _MAPS}
    if len({array.shape for array in pixels.values()}) > 1:
        raise DamagedFile("Its maps differ in size.", "Give the file as it was written.")
    header = maps["SIGNIFICANCE"].header
    _check_places(maps)
    return SkyImage(
        **_blank_outside(pixels),
        wcs=read_celestial(header),
        energy=band,
        catalog=_catalog(hdus),
        observation=read_observation(hdus, header),
        target=read_target(header),
        provenance=None,  # a file holds the id of its node, not its whole history
    )


def _with_exposure(maps: dict[str, Any]) -> dict[str, Any]:
    """Return maps including exposure; if missing, it is that of the header everywhere."""
    if "EXPOSURE" in maps:
        return maps
    given = maps["INTENSITY"]
    seconds = float_value(given.header, "EXPOSURE", "ONTIME") or np.nan
    text = f"It has no map of EXPOSURE: {seconds:g} s are put everywhere, as its header states."
    if np.isnan(seconds):
        text = "It has no map of EXPOSURE, and its header states none: exposures are not known."
    warnings.warn(text, FileWarning, stacklevel=4)
    header = given.header.copy()
    header.remove("BUNIT", ignore_missing=True)  # that of the intensity
    return maps | {"EXPOSURE": fits.ImageHDU(np.full(given.shape, seconds), header)}


def _pixels(hdu: Any, a_map: _Map) -> Singles:
    pixels = _in_unit(np.array(hdu.data, dtype=np.float64), hdu.header, a_map).astype(np.float32)
    if pixels.ndim != 2:
        problem = (
            f"The map {text_value(hdu.header, 'IMATYPE')} has {pixels.ndim} axes instead of 2."
        )
        raise DamagedFile(problem, "Give a sky image of one energy band.")
    if hdu.fileinfo() is not None:  # free memory: four maps at once may take a gigabyte
        del hdu.data
    return pixels


def _in_unit(pixels: Floats, header: fits.Header, a_map: _Map) -> Floats:
    """Return pixels in the unit of a map; warn and leave them if the unit is not convertible."""
    stated = text_value(header, "BUNIT")
    if stated is None or not a_map.unit:
        return pixels
    square = _SQUARE.fullmatch(stated)
    wanted = u.Unit(a_map.unit) ** (0.5 if square else 1)
    try:
        factor = converted(1.0, square[1] if square else stated, wanted, f"the map {a_map.kind}")
    except DamagedFile as error:
        text = f"{error.problem} Its values are taken as they stand."
        warnings.warn(text, FileWarning, stacklevel=5)
        return pixels
    return pixels * (factor**2 if square else factor)


def _check_places(maps: dict[str, Any]) -> None:
    """Check that all maps have the same places on the sky."""
    header = maps["SIGNIFICANCE"].header
    for kind, hdu in maps.items():
        if hdu.header is not header and "CTYPE1" in hdu.header:
            check_same_places(kind, hdu.header, "SIGNIFICANCE", header, hdu.shape)


def _blank_outside(pixels: dict[str, Singles]) -> dict[str, Singles]:
    """Set pixels without data to NaN; OSA sets all their maps, and the variance, to zero."""
    below = pixels["variance"] < 0
    if below.any():
        if not np.any(pixels["variance"] > 0):
            problem = "Its map of VARIANCE is nowhere above 0, so that no error follows."
            raise DamagedFile(problem, "Give the file as OSA or MMODA wrote it.")
        text = f"{below.sum()} pixels of the map of VARIANCE are below 0: left without data."
        warnings.warn(text, FileWarning, stacklevel=5)
    outside = below | (pixels["variance"] == 0)
    for field in ("intensity", "variance", "significance"):
        pixels[field][outside | np.isinf(pixels[field])] = np.nan
    return pixels


def _catalog(hdus: fits.HDUList) -> SourceCatalog:
    for name in CATALOG_NAMES:
        if name in hdus:
            return catalog_of(read_table(hdus[name]))
    return SourceCatalog()
