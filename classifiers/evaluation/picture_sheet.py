"""A contact sheet of errors: people see at a glance what kind of picture goes wrong.

What the truth marks as face or text is destroyed first, and so are faces that the shipped
finder sees: ordinary photos show people whom nobody marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from classifiers.evaluation.picture_rows import Place
from classifiers.images.faces import shipped_faces

__all__ = ["contact_sheet", "destroyed"]

FACE_SURE: Final = 0.15

CELL: Final = 150
LINE: Final = 14
COLUMNS: Final = 8
COARSE: Final = 4
"""A face keeps so many blocks across."""


def destroyed(image: Image.Image, places: Sequence[Place]) -> Image.Image:
    """A copy with faces as coarse blocks and texts filled evenly.

    Args:
        image: as it was written.
        places: of faces and texts; cards stay, but for what is written on them.
    """
    result = image.copy()
    found = [(place.subject, np.array(place.corners)) for place in places]
    for face in shipped_faces().find(np.asarray(image), threshold=FACE_SURE):
        ends = [[face.box.left, face.box.top], [face.box.right, face.box.bottom]]
        found.append(("face", np.array(ends) * image.size))
    for subject, corners in found:
        if subject == "card":
            continue
        left, top = np.clip(corners.min(axis=0), 0, image.size)
        right, bottom = np.clip(corners.max(axis=0) + 1, 0, image.size)
        if right - left < 1 or bottom - top < 1:
            continue
        box = (int(left), int(top), int(right), int(bottom))
        part = result.crop(box)
        blocks = COARSE if subject == "face" else 1
        few = part.resize((blocks, blocks), Image.Resampling.BOX)
        result.paste(few.resize(part.size, Image.Resampling.NEAREST), box)
    return result


def contact_sheet(pictures: Sequence[tuple[Image.Image, str]]) -> Image.Image:
    """Pictures in rows, each with two short lines below; an empty sheet for none."""
    rows = max(1, -(-len(pictures) // COLUMNS))
    high = CELL + 2 * LINE + 4
    sheet = Image.new("RGB", (COLUMNS * (CELL + 4), rows * high), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (image, words) in enumerate(pictures):
        x, y = place % COLUMNS * (CELL + 4), place // COLUMNS * high
        small = image.copy()
        small.thumbnail((CELL, CELL))
        sheet.paste(small, (x, y))
        for line, text in enumerate(words.split("\n")[:2]):
            at = (x, y + CELL + LINE * line)
            draw.text(at, text[:27], font=ImageFont.load_default(10), fill="black")
    return sheet
