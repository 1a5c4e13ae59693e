"""Hard ordinary pictures made of paper and plastic: what looks like an identity card and is none."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.pens import (
    any_font,
    font,
    gradient,
    ink,
    is_dark,
    rounded,
    specimen,
    tint,
    write,
)
from classifiers.training.pictures.people import invented_person, nobody_phone
from classifiers.training.pictures.renderers import goods
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = [
    "business_card",
    "card_holder",
    "certificate",
    "flyer",
    "passport_cover",
    "sleeve",
    "ticket",
]


def _laid(studio: Studio, thing: Scene, share: float, most: float = 20) -> Scene:
    """A thing lying on a ground, as large as a share of its width."""
    rng = studio.rng
    scene = studio.ground()
    width, height = scene.size
    if rng.random() < 0.5:
        scene.image = scene.image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 3)))
    wide = min(width * share, height * share * thing.size[0] / thing.size[1])
    middle = (width * rng.uniform(0.42, 0.58), height * rng.uniform(0.42, 0.58))
    scene.lay(thing, studio.tilted(thing, middle, wide, most), shadow=rng.uniform(0.2, 0.8))
    return scene


def passport_cover(studio: Studio) -> Scene:
    """A booklet's cover with a disc and gilt letters."""
    rng = studio.rng
    base = ink(rng, 0, 130)
    thing = Scene(Image.new("RGB", (220, 310), base))
    gold = rng.choice(((205, 170, 90), (210, 210, 215)))
    draw = ImageDraw.Draw(thing.image)
    write(thing, (40, 34), rng.choice(("乌有国", "UTOPIA", "月球联邦")), any_font(rng, 26), gold)
    draw.ellipse((70, 100, 150, 180), outline=gold, width=4)
    draw.arc((90, 120, 130, 160), 20, 160, fill=gold, width=3)
    write(thing, (52, 212), rng.choice(("护照", "PASSPORT", "PASSEPORT")), any_font(rng, 24), gold)
    draw.rectangle((95, 266, 125, 284), outline=gold, width=2)
    thing.image = rounded(thing.image, 10)
    return _laid(studio, thing, rng.uniform(0.5, 0.85))


def card_holder(studio: Studio) -> Scene:
    """One bank card, or a holder with several in its slots; nothing else of an account."""
    rng = studio.rng
    if rng.random() < 0.5:
        return _laid(studio, goods.bank_card(rng), rng.uniform(0.5, 0.85), 40)
    base = ink(rng, 20, 200)
    thing = Scene(Image.new("RGB", (330, 260), base))
    for slot in range(rng.randint(2, 3)):
        card = goods.bank_card(rng)
        thing.lay(card, rectangle(18, 14 + slot * 46, 294, 185))
        cover = Scene(Image.new("RGB", (330, 260), tint(base, 0.08 * slot)))
        ImageDraw.Draw(cover.image).line((0, 1, 330, 1), fill=tint(base, -0.4), width=2)
        thing.lay(cover, rectangle(0, 60 + slot * 46, 330, 260))
    thing.marks = []
    return _laid(studio, thing, rng.uniform(0.55, 0.85))


def sleeve(studio: Studio) -> Scene:
    """A sleeve for a licence: leather with a word on it, or clear and empty."""
    rng = studio.rng
    base = ink(rng, 10, 170)
    thing = Scene(gradient((310, 210), base, tint(base, -0.3), rng.random()))
    draw = ImageDraw.Draw(thing.image)
    draw.rounded_rectangle((6, 6, 303, 203), 10, outline=tint(base, 0.4), width=1)
    if rng.random() < 0.6:
        gold = rng.choice(((205, 170, 90), (220, 220, 220)))
        write(
            thing,
            (70, 80),
            rng.choice(("驾驶证皮套", "行驶证", "LICENCE HOLDER", "证件包")),
            any_font(rng, 28),
            gold,
        )
    else:
        draw.rectangle((30, 34, 280, 180), fill=tint(base, 0.6), outline=tint(base, 0.8), width=3)
        draw.line((40, 60, 150, 44), fill=(255, 255, 255), width=5)
    thing.image = rounded(thing.image, 12)
    return _laid(studio, thing, rng.uniform(0.55, 0.9), 30)


