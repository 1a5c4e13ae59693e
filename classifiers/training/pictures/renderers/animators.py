"""More programs that make a face move: on a telephone, in a page, in a queue, in a console."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw

from classifiers.training.pictures.pens import any_font, font, ink, tint, write
from classifiers.training.pictures.renderers.windows import (
    again,
    button,
    look,
    mesh,
    slider,
    title_bar,
)
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["clips", "console", "puppet", "queue", "upload_page"]

MOVES: Final = (
    "眨眼",
    "点头",
    "张嘴",
    "摇头",
    "微笑",
    "Blink",
    "Nod",
    "Open mouth",
    "左看",
    "读数字",
)
NAMES: Final = (
    "照片会动",
    "MotionFace",
    "活照片",
    "表情驱动器",
    "AvatarGo",
    "让老照片动起来",
    "真人驱动",
)
STATES: Final = ("完成", "排队中", "生成中 62%", "Done", "失败重试", "100%", "8s", "Ready")


def _moved(studio: Studio, face: Scene, often: float = 0.5) -> Scene:
    """The face again, often with a net over it or a little to one side."""
    rng = studio.rng
    shown = again(face)
    if rng.random() < often:
        mesh(shown, rng, ink(rng, 80, 255), lines=rng.random() < 0.6)
    elif rng.random() < 0.5:
        width, height = shown.size
        swung = shown.image.rotate(rng.uniform(-5, 5), Image.Resampling.BICUBIC)
        inner = (width * 0.06, height * 0.06, width * 0.94, height * 0.94)
        shown.image = swung.resize((width, height), Image.Resampling.BICUBIC, box=inner)
    return shown


def puppet(studio: Studio) -> Scene:
    """A telephone's program: a large portrait, round or square buttons of moves under it."""
    rng = studio.rng
    style = look(rng, 0.45)
    width, height = size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    high = int(height * rng.uniform(0.42, 0.58))
    top = rng.choice((0, 40))
    face = _moved(studio, studio.face((width, high), rng.uniform(0.2, 0.7)), 0.35)
    scene.lay(face, rectangle(0, top, width, high))
    write(scene, (width * 0.3, 9), rng.choice(NAMES), font("bold", 16), style.text)
    draw = ImageDraw.Draw(scene.image)
    y = top + high + 10.0
    done = width * rng.uniform(0.1, 0.9)
    draw.line((14, y, width - 14, y), fill=tint(style.text, 0.5), width=4)
    draw.line((14, y, done, y), fill=style.accent, width=4)
    y += 14
    is_round = rng.random() < 0.5
    columns = rng.choice((3, 4))
    cell = (width - 12) / columns
    for place, label in enumerate(rng.sample(MOVES, 2 * columns)):
        x, row = 6 + place % columns * cell, y + place // columns * (cell * 0.72)
        if row + cell * 0.7 > height - 44:
            break
        if is_round:
            side = cell * 0.42
            left = x + (cell - side) / 2
            fill = style.accent if place == 0 else style.panel
            draw.ellipse((left, row, left + side, row + side), fill=fill)
            draw.arc((left + 8, row + 8, left + side - 8, row + side - 8), 10, 170, style.text, 2)
            write(scene, (x + cell * 0.2, row + side + 2), label, font("sans", 11), style.text)
        else:
            box = (x + 3, row, x + cell - 3, row + cell * 0.5)
            button(scene, style, box, label, font("sans", 13), filled=place == 0)
    labels = rng.choice((("上传照片", "生成视频"), ("换一张", "保存"), ("Photo", "Animate")))
    for place, label in enumerate(labels):
        box = (10 + place * width / 2, height - 38, (place + 1) * width / 2 - 10, height - 8)
        button(scene, style, box, label, font("bold", 14), filled=place == 1)
    return scene


