"""Texts as pictures: tables of prices, large letters; kept for testing: a note on a telephone.

What they say is the seller's trade or anybody's: the label only says that there is text to read.
"""

from __future__ import annotations

import random
from typing import Final

from PIL import Image, ImageDraw

from classifiers.training.pictures.pens import any_font, font, gradient, ink, is_dark, tint, write
from classifiers.training.pictures.scene import Scene
from classifiers.training.pictures.studio import Studio

__all__ = ["letters", "memo", "table", "wall"]

WARES: Final = (
    "照片活化",
    "人脸四件套",
    "过人脸 包过",
    "静态转动态",
    "虚拟相机安装",
    "实名号 出售",
    "解封 代过",
    "教程+软件",
    "视频素材",
    "手持照",
    "奶茶 大杯",
    "红烧牛肉面",
    "洗剪吹",
    "美甲套餐",
    "代写作业",
    "手机贴膜",
    "空调清洗",
    "搬家 每车",
    "Logo design",
    "Face pack",
    "KYC pass",
    "Haircut",
)
TITLES: Final = (
    "价目表",
    "今日报价",
    "PRICE LIST",
    "招代理",
    "服务项目",
    "最新价格",
    "诚信经营",
    "菜单 MENU",
)
NOTES: Final = (
    "量大从优",
    "先验货后付款",
    "懂的来",
    "24小时在线",
    "加我备注来意",
    "支持担保",
    "非诚勿扰",
)


def _price(rng: random.Random) -> str:
    return rng.choice(("¥{}", "{}元", "{}", "{}u", "{}/套", "{}起")).format(
        rng.choice((5, 8, 15, 30, 50, 88, 120, 200, 300, 588, 1200))
    )


def table(studio: Studio) -> Scene:
    """Rows of wares and prices, ruled or not."""
    rng = studio.rng
    scene = studio.plain(None, rng.choice((0, 200, 235)))
    width, height = scene.size
    dark = is_dark(scene.image)
    text = (245, 245, 245) if dark else ink(rng, 0, 90)
    accent = ink(rng, 120, 255) if dark else ink(rng, 0, 180)
    write(
        scene,
        (width * 0.1, height * 0.03),
        rng.choice(TITLES),
        any_font(rng, int(height * 0.085)),
        accent,
    )
    count = rng.randint(5, 12)
    step = height * 0.76 / count
    face = any_font(rng, int(step * rng.uniform(0.5, 0.7)))
    draw = ImageDraw.Draw(scene.image)
    ruled = rng.random() < 0.6
    for line in range(count):
        y = height * 0.15 + line * step
        if ruled:
            draw.line((width * 0.04, y, width * 0.96, y), fill=accent)
        write(scene, (width * 0.06, y + 2), rng.choice(WARES), face, text)
        write(scene, (width * rng.uniform(0.66, 0.72), y + 2), _price(rng), face, accent)
    write(
        scene,
        (width * 0.06, height * 0.93),
        rng.choice(NOTES),
        any_font(rng, int(height * 0.045)),
        text,
    )
    return scene


def letters(studio: Studio) -> Scene:
    """A few words as large as fit, on a colour, a gradient or a darkened photo."""
    rng = studio.rng
    scene = (
        studio.photo()
        if rng.random() < 0.4
        else Scene(
            gradient(
                rng.choice(((420, 420), (360, 480), (480, 300))), ink(rng), ink(rng), rng.random()
            )
        )
    )
    width, height = scene.size
    scene.image = Image.blend(
        scene.image, Image.new("RGB", scene.size, ink(rng)), rng.uniform(0.5, 0.9)
    )
    dark = is_dark(scene.image)
    words = rng.sample(WARES + NOTES + TITLES, rng.randint(3, 6))
    step = height * 0.9 / len(words)
    for line, word in enumerate(words):
        size = int(
            min(step * 0.75, width * 0.9 / max(len(word), 2) * (1 if ord(word[0]) > 255 else 1.6))
        )
        fill = tint(ink(rng), 0.7 if dark else -0.7)
        write(
            scene,
            (width * rng.uniform(0.04, 0.12), height * 0.05 + line * step),
            word,
            any_font(rng, size),
            fill,
        )
    return scene


def wall(studio: Studio) -> Scene:
    """Many lines of small text, like a message posted as a picture."""
    rng = studio.rng
    scene = studio.plain(None, rng.choice((0, 225, 240)))
    width, height = scene.size
    dark = is_dark(scene.image)
    text = (235, 235, 235) if dark else (25, 25, 30)
    size = rng.randint(14, 24)
    face, y = any_font(rng, size), 10.0
    while y < height - size:
        words = " ".join(rng.sample(WARES + NOTES, 3))
        write(
            scene,
            (12, y),
            words[: int(width / size * 0.95)] if rng.random() < 0.85 else "",
            face,
            text,
        )
        y += size * 1.5
    return scene


def memo(studio: Studio) -> Scene:
    """Kept for testing: a telephone's note with a list, a date above and tools below."""
    rng = studio.rng
    size = studio.phone()
    width, height = size
    paper = rng.choice(((255, 252, 236), (255, 255, 255), (28, 28, 30)))
    text = (30, 30, 30) if sum(paper) > 380 else (235, 235, 235)
    scene = Scene(Image.new("RGB", size, paper))
    write(scene, (12, 8), "< 备忘录", font("sans", 14), (220, 160, 30))
    write(
        scene,
        (width * 0.3, 36),
        f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日 {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}",
        font("sans", 11),
        tint(text, 0.5),
    )
    write(scene, (12, 56), rng.choice(TITLES), font("bold", 22), text)
    y = 94.0
    face = font("sans", rng.randint(14, 17))
    while y < height - 60:
        sign = rng.choice(("· ", "- ", "1. ", ""))
        write(scene, (14, y), f"{sign}{rng.choice(WARES)}  {_price(rng)}", face, text)
        y += 28
    draw = ImageDraw.Draw(scene.image)
    for place in range(4):
        x = width * (0.14 + 0.22 * place)
        draw.ellipse((x, height - 34, x + 18, height - 16), outline=(220, 160, 30), width=2)
    return scene
