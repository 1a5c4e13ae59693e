"""A card on a pattern of fine waves, Chinese labels on the left, a photo without frame right."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from classifiers.training.pictures.material import Material
from classifiers.training.pictures.pens import font, ink, tint, write
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.scene import Colour, Scene, rectangle

__all__ = ["draw", "waves"]


def waves(size: tuple[int, int], base: Colour, rng: random.Random) -> Image.Image:
    """Fine lines that swing across a pale ground."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(float)
    total = np.zeros((height, width))
    for _ in range(3):
        swing = rng.uniform(3, 12) * np.sin(x / rng.uniform(14, 50) + rng.uniform(0, 6))
        total += np.cos((y + swing) * rng.uniform(0.5, 1.1)) > rng.uniform(0.6, 0.9)
    strength = rng.uniform(0.12, 0.3)
    pale = np.array(tint(base, rng.uniform(0.75, 0.9)), dtype=float)
    pixels = pale - total[..., None] * strength * (255 - np.array(base)) * 0.25
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def draw(scene: Scene, person: Person, material: Material, rng: random.Random) -> None:
    """Draw it."""
    width, height = scene.size
    scene.image.paste(waves(scene.size, ink(rng, 60, 220), rng))
    high = int(height * rng.uniform(0.56, 0.66))
    photo = material.face(rng, (int(high * 0.8), high))
    # The photo is printed into the pattern, as it were.
    left, top = int(width * 0.95 - photo.size[0]), int(height * 0.12)
    below = scene.image.crop((left, top, left + photo.size[0], top + photo.size[1]))
    if rng.random() < 0.5:
        photo.image = ImageChops.multiply(photo.image, below.filter(ImageFilter.SMOOTH))
    scene.lay(photo, rectangle(left, top, *photo.size))
    size = int(height * 0.082)
    label_font, value_font = font("sans", int(size * 0.8)), font("bold", size)
    blue = ink(rng, 40, 130)
    lines = (
        (("称呼", person.name),),
        (("性别", "无"), ("民族", "瓜")),
        (("出生", person.born),),
        (("住址", person.address[:8]),),
        (("", person.address[8:]),),
    )
    y = height * 0.1
    for line in lines:
        x = width * 0.06
        for label, value in line:
            write(scene, (x, y), label, label_font, blue)
            x += width * 0.115
            x += write(scene, (x, y), value, value_font) + width * 0.05
        y += height * 0.125
    write(scene, (width * 0.06, height * 0.83), "假身份号码", label_font, blue)
    write(scene, (width * 0.3, height * 0.82), person.number, font("mono", size), (25, 25, 30))
