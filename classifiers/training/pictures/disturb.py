"""What happens to pictures on their way to a marketplace; the marks go along.

`DISTURBANCES` are those that the figures report; each takes a finished scene.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from classifiers.training.pictures.drawn import drawn_background
from classifiers.training.pictures.pens import any_font, ink
from classifiers.training.pictures.scene import (
    Quad,
    Scene,
    Subject,
    bounds,
    homography,
    rectangle,
    shrunk,
    turned,
)

__all__ = ["DISTURBANCES", "Disturbance"]

Disturbance = Callable[[Scene, random.Random], Scene]
CROPPED: Final = 0.3
JPEG_QUALITY: Final = 20
DIGITS: Final = 6
"""Texts with so many digits are covered by `covered_digits`."""

STICKERS: Final = ("★", "♥", "售", "样", "OK", "?", "●", "!!")


def _remade(scene: Scene, image: Image.Image, target: Quad) -> Scene:
    """The same marks on another picture, in which the corners lie on `target`."""
    result = Scene(image)
    result.adopt(scene, homography(rectangle(0, 0, *scene.size), target))
    return result


def _pixels(scene: Scene, image: Image.Image) -> Scene:
    return Scene(image, scene.marks, scene.people)


def crop(scene: Scene, rng: random.Random) -> Scene:
    """30 % of the area cut away, off any sides, but never through the middle of what is shown."""
    width, height = scene.size
    share = rng.uniform(0, CROPPED)
    wide, high = width * (1 - share), height * (1 - CROPPED) / (1 - share)
    left, top = rng.uniform(0, width - wide), rng.uniform(0, height - high)
    shown = [mark.quad for mark in scene.over(Subject.CARD)]
    if shown:
        box = bounds(shown)
        left = min(left, max(box[0, 0], 0))
        left = max(left, min(box[2, 0], width) - wide) if box[2, 0] - box[0, 0] < wide else left
        top = min(top, max(box[0, 1], 0))
        top = max(top, min(box[2, 1], height) - high) if box[2, 1] - box[0, 1] < high else top
    x, y = int(left), int(top)
    cut = scene.image.crop((x, y, int(left + wide), int(top + high)))
    return _remade(scene, cut, rectangle(-x, -y, width, height))


def rotate_90(scene: Scene, rng: random.Random) -> Scene:
    """A quarter turn either way."""
    width, height = scene.size
    place = rectangle(0, 0, height, width)
    if rng.random() < 0.5:
        image = scene.image.transpose(Image.Transpose.ROTATE_90)
        return _remade(scene, image, np.roll(place, 1, axis=0))
    image = scene.image.transpose(Image.Transpose.ROTATE_270)
    return _remade(scene, image, np.roll(place, -1, axis=0))


def mirror(scene: Scene, rng: random.Random) -> Scene:  # noqa: ARG001
    """Left and right swapped."""
    place = rectangle(0, 0, *scene.size)[[1, 0, 3, 2]]
    return _remade(scene, ImageOps.mirror(scene.image), place)


def blur(scene: Scene, rng: random.Random) -> Scene:
    """Out of focus or moved: a radius of 0.5 to 0.9 % of the longer side."""
    radius = max(scene.size) * rng.uniform(0.005, 0.009)
    return _pixels(scene, scene.image.filter(ImageFilter.GaussianBlur(radius)))


def jpeg_20(scene: Scene, rng: random.Random) -> Scene:  # noqa: ARG001
    """Saved as JPEG of quality 20."""
    file = io.BytesIO()
    scene.image.convert("RGB").save(file, "JPEG", quality=JPEG_QUALITY)
    return _pixels(scene, Image.open(file).convert("RGB"))


def noise(scene: Scene, rng: random.Random) -> Scene:
    """Grain of a dark room."""
    pixels = np.asarray(scene.image.convert("RGB"), dtype=float)
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(14, 26), pixels.shape)
    return _pixels(scene, Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8)))


def watermark(scene: Scene, rng: random.Random) -> Scene:
    """A shop's words all over it, slanted and half transparent."""
    width, height = scene.size
    side = int(max(scene.size) * 1.5)
    layer = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(layer)
    word = rng.choice(("茶壶小店", "盗图必究", "SPECIMEN", "@teapot_shop", "样本 勿用"))
    size = int(width * rng.uniform(0.04, 0.08))
    fill = (*ink(rng), rng.randint(70, 140))
    for y in range(0, side, size * 4):
        for x in range(0, side, size * 7):
            draw.text((x + y % 3 * size, y), word, font=any_font(rng, size), fill=fill)
    layer = layer.rotate(rng.uniform(-40, 40))
    left, top = (side - width) // 2, (side - height) // 2
    image = scene.image.convert("RGB")
    part = layer.crop((left, top, left + width, top + height))
    image.paste(part.convert("RGB"), (0, 0), part.getchannel("A"))
    return _pixels(scene, image)


