"""Programs that animate a face or feed a camera, and chats that offer them."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw

from classifiers.training.pictures.pens import font, ink, rounded, write
from classifiers.training.pictures.renderers.windows import (
    bubble,
    button,
    look,
    mesh,
    slider,
    switch,
    title_bar,
)
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["chat", "desktop", "injector", "mirror", "timeline"]

TITLES: Final = (
    "照片活化 v3.2",
    "Face Animator",
    "AI人像驱动 Pro",
    "动脸大师",
    "LivePortrait GUI",
    "虚拟视频",
)
ACTIONS: Final = ("眨眼", "张嘴", "摇头", "点头", "左转", "右转", "微笑", "抬头")
SLIDERS: Final = ("眼睛", "嘴巴", "俯仰 pitch", "偏航 yaw", "翻滚 roll", "表情强度", "平滑", "亮度")
FEATURES: Final = (
    "虚拟摄像头",
    "替换相机",
    "全局注入",
    "循环播放",
    "镜像翻转",
    "Hook 相机",
    "悬浮窗",
    "伪装机型",
)


def desktop(studio: Studio) -> Scene:
    """A face with a net over it, sliders and buttons for what it shall do."""
    rng = studio.rng
    style = look(rng, 0.65)
    width, height = size = rng.choice(((480, 320), (480, 360), (500, 300)))
    scene = Scene(Image.new("RGB", size, style.paper))
    title_bar(scene, style, rng.choice(TITLES))
    double = rng.random() < 0.5
    view = (int(width * (0.32 if double else 0.5)), int(height * rng.uniform(0.6, 0.8)))
    face = studio.face(view, rng.uniform(0.2, 0.6))
    left = 10 if rng.random() < 0.7 else width - 10 - view[0] * (2 if double else 1)
    for place in range(2 if double else 1):
        shown = Scene(face.image.copy(), list(face.marks))
        if place or not double or rng.random() < 0.4:
            mesh(shown, rng, ink(rng, 80, 255), lines=rng.random() < 0.5)
        scene.lay(shown, rectangle(left + place * (view[0] + 4), 34, *view))
    start = view[0] * (2 if double else 1) + 24 if left == 10 else 10
    room = width - 20 - view[0] * (2 if double else 1) - 14
    for line, label in enumerate(rng.sample(SLIDERS, min(6, int((height - 90) / 38)))):
        slider(scene, style, (start, 38 + 36 * line), room * 0.9, label, rng)
    for place, label in enumerate(rng.sample(ACTIONS, 5)):
        x = 10 + place * 62
        button(
            scene,
            style,
            (x, height - 32, x + 56, height - 8),
            label,
            font("sans", 13),
            filled=place == 0,
        )
    button(
        scene,
        style,
        (width - 110, height - 34, width - 10, height - 6),
        rng.choice(("导出视频", "开始生成", "Render")),
        font("bold", 14),
    )
    return scene


def injector(studio: Studio) -> Scene:
    """A telephone's program: a preview of a face or film, switches, a large button."""
    rng = studio.rng
    style = look(rng, 0.4)
    width, height = size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    write(
        scene,
        (14, 10),
        rng.choice(("虚拟相机", "VCAM", "相机替换助手", "摄像头注入")),
        font("bold", 18),
        style.text,
    )
    y = 44.0
    if rng.random() < 0.8:
        view = (width - 28, int(height * rng.uniform(0.25, 0.38)))
        face = studio.face(view, rng.uniform(0.2, 0.7))
        if rng.random() < 0.4:
            mesh(face, rng, ink(rng, 100, 255), lines=False)
        face.image = rounded(face.image, 8)
        scene.lay(face, rectangle(14, y, *view))
        y += view[1] + 10
    draw = ImageDraw.Draw(scene.image)
    for label in rng.sample(FEATURES, 6):
        if y > height - 80:
            break
        draw.rounded_rectangle((10, y, width - 10, y + 34), 6, fill=style.panel)
        write(scene, (20, y + 7), label, font("sans", 14), style.text)
        switch(scene, style, (width - 54, y + 8), on=rng.random() < 0.6)
        y += 40
    button(
        scene,
        style,
        (14, height - 54, width - 14, height - 16),
        rng.choice(("选择视频", "启动", "一键注入")),
        font("bold", 17),
    )
    return scene


