"""Kept for testing: a back with a dark strip, a field to sign, small print, a square code."""

from __future__ import annotations

import random

from PIL import ImageDraw

from classifiers.training.pictures.material import Material
from classifiers.training.pictures.pens import font, gradient, ink, tint, write
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.scene import Scene

__all__ = ["draw"]


def draw(scene: Scene, person: Person, material: Material, rng: random.Random) -> None:  # noqa: ARG001
    """Draw it."""
    width, height = scene.size
    base = ink(rng, 120, 235)
    scene.image.paste(gradient(scene.size, tint(base, 0.7), tint(base, 0.4), 0.5))
    draw = ImageDraw.Draw(scene.image)
    draw.rectangle((0, height * 0.08, width, height * 0.26), fill=(30, 28, 30))
    draw.rectangle((width * 0.06, height * 0.34, width * 0.6, height * 0.5), fill=(245, 245, 240))
    small = font("sans", int(height * 0.06))
    rows = ("此卡无效 不得使用", f"NOT VALID · {person.town}", f"No. {person.number}")
    for line, words in enumerate(rows):
        write(scene, (width * 0.06, height * (0.58 + 0.11 * line)), words, small)
    side = height * 0.045
    for row in range(8):
        for column in range(8):
            if rng.random() < 0.5:
                x, y = width * 0.7 + column * side, height * 0.4 + row * side
                draw.rectangle((x, y, x + side, y + side), fill=(25, 25, 25))
