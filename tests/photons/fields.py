"""Ready-made skies whose truth is known.

Each maker takes the generator that draws its detector and background; `Field.trace`
takes the one that draws the photons. A field seen by many pointings keeps its sky,
background shape and pixels: ``field.seen_from(other).trace(...)``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .background import Background, isgri_background
from .detector import PixelState, worn_pixels
from .light_curves import LightCurve, bursts
from .mask import ORDER, Mask
from .observation import Gap, TracedEvents, trace
from .pointing import SECONDS_PER_DAY, Pointing, pointing_at
from .sources import TracedSource
from .spectra import PowerLaw, Spectrum, fraction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CRAB_BAND = (28.0, 80.0)
CRAB_RATE = 180.0
CRAB_SPECTRUM = PowerLaw(2.1, 20.0, 200.0)
CENTRE = (83.63321, 22.01447)
# The attitude of the real science window for which OSA's own PIF exists.
REAL_POINTING = Pointing(
    "255900280010",
    8320.63230042977,
    286.822875976562,
    20.2762775421143,
    199.37516784668,
    -6.87311124801636,
)


@dataclass(frozen=True)
class Field:
    """A sky, the detector that sees it, and the attitude.

    Attributes
    ----------
    name
        What it is for.
    pointing
        Attitude and start.
    sources
        The true sources.
    background
        None for none.
    pixels
        Efficiency and noise of the pixels.
    """

    name: str
    pointing: Pointing
    sources: tuple[TracedSource, ...]
    background: Background | None
    pixels: PixelState

    def trace(
        self, duration: float, rng: np.random.Generator, gaps: Sequence[Gap] = ()
    ) -> TracedEvents:
        """Simulate `duration` seconds of this field."""
        return trace(
            self.pointing,
            self.sources,
            self.background,
            duration,
            rng,
            pixels=self.pixels,
            gaps=gaps,
        )

    def seen_from(self, pointing: Pointing) -> Field:
        """Return the same sky and detector, another attitude and time."""
        return replace(self, pointing=pointing)


def default_pointing() -> Pointing:
    """Point at the Crab with an arbitrary roll."""
    return pointing_at(*CENTRE, roll=63.0)


def source_of(
    name: str,
    position: tuple[float, float],
    crabs: float,
    *,
    spectrum: Spectrum = CRAB_SPECTRUM,
    light_curve: LightCurve | None = None,
) -> TracedSource:
    """Make a source whose 28-80 keV rate is `crabs` times 180 counts/s.

    Parameters
    ----------
    name
        Tag of its photons.
    position
        RA, Dec in deg.
    crabs
        Brightness in units of the Crab.
    spectrum
        Law of its energies.
    light_curve
        Constant by default.
    """
    rate = crabs * CRAB_RATE / fraction(spectrum, *CRAB_BAND)
    return TracedSource(name, *position, rate, spectrum, light_curve or LightCurve())


def field_of(
    name: str,
    sources: Sequence[TracedSource],
    rng: np.random.Generator,
    pointing: Pointing,
) -> Field:
    """Put sources before a worn detector with the usual background."""
    background, pixels = isgri_background(rng), worn_pixels(rng)
    return Field(name, pointing, tuple(sources), background, pixels)


def empty(rng: np.random.Generator, pointing: Pointing | None = None) -> Field:
    """Background only."""
    return field_of("empty", (), rng, pointing or default_pointing())


def one_source(
    rng: np.random.Generator,
    offset: tuple[float, float] = (0.0, 0.0),
    crabs: float = 1.0,
    pointing: Pointing | None = None,
) -> Field:
    """One source at `offset`: degrees from the X axis along Y and along Z."""
    pointing = pointing or default_pointing()
    source = source_of("source", pointing.sky_at(*offset), crabs)
    return field_of("one source", [source], rng, pointing)


def weak_source(rng: np.random.Generator, pointing: Pointing | None = None) -> Field:
    """20 mCrab on axis."""
    return replace(one_source(rng, crabs=0.02, pointing=pointing), name="weak source")


def crab(rng: np.random.Generator, pointing: Pointing | None = None) -> Field:
    """1 Crab, a little off axis."""
    return replace(one_source(rng, (1.1, -0.7), pointing=pointing), name="crab")


def bright_and_faint(rng: np.random.Generator, pointing: Pointing | None = None) -> Field:
    """50 Crab and four sources of 50 to 200 mCrab."""
    pointing = pointing or default_pointing()
    table = (
        ("bright", 0.8, 0.5, 50.0),
        ("faint 1", -2.6, 1.7, 0.2),
        ("faint 2", 3.1, -2.2, 0.15),
        ("faint 3", -1.2, -3.3, 0.1),
        ("faint 4", 2.3, 3.0, 0.05),
    )
    return field_of("bright and faint", _placed(table, pointing), rng, pointing)


def ghost_pair(
    rng: np.random.Generator,
    offset: tuple[float, float] = (-3.0, 0.4),
    pointing: Pointing | None = None,
) -> Field:
    """1 Crab at `offset` (deg), and 50 mCrab exactly 53 elements from it along Y."""
    pointing = pointing or default_pointing()
    mask = Mask()
    tangent_y, tangent_z = np.tan(np.radians(offset))
    ghost_y = tangent_y + ORDER * mask.element / mask.height
    sources = [
        source_of("bright", pointing.sky_at(*offset), 1.0),
        source_of("on ghost", pointing.sky(float(ghost_y), float(tangent_z)), 0.05),
    ]
    return field_of("ghost pair", sources, rng, pointing)


def crowded(
    rng: np.random.Generator,
    number: int = 25,
    pointing: Pointing | None = None,
    separation: float = 0.6,
) -> Field:
    """Scatter `number` sources, 1 Crab to 20 mCrab, within 9 deg along each axis.

    Parameters
    ----------
    rng
        Source of randomness; it draws the sky as well.
    number
        How many sources, named s00, s01, ... from the brightest.
    pointing
        Attitude.
    separation
        Least distance between two of them, deg.
    """
    pointing = pointing or default_pointing()
    crabs = np.geomspace(1.0, 0.02, number)
    places = _apart(rng, number, 9.0, separation)
    table = tuple(
        (f"s{rank:02d}", *place, float(level))
        for rank, (place, level) in enumerate(zip(places, crabs, strict=True))
    )
    return field_of("crowded", _placed(table, pointing), rng, pointing)


def burster(rng: np.random.Generator, pointing: Pointing | None = None) -> Field:
    """100 mCrab with three bursts, beside a steady 300 mCrab."""
    pointing = pointing or default_pointing()
    flares = bursts(pointing.start, (60, 10, 20), (150, 3, 50), (240, 30, 8))
    sources = [
        source_of("burster", pointing.sky_at(-1.5, 2.0), 0.1, light_curve=flares),
        source_of("steady", pointing.sky_at(2.5, -1.0), 0.3),
    ]
    return field_of("burster", sources, rng, pointing)


def dither(
    centre: tuple[float, float],
    *,
    number: int = 25,
    step: float = 2.17,
    roll: float = 63.0,
    revolution: int = 1999,
    start: float = 6830.0,
    duration: float = 2000.0,
) -> Iterator[Pointing]:
    """Pointings of a 5x5 dither pattern, repeated as often as needed.

    Parameters
    ----------
    centre
        RA, Dec of the pattern, deg.
    number
        How many pointings.
    step
        Spacing of the pattern, deg.
    roll
        Position angle of the Z axis, deg.
    revolution
        First four digits of the science window identifiers.
    start
        IJD of the first pointing.
    duration
        Length of each, s; slews of 120 s lie between them.
    """
    pattern = pointing_at(*centre, roll=roll)
    for count in range(number):
        row, column = divmod(count % 25, 5)
        ra, dec = pattern.sky_at((column - 2) * step, (row - 2) * step)
        yield pointing_at(
            ra,
            dec,
            roll=roll,
            swid=f"{revolution:04d}{count + 1:04d}0010",
            start=start + count * (duration + 120) / SECONDS_PER_DAY,
        )


def _placed(
    table: Sequence[tuple[str, float, float, float]], pointing: Pointing
) -> list[TracedSource]:
    """Make sources from rows of name, Y and Z offsets (deg), brightness (Crab)."""
    return [source_of(name, pointing.sky_at(y, z), crabs) for name, y, z, crabs in table]


def _apart(
    rng: np.random.Generator, number: int, half_width: float, separation: float
) -> list[tuple[float, float]]:
    """Random places in a square, no two closer than `separation`."""
    places: list[tuple[float, float]] = []
    while len(places) < number:
        y, z = (float(offset) for offset in rng.uniform(-half_width, half_width, 2))
        if all(np.hypot(y - other[0], z - other[1]) > separation for other in places):
            places.append((y, z))
    return places
