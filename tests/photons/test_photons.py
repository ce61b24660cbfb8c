"""The simulator itself, against geometry done by hand and against real OSA output."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from tests.real_data import CUT_EVENTS, OSA_ILLUMINATION, RESPONSE

from .background import isgri_background
from .beam import trace_beam
from .detector import (
    COLUMNS,
    PITCH,
    ROWS,
    active_fraction,
    perfect_pixels,
    pixel_of,
    working_pixels,
    worn_pixels,
)
from .fields import (
    REAL_POINTING,
    bright_and_faint,
    burster,
    crab,
    crowded,
    default_pointing,
    dither,
    empty,
    ghost_pair,
    one_source,
    source_of,
    weak_source,
)
from .isdc_files import write_events
from .mask import Mask, flight_pattern
from .observation import BACKGROUND, NOISE, Gap, TracedEvents, count_image, trace
from .pointing import SECONDS_PER_DAY, pointing_at
from .spectra import Lines, PowerLaw, fraction, read_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from .arrays import Floats
    from .fields import Field

SGR_1935 = (293.73199, 21.89672)
PHOTONS = 10_000_000


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a generator that repeats itself from run to run."""
    return np.random.default_rng(20221012)


class TestMask:
    """The pattern, and paths through it."""

    def test_pattern_is_the_one_that_flew(self) -> None:
        """One closed row along Y, one open column along Z, half of it open."""
        pattern = flight_pattern()
        assert pattern.shape == (95, 95)
        assert not pattern[47].any()
        assert pattern[np.arange(95) != 47, 47].all()
        assert pattern.mean() == pytest.approx(0.5002, abs=1e-4)
        assert not np.array_equal(pattern, pattern.T)

    @pytest.mark.parametrize(
        ("closed", "start", "passes"),
        [
            ((0, 1), (-0.5, -2.5), False),
            ((0, 1), (-2.5, -0.5), True),
            ((1, 0), (-0.5, -2.5), True),
            ((1, 0), (-2.5, -0.5), False),
            ((0, 0), (-0.5, -2.5), False),
            ((1, 1), (-0.5, -2.5), False),
        ],
    )
    def test_corner_crossing_meets_the_cell_between(
        self, closed: tuple[int, int], start: tuple[float, float], *, passes: bool
    ) -> None:
        """A 2x2 mask of 10 mm cells, 4 mm thick, crossed at a slope of 1 along both.

        From ``start`` (y, z; mm) in cell (0, 0) the photon ends in (1, 1). It meets the
        boundary first along the axis where it starts nearer to it: starting at
        y = -0.5, z = -2.5 it goes through the cell ``[z, y]`` = [0, 1].
        """
        pattern = np.ones((2, 2), dtype=np.bool_)
        pattern[closed] = False
        # The lower face lies at height 0: a photon enters where it hits the detector.
        plate = Mask(pattern, 10.0, 4.0, 2.0, 0.0, 0.0)
        y, z = np.array([start[0]]), np.array([start[1]])
        assert plate.is_open(y, z, (1.0, 1.0))[0] == passes
        mirrored = replace(plate, pattern=pattern[::-1, ::-1])
        assert mirrored.is_open(-y, -z, (-1.0, -1.0))[0] == passes

    def test_outside_is_closed(self) -> None:
        """No photon passes beside the plate."""
        plate = Mask(np.ones((3, 3), dtype=np.bool_), shift_y=0.0, shift_z=0.0)
        y = np.array([-1000.0, -16.9, -16.7, 0.0, 16.7, 16.9, 1000.0])
        expected = [False, False, True, True, True, False, False]
        for slope in (0.0, 1e-7, -1e-7):
            opened = plate.is_open(y, np.zeros(7), (slope, 0.0))
            np.testing.assert_array_equal(opened, expected)

    def test_thickness_only_takes_photons_away(self, rng: np.random.Generator) -> None:
        """At 4 deg along Y a tenth of the paths cross a boundary; half of them stop."""
        y, z = rng.uniform(-200, 200, (2, 400_000))
        slopes = (float(np.tan(np.radians(4))), 0.0)
        # Cells of a thin plate in the plane where photons enter, the lower face.
        entered = Mask(thickness=0.0, height=3202.97 - 8).is_open(y, z, slopes)
        passed = Mask().is_open(y, z, slopes)
        assert not (passed & ~entered).any()
        crossing = 16 * slopes[0] / 11.2
        assert passed.sum() / entered.sum() == pytest.approx(1 - crossing / 2, abs=0.01)


