"""Hands cut out of photos that show one before a plain wall."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

__all__ = ["cut_hand", "skin_share"]

RED_CHROMA: Final = (140, 178)
BLUE_CHROMA: Final = (85, 124)
"""Where skin of any tone lies in YCbCr (Chai and Ngan 1999), a little narrower against walls."""

LEAST, MOST = 0.12, 0.85


def _skin(image: Image.Image) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    _, blue, red = (np.asarray(channel) for channel in image.convert("YCbCr").split())
    is_red = (red >= RED_CHROMA[0]) & (red <= RED_CHROMA[1])
    is_blue = (blue >= BLUE_CHROMA[0]) & (blue <= BLUE_CHROMA[1])
    result: np.ndarray[tuple[int, int], np.dtype[np.bool_]] = is_red & is_blue
    return result


def skin_share(image: Image.Image) -> float:
    """How much of a picture has the colour of skin, in [0, 1]."""
    return float(_skin(image).mean())


def cut_hand(image: Image.Image) -> Image.Image | None:
    """The hand, transparent around it; None where it does not stand out from the wall."""
    return _cut(image.tobytes(), image.size)


@lru_cache(maxsize=256)
def _cut(pixels: bytes, size: tuple[int, int]) -> Image.Image | None:
    image = Image.frombytes("RGB", size, pixels)
    skin = _skin(image)
    if not LEAST < skin.mean() < MOST:
        return None
    mask = Image.fromarray(skin.astype(np.uint8) * 255)
    for _ in range(2):
        mask = mask.filter(ImageFilter.MedianFilter(5))
    mask = mask.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.MinFilter(5))
    result = image.copy()
    result.putalpha(mask.filter(ImageFilter.GaussianBlur(1)))
    return result.crop(mask.getbbox())
