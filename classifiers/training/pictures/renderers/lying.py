"""Cards without people: on a table, scanned, in fingers, alone; kept for testing: several."""

from __future__ import annotations

from PIL import ImageFilter

from classifiers.training.pictures.pens import any_font, ink, write
from classifiers.training.pictures.people import invented_person
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["full_frame", "in_fingers", "on_table", "scanned", "side_by_side", "stacked"]


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