class TestDetector:
    """Pixel layout."""

    def test_centres_hit_their_pixels(self) -> None:
        """Each pixel is found from its centre; those of the gaps are not active."""
        detz, dety = np.indices((ROWS, COLUMNS)).reshape(2, -1)
        y, z = np.float64(PITCH) * (dety - 64.5), np.float64(PITCH) * (detz - 66.5)
        found_y, found_z, active = pixel_of(y, z)
        np.testing.assert_array_equal(found_y, dety)
        np.testing.assert_array_equal(found_z, detz)
        np.testing.assert_array_equal(active, working_pixels().ravel())
        assert active.sum() == 16384

    @pytest.mark.parametrize(("distance", "inside"), [(1.99, True), (2.01, False)])
    def test_borders_are_dead(self, distance: float, *, inside: bool) -> None:
        """The active square is 4.0 mm wide."""
        centre = np.array([9.5 * PITCH])
        for sign in (-1, 1):
            moved = np.array([9.5 * PITCH + sign * distance])
            assert pixel_of(moved, centre)[2][0] == inside
            assert pixel_of(centre, moved)[2][0] == inside


class TestBeam:
    """Photons in bulk."""

    def test_half_of_the_active_hits_are_detected_on_axis(self, rng: np.random.Generator) -> None:
        """The part of the mask in sight on axis is 0.4966 open, the whole 0.5002."""
        dety, _ = trace_beam((0.0, 0.0), 1_000_000, Mask(), perfect_pixels(), rng)
        assert len(dety) / 1e6 / active_fraction() == pytest.approx(0.4966, abs=0.003)

    def test_shadow_is_that_of_osa(self, rng: np.random.Generator) -> None:
        """OSA's ii_pif of SGR 1935+2154; a transposed mask does not do."""
        osa = fits.getdata(OSA_ILLUMINATION, "ISGR-PIF.-SHD").astype(float)
        assert _correlation(Mask(), osa, rng) > 0.99
        assert _correlation(Mask(flight_pattern().T), osa, rng) < 0.97
        assert _correlation(Mask(shift_y=-3.29, shift_z=-7.45), osa, rng) < 0.9

    def test_efficiency_thins_photons(self, rng: np.random.Generator) -> None:
        """Counts follow the efficiency of the pixels; dead ones get none."""
        pixels = worn_pixels(rng, scatter=0.11)
        wide_open = Mask(np.ones((95, 95), dtype=np.bool_))
        hits = trace_beam((0.0, 0.0), 3_000_000, wide_open, pixels, rng)
        counts = count_image(*hits)
        expected = pixels.efficiency * counts.sum() / pixels.efficiency.sum()
        alive = pixels.efficiency > 0
        assert not counts[~alive].any()
        chi2 = ((counts - expected)[alive] ** 2 / expected[alive]).mean()
        assert chi2 == pytest.approx(1, abs=0.05)


class TestPointing:
    """Directions."""

    def test_sky_and_tangents_are_inverse(self) -> None:
        """There and back, for a rolled pointing."""
        pointing = pointing_at(266.4, -28.9, roll=117.0)
        ra, dec = pointing.sky(0.05, -0.12)
        assert pointing.tangents(ra, dec) == pytest.approx((0.05, -0.12))

    def test_y_is_z_cross_x(self) -> None:
        """With north up in Z and the Crab in X, +Y points east, to larger RA."""
        pointing = pointing_at(80.0, 0.0)
        assert pointing.sky_at(1.0, 0.0) == pytest.approx((81.0, 0.0))
        assert pointing.sky_at(0.0, 1.0) == pytest.approx((80.0, 1.0))

    def test_behind_is_an_error(self) -> None:
        """A source behind the detector cannot shine on it."""
        with pytest.raises(ValueError, match="behind"):
            pointing_at(80.0, 0.0).tangents(260.0, 0.0)


