"""Faces, hands and backgrounds drawn from nothing, for renderers without photos."""

from __future__ import annotations

import random
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.pens import gradient, ink, tint
from classifiers.training.pictures.scene import Colour, Scene, Subject, rectangle

__all__ = ["SKINS", "drawn_background", "drawn_face", "drawn_hand", "finger"]

SKINS: Final[tuple[Colour, ...]] = (
    (238, 205, 180),
    (224, 182, 150),
    (205, 160, 125),
    (170, 120, 88),
    (120, 82, 60),
)
HAIR: Final[tuple[Colour, ...]] = ((25, 22, 20), (60, 42, 30), (110, 78, 45), (150, 150, 150))
SIDE: Final = 240


def drawn_face(rng: random.Random) -> Scene:
    """A cartoon of a head and shoulders, 240 pixels square."""
    skin, hair = rng.choice(SKINS), rng.choice(HAIR)
    scene = Scene(gradient((SIDE, SIDE), ink(rng, 150, 250), ink(rng, 120, 240)))
    draw = ImageDraw.Draw(scene.image)
    middle, wide, high = SIDE / 2, rng.uniform(38, 48), rng.uniform(54, 64)
    top = 52.0
    draw.ellipse((20, 172, SIDE - 20, 360), fill=ink(rng, 20, 200))
    draw.rectangle((middle - 18, 140, middle + 18, 190), fill=tint(skin, -0.15))
    if rng.random() < 0.5:
        draw.ellipse((middle - wide - 14, top - 18, middle + wide + 14, 200), fill=hair)
    draw.ellipse((middle - wide, top, middle + wide, top + 2 * high), fill=skin)
    draw.chord((middle - wide - 4, top - 12, middle + wide + 4, top + high), 180, 360, fill=hair)
    eyes = top + high * 0.95
    for side in (-1, 1):
        x = middle + side * wide * 0.45
        draw.ellipse((x - 8, eyes - 5, x + 8, eyes + 5), fill=(250, 250, 250))
        draw.ellipse((x - 4, eyes - 4, x + 4, eyes + 4), fill=(30, 25, 20))
        draw.line((x - 10, eyes - 13, x + 10, eyes - 14), fill=hair, width=3)
    draw.line((middle, eyes, middle - 4, eyes + 22, middle + 3, eyes + 23), fill=tint(skin, -0.3))
    mouth = top + high * 1.55
    draw.arc((middle - 16, mouth - 8, middle + 16, mouth + 6), 10, 170, fill=(170, 70, 70), width=4)
    scene.image = scene.image.filter(ImageFilter.GaussianBlur(0.8))
    scene.mark(Subject.FACE, rectangle(middle - wide, top, 2 * wide, 2 * high))
    return scene


def finger(size: tuple[int, int], skin: Colour, *, nail: bool) -> Image.Image:
    """A finger pointing upwards, shaded like a cylinder, transparent around it."""
    width, height = size
    across = np.linspace(-1, 1, width)[None, :]
    shade = 1 - 0.45 * across**2 + 0.04 * np.sin(np.linspace(0, 9, height))[:, None]
    pixels = np.clip(np.array(skin)[None, None, :] * shade[..., None], 0, 255).astype(np.uint8)
    image = Image.fromarray(pixels)
    if nail:
        draw = ImageDraw.Draw(image)
        edge = (width * 0.24, width * 0.12, width * 0.76, width * 0.8)
        draw.rounded_rectangle(edge, width * 0.25, fill=tint(skin, 0.4), outline=tint(skin, -0.1))
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rounded_rectangle((1, 0, width - 2, height * 2), width // 2, fill=255)
    image = image.filter(ImageFilter.GaussianBlur(0.7))
    image.putalpha(mask.filter(ImageFilter.GaussianBlur(0.8)))
    return image


def drawn_hand(rng: random.Random, skin: Colour | None = None) -> Image.Image:
    """A hand with four fingers upwards and a thumb, 160 x 220 pixels, transparent around it."""
    skin = skin or rng.choice(SKINS)
    hand = Image.new("RGBA", (160, 220))
    draw = ImageDraw.Draw(hand)
    draw.rounded_rectangle((28, 90, 132, 232), 38, fill=(*tint(skin, -0.12), 255))
    for place in range(4):
        long = 92 - abs(place - 1.4) * 14 + rng.uniform(-5, 5)
        part = finger((27, int(long)), skin, nail=False)
        hand.paste(part, (28 + place * 26, int(104 - long)), part)
    thumb = finger((30, 84), skin, nail=False).rotate(rng.uniform(28, 46), expand=True)
    hand.paste(thumb, (-4, 96), thumb)
    return hand.filter(ImageFilter.GaussianBlur(0.8))


def drawn_background(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """A gradient with some shapes on it and the grain of a photo."""
    image = gradient(size, ink(rng), ink(rng), rng.random())
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(0, 9)):
        x, y = rng.uniform(0, size[0]), rng.uniform(0, size[1])
        far = rng.uniform(0.05, 0.4) * size[0]
        shape = rng.choice((draw.ellipse, draw.rectangle))
        shape((x, y, x + far, y + far * rng.uniform(0.3, 1.6)), fill=ink(rng))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 4)))
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, 4, (*size[::-1], 3))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
