"""Pieces of programs' windows: title bars, sliders, buttons, switches, a face with points on it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from classifiers.training.pictures.pens import Font, font, ink, tint, write
from classifiers.training.pictures.scene import Colour, Scene, Subject

__all__ = [
    "Look",
    "again",
    "avatar",
    "bubble",
    "button",
    "look",
    "mesh",
    "slider",
    "switch",
    "title_bar",
]


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a program.

    Attributes:
        paper: behind everything.
        panel: behind groups of controls.
        text: of labels.
        accent: of what is chosen.
    """

    paper: Colour
    panel: Colour
    text: Colour
    accent: Colour


def look(rng: random.Random, dark: float = 0.5) -> Look:
    """Dark with a probability, or light."""
    accent = ink(rng, 50, 230)
    if rng.random() < dark:
        shade = rng.randint(18, 52)
        panel = (shade + 14, shade + 15, shade + 18)
        return Look((shade, shade, shade + 4), panel, (222, 222, 226), accent)
    shade = rng.randint(225, 252)
    return Look((shade, shade, shade), (shade - 14, shade - 13, shade - 10), (40, 42, 46), accent)


def again(piece: Scene) -> Scene:
    """A copy to draw upon."""
    return Scene(piece.image.copy(), list(piece.marks), list(piece.people))


def title_bar(scene: Scene, style: Look, title: str, high: int = 26) -> None:
    """A bar with a name and three buttons."""
    draw = ImageDraw.Draw(scene.image)
    draw.rectangle((0, 0, scene.size[0], high), fill=tint(style.panel, -0.12))
    write(scene, (10, high * 0.18), title, font("sans", int(high * 0.55)), style.text)
    for place, sign in enumerate("×□-"):
        x = scene.size[0] - 22 - 24 * place
        draw.text((x, high * 0.12), sign, font=font("sans", int(high * 0.6)), fill=style.text)


def slider(
    scene: Scene, style: Look, at: tuple[float, float], width: float, label: str, rng: random.Random
) -> None:
    """A label, a line, a knob somewhere on it."""
    write(scene, at, label, font("sans", 12), style.text)
    draw = ImageDraw.Draw(scene.image)
    x, y = at[0], at[1] + 23
    knob = x + width * rng.random()
    draw.line((x, y, x + width, y), fill=tint(style.text, 0.5), width=3)
    draw.line((x, y, knob, y), fill=style.accent, width=3)
    draw.ellipse((knob - 5, y - 5, knob + 5, y + 5), fill=style.accent)


def button(
    scene: Scene, style: Look, box: Sequence[float], label: str, face: Font, *, filled: bool = True
) -> None:
    """A button with its label in the middle."""
    draw = ImageDraw.Draw(scene.image)
    left, top, right, bottom = box
    fill = style.accent if filled else style.panel
    draw.rounded_rectangle((left, top, right, bottom), 5, fill=fill, outline=style.accent)
    wide = draw.textlength(label, font=face)
    text = (255, 255, 255) if filled and sum(style.accent) < 480 else (25, 25, 25)
    high = draw.textbbox((0, 0), label, font=face)[3]
    at = ((left + right - wide) / 2, (top + bottom - high) / 2 - 1)
    write(scene, at, label, face, text if filled else style.text)


def switch(scene: Scene, style: Look, at: tuple[float, float], *, on: bool) -> None:
    """A switch, 34 pixels wide."""
    draw = ImageDraw.Draw(scene.image)
    x, y = at
    draw.rounded_rectangle((x, y, x + 34, y + 18), 9, fill=style.accent if on else (150, 150, 150))
    knob = x + 17 if on else x + 1
    draw.ellipse((knob, y + 1, knob + 16, y + 17), fill=(255, 255, 255))


def mesh(scene: Scene, rng: random.Random, colour: Colour, *, lines: bool) -> None:
    """Points of a net over each face, joined by lines or not, and a frame about it."""
    draw = ImageDraw.Draw(scene.image)
    for mark in scene.over(Subject.FACE):
        left, top, right, bottom = mark.box
        u, v = np.meshgrid(np.linspace(-0.9, 0.9, 7), np.linspace(-0.9, 0.9, 9))
        inside = (u**2 + v**2) < 1.0
        x = (left + right) / 2 + u * (right - left) / 2 * np.sqrt(1 - 0.4 * v**2)
        y = (top + bottom) / 2 + v * (bottom - top) / 2
        for row in range(9):
            for column in range(7):
                if not inside[row, column]:
                    continue
                px, py = x[row, column] + rng.gauss(0, 1), y[row, column] + rng.gauss(0, 1)
                draw.ellipse((px - 1.5, py - 1.5, px + 1.5, py + 1.5), fill=colour)
                if lines and column + 1 < 7 and inside[row, column + 1]:
                    draw.line((px, py, x[row, column + 1], y[row, column + 1]), fill=colour)
                if lines and row + 1 < 9 and inside[row + 1, column]:
                    draw.line((px, py, x[row + 1, column], y[row + 1, column]), fill=colour)
        if rng.random() < 0.5:
            draw.rectangle((left, top, right, bottom), outline=colour, width=2)


def bubble(scene: Scene, style: Look, y: float, text: str, *, mine: bool, size: int = 14) -> float:
    """A chat's bubble with one line; returns where the next one may begin."""
    face = font("sans", size)
    draw = ImageDraw.Draw(scene.image)
    wide = draw.textlength(text, font=face) + 18
    width = scene.size[0]
    x = width - 44 - wide if mine else 44
    fill = tint(style.accent, 0.45) if mine else style.panel
    draw.rounded_rectangle((x, y, x + wide, y + size + 16), 8, fill=fill)
    write(scene, (x + 9, y + 6), text, face, (20, 20, 20) if mine else style.text)
    avatar(scene, (width - 38 if mine else 6, y), 30)
    return y + size + 28


def avatar(scene: Scene, at: tuple[float, float], side: int) -> None:
    """A square in any colour, the same one at the same place."""
    shade = int(at[0]) % 7 * 30 + 40
    patch = Image.new("RGB", (side, side), (shade, 255 - shade, 120))
    scene.image.paste(patch, (int(at[0]), int(at[1])))
