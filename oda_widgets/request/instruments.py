"""Find instruments by the names that people, files and dispatchers give them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from oda_widgets.errors import BadParameter
from oda_widgets.request.instrument import (
    ANY_ENERGY,
    FileNames,
    Instrument,
    Pair,
    read_instrument,
)
from oda_widgets.request.words import one_line


def instruments() -> tuple[Instrument, ...]:
    """Return the instruments that have products, ISGRI first, in the order of their energies.

    Examples
    --------
    >>> [instrument.name for instrument in instruments()]
    ['isgri', 'jemx1', 'jemx2', 'spi_acs']
    """
    return tuple(one for one in _all().values() if one.products)


def described(name: str) -> Instrument:
    """Return the description of an instrument.

    Raises
    ------
    BadParameter
        If no instrument of this name has products.
    """
    found = _all().get(name) if isinstance(name, str) else None
    if found is None or not found.products:
        raise BadParameter("instrument", name, "not an instrument offered here", _advice(name))
    return found


def parse_instrument(value: Any) -> str:
    """Check that an instrument is offered here, and return its name.

    Raises
    ------
    BadParameter
        If it is not; the message suggests the instrument that the name resembles.

    Examples
    --------
    >>> parse_instrument("isgri")
    'isgri'
    >>> parse_instrument("JEM-X1")
    Traceback (most recent call last):
        ...
    oda_widgets.errors.BadParameter: instrument='JEM-X1': not ... Write instrument="jemx1".
    """
    return described(value).name


def energy_range(instrument: str) -> Pair:
    """Return the lowest and the highest energy that an instrument sees, keV.

    Parameters
    ----------
    instrument
        "isgri", "jemx1", "jemx", "spi_acs" and so on; instruments that are not described have
        `ANY_ENERGY`.

    Examples
    --------
    >>> energy_range("jemx1")
    (3.0, 35.0)
    """
    for one in _all().values():
        if instrument in (one.name, one.family):
            return one.energy
    return ANY_ENERGY


def narrowest_channel(name: str) -> float:
    """Return the width of the narrowest channel of an instrument, keV; 0 if unknown."""
    found = _all().get(name)
    return 0.0 if found is None else found.narrowest


def thresholds() -> frozenset[Pair]:
    """Return the bands of instruments with one channel, whose upper end is not measured."""
    return frozenset(one.energy for one in _all().values() if one.one_channel)


def label_of(name: str) -> str:
    """Return the name of an instrument in figures and messages.

    Examples
    --------
    >>> label_of("spi_acs"), label_of("spi"), label_of("omc")
    ('SPI-ACS', 'SPI', 'OMC')
    """
    found = _all().get(name)
    return one_line(name.upper()) if found is None else found.label


def family_of(name: str) -> str:
    """Return the name that an instrument shares with identical units, by default its own."""
    found = _all().get(name)
    return name if found is None else found.family


def name_in_files(keyword: str) -> str | None:
    """Return the instrument with this keyword INSTRUME in INTEGRAL's files; None if unknown."""
    names = (one.name for one in _all().values() if one.files.instrument == keyword)
    return next(names, None)


def files_of(name: str) -> FileNames | None:
    """Return the names of an instrument in files; None if unknown."""
    found = _all().get(name)
    return None if found is None else found.files


def on_the_wire(instrument: str, parameters: Mapping[str, Any]) -> Instrument | None:
    """Return the instrument that parameters of a dispatcher choose; None if unknown.

    Parameters
    ----------
    instrument
        Its name at a dispatcher.
    parameters
        All parameters of the query; some may choose among instruments of the same name.

    Examples
    --------
    >>> on_the_wire("jemx", {"jemx_num": "1"}).name
    'jemx1'
    """
    named = [one for one in instruments() if one.wire.instrument == instrument]
    for one in named:
        own = dict(one.wire.parameters)
        given = {name: str(parameters[name]) for name in own if name in parameters}
        if given == own or (not given and one.wire.usual):
            return one
    return None


@cache
def _all() -> dict[str, Instrument]:
    """Return all instruments by name."""
    folders = files("oda_widgets") / "instruments"
    found = [
        _instrument_in(file)
        for folder in folders.iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    found.sort(key=lambda one: (one.name != "isgri", one.energy, one.name))
    return {one.name: one for one in found}


def _instrument_in(file: Traversable) -> Instrument:
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    return read_instrument(file.name.removesuffix(".toml"), document)


def _advice(name: Any) -> str:
    """Return advice for an unknown name: the instrument that it resembles, or all of them."""
    offered = instruments()
    plain = "".join(c for c in (name.lower() if isinstance(name, str) else "") if c.isalnum())
    alike = [one.name for one in offered if one.name.replace("_", "") == plain]
    alike = alike or [one.name for one in offered if one.family == plain]
    names = alike or [one.name for one in offered]
    texts = [f'instrument="{one}"' for one in names]
    return f"Write {' or '.join(texts)}." if alike else f"Choose one of: {', '.join(names)}."