class TestSpectra:
    """Energy laws."""

    @pytest.mark.parametrize("spectrum", [PowerLaw(), Lines((60.0, 511.0), (3.0, 1.0), 0.05)])
    def test_drawn_energies_follow_the_law(
        self, spectrum: PowerLaw | Lines, rng: np.random.Generator
    ) -> None:
        """The fraction below 80 keV is the one promised."""
        energy = spectrum.draw(200_000, rng)
        assert (energy < 80).mean() == pytest.approx(fraction(spectrum, 0, 80), abs=0.005)

    def test_crab_through_the_real_response(self, rng: np.random.Generator) -> None:
        """9.7 E^-2.1 gives 182 counts/s in 28-80 keV (facts.md section 3)."""
        response, law = read_response(RESPONSE), PowerLaw(2.1, 9.3, 1190.0)
        counts = 9.7 * law.integral() * response.counts(law)
        low, high = response.channel_edges[:-1], response.channel_edges[1:]
        in_band = (low >= 28) & (high <= 80)
        assert counts[in_band].sum() == pytest.approx(182, abs=2)
        energy = response.redistribute(law).draw(100_000, rng)
        within = ((energy >= 28) & (energy < 80)).mean()
        assert within == pytest.approx(counts[in_band].sum() / counts.sum(), abs=0.005)


class TestTrace:
    """Whole observations."""

    def test_counts_and_tags(self, rng: np.random.Generator) -> None:
        """1 Crab on axis gives 180 counts/s in 28-80 keV, times the open fraction on axis."""
        field = one_source(rng)
        events = trace(field.pointing, field.sources, None, 300.0, rng)
        assert events.origins == (BACKGROUND, NOISE, "source")
        assert events.is_from("source").all()
        in_band = events.is_within(28, 80).sum()
        assert in_band == pytest.approx(300 * 180 * 0.4966 / 0.5002, rel=0.02)

    def test_events_are_ordered_and_flagged(self, rng: np.random.Generator) -> None:
        """Time runs forward; all events of noisy pixels are flagged, and no others."""
        field = crab(rng)
        events = field.trace(50.0, rng)
        assert (np.diff(events.time) >= 0).all()
        assert 0 <= (events.time[0] - field.pointing.start) * SECONDS_PER_DAY < 1
        noisy = field.pixels.noisy[events.detz, events.dety]
        np.testing.assert_array_equal(events.select_flag == 1, noisy)
        assert events.is_from(NOISE)[events.select_flag == 1].any()
        assert working_pixels()[events.detz, events.dety].all()
        count = events.is_from(BACKGROUND).sum()
        expected = 50 * 660 * field.pixels.efficiency.sum() / 16384
        assert count == pytest.approx(expected, rel=0.03)

    def test_gaps_surge_and_are_left_out(self, rng: np.random.Generator) -> None:
        """Events go on within a gap, but good times exclude it."""
        gap = Gap(20.0, 30.0, surge=4.0)
        events = empty(rng).trace(100.0, rng, [gap])
        assert events.good_times.shape == (2, 2)
        seconds = (events.time - events.pointing.start) * SECONDS_PER_DAY
        in_gap = (seconds >= 20) & (seconds < 30)
        assert in_gap.sum() / (~in_gap).sum() == pytest.approx(4 / 9, rel=0.05)
        good = events.is_good()
        assert not (good & in_gap).any()
        assert good.sum() == (~in_gap & (events.select_flag == 0)).sum()

    def test_bursts_shine_when_they_should(self, rng: np.random.Generator) -> None:
        """The rate in a burst is its factor times the steady one; others stay calm."""
        field = burster(rng)
        events = field.trace(300.0, rng)
        seconds = (events.time - events.pointing.start) * SECONDS_PER_DAY
        burst = (seconds >= 240) & (seconds < 270)
        calm = (seconds >= 160) & (seconds < 240)
        for name, factor in (("burster", 8), ("steady", 1)):
            mine = events.is_from(name)
            ratio = (mine & burst).sum() / 30 / ((mine & calm).sum() / 80)
            assert ratio == pytest.approx(factor, rel=0.15)

    def test_same_seed_same_events(self) -> None:
        """Randomness comes from the generator alone."""
        first, second = (
            weak_source(np.random.default_rng(7)).trace(5.0, np.random.default_rng(8))
            for _ in range(2)
        )
        np.testing.assert_array_equal(first.time, second.time)
        np.testing.assert_array_equal(first.dety, second.dety)

    @pytest.mark.parametrize("make", [bright_and_faint, ghost_pair, crowded])
    def test_every_source_is_seen(
        self,
        make: Callable[[np.random.Generator], Field],
        rng: np.random.Generator,
    ) -> None:
        """All sources of the richer fields leave photons."""
        events = make(rng).trace(5.0, rng)
        counts = np.bincount(events.origin, minlength=len(events.origins))
        assert (counts[2:] > 0).all()

    def test_ghost_is_53_elements_away(self, rng: np.random.Generator) -> None:
        """Along Y only."""
        field = ghost_pair(rng)
        near, far = (
            np.array(field.pointing.tangents(source.ra, source.dec)) * 3202.97 / 11.2
            for source in field.sources
        )
        assert far - near == pytest.approx([53, 0], abs=1e-6)


