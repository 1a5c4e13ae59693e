"""Kept for testing: a card in two colours with a machine-readable zone and a pale second photo."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from classifiers.training.pictures.material import Material
from classifiers.training.pictures.pens import font, ink, tint, write
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.scene import Colour, Scene, rectangle

__all__ = ["draw"]


def draw(scene: Scene, person: Person, material: Material, rng: random.Random) -> None:
    """Draw it."""
    width, height = scene.size
    first, second = ink(rng, 20, 230), ink(rng, 20, 230)
    scene.image.paste(_rays(scene.size, tint(first, 0.7), tint(second, 0.7), rng))
    high = int(height * 0.5)
    photo = material.face(rng, (int(high * rng.uniform(0.75, 1)), high))
    scene.lay(photo, rectangle(width * 0.05, height * 0.17, *photo.size))
    ghost = Scene(photo.image.convert("L").convert("RGBA"), list(photo.marks))
    ghost.image.putalpha(90)
    scene.lay(ghost, rectangle(width * 0.78, height * 0.3, *(side * 0.6 for side in photo.size)))
    dark = tint(first, -0.75)
    write(
        scene,
        (width * 0.05, height * 0.04),
        rng.choice(("UTOPIA", "UTOPIE · 乌有国", "NOWHERELAND")),
        font("bold", int(height * 0.085)),
        dark,
    )
    write(
        scene,
        (width * 0.55, height * 0.05),
        person.number[:9],
        font("mono", int(height * 0.065)),
        dark,
    )
    column = width * 0.08 + photo.size[0]
    for line, value in enumerate((person.latin_name, person.name, person.born, person.town)):
        y = height * (0.18 + 0.125 * line)
        write(
            scene,
            (column, y),
            ("NAME", "名", "BORN", "TOWN")[line],
            font("latin", int(height * 0.04)),
            dark,
        )
        write(scene, (column, y + height * 0.04), value, font("sans", int(height * 0.066)))
    # Utopia is the country of ICAO's own examples; the digits of checks are all crossed out.
    last = person.latin_name.replace(" ", "<")
    for line, zone in enumerate(
        (f"IDUTO{person.number}<X<<<<", f"{last}<<<<<<<<<<<<<<<<<<<<<<<<"[:28])
    ):
        at = (width * 0.04, height * (0.76 + 0.11 * line))
        write(scene, at, zone[:28], font("mono", int(width * 0.052)))


def _rays(size: tuple[int, int], first: Colour, second: Colour, rng: random.Random) -> Image.Image:
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(float)
    angle = np.arctan2(y - size[1] * rng.uniform(0.2, 1.3), x - size[0] * rng.uniform(0, 1))
    share = (np.sin(angle * rng.randint(20, 60)) * 0.25 + 0.5) * (x / size[0])
    pixels = np.array(first) * (1 - share[..., None]) + np.array(second) * share[..., None]
    return Image.fromarray(pixels.astype(np.uint8))
