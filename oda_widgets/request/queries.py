"""Queries for images, spectra and light curves, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, cast

from oda_widgets.abilities import Displayed
from oda_widgets.errors import BadParameter
from oda_widgets.request.catalog import SAME_PLACE, SourceCatalog
from oda_widgets.request.catalog_source import CatalogSource
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.identity import identity
from oda_widgets.request.instrument import IMAGE, LIGHT_CURVE, SPECTRUM, Instrument
from oda_widgets.request.instruments import described, instruments, label_of
from oda_widgets.request.keywords import suggesting_class
from oda_widgets.request.numbers import number_within
from oda_widgets.request.science_windows import parse_identifiers
from oda_widgets.request.source import Source
from oda_widgets.request.timespan import TimeInterval, parse_intervals
from oda_widgets.request.words import counted, listed, one_line

DEFAULT_THRESHOLD = 6.0
SEARCH_THRESHOLD = 5.0  # sigma, above which images are searched for sources
LOWEST_THRESHOLD = 3.0  # sigma, for sources of known position
MOST_WINDOWS = 10_000
_PLURALS = {IMAGE: "images", SPECTRUM: "spectra", LIGHT_CURVE: "light curves"}
_WINDOWS: tuple[str, ...] = cast("tuple[str, ...]", None)  # stands for "not given"
_BAND: EnergyBand = cast("EnergyBand", None)  # stands for the band of the instrument


class _Query(Displayed):
    """Methods that all queries share."""

    kind: ClassVar[str]  # of the product

    @property
    def identity(self) -> str:
        """Hex SHA-256 of the query; equal for queries that ask for the same."""
        return _identity(self)

    def __repr__(self) -> str:
        return "\n".join(_lines(self))


@suggesting_class
@dataclass(frozen=True, kw_only=True, repr=False)
class ImageQuery(_Query):
    """Ask for a sky image and the sources in it.

    Parameters
    ----------
    science_windows
        Identifiers, as given by ``site.science_windows``, 10,000 at most.
    energy
        Band in keV; by default that of the instrument.
    source
        The target: labelled in figures, and measured whatever its significance.
    catalog
        Sources to measure at fixed positions whatever their significance.
    intervals
        Intervals of time that the image is restricted to; empty for all good time.
    detection_threshold
        Lowest significance listed in the catalogue, 3 or more; below 5 only sources of the
        reference catalogue are listed, measured at their positions. Display only: it does not
        change the image and is not part of the identity.
    instrument
        "isgri", "jemx1", "jemx2" or "spi_acs", which has light curves only.

    Raises
    ------
    BadParameter
        If a value is not valid, or a parameter is unknown, missing or given without its name.

    Examples
    --------
    >>> oda.ImageQuery(science_windows=windows, energy=(28, 150)).energy
    EnergyBand 28–150 keV
    """

    kind: ClassVar[str] = IMAGE

    science_windows: tuple[str, ...]
    energy: EnergyBand = _BAND
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

    def lists(self, source: CatalogSource) -> bool:
        """Return whether the image lists a source: it is above the threshold, or in the query.

        Parameters
        ----------
        source
            The source as measured in the image.

        Examples
        --------
        >>> query = oda.ImageQuery(science_windows=windows, detection_threshold=7)
        >>> query.lists(oda.CatalogSource("Crab", 83.63, 22.01, significance=6.5))
        False
        """
        if source.name in self.catalog.names or source.significance >= self.detection_threshold:
            return True
        return self.source is not None and source.name == self.source.name


@suggesting_class
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

    kind: ClassVar[str] = SPECTRUM

    science_windows: tuple[str, ...]
    catalog: SourceCatalog
    intervals: tuple[TimeInterval, ...] = ()
    instrument: str = "isgri"

    def __post_init__(self) -> None:
        _normalise(self)


@suggesting_class
@dataclass(frozen=True, kw_only=True, repr=False)
class LightCurveQuery(_Query):
    """Ask for the light curves of all sources of a catalogue, fitted together.

    Parameters
    ----------
    science_windows, energy, intervals, instrument
        As in `ImageQuery`. For "spi_acs" intervals alone are enough.
    catalog
        Sources to fit together, at least one; for "spi_acs" none, since its rate is that of the
        whole sky.
    time_bin
        Bin width in seconds, within the limits of the instrument.

    Raises
    ------
    BadParameter
        As for `SpectrumQuery`, or if the bin width is outside its limits.

    Examples
    --------
    >>> oda.LightCurveQuery(science_windows=windows, catalog=catalog, time_bin=100).time_bin
    100.0
    """

    kind: ClassVar[str] = LIGHT_CURVE

    science_windows: tuple[str, ...] = _WINDOWS
    catalog: SourceCatalog = field(default_factory=SourceCatalog)
    energy: EnergyBand = _BAND
    time_bin: float = 1.0
    intervals: tuple[TimeInterval, ...] = ()
    instrument: str = "isgri"

    def __post_init__(self) -> None:
        _normalise(self)
        limits = described(self.instrument).time_bins
        time_bin = number_within("time_bin", self.time_bin, *limits, "s")
        object.__setattr__(self, "time_bin", time_bin)


Query = ImageQuery | SpectrumQuery | LightCurveQuery


def _lines(query: Any) -> list[str]:
    """Return a description of a query in at most five lines."""
    windows, catalog = query.science_windows, query.catalog.selected
    available = getattr(windows, "available", 0)
    lines = [", ".join(_heading(query))]
    if windows:
        span = windows[0] if len(windows) == 1 else f"{windows[0]} to {windows[-1]}"
        of = f" of {available:,}" if available > len(windows) else ""
        lines.append(f"  {counted(len(windows), 'science window')}{of}: {span}")
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
    yield label_of(query.instrument)
    if hasattr(query, "energy"):
        yield str(query.energy)
    if hasattr(query, "time_bin"):
        yield f"bins of {query.time_bin:g} s"
    if hasattr(query, "detection_threshold"):
        yield f"detection threshold {query.detection_threshold:g}"


def _identity(query: Any) -> str:
    """Return the identity of a query, independent of the order of windows and sources."""
    values = {f.name: getattr(query, f.name) for f in fields(query) if f.compare}
    values["science_windows"] = sorted(query.science_windows)
    values["catalog"] = sorted((s.name, s.ra, s.dec) for s in query.catalog.selected)
    return identity([type(query).__name__, values])


def _normalise(query: Any) -> None:
    """Check the fields that all queries share, and bring them into their canonical form."""
    instrument = offering(query.instrument, query.kind)
    object.__setattr__(query, "intervals", parse_intervals(query.intervals))
    object.__setattr__(query, "science_windows", _windows(query, instrument))
    if hasattr(query, "energy"):
        object.__setattr__(query, "energy", band_of(query.energy, instrument))
    if not isinstance(query.catalog, SourceCatalog):
        limit = "not a source catalogue"
        advice = "Take image.catalog, or build one with SourceCatalog.of([...])."
        raise BadParameter("catalog", query.catalog, limit, advice)
    _check_sources(query, instrument)


def offering(name: str, kind: str) -> Instrument:
    """Return an instrument, after checking that it has a kind of product.

    Raises
    ------
    BadParameter
        If there is no such instrument, or it has no such product.

    Examples
    --------
    >>> offering("isgri", "image").label
    'ISGRI'
    """
    instrument = described(name)
    if kind not in instrument.products:
        can = " and ".join(_PLURALS[one] for one in instrument.products)
        limit = f"{instrument.label} has no {_PLURALS[kind]}, only {can}"
        others = [f'"{one.name}"' for one in instruments() if kind in one.products]
        advice = f"Choose one of {', '.join(others)}, or ask for {can}."
        raise BadParameter("instrument", instrument.name, limit, advice)
    return instrument


def _windows(query: Any, instrument: Instrument) -> tuple[str, ...]:
    """Return the science windows of a query; an instrument without sources needs intervals only."""
    given = query.science_windows
    none_given = given is None or (isinstance(given, tuple | list) and not given)
    if none_given and query.intervals and not instrument.sources:
        return ()
    if none_given and not instrument.sources:
        advice = "Give intervals=[(start, stop), ...]; science windows will do too."
        raise BadParameter("intervals", None, f"{instrument.label} is asked for no time", advice)
    if given is None:
        advice = "Take those of site.science_windows(...)."
        limit = f"{type(query).__name__} needs it"
        raise BadParameter("science_windows", None, limit, advice)
    windows = parse_identifiers(given)
    if len(windows) > MOST_WINDOWS:
        limit = f"{len(windows)} science windows, more than {MOST_WINDOWS} at once"
        advice = "Choose fewer with site.science_windows(..., limit=...), or query year by year."
        raise BadParameter("science_windows", windows, limit, advice)
    return windows


def band_of(value: Any, instrument: Instrument) -> EnergyBand:
    """Return the band of a query, by default that of the instrument.

    Raises
    ------
    BadParameter
        If it is not a band, or the instrument does not see all of it.
    """
    band = (
        EnergyBand(*instrument.band)
        if value is None
        else EnergyBand.parse(value, instrument.energy)
    )
    return band.within(instrument.name)


def _check_sources(query: Any, instrument: Instrument) -> None:
    """Check that the catalogue of a query suits its product and its instrument."""
    if instrument.sources:
        if query.kind != IMAGE:
            _check_selected(query.catalog)
        _check_separable(query.catalog)
    elif len(query.catalog):
        limit = f"{instrument.label} has one rate, that of the whole sky, and none for a source"
        raise BadParameter("catalog", list(query.catalog.names), limit, "Leave the catalogue out.")


def _check_source(source: Any) -> None:
    advice = 'Resolve its name: source=site.resolve("Crab").'
    if not isinstance(source, Source | None):
        raise BadParameter("source", source, "not a source", advice)
    if source is not None and not source.has_position:
        raise BadParameter("source", source.name, "its position is not known", advice)


def _check_selected(catalog: SourceCatalog) -> None:
    """Check that at least one source is selected."""
    if not len(catalog.selected):
        limit = "no source is selected"
        advice = "Give at least one, for example catalog=image.catalog."
        raise BadParameter("catalog", list(catalog.names), limit, advice)


def _check_separable(catalog: SourceCatalog) -> None:
    """Check that no two sources are too close for a fit to share the flux between them."""
    pair = catalog.coincident
    if pair is not None:
        names, angle = [source.name for source in pair], 60 * pair[0].separation(pair[1])
        least = 60 * SAME_PLACE
        limit = f"{angle:.1f} arcmin apart: below {least:g} no fit can separate two sources"
        advice = f"Fit them as one: drop or deselect {names[1]}."
        raise BadParameter("catalog", names, limit, advice)
