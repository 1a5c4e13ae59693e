"""Where programs are seen: among windows on a desktop, floating over a telephone's, on a monitor."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.pens import font, ink, tint, write
from classifiers.training.pictures.renderers.animators import console, puppet, queue
from classifiers.training.pictures.renderers.cameras import device_settings
from classifiers.training.pictures.renderers.panes import animating, working
from classifiers.training.pictures.renderers.programs import retouching, video_call
from classifiers.training.pictures.renderers.screens import editor
from classifiers.training.pictures.renderers.tools import desktop, injector
from classifiers.training.pictures.renderers.windows import button, look, switch
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["at_desk", "floating", "on_monitor", "on_wallpaper"]

Draw = Callable[[Studio], Scene]


def _wallpaper(studio: Studio, programs: Sequence[Draw]) -> Scene:
    """A computer's screen: icons, a bar, some windows over each other, the last in front."""
    rng = studio.rng
    scene = studio.ground(rng.choice(((600, 360), (560, 350), (520, 390))))
    width, height = scene.size
    draw = ImageDraw.Draw(scene.image)
    for place in range(rng.randint(3, 12)):
        x, y = 10 + place // 6 * 50, 8 + place % 6 * 54
        draw.rounded_rectangle((x + 6, y, x + 34, y + 28), 5, fill=ink(rng, 40, 250))
        write(
            scene,
            (x, y + 31),
            rng.choice(("文档", "回收站", "Chrome", "工具", "pic")),
            font("sans", 10),
            (240, 240, 240),
        )
    for program in programs:
        window = program(studio)
        wide = width * rng.uniform(0.45, 0.72)
        high = wide * window.size[1] / window.size[0]
        if high > height * 0.88:
            wide, high = wide * height * 0.88 / high, height * 0.88
        left = rng.uniform(width * 0.08, max(width * 0.09, width - wide - 4))
        top = rng.uniform(0, max(1.0, height - high - 28))
        scene.lay(window, rectangle(left, top, wide, high), shadow=0.6)
    bar = tint(ink(rng), rng.choice((-0.85, 0.8)))
    draw.rectangle((0, height - 24, width, height), fill=bar)
    for place in range(rng.randint(4, 10)):
        x = 8 + 28 * place
        draw.rounded_rectangle((x, height - 21, x + 18, height - 3), 3, fill=ink(rng))
    return scene


def _photographed(studio: Studio, shown: Scene) -> Scene:
    """A monitor or a laptop in a room, with something on its screen."""
    rng = studio.rng
    scene = studio.photo(rng.choice(((480, 360), (500, 340), (420, 420))))
    scene.image = scene.image.filter(ImageFilter.GaussianBlur(rng.uniform(1, 4)))
    width, height = scene.size
    edge = rng.randint(8, 18)
    body = Scene(
        Image.new("RGB", (shown.size[0] + 2 * edge, shown.size[1] + 2 * edge), ink(rng, 5, 60))
    )
    body.lay(shown, rectangle(edge, edge, *shown.size))
    wide = width * rng.uniform(0.8, 1.08)
    wide = min(wide, height * 0.92 * body.size[0] / body.size[1])
    quad = studio.tilted(body, (width / 2, height * rng.uniform(0.4, 0.5)), wide, 5)
    lower = quad[[3, 2]]
    draw = ImageDraw.Draw(scene.image)
    base = tint(ink(rng, 20, 200), 0.1)
    points = (*map(tuple, lower), (lower[1][0] + 40, height), (lower[0][0] - 40, height))
    if rng.random() < 0.5:
        draw.polygon(points, fill=base)
        for row in range(4):
            y = lower[0][1] + 14 + row * 15
            draw.line((lower[0][0] + 10, y, lower[1][0] - 10, y), fill=tint(base, -0.4), width=9)
    scene.lay(body, quad, shadow=0.5)
    return scene


def on_wallpaper(studio: Studio) -> Scene:
    """A tool's window in front of another window or of none."""
    rng = studio.rng
    programs = [rng.choice((desktop, queue, console, animating, device_settings, puppet))]
    if rng.random() < 0.5:
        programs.insert(0, rng.choice((working, editor, animating)))
    return _wallpaper(studio, programs)


def on_monitor(studio: Studio) -> Scene:
    """A tool on a screen that somebody photographed."""
    rng = studio.rng
    draw = rng.choice((desktop, console, animating, animating, device_settings, on_wallpaper))
    return _photographed(studio, draw(studio))


def at_desk(studio: Studio) -> Scene:
    """The same places with ordinary programs: no tool."""
    rng = studio.rng
    likely = (working, working, editor, retouching, video_call)
    programs = [rng.choice(likely) for _ in range(rng.randint(1, 2))]
    kind = rng.random()
    if kind < 0.4:
        return _wallpaper(studio, programs)
    shown = _wallpaper(studio, programs) if kind < 0.6 else programs[0](studio)
    return _photographed(studio, shown)


def floating(studio: Studio) -> Scene:
    """A small panel of an injecting program over another's camera: a face in a ring, buttons beside."""
    rng = studio.rng
    style = look(rng, 0.3)
    width, height = size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    draw = ImageDraw.Draw(scene.image)
    if rng.random() < 0.25:
        inner = injector(studio)
        scene.lay(inner, rectangle(0, 0, *size))
    else:
        side = int(width * rng.uniform(0.6, 0.85))
        face = studio.face((side, side), rng.uniform(0.2, 0.6))
        mask = Image.new("L", face.size)
        ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=255)
        face.image.putalpha(mask)
        left, top = (width - side) / 2, height * rng.uniform(0.14, 0.28)
        scene.lay(face, rectangle(left, top, side, side))
        ring = (left - 6, top - 6, left + side + 6, top + side + 6)
        draw.arc(ring, 270, rng.uniform(0, 260), fill=style.accent, width=5)
        words = rng.choice(("请眨眨眼", "请张嘴", "Turn your head", "请正对屏幕", "请缓慢点头"))
        write(scene, (width * 0.32, top + side + 18), words, font("bold", 20), style.text)
        write(scene, (14, 12), "×", font("sans", 22), style.text)
    panel = look(rng, 0.7)
    wide, high = int(width * rng.uniform(0.4, 0.7)), rng.randint(110, 190)
    box = Scene(Image.new("RGB", (wide, high), panel.panel))
    labels = rng.sample(
        ("点头", "眨眼", "张嘴", "摇头", "暂停", "换脸源", "Nod", "Blink", "静止"), 6
    )
    columns = 2 if wide > 130 else 1
    write(box, (6, 3), rng.choice(("悬浮窗", "VCAM", "动作控制")), font("bold", 13), panel.text)
    for place, label in enumerate(labels):
        x, y = 6 + place % columns * (wide - 6) / columns, 24 + place // columns * 30
        if y + 26 < high:
            edges = (x, y, x + (wide - 6) / columns - 6, y + 25)
            button(box, panel, edges, label, font("sans", 12), filled=place % 3 == 0)
    if rng.random() < 0.4:
        switch(box, panel, (wide - 42, 3), on=True)
    x = rng.choice((4, width - wide - 4))
    scene.lay(
        box, rectangle(x, rng.uniform(height * 0.5, height - high - 6), wide, high), shadow=0.5
    )
    return scene