class TestBackground:
    """The background's shape."""

    def test_shape_changes_with_energy(self, rng: np.random.Generator) -> None:
        """Traced maps follow `shape` at low and at high energy, and not vice versa."""
        background = isgri_background(rng, rate=20_000.0, gradient=0.3)
        events = trace(default_pointing(), (), background, 60.0, rng)
        low = events.image(events.is_within(15, 40))
        high = events.image(events.is_within(300, 1000))
        assert _chi2(low, background.shape(33.0)) == pytest.approx(1, abs=0.06)
        assert _chi2(high, background.shape(500.0)) == pytest.approx(1, abs=0.06)
        assert _chi2(low, background.shape(500.0)) > 1.2

    def test_spectrum_is_like_the_real_one(self, rng: np.random.Generator) -> None:
        """Fractions of 40-1000 keV as in the real window, with energies that its lines give."""
        spectrum = isgri_background(rng).spectrum
        real = ((40, 80, 209.0), (80, 100, 57.6), (100, 300, 190.0), (300, 1000, 89.3))
        for e_min, e_max, rate in real:
            share = fraction(spectrum, e_min, e_max) / fraction(spectrum, 40, 1000)
            assert share == pytest.approx(rate / 545.8, rel=0.03)


class TestFiles:
    """The ISDC layout."""

    @pytest.fixture
    def events(self, rng: np.random.Generator) -> TracedEvents:
        """Return a short observation with two gaps in it."""
        gaps = [Gap(3.0, 4.0), Gap(10.0, 11.0)]
        return crab(rng, REAL_POINTING).trace(20.0, rng, gaps)

    def test_reads_back_equal(self, events: TracedEvents, tmp_path: Path) -> None:
        """Columns, good times and attitude."""
        path = write_events(events, tmp_path)
        folder = tmp_path / "scw" / "2559" / "255900280010.001"
        assert path == folder / "isgri_events.fits.gz"
        with fits.open(path) as hdus:
            table, header = hdus["ISGR-EVTS-ALL"].data, hdus["ISGR-EVTS-ALL"].header
            for column, values in (
                ("TIME", events.time),
                ("ISGRI_ENERGY", events.energy),
                ("DETY", events.dety),
                ("DETZ", events.detz),
                ("SELECT_FLAG", events.select_flag),
            ):
                np.testing.assert_array_equal(table[column], values)
            good_times = hdus["IBIS-GNRL-GTI"].data
            np.testing.assert_array_equal(good_times["START"], events.good_times[:, 0])
            np.testing.assert_array_equal(good_times["STOP"], events.good_times[:, 1])
            assert header["RA_SCZ"] == REAL_POINTING.ra_z
            assert "SIMULATED" in header["CREATOR"]
            assert "SIMULATED" in str(header["COMMENT"])

    def test_looks_like_the_real_file(self, events: TracedEvents, tmp_path: Path) -> None:
        """Same HDUs in the same order, same columns and formats, same keywords."""
        with (
            fits.open(CUT_EVENTS) as real,
            fits.open(write_events(events, tmp_path)) as ours,
        ):
            names = [hdu.name for hdu in real if hdu.name[-3:] not in ("PRW", "SRW")]
            assert [hdu.name for hdu in ours] == names
            for name in names[1:]:
                assert ours[name].columns.names == real[name].columns.names
                assert ours[name].columns.formats == real[name].columns.formats
                assert _missing(real[name].header, ours[name].header) == set()

    def test_derived_columns_agree(self, events: TracedEvents, tmp_path: Path) -> None:
        """Raw coordinates skip the gaps; the on-board time counts 2**-20 s."""
        table = fits.getdata(write_events(events, tmp_path), "ISGR-EVTS-ALL")
        raw_y, raw_z = table["ISGRI_Y"].astype(int), table["ISGRI_Z"].astype(int)
        np.testing.assert_array_equal(raw_y + 2 * (raw_y >= 64), events.dety)
        np.testing.assert_array_equal(raw_z + 2 * (raw_z // 32), events.detz)
        words = table["OB_TIME"].astype(np.int64)
        ticks = words @ (1 << np.array([48, 32, 16, 0]))
        assert (np.diff(ticks) >= 0).all()
        elapsed = (events.time[-1] - events.time[0]) * SECONDS_PER_DAY
        assert (ticks[-1] - ticks[0]) / 2**20 == pytest.approx(elapsed, abs=1e-5)


def test_dither_keeps_the_target_in_view() -> None:
    """25 pointings in a row, all within 6.2 deg of the centre."""
    pointings = list(dither((83.6, 22.0), number=25, duration=100.0))
    assert len({pointing.swid for pointing in pointings}) == 25
    for earlier, later in pairwise(pointings):
        assert later.start > earlier.start + 100 / SECONDS_PER_DAY
    farthest = max(np.hypot(*item.tangents(83.6, 22.0)) for item in pointings)
    corner = np.sqrt(2) * np.tan(np.radians(2 * 2.17))
    assert farthest == pytest.approx(corner, rel=0.02)


def test_source_brightness_is_in_crabs() -> None:
    """Half a Crab is 90 counts/s in 28-80 keV, whatever the spectrum."""
    for spectrum in (PowerLaw(), PowerLaw(3.0, 15.0, 300.0)):
        source = source_of("half", (0.0, 0.0), 0.5, spectrum=spectrum)
        assert source.rate_between(28, 80) == pytest.approx(90)


def _correlation(
    mask: Mask,
    osa: Floats,
    rng: np.random.Generator,
) -> float:
    slopes = REAL_POINTING.tangents(*SGR_1935)
    image = count_image(*trace_beam(slopes, PHOTONS, mask, perfect_pixels(), rng))
    exists = working_pixels()
    return float(np.corrcoef(image[exists], osa[exists])[0, 1])


def _chi2(
    counts: Floats,
    shape: Floats,
) -> float:
    exists = working_pixels()
    expected = shape[exists] / shape[exists].sum() * counts.sum()
    return float(((counts[exists] - expected) ** 2 / expected).mean())


def _missing(real: fits.Header, ours: fits.Header) -> set[str]:
    """Keywords of the real header that ours lacks, apart from the archive's own marks."""
    marks = (
        *("STAMP", "CHECKSUM", "DATASUM", "GRP", "LONGSTRN", "PREVSWID", "EXTVER"),
        *("HISTORY", "TSCAL"),
    )
    kept = {keyword for keyword in real if not keyword.startswith(marks)}
    return kept - set(ours)
