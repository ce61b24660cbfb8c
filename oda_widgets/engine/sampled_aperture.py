"""An aperture with any mask: its shadows are read from one table, its correlations are FFTs.

The shadow of a distant source is the mask itself, shifted. So the mask is sampled once on a grid
finer than the detector's pixels, and blurred once with the pixel and with the resolution of
positions. The shadow of a source is interpolated in this table, and the correlation of a detector
image with the shadows of all directions of a grid is one product of Fourier transforms, as long as
a step of the grid shifts the shadow by one pixel.

The loss in the collimator and in the depth of the mask depends on the direction only, and
multiplies all of these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from oda_widgets.arrays import Floats, Singles
from oda_widgets.engine.dead_strips import bend, efficiency_beside
from oda_widgets.engine.mask_table import FINER, MARGIN, Mask, Sampling, mask_table
from oda_widgets.engine.position_blur import PositionBlur
from oda_widgets.engine.sky_grid import WHOLE, Lines, SkyGrid, Window

_SEEN = 0.94  # of the angle of the last ray: farther out is a thousandth of the information
_OF_ISGRI = 2.0  # pixels in a mask element, rounded
_SHADOWS = 64  # of sources kept for the next fit, 350 kB each
_SPECTRA = 40  # of shadows and their squares kept, 2 MB each


@dataclass(frozen=True)
class SampledAperture:
    """Any mask above a square grid of pixels; a circle of them is used. See `Aperture`.

    Parameters
    ----------
    mask
        Open and closed cells.
    cell
        Width of a cell in mm.
    mask_radius
        Radius in mm of a circle around all cells.
    distance
        Distance from detector to mask in mm.
    pixel
        Side of a detector pixel in mm.
    pixels
        Detector pixels along each axis.
    radius
        Radius of the part of the detector that is used, mm.
    no_response
        Tangent off axis at which the collimator transmits nothing.
    blur
        Blur of recorded positions.
    strips
        Indices along Y of dead columns of pixels; shadows are distorted beside them.
    """

    mask: Mask
    cell: float
    mask_radius: float
    distance: float
    pixel: float
    pixels: int
    radius: float
    no_response: float
    blur: PositionBlur
    strips: tuple[int, ...] = ()

    @property
    def sampling(self) -> Sampling:
        """The sampling of the mask."""
        return Sampling(self.mask, self.mask_radius, self.pixel, self.blur)

    @property
    def bend(self) -> Floats:
        """The matrix that, from the right, gives shadows their distortion beside dead strips."""
        return bend(self.strips, self.pixels, self.pixel, self.blur)

    @property
    def beside_strips(self) -> Floats:
        """Fraction of uniform light that pixels along Y record, shape (pixels,)."""
        return efficiency_beside(self.strips, self.pixels, self.pixel, self.blur)

    @property
    def detector_shape(self) -> tuple[int, int]:
        """Pixels along Z and Y."""
        return self.pixels, self.pixels

    @property
    def search_grid(self) -> SkyGrid:
        """Grid whose steps shift a shadow by one pixel, out to where sources are hardly seen."""
        reach = int(_SEEN * (self.mask_radius + self.radius) / self.pixel)
        fineness = max(round(self.cell / self.pixel / _OF_ISGRI), 1)
        return SkyGrid(1, self.pixel / self.distance, 2 * reach + 1, fineness)

    @property
    def map_grid(self) -> SkyGrid:
        """Return the search grid: a peak is three of its points wide."""
        return self.search_grid

    @property
    def reach(self) -> float:
        """Largest tangent along an axis at which a ray through the mask hits the detector."""
        return min((self.mask_radius + self.radius) / self.distance, self.no_response)

    @property
    def peak_width(self) -> float:
        """Half width of a peak, as a tangent: one cell and one pixel."""
        return (self.cell + self.pixel) / self.distance

    @property
    def too_near(self) -> float:
        """Tangent of 0.6 cells."""
        return 0.6 * self.cell / self.distance

    @property
    def scale(self) -> float:
        """Width of a peak relative to IBIS: 11.2 mm in 3202.97 mm."""
        return self.cell / self.distance / (11.2 / 3202.97)

    @property
    def ghosts(self) -> Floats:
        """Return an empty array: the mask does not repeat itself within its edge."""
        return np.zeros((0, 2))

    def illumination(self, tangent_y: Floats, tangent_z: Floats) -> Floats:
        """Return the illumination of every pixel, shape (n_sources, pixels, pixels)."""
        directions = zip(np.ravel(tangent_y).tolist(), np.ravel(tangent_z).tolist(), strict=True)
        shadows = [_shadow(self, *direction) for direction in directions]
        return np.array(shadows).reshape(-1, self.pixels, self.pixels)

    def shadow_of(self, tangent_y: float, tangent_z: float) -> Floats:
        """Return the illumination of one source, cached for the next fit."""
        return _cached_shadow(self, tangent_y, tangent_z)

    def correlate(
        self, grid: SkyGrid, detector: NDArray[np.floating], window: Window | Lines = WHOLE
    ) -> Singles:
        """Return the correlation of a detector image with all shadows; see `Aperture`."""
        return self._correlation(grid, detector, window, power=1)

    def correlate_squares(
        self, grid: SkyGrid, detector: NDArray[np.floating], window: Window = WHOLE
    ) -> Singles:
        """Return the correlation of a detector image with the squares of all shadows."""
        return self._correlation(grid, detector, window, power=2)

    def coding_fraction(self, tangent_y: Floats, tangent_z: Floats) -> Floats:
        """Return the fraction of the detector below the mask times the vignetting."""
        off_axis = np.hypot(np.asarray(tangent_y, float), np.asarray(tangent_z, float))
        common = _common_area(off_axis * self.distance, self.radius, self.mask_radius)
        coding: Floats = common / (np.pi * self.radius**2) * self.vignetting(tangent_y, tangent_z)
        return np.nan_to_num(coding)

    def vignetting(self, tangent_y: Floats, tangent_z: Floats) -> Floats:
        """Return the transmission of collimator and mask: 1 on axis, falling linearly off it."""
        off_axis = np.hypot(tangent_y, tangent_z)
        collimated = np.maximum(1 - off_axis / self.no_response, 0.0)
        passes: Floats = collimated * (1 - self.mask.shading * off_axis)
        return passes

    def circle(self) -> NDArray[np.bool_]:
        """Return True for the pixels whose centre is in the part of the detector that is used."""
        place = (np.arange(self.pixels) - (self.pixels - 1) / 2) * self.pixel
        used: NDArray[np.bool_] = np.hypot(place[:, None], place) < self.radius
        return used

    def counts_per_flux(self, seconds: float) -> float:
        """Return the counts of a fully lit pixel for one count per second of flux.

        The flux of a source is the rate at which the whole circle would count it on axis, through
        the mask.
        """
        return seconds * self.pixel**2 / (np.pi * self.radius**2 * self.mask.open_fraction)

    def _correlation(
        self, grid: SkyGrid, detector: NDArray[np.floating], window: Window | Lines, power: int
    ) -> Singles:
        from scipy import fft  # noqa: PLC0415 - heavy; the store needs none of it

        size = _fft_size(self)
        # Maps use undistorted shadows: distorted ones beside dead strips are not shifted copies.
        # The information is that of undistorted shadows as well.
        straight = replace(self, strips=())
        image = np.asarray(detector, np.float32)
        spectrum = fft.fft(fft.rfft(image, size, axis=1), size, axis=0)
        np.conjugate(spectrum, out=spectrum)
        spectrum *= _spectrum(straight, power)
        shifted = fft.irfft2(spectrum, (size, size))[: grid.size, : grid.size]
        # Columns are along falling Y.
        part = window if isinstance(window[0], slice) else np.ix_(*window)
        found: Singles = shifted[:, ::-1][part] * _passes(straight, grid, power)[part]
        return found


@lru_cache(maxsize=4)
def _passes(aperture: SampledAperture, grid: SkyGrid, power: int) -> Singles:
    """Return a power of the vignetting in the directions of a grid."""
    y, z = grid.tangent_y[None, :], grid.tangent_z[:, None]
    passes: Singles = (aperture.vignetting(y, z) ** power).astype(np.float32)
    passes.setflags(write=False)
    return passes


@lru_cache(maxsize=_SHADOWS)
def _cached_shadow(aperture: SampledAperture, tangent_y: float, tangent_z: float) -> Floats:
    shadow = _shadow(aperture, tangent_y, tangent_z)
    shadow.setflags(write=False)
    return shadow


def _shadow(aperture: SampledAperture, tangent_y: float, tangent_z: float) -> Floats:
    """Return the shadow of a source, interpolated between four samples along each axis."""
    shadow = np.zeros(aperture.detector_shape, np.float32)
    passes = float(aperture.vignetting(np.asarray(tangent_y), np.asarray(tangent_z)))
    if not passes > 0:
        return shadow.astype(float)
    table = mask_table(aperture.sampling)
    samples_y = _samples_near(aperture, tangent_y)
    for weight_z, phase_z, rows, pixels_z in _samples_near(aperture, tangent_z):
        for weight_y, phase_y, columns, pixels_y in samples_y:
            weight = np.float32(weight_z * weight_y * passes)
            shadow[pixels_z, pixels_y] += weight * table[phase_z, phase_y, rows, columns]
    if not aperture.strips:
        return shadow.astype(float)
    # Sharpened shadows swing below zero in the dark, and the weights would follow.
    bent: Floats = np.maximum(shadow @ aperture.bend, 0.0)
    return bent


_Samples = tuple[float, int, slice, slice]


def _samples_near(aperture: SampledAperture, tangent: float) -> list[_Samples]:
    """Return, along an axis, the four samples between which pixels see the mask.

    Each is a weight, the phase of the table, the part of it that meets the mask, and the pixels
    of this part. Interpolation between only two samples would blur the shadow, differently in each
    direction.
    """
    place = _first_sample(aperture, tangent)
    number = int(np.floor(place))
    weights = _cubic(place - number)
    return [_sample(aperture, w, number + n) for n, w in enumerate(weights, -1) if w]


def _first_sample(aperture: SampledAperture, tangent: float) -> float:
    """Return the place in the table that the first pixel sees, in samples."""
    offset = tangent * aperture.distance - (aperture.pixels - 1) / 2 * aperture.pixel
    return offset / aperture.sampling.step + (aperture.sampling.samples - 1) / 2


def _cubic(part: float) -> tuple[float, float, float, float]:
    """Return the weights of four samples, at -1, 0, 1 and 2, for a place between 0 and 1.

    They interpolate with the cubic polynomial through the samples (Lagrange).
    """
    p = part
    return (
        -p * (p - 1) * (p - 2) / 6,
        (p + 1) * (p - 1) * (p - 2) / 2,
        -(p + 1) * p * (p - 2) / 2,
        (p + 1) * p * (p - 1) / 6,
    )


def _sample(aperture: SampledAperture, weight: float, number: int) -> _Samples:
    first, phase = divmod(number, FINER)
    length = aperture.sampling.samples // FINER
    low, high = max(first, 0), max(min(first + aperture.pixels, length), 0)
    low = min(low, high)
    return weight, phase, slice(low, high), slice(low - first, high - first)


@lru_cache(maxsize=_SPECTRA)
def _spectrum(aperture: SampledAperture, power: int) -> NDArray[np.complex64]:
    """Return the Fourier transform of the shadow on axis, or of its square.

    It is shifted so that the inverse transform begins with the first direction of the grid.
    """
    from scipy import fft  # noqa: PLC0415 - heavy; the store needs none of it

    size = _fft_size(aperture)
    _, phase, part, _ = _sample(aperture, 1.0, round(_first_sample(aperture, 0.0)))
    on_axis = mask_table(aperture.sampling)[phase, phase] ** power
    wrapped = np.zeros((size, size), np.float32)
    half = (aperture.search_grid.size - 1) // 2
    place = (np.arange(len(on_axis)) - part.start + half) % size
    wrapped[np.ix_(place, place)] = on_axis
    spectrum: NDArray[np.complex64] = fft.rfft2(wrapped)
    return spectrum


def _fft_size(aperture: SampledAperture) -> int:
    """Return a size so large that shadows that wrap around hit nothing."""
    from scipy import fft  # noqa: PLC0415 - heavy; the store needs none of it

    farthest = (aperture.search_grid.size + aperture.pixels) / 2
    mask = aperture.mask_radius / aperture.pixel + MARGIN
    size: int = fft.next_fast_len(int(np.ceil(farthest + mask)) + 1, real=True)
    return size


def _common_area(distance: Floats, small: float, large: float) -> Floats:
    """Return the common area of two circles, by the distance of their centres."""
    apart = np.clip(distance, large - small, large + small)
    cosine_small = (apart**2 + small**2 - large**2) / (2 * apart * small)
    cosine_large = (apart**2 + large**2 - small**2) / (2 * apart * large)
    angle_small, angle_large = (np.arccos(np.clip(c, -1, 1)) for c in (cosine_small, cosine_large))
    area: Floats = small**2 * (angle_small - np.sin(2 * angle_small) / 2)
    area += large**2 * (angle_large - np.sin(2 * angle_large) / 2)
    return area
