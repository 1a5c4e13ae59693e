"""A card of bands: a title above, a photo on the left, labels with values on the right."""

from __future__ import annotations

import random
from typing import Final

from PIL import ImageDraw

from classifiers.training.pictures.material import Material
from classifiers.training.pictures.pens import any_font, gradient, ink, tint, write
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.scene import Scene, rectangle

__all__ = ["draw"]

TITLES: Final = (
    "REPUBLIC OF TEAPOTS",
    "IDENTITY CARD",
    "CARTE DE RIEN",
    "PERMIT OF NOTHING",
    "泡泡通行证",
)
LABELS: Final = (
    ("Name", "No.", "Town", "Born"),
    ("Surname / Nom", "ID", "Address", "Date"),
    ("姓名 Name", "号码 No.", "住址 Addr", "出生"),
)


def draw(scene: Scene, person: Person, material: Material, rng: random.Random) -> None:
    """Draw it."""
    width, height = scene.size
    base = ink(rng, 30, 220)
    pale = tint(base, rng.uniform(0.75, 0.95))
    scene.image.paste(gradient(scene.size, pale, tint(base, rng.uniform(0.5, 0.9)), rng.random()))
    draw = ImageDraw.Draw(scene.image)
    band = height * rng.uniform(0.15, 0.24)
    draw.rectangle((0, 0, width, band), fill=base)
    if rng.random() < 0.5:
        draw.rectangle((0, height * 0.93, width, height), fill=base)
    title = any_font(rng, int(band * 0.55))
    write(scene, (width * 0.05, band * 0.08), rng.choice(TITLES), title, tint(base, 0.92))
    high = height * rng.uniform(0.52, 0.64)
    photo = material.face(rng, (int(high * 0.78), int(high)))
    left = width * 0.05 if rng.random() < 0.75 else width * 0.93 - photo.size[0]
    scene.lay(photo, rectangle(left, band + height * 0.07, *photo.size))
    text = left + photo.size[0] + width * 0.04 if left < width / 3 else width * 0.05
    size = int(height * 0.075)
    label_font, value_font = any_font(rng, int(size * 0.7)), any_font(rng, size)
    values = (person.latin_name, person.number, person.town, person.born)
    step = (height - band) * 0.21
    for line, (label, value) in enumerate(zip(rng.choice(LABELS), values, strict=True)):
        y = band + height * 0.05 + line * step
        write(scene, (text, y), label, label_font, tint(base, -0.4))
        write(scene, (text, y + size * 0.75), value, value_font)
