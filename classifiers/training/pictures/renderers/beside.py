"""A portrait and cards put together: in two halves, in four, in a talk; kept for testing: another chat."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw

from classifiers.training.pictures.pens import any_font, font, ink, rounded, tint, write
from classifiers.training.pictures.people import invented_person
from classifiers.training.pictures.renderers.held import at_corner, before_chest
from classifiers.training.pictures.renderers.windows import bubble, look
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["four_parts", "in_chat", "messages", "two_halves"]

MESSAGES: Final = ("图发你了", "这个可以吗", "看一下", "收到", "ok", "稍等")


def two_halves(studio: Studio) -> Scene:
    """A portrait on one side, a card or both its sides on the other."""
    rng = studio.rng
    wide = rng.random() < 0.7
    scene = studio.ground((480, 320) if wide else (340, 480))
    width, height = scene.size
    gap = rng.choice((0, 4, 12))
    first = (width // 2 - gap, height - 2 * gap) if wide else (width - 2 * gap, height // 2 - gap)
    portrait = studio.face(first, rng.uniform(0.2, 0.6))
    swapped = rng.random() < 0.4
    near = (gap, gap)
    far = (width // 2 + gap // 2, gap) if wide else (gap, height // 2 + gap // 2)
    scene.lay(portrait, rectangle(*(far if swapped else near), *first))
    corner = near if swapped else far
    both = rng.random() < 0.4 and wide
    person = invented_person(rng)
    for place in range(2 if both else 1):
        card = studio.card(person, back=bool(place) or None)
        y = corner[1] + first[1] * ((0.27 + 0.46 * place) if both else 0.5)
        quad = studio.tilted(card, (corner[0] + first[0] / 2, y), min(first[0] * 0.92, 310), 5)
        scene.lay(card, quad, shadow=0.4)
    return scene


def four_parts(studio: Studio) -> Scene:
    """A card's two sides, a portrait and the same person holding it, each in a quarter."""
    rng = studio.rng
    side = 220
    scene = studio.plain((2 * side, 2 * side))
    person = invented_person(rng)
    parts = []
    for back in (False, True):
        part = studio.ground((side - 4, side - 4))
        card = studio.card(person, back=back)
        part.lay(card, studio.tilted(card, (side / 2, side / 2), side * rng.uniform(0.7, 0.95), 5))
        parts.append(part)
    parts.append(studio.face((side - 4, side - 4), rng.uniform(0.2, 0.6)))
    parts.append(rng.choice((at_corner, before_chest))(studio))
    rng.shuffle(parts)
    for place, part in enumerate(parts):
        x, y = place % 2 * side + 2, place // 2 * side + 2
        scene.lay(part, rectangle(x, y, side - 4, side - 4))
        if rng.random() < 0.2:
            write(scene, (x + 8, y + 6), "①②③④"[place], any_font(rng, 22), ink(rng))
    return scene


def messages(studio: Studio) -> Scene:
    """A talk in which a portrait, a card, or both of a card's sides are sent."""
    rng = studio.rng
    style = look(rng, 0.5)
    size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    person = invented_person(rng)
    pieces = [
        studio.face((200, rng.choice((200, 250)))),
        studio.card(person, back=False),
        *([studio.card(person, back=True)] if rng.random() < 0.4 else []),
    ]
    rng.shuffle(pieces)
    y = 12.0
    for piece in pieces:
        if rng.random() < 0.6:
            y = bubble(scene, style, y, rng.choice(MESSAGES), mine=rng.random() < 0.5)
        wide = size[0] * (
            rng.uniform(0.35, 0.5) if piece.size[0] <= 200 else rng.uniform(0.55, 0.7)
        )
        high = wide * piece.size[1] / piece.size[0]
        x = 44.0 if rng.random() < 0.5 else size[0] - 44 - wide
        scene.lay(piece, rectangle(x, y, wide, high))
        y += high + 14
    return scene


def in_chat(studio: Studio) -> Scene:
    """Kept for testing: two pictures sent one after the other in a chat."""
    rng = studio.rng
    size = studio.phone()
    scene = Scene(studio.plain(size, 225).image)
    width, height = size
    accent = ink(rng, 60, 200)
    draw = ImageDraw.Draw(scene.image)
    draw.rectangle((0, 0, width, height * 0.08), fill=tint(accent, rng.choice((0.85, -0.2))))
    write(scene, (width * 0.35, height * 0.02), "茶壶先生", font("bold", int(height * 0.032)))
    y = height * 0.1
    for kind in rng.sample(("face", "card", "words"), 3):
        mine = rng.random() < 0.5
        if kind == "words":
            box = (width * 0.2, y, width * 0.8, y + height * 0.07)
            draw.rounded_rectangle(box, 8, fill=tint(accent, 0.5))
            write(
                scene,
                (box[0] + 8, y + 6),
                rng.choice(("发你了", "收到 OK", "就这两张")),
                font("sans", int(height * 0.03)),
            )
            y += height * 0.1
            continue
        piece = (
            studio.face((int(width * 0.5), int(height * 0.3))) if kind == "face" else studio.card()
        )
        wide = width * (0.5 if kind == "face" else 0.72)
        high = wide * piece.size[1] / piece.size[0]
        if kind == "face":
            piece.image = rounded(piece.image, 8)
        x = width * 0.97 - wide - width * 0.12 if mine else width * 0.15
        draw.rounded_rectangle(
            (
                width * (0.88 if mine else 0.02),
                y,
                width * (0.98 if mine else 0.12),
                y + width * 0.1,
            ),
            4,
            fill=ink(rng),
        )
        scene.lay(piece, rectangle(x, y, wide, high))
        y += high + height * 0.03
    return scene
