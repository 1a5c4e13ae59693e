"""Kits of an account: laid out, in a bag, on offer; kept for testing: each thing in a panel."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.pens import any_font, font, ink, tint, write
from classifiers.training.pictures.people import invented_person
from classifiers.training.pictures.renderers import goods
from classifiers.training.pictures.scene import Scene, rectangle, turned
from classifiers.training.pictures.studio import Studio

__all__ = ["fanned", "in_bag", "laid_out", "on_offer", "panels", "spread"]


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


def in_bag(studio: Studio) -> Scene:
    """One account's things in a clear bag or an envelope, pushed together."""
    rng = studio.rng
    scene = studio.photo()
    width, height = scene.size
    bag = Scene(Image.new("RGBA", (360, 300)))
    clear = rng.random() < 0.6
    paper = (*ink(rng, 150, 240), 110) if clear else (*ink(rng, 120, 220), 255)
    draw = ImageDraw.Draw(bag.image)
    draw.rounded_rectangle((4, 4, 356, 296), 10, fill=paper, outline=(120, 120, 120, 255))
    draw.rectangle((4, 4, 356, 26), fill=(*tint(paper[:3], -0.2), 255))
    makers = [goods.bank_card, goods.sim, goods.ukey, *([goods.bank_card] * rng.randint(0, 2))]
    rng.shuffle(makers)
    for place, make in enumerate(makers):
        thing = make(rng)
        wide = rng.uniform(120, 190) * (1.0 if thing.size[0] > thing.size[1] else 0.5)
        middle = (95 + place % 2 * 165, 95 + place // 2 * 78)
        bag.lay(thing, studio.tilted(thing, middle, wide, 30), shadow=0.5)
    if clear:
        shine = Image.new("RGBA", bag.size)
        for _ in range(rng.randint(2, 5)):
            x = rng.uniform(-40, 340)
            points = ((x, 20), (x + rng.uniform(10, 40), 20), (x + 110, 296), (x + 80, 296))
            ImageDraw.Draw(shine).polygon(points, fill=(255, 255, 255, rng.randint(20, 60)))
        bag.image.alpha_composite(shine)
    if rng.random() < 0.4:
        write(bag, (30, 264), rng.choice(("001 已测", "全套", "网银+U盾+卡")), any_font(rng, 22))
    wide = min(width * rng.uniform(0.75, 0.98), height * 1.1)
    scene.lay(bag, studio.tilted(bag, (width / 2, height / 2), wide, 20), shadow=0.5)
    return scene


def fanned(studio: Studio) -> Scene:
    """A hand with bank cards like a hand of playing cards; telephone, SIM and key beside it."""
    rng = studio.rng
    scene = studio.ground(rng.choice(((420, 420), (480, 360), (360, 480))))
    width, height = scene.size
    count = rng.randint(3, 6)
    wide = min(width, height) * rng.uniform(0.42, 0.52)
    for place in range(count):
        card = goods.bank_card(rng)
        share = place / (count - 1) - 0.5
        middle = (width * (0.5 + 0.36 * share), height * (0.36 + 0.28 * abs(share)))
        quad = studio.tilted(card, middle, wide, 3)
        scene.lay(card, turned(quad, 60 * share - 90), shadow=0.6)
    hand = studio.hand()
    wrist = (width * 0.5, height * 0.72)
    scene.lay(hand, studio.tilted(hand, wrist, width * 0.36, 15), shadow=0.3)
    others = [goods.ukey(rng), goods.sim(rng), goods.phone(rng)]
    rng.shuffle(others)
    for side, thing in zip((0.16, 0.84), others, strict=False):
        room = width * (0.28 if thing.size[0] > thing.size[1] else 0.15)
        spot = (width * side, height * rng.uniform(0.78, 0.86))
        scene.lay(thing, studio.tilted(thing, spot, room, 25), shadow=0.5)
    return scene


def on_offer(studio: Studio) -> Scene:
    """A poster or message: a row of things, plus signs between them, names and a price."""
    rng = studio.rng
    wide = rng.random() < 0.6
    width, height = size = (500, 300) if wide else (340, 480)
    scene = studio.photo(size) if rng.random() < 0.3 else studio.plain(size, rng.choice((20, 200)))
    parts = [(goods.bank_card, "银行卡"), (goods.ukey, "U盾"), (goods.sim, "手机卡")]
    if rng.random() < 0.5:
        parts.append((goods.phone, "手机"))
    rng.shuffle(parts)
    draw = ImageDraw.Draw(scene.image)
    panel = tint(ink(rng), 0.8)
    for place, (make, name) in enumerate(parts):
        thing, share = make(rng), (place + 0.5) / len(parts)
        cell = (width if wide else height * 0.8) / len(parts)
        x, y = (
            (width * share, height * 0.48)
            if wide
            else (width * 0.4, height * (0.18 + 0.72 * share))
        )
        high = cell * 0.8
        draw.rounded_rectangle(
            (x - cell * 0.46, y - high / 2, x + cell * 0.46, y + high / 2), 8, fill=panel
        )
        room = cell * (0.82 if thing.size[0] > thing.size[1] else 0.34)
        scene.lay(thing, studio.tilted(thing, (x, y), room, 8), shadow=0.4)
        at = (x - cell * 0.25, y + high / 2 + 2) if wide else (x + cell * 0.6, y - 10)
        write(scene, at, name, any_font(rng, 18), tint(panel, -0.8))
        if place and wide:
            write(scene, (width * place / len(parts) - 8, y - 18), "+", font("bold", 28), ink(rng))
    title = rng.choice(("四件套 出", "全套带网银", "FULL SET", "公户全套 现货"))
    fill = ink(rng, 120, 255)
    draw.rectangle((0, 0, width, height * 0.15), fill=tint(fill, -0.75))
    write(scene, (width * 0.1, height * 0.02), title, any_font(rng, int(height * 0.09)), fill)
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
