"""Things that are sold with an account: bank card, SIM, U-key, telephone, in two drawing styles."""

from __future__ import annotations

import random
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.pens import any_font, font, gradient, ink, rounded, tint, write
from classifiers.training.pictures.people import bank_number, nobody_phone
from classifiers.training.pictures.scene import Scene

__all__ = ["bank_card", "phone", "shaded_bank_card", "shaded_sim", "shaded_ukey", "sim", "ukey"]

CARD: Final = (300, 189)
GOLD: Final = (214, 186, 110)
BANKS: Final = ("泡泡银行", "BANK OF NOWHERE", "云朵储蓄所", "Teapot Bank", "南瓜信用社")


def bank_card(rng: random.Random) -> Scene:
    """Its front: bank, chip, number in groups of four."""
    first, second = ink(rng), ink(rng)
    scene = Scene(gradient(CARD, first, second, rng.random()))
    draw = ImageDraw.Draw(scene.image)
    for _ in range(rng.randint(0, 4)):
        x, y, far = rng.uniform(0, 300), rng.uniform(0, 189), rng.uniform(40, 200)
        draw.ellipse((x - far, y - far, x + far, y + far), outline=tint(first, 0.3), width=3)
    light = (255, 255, 255) if sum(first) < 420 else (30, 30, 30)
    write(scene, (16, 12), rng.choice(BANKS), any_font(rng, 22), light)
    draw.rounded_rectangle((24, 62, 64, 94), 5, fill=GOLD, outline=(110, 90, 40))
    draw.line((24, 78, 64, 78), fill=(110, 90, 40))
    write(scene, (22, 108), bank_number(rng), font("mono", 21), light)
    write(scene, (22, 150), "TURNIP / 13-99", font("latin", 15), light)
    if rng.random() < 0.7:
        for place in range(2):
            draw.ellipse((222 + 26 * place, 140, 262 + 26 * place, 180), fill=ink(rng, 60, 250))
    scene.image = rounded(scene.image, 12)
    return scene


def sim(rng: random.Random) -> Scene:
    """A card of plastic with a SIM to break out of it."""
    base = ink(rng, 120, 255)
    scene = Scene(Image.new("RGB", (200, 126), base))
    draw = ImageDraw.Draw(scene.image)
    write(
        scene,
        (10, 8),
        rng.choice(("茶壶移动", "CLOUD SIM", "泡泡电信 5G")),
        any_font(rng, 17),
        tint(base, -0.7),
    )
    draw.polygon(
        ((118, 40), (172, 40), (186, 54), (186, 110), (118, 110)),
        fill=(245, 245, 245),
        outline=(120, 120, 120),
    )
    draw.rounded_rectangle((132, 54, 172, 96), 5, fill=GOLD, outline=(120, 100, 50))
    draw.line((152, 54, 152, 96), fill=(120, 100, 50))
    draw.line((132, 75, 172, 75), fill=(120, 100, 50))
    write(scene, (10, 100), nobody_phone(rng), font("mono", 12))
    scene.image = rounded(scene.image, 8)
    return scene


def ukey(rng: random.Random) -> Scene:
    """A stick with a plug, a small window and two buttons."""
    scene = Scene(Image.new("RGBA", (220, 76)))
    draw = ImageDraw.Draw(scene.image)
    base = ink(rng, 20, 250)
    draw.rectangle((158, 18, 216, 58), fill=(190, 192, 196, 255), outline=(90, 90, 90, 255))
    for y in (25, 43):
        draw.rectangle((180, y, 192, y + 8), fill=(70, 70, 74, 255))
    draw.rounded_rectangle((2, 4, 164, 72), 18, fill=(*base, 255), outline=(*tint(base, -0.4), 255))
    if rng.random() < 0.6:
        draw.rectangle((20, 20, 96, 52), fill=(150, 175, 150, 255), outline=(50, 60, 50, 255))
        for y in (24, 42):
            draw.ellipse((112, y, 126, y + 12), fill=(*tint(base, 0.5), 255))
    else:
        write(
            scene,
            (24, 22),
            rng.choice(("U盾", "UKey", "K宝 样品")),
            font("bold", 26),
            tint(base, 0.8),
        )
    return scene


