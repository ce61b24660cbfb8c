"""Queries for images, spectra and light curves, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from oda_widgets.abilities import Displayed
from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import SourceCatalog
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.identity import identity
from oda_widgets.request.numbers import number_within
from oda_widgets.request.science_windows import parse_identifiers
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval, parse_intervals
from oda_widgets.request.words import counted, listed, one_line

INSTRUMENTS = ("isgri",)
DEFAULT_BAND = EnergyBand(28, 80)
DEFAULT_THRESHOLD = 6.0
SEARCH_THRESHOLD = 5.0  # sigma, above which images are searched for sources
LOWEST_THRESHOLD = 3.0  # sigma, for sources whose positions are known
SHORTEST_BIN = 0.01
LONGEST_BIN = 1e6
MOST_WINDOWS = 10_000
# Beginning of the name of an instrument, its product at a dispatcher, further parameters of it.
_OTHERS = (("jemx", "jemx_image", ", jemx_num=2"), ("spi", "spi_acs_lc", ""))


class _Named(type):
    """Check the names of the parameters when a query is made: Python's message has no advice."""

    def __call__(cls, *given: Any, **named: Any) -> Any:
        _check_names(cls, given, named)
        return super().__call__(**named)


class _Query(Displayed, metaclass=_Named):
    """What queries of every kind can do."""

    @property
    def identity(self) -> str:
        """Hex SHA-256 of the query; equal for queries that ask for the same."""
        return _identity(self)

    def __repr__(self) -> str:
        return "\n".join(_words(self))


@dataclass(frozen=True, kw_only=True, repr=False)
class ImageQuery(_Query):
    """Ask for a sky image and the sources in it.

    Parameters
    ----------
    science_windows
        Identifiers, as given by ``site.science_windows``, 10,000 at most.
    energy
        Band in keV.
    source
        The target: it is labelled, and always measured.
    catalog
        Sources to measure at fixed positions whatever their significance.
    intervals
        Restrict the image to these intervals of time; empty means all good time.
    detection_threshold
        Lowest significance listed in the catalogue, 3 or more; below 5 only sources of the
        reference catalogue are listed, measured at their positions. Display only: it
        changes no image and is not part of the identity.
    instrument
        "isgri".

    Raises
    ------
    BadParameter
        If a value cannot be accepted, or a parameter is unknown, missing or given without its name.

    Examples
    --------
    >>> oda.ImageQuery(science_windows=windows, energy=(28, 150)).energy
    EnergyBand 28–150 keV
    """

    science_windows: tuple[str, ...]
    energy: EnergyBand = DEFAULT_BAND
    source: Source | None = None
    catalog: SourceCatalog = field(default_factory=SourceCatalog)
    intervals: tuple[TimeInterval, ...] = ()
    detection_threshold: float = field(default=DEFAULT_THRESHOLD, compare=False)
    instrument: str = "isgri"

    def __post_init__(self) -> None:
        _normalise(self)
        _check_source(self.source)
        threshold = number_within(
            "detection_threshold", self.detection_threshold, LOWEST_THRESHOLD, 1e6
        )
        object.__setattr__(self, "detection_threshold", threshold)


@dataclass(frozen=True, kw_only=True, repr=False)
class SpectrumQuery(_Query):
    """Ask for the spectra of all sources of a catalogue, fitted together.

    Parameters
    ----------
    science_windows, intervals, instrument
        As in `ImageQuery`.
    catalog
        Sources to fit together, at least one.

    Raises
    ------
    BadParameter
        As for `ImageQuery`, or if no source of the catalogue is selected.

    Examples
    --------
    >>> oda.SpectrumQuery(science_windows=windows, catalog=catalog).catalog.names
    ('SGR 1935+2154', 'Cyg X-1')
    """

    science_windows: tuple[str, ...]
    catalog: SourceCatalog
    intervals: tuple[TimeInterval, ...] = ()
    instrument: str = "isgri"

    def __post_init__(self) -> None:
        _normalise(self)
        _need_sources(self.catalog)


@dataclass(frozen=True, kw_only=True, repr=False)
class LightCurveQuery(_Query):
    """Ask for the light curves of all sources of a catalogue, fitted together.

    Parameters
    ----------
    science_windows, energy, intervals, instrument
        As in `ImageQuery`.
    catalog
        Sources to fit together, at least one.
    time_bin
        Bin width in seconds, from 0.01 to 1e6.

    Raises
    ------
    BadParameter
        As for `SpectrumQuery`, or if the bin width is outside its limits.

    Examples
    --------
    >>> oda.LightCurveQuery(science_windows=windows, catalog=catalog, time_bin=100).time_bin
    100.0
    """

    science_windows: tuple[str, ...]
    catalog: SourceCatalog
    energy: EnergyBand = DEFAULT_BAND
    time_bin: float = 1.0
    intervals: tuple[TimeInterval, ...] = ()
    instrument: str = "isgri"

    def __post_init__(self) -> None:
        _normalise(self)
        _need_sources(self.catalog)
        time_bin = number_within("time_bin", self.time_bin, SHORTEST_BIN, LONGEST_BIN, "s")
        object.__setattr__(self, "time_bin", time_bin)


Query = ImageQuery | SpectrumQuery | LightCurveQuery


