"""Resolve the names of sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oda_widgets.errors import BadParameter, UnknownSource
from oda_widgets.lookup.name_index import known_source, similar_names
from oda_widgets.lookup.name_services import NameService, online_services
from oda_widgets.lookup.positions import parse_position
from oda_widgets.request.source import Source

_LONGEST_NAME = 80
_ADVICE = 'Give a name such as "Crab", or a position such as "83.633, 22.014" (degrees).'


def resolve(
    name: Any, *, online: bool = True, services: Sequence[NameService] | None = None
) -> Source:
    """Return the source with a name, or at a position.

    Names are looked up in the reference catalogue, which needs no network, then at SIMBAD, then at
    NED; `Source.resolved_by` says which of them knows the name. Positions may have any form that
    `oda_widgets.lookup.positions.parse_position` reads.

    Parameters
    ----------
    name
        A name in any usual spelling, a position as text, a pair of numbers in degrees, of
        quantities or of texts, a `~astropy.coordinates.SkyCoord`, or a `Source`, which is returned
        unchanged.
    online
        False to query no service on the network.
    services
        Services to query; by default SIMBAD and NED.

    Raises
    ------
    BadParameter
        If the value is neither a name nor a position on the sky.
    UnknownSource
        If the name is not found; the message suggests similar names and lists the services queried.

    Examples
    --------
    >>> resolve("crab", online=False)
    Crab at (83.63..., +22.01...) deg, by reference catalogue
    >>> resolve("05:34:31.9 +22:00:52").resolved_by
    'coordinates'
    """
    if isinstance(name, Source):
        return name
    if isinstance(name, str):
        name = _checked_name(name)
    # Look up names first: "J0534+2200" and "G184.56-05.78" are names and positions.
    known = known_source(name) if isinstance(name, str) else None
    if known is not None:
        return known.source
    located = parse_position(name)
    if located is not None:
        return located
    if not isinstance(name, str):
        raise BadParameter("source", name, "neither a name nor a position", _ADVICE)
    if not online:
        services = ()
    return _found_online(name, online_services() if services is None else services)


def _checked_name(name: str) -> str:
    text = name.strip()
    if not text:
        raise BadParameter("source", name, "an empty name", _ADVICE)
    if len(text) > _LONGEST_NAME:
        raise BadParameter("source", name, f"longer than {_LONGEST_NAME} characters", _ADVICE)
    if not text.isprintable():
        raise BadParameter("source", name, "control characters in a name", _ADVICE)
    return text


def _found_online(name: str, services: Sequence[NameService]) -> Source:
    """Return the source of the first service that knows a name."""
    unreachable = []
    for service in services:
        try:
            position = service.query(name)
        except OSError:
            unreachable.append(service.name)
            continue
        if position is not None:
            return Source(name, *position, resolved_by=service.name)
    queried = [service.name for service in services if service.name not in unreachable]
    raise UnknownSource("source", name, _services_text(queried, unreachable), _advice(name))


def _services_text(queried: Sequence[str], unreachable: Sequence[str]) -> str:
    """Return which services do not know a name, and which could not be reached."""
    text = f"unknown to {_joined(['the reference catalogue', *queried])}"
    if unreachable:
        text += f"; {_joined(unreachable)} could not be reached"
    elif not queried:
        text += "; no service on the network was queried"
    return text


def _joined(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _advice(name: str) -> str:
    similar = " or ".join(f'"{other}"' for other in similar_names(name))
    return f"Did you mean {similar}? {_ADVICE}" if similar else _ADVICE
