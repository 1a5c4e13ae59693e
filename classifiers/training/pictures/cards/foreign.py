"""A card from far away: large initials, values in two columns, a round or tall photo, a field of dots."""

from __future__ import annotations

import random
from typing import Final

from PIL import Image, ImageDraw

from classifiers.training.pictures.material import Material
from classifiers.training.pictures.pens import any_font, font, ink, tint, write
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.scene import Scene, rectangle

__all__ = ["draw"]

LANDS: Final = (
    ("TPT", "TEAPOTIA"),
    ("NWL", "NEVERWHERE"),
    ("PKL", "PICKLESTAN"),
    ("BBL", "BUBBLE ISLES"),
)
LABELS: Final = (
    ("1.", "2.", "3.", "4a.", "4d."),
    ("Nom", "Lieu", "Né", "Nr.", "Prénom"),
    ("Имя", "Город", "Дата", "№", "Ид"),
)


def draw(scene: Scene, person: Person, material: Material, rng: random.Random) -> None:
    """Draw it."""
    width, height = scene.size
    base = ink(rng, 20, 235)
    scene.image.paste(tint(base, 0.82), (0, 0, width, height))
    draw = ImageDraw.Draw(scene.image)
    _stripes(draw, scene.size, tint(base, rng.uniform(0.5, 0.75)), rng)
    dark = tint(base, -0.7)
    short, land = rng.choice(LANDS)
    write(scene, (width * 0.05, height * 0.03), short, font("serif-bold", int(height * 0.17)), dark)
    write(scene, (width * 0.3, height * 0.07), land, font("latin", int(height * 0.09)), dark)
    high = int(height * rng.uniform(0.42, 0.6))
    photo = material.face(rng, (int(high * rng.uniform(0.7, 0.95)), high))
    if rng.random() < 0.4:
        mask = Image.new("L", photo.size)
        ImageDraw.Draw(mask).ellipse((0, 0, photo.size[0] - 1, photo.size[1] - 1), fill=255)
        photo.image.putalpha(mask)
    on_left = rng.random() < 0.5
    left = width * 0.05 if on_left else width * 0.95 - photo.size[0]
    scene.lay(photo, rectangle(left, height * 0.26, *photo.size))
    start = left + photo.size[0] + width * 0.03 if on_left else width * 0.05
    room = width * 0.9 - photo.size[0]
    first, last = person.latin_name.split(" ")
    labels = rng.choice(LABELS)
    size = int(height * rng.uniform(0.06, 0.075))
    face = any_font(rng, size)
    for place, value in enumerate((last, first, person.town, person.born)):
        x = start + place % 2 * room * 0.5
        y = height * (0.26 + 0.2 * (place // 2))
        write(scene, (x, y), labels[place], font("latin", int(size * 0.8)), tint(base, -0.3))
        write(scene, (x, y + size), value, face, (25, 25, 25))
    write(scene, (start, height * 0.7), labels[4], font("latin", int(size * 0.8)), tint(base, -0.3))
    write(scene, (start, height * 0.76), person.number, font("mono", int(size * 1.1)), (25, 25, 25))
    if rng.random() < 0.6:
        # A field of dots, as readers scan; these say nothing.
        edge = height * 0.89
        for row in range(4):
            for step in range(60):
                if rng.random() < 0.5:
                    x, y = width * 0.06 + step * 3, edge + row * 3
                    draw.rectangle((x, y, x + 2, y + 2), fill=(30, 30, 30))


def _stripes(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    colour: tuple[int, int, int],
    rng: random.Random,
) -> None:
    """Bars, rings or a net behind everything."""
    width, height = size
    kind, step = rng.choice(("bars", "rings", "net", "none")), rng.randint(7, 22)
    if kind == "bars":
        for x in range(-height, width, step):
            draw.line((x, 0, x + height, height), fill=colour, width=rng.randint(1, 3))
    elif kind == "rings":
        for far in range(step, width, step):
            draw.ellipse((width - far, -far // 2, width + far, far), outline=colour)
    elif kind == "net":
        for x in range(0, width, step):
            draw.line((x, 0, x, height), fill=colour)
        for y in range(0, height, step):
            draw.line((0, y, width, y), fill=colour)
