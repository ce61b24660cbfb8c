"""The efficiencies of the pixels in a science window, as the node ``isgri_efficiency``.

Dead time, thresholds and efficiencies come from the files of the ISDC if they are available, or
else from the window's own events and usual values; notes say which.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.damage import ContentError
from oda_widgets.archive.rate_files import (
    RateFiles,
    read_context,
    read_efficiencies,
    read_live_fractions,
)
from oda_widgets.arrays import Floats
from oda_widgets.engine.light_classes import light_classes
from oda_widgets.errors import DamagedFile
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.instruments.isgri.efficiency.convention import (
    COUNTED,
    COUNTED_ERROR,
    LIVE_FRACTION_ERROR,
    all_is_seen_above,
    usual_counts,
    usual_live_fraction,
)
from oda_widgets.instruments.isgri.efficiency.edge import OF_REAL_PIXELS, SHARP, Edge
from oda_widgets.instruments.isgri.efficiency.tables import (
    MODULES,
    channel_starts,
    on_detector,
    thresholds_of,
    usual_threshold,
)
from oda_widgets.instruments.isgri.efficiency.turn_on import (
    BINS,
    FIRST,
    LAST,
    STEP,
    energies,
    turn_on,
)
from oda_widgets.instruments.isgri.energies.pulses import module_of_pixel
from oda_widgets.instruments.sensitivity import Sensitivity

_FEWEST_EVENTS = 3.0
"""Events per pixel, from 12 to 64 keV, to measure thresholds: the efficiency from 28 to 64 keV in
the real window is accurate to 1 % with 4, to 5 % with 2.4, and to 14 % with 1.2."""

_WELL_KNOWN = 0.05
"""Relative error of rates with OSA's tables, from dead time and the tables."""

_SHIFT = 1.0
"""Error of measured thresholds of real pixels, keV."""

_PARTS = (5.0, 95.0)
_STEADY = 0.03
"""Percentiles of the live fraction in time, and their largest departure from its mean that is
neglected."""

_UNTOLD, _TELLING_EVENTS = 0.1, 25.0
"""Fraction of a band that may falsely seem hidden in real windows with so few events per pixel, and
less in longer ones, from errors in the shape of thresholds and the spectra of lit pixels. Rates of
windows from an independent simulator came out too high by as much."""

_AT_ONCE = 1 << 15  # events


def with_sensitivity(events: WindowEvents, files: RateFiles, *, real: bool) -> WindowEvents:
    """Return events with the sensitivity of their pixels, and the live fraction of the detector.

    Parameters
    ----------
    events
        Events with their final energies.
    files
        Files of the archive for the correction of rates.
    real
        Whether the pulses show that real pixels recorded them; else only the events themselves are
        used.

    Raises
    ------
    DamagedFile
        If the context of the revolution switches all pixels off.
    """
    live = _live(events, files, real=real)
    pixels = _pixels(events, files, real=real)
    sensitivity = Sensitivity(
        energy=pixels.energy,
        curves=pixels.curves,
        curve=pixels.curve,
        gain=live.relative * pixels.scale,
        usual=usual_counts(pixels.energy),
        scale_error=float(np.hypot(live.error, pixels.error)),
        shift=pixels.shift,
        reach=pixels.reach,
        smeared=pixels.smeared,
        unknown_below=pixels.unknown_below,
        untold=pixels.untold,
        note=pixels.note,
        live_note=live.note,
        live_spread=live.spread,
    )
    return replace(events, live_fraction=live.mean, sensitivity=sensitivity)


@dataclass(frozen=True)
class _Live:
    """Live fraction of the detector, None if unknown, and that of each pixel's module over it."""

    mean: float | None
    relative: Floats | float
    error: float
    note: str
    spread: float = 0.0


@dataclass(frozen=True)
class _Pixels:
    """Efficiencies of pixels for `Sensitivity`, with a common factor, errors and a note."""

    energy: Floats
    curves: NDArray[np.float32]
    curve: NDArray[np.intp]
    scale: float
    error: float
    shift: float
    reach: float | None
    note: str
    untold: float = 0.0
    smeared: bool = False
    unknown_below: float = 0.0


