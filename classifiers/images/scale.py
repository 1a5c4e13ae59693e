"""Smaller copies of pixels."""

from __future__ import annotations

import cv2
import numpy as np

from classifiers.images.picture import Pixels

__all__ = ["reduced", "resized"]


def reduced(pixels: Pixels, edge: int) -> Pixels:
    """A copy whose longer edge is `edge` pixels; the same pixels if it is no longer."""
    height, width = pixels.shape[:2]
    scale = edge / max(height, width)
    if scale >= 1:
        return pixels
    return resized(pixels, max(1, round(width * scale)), max(1, round(height * scale)))


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """A copy of exactly this size: averaged when it shrinks, interpolated when it grows."""
    shrinks = width < pixels.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=how), np.uint8)
