"""The part of the sky in a frame."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any, Self

Frame = tuple[float, float]  # width and height, screen pixels

_NEAR = 1e-6  # difference that counts as rounding, part of the size of a window


@dataclass(frozen=True)
class Window:
    """A part of the plane of an image, in zero-based pixel coordinates.

    Examples
    --------
    >>> Window(0, 10, 0, 10).fitted((300, 100))
    Window(left=-10.0, right=20.0, bottom=0.0, top=10.0)
    """

    left: float
    right: float
    bottom: float
    top: float

    @classmethod
    def of(cls, plot: Any) -> Self:
        """Return the part on the axes of a figure."""
        x, y = plot.x_range, plot.y_range
        return cls(x.start, x.end, y.start, y.end)

    def fitted(self, frame: Frame) -> Window:
        """Return the smallest window of the shape of a frame around this one.

        frames.js does the same in the browser, which decides the size of the frame.
        """
        width, height = frame
        scale = max((self.right - self.left) / width, (self.top - self.bottom) / height)
        x, y = (self.left + self.right) / 2, (self.bottom + self.top) / 2
        across, upward = scale * width / 2, scale * height / 2
        return Window(x - across, x + across, y - upward, y + upward)

    def widened(self, part: float) -> Window:
        """Return the window with a part of its size added on each side."""
        across, upward = part * (self.right - self.left), part * (self.top - self.bottom)
        left, right = self.left - across, self.right + across
        return Window(left, right, self.bottom - upward, self.top + upward)

    def near(self, other: Window) -> bool:
        """Return whether this window equals another, but for rounding."""
        size = other.right - other.left + other.top - other.bottom
        ends = zip(astuple(self), astuple(other), strict=True)
        return all(abs(mine - its) < _NEAR * size for mine, its in ends)
