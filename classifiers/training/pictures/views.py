"""Ways of looking at one picture, so that the classifier learns from more than it was shown."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

__all__ = ["view"]

LEAST: Final = 0.75
"""Share of either side that a part keeps at least."""

MIRRORED, TURNED, GREY = 0.5, 0.2, 0.08


def view(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A part of a picture, perhaps mirrored or turned a quarter, in other light."""
    width, height = image.size
    wide, high = (side * rng.uniform(LEAST, 1) for side in (width, height))
    left, top = rng.uniform(0, width - wide), rng.uniform(0, height - high)
    result = image.crop((round(left), round(top), round(left + wide), round(top + high)))
    if rng.random() < MIRRORED:
        result = ImageOps.mirror(result)
    if rng.random() < TURNED:
        turn = Image.Transpose.ROTATE_90 if rng.random() < 0.5 else Image.Transpose.ROTATE_270
        result = result.transpose(turn)
    for enhancer in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        result = enhancer(result).enhance(rng.uniform(0.6, 1.4))
    if rng.random() < GREY:
        result = ImageOps.grayscale(result).convert("RGB")
    return result