def parse_instrument(value: Any) -> str:
    """Check that an instrument is offered here, and return its name.

    Raises
    ------
    BadParameter
        If it is not; the message says how a dispatcher offers it, if it does.

    Examples
    --------
    >>> parse_instrument("isgri")
    'isgri'
    """
    if value not in INSTRUMENTS:
        advice = f"Choose one of: {', '.join(INSTRUMENTS)}.{_elsewhere(str(value))}"
        raise BadParameter("instrument", value, "not an instrument offered here", advice)
    return str(value)


def _elsewhere(name: str) -> str:
    """Return the call for an instrument that dispatchers offer with parameters of its own."""
    wanted = "".join(c for c in name.lower() if c.isalnum())
    for known, product, more in _OTHERS:
        if wanted.startswith(known):
            number = ", jemx_num=1" if wanted.endswith("1") else more
            call = f'site.instrument("{product.rsplit("_", 1)[0]}").get("{product}"{number}, ...)'
            return f" Dispatchers offer it: {call} (see docs/dispatcher.md)."
    return ""


def _check_names(kind: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    names = [item.name for item in fields(kind)]
    unknown = [name for name in named if name not in names]
    needed = [item.name for item in fields(kind) if item.default is item.default_factory is MISSING]
    missing = [name for name in needed if name not in named]
    advice = f"Write {kind.__name__}({', '.join(f'{name}=...' for name in names)})."
    if given:
        raise BadParameter(kind.__name__, given[0], "given without the name of a parameter", advice)
    if unknown:
        raise BadParameter(unknown[0], named[unknown[0]], "not a parameter of a query", advice)
    if missing:
        raise BadParameter(missing[0], None, f"{kind.__name__} needs it", advice)


def _words(query: Any) -> list[str]:
    """Return a query in at most six lines."""
    windows, catalog = query.science_windows, query.catalog.selected
    chosen = getattr(windows, "available", 0)
    span = windows[0] if len(windows) == 1 else f"{windows[0]} to {windows[-1]}"
    of = f" of {chosen:,}" if chosen > len(windows) else ""
    lines = [", ".join(_heading(query)), f"  {counted(len(windows), 'science window')}{of}: {span}"]
    if query.intervals:
        seconds = sum(interval.seconds for interval in query.intervals)
        lines.append(f"  {counted(len(query.intervals), 'time interval')}: {seconds:,.1f} s")
    if len(catalog):
        lines.append(f"  {counted(len(catalog), 'source')}: {listed(catalog.names, 4)}")
    return [*lines, f"  identity: {query.identity}"]


def _heading(query: Any) -> Iterator[str]:
    yield type(query).__name__
    if getattr(query, "source", None) is not None:
        yield one_line(query.source.name)
    yield query.instrument.upper()
    if hasattr(query, "energy"):
        yield str(query.energy)
    if hasattr(query, "time_bin"):
        yield f"bins of {query.time_bin:g} s"
    if hasattr(query, "detection_threshold"):
        yield f"detection threshold {query.detection_threshold:g}"


def _identity(query: Any) -> str:
    """Return the identity of a query; the order of windows and sources does not matter."""
    values = {f.name: getattr(query, f.name) for f in fields(query) if f.compare}
    values["science_windows"] = sorted(query.science_windows)
    values["catalog"] = sorted((s.name, s.ra, s.dec) for s in query.catalog.selected)
    return identity([type(query).__name__, values])


def _normalise(query: Any) -> None:
    """Bring the fields that all queries share into their one canonical form."""
    windows = parse_identifiers(query.science_windows)
    if len(windows) > MOST_WINDOWS:
        limit = f"{len(windows)} science windows, more than {MOST_WINDOWS} at once"
        advice = "Choose fewer with site.science_windows(..., limit=...), or query year by year."
        raise BadParameter("science_windows", windows, limit, advice)
    object.__setattr__(query, "science_windows", windows)
    object.__setattr__(query, "intervals", parse_intervals(query.intervals))
    object.__setattr__(query, "instrument", parse_instrument(query.instrument))
    if hasattr(query, "energy"):
        object.__setattr__(query, "energy", EnergyBand.parse(query.energy).within(query.instrument))
    if not isinstance(query.catalog, SourceCatalog):
        limit = "not a source catalogue"
        advice = "Take image.catalog, or build one with SourceCatalog.of([...])."
        raise BadParameter("catalog", query.catalog, limit, advice)


def _check_source(source: Any) -> None:
    advice = 'Resolve its name: source=site.resolve("Crab").'
    if not isinstance(source, Source | None):
        raise BadParameter("source", source, "not a source", advice)
    if source is not None and not source.has_position:
        raise BadParameter("source", source.name, "its position is not known", advice)


def _need_sources(catalog: SourceCatalog) -> None:
    if not len(catalog.selected):
        limit = "no source is selected"
        advice = "Give at least one, for example catalog=image.catalog."
        raise BadParameter("catalog", list(catalog.names), limit, advice)
    pair = catalog.coincident
    if pair is not None:
        names = [source.name for source in pair]
        limit = "two sources at one position: no fit can share the flux between them"
        raise BadParameter("catalog", names, limit, f"Drop or deselect {names[1]}.")
