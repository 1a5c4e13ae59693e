"""What the renderers draw with: fonts, texts whose place is remembered, soft edges, patterns."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from classifiers.training.pictures.scene import Colour, Scene, Subject, rectangle, turned

__all__ = [
    "Font",
    "any_font",
    "font",
    "gradient",
    "ink",
    "is_dark",
    "rounded",
    "soft_edged",
    "specimen",
    "tint",
    "write",
]

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
FOLDER: Final = Path("/usr/share/fonts")
FACES: Final = {
    "sans": "opentype/noto/NotoSansCJK-Regular.ttc",
    "bold": "opentype/noto/NotoSansCJK-Bold.ttc",
    "serif": "opentype/noto/NotoSerifCJK-Regular.ttc",
    "serif-bold": "opentype/noto/NotoSerifCJK-Bold.ttc",
    "mono": "truetype/dejavu/DejaVuSansMono-Bold.ttf",
    "latin": "truetype/liberation/LiberationSans-Regular.ttf",
}
SIMPLIFIED: Final = 2
"""Place of the simplified Chinese forms in Noto's collections."""

COARSE: Final = 8
"""A gradient is computed for every eighth pixel only and enlarged."""

MIDDLE: Final = 128
SPECIMEN_WORDS: Final = ("SPECIMEN", "SPECIMEN 样本", "样本 SPECIMEN", "S P E C I M E N")


@cache
def font(face: str, size: int) -> Font:
    """A font of `FACES`, `size` pixels high; Pillow's own where it is not installed."""
    path = FOLDER / FACES[face]
    size = max(size, 6)
    if not path.exists():
        return ImageFont.load_default(size)
    return ImageFont.truetype(str(path), size, index=SIMPLIFIED if path.suffix == ".ttc" else 0)


def any_font(rng: random.Random, size: int) -> Font:
    """Any of those that can write Chinese."""
    return font(rng.choice(("sans", "bold", "serif", "serif-bold")), size)


def ink(rng: random.Random, low: int = 0, high: int = 255) -> Colour:
    """Any colour whose channels lie between two values."""
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


def tint(colour: Colour, share: float) -> Colour:
    """A colour moved towards white (`share` above 0, at most 1) or black (below 0)."""
    goal = 255 if share > 0 else 0
    red, green, blue = (int(value + (goal - value) * abs(share)) for value in colour)
    return red, green, blue


def write(
    scene: Scene, at: tuple[float, float], text: str, face: Font, fill: Colour = (20, 20, 20)
) -> float:
    """Write one line and remember it as a text; returns how wide it is in pixels.

    Args:
        scene: to write on.
        at: its top left corner.
        text: nothing is done for none.
        face: from `font`.
        fill: its colour.
    """
    if not text:
        return 0.0
    draw = ImageDraw.Draw(scene.image)
    draw.text(at, text, font=face, fill=fill)
    left, top, right, bottom = draw.textbbox(at, text, font=face)
    scene.mark(Subject.TEXT, rectangle(left, top, right - left, bottom - top), text)
    return float(right - left)


def gradient(size: tuple[int, int], start: Colour, end: Colour, slant: float = 0.0) -> Image.Image:
    """A colour that turns into another from top to bottom, or slanted."""
    width, height = (max(2, side // COARSE) for side in size)
    down = np.linspace(0, 1, height)[:, None]
    across = np.linspace(0, 1, width)[None, :]
    share = np.clip(down * (1 - slant) + across * slant, 0, 1)[..., None]
    pixels = np.array(start) * (1 - share) + np.array(end) * share
    coarse = Image.fromarray(pixels.astype(np.uint8))
    return coarse.resize(size, Image.Resampling.BILINEAR)


def is_dark(image: Image.Image) -> bool:
    """Whether a picture is so dark on the whole that light letters stand out more."""
    (mean,) = image.convert("L").resize((1, 1), Image.Resampling.BOX).tobytes()
    return mean < MIDDLE


def rounded(image: Image.Image, radius: int) -> Image.Image:
    """The picture with round corners, transparent outside."""
    big = Image.new("L", (image.width * 2, image.height * 2))
    edge = (0, 0, big.width - 1, big.height - 1)
    ImageDraw.Draw(big).rounded_rectangle(edge, radius * 2, fill=255)
    result = image.convert("RGBA")
    alpha = big.resize(image.size, Image.Resampling.BOX)
    result.putalpha(ImageChops.multiply(result.getchannel("A"), alpha))
    return result


def soft_edged(image: Image.Image, mask: Image.Image, softness: float) -> Image.Image:
    """The picture inside a mask whose edge is blurred over `softness` pixels."""
    result = image.convert("RGBA")
    result.putalpha(mask.filter(ImageFilter.GaussianBlur(softness)))
    return result


def specimen(scene: Scene, rng: random.Random) -> None:
    """Write SPECIMEN across the middle: over most of the width, slanted, half transparent."""
    word = rng.choice(SPECIMEN_WORDS)
    width, height = scene.size
    share = rng.uniform(0.6, 0.85)
    size = max(10, int(width * share / (0.62 * len(word))))
    face = font(rng.choice(("bold", "serif-bold", "sans")), size)
    left, top, right, bottom = ImageDraw.Draw(scene.image).textbbox((0, 0), word, font=face)
    piece = Scene(Image.new("RGBA", (int(right - left) + 8, int(bottom - top) + 8)))
    fill = (*ink(rng, 0, 200), rng.randint(70, 150))
    ImageDraw.Draw(piece.image).text((4 - left, 4 - top), word, font=face, fill=fill)
    piece.mark(Subject.TEXT, rectangle(4, 4, right - left, bottom - top), word)
    wide, high = piece.size
    reduce = min(1.0, width * 0.9 / wide, height * 0.8 / high)
    place = rectangle(
        (width - wide * reduce) / 2, (height - high * reduce) / 2, wide * reduce, high * reduce
    )
    scene.lay(piece, turned(place, rng.uniform(-22, 22)))