def phone(rng: random.Random, screen: Scene | None = None) -> Scene:
    """A telephone seen from before, dark or with something on its screen."""
    scene = Scene(Image.new("RGBA", (150, 306)))
    draw = ImageDraw.Draw(scene.image)
    draw.rounded_rectangle((0, 0, 149, 305), 22, fill=(*ink(rng, 0, 60), 255))
    if screen:
        small = screen.image.convert("RGB").resize((138, 290))
        scene.image.paste(rounded(small, 16), (6, 8))
        scale = np.diag([138 / screen.size[0], 290 / screen.size[1], 1.0])
        scale[:2, 2] = (6, 8)
        scene.adopt(screen, scale)
    else:
        glass = gradient((138, 290), ink(rng, 10, 90), ink(rng, 10, 60), 0.6)
        scene.image.paste(rounded(glass, 16), (6, 8))
    return scene


def _shaded(scene: Scene, rng: random.Random) -> None:
    """Light that falls from a side, and grain: as another camera would show it."""
    light = gradient(scene.size, (255, 255, 255), (90, 90, 100), rng.random())
    alpha = scene.image.convert("RGBA").getchannel("A")
    pixels = np.asarray(scene.image.convert("RGB"), dtype=float)
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, 5, pixels.shape)
    lit = pixels * np.asarray(light) / 255 + grain
    scene.image = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
    scene.image.putalpha(alpha.filter(ImageFilter.GaussianBlur(0.7)))


def shaded_bank_card(rng: random.Random) -> Scene:
    """Kept for testing: upright letters in relief on a dark or metallic ground."""
    scene = Scene(gradient(CARD, ink(rng, 0, 110), ink(rng, 60, 220), 1.0))
    draw = ImageDraw.Draw(scene.image)
    for x in range(0, 300, 6):
        draw.line((x, 0, x + 60, 189), fill=ink(rng, 40, 150))
    scene.image = scene.image.filter(ImageFilter.GaussianBlur(2.5))
    draw = ImageDraw.Draw(scene.image)
    number = bank_number(rng)
    for shift, fill in ((1, (20, 20, 20)), (0, (235, 225, 190))):
        draw.text((18 + shift, 112 + shift), number, font=font("latin", 27), fill=fill)
    write(scene, (18, 112), number, font("latin", 27), (235, 225, 190))
    draw.rectangle((30, 66, 66, 94), fill=(200, 200, 205), outline=(60, 60, 60))
    write(
        scene,
        (150, 14),
        rng.choice(("月光银行", "MOON BANK", "无有行")),
        font("serif-bold", 22),
        (250, 250, 250),
    )
    scene.image = rounded(scene.image, 12)
    _shaded(scene, rng)
    return scene


def shaded_sim(rng: random.Random) -> Scene:
    """Kept for testing: a bare chip card with a cut corner."""
    scene = Scene(Image.new("RGBA", (110, 140)))
    draw = ImageDraw.Draw(scene.image)
    draw.polygon(
        ((2, 2), (80, 2), (107, 30), (107, 137), (2, 137)), fill=(*ink(rng, 140, 255), 255)
    )
    draw.rounded_rectangle((22, 48, 88, 112), 10, fill=(*GOLD, 255))
    for x in (44, 66):
        draw.line((x, 48, x, 112), fill=(110, 90, 40, 255), width=2)
    draw.line((22, 80, 88, 80), fill=(110, 90, 40, 255), width=2)
    _shaded(scene, rng)
    return scene


def shaded_ukey(rng: random.Random) -> Scene:
    """Kept for testing: a token with a cap and a loop for a key ring."""
    scene = Scene(Image.new("RGBA", (240, 90)))
    draw = ImageDraw.Draw(scene.image)
    base = ink(rng, 10, 230)
    draw.ellipse((2, 22, 50, 68), outline=(*tint(base, -0.3), 255), width=9)
    draw.polygon(((36, 14), (170, 8), (170, 82), (36, 76)), fill=(*base, 255))
    draw.rectangle((170, 22, 232, 68), fill=(205, 208, 212, 255))
    draw.rectangle((70, 30, 140, 60), fill=(*tint(base, 0.4), 255))
    _shaded(scene, rng)
    return scene