def upload_page(studio: Studio) -> Scene:
    """A page: a box to drop a photo into, an arrow, what comes out, prices or steps below."""
    rng = studio.rng
    style = look(rng, 0.3)
    width, height = size = rng.choice(((500, 340), (480, 360), (520, 320)))
    scene = Scene(Image.new("RGB", size, style.paper))
    draw = ImageDraw.Draw(scene.image)
    draw.rectangle((0, 0, width, 22), fill=tint(style.panel, -0.1))
    draw.rounded_rectangle((60, 4, width - 60, 18), 7, fill=style.paper)
    write(
        scene, (70, 4), f"www.{rng.choice(('teapot', 'nowhere'))}.example/animate", font("sans", 9)
    )
    write(scene, (16, 28), rng.choice(NAMES), any_font(rng, 20), style.accent)
    for place, label in enumerate(("首页", "案例", "价格", "登录")):
        write(scene, (width - 180 + 44 * place, 34), label, font("sans", 12), style.text)
    side = int(height * rng.uniform(0.4, 0.5))
    face = studio.face((side, side), rng.uniform(0.2, 0.6))
    start = rng.uniform(16, 60)
    box = (start, 64, start + side, 64 + side)
    if rng.random() < 0.5:
        scene.lay(face, rectangle(start, 64, side, side))
    else:
        for step in range(0, side, 12):
            for y in (64, 64 + side):
                draw.line((start + step, y, start + step + 6, y), fill=style.text, width=2)
            for edge in (box[0], box[2]):
                draw.line((edge, 64 + step, edge, 70 + step), fill=style.text, width=2)
        draw.line(
            (start + side / 2, 64 + side * 0.3, start + side / 2, 64 + side * 0.6), style.accent, 5
        )
        draw.line(
            (start + side * 0.35, 64 + side * 0.45, start + side * 0.65, 64 + side * 0.45),
            style.accent,
            5,
        )
        write(
            scene,
            (start + side * 0.22, 64 + side * 0.68),
            "拖入一张正面照",
            font("sans", 12),
            style.text,
        )
    middle = 64 + side / 2
    x = start + side + 10
    draw.polygon(((x, middle - 9), (x + 22, middle), (x, middle + 9)), fill=style.accent)
    scene.lay(_moved(studio, face), rectangle(x + 32, 64, side, side))
    draw.polygon(
        ((x + 38, 54 + side), (x + 38, 40 + side), (x + 50, 47 + side)), fill=(255, 255, 255)
    )
    column = x + 44 + side
    for line, label in enumerate(rng.sample(MOVES, 4)):
        if column + 60 < width:
            box = (column, 66 + 34 * line, width - 8, 92 + 34 * line)
            button(scene, style, box, label, font("sans", 12), filled=line == 0)
    plans = (("单次", "¥9.9"), ("包月", "¥299"), ("永久", "¥1999"))
    wide = (width - 32) / 3
    for place, (name, price) in enumerate(plans):
        left, top = 12 + place * (wide + 4), 78 + side
        fill = tint(style.accent, 0.6) if place == 1 else style.panel
        draw.rounded_rectangle((left, top, left + wide, height - 8), 6, fill=fill)
        write(scene, (left + 10, top + 6), name, font("sans", 13), style.text)
        write(scene, (left + 10, top + 26), price, font("bold", 20), style.accent)
    return scene


