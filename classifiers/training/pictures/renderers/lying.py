"""Cards without people: on a table, scanned, in fingers, on a telephone; kept for testing: several."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.pens import any_font, font, ink, tint, write
from classifiers.training.pictures.people import invented_person
from classifiers.training.pictures.renderers import goods
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = [
    "among_things",
    "full_frame",
    "in_fingers",
    "on_phone",
    "on_table",
    "scanned",
    "side_by_side",
    "stacked",
    "tray",
]


def on_table(studio: Studio) -> Scene:
    """One or two cards on whatever the background shows, askew."""
    rng = studio.rng
    scene = studio.ground()
    width, height = scene.size
    if rng.random() < 0.4:
        scene.image = scene.image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 3)))
    for place in range(1 if rng.random() < 0.7 else 2):
        card = studio.card()
        share = rng.uniform(0.45, 0.85) if rng.random() < 0.7 else rng.uniform(0.25, 0.45)
        wide = min(share * width, 310)
        middle = (width * rng.uniform(0.42, 0.58), height * (rng.uniform(0.4, 0.6) + 0.25 * place))
        quad = studio.tilted(card, middle, wide, rng.choice((6, 15, 60)))
        scene.lay(card, quad, shadow=rng.uniform(0.2, 0.8))
    return scene


def full_frame(studio: Studio) -> Scene:
    """A card that fills the picture, its edges cut off or just inside."""
    rng = studio.rng
    card = studio.card()
    wide = 312
    high = wide * card.size[1] / card.size[0]
    edge = rng.uniform(0.9, 1.12)
    scene = studio.ground((int(wide * edge), int(high * rng.uniform(edge - 0.05, edge + 0.3))))
    middle = (scene.size[0] / 2, scene.size[1] / 2)
    scene.lay(card, studio.tilted(card, middle, wide, 3), shadow=rng.uniform(0, 0.5))
    return scene


def scanned(studio: Studio) -> Scene:
    """Both sides on white paper, one above the other."""
    rng = studio.rng
    scene = studio.plain((400, 480), 225)
    person = invented_person(rng)
    wide = rng.uniform(190, 300)
    for place in range(2):
        card = studio.card(person, back=bool(place))
        middle = (200 + rng.uniform(-30, 30), 130 + 215 * place + rng.uniform(-15, 15))
        scene.lay(card, studio.tilted(card, middle, wide, 4), shadow=rng.uniform(0, 0.3))
    if rng.random() < 0.3:
        write(scene, (20, 448), "仅供演示 无效", any_font(rng, 18), ink(rng, 0, 160))
    return scene


def in_fingers(studio: Studio) -> Scene:
    """A card that fingers hold at an edge; nobody is seen."""
    rng = studio.rng
    scene = studio.photo()
    width, height = scene.size
    if rng.random() < 0.6:
        scene.image = scene.image.filter(ImageFilter.GaussianBlur(rng.uniform(1, 4)))
    card, skin = studio.card(), studio.skin()
    wide = min(rng.uniform(0.5, 0.75) * width, 300)
    quad = studio.tilted(card, (width / 2, height * rng.uniform(0.35, 0.5)), wide)
    if rng.random() < 0.5:
        hand = studio.hand(skin)
        scene.lay(hand, studio.tilted(hand, (width * 0.55, height * 0.8), wide * 0.75, 25))
    scene.lay(card, quad, shadow=0.4)
    for side in (-1, 1) if rng.random() < 0.5 else (rng.choice((-1, 1)),):
        x = quad[:, 0].mean() + side * wide * rng.uniform(0.15, 0.4)
        y = quad[2:, 1].mean() - wide * rng.uniform(0.08, 0.2)
        studio.finger(
            scene, (x, y), -side * rng.uniform(5, 40), wide * rng.uniform(0.11, 0.17), skin
        )
    return scene


def among_things(studio: Studio) -> Scene:
    """A card on a keyboard or on written paper, with a telephone or a pen near it."""
    rng = studio.rng
    scene = studio.ground(rng.choice(((480, 360), (420, 420), (480, 320))))
    width, height = scene.size
    base = ink(rng, 10, 240)
    board = Scene(Image.new("RGB", (420, 200), base))
    draw = ImageDraw.Draw(board.image)
    if rng.random() < 0.5:
        for row in range(5):
            for column in range(13):
                x, y = 6 + column * 32 + row * 3, 8 + row * 38
                draw.rounded_rectangle((x, y, x + 27, y + 32), 4, fill=tint(base, 0.15))
                write(
                    board,
                    (x + 8, y + 6),
                    rng.choice("QWERTYUIOPASDF"),
                    font("sans", 12),
                    tint(base, 0.6),
                )
    else:
        board.image.paste(tint(base, 0.9), (0, 0, 420, 200))
        for row in range(9):
            draw.line(
                (16, 16 + 20 * row, rng.uniform(200, 400), 16 + 20 * row),
                fill=(90, 90, 100),
                width=3,
            )
    spot = (width * rng.uniform(0.4, 0.6), height * rng.uniform(0.35, 0.65))
    scene.lay(board, studio.tilted(board, spot, width * rng.uniform(0.8, 1.2), 12), shadow=0.5)
    if rng.random() < 0.5:
        thing = goods.phone(rng)
        side = width * rng.choice((0.1, 0.9))
        scene.lay(thing, studio.tilted(thing, (side, height * 0.6), width * 0.2, 20), shadow=0.5)
    card = studio.card()
    middle = (width * rng.uniform(0.38, 0.62), height * rng.uniform(0.38, 0.62))
    wide = min(width * rng.uniform(0.4, 0.7), 310)
    scene.lay(card, studio.tilted(card, middle, wide, rng.choice((8, 30, 90))), shadow=0.7)
    return scene


def on_phone(studio: Studio) -> Scene:
    """A telephone, photographed, that shows a photo of a card, upright or across its screen."""
    rng = studio.rng
    scene = studio.photo()
    width, height = scene.size
    screen = Scene(Image.new("RGB", (276, 580), rng.choice(((0, 0, 0), (250, 250, 250)))))
    shot = studio.ground((276, rng.choice((180, 240, 420))))
    card = studio.card()
    middle = (138, shot.size[1] / 2)
    shot.lay(card, studio.tilted(card, middle, rng.uniform(200, 262), 6), shadow=0.4)
    top = (580 - shot.size[1]) / 2
    screen.lay(shot, rectangle(0, top, *shot.size))
    grey = (128, 128, 132)
    write(screen, (16, 14), f"{rng.randint(1, 12)}:30", font("bold", 20), grey)
    for place, label in enumerate(("分享", "编辑", "删除")):
        write(screen, (40 + 90 * place, 540), label, font("sans", 20), grey)
    phone = goods.phone(rng, screen)
    high = height * rng.uniform(0.75, 1.1)
    wide = high * phone.size[0] / phone.size[1]
    quad = studio.tilted(phone, (width * rng.uniform(0.4, 0.6), height / 2), wide, 18)
    if rng.random() < 0.5:
        hand = studio.hand()
        scene.lay(hand, studio.tilted(hand, (width / 2, height * 0.8), wide * 1.3, 15))
    scene.lay(phone, quad, shadow=0.6)
    return scene


def tray(studio: Studio) -> Scene:
    """Three to ten cards of many people on one ground, edge to edge or loosely in rows."""
    rng = studio.rng
    columns, rows = rng.choice(((2, 3), (2, 4), (3, 3), (1, 3), (2, 5)))
    cell = (480 // max(columns, 2), int(480 / max(columns, 2) / 1.5))
    scene = studio.ground((columns * cell[0], rows * cell[1]) if columns > 1 else (320, rows * 150))
    width, height = scene.size
    close = rng.uniform(0.75, 1.0)
    side = rng.choice((None, False))
    for place in range(columns * rows):
        card = studio.card(back=side)
        middle = (
            width * (place % columns + 0.5) / columns,
            height * (place // columns + 0.5) / rows,
        )
        wide = min(width / columns, height / rows * 1.55) * close
        scene.lay(card, studio.tilted(card, middle, wide, rng.choice((1, 4, 10))), shadow=0.4)
    if rng.random() < 0.25:
        write(
            scene,
            (8, height - 34),
            rng.choice(("每天更新", "样本 x100", "共 36 套")),
            any_font(rng, 26),
            ink(rng),
        )
    return scene


def side_by_side(studio: Studio) -> Scene:
    """Kept for testing: two to six cards, each on a photo of its own, put together in a grid."""
    rng = studio.rng
    columns, rows = rng.choice(((1, 2), (2, 2), (2, 3), (2, 1)))
    cell = (440 // columns, 440 // max(rows, columns))
    scene = studio.plain((cell[0] * columns, cell[1] * rows))
    for place in range(columns * rows):
        part = studio.photo((cell[0] - 6, cell[1] - 6))
        card = studio.card()
        wide = min(part.size[0] * rng.uniform(0.75, 0.95), part.size[1] * 1.4, 310)
        middle = (part.size[0] / 2, part.size[1] / 2)
        part.lay(card, studio.tilted(card, middle, wide, 6), shadow=0.4)
        left, top = place % columns * cell[0] + 3, place // columns * cell[1] + 3
        scene.lay(part, rectangle(left, top, *part.size))
    return scene


def stacked(studio: Studio) -> Scene:
    """Kept for testing: a fan of cards lying over each other."""
    rng = studio.rng
    scene = studio.photo()
    width, height = scene.size
    count = rng.randint(1, 5)
    for place in range(count):
        card = studio.card()
        share = (place + 0.5) / count
        middle = (width * (0.3 + 0.4 * share), height * (0.3 + 0.4 * share))
        quad = studio.tilted(card, middle, min(width * rng.uniform(0.4, 0.7), 310), 25)
        scene.lay(card, quad, shadow=0.7)
    return scene
