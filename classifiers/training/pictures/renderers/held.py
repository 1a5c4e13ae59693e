"""Somebody who holds a card: below the chin, at a corner; kept for testing: beside the cheek."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.material import fitted
from classifiers.training.pictures.pens import ink, tint
from classifiers.training.pictures.scene import Scene, Subject, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["at_corner", "before_chest", "by_cheek", "person"]


def person(studio: Studio, size: tuple[int, int], share: float) -> Scene:
    """Somebody with room for a torso.

    Args:
        studio: where it is made.
        size: of the scene in pixels.
        share: of its height that the portrait's photo takes; a torso is drawn below.
    """
    rng = studio.rng
    scene = studio.photo(size)
    scene.image = scene.image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 3)))
    portrait = studio.material.portrait(rng)
    side = size[1] * share
    left = (size[0] - side) / 2 + rng.uniform(-0.1, 0.1) * size[0]
    # Photos of one plain wall melt into it; others get a wall of the colour of their edge.
    edge = portrait.image.crop((0, 0, portrait.size[0], 6)).resize((1, 1), Image.Resampling.BOX)
    if rng.random() < 0.6:
        scene.image.paste(edge.resize(size))
    low = portrait.image.crop((0, portrait.size[1] - 5, *portrait.size)).resize((5, 1))
    red, green, blue = low.crop((2, 0, 3, 1)).tobytes() if rng.random() < 0.6 else ink(rng)
    draw = ImageDraw.Draw(scene.image)
    shoulder = size[1] * share * 0.93
    draw.rounded_rectangle(
        (left - side * 0.1, shoulder, left + side * 1.1, size[1] + 90), 60, fill=(red, green, blue)
    )
    for _ in range(rng.randint(0, 5)):
        x = rng.uniform(left, left + side)
        dark = tint((red, green, blue), -0.25)
        draw.line((x, shoulder + 10, x + rng.uniform(-30, 30), size[1]), fill=dark, width=3)
    scene.image = scene.image.filter(ImageFilter.GaussianBlur(1.2))
    mask = Image.new("L", portrait.size)
    inner = (4, 4, portrait.size[0] - 5, portrait.size[1] - 4)
    ImageDraw.Draw(mask).rounded_rectangle(inner, 30, fill=255)
    portrait.image.putalpha(mask.filter(ImageFilter.GaussianBlur(8)))
    scene.lay(portrait, rectangle(left, 0, side, side))
    return scene


def before_chest(studio: Studio) -> Scene:
    """Both hands hold it below the chin."""
    rng = studio.rng
    size = rng.choice(((360, 480), (400, 480), (420, 420)))
    share = rng.uniform(0.35, 0.85)
    scene = person(studio, size, share)
    card, skin = studio.card(back=False), studio.skin(scene)
    _, _, _, chin = scene.over(Subject.FACE)[0].box
    wide = min(rng.uniform(0.35, 0.65) * size[0], 300)
    y = min(chin + wide * rng.uniform(0.25, 0.5), size[1] - wide * 0.3)
    quad = studio.tilted(card, (size[0] * rng.uniform(0.4, 0.6), y), wide, 10)
    if rng.random() < 0.5:
        hand = studio.hand(skin)
        place = (quad[:, 0].mean() + wide * 0.2, quad[2:, 1].mean() + wide * 0.15)
        scene.lay(hand, studio.tilted(hand, place, wide * rng.uniform(0.45, 0.65), 30))
    scene.lay(card, quad, shadow=0.4)
    for side in rng.choice(((-1, 1), (-1,), (1,))):
        edge = quad[[0, 3]] if side < 0 else quad[[1, 2]]
        x = edge[:, 0].mean() - side * wide * rng.uniform(0.03, 0.1)
        for row in range(rng.randint(1, 2)):
            y = edge[:, 1].mean() + wide * (0.02 + 0.13 * row)
            turn = -side * rng.uniform(60, 95)
            studio.finger(scene, (x, y), turn, wide * rng.uniform(0.1, 0.15), skin)
    return scene


def at_corner(studio: Studio) -> Scene:
    """One hand holds it up at a lower corner; the portrait fills the picture."""
    rng = studio.rng
    side = rng.randint(360, 460)
    face = studio.material.portrait(rng)
    scene = fitted(face, (0, 0, *face.size), (side, side))
    card, skin = studio.card(back=False), studio.skin(scene)
    right = rng.choice((-1, 1))
    wide = min(side * rng.uniform(0.38, 0.6), 300)
    middle = (side / 2 + right * side * rng.uniform(0.12, 0.26), side * rng.uniform(0.72, 0.84))
    quad = studio.tilted(card, middle, wide, 15)
    hand = studio.hand(skin)
    place = (middle[0] + right * wide * 0.1, middle[1] + wide * 0.42)
    scene.lay(hand, studio.tilted(hand, place, wide * rng.uniform(0.5, 0.7), 25))
    scene.lay(card, quad, shadow=0.5)
    tip = (quad[:, 0].mean() + rng.uniform(-0.2, 0.2) * wide, quad[2:, 1].mean() - wide * 0.12)
    studio.finger(scene, tip, rng.uniform(-30, 30), wide * rng.uniform(0.12, 0.17), skin)
    return scene


def by_cheek(studio: Studio) -> Scene:
    """Kept for testing: held upright beside the face, four fingers behind, a thumb before it."""
    rng = studio.rng
    scene = person(studio, rng.choice(((480, 360), (480, 420), (440, 440))), rng.uniform(0.7, 1.0))
    width, height = scene.size
    face = scene.over(Subject.FACE)[0]
    left, top, right, bottom = face.box
    to_right = (left + right) / 2 < width / 2
    card, skin = studio.card(back=False), tint(studio.skin(scene), rng.uniform(-0.15, 0.1))
    wide = min(width * rng.uniform(0.36, 0.5), 300)
    x = (
        min(right + wide * 0.3, width - wide * 0.45)
        if to_right
        else max(left - wide * 0.3, wide * 0.45)
    )
    quad = studio.tilted(card, (x, top + (bottom - top) * rng.uniform(0.5, 0.95)), wide, 18)
    base = quad[2:, 1].mean()
    arm = Scene(Image.new("RGBA", (60, 160)))
    ImageDraw.Draw(arm.image).rounded_rectangle((0, 0, 59, 220), 28, fill=(*skin, 255))
    arm.image = arm.image.filter(ImageFilter.GaussianBlur(1.5))
    scene.lay(arm, rectangle(x - wide * 0.16, base + wide * 0.1, wide * 0.32, height))
    scene.lay(card, quad, shadow=0.5)
    for row in range(rng.randint(2, 4)):
        tip = (x - wide * 0.2 + row * wide * 0.13, base - wide * (0.08 + 0.02 * row))
        studio.finger(scene, tip, rng.uniform(-8, 8), wide * 0.125, skin)
    return scene
