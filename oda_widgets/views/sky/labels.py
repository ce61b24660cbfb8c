"""Placing names beside their sources so that no two overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin

_HEIGHT = 15.0  # of a line of text, screen pixels
_CHARACTER = 6.8  # mean width of a character, screen pixels
_RING = 9.0  # half a marker
_GAP = 11.0  # from the centre of a marker to its label
_CLEARER = 4.0  # by so much a label beside a marker is nearer to it than to any other
_FAR = (28.0, 42.0, 60.0, 85.0, 110.0, 140.0, 175.0, 210.0)  # to a label with a line, screen pixels
_DIRECTIONS = 32
_STEEP = 0.3  # cosine of the direction of a label, below which it is centred
_SAMPLES = 12  # points of a line that are checked


@dataclass(frozen=True)
class Placed:
    """Place of a label: offset of its left middle from the marker, screen pixels.

    `far` labels need a line to their marker.
    """

    dx: float
    dy: float
    far: bool = False

    def line_end(self, name: str) -> tuple[float, float]:
        """Return where the line from the marker meets the label, offset in screen pixels."""
        return self.dx + min(max(-self.dx, 0.0), _width(name)), self.dy


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

    def distance(self, x: float, y: float) -> float:
        """Return the distance of a point, 0 inside."""
        across = max(self.left - x, x - self.right, 0.0)
        return hypot(across, max(self.bottom - y, y - self.top, 0.0))


def place_labels(
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    size: tuple[float, float],
    *,
    far: int = 0,
    nearest: bool = True,
) -> list[Placed | None]:
    """Return an offset per label; None for one without room.

    Parameters
    ----------
    points
        Markers in screen pixels, the most important first.
    names
        Their labels.
    size
        Width and height of the frame, screen pixels.
    far
        How many labels without room beside their markers may stand apart, with a line.
    nearest
        Whether a label without a line must be nearer to its marker than to any other.
    """
    taken = [_Box(x - _RING, y - _RING, x + _RING, y + _RING) for x, y in points]
    placed: list[Placed | None] = []
    for index, ((x, y), name) in enumerate(zip(points, names, strict=True)):
        others = taken[:index] + taken[index + 1 :]
        # Of markers in one place the most important has the name.
        below = [one for one in points[index + 1 :] if hypot(one[0] - x, one[1] - y) >= _RING]
        rivals = [*points[:index], *below] if nearest else []
        clear = [one for one in _candidates(name) if _belongs(x, y, name, one, rivals)]
        choice = _first_free(x, y, clear, name, others, size)
        placed.append(choice)
        if choice is not None:
            taken.append(_box(x, y, name, choice))
    if far:
        _place_far(placed, points, names, size, taken, far)
    return placed


def _place_far(
    placed: list[Placed | None],
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    size: tuple[float, float],
    taken: list[_Box],
    most: int,
) -> None:
    """Place the remaining names at some distance, where neither name nor line crosses another."""
    for index, ((x, y), name) in enumerate(zip(points, names, strict=True)):
        if placed[index] is not None or not _inside(x, y, size):
            continue
        if most == 0:
            return
        most -= 1
        # Markers that overlap this one lie below the line, whichever way it goes.
        others = [box for box in taken if not box.overlap(taken[index])]
        clear = [one for one in _far_candidates(name) if not _crosses(x, y, name, one, others)]
        placed[index] = choice = _first_free(x, y, clear, name, taken, size)
        if choice is not None:
            taken.append(_box(x, y, name, choice))


def _belongs(
    x: float, y: float, name: str, place: Placed, rivals: Sequence[tuple[float, float]]
) -> bool:
    """Return whether a label without a line is clearly nearer to its marker than to any other."""
    box = _box(x, y, name, place)
    limit = box.distance(x, y) + _CLEARER
    return all(box.distance(*other) >= limit for other in rivals)


def _inside(x: float, y: float, size: tuple[float, float]) -> bool:
    return 0 <= x <= size[0] and 0 <= y <= size[1]


def _far_candidates(name: str) -> list[Placed]:
    width = _width(name)
    found = []
    for distance in _FAR:
        for number in range(_DIRECTIONS):
            angle = 2 * pi * number / _DIRECTIONS
            dx, dy = distance * cos(angle), distance * sin(angle)
            shift = 0.5 if abs(cos(angle)) < _STEEP else float(dx < 0)
            found.append(Placed(dx - shift * width, dy, far=True))
    return found


def _crosses(x: float, y: float, name: str, place: Placed, others: Sequence[_Box]) -> bool:
    """Return whether the line to a place crosses a box."""
    end, _ = place.line_end(name)
    parts = [number / _SAMPLES for number in range(1, _SAMPLES)]
    return any(
        box.left <= x + part * end <= box.right and box.bottom <= y + part * place.dy <= box.top
        for box in others
        for part in parts
    )


def _first_free(
    x: float,
    y: float,
    candidates: list[Placed],
    name: str,
    taken: list[_Box],
    size: tuple[float, float],
) -> Placed | None:
    """Return the first candidate that is free and inside the frame, or None."""
    frame = _Box(0, 0, *size)
    if not _inside(x, y, size):
        return None
    for place in candidates:
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
