"""Pictures for tests: drawn, of nobody, in every format and in every kind of broken."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pillow_heif import register_heif_opener

__all__ = [
    "advert",
    "card",
    "encoded",
    "face",
    "gif_of",
    "grid",
    "held_card",
    "huge_png",
    "lying_card",
    "scene",
]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
NUMBER = "990000199913320000"
"""No area has this code, no year this month: it can be nobody's."""


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture as a file."""
    register_heif_opener()
    sink = io.BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()


def scene(width: int = 800, height: int = 600) -> Image.Image:
    """A room that shows nothing: soft colours, some furniture."""
    rows = np.linspace(150, 220, height)[:, None, None]
    columns = np.linspace(0, 20, width)[None, :, None]
    ground = rows + columns + np.array([0, 6, 14])[None, None, :]
    image = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    pen.ellipse((width * 0.7, height * 0.7, width * 0.95, height * 0.95), fill=(120, 150, 120))
    return image


def face(size: int = 200) -> Image.Image:
    """A drawn face that a detector takes for one; it is nobody's."""
    image = Image.new("RGB", (400, 400), (205, 210, 215))
    pen = ImageDraw.Draw(image)
    pen.ellipse((70, 20, 330, 330), fill=(50, 36, 30))
    pen.rectangle((160, 300, 240, 400), fill=(214, 168, 140))
    pen.ellipse((95, 60, 305, 360), fill=(228, 184, 154))
    pen.pieslice((90, 40, 310, 240), 180, 360, fill=(50, 36, 30))
    for x in (155, 245):
        pen.arc((x - 34, 150, x + 34, 190), 200, 340, fill=(45, 32, 28), width=8)
        pen.ellipse((x - 24, 178, x + 24, 206), fill=(250, 250, 250))
        pen.ellipse((x - 12, 180, x + 12, 204), fill=(40, 28, 24))
    pen.line((200, 200, 188, 258, 212, 260), fill=(186, 138, 112), width=6, joint="curve")
    pen.ellipse((158, 284, 242, 318), fill=(178, 84, 84))
    pen.line((160, 300, 240, 300), fill=(120, 50, 50), width=4)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def card(width: int = 400) -> Image.Image:
    """A mock card: wrong numbers, a silly name, SPECIMEN across it."""
    image = Image.new("RGB", (500, 315), (214, 226, 240))
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(24)
    for place, line in enumerate(("NAME  Moon Cheese", "SEX  none", "BORN  1999-13-32")):
        pen.text((30, 40 + 50 * place), line, fill=(20, 20, 60), font=font)
    pen.text((30, 262), NUMBER, fill=(0, 0, 0), font=ImageFont.load_default(32))
    pen.text((150, 215), "SPECIMEN", fill=(190, 60, 60), font=font)
    image.paste(face(150), (325, 50))
    return image.resize((width, width * 315 // 500), Image.Resampling.LANCZOS)


def lying_card() -> Image.Image:
    """A card on a table."""
    image = scene()
    image.paste(card(400), (150, 150))
    return image


def held_card() -> Image.Image:
    """A face, and a card below it."""
    image = scene(800, 900)
    image.paste(face(400), (200, 40))
    image.paste(card(380), (220, 520))
    return image


def grid() -> Image.Image:
    """Twelve faces in rows."""
    image = Image.new("RGB", (800, 620), (255, 255, 255))
    for row in range(3):
        for column in range(4):
            image.paste(face(170), (20 + column * 195, 20 + row * 200))
    return image


def advert(lines: tuple[str, ...]) -> Image.Image:
    """Lines of Latin text as a picture."""
    image = Image.new("RGB", (900, 120 + 110 * len(lines)), (255, 255, 255))
    pen = ImageDraw.Draw(image)
    for place, line in enumerate(lines):
        pen.text((50, 60 + 110 * place), line, fill=(0, 0, 0), font=ImageFont.load_default(48))
    return image


def huge_png(width: int, height: int) -> bytes:
    """A few hundred bytes that announce a picture of this size."""
    row = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + _chunk(b"IDAT", row)
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def gif_of(count: int) -> bytes:
    """An animation of so many frames, the first of them red."""
    frames = [Image.new("RGB", (40, 30), (255, 0, 0))]
    frames += [Image.new("RGB", (40, 30), (0, number % 256, 255)) for number in range(count - 1)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
