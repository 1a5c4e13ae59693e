"""Hard ordinary pictures with faces: what looks like a trade in them and is none."""

from __future__ import annotations

from PIL import ImageDraw, ImageFilter, ImageOps

from classifiers.training.pictures.pens import any_font, font, ink, is_dark, specimen, tint, write
from classifiers.training.pictures.renderers import goods
from classifiers.training.pictures.renderers.held import person
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["attendance", "id_prints", "portrait", "poster", "selfie", "studio_advert", "with_phone"]


def portrait(studio: Studio) -> Scene:
    """Somebody, and nothing else."""
    rng = studio.rng
    if rng.random() < 0.5:
        return person(studio, rng.choice(((360, 480), (420, 420))), rng.uniform(0.5, 1.0))
    scene = studio.face(rng.choice(((360, 460), (420, 420), (300, 400))), rng.uniform(0.2, 0.8))
    if rng.random() < 0.15:
        specimen(scene, rng)
    return scene


def selfie(studio: Studio) -> Scene:
    """Somebody whose hand is in the picture, empty or with some thing."""
    rng = studio.rng
    scene = person(studio, rng.choice(((360, 480), (420, 420))), rng.uniform(0.55, 0.95))
    hand = studio.hand(studio.skin(scene))
    spot = (scene.size[0] * rng.choice((0.2, 0.8)), scene.size[1] * rng.uniform(0.6, 0.85))
    scene.lay(
        hand, studio.tilted(hand, spot, scene.size[0] * rng.uniform(0.25, 0.4), 25), shadow=0.3
    )
    if rng.random() < 0.5:
        thing = rng.choice((goods.bank_card, goods.ukey, goods.phone))(rng)
        wide = scene.size[0] * (0.2 if thing.size[1] > thing.size[0] else 0.28)
        scene.lay(thing, studio.tilted(thing, spot, wide, 25), shadow=0.4)
    return scene


def with_phone(studio: Studio) -> Scene:
    """A hand that holds a telephone with something harmless on it."""
    rng = studio.rng
    scene = studio.photo()
    screen = rng.choice((studio.photo((270, 480)), studio.plain((270, 480), 60)))
    write(
        screen,
        (20, 40),
        rng.choice(("你好", "12:30", "天气 晴", "Hello")),
        font("bold", 40),
        (255, 255, 255),
    )
    phone = goods.phone(rng, screen if rng.random() < 0.8 else None)
    width, height = scene.size
    skin = studio.skin()
    hand = studio.hand(skin)
    spot = (width * rng.uniform(0.4, 0.6), height * rng.uniform(0.45, 0.6))
    scene.lay(hand, studio.tilted(hand, (spot[0], spot[1] + height * 0.2), width * 0.5, 20))
    high = height * rng.uniform(0.6, 0.8)
    wide = high * 150 / 306
    scene.lay(phone, studio.tilted(phone, spot, wide, 15), shadow=0.5)
    studio.finger(scene, (spot[0] - wide * 0.4, spot[1] + high * 0.1), 30, wide * 0.2, skin)
    return scene


