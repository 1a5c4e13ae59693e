"""A card like a permit to drive: numbered lines, a large photo, a small copy of it, a chip."""

from __future__ import annotations

import random

from PIL import ImageDraw, ImageOps

from classifiers.training.pictures.material import Material
from classifiers.training.pictures.pens import any_font, gradient, ink, tint, write
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.scene import Scene, rectangle

__all__ = ["draw"]


def draw(scene: Scene, person: Person, material: Material, rng: random.Random) -> None:
    """Draw it."""
    width, height = scene.size
    base = rng.choice(((214, 130, 150), (120, 160, 200), (200, 180, 110), ink(rng, 100, 220)))
    scene.image.paste(gradient(scene.size, tint(base, 0.75), tint(base, 0.45), 1.0))
    draw = ImageDraw.Draw(scene.image)
    for ring in range(rng.randint(3, 9)):
        far = height * (0.15 + ring * 0.13)
        x, y = width * 0.62, height * 0.55
        draw.ellipse((x - far, y - far, x + far, y + far), outline=tint(base, 0.3))
    title = any_font(rng, int(height * 0.1))
    write(
        scene,
        (width * 0.3, height * 0.03),
        rng.choice(("PERMIT TO HOP", "PERMIS DE SAUTER", "跳跳许可证")),
        title,
        tint(base, -0.6),
    )
    high = int(height * rng.uniform(0.6, 0.7))
    photo = material.face(rng, (int(high * 0.77), high))
    if rng.random() < 0.5:
        photo.image = ImageOps.grayscale(photo.image).convert("RGB")
    scene.lay(photo, rectangle(width * 0.04, height * 0.2, *photo.size))
    face = any_font(rng, int(height * 0.072))
    first, last = person.latin_name.split(" ")
    values = (last, first, person.born, person.number, person.town)
    start = rng.choice((1, 3))
    for line, value in enumerate(values):
        y = height * (0.2 + line * 0.135)
        write(scene, (width * 0.4, y), f"{line + start}. {value}", face, tint(base, -0.8))
    if rng.random() < 0.6:
        chip = (width * 0.82, height * 0.24, width * 0.94, height * 0.39)
        draw.rounded_rectangle(chip, 4, fill=(214, 186, 110), outline=(120, 100, 50))
        draw.line((chip[0], height * 0.315, chip[2], height * 0.315), fill=(120, 100, 50))
    if rng.random() < 0.6:
        small = (int(photo.size[0] * 0.36), int(photo.size[1] * 0.36))
        photo.image = ImageOps.grayscale(photo.image).convert("RGB")
        scene.lay(photo, rectangle(width * 0.8, height * 0.68, *small))
