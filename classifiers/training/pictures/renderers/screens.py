"""Hard ordinary screens: games, chats, shops, editors, fields to fill in; kept for testing: maps, forms."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.pens import any_font, font, ink, rounded, tint, write
from classifiers.training.pictures.renderers.windows import (
    bubble,
    button,
    look,
    slider,
    switch,
    title_bar,
)
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["chat", "editor", "form", "game", "login", "settings", "shop", "worlds"]


def game(studio: Studio) -> Scene:
    """A game: a darkened world, bars of health, a round map, square buttons."""
    rng = studio.rng
    size = rng.choice(((500, 260), (480, 320), (270, 480)))
    scene = studio.photo(size)
    scene.image = Image.blend(
        scene.image, Image.new("RGB", size, ink(rng, 0, 160)), rng.uniform(0.2, 0.5)
    )
    width, height = size
    draw = ImageDraw.Draw(scene.image)
    for line in range(rng.randint(1, 3)):
        full = width * rng.uniform(0.1, 0.3)
        draw.rectangle((12, 12 + 18 * line, 12 + width * 0.3, 24 + 18 * line), fill=(30, 30, 30))
        draw.rectangle((12, 12 + 18 * line, 12 + full, 24 + 18 * line), fill=ink(rng, 60, 255))
    far = min(size) * 0.14
    draw.ellipse(
        (width - 2.3 * far, 8, width - 8, 2.2 * far),
        fill=ink(rng, 40, 120),
        outline=(230, 220, 160),
        width=3,
    )
    for place in range(rng.randint(3, 8)):
        x = width * 0.2 + place * 38
        draw.rounded_rectangle(
            (x, height - 44, x + 34, height - 10), 5, fill=ink(rng), outline=(240, 230, 180)
        )
    hero = ink(rng)
    x, y = width * rng.uniform(0.35, 0.6), height * 0.5
    draw.ellipse((x - 14, y - 50, x + 14, y - 22), fill=(235, 200, 170))
    draw.rounded_rectangle((x - 20, y - 22, x + 20, y + 40), 8, fill=hero)
    write(
        scene,
        (x - 40, y - 72),
        f"Lv.{rng.randint(1, 99)} 南瓜骑士",
        any_font(rng, 14),
        (255, 240, 180),
    )
    write(
        scene,
        (width * 0.35, height * 0.08),
        rng.choice(("任务：收集茶壶", "VICTORY", "出售账号 全皮肤", "金币 ×9999")),
        any_font(rng, 20),
        (255, 255, 255),
    )
    return scene


def chat(studio: Studio) -> Scene:
    """Talk between friends or with a shop, with a photo of some goods."""
    rng = studio.rng
    style = look(rng, 0.3)
    width, height = size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    ImageDraw.Draw(scene.image).rectangle((0, 0, width, 36), fill=style.panel)
    write(
        scene,
        (width * 0.3, 8),
        rng.choice(("南瓜先生", "小区团购群", "快递小哥")),
        font("bold", 15),
        style.text,
    )
    y = 46.0
    words = (
        "在吗",
        "包邮吗",
        "明天发货",
        "好的谢谢",
        "这个还有吗",
        "图片收到了",
        "周末见",
        "多少钱",
        "已付款",
    )
    order = ["photo"] * rng.randint(0, 2) + ["words"] * 6
    rng.shuffle(order)
    for kind in order:
        if y > height - 60:
            break
        if kind == "words":
            y = bubble(scene, style, y, rng.choice(words), mine=rng.random() < 0.5)
        else:
            photo = studio.photo((int(width * 0.5), int(height * rng.uniform(0.18, 0.3))))
            scene.lay(photo, rectangle(44, y, *photo.size))
            y += photo.size[1] + 12
    return scene


def shop(studio: Studio) -> Scene:
    """Results of a search: photos of goods with prices."""
    rng = studio.rng
    width, _ = size = studio.phone()
    scene = Scene(Image.new("RGB", size, (244, 244, 246)))
    draw = ImageDraw.Draw(scene.image)
    draw.rounded_rectangle((8, 8, width - 8, 34), 12, fill=(255, 255, 255), outline=ink(rng))
    columns = rng.choice((2, 2, 3))
    cell = width / columns
    for row in range(4):
        for column in range(columns):
            x, y = column * cell + 5, 44 + row * (cell + 42)
            photo = studio.photo((int(cell) - 10, int(cell) - 10))
            photo.image = rounded(photo.image, 6)
            scene.lay(photo, rectangle(x, y, *photo.size))
            write(
                scene,
                (x, y + cell - 8),
                rng.choice(("连衣裙 新款", "苹果 5斤", "沙发 二手", "T恤 纯棉")),
                font("sans", 11),
            )
            write(
                scene, (x, y + cell + 8), f"¥{rng.randint(5, 900)}", font("bold", 14), (220, 50, 40)
            )
    return scene


def editor(studio: Studio) -> Scene:
    """A picture editor: sliders and buttons beside a landscape, or beside a portrait's film strip."""
    rng = studio.rng
    style = look(rng, 0.7)
    width, height = size = rng.choice(((480, 320), (500, 330)))
    scene = Scene(Image.new("RGB", size, style.paper))
    title_bar(scene, style, rng.choice(("修图大师", "Photo Editor", "画板 2", "表格.xlsx")))
    photo = studio.photo((int(width * 0.62), int(height * 0.72)))
    is_left = rng.random() < 0.5
    scene.lay(photo, rectangle(8 if is_left else width * 0.36, 34, *photo.size))
    start = width * 0.66 if is_left else 10
    for line, label in enumerate(
        rng.sample(("曝光", "对比度", "饱和度", "锐化", "色温", "阴影", "高光", "颗粒"), 6)
    ):
        slider(scene, style, (start, 38 + 36 * line), width * 0.28, label, rng)
    for place, label in enumerate(("裁剪", "滤镜", "文字", "保存")):
        x = 10 + place * 66
        button(
            scene,
            style,
            (x, height - 32, x + 58, height - 8),
            label,
            font("sans", 13),
            filled=place == 3,
        )
    return scene


