"""The other side of a card: no face, a large title, who issued it, until when, a bar code."""

from __future__ import annotations

import random

from PIL import ImageDraw

from classifiers.training.pictures.cards.patterned import waves
from classifiers.training.pictures.material import Material
from classifiers.training.pictures.pens import any_font, font, ink, tint, write
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.scene import Scene

__all__ = ["draw"]


def draw(scene: Scene, person: Person, material: Material, rng: random.Random) -> None:  # noqa: ARG001
    """Draw it."""
    width, height = scene.size
    base = ink(rng, 60, 220)
    scene.image.paste(waves(scene.size, base, rng))
    draw = ImageDraw.Draw(scene.image)
    dark = tint(base, -0.7)
    if rng.random() < 0.7:
        # A plain disc with a smile stands where others have an emblem.
        far, x, y = height * 0.14, width * 0.14, height * 0.22
        draw.ellipse((x - far, y - far, x + far, y + far), fill=ink(rng, 120, 220))
        draw.arc((x - far / 2, y - far / 2, x + far / 2, y + far / 2), 20, 160, fill=dark, width=2)
    titles = ("泡泡王国", "卡片背面", "BACK OF A CARD", "TEAPOT OFFICE")
    size = int(height * 0.13)
    write(scene, (width * 0.3, height * 0.1), rng.choice(titles), any_font(rng, size), dark)
    write(
        scene,
        (width * 0.33, height * 0.29),
        rng.choice(("假身份卡", "NOT A CARD")),
        any_font(rng, size),
        dark,
    )
    small = font("sans", int(height * 0.078))
    write(scene, (width * 0.14, height * 0.68), f"签发机关  {person.address[:6]}茶壶局", small)
    write(scene, (width * 0.14, height * 0.82), f"有效期限  {person.born}-从不", small)
    if rng.random() < 0.3:
        x = width * 0.1
        while x < width * 0.9:
            wide = rng.choice((1, 2, 3))
            draw.rectangle((x, height * 0.52, x + wide, height * 0.64), fill=(20, 20, 20))
            x += wide + rng.choice((1, 2, 3))