def business_card(studio: Studio) -> Scene:
    """A name, a firm, a telephone; rarely a logo. One or some."""
    rng = studio.rng
    person = invented_person(rng)
    pale = tint(ink(rng), rng.choice((0.6, 0.85, 0.95, -0.7)))
    thing = Scene(Image.new("RGB", (320, 190), pale))
    text = (30, 30, 34) if sum(pale) > 380 else (235, 235, 235)
    accent = ink(rng, 40, 220)
    draw = ImageDraw.Draw(thing.image)
    shape = rng.choice(("band", "logo", "corner", "none"))
    if shape == "band":
        draw.rectangle((0, 0, rng.choice((24, 320)), rng.choice((30, 190))), fill=accent)
    elif shape == "logo":
        draw.ellipse((228, 24, 290, 86), fill=accent)
    elif shape == "corner":
        draw.polygon(((320, 90), (320, 190), (180, 190)), fill=accent)
    left = rng.choice((34, 60, 120))
    write(
        thing,
        (left, 36),
        rng.choice((person.name, person.latin_name.title())),
        any_font(rng, 26),
        text,
    )
    write(
        thing,
        (left, 74),
        rng.choice(("销售经理", "Chief Teapot", "设计师")),
        any_font(rng, 14),
        text,
    )
    rows = (nobody_phone(rng), person.town, "www.teapot.example", person.address)
    for line, row in enumerate(rng.sample(rows, 3)):
        write(thing, (left, 110 + 22 * line), row, any_font(rng, 14), text)
    if rng.random() < 0.25:
        specimen(thing, rng)
    return _laid(studio, thing, rng.uniform(0.5, 0.85))


def certificate(studio: Studio) -> Scene:
    """A diploma with a frame, a seal, sometimes a small portrait."""
    rng = studio.rng
    size = rng.choice(((420, 300), (300, 420)))
    pale = tint(ink(rng, 150, 255), 0.8)
    thing = Scene(Image.new("RGB", size, pale))
    draw = ImageDraw.Draw(thing.image)
    accent = ink(rng, 60, 190)
    for inset in (8, 14):
        draw.rectangle((inset, inset, size[0] - inset, size[1] - inset), outline=accent, width=3)
    title = rng.choice(("荣誉证书", "CERTIFICATE", "毕业证书", "结业证书", "奖状"))
    write(thing, (size[0] * 0.25, size[1] * 0.1), title, any_font(rng, 34), accent)
    person = invented_person(rng)
    for line in range(4):
        words = (
            person.name + " 同学：",
            "在泡泡大赛中表现突出",
            "特发此证 以资鼓励",
            "Teapot Academy",
        )
        write(thing, (size[0] * 0.15, size[1] * 0.34 + 30 * line), words[line], any_font(rng, 18))
    far, x, y = 34, size[0] * 0.76, size[1] * 0.78
    draw.ellipse((x - far, y - far, x + far, y + far), outline=(200, 30, 30), width=3)
    if rng.random() < 0.4:
        photo = studio.face((64, 84))
        thing.lay(photo, rectangle(size[0] * 0.74, size[1] * 0.28, 64, 84))
    if rng.random() < 0.25:
        specimen(thing, rng)
    return _laid(studio, thing, rng.uniform(0.75, 0.98), 8)


def flyer(studio: Studio) -> Scene:
    """A shop's flyer: a photo, a slogan, a price."""
    rng = studio.rng
    scene = studio.photo(rng.choice(((360, 480), (420, 420))))
    width, height = scene.size
    draw = ImageDraw.Draw(scene.image)
    accent = ink(rng)
    top = rng.choice((0.0, 0.72)) * height
    draw.rectangle((0, top, width, top + height * 0.28), fill=accent)
    fill = (255, 255, 255) if sum(accent) < 400 else (20, 20, 20)
    slogan = rng.choice(("新品上市", "全场五折", "SUMMER SALE", "包邮", "开业大吉"))
    write(
        scene, (width * 0.08, top + height * 0.04), slogan, any_font(rng, int(height * 0.09)), fill
    )
    write(
        scene,
        (width * 0.08, top + height * 0.17),
        f"¥{rng.randint(9, 999)}",
        font("bold", int(height * 0.06)),
        fill,
    )
    return scene


def ticket(studio: Studio) -> Scene:
    """A member's, bus or gift card: text and a pattern, no person."""
    rng = studio.rng
    thing = Scene(gradient((310, 196), ink(rng), ink(rng), rng.random()))
    dark = is_dark(thing.image)
    text = (250, 250, 250) if dark else (25, 25, 25)
    write(
        thing,
        (20, 20),
        rng.choice(("会员卡 VIP", "GIFT CARD", "公交卡", "健身卡", "LIBRARY CARD")),
        any_font(rng, 30),
        text,
    )
    draw = ImageDraw.Draw(thing.image)
    for _ in range(rng.randint(0, 8)):
        x, y, far = rng.uniform(0, 310), rng.uniform(60, 196), rng.uniform(6, 40)
        draw.ellipse((x, y, x + far, y + far), fill=ink(rng))
    write(thing, (20, 150), f"No. 0{rng.randint(10**5, 10**6)}", font("mono", 17), text)
    if rng.random() < 0.3:
        specimen(thing, rng)
    thing.image = rounded(thing.image, 12)
    return _laid(studio, thing, rng.uniform(0.5, 0.85), 30)
