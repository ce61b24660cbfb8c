"""The instruments that are described, by the names that people, files and dispatchers give them."""

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
        If there is none of this name.
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
        If it is not; the message says what is meant, if that can be told.

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
        "isgri", "jemx1", "jemx", "spi_acs" and so on; of one that is not INTEGRAL's any energy is
        taken.

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
    """Return the width of the narrowest channel of an instrument, keV; zero if it is not known."""
    found = _all().get(name)
    return 0.0 if found is None else found.narrowest


def thresholds() -> frozenset[Pair]:
    """Return the bands of instruments of one channel, which have no upper end that is measured."""
    return frozenset(one.energy for one in _all().values() if one.one_channel)


def label_of(name: str) -> str:
    """Return an instrument as figures and messages write it.

    Examples
    --------
    >>> label_of("spi_acs"), label_of("spi"), label_of("omc")
    ('SPI-ACS', 'SPI', 'OMC')
    """
    found = _all().get(name)
    return one_line(name.upper()) if found is None else found.label


def family_of(name: str) -> str:
    """Return the name that an instrument shares with others of its build; else its own."""
    found = _all().get(name)
    return name if found is None else found.family


def name_in_files(keyword: str) -> str | None:
    """Return our name of an instrument by INSTRUME of a file of INTEGRAL; None if it is unknown."""
    names = (one.name for one in _all().values() if one.files.instrument == keyword)
    return next(names, None)


def files_of(name: str) -> FileNames | None:
    """Return the names of an instrument in files; None if it is not described."""
    found = _all().get(name)
    return None if found is None else found.files


def on_the_wire(instrument: str, parameters: Mapping[str, Any]) -> Instrument | None:
    """Return the instrument that parameters of a dispatcher mean; None if it is unknown.

    Parameters
    ----------
    instrument
        Its name at a dispatcher.
    parameters
        All parameters, among them those that choose one of several, or none of these.

    Examples
    --------
    >>> on_the_wire("jemx", {"jemx_num": "1"}).name
    'jemx1'
    """
    named = [one for one in instruments() if one.wire.instrument == instrument]
    for one in named:
        wanted = dict(one.wire.parameters)
        asked = {name: str(parameters[name]) for name in wanted if name in parameters}
        if asked == wanted or (not asked and one.wire.usual):
            return one
    return None


@cache
def _all() -> dict[str, Instrument]:
    """Return all descriptions by name."""
    folders = files("oda_widgets") / "instruments"
    found = [
        _described_in(file)
        for folder in folders.iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    found.sort(key=lambda one: (one.name != "isgri", one.energy, one.name))
    return {one.name: one for one in found}


def _described_in(file: Traversable) -> Instrument:
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    return read_instrument(file.name.removesuffix(".toml"), document)


def _advice(name: Any) -> str:
    """Return what to write instead of a name: the instrument that it sounds like, or the list."""
    offered = instruments()
    wanted = "".join(c for c in (name.lower() if isinstance(name, str) else "") if c.isalnum())
    alike = [one.name for one in offered if one.name.replace("_", "") == wanted]
    alike = alike or [one.name for one in offered if one.family == wanted]
    names = alike or [one.name for one in offered]
    texts = [f'instrument="{one}"' for one in names]
    return f"Write {' or '.join(texts)}." if alike else f"Choose one of: {', '.join(names)}."
