"""The description of an instrument: energies, field of view, products, and its names elsewhere.

Each instrument is described once, by the file ``instruments/<folder>/<name>.toml``; the name of the
file is the name of the instrument. Descriptions are data, not code, so that queries can read them
although the code of instruments stands above queries. Adding a file adds an instrument; nothing
else lists their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

IMAGE, SPECTRUM, LIGHT_CURVE = "image", "spectrum", "light_curve"
KINDS = (IMAGE, SPECTRUM, LIGHT_CURVE)
ANY_ENERGY = (0.0, 1e15)
"""Lowest and highest energy that a file of any instrument may state, keV."""

Pair = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class FileNames:
    """The names of an instrument and of its products in files.

    Parameters
    ----------
    instrument, detector
        Values of the keywords INSTRUME and DETNAM.
    image, spectrum, light_curve
        Names of the extensions; empty if there is no such product.
    """

    instrument: str
    detector: str
    image: str = ""
    spectrum: str = ""
    light_curve: str = ""


@dataclass(frozen=True, kw_only=True)
class WireNames:
    """The names of an instrument and of its products at a dispatcher, and the limits it sets.

    Parameters
    ----------
    instrument
        Its name; empty if dispatchers do not have it.
    parameters
        Parameters, and their values, that choose it among instruments of the same name.
    usual
        True if it is the default among instruments of the same name.
    image, spectrum, light_curve
        Names of the products; empty if there is no such product.
    energy
        Lowest and highest energy that a dispatcher accepts, keV.
    band
        Default band, keV.
    radius
        Default angle within which windows are chosen, degrees.
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
        """Return the name of the product of a kind; empty if there is none."""
        return {IMAGE: self.image, SPECTRUM: self.spectrum, LIGHT_CURVE: self.light_curve}[kind]


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """The description of an instrument.

    Parameters
    ----------
    name
        As in ``instrument="jemx1"``.
    label
        Name in figures and messages, "JEM-X1".
    family
        Name shared by identical units, "jemx"; by default the name of the instrument.
    products
        Kinds of products, from `KINDS`; if empty, only files of the instrument can be read.
    sources
        False if its rates are those of the whole sky, so that its queries name no source.
    energy
        Lowest and highest energy, keV.
    narrowest
        Width of its narrowest channel, keV.
    band
        Default band of a query, keV.
    presets
        Bands that the page offers, keV.
    radius
        Default angle between pointing and source within which windows are chosen, degrees.
    field
        Angle from the line of sight beyond which it sees nothing, degrees.
    time_bins
        Shortest and longest bin of a light curve, seconds.
    files
        Its names in files.
    wire
        Its names at a dispatcher.
    good_time
        Column of its good time in lists of science windows.
    mode, mode_on
        Column of its mode in the index of an archive, and the value of windows with data; empty if
        the mode does not matter.
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
        """Whether it has a single channel, so that there is no energy to choose.

        Examples
        --------
        >>> from oda_widgets.request.instruments import described
        >>> described("spi_acs").one_channel, described("isgri").one_channel
        (True, False)
        """
        low, high = self.energy
        return self.narrowest >= high - low


def read_instrument(name: str, document: Mapping[str, Any]) -> Instrument:
    """Return an instrument from its TOML document.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is not of the form of ``instruments/isgri/isgri.toml``.
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
