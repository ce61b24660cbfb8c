"""Read and write region files of DS9, as catalogues of positions or as circles and boxes."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle

from oda_widgets.errors import BadParameter, DamagedFile, FileWarning, shorten
from oda_widgets.products.files.catalog_columns import distinct_names
from oda_widgets.products.files.positions import degrees_of, frame_of, within_a_turn
from oda_widgets.products.files.text_limits import check_text
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.numbers import number_in
from oda_widgets.request.sky_region import BOX, CIRCLE, SkyRegion, with_own_names

_SHAPE = re.compile(
    r"^(?P<sign>[-+]?)\s*(?P<kind>circle|point|ellipse|annulus|box|text)\s*"
    r"(\((?P<inside>[^)]*)\)|\s(?P<bare>[^#]*))(?P<rest>.*)$",
    re.IGNORECASE,
)
_POINTS = ("circle point", "box point", "diamond point", "cross point", "x point", "arrow point")
# Frames on the sky; any other single word is taken for a frame of another kind.
_FRAMES = ("fk5", "fk4", "icrs", "j2000", "b1950", "galactic", "supergalactic", "ecliptic")
_ONE_WORD = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)
# A further shape after the first: unions, differences and intersections.
_FURTHER_SHAPE = re.compile(r"\s*([-+&*|!]|(or|and|not)\b)", re.IGNORECASE)
_SEXAGESIMAL = re.compile(r"[:hdrs°]|\d\s+\d", re.IGNORECASE)
# The end of a label is found separately: a pattern with the end would take quadratic time.
_LABEL = re.compile(r"text\s{0,9}=\s{0,9}(?P<mark>[{\"'])")
_ENDS = {"{": "}", '"': '"', "'": "'"}
_OTHER_SHAPE = "of other shapes"
_EXCLUDED = "that DS9 excludes (as -circle; a source that is not selected has dash=1)"
_LONGEST_LINE = 10_000  # characters
_NOT_INCLUDED = re.compile(r"\binclude\s{0,9}=\s{0,9}0\b")  # written by the package regions
_DASHED = re.compile(r"\bdash\s*=\s*1\b")
_UNITS = {'"': u.arcsec, "'": u.arcmin, "d": u.deg, "r": u.rad}
# Degrees, about the point spread of ISGRI: drawn around a source without an error radius.
NO_RADIUS = 0.1
_TO_CENTRE = 2  # longitude and latitude
_EQUATORIAL = ("fk5", "icrs", "j2000")  # frames in which an angle is one of J2000
MOST_SHAPES = 150  # that can be listed beside an image
_MOST_REGIONS, _MOST_STATEMENTS = 20_000, 300_000


@dataclass(frozen=True)
class _Region:
    """A region as stored in the file, with its position in degrees in its own frame."""

    name: str
    frame: str
    longitude: float
    latitude: float
    radius: float
    selected: bool
    kind: str
    lengths: tuple[str, ...]  # lengths and angle as text
    excluded: bool


def catalog_of_regions(content: bytes, simulated_label: str) -> SourceCatalog:
    """Return the catalogue of a region file.

    Parameters
    ----------
    content
        Bytes of the file. Labels become names; regions without a label are numbered.
    simulated_label
        Comment that marks simulated sources.

    Raises
    ------
    DamagedFile
        If it has no region on the sky, or too many, or is in the frame of an image.
    """
    text = _text(content)
    found, left_out = _regions(text)
    regions = [region for region in found if not region.excluded]
    left_out[_EXCLUDED] += len(found) - len(regions)
    _warn_of_left_out(left_out)
    if not regions and left_out.total():
        raise DamagedFile("There is no circle, ellipse or point in it.", "Give one a source.")
    return SourceCatalog(_sources(regions), simulated=simulated_label in text)


def regions_of(content: bytes) -> tuple[SkyRegion, ...]:
    """Return the circles and boxes of a region file, with distinct names.

    Parameters
    ----------
    content
        Bytes of the file. Labels become names.

    Raises
    ------
    DamagedFile
        If it has none, or too many, or is in the frame of an image.
    """
    found, left_out = _regions(_text(content))
    shapes = [_shape(region) for region in found]
    regions = [shape for shape in shapes if shape is not None]
    left_out[_OTHER_SHAPE] += len(shapes) - len(regions)
    _warn_of_left_out(left_out)
    if not regions:
        advice = "Draw one in DS9 and save it as fk5, in degrees."
        raise DamagedFile("There is no circle or box on the sky in it.", advice)
    if len(regions) > MOST_SHAPES:
        problem = f"It has more than {MOST_SHAPES} circles and boxes."
        raise DamagedFile(problem, "Give those that are needed.")
    return with_own_names(regions)


def region_content(regions: Iterable[SkyRegion]) -> bytes:
    """Return circles and boxes as the content of a region file of DS9."""
    lines = ["# Region file format: DS9 version 4.1", "global color=green width=1", "fk5"]
    return ("\n".join([*lines, *map(_line, regions)]) + "\n").encode()


def _line(region: SkyRegion) -> str:
    values = [region.ra, region.dec, *region.size]
    values += [region.angle] if region.kind == BOX else []
    inside = ",".join(map(repr, values))
    name = region.name.replace("{", "(").replace("}", ")")
    return f"{'-' if region.excluded else ''}{region.kind}({inside}) # text={{{name}}}"


def _shape(region: _Region) -> SkyRegion | None:
    """Return a region as circle or box; None if neither, or a box in a frame other than J2000."""
    box = region.kind == BOX and region.frame in _EQUATORIAL
    if not (box or region.kind == CIRCLE) or len(region.lengths) not in ((2, 3) if box else (1,)):
        return None
    sizes = region.lengths[:2] if box else region.lengths
    angle = number_in(region.lengths[2]) if len(region.lengths) > 2 else 0.0
    if angle is None:
        problem = f"The angle {shorten(region.lengths[2])} of a region is no number."
        raise DamagedFile(problem, "Give degrees.")
    ra, dec = frame_of(region.frame).j2000(
        np.array([region.longitude]), np.array([region.latitude])
    )
    size = tuple(_length(text) for text in sizes)
    middle = float(within_a_turn(ra)[0]), float(dec[0])
    try:
        return SkyRegion(region.name, region.kind, *middle, size, angle, region.excluded)
    except BadParameter as error:
        raise DamagedFile(error.problem, "Correct the region.") from None


def _text(content: bytes) -> str:
    check_text(content)
    if content.count(b";") > _MOST_STATEMENTS:
        problem = f"It has more than {_MOST_STATEMENTS:,} statements."
        raise DamagedFile(problem, "Give the regions that are needed.")
    return content.decode("utf-8-sig", "replace")


def _warn_of_left_out(left_out: Counter[str]) -> None:
    """Warn of the regions that were left out, by reason."""
    for reason, number in (+left_out).items():
        what = f"1 region {reason} was" if number == 1 else f"{number} regions {reason} were"
        warnings.warn(f"{what} left out.", FileWarning, stacklevel=4)


def _regions(text: str) -> tuple[list[_Region], Counter[str]]:
    """Return the regions of a file, and the numbers of those left out by reason."""
    frame, regions, left_out = "", list[_Region](), Counter[str]()
    for line in (part.strip() for raw in text.splitlines() for part in _statements(raw)):
        lower = line.lower()
        word = lower.partition("#")[0].strip(" \t,")
        if _ONE_WORD.fullmatch(word):
            frame = _frame(word)
        elif not lower or lower.startswith(("#", "global")):
            continue
        else:
            region = _region(line, frame, len(regions) + 1)
            if region is None:
                left_out[_OTHER_SHAPE] += 1
            else:
                regions.append(region)
        if len(regions) > _MOST_REGIONS:
            problem = f"It has more than {_MOST_REGIONS:,} regions."
            raise DamagedFile(problem, "Give those that are needed.")
    return regions, left_out


def _frame(word: str) -> str:
    """Check that a word is a frame on the sky, and return it for the regions that follow.

    Raises
    ------
    DamagedFile
        If it is not.
    """
    if word not in _FRAMES:
        problem = f"Its regions are in the frame {word}, which is not one of the sky."
        raise DamagedFile(problem, "Save them from DS9 as fk5, in degrees.")
    return word


def _statements(line: str) -> list[str]:
    """Return the statements of a line, which are separated by ; or || outside of labels."""
    before, mark, label = line.partition("#")
    parts = before.replace("||", ";").split(";")
    return [*parts[:-1], parts[-1] + mark + label]


def _region(line: str, frame: str, number: int) -> _Region | None:
    if len(line) > _LONGEST_LINE:
        problem = f"It has a region of more than {_LONGEST_LINE:,} characters."
        raise DamagedFile(problem, "Give circles, with labels of some words.")
    for point in _POINTS:
        line = line.replace(point, "point")
    shape = _SHAPE.match(line)
    if shape is None:
        return None
    values = _values(shape["inside"] or shape["bare"] or "")
    if len(values) < _TO_CENTRE or any(" " in value for value in values):
        raise DamagedFile(f"The region {shorten(line)} has no position.", "Correct the line.")
    if _FURTHER_SHAPE.match(shape["rest"]):
        problem = f"The region {shorten(line)} is made of several shapes."
        raise DamagedFile(problem, "Write each in a line of its own.")
    frame = frame or _default_frame(line, values)
    hours = frame_of(frame).is_equatorial
    name = _label(line)
    return _Region(
        name=name.strip() or f"region {number}",
        frame=frame,
        longitude=float(degrees_of(values[:1], None, "A region", hours=hours)[0]),
        latitude=float(degrees_of(values[1:2], None, "A region", hours=False)[0]),
        radius=_radius(values[2]) if len(values) > _TO_CENTRE and _is_circle(shape) else 0.0,
        selected=not _DASHED.search(line),
        kind=shape["kind"].lower(),
        lengths=tuple(values[_TO_CENTRE:]),
        excluded=shape["sign"] == "-" or _NOT_INCLUDED.search(shape["rest"]) is not None,
    )


def _default_frame(line: str, values: list[str]) -> str:
    """Return FK5 for a region without a frame whose angles are sexagesimal or have units.

    Raises
    ------
    DamagedFile
        If its numbers may be pixels, as in files of DS9 and CIAO.
    """
    if all(_SEXAGESIMAL.search(value) for value in values[:_TO_CENTRE]):
        return "fk5"
    problem = f"No frame is stated before the region {shorten(line)}, which may be in pixels."
    raise DamagedFile(
        problem, "Write a line fk5 before it, or save it from DS9 as fk5, in degrees."
    )


def _label(line: str) -> str:
    """Return the first label of a region; "" if there is none, or it does not end."""
    found = _LABEL.search(line)
    if found is None:
        return ""
    end = line.find(_ENDS[found["mark"]], found.end())
    return line[found.end() : end] if end >= 0 else ""


def _values(text: str) -> list[str]:
    """Return the values of a region, separated by commas, or by blanks if there are none."""
    parts = text.split(",") if "," in text else text.split()
    return [" ".join(part.split()) for part in parts if part.strip()]


def _is_circle(shape: re.Match[str]) -> bool:
    return shape["kind"].lower() == CIRCLE


def _radius(text: str) -> float:
    """Return the radius of a circle as the error of a position, degrees."""
    radius = _length(text)
    return 0.0 if radius == NO_RADIUS else radius


def _length(text: str) -> float:
    """Return a length in degrees; ' and " mean arcminutes and arcseconds."""
    unit = _UNITS.get(text[-1])
    number = number_in(text[:-1] if unit else text)
    if number is None or not isfinite(number) or number < 0:
        problem = f"The radius {shorten(text)} of a region is no number of 0 or more."
        raise DamagedFile(problem, "Give degrees, or arcminutes with '.")
    return number if unit is None else float(Angle(number, unit).deg)


def _sources(regions: list[_Region]) -> tuple[CatalogSource, ...]:
    """Return regions as sources with distinct names at J2000 positions."""
    names, _ = distinct_names([region.name for region in regions])
    ra, dec = np.zeros(len(regions)), np.zeros(len(regions))
    for frame in {
        region.frame for region in regions
    }:  # one call for each frame: a call takes milliseconds
        here = [n for n, region in enumerate(regions) if region.frame == frame]
        longitude = np.array([regions[n].longitude for n in here])
        latitude = np.array([regions[n].latitude for n in here])
        ra[here], dec[here] = frame_of(frame).j2000(longitude, latitude)
    return tuple(
        CatalogSource(name, x, y, error_radius=region.radius, selected=region.selected)
        for name, x, y, region in zip(
            names, within_a_turn(ra).tolist(), dec.tolist(), regions, strict=True
        )
    )