def covered_digits(scene: Scene, rng: random.Random) -> Scene:
    """Numbers and sometimes faces' eyes made unreadable with bars, scribble or mosaic."""
    image = scene.image.convert("RGB")
    draw = ImageDraw.Draw(image)
    way = rng.choice(("bar", "scribble", "mosaic"))
    for mark in scene.over(Subject.TEXT):
        if sum(sign.isdigit() for sign in mark.text) < DIGITS:
            continue
        left, top, right, bottom = (int(edge) for edge in mark.box)
        if way == "bar":
            draw.rectangle((left - 2, top - 2, right + 2, bottom + 2), fill=ink(rng, 0, 80))
        elif way == "scribble":
            points = [(rng.uniform(left, right), rng.uniform(top, bottom)) for _ in range(14)]
            draw.line(points, fill=ink(rng), width=max(2, (bottom - top) // 3))
        elif right > left and bottom > top:
            part = image.crop((left, top, right, bottom))
            few = part.resize((max(1, part.width // 9), max(1, part.height // 9)))
            image.paste(few.resize(part.size, Image.Resampling.NEAREST), (left, top))
    return _pixels(scene, image)


def screen_photo(scene: Scene, rng: random.Random) -> Scene:
    """Shown on a screen and photographed: askew, with lines that swing, glare and a frame."""
    width, height = scene.size
    y, x = np.mgrid[0:height, 0:width].astype(float)
    pitch, angle = rng.uniform(2.1, 4.5), rng.uniform(0, 3.14)
    lines = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 6.28 / pitch) * rng.uniform(5, 16)
    swing = np.sin((x + 0.6 * y) / rng.uniform(20, 60)) * rng.uniform(3, 12)
    glare_x, glare_y = rng.uniform(0, width), rng.uniform(0, height)
    far = ((x - glare_x) ** 2 + (y - glare_y) ** 2) / (0.25 * width) ** 2
    glare = np.exp(-far) * rng.uniform(10, 90)
    pixels = np.asarray(scene.image.convert("RGB"), dtype=float)
    pixels = pixels * rng.uniform(0.75, 1.0) + (lines + swing + glare)[..., None]
    shot = _pixels(scene, Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)))
    result = Scene(drawn_background(rng, scene.size).point(lambda value: value // 3))
    place = turned(rectangle(0, 0, width, height), rng.uniform(-6, 6))
    place = shrunk(place, rng.uniform(0.8, 0.96))
    place += np.array([[rng.gauss(0, 0.02) * width, rng.gauss(0, 0.02) * height] for _ in range(4)])
    result.lay(shot, place)
    return result


def stickers(scene: Scene, rng: random.Random) -> Scene:
    """Signs stuck here and there, some on faces."""
    image = scene.image.convert("RGB")
    draw = ImageDraw.Draw(image)
    width, height = scene.size
    spots = [mark.quad.mean(axis=0) for mark in scene.over(Subject.FACE)[:3]]
    for place in range(rng.randint(2, 5)):
        if place < len(spots) and rng.random() < 0.6:
            x, y = spots[place]
        else:
            x, y = rng.uniform(0, width), rng.uniform(0, height)
        far = width * rng.uniform(0.03, 0.07)
        draw.ellipse((x - far, y - far, x + far, y + far), fill=ink(rng))
        sign = rng.choice(STICKERS)
        draw.text(
            (x - far * 0.6, y - far * 0.8), sign, font=any_font(rng, int(far * 1.1)), fill=ink(rng)
        )
    return _pixels(scene, image)


def collage(scene: Scene, rng: random.Random) -> Scene:
    """One part of a larger picture, beside others that show nothing."""
    width, height = scene.size
    wide = rng.random() < 0.5
    size = (int(width * 1.45), height) if wide else (width, int(height * 1.45))
    result = Scene(drawn_background(rng, size))
    corner = (size[0] - width, size[1] - height) if rng.random() < 0.5 else (0, 0)
    result.lay(scene, rectangle(*corner, width, height))
    return result


DISTURBANCES: Final[dict[str, Disturbance]] = {
    "crop_30": crop,
    "rotate_90": rotate_90,
    "mirror": mirror,
    "blur": blur,
    "jpeg_20": jpeg_20,
    "noise": noise,
    "watermark": watermark,
    "covered_digits": covered_digits,
    "screen_photo": screen_photo,
    "stickers": stickers,
    "collage": collage,
}
