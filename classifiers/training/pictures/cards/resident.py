"""Kept for testing: a pale card with a photo right, drawn at three times its size and reduced."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.material import Material
from classifiers.training.pictures.pens import font, ink, tint, write
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.scene import Scene, rectangle

__all__ = ["draw"]

ZOOM = 3


def draw(scene: Scene, person: Person, material: Material, rng: random.Random) -> None:
    """Draw it."""
    width, height = scene.size[0] * ZOOM, scene.size[1] * ZOOM
    ground = rng.choice(((226, 236, 240), (240, 230, 226), (232, 240, 228), ink(rng, 190, 245)))
    large = Scene(Image.new("RGB", (width, height), ground))
    draw = ImageDraw.Draw(large.image)
    for _ in range(rng.randint(40, 90)):
        x, y, far = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(40, 300)
        draw.arc(
            (x, y, x + far, y + far), 0, rng.uniform(90, 360), fill=tint(ground, -0.12), width=3
        )
    large.image = large.image.filter(ImageFilter.GaussianBlur(1))
    face, bold = font("serif", height // 14), font("serif-bold", height // 13)
    blue = (70, 110, 160)
    rows = (
        ("名号", person.name),
        ("出生", person.born),
        ("居所", person.address[:9]),
        ("", person.address[9:]),
    )
    for line, (label, value) in enumerate(rows):
        y = height * (0.13 + 0.145 * line)
        write(large, (width * 0.07, y), label, face, blue)
        write(large, (width * 0.2, y), value, bold, (30, 30, 30))
    write(large, (width * 0.07, height * 0.82), "无效号码", face, blue)
    x = width * 0.33
    for sign in person.number:
        x += write(large, (x, height * 0.815), sign, bold, (30, 30, 30)) + width * 0.004
    photo = material.face(rng, (int(width * 0.3), int(height * 0.62)))
    large.lay(photo, rectangle(width * 0.64, height * 0.13, *photo.size))
    scene.image.paste(large.image.resize(scene.size, Image.Resampling.LANCZOS))
    for mark in large.marks:
        scene.mark(mark.subject, mark.quad / ZOOM, mark.text)
