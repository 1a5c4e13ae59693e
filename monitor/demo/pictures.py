"""Pictures of the sample market's goods, drawn by code and kept for a while."""

from __future__ import annotations

import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw

from monitor.demo.drawings import KINDS, PALETTE, Canvas, draw_parcel

__all__ = ["SIZE_PX", "draw"]

SIZE_PX = 320
JPEG_QUALITY = 82
CACHED_PICTURES = 512


@lru_cache(maxsize=CACHED_PICTURES)
def draw(kind: str, listing_id: str, number: int = 1) -> bytes:
    """A picture as JPEG, 320 px square: the same bytes for the same arguments.

    Args:
        kind: one of `monitor.demo.drawings.KINDS`; any other name draws a parcel.
        listing_id: decides colours and places, so that no two listings look the same.
        number: of the listing's picture, from 1.
    """
    dice = random.Random(f"{listing_id}:{number}")
    color, second = dice.sample(PALETTE, 2)
    tone = dice.randrange(218, 245)
    background = (tone, tone + dice.randrange(-8, 9), tone + dice.randrange(-12, 10))
    image = Image.new("RGB", (SIZE_PX, SIZE_PX), background)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 246, SIZE_PX, SIZE_PX), fill=tuple(part - 14 for part in background))
    KINDS.get(kind, draw_parcel)(Canvas(pen, dice, color, second))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
