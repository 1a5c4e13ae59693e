"""Arithmetic of boxes."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.contract import Box

__all__ = ["area", "around", "grown", "overlap", "within"]


def area(box: Box) -> float:
    """Share of the picture that a box covers."""
    return max(0.0, box.right - box.left) * max(0.0, box.bottom - box.top)


def _shared(one: Box, other: Box) -> float:
    return area(
        Box(
            max(one.left, other.left),
            max(one.top, other.top),
            min(one.right, other.right),
            min(one.bottom, other.bottom),
        )
    )


def overlap(one: Box, other: Box) -> float:
    """What two boxes share of what they cover together, in [0, 1]."""
    both = _shared(one, other)
    union = area(one) + area(other) - both
    return both / union if union > 0 else 0.0


def within(inner: Box, outer: Box) -> float:
    """Share of `inner` that lies in `outer`, in [0, 1]."""
    return _shared(inner, outer) / area(inner) if area(inner) > 0 else 0.0


def grown(box: Box, across: float, down: float) -> Box:
    """Larger on every side, cut at the picture's edge.

    Args:
        box: the place.
        across: share of its width that is added left and right.
        down: share of its height that is added above and below.
    """
    wide, high = (box.right - box.left) * across, (box.bottom - box.top) * down
    return Box(
        max(0.0, box.left - wide),
        max(0.0, box.top - high),
        min(1.0, box.right + wide),
        min(1.0, box.bottom + high),
    )


def around(points: Sequence[tuple[float, float]], width: int, height: int) -> Box:
    """The upright box around points given in pixels."""
    across = [min(max(x / width, 0.0), 1.0) for x, _ in points]
    down = [min(max(y / height, 0.0), 1.0) for _, y in points]
    return Box(min(across), min(down), max(across), max(down))