@dataclass(frozen=True)
class _Convention:
    """How rates with measured thresholds relate to OSA's.

    Parameters
    ----------
    scale
        Common factor of all efficiencies.
    error
        Relative error of the scale.
    shift
        Error of the thresholds, keV; 0 if the pixels are not real.
    note
        The convention in words, to follow a sentence; empty without one.
    """

    scale: float = 1.0
    error: float = 0.0
    shift: float = 0.0
    note: str = ""

    @property
    def is_of_real_pixels(self) -> bool:
        """True if real pixels recorded the events."""
        return self.shift > 0


def _live(events: WindowEvents, files: RateFiles, *, real: bool) -> _Live:
    """Return live fractions from the file of dead times, else the archive, else usual ones."""
    refused = ""
    if files.dead_time is not None:
        try:
            by_time = read_live_fractions(files.dead_time)
        except ContentError as error:
            refused = f" ({error})"
        else:
            mean = float(by_time.mean())
            relative = _of_modules(by_time.mean(axis=1) / mean)
            note = f"Dead time of each module: {1 - mean:.1%} on average."
            spread = _spread(by_time.mean(axis=0) / mean)
            if spread:
                note += f" Within the window live time varies by up to {spread:.0%} of its mean."
            return _Live(mean, relative, 0.0, note, spread)
    if events.live_fraction is not None:
        return _Live(events.live_fraction, 1.0, 0.0, "Dead time is that of the simulation.")
    if not real:
        return _Live(
            None, 1.0, 0.0, f"Dead time is not known{refused}: rates are per second of good time."
        )
    usual = usual_live_fraction(events.window.start)
    note = (
        f"Dead time is not in the archive{refused}; that of windows of its epoch, {1 - usual:.1%},"
        " was taken."
    )
    return _Live(usual, 1.0, LIVE_FRACTION_ERROR, note)


def _spread(course: Floats) -> float:
    """Return the largest departure from 1 of relative live fractions in time; 0 if small."""
    far = float(np.abs(np.percentile(course, _PARTS) - 1.0).max())
    return far if far > _STEADY else 0.0


def _of_modules(values: Floats) -> Floats:
    """Return values of modules, in OSA's order, as [DETZ, DETY]; 1 between the modules."""
    module = on_detector(module_of_pixel().astype(np.intp), 0)
    return np.where(isgri.existing_pixels(), values[module], 1.0)


def _pixels(events: WindowEvents, files: RateFiles, *, real: bool) -> _Pixels:
    """Return the efficiencies of OSA's tables, or else those measured."""
    if not real:
        return _measured(events, (SHARP,), _Convention())
    try:
        return _by_tables(events, files)
    except ContentError as error:
        refused = f" OSA's efficiencies are not used: {error}."
    note = (
        f" As OSA's tables of efficiency are missing, rates were divided by {COUNTED:.2f}, to"
        f" {COUNTED_ERROR:.0%}.{refused}"
    )
    convention = _Convention(COUNTED, COUNTED_ERROR, _SHIFT, note)
    return _measured(events, OF_REAL_PIXELS, convention)


def _by_tables(events: WindowEvents, files: RateFiles) -> _Pixels:
    """Return the efficiencies of OSA's tables.

    Raises
    ------
    ContentError
        If the tables cannot be used.
    DamagedFile
        If no pixel is switched on.
    """
    if files.efficiency is None:
        raise ContentError(files.problem)
    table = read_efficiencies(files.efficiency)
    thresholds, origin = _thresholds(events, files)
    return _Pixels(
        energy=channel_starts(),
        curves=table.curves(),
        curve=table.curve_of(thresholds),
        scale=1.0,
        error=_WELL_KNOWN,
        shift=0.0,
        reach=None,
        note=f"Efficiencies of pixels are those of OSA's table {table.name}, thresholds {origin}.",
    )