def chat(studio: Studio) -> Scene:
    """A chat in which somebody shows the tool at work and sends its file."""
    rng = studio.rng
    style = look(rng, 0.3)
    width, height = size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    draw = ImageDraw.Draw(scene.image)
    draw.rectangle((0, 0, width, 36), fill=style.panel)
    write(
        scene,
        (width * 0.3, 8),
        rng.choice(("软件技术交流", "客服小南瓜", "售后群(328)")),
        font("bold", 15),
        style.text,
    )
    y = 46.0
    lines = (
        "软件包教包会",
        "照片动起来",
        "支持眨眼张嘴",
        "过相机替换",
        "要的话发你演示",
        "安卓免root",
        "可远程安装",
    )
    order = ["shot", "file", "words", "words", "words"]
    rng.shuffle(order)
    for kind in order:
        mine = rng.random() < 0.3
        if kind == "words":
            y = bubble(scene, style, y, rng.choice(lines), mine=mine)
        elif kind == "file":
            draw.rounded_rectangle((44, y, width - 50, y + 56), 6, fill=style.panel)
            name = rng.choice(("vcam_v2.apk", "FaceDrive.zip", "活化工具包.rar"))
            write(scene, (54, y + 8), name, font("sans", 14), style.text)
            write(scene, (54, y + 32), f"{rng.randint(8, 900)} MB", font("sans", 11), style.text)
            draw.rectangle((width - 92, y + 12, width - 62, y + 46), fill=style.accent)
            y += 68
        else:
            shot = rng.choice((desktop, injector))(studio)
            wide = width * (0.62 if shot.size[0] > shot.size[1] else 0.42)
            high = wide * shot.size[1] / shot.size[0]
            scene.lay(shot, rectangle(44, y, wide, high))
            y += high + 12
        if y > height - 60:
            break
    return scene


def timeline(studio: Studio) -> Scene:
    """Kept for testing: source, driver, result above; frames of the same face in strips below."""
    rng = studio.rng
    style = look(rng, 0.8)
    width, height = size = (500, 330)
    scene = Scene(Image.new("RGB", size, style.paper))
    draw = ImageDraw.Draw(scene.image)
    write(
        scene,
        (8, 4),
        rng.choice(("Project 1 - 表情迁移", "驱动工作台", "Motion Transfer")),
        font("sans", 13),
        style.text,
    )
    face = studio.face((150, 160), 0.4)
    for place, name in enumerate(("源图", "驱动", "结果")):
        x = 8 + place * 164
        shown = Scene(face.image.copy(), list(face.marks))
        if place == 1:
            shown.image = Image.new("RGB", face.size, (8, 10, 14))
            mesh(shown, rng, ink(rng, 120, 255), lines=True)
            shown.marks = []
        scene.lay(shown, rectangle(x, 28, 150, 160))
        write(scene, (x + 4, 30), name, font("sans", 12), style.accent)
    for row in range(2):
        y = 204 + row * 52
        draw.rectangle((0, y, width, y + 46), fill=style.panel)
        for column in range(9):
            frame = Scene(face.image.resize((44, 42)))
            scene.lay(frame, rectangle(56 + column * 48, y + 2, 44, 42))
        write(scene, (6, y + 12), ("视频", "音轨")[row], font("sans", 12), style.text)
    now = rng.uniform(60, 440)
    draw.line((now, 196, now, height - 20), fill=style.accent, width=2)
    write(scene, (8, height - 20), "00:00:03:12   25 fps   1080p", font("mono", 11), style.text)
    return scene


def mirror(studio: Studio) -> Scene:
    """Kept for testing: a list of scenes and sources round a large preview, levels below."""
    rng = studio.rng
    style = look(rng, 0.75)
    width, height = size = (480, 380)
    scene = Scene(Image.new("RGB", size, style.paper))
    draw = ImageDraw.Draw(scene.image)
    title_bar(scene, style, rng.choice(("推流到虚拟摄像头", "VirtualCam Studio", "机位替换")), 22)
    preview = studio.photo((336, 232)) if rng.random() < 0.2 else studio.face((336, 232), 0.5)
    draw.rectangle((0, 24, width, 262), fill=(0, 0, 0))
    scene.lay(preview, rectangle(rng.choice((8, 72, 136)), 27, 336, 232))
    columns = (
        ("场景", ("人脸1", "人脸2", "点头.mp4")),
        ("来源", ("图像", "媒体源", "窗口采集")),
        ("控制", ("启动虚拟摄像机", "开始录制", "设置")),
    )
    for place, (head, rows) in enumerate(columns):
        x = 4 + place * 159
        draw.rectangle((x, 268, x + 154, height - 4), fill=style.panel)
        write(scene, (x + 6, 270), head, font("bold", 12), style.text)
        for line, row in enumerate(rows):
            y = 290 + 28 * line
            if place == 2:
                button(
                    scene,
                    style,
                    (x + 8, y, x + 146, y + 23),
                    row,
                    font("sans", 12),
                    filled=line == 0,
                )
            else:
                write(scene, (x + 12, y), row, font("sans", 13), style.text)
    return scene