def id_prints(studio: Studio) -> Scene:
    """A sheet of prints of ONE person, as a photographer cuts for documents."""
    rng = studio.rng
    columns, rows = rng.choice(((4, 2), (5, 2), (3, 3), (2, 2), (4, 4)))
    cell = (int(440 / columns), int(440 / columns * 1.35))
    scene = studio.plain((columns * cell[0] + 12, rows * cell[1] + 12), 235)
    face = studio.face((cell[0] - 8, cell[1] - 8), rng.uniform(0.3, 0.5))
    wall = ink(rng, 40, 250)
    ImageDraw.Draw(face.image).rectangle((0, 0, face.size[0] - 1, 3), fill=wall)
    for place in range(columns * rows):
        corner = (place % columns * cell[0] + 10, place // columns * cell[1] + 10)
        scene.lay(face, rectangle(*corner, *face.size))
    if rng.random() < 0.3:
        table = studio.photo()
        wide = table.size[0] * rng.uniform(0.6, 0.85)
        table.lay(
            scene,
            studio.tilted(scene, (table.size[0] / 2, table.size[1] / 2), wide, 20),
            shadow=0.5,
        )
        return table
    return scene


def studio_advert(studio: Studio) -> Scene:
    """A portrait studio's offer: one to three large portraits, a slogan, a price."""
    rng = studio.rng
    count = rng.randint(1, 3)
    scene = studio.plain((480, 360) if count > 1 else (360, 480), rng.choice((30, 190)))
    width, height = scene.size
    wide = int(width / count - 16)
    for place in range(count):
        face = studio.face((wide, int(height * 0.68)), rng.uniform(0.3, 0.8))
        scene.lay(face, rectangle(8 + place * (wide + 16), height * 0.04, *face.size))
    dark = is_dark(scene.image.crop((0, height - 8, 8, height)))
    text = (250, 250, 250) if dark else ink(rng, 0, 120)
    slogan = rng.choice(
        ("证件照 精修", "最美证件照", "PORTRAIT STUDIO", "形象照 约拍", "毕业照团购")
    )
    write(scene, (width * 0.08, height * 0.75), slogan, any_font(rng, int(height * 0.085)), text)
    write(
        scene,
        (width * 0.08, height * 0.88),
        f"¥{rng.randint(19, 599)} 送底片",
        any_font(rng, int(height * 0.05)),
        text,
    )
    return scene


def poster(studio: Studio) -> Scene:
    """A film's or concert's poster with some faces of different size."""
    rng = studio.rng
    scene = studio.photo((360, 480))
    scene.image = ImageOps.colorize(
        scene.image.convert("L"), ink(rng, 0, 60), ink(rng, 150, 255)
    ).filter(ImageFilter.GaussianBlur(2))
    for place in range(rng.randint(1, 3)):
        side = rng.randint(120, 240)
        face = studio.face((side, int(side * 1.2)), 0.5)
        face.image = ImageOps.colorize(
            face.image.convert("L"), ink(rng, 0, 50), tint(ink(rng, 150, 255), 0.5)
        )
        face.image.putalpha(215)
        scene.lay(
            face, rectangle(rng.uniform(-10, 130), 40 + place * rng.uniform(60, 110), *face.size)
        )
    title = rng.choice(("茶壶奇缘", "THE LAST TEAPOT", "南瓜夜", "LIVE 2031"))
    write(scene, (24, 370), title, any_font(rng, rng.randint(34, 52)), ink(rng, 180, 255))
    write(scene, (24, 440), "directed by nobody · 明日上映", any_font(rng, 14), (230, 230, 230))
    return scene


def attendance(studio: Studio) -> Scene:
    """A machine on a wall that greets a face: goods of many shops."""
    rng = studio.rng
    scene = studio.photo()
    width, height = scene.size
    wide = rng.random() < 0.4
    body = (260, 190) if wide else (180, 300)
    base = ink(rng, 10, 90) if rng.random() < 0.7 else ink(rng, 190, 250)
    thing = Scene(studio.plain(body).image)
    draw = ImageDraw.Draw(thing.image)
    draw.rectangle((0, 0, *body), fill=base)
    view = (int(body[0] * 0.86), int(body[1] * (0.7 if wide else 0.55)))
    face = studio.face(view, rng.uniform(0.4, 0.8))
    thing.lay(face, rectangle(body[0] * 0.07, body[1] * 0.08, *view))
    left, top, right, bottom = thing.marks[0].box
    draw = ImageDraw.Draw(thing.image)
    draw.rectangle((left, top, right, bottom), outline=(60, 220, 120), width=2)
    write(thing, (body[0] * 0.1, body[1] * 0.1), "08:59", font("bold", 20), (255, 255, 255))
    write(
        thing,
        (body[0] * 0.14, body[1] * (0.82 if wide else 0.68)),
        rng.choice(("打卡成功", "Thank you", "考勤机")),
        any_font(rng, 20),
        (90, 220, 140),
    )
    high = height * rng.uniform(0.6, 0.85)
    scene.lay(
        thing,
        studio.tilted(
            thing, (width / 2, height / 2), high * body[0] / body[1] * (0.7 if wide else 1), 5
        ),
        shadow=0.6,
    )
    return scene
