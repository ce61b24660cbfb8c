"""Fixtures of the engine: traced windows and scenes, small and quick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from oda_widgets.archive.raw_window import RawWindow
from oda_widgets.archive.usable import usable_events
from oda_widgets.engine.background import smooth_background
from oda_widgets.engine.identify import Known
from oda_widgets.engine.light_curves import (
    WindowLightCurves,
    light_curves_of,
    short_bin,
    window_sums,
)
from oda_widgets.engine.scene import Scene
from oda_widgets.engine.shadowgram import Shadowgram
from oda_widgets.instruments.events import WindowEvents
from oda_widgets.instruments.isgri import detector as isgri
from oda_widgets.request.energy import EnergyBand
from oda_widgets.request.science_windows import ScienceWindow
from oda_widgets.request.timespan import TimeInterval
from tests.photons import fields
from tests.photons.detector import perfect_pixels
from tests.photons.observation import TracedEvents

MakeScene = Callable[..., Scene]


def window_of(traced: TracedEvents) -> WindowEvents:
    """Return traced events as an archive would give them."""
    pointing = traced.pointing
    window = ScienceWindow(
        f"{pointing.swid}.001",
        pointing.start,
        pointing.start + traced.duration / 86400,
        pointing.ra_x,
        pointing.dec_x,
        pointing.ra_z,
        pointing.dec_z,
        good_time=traced.duration,
        simulated=True,
    )
    raw = RawWindow(
        window=window,
        time=traced.time,
        energy=traced.energy,
        dety=traced.dety,
        detz=traced.detz,
        select_flag=traced.select_flag,
        intervals=traced.good_times,
    )
    return usable_events(raw, "traced photons")


@pytest.fixture(scope="session")
def band() -> EnergyBand:
    """Give the band of the tests."""
    return EnergyBand(28, 80)


@pytest.fixture(scope="session")
def burst_field() -> fields.Field:
    """Give a bursting and a steady source on perfect pixels."""
    return replace(fields.burster(np.random.default_rng(3)), pixels=perfect_pixels())


@pytest.fixture(scope="session")
def burst_window(burst_field: fields.Field) -> WindowEvents:
    """Give 300 s of it."""
    return window_of(burst_field.trace(300.0, np.random.default_rng(4)))


@pytest.fixture(scope="session")
def ghost_field() -> fields.Field:
    """Give 1 Crab and 100 mCrab on its ghost."""
    field = fields.ghost_pair(np.random.default_rng(5))
    bright, faint = field.sources
    return replace(field, sources=(bright, replace(faint, rate=2 * faint.rate)))


@pytest.fixture(scope="session")
def ghost_window(ghost_field: fields.Field) -> WindowEvents:
    """Give 600 s of it."""
    return window_of(ghost_field.trace(600.0, np.random.default_rng(6)))


@pytest.fixture(scope="session")
def make_scene() -> MakeScene:
    """Give a function that makes scenes of known sources, noise-free or with Poisson noise."""
    return scene_of


def scene_of(
    tangents: list[tuple[float, float]],
    fluxes: list[float],
    *,
    rng: np.random.Generator | None = None,
    level: float = 16.0,
    seconds: float = 1000.0,
) -> Scene:
    """Return a scene with its sources in the fit.

    Parameters
    ----------
    tangents, fluxes
        The sources.
    rng
        Draws the counts; None gives the expectation.
    level
        Background counts of a pixel.
    seconds
        Live time.
    """
    background = smooth_background(isgri.existing_pixels())
    at = np.array(tangents, float).reshape(-1, 2)
    empty = Scene(Shadowgram(np.zeros(isgri.DETECTOR_SHAPE), seconds), background, at)
    gradient = np.linspace(0.9, 1.1, isgri.DETECTOR_SHAPE[0])[:, None]
    shadows = empty.on_detector(np.array(fluxes, float) @ empty.shine(at))
    expected = shadows + np.where(isgri.existing_pixels(), level * gradient, 0.0)
    counts = expected if rng is None else rng.poisson(expected).astype(float)
    return replace(empty, shadowgram=Shadowgram(counts, seconds))


def window_light_curves(
    events: WindowEvents,
    band: EnergyBand,
    time_bin: float,
    intervals: Sequence[TimeInterval],
    sources: Sequence[Known],
) -> WindowLightCurves:
    """Return the light curves of sources, as one question for them makes them."""
    sums = window_sums(events, band, short_bin(time_bin), intervals, sources)
    return light_curves_of(sums, time_bin, intervals)
