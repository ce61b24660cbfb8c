"""What each instrument is: names, energies, field of view, products, words in files and on wires.

Each is described once, by the file ``instruments/<folder>/<name>.toml``, and the name of the file
is the name of the instrument. Descriptions are data and not code, so that queries can read them
though the code of instruments stands above queries, and an instrument is added by adding a file.
Whoever needs to know something of an instrument reads it here; no other place lists their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

IMAGE, SPECTRUM, LIGHT_CURVE = "image", "spectrum", "light_curve"
KINDS = (IMAGE, SPECTRUM, LIGHT_CURVE)
ANY_ENERGY = (0.0, 1e15)
"""Energies that a file of any instrument may state, keV."""

Pair = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class FileNames:
    """What the files of an instrument call it and its products.

    Parameters
    ----------
    instrument, detector
        INSTRUME and DETNAM.
    image, spectrum, light_curve
        Names of the extensions; empty where there is no such product.
    """

    instrument: str
    detector: str
    image: str = ""
    spectrum: str = ""
    light_curve: str = ""


@dataclass(frozen=True, kw_only=True)
class WireNames:
    """What a dispatcher calls an instrument and its products, and the limits that it sets.

    Parameters
    ----------
    instrument
        Its name; empty if dispatchers do not have it.
    parameters
        Parameters that choose it among several of one name, and their values.
    usual
        True for the one of several that is meant when none is chosen.
    image, spectrum, light_curve
        Names of the products; empty where there is none.
    energy
        Lowest and highest energy that is taken, keV.
    band
        Band in keV when none is given.
    radius
        Angle in degrees within which windows are chosen when none is given.
    catalog
        Columns of catalogues that other instruments do not have.
    """

    instrument: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    usual: bool = False
    image: str = ""
    spectrum: str = ""
    light_curve: str = ""
    energy: Pair = ANY_ENERGY
    band: Pair = ANY_ENERGY
    radius: float = 180.0
    catalog: tuple[str, ...] = ()

    def product(self, kind: str) -> str:
        """Return the name of a product of some kind; empty if there is none."""
        return {IMAGE: self.image, SPECTRUM: self.spectrum, LIGHT_CURVE: self.light_curve}[kind]


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """The description of an instrument.

    Parameters
    ----------
    name
        As in ``instrument="jemx1"``.
    label
        As figures and messages write it, "JEM-X1".
    family
        The name that units of one build share, "jemx"; else that of the instrument.
    products
        Kinds of products, some of `KINDS`; of an instrument without any only files are read.
    sources
        False if its rates are those of the whole sky: then its queries name no source.
    energy
        Lowest and highest energy, keV.
    narrowest
        Width of its narrowest channel, keV.
    band
        Band of a query that names none, keV.
    presets
        Bands that the page offers, keV.
    radius
        Angle in degrees between pointing and source within which windows are chosen.
    field
        Angle from the line of sight in degrees beyond which it sees nothing.
    time_bins
        Shortest and longest bin of a light curve, seconds.
    files
        Its names in files.
    wire
        Its names at a dispatcher.
    good_time
        Column of its good time in lists of science windows.
    mode, mode_on
        Column of its mode in the index of an archive, and its value in windows with data; empty if
        its mode is not looked at.
    references
        The papers to cite.

    Examples
    --------
    >>> from oda_widgets.request.instruments import described
    >>> jemx = described("jemx1")
    >>> jemx.label, jemx.energy, jemx.radius, jemx.wire.instrument
    ('JEM-X1', (3.0, 35.0), 4.0, 'jemx')
    """

    name: str
    label: str
    family: str
    products: tuple[str, ...]
    files: FileNames
    energy: Pair
    sources: bool = True
    narrowest: float = 0.0
    band: Pair = ANY_ENERGY
    presets: tuple[Pair, ...] = ()
    radius: float = 180.0
    field: float = 180.0
    time_bins: Pair = (0.0, inf)
    wire: WireNames = WireNames()
    good_time: str = ""
    mode: str = ""
    mode_on: int = 0
    references: tuple[str, ...] = ()

    @property
    def one_channel(self) -> bool:
        """Whether it has a single channel: there are no energies to choose.

        Examples
        --------
        >>> from oda_widgets.request.instruments import described
        >>> described("spi_acs").one_channel, described("isgri").one_channel
        (True, False)
        """
        low, high = self.energy
        return self.narrowest >= high - low


def read_instrument(name: str, document: Mapping[str, Any]) -> Instrument:
    """Return the description in the document of an instrument.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is not as in ``instruments/isgri/isgri.toml``.
    """
    energy = document["energy"]
    field, bins = document.get("field", {}), document.get("time_bin", {})
    archive, wire = document.get("archive", {}), document.get("dispatcher", {})
    return Instrument(
        name=name,
        label=document["label"],
        family=document.get("family", name),
        products=tuple(kind for kind in KINDS if kind in document["products"]),
        files=FileNames(**document["files"]),
        energy=_pair(energy["range"]),
        sources=document.get("sources", True),
        narrowest=float(energy.get("narrowest", 0.0)),
        band=_pair(energy.get("band", energy["range"])),
        presets=tuple(map(_pair, energy.get("presets", ()))),
        radius=float(field.get("radius", 180)),
        field=float(field.get("limit", 180)),
        time_bins=_pair(bins.get("range", (0, inf))),
        wire=_wire(wire),
        good_time=archive.get("good_time", ""),
        mode=archive.get("mode", ""),
        mode_on=archive.get("mode_on", 0),
        references=tuple(document.get("references", ())),
    )


def _wire(document: Mapping[str, Any]) -> WireNames:
    if not document:
        return WireNames()
    return WireNames(
        instrument=document["instrument"],
        parameters=tuple(sorted(document.get("parameters", {}).items())),
        usual=document.get("usual", False),
        **{kind: document.get(kind, "") for kind in KINDS},
        energy=_pair(document["energy"]),
        band=_pair(document["band"]),
        radius=float(document["radius"]),
        catalog=tuple(document["catalog"]),
    )


def _pair(numbers: Any) -> Pair:
    low, high = map(float, numbers)
    return low, high