def queue(studio: Studio) -> Scene:
    """A list of portraits with bars of progress and states; somewhere the one at work."""
    rng = studio.rng
    style = look(rng, 0.5)
    width, height = size = rng.choice(((480, 340), (420, 420), (300, 500)))
    scene = Scene(Image.new("RGB", size, style.paper))
    title_bar(
        scene, style, rng.choice(("批量处理", "Batch Animate", "任务列表 (36)", "批量活化 v5"))
    )
    large = width > 400 and rng.random() < 0.6
    right = width * 0.58 if large else width - 8
    row = rng.randint(44, 64)
    draw = ImageDraw.Draw(scene.image)
    last = None
    for line in range((height - 76) // row):
        y = 34 + line * row
        draw.rectangle((8, y, right, y + row - 5), fill=style.panel)
        last = studio.face((row - 10, row - 10), rng.uniform(0.2, 0.5))
        scene.lay(last, rectangle(12, y + 2, row - 10, row - 10))
        write(
            scene, (row + 10, y + 3), f"{rng.randint(1, 99):02d}.jpg", font("mono", 11), style.text
        )
        end = right - 56
        now = row + 10 + (end - row - 10) * rng.choice((1, 1, rng.random(), 0))
        draw.rectangle(
            (row + 10, y + row * 0.5, end, y + row * 0.5 + 8), fill=tint(style.text, 0.6)
        )
        draw.rectangle((row + 10, y + row * 0.5, now, y + row * 0.5 + 8), fill=style.accent)
        write(scene, (end + 6, y + row * 0.3), rng.choice(STATES), font("sans", 11), style.text)
    if large and last is not None:
        view = (int(width - right - 18), int((width - right) * 1.1))
        face = studio.face(view, 0.4)
        scene.lay(_moved(studio, face), rectangle(right + 8, 36, *view))
        for line, label in enumerate(rng.sample(MOVES, 2)):
            write(
                scene,
                (right + 10, 44 + view[1] + 22 * line),
                f"√ {label}",
                font("sans", 13),
                style.text,
            )
    for place, label in enumerate(("添加图片", "全部开始", "清空")):
        box = (8 + 84 * place, height - 36, 84 + 84 * place, height - 8)
        button(scene, style, box, label, font("sans", 13), filled=place == 1)
    return scene


def console(studio: Studio) -> Scene:
    """A terminal full of lines, a window with a face and its net over or beside it."""
    rng = studio.rng
    width, height = size = rng.choice(((500, 320), (480, 360)))
    back = rng.choice(((12, 12, 14), (0, 0, 0), (48, 10, 36), (1, 36, 86)))
    scene = Scene(Image.new("RGB", size, back))
    fill = rng.choice(((90, 230, 110), (220, 220, 220), (240, 220, 120)))
    lines = (
        "$ python animate.py --source a.jpg --driver nod.mp4",
        f"[{rng.randint(10, 99)}/250] frames  {rng.randint(11, 42)} fps",
        "loading landmarks model ... ok",
        "warning: no audio track",
        "virtual camera opened: /dev/video9",
        "adb push out.mp4 /sdcard/vcam/virtual.mp4",
        "keypoints: 68  yaw 3.1 pitch -0.8",
        "saved result/blink_01.mp4",
    )
    for row in range(height // 16):
        write(scene, (6, 4 + 16 * row), rng.choice(lines), font("mono", 10), fill)
    style = look(rng, 0.4)
    side = int(height * rng.uniform(0.5, 0.7))
    double = rng.random() < 0.5
    view = (int(side * 0.8), side)
    window = Scene(Image.new("RGB", (view[0] * (2 if double else 1), side + 24), style.paper))
    title_bar(window, style, rng.choice(("preview", "result", "预览", "output")), 22)
    face = studio.face(view, rng.uniform(0.2, 0.6))
    for place in range(2 if double else 1):
        window.lay(_moved(studio, face, 0.7), rectangle(place * view[0], 24, *view))
    x = rng.uniform(width * 0.2, max(width * 0.21, width - window.size[0] - 8))
    spot = rectangle(x, rng.uniform(10, height - side - 30), *window.size)
    scene.lay(window, spot, shadow=0.5)
    return scene


def clips(studio: Studio) -> Scene:
    """A film editor: a bin of pictures, a tall preview, coloured clips and waves of sound."""
    rng = studio.rng
    style = look(rng, 0.8)
    width, height = size = rng.choice(((520, 340), (480, 360)))
    scene = Scene(Image.new("RGB", size, style.paper))
    draw = ImageDraw.Draw(scene.image)
    for place, label in enumerate(("媒体", "音频", "人像驱动", "特效", "转场")):
        fill = style.accent if place == 2 else style.text
        write(scene, (10 + 62 * place, 6), label, font("sans", 12), fill)
    split = int(height * rng.uniform(0.56, 0.66))
    flipped = rng.random() < 0.5
    view = (int((split - 34) * 0.75), split - 34)
    face = studio.face(view, rng.uniform(0.3, 0.7))
    left = 10 if flipped else width - view[0] - 130
    scene.lay(_moved(studio, face, 0.4), rectangle(left, 28, *view))
    bin_left = left + view[0] + 14 if flipped else 8
    bin_right = width - 120 if flipped else left - 8
    for place in range(12):
        x, y = bin_left + place % 3 * 52, 30 + place // 3 * 52
        if x + 46 < bin_right and y + 46 < split:
            small = studio.face((46, 46), 0.3) if rng.random() < 0.6 else studio.photo((46, 46))
            scene.lay(small, rectangle(x, y, 46, 46))
    for line, label in enumerate(("表情幅度", "头部转动", "眨眼频率", "口型")):
        slider(scene, style, (width - 112, 30 + 40 * line), 98, label, rng)
    for row in range(4):
        y, start = split + 8 + row * 30, rng.uniform(0, 70)
        while start < width - 20:
            wide = rng.uniform(40, 160)
            colour = tint(ink(rng, 40, 200), 0.1)
            draw.rounded_rectangle((start, y, min(start + wide, width), y + 25), 3, fill=colour)
            if row % 2:
                for step in range(4, int(wide) - 4, 3):
                    high = rng.uniform(1, 11)
                    draw.line(
                        (start + step, y + 12 - high, start + step, y + 12 + high),
                        tint(colour, 0.5),
                    )
            else:
                write(
                    scene,
                    (start + 5, y + 5),
                    rng.choice(MOVES) + ".mp4",
                    font("sans", 10),
                    (240, 240, 240),
                )
            start += wide + rng.choice((1, 1, 20))
    return scene
