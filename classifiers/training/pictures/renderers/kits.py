"""Kits of an account; kept for testing: each thing in a panel, with its name."""

from __future__ import annotations

from PIL import ImageFilter

from classifiers.training.pictures.pens import any_font, ink, write
from classifiers.training.pictures.people import invented_person
from classifiers.training.pictures.renderers import goods
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["laid_out", "panels", "spread"]


def laid_out(studio: Studio) -> Scene:
    """On an even ground in two rows, identity card included or not."""
    rng = studio.rng
    scene = studio.plain((480, 360), rng.choice((90, 200)))
    things = [goods.bank_card(rng), goods.sim(rng), goods.ukey(rng)]
    if rng.random() < 0.6:
        person = invented_person(rng)
        things += [studio.card(person, back=False), studio.card(person, back=True)]
    if rng.random() < 0.4:
        things.append(goods.phone(rng))
    rng.shuffle(things)
    columns = 3 if len(things) > 4 else 2
    for place, thing in enumerate(things):
        cell = 480 / columns
        middle = (cell * (place % columns + 0.5), 95 + 170 * (place // columns))
        wide = cell * 0.85 if thing.size[0] > thing.size[1] else 75
        scene.lay(thing, studio.tilted(thing, middle, wide, 8), shadow=0.4)
    if rng.random() < 0.4:
        write(
            scene,
            (20, 325),
            rng.choice(("四件套 样品", "全套出", "一套齐全 支持验货")),
            any_font(rng, 24),
            ink(rng, 0, 200),
        )
    return scene


def spread(studio: Studio) -> Scene:
    """Several of each thrown on a table or bed."""
    rng = studio.rng
    scene = studio.photo()
    scene.image = scene.image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 2)))
    width, height = scene.size
    makers = [goods.bank_card, goods.sim, goods.ukey, goods.bank_card]
    makers += rng.sample(makers, rng.randint(0, 3))
    spots = [(x, y) for x in (0.25, 0.52, 0.78) for y in (0.22, 0.5, 0.78)]
    rng.shuffle(spots)
    for make, (across, down) in zip(makers, spots, strict=False):
        thing = make(rng)
        wide = width * rng.uniform(0.25, 0.36)
        quad = studio.tilted(thing, (width * across, height * down), wide, 50)
        scene.lay(thing, quad, shadow=0.7)
    if rng.random() < 0.5:
        card = studio.card()
        across, down = spots[-1]
        scene.lay(
            card, studio.tilted(card, (width * across, height * down), width * 0.36, 40), shadow=0.7
        )
    return scene


def panels(studio: Studio) -> Scene:
    """Kept for testing: a photo for each thing and its name below."""
    rng = studio.rng
    scene = studio.plain((440, 460), 220)
    parts = [
        (goods.shaded_bank_card(rng), "储蓄卡"),
        (goods.shaded_sim(rng), "电话卡"),
        (goods.shaded_ukey(rng), "优盾"),
        (studio.card() if rng.random() < 0.5 else goods.shaded_bank_card(rng), "证件样本"),
    ]
    rng.shuffle(parts)
    for place, (thing, name) in enumerate(parts):
        x, y = place % 2 * 220, place // 2 * 230
        panel = studio.photo((204, 180))
        wide = 170 if thing.size[0] > thing.size[1] else 90
        panel.lay(thing, studio.tilted(thing, (102, 90), wide, 15), shadow=0.6)
        scene.lay(panel, rectangle(x + 8, y + 8, *panel.size))
        write(scene, (x + 60, y + 194), name, any_font(rng, 22), ink(rng, 0, 140))
    return scene