def settings(studio: Studio) -> Scene:
    """A telephone's settings: rows with switches."""
    rng = studio.rng
    style = look(rng, 0.4)
    width, height = size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    write(scene, (14, 12), rng.choice(("设置", "Settings", "通知")), font("bold", 22), style.text)
    draw = ImageDraw.Draw(scene.image)
    labels = (
        "无线网络",
        "蓝牙",
        "通知",
        "显示与亮度",
        "声音",
        "电池",
        "深色模式",
        "自动更新",
        "飞行模式",
        "位置",
    )
    y = 54.0
    while y < height - 44:
        draw.rounded_rectangle((10, y, width - 10, y + 36), 7, fill=style.panel)
        write(scene, (22, y + 8), rng.choice(labels), font("sans", 15), style.text)
        if rng.random() < 0.6:
            switch(scene, style, (width - 56, y + 9), on=rng.random() < 0.5)
        y += 42
    if rng.random() < 0.3:
        button(scene, style, (14, height - 44, width - 14, height - 12), "保存", font("bold", 16))
    return scene


def login(studio: Studio) -> Scene:
    """A page with fields and one large button, with or without a picture above."""
    rng = studio.rng
    style = look(rng, 0.4)
    width, height = size = rng.choice((studio.phone(), (480, 340), (420, 420)))
    scene = Scene(Image.new("RGB", size, style.paper))
    y = height * 0.06
    if rng.random() < 0.6:
        banner = studio.photo((width, int(height * rng.uniform(0.15, 0.35))))
        scene.lay(banner, rectangle(0, 0, *banner.size))
        y = banner.size[1] + 8.0
    title = rng.choice(("登录", "问卷调查", "Checkout", "预订", "联系我们"))
    write(scene, (width * 0.08, y), title, any_font(rng, 22), style.text)
    y += 40
    draw = ImageDraw.Draw(scene.image)
    left, right = width * 0.08, width * rng.uniform(0.7, 0.92)
    while y < height - 90:
        write(
            scene,
            (left, y),
            rng.choice(("账号", "密码", "Email", "日期", "人数", "城市", "留言")),
            font("sans", 13),
            style.text,
        )
        box = (left, y + 19, right, y + 44)
        draw.rectangle(box, fill=style.panel, outline=rng.choice((style.text, style.panel)))
        y += 54
    button(
        scene,
        style,
        (left, height - 50, right, height - 16),
        rng.choice(("下一步", "登录", "Submit")),
        font("bold", 16),
    )
    return scene


def worlds(studio: Studio) -> Scene:
    """Kept for testing: a game of blocks seen from above, with a bag of things at the side."""
    rng = studio.rng
    scene = Scene(Image.new("RGB", (480, 340), ink(rng, 20, 120)))
    draw = ImageDraw.Draw(scene.image)
    colours = [ink(rng, 40, 220) for _ in range(4)]
    for row in range(12):
        for column in range(12):
            x, y = column * 28, row * 28
            base = rng.choice(colours)
            draw.rectangle((x, y, x + 27, y + 27), fill=base, outline=tint(base, -0.3))
    draw.rectangle((340, 0, 480, 340), fill=(60, 50, 40))
    for row in range(5):
        for column in range(3):
            x, y = 350 + column * 42, 60 + row * 42
            draw.rectangle((x, y, x + 36, y + 36), fill=(90, 80, 66), outline=(180, 160, 120))
            if rng.random() < 0.6:
                draw.ellipse((x + 8, y + 8, x + 28, y + 28), fill=ink(rng))
    write(
        scene,
        (352, 18),
        rng.choice(("背包 12/30", "INVENTORY", "等级 60")),
        any_font(rng, 20),
        (240, 220, 160),
    )
    return scene


def form(studio: Studio) -> Scene:
    """Kept for testing: a form to fill in, of a shop or a parcel."""
    rng = studio.rng
    style = look(rng, 0.2)
    width, height = size = (300, 480)
    scene = Scene(Image.new("RGB", size, style.paper))
    banner = studio.photo((width, 110))
    scene.lay(
        Scene(banner.image.filter(ImageFilter.GaussianBlur(1))), rectangle(0, 0, *banner.size)
    )
    write(
        scene,
        (16, 70),
        rng.choice(("收货地址", "Sign up", "预约报名")),
        any_font(rng, 26),
        (255, 255, 255),
    )
    draw = ImageDraw.Draw(scene.image)
    for line, label in enumerate(("收件人", "地区", "街道", "邮编", "备注")):
        y = 124 + 56 * line
        write(scene, (16, y), label, font("sans", 14), style.text)
        draw.rounded_rectangle((16, y + 20, width - 16, y + 46), 4, outline=style.text)
    button(scene, style, (16, height - 54, width - 16, height - 16), "提交", font("bold", 18))
    return scene
