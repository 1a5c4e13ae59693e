"""Pictures for tests: drawn, of nobody, in every format and in every kind of broken."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
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
    corner = (width * 0.85, height * 0.75), (width * 0.7, height), (width, height)
    pen.polygon(corner, fill=(120, 150, 120))
    return image


def face(size: int = 200) -> Image.Image:
    """A drawn face that a detector takes for one; it is nobody's."""
    image = Image.new("RGB", (400, 400), (150, 160, 175))
    pen = ImageDraw.Draw(image)
    hair, skin, shade, brow = (45, 33, 28), (222, 178, 148), (206, 160, 132), (60, 42, 34)
    pen.ellipse((80, 330, 320, 560), fill=(70, 80, 120))
    pen.rectangle((160, 290, 240, 400), fill=(190, 145, 118))
    pen.ellipse((75, 25, 325, 330), fill=hair)
    pen.ellipse((98, 62, 302, 352), fill=skin)
    pen.chord((88, 28, 312, 210), 185, 355, fill=hair)
    for x in (97, 303):
        pen.ellipse((x - 11, 180, x + 11, 250), fill=shade)
    for x in (152, 248):
        pen.ellipse((x - 38, 165, x + 38, 215), fill=shade)
        pen.line((x - 34, 158, x + 34, 152), fill=brow, width=10)
        pen.ellipse((x - 26, 176, x + 26, 204), fill=(245, 242, 240))
        pen.ellipse((x - 14, 176, x + 14, 204), fill=(50, 34, 28))
        pen.arc((x - 28, 172, x + 28, 208), 190, 350, fill=brow, width=5)
    pen.polygon((200, 190, 178, 256, 222, 256), fill=shade)
    for x in (186, 214):
        pen.ellipse((x - 10, 244, x + 10, 262), fill=(170, 120, 98))
    pen.ellipse((156, 280, 244, 316), fill=(176, 92, 90))
    pen.line((158, 297, 242, 297), fill=(110, 50, 50), width=4)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(6)), np.float64)
    lit = soft * np.linspace(1.3, 0.7, 400)[None, :, None]
    shaded = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
    return shaded.resize((size, size), Image.Resampling.LANCZOS)


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
    image.paste(card(480), (160, 520))
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
