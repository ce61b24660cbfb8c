"""Placing names beside their sources so that no two overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_HEIGHT = 15.0  # of a line of text, screen pixels
_CHARACTER = 6.8  # mean width of a character, screen pixels
_RING = 9.0  # half a marker
_GAP = 11.0  # from the centre of a marker to its label


@dataclass(frozen=True)
class Placed:
    """Where a label goes: offset of its left middle from the marker, screen pixels."""

    dx: float
    dy: float


@dataclass(frozen=True)
class _Box:
    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: _Box) -> float:
        """Return the common area."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0.0) * max(height, 0.0)


def place_labels(
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    size: tuple[float, float],
) -> list[Placed | None]:
    """Return an offset per label; None where there is no room.

    Parameters
    ----------
    points
        Markers in screen pixels, the most important first.
    names
        Their labels.
    size
        Width and height of the frame, screen pixels.
    """
    taken = [_Box(x - _RING, y - _RING, x + _RING, y + _RING) for x, y in points]
    placed: list[Placed | None] = []
    for index, ((x, y), name) in enumerate(zip(points, names, strict=True)):
        others = taken[:index] + taken[index + 1 :]
        choice = _best(x, y, name, others, size)
        placed.append(choice)
        if choice is not None:
            taken.append(_box(x, y, name, choice))
    return placed


def _best(
    x: float, y: float, name: str, taken: list[_Box], size: tuple[float, float]
) -> Placed | None:
    """Return the first of eight places that is free and inside the frame."""
    frame = _Box(0, 0, *size)
    if not (0 <= x <= size[0] and 0 <= y <= size[1]):
        return None
    for place in _candidates(name):
        box = _box(x, y, name, place)
        whole = (box.right - box.left) * (box.top - box.bottom)
        if box.overlap(frame) >= whole and not any(box.overlap(other) for other in taken):
            return place
    return None


def _candidates(name: str) -> list[Placed]:
    width = _width(name)
    rise = _GAP * 0.8 + _HEIGHT / 2
    return [
        Placed(_GAP, 0),
        Placed(-_GAP - width, 0),
        Placed(_GAP * 0.6, rise * 0.8),
        Placed(_GAP * 0.6, -rise * 0.8),
        Placed(-_GAP * 0.6 - width, rise * 0.8),
        Placed(-_GAP * 0.6 - width, -rise * 0.8),
        Placed(-width / 2, rise),
        Placed(-width / 2, -rise),
        Placed(_GAP, rise * 1.6),
        Placed(_GAP, -rise * 1.6),
    ]


def _box(x: float, y: float, name: str, place: Placed) -> _Box:
    left, middle = x + place.dx, y + place.dy
    return _Box(left, middle - _HEIGHT / 2, left + _width(name), middle + _HEIGHT / 2)


def _width(name: str) -> float:
    return len(name) * _CHARACTER
