"""More of what feeds a camera: its settings, a wall of screens; and who teaches or offers it."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw

from classifiers.training.pictures.pens import any_font, font, gradient, ink, is_dark, tint, write
from classifiers.training.pictures.renderers.animators import clips, puppet, queue
from classifiers.training.pictures.renderers.panes import animating
from classifiers.training.pictures.renderers.windows import (
    again,
    avatar,
    button,
    look,
    mesh,
    switch,
    title_bar,
)
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["course", "device_settings", "farm", "offered"]

DEVICES: Final = (
    "Virtual Camera #1",
    "虚拟摄像头",
    "VCam Pro",
    "Integrated Camera",
    "手机相机 (hook)",
)
FIELDS: Final = ("设备", "分辨率", "帧率", "源文件", "循环", "Format", "Output", "旋转", "编码")
VALUES: Final = (
    "1280x720",
    "30 fps",
    "nod_blink.mp4",
    "NV12",
    "0°",
    "自动",
    "1080x1920",
    "face01.jpg",
)
LESSONS: Final = (
    "照片变真人视频",
    "零基础学会",
    "虚拟相机安装教程",
    "眨眼点头一键生成",
    "AI人像活化 课程",
    "第3课 摄像头替换",
)
TALK: Final = (
    "能眨眼点头吗",
    "可以的 看效果",
    "支持安卓和电脑",
    "多少钱一套",
    "远程装好",
    "稳定更新",
    "演示发你",
    "要APK还是电脑版",
)


def device_settings(studio: Studio) -> Scene:
    """A dialogue over something else: tabs, fields, a preview of a face, OK and Cancel."""
    rng = studio.rng
    style = look(rng, 0.35)
    scene = studio.ground(rng.choice(((480, 340), (500, 320), (440, 400))))
    width, height = scene.size
    box = (int(width * rng.uniform(0.8, 0.98)), int(height * rng.uniform(0.82, 0.98)))
    dialogue = Scene(Image.new("RGB", box, style.paper))
    title_bar(
        dialogue, style, rng.choice(("属性 - 虚拟摄像头", "Camera settings", "视频源设置")), 24
    )
    draw = ImageDraw.Draw(dialogue.image)
    for place, label in enumerate(
        rng.sample(("常规", "视频", "滤镜", "高级", "Device", "输出"), 4)
    ):
        left = 8 + place * 60
        draw.rectangle((left, 30, left + 56, 50), fill=style.accent if place == 1 else style.panel)
        write(dialogue, (left + 8, 32), label, font("sans", 12), style.text)
    view = (int(box[0] * rng.uniform(0.36, 0.5)), int(box[1] * rng.uniform(0.45, 0.62)))
    on_left = rng.random() < 0.5
    x = 10 if on_left else box[0] - view[0] - 10
    draw.rectangle((x - 2, 56, x + view[0] + 2, 60 + view[1]), fill=(0, 0, 0))
    face = studio.face(view, rng.uniform(0.2, 0.8))
    if rng.random() < 0.25:
        mesh(face, rng, ink(rng, 80, 255), lines=False)
    dialogue.lay(face, rectangle(x, 58, *view))
    label_x = view[0] + 22 if on_left else 10
    room = box[0] - view[0] - 36
    for line, label in enumerate(rng.sample(FIELDS, min(7, (box[1] - 110) // 30))):
        y = 60 + 30 * line
        write(dialogue, (label_x, y + 3), label, font("sans", 12), style.text)
        edge = label_x + room * 0.36
        draw.rectangle((edge, y, label_x + room, y + 22), fill=style.panel, outline=style.text)
        value = rng.choice(DEVICES if line == 0 else VALUES)
        write(dialogue, (edge + 4, y + 4), value[:14], font("sans", 11), style.text)
        draw.line(
            (label_x + room - 12, y + 9, label_x + room - 7, y + 14), fill=style.text, width=2
        )
    write(
        dialogue,
        (x, 66 + view[1]),
        rng.choice(("预览", "Preview", "信号正常")),
        font("sans", 12),
        style.text,
    )
    for place, label in enumerate(("确定", "取消", "应用")):
        left = box[0] - 222 + 72 * place
        button(
            dialogue,
            style,
            (left, box[1] - 32, left + 66, box[1] - 8),
            label,
            font("sans", 13),
            filled=place == 0,
        )
    scene.lay(dialogue, rectangle((width - box[0]) / 2, (height - box[1]) / 2, *box), shadow=0.5)
    return scene


def farm(studio: Studio) -> Scene:
    """A wall of telephones' screens on a computer; on most the same camera's picture is fed."""
    rng = studio.rng
    style = look(rng, 0.6)
    columns, rows = rng.choice(((4, 2), (5, 2), (3, 2), (6, 2), (4, 1)))
    cell = (480 // columns, int(480 / columns * rng.uniform(1.6, 1.9)))
    bar = 30
    size = (500, min(rows * cell[1] + bar + 34, 520))
    scene = Scene(Image.new("RGB", size, style.paper))
    title_bar(
        scene, style, rng.choice(("云手机群控", "Emulator manager", "多开器 (12)", "群控投屏")), 24
    )
    draw = ImageDraw.Draw(scene.image)
    face = studio.face((cell[0] - 12, cell[1] - 46), rng.uniform(0.3, 0.8))
    for place in range(columns * rows):
        x, y = 10 + place % columns * cell[0], bar + 4 + place // columns * cell[1]
        if y + cell[1] > size[1] - 26:
            break
        draw.rounded_rectangle((x, y, x + cell[0] - 6, y + cell[1] - 6), 5, fill=(10, 10, 12))
        kind = rng.choices(("same", "other", "home", "off"), (5, 2, 2, 1))[0]
        if kind in {"same", "other"}:
            shown = again(face) if kind == "same" else studio.face(face.size, 0.5)
            if rng.random() < 0.2:
                mesh(shown, rng, ink(rng, 80, 255), lines=False)
            scene.lay(shown, rectangle(x + 3, y + 14, *face.size))
            end = y + cell[1] - 12
            draw.ellipse(
                (x + cell[0] / 2 - 12, end - 18, x + cell[0] / 2 + 6, end), fill=(240, 240, 240)
            )
        elif kind == "home":
            wall = studio.photo((cell[0] - 12, cell[1] - 24))
            scene.lay(wall, rectangle(x + 3, y + 12, *wall.size))
            for icon in range(9):
                left, top = x + 8 + icon % 3 * cell[0] / 3.4, y + 24 + icon // 3 * cell[1] / 5
                draw.rounded_rectangle((left, top, left + 14, top + 14), 3, fill=ink(rng, 60, 255))
        write(scene, (x + 4, y + 1), f"#{place + 1:02d}", font("mono", 9), (230, 230, 230))
    for place, label in enumerate(("同步操作", "注入视频", "全选", "重启")):
        left = 8 + 92 * place
        box = (left, size[1] - 28, left + 86, size[1] - 5)
        button(scene, style, box, label, font("sans", 12), filled=place == 1)
    return scene


def course(studio: Studio) -> Scene:
    """A lesson's cover: loud words, the still portrait and the moving one, a sign to play."""
    rng = studio.rng
    width, height = size = rng.choice(((480, 300), (480, 360), (360, 480), (420, 420)))
    scene = Scene(gradient(size, ink(rng), ink(rng), rng.random()))
    light = is_dark(scene.image)
    fill = (255, 245, 120) if light else ink(rng, 0, 110)
    top = int(height * 0.26)
    title = rng.choice(LESSONS)
    face_size = min(int(height * 0.13), int(width * 0.9 / len(title)))
    write(scene, (width * 0.05, height * 0.05), title, any_font(rng, face_size), fill)
    side = int(min(width * 0.42, height * 0.56))
    face = studio.face((side, side), rng.uniform(0.2, 0.6))
    draw = ImageDraw.Draw(scene.image)
    for place, label in enumerate(
        rng.choice((("照片", "视频"), ("原图", "效果"), ("Before", "After")))
    ):
        x = width * (0.05 + 0.48 * place)
        shown = again(face)
        if place and rng.random() < 0.5:
            mesh(shown, rng, ink(rng, 100, 255), lines=True)
        scene.lay(shown, rectangle(x, top, side, side), shadow=0.4)
        draw.rectangle((x, top, x + 62, top + 20), fill=ink(rng, 0, 120))
        write(scene, (x + 8, top + 2), label, font("bold", 13), (255, 255, 255))
    x, y = width * 0.53 + side / 2, top + side / 2
    if rng.random() < 0.7:
        draw.ellipse((x - 22, y - 22, x + 22, y + 22), fill=(250, 250, 250))
        draw.polygon(((x - 7, y - 11), (x - 7, y + 11), (x + 13, y)), fill=(30, 30, 30))
    draw.polygon(
        (
            (width * 0.46, top + side * 0.45),
            (width * 0.52, top + side * 0.5),
            (width * 0.46, top + side * 0.55),
        ),
        fill=fill,
    )
    words = rng.choice(
        ("眨眼 · 点头 · 张嘴", "附软件 + 素材", "blink / nod / talk", "小白可学 包教包会")
    )
    write(scene, (width * 0.06, height * 0.87), words, any_font(rng, int(height * 0.06)), fill)
    return scene


