"""The energies of events, as the node ``ibis_isgr_energy``.

The energies in an event file were computed when it was made, with the calibration of that time, and
in late years they are wrong. They are replaced by the first of these that is available: energies
from OSA's calibration tables; those of the file, if the lines of the background confirm them;
energies calibrated on the lines themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from oda_widgets.archive.calibration import (
    CalibrationFiles,
    read_temperatures,
    tables_for,
)
from oda_widgets.archive.damage import ContentError
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri.energies.bump import BUMP
from oda_widgets.instruments.isgri.energies.health import Health, health
from oda_widgets.instruments.isgri.energies.line_counts import line_counts
from oda_widgets.instruments.isgri.energies.lines import calibrate
from oda_widgets.instruments.isgri.energies.origin import (
    EnergyChoice,
    EnergyOrigin,
    tabulated,
    uncertainty_energies,
)
from oda_widgets.instruments.isgri.energies.osa import USED_RISE_TIMES, reconstruct
from oda_widgets.instruments.isgri.energies.pixel_gains import pixel_gains
from oda_widgets.instruments.isgri.energies.positrons import POSITRONS
from oda_widgets.instruments.isgri.energies.pulses import Pulses
from oda_widgets.instruments.isgri.energies.quiet import quiet
from oda_widgets.instruments.isgri.energies.shadow import in_shadow

Rows = NDArray[np.intp]


_PLAUSIBLE = (12.0, 2000.0)
"""Energies that ISGRI can record, keV."""

_AT_POSITRONS = 0.01
"""Relative accuracy of the line at 511 keV."""

_LEAST_PLAUSIBLE = 0.1
"""Least fraction of the events that tables must give such energies; wrong tables give zero."""


@dataclass(frozen=True)
class _Energies:
    """Energies of events in keV, 0 where an event has none, and their origin."""

    energy: NDArray[np.float32]
    origin: EnergyOrigin


def with_energies(
    events: WindowEvents, choice: EnergyChoice, files: CalibrationFiles
) -> WindowEvents:
    """Return events with the energies to use; those without energy are left out.

    Parameters
    ----------
    choice
        Choice of energies by the user.
    files
        OSA's calibration tables, if the archive has them.
    """
    chosen = _chosen(events, choice, files)
    rows = np.flatnonzero((chosen.energy > 0) & (chosen.energy < np.inf))
    return replace(
        events,
        time=events.time[rows],
        energy=chosen.energy[rows],
        dety=events.dety[rows],
        detz=events.detz[rows],
        pulses=None,
        origin=chosen.origin,
    )


def _chosen(events: WindowEvents, choice: EnergyChoice, files: CalibrationFiles) -> _Energies:
    """Return the energies from the first method that works."""
    if events.window.simulated:
        reason = "Energies are those of the simulation, right by construction."
        return _Energies(events.energy, EnergyOrigin("simulated", reason))
    if events.pulses is None:
        reason = "Energies are those of the event file, which holds no pulses to test them by."
        return _Energies(events.energy, EnergyOrigin("archive", reason))
    background = np.flatnonzero(quiet(events.time) & in_shadow(events.pulses))
    state = _health(events.energy, events.pulses, background)
    refused: list[str] = []
    for method in _methods(events, events.pulses, background, choice, files, state):
        try:
            found = method()
        except ContentError as refusal:
            refused.append(str(refusal))
        else:
            return replace(found, origin=_explained(found.origin, refused))
    return _Energies(events.energy, _explained(_of_file(state, choice), refused))


def _methods(
    events: WindowEvents,
    pulses: Pulses,
    background: Rows,
    choice: EnergyChoice,
    files: CalibrationFiles,
    state: Health,
) -> list[Callable[[], _Energies]]:
    """Return the methods in the order in which they are tried; the file is the last resort."""

    def by_tables() -> _Energies:
        return _by_tables(events, pulses, background, files)

    def of_good_file() -> _Energies:
        if not (state.good or state.is_another_blend):
            raise ContentError(f"energies of the event file: {state}")
        return _Energies(events.energy, _of_file(state, choice))

    def by_lines() -> _Energies:
        return _by_lines(events, pulses, background, state.blend)

    methods: dict[EnergyChoice, list[Callable[[], _Energies]]] = {
        "auto": [by_tables, of_good_file, by_lines],
        "osa": [by_tables, by_lines],
        "lines": [by_lines],
        "archive": [],
    }
    return methods[choice]


def _explained(origin: EnergyOrigin, refused: list[str]) -> EnergyOrigin:
    """Return an origin whose reason names the methods that were refused before."""
    if not refused:
        return origin
    return replace(origin, reason=f"{origin.reason} Not used: {'; '.join(refused)}.")


def _of_file(state: Health, choice: EnergyChoice) -> EnergyOrigin:
    asked = ", as asked for" if choice == "archive" else ""
    if state.is_another_blend:
        reason = (
            f"Energies are those of the event file{asked}: {state} at all rise times alike, and the"
            " line of positrons at 511 keV. Where the first belongs depends on the strengths of its"
            f" lines: with the usual ones energies near it are {state.blend:.0%} off."
        )
        at = uncertainty_energies()
        off = np.interp(np.log(at), np.log([BUMP, POSITRONS]), [state.blend, _AT_POSITRONS])
        return EnergyOrigin("archive", reason, tabulated(off))
    wrong = state.known and not state.good
    doubt = "" if state.good else " They are wrong." if wrong else " They are not tested."
    reason = f"Energies are those of the event file{asked}: {state}.{doubt}"
    return EnergyOrigin("archive", reason, wrong=wrong)


def _health(energy: NDArray[np.float32], pulses: Pulses, background: Rows) -> Health:
    """Return the health of energies, tested on background events."""
    return health(energy[background], pulses.rise_time[background])


def _by_tables(
    events: WindowEvents, pulses: Pulses, background: Rows, files: CalibrationFiles
) -> _Energies:
    """Return energies calibrated with OSA's tables.

    Raises
    ------
    ContentError
        If there are no tables, or they cannot be used.
    """
    tables = tables_for(files, (events.window.start + events.window.stop) / 2)
    temperature = read_temperatures(files)
    energy, corrected = reconstruct(pulses, events.time, tables, temperature)
    first, last = USED_RISE_TIMES
    energy[(corrected < first) | (corrected > last)] = 0.0
    state = _health(energy, pulses, background)
    low, high = _PLAUSIBLE
    plausible = np.count_nonzero((energy > low) & (energy < high))
    if plausible < _LEAST_PLAUSIBLE * len(energy):
        names = ", ".join(tables.names)
        raise ContentError(
            f"{names} put {plausible:,} of {len(energy):,} events at {low:g} to {high:g} keV"
        )
    reason = f"Energies were reconstructed with OSA's tables {', '.join(tables.names)}: {state}."
    return _Energies(energy, EnergyOrigin("osa", reason))


def _by_lines(events: WindowEvents, pulses: Pulses, background: Rows, blend: float) -> _Energies:
    """Return energies calibrated on the instrumental lines of the background.

    Parameters
    ----------
    events, pulses, background
        The events, and which of them are background.
    blend
        Relative offset of the energies of the file, the same at all rise times.

    Raises
    ------
    ContentError
        If the lines are not detected.
    """
    height = pixel_gains(pulses, events.energy).level(pulses)
    scale = calibrate(line_counts(pulses[background], height[background]))
    if scale is None:
        raise ContentError(
            "instrumental lines of the background: not seen, too few events without a bright source"
        )
    energy = scale.apply(pulses, height)
    state = _health(energy, pulses, background)
    if state.known and not state.good:
        raise ContentError(f"instrumental lines of the background: {state} once calibrated")
    near, low = (100 * value for value in scale.uncertainty(np.array([60.0, 35.0])))
    lines = "60 and 511 keV" if scale.far.significance else "60 keV"
    reason = (
        f"Energies were calibrated on instrumental lines of the background ({lines}), to"
        f" {near:.1f} % at 60 keV and {low:.1f} % at 35 keV: {state}."
    )
    if blend:
        reason += (
            f" In the file it is {blend:.0%} off at all rise times alike: if its lines have other"
            ' strengths here, those energies are right (energies="archive"), and these off by that.'
        )
    uncertainty = tabulated(np.hypot(scale.uncertainty(uncertainty_energies()), blend))
    return _Energies(energy, EnergyOrigin("lines", reason, uncertainty))