def _thresholds(events: WindowEvents, files: RateFiles) -> tuple[Floats, str]:
    """Return the thresholds of the context, or the usual one, and their origin in words."""
    refused = "there is no context of the revolution"
    if files.context is not None:
        try:
            context = read_context(files.context)
        except ContentError as error:
            refused = str(error)
        else:
            thresholds = thresholds_of(context)
            if not thresholds.any():
                raise _all_off(files.context)
            return thresholds, f"those of {files.context.name.partition('.')[0]}"
    usual = usual_threshold(events.window.revolution)
    return np.full(isgri.WORKING_PIXELS, usual), f"all {usual:g} keV ({refused})"


def _all_off(context: Path) -> DamagedFile:
    """Return the error for a context without pixels."""
    problem = f"No pixel is switched on in the context {context}."
    return DamagedFile(problem, "Fetch it again, or leave this science window out.")


def _measured(events: WindowEvents, edges: tuple[Edge, ...], convention: _Convention) -> _Pixels:
    """Return the mean efficiencies of the pixels of each module, from their own spectra."""
    counts = _counts(events)
    seen = np.flatnonzero(counts.any(axis=1))
    energy, curve = energies(), isgri.module_numbers().astype(np.intp)
    if len(seen) == 0 or counts[seen].sum(axis=1).mean() < _FEWEST_EVENTS:
        return _not_measured(events, convention)
    light = light_classes(counts.sum(axis=1, dtype=float).reshape(isgri.DETECTOR_SHAPE))
    measured, edge = turn_on(counts[seen], edges, light.ravel()[seen])
    mean, module = measured.mean(axis=0), curve.ravel()[seen]
    of_modules = [measured[module == m] for m in range(MODULES)]
    curves = np.stack([of_one.mean(axis=0) if len(of_one) else mean for of_one in of_modules])
    note = f"Thresholds of pixels were measured: {_in_words(mean)}."
    number = float(counts[seen].sum(axis=1).mean())
    return _Pixels(
        energy,
        curves,
        curve,
        convention.scale,
        convention.error,
        convention.shift,
        edge.reach,
        note + convention.note,
        _UNTOLD * min(_TELLING_EVENTS / number, 1.0) if convention.is_of_real_pixels else 0.0,
        edge.smeared,
    )


def _not_measured(events: WindowEvents, convention: _Convention) -> _Pixels:
    """Return efficiencies of 1, unknown below the usual thresholds of real pixels."""
    note = "Thresholds of pixels are not corrected for: too few events to measure them."
    below = 0.0
    if convention.is_of_real_pixels:
        below = all_is_seen_above(events.window.start)
        note += f" Rates below {below:.0f} keV are lower limits."
    return _Pixels(
        energies(),
        np.ones((MODULES, BINS), np.float32),
        isgri.module_numbers().astype(np.intp),
        convention.scale,
        convention.error,
        0.0,
        None,
        note + convention.note,
        unknown_below=below,
    )


def _in_words(mean: NDArray[np.float32]) -> str:
    """Return the median threshold of pixels, in words."""
    blind = np.flatnonzero(mean < 0.5)
    if not len(blind):
        return f"most are below {FIRST:g} keV"
    return f"half of them are above {FIRST + STEP * (blind[-1] + 1):.0f} keV"


def _counts(events: WindowEvents) -> NDArray[np.float32]:
    """Return the events of each pixel by energy, shape (134 * 130, 52)."""
    rows, columns = isgri.DETECTOR_SHAPE
    cells = []
    for start in range(0, len(events), _AT_ONCE):
        piece = slice(start, start + _AT_ONCE)
        energy = events.energy[piece]
        inside = np.flatnonzero((energy >= FIRST) & (energy < LAST))
        bin_of = ((energy[inside] - FIRST) * (1 / STEP)).astype(np.intp)
        pixel = events.detz[piece][inside].astype(np.intp) * columns + events.dety[piece][inside]
        cells.append(pixel * BINS + bin_of)
    flat = np.concatenate(cells) if cells else np.zeros(0, np.intp)
    counts = np.bincount(flat, minlength=rows * columns * BINS)
    return counts.reshape(-1, BINS).astype(np.float32)