def offered(studio: Studio) -> Scene:
    """A talk with a seller: one large screenshot of the program, words, money, a voice message."""
    rng = studio.rng
    style = look(rng, 0.25)
    width, height = size = rng.choice((studio.phone(), (480, 380)))
    scene = Scene(Image.new("RGB", size, style.paper))
    draw = ImageDraw.Draw(scene.image)
    left = 0
    if width > height:
        left = 130
        draw.rectangle((0, 0, left, height), fill=style.panel)
        for line in range(7):
            avatar(scene, (8, 10 + 50 * line), 34)
            draw.line((50, 20 + 50 * line, 50 + rng.uniform(20, 70), 20 + 50 * line), style.text, 4)
            draw.line((50, 34 + 50 * line, 50 + rng.uniform(20, 50), 34 + 50 * line), style.text, 2)
    shot = rng.choice((puppet, queue, clips, animating))(studio)
    y, sent = 8.0, False
    while y < height - 40:
        mine = rng.random() < 0.4
        if not sent and (rng.random() < 0.4 or y > height * 0.3):
            room = width - left - 60
            high = min(height * 0.55, room * shot.size[1] / shot.size[0])
            wide = high * shot.size[0] / shot.size[1]
            scene.lay(shot, rectangle(left + 42, y, wide, high))
            avatar(scene, (left + 6, y), 28)
            y += high + 10
            sent = True
            continue
        words = rng.choice(TALK)
        wide = draw.textlength(words, font=font("sans", 13)) + 18
        if rng.random() < 0.12:
            draw.rounded_rectangle((left + 42, y, left + 150, y + 46), 6, fill=(238, 150, 60))
            write(
                scene,
                (left + 52, y + 6),
                f"转账 ¥{rng.randint(80, 3000)}",
                font("bold", 14),
                (255, 255, 255),
            )
            y += 56
            continue
        x = width - 42 - wide if mine else left + 42
        fill = tint(style.accent, 0.5) if mine else style.panel
        draw.rounded_rectangle((x, y, x + wide, y + 28), rng.choice((4, 13)), fill=fill)
        write(scene, (x + 9, y + 5), words, font("sans", 13), (20, 20, 20) if mine else style.text)
        avatar(scene, (width - 36 if mine else left + 6, y), 28)
        y += 40
    if rng.random() < 0.3:
        switch(scene, style, (width - 44, height - 26), on=True)
    return scene
