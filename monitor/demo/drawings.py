"""How each kind of goods is drawn: simple shapes, no photos.

The drawings of documents and faces are schematic on purpose: a cartoon outline,
bars instead of words, SPECIMEN across it, a fraction of the picture's size. They can
serve to try picture classifiers on, and for nothing else.

A kind is added by a function that draws into a `Canvas`, and a line in `KINDS`.
Coordinates are pixels of a square of 320.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import ImageDraw, ImageFont

__all__ = ["KINDS", "PALETTE", "Canvas", "Color", "draw_parcel"]

Color = tuple[int, int, int]
PALETTE: tuple[Color, ...] = (
    (214, 90, 70),
    (230, 160, 60),
    (86, 150, 110),
    (70, 120, 180),
    (140, 105, 170),
    (90, 160, 175),
    (190, 120, 140),
    (120, 130, 90),
)
INK: Color = (58, 62, 70)
PAPER: Color = (250, 249, 245)
GREY: Color = (188, 192, 198)


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a drawing function gets: the pen, its own dice, and two colours."""

    pen: ImageDraw.ImageDraw
    dice: random.Random
    color: Color
    second: Color


def _bars(canvas: Canvas, left: int, top: int, count: int, width: int, gap: int = 12) -> None:
    """Lines of a text that nobody wrote."""
    for row in range(count):
        end = left + canvas.dice.randrange(width // 2, width)
        canvas.pen.rounded_rectangle((left, top + row * gap, end, top + row * gap + 5), 2, GREY)


def _cartoon_face(canvas: Canvas, x: int, y: int, radius: int) -> None:
    """An outline with two dots and a line: a face for people, not for machines."""
    pen = canvas.pen
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), PAPER, INK, 3)
    eye = max(2, radius // 8)
    for side in (-1, 1):
        center = x + side * radius // 3
        pen.ellipse((center - eye, y - radius // 4, center + eye, y - radius // 4 + 2 * eye), INK)
    pen.arc((x - radius // 2, y - radius // 6, x + radius // 2, y + radius // 2), 20, 160, INK, 3)


def _specimen(canvas: Canvas, x: int, y: int, size: int) -> None:
    font = ImageFont.load_default(size)
    canvas.pen.text((x, y), "SPECIMEN", fill=(200, 40, 40), font=font, anchor="mm")


def _card_at(canvas: Canvas, left: int, top: int, width: int) -> None:
    height = width * 3 // 5
    canvas.pen.rounded_rectangle((left, top, left + width, top + height), 8, PAPER, canvas.color, 3)
    _bars(canvas, left + 12, top + 16, 4, width // 2, gap=max(9, height // 6))
    _cartoon_face(canvas, left + width * 4 // 5, top + height // 2, width // 9)
    _specimen(canvas, left + width // 2, top + height // 2, width // 6)


def _card(canvas: Canvas) -> None:
    _card_at(canvas, 70 + canvas.dice.randrange(20), 90 + canvas.dice.randrange(30), 160)


def _card_pair(canvas: Canvas) -> None:
    _card_at(canvas, 84, 36 + canvas.dice.randrange(10), 150)
    _card_at(canvas, 84, 160 + canvas.dice.randrange(10), 150)


def _held_card(canvas: Canvas) -> None:
    _cartoon_face(canvas, 160, 98, 62)
    canvas.pen.rounded_rectangle((66, 176, 254, 320), 40, canvas.second)
    _card_at(canvas, 102, 186, 116)
    for x in (92, 228):
        canvas.pen.ellipse((x - 16, 206, x + 16, 246), PAPER, INK, 3)


def _face(canvas: Canvas) -> None:
    _cartoon_face(canvas, 160, 140, 84)
    for left, top in ((50, 34), (250, 34), (50, 230), (250, 230)):
        canvas.pen.rectangle((left, top, left + 20, top + 4), canvas.color)
    _specimen(canvas, 160, 270, 30)


def _screen(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rounded_rectangle((34, 60, 286, 236), 10, PAPER, INK, 3)
    pen.rectangle((36, 62, 284, 84), canvas.color)
    for place in range(3):
        pen.ellipse((46 + place * 16, 68, 56 + place * 16, 78), PAPER)
    _bars(canvas, 52, 100, 9, 120)
    _cartoon_face(canvas, 228, 150, 36)


def _phone(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rounded_rectangle((102, 34, 218, 272), 18, INK)
    pen.rectangle((110, 54, 210, 250), canvas.color)
    for row in range(3):
        for column in range(3):
            left, top = 120 + column * 30, 70 + row * 34
            pen.rounded_rectangle((left, top, left + 20, top + 20), 5, PAPER)


def _phone_rack(canvas: Canvas) -> None:
    for row in range(2):
        for column in range(4):
            left, top = 30 + column * 68, 50 + row * 110
            canvas.pen.rounded_rectangle((left, top, left + 54, top + 94), 8, INK)
            canvas.pen.rectangle((left + 5, top + 10, left + 49, top + 84), canvas.color)


def _poster(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rectangle((56, 30, 264, 290), PAPER, GREY, 2)
    pen.rectangle((56, 30, 264, 76), canvas.color)
    _bars(canvas, 76, 96, 12, 168, gap=15)


def _sim(canvas: Canvas) -> None:
    for place in range(3):
        left, top = 50 + place * 66, 80 + place * 34
        canvas.pen.rounded_rectangle((left, top, left + 100, top + 66), 8, PAPER, canvas.color, 3)
        canvas.pen.rectangle((left + 14, top + 18, left + 44, top + 46), canvas.second)


def _camera(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rectangle((150, 40, 170, 110), GREY)
    pen.rounded_rectangle((70, 100, 250, 190), 30, PAPER, INK, 3)
    pen.ellipse((170, 108, 244, 182), INK)
    pen.ellipse((190, 128, 224, 162), canvas.color)


def _bed(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rounded_rectangle((40, 90, 280, 250), 16, canvas.color)
    pen.rounded_rectangle((60, 100, 150, 150), 14, PAPER)
    pen.rounded_rectangle((170, 100, 260, 150), 14, PAPER)
    for row in range(4):
        pen.line((48, 172 + row * 20, 272, 172 + row * 20), canvas.second, 6)


def _cloth(canvas: Canvas) -> None:
    for row in range(6):
        left = 50 + canvas.dice.randrange(12)
        shade = canvas.color if row % 2 else canvas.second
        canvas.pen.rounded_rectangle((left, 60 + row * 32, left + 210, 88 + row * 32), 12, shade)


def _garment(canvas: Canvas) -> None:
    outline = [(110, 60), (210, 60), (276, 120), (240, 156), (222, 140), (222, 270)]
    outline += [(98, 270), (98, 140), (80, 156), (44, 120)]
    canvas.pen.polygon(outline, fill=canvas.color, outline=INK, width=3)
    canvas.pen.arc((130, 34, 190, 90), 0, 180, INK, 4)


def _gimbal(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rounded_rectangle((146, 150, 178, 286), 12, INK)
    pen.line((162, 150, 220, 110), INK, 12)
    pen.rounded_rectangle((70, 60, 250, 110), 10, canvas.color, INK, 3)


def _frame(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rectangle((66, 46, 254, 262), canvas.second)
    pen.rectangle((86, 66, 234, 242), PAPER)
    for x, radius in ((130, 24), (186, 28)):
        pen.ellipse((x - radius, 130 - radius, x + radius, 130 + radius), canvas.color)
        pen.pieslice((x - 40, 160, x + 40, 260), 180, 360, canvas.color)


def _book(canvas: Canvas) -> None:
    pen = canvas.pen
    for place in range(canvas.dice.randrange(2, 5)):
        top = 230 - place * 44
        shade = canvas.color if place % 2 else canvas.second
        pen.rectangle((60 + place * 6, top, 250 + place * 4, top + 38), shade, INK, 2)
        pen.rectangle((80 + place * 6, top + 14, 170, top + 20), PAPER)


def _door(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rectangle((60, 30, 190, 290), canvas.second, INK, 3)
    pen.rounded_rectangle((214, 90, 276, 200), 8, INK)
    pen.rectangle((222, 100, 268, 160), canvas.color)
    pen.ellipse((238, 172, 252, 186), PAPER)


def _game(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rounded_rectangle((40, 100, 280, 220), 50, INK)
    pen.rectangle((86, 140, 100, 180), PAPER)
    pen.rectangle((73, 153, 113, 167), PAPER)
    for x, y in ((220, 140), (244, 160), (220, 180), (196, 160)):
        pen.ellipse((x - 9, y - 9, x + 9, y + 9), canvas.color)


def _jar(canvas: Canvas) -> None:
    for place in range(3):
        left = 44 + place * 82
        canvas.pen.rectangle((left + 10, 84, left + 60, 106), INK)
        canvas.pen.rounded_rectangle((left, 104, left + 70, 250), 12, canvas.color, INK, 2)
        canvas.pen.rectangle((left + 8, 150, left + 62, 200), PAPER)


def _furniture(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.rounded_rectangle((50, 110, 270, 200), 20, canvas.color)
    pen.rounded_rectangle((40, 160, 280, 230), 16, canvas.second)
    for x in (60, 248):
        pen.rectangle((x, 230, x + 12, 262), INK)


def _wheels(canvas: Canvas) -> None:
    pen = canvas.pen
    for x in (94, 226):
        pen.ellipse((x - 52, 150, x + 52, 254), outline=INK, width=7)
    frame = [(94, 202), (140, 120), (214, 120), (226, 202), (160, 202), (140, 120)]
    pen.line(frame, canvas.color, 8)
    pen.line((200, 100, 240, 96), INK, 7)


def _plant(canvas: Canvas) -> None:
    pen = canvas.pen
    pen.polygon([(110, 190), (210, 190), (196, 276), (124, 276)], fill=canvas.color)
    for _ in range(9):
        x, y = canvas.dice.randrange(90, 230), canvas.dice.randrange(60, 150)
        pen.line((160, 190, x, y), (74, 128, 84), 5)
        pen.ellipse((x - 20, y - 13, x + 20, y + 13), (92, 150, 98))


def draw_parcel(canvas: Canvas) -> None:
    """What an unknown kind shows."""
    pen = canvas.pen
    pen.rectangle((70, 100, 250, 260), (206, 168, 122), INK, 2)
    pen.rectangle((148, 100, 172, 260), canvas.color)
    pen.polygon([(70, 100), (110, 66), (286, 66), (250, 100)], fill=(222, 190, 148))


KINDS: dict[str, Callable[[Canvas], None]] = {
    "card": _card,
    "card_pair": _card_pair,
    "held_card": _held_card,
    "face": _face,
    "screen": _screen,
    "phone": _phone,
    "phone_rack": _phone_rack,
    "poster": _poster,
    "sim": _sim,
    "camera": _camera,
    "bed": _bed,
    "cloth": _cloth,
    "garment": _garment,
    "gimbal": _gimbal,
    "frame": _frame,
    "book": _book,
    "door": _door,
    "game": _game,
    "jar": _jar,
    "furniture": _furniture,
    "wheels": _wheels,
    "plant": _plant,
    "parcel": draw_parcel,
}
"""What pictures can show."""
