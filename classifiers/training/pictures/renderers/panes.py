"""Programs of no certain look: panes split anyhow, filled with what programs have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from classifiers.training.pictures.pens import font, ink, rounded, tint, write
from classifiers.training.pictures.renderers.windows import (
    Look,
    again,
    button,
    look,
    mesh,
    slider,
    switch,
    title_bar,
)
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["animating", "working"]

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""

SMALLEST: Final = 90
"""No pane is split that is narrower than twice this, in pixels."""

OF_FACES: Final = (
    "驱动视频", "虚拟摄像头", "眨眼", "点头", "张嘴", "替换相机", "表情", "口型", "人脸素材",
    "Start camera", "Driver", "Blink", "Expression", "Inject", "开始推流", "眼睛开合",
)  # fmt: skip
OF_WORK: Final = (
    "图层", "新建", "打开", "保存", "格式", "曝光", "音量", "字体", "颜色", "合计",
    "Layers", "Brush", "Export", "Inbox", "Volume", "Zoom", "日程", "对齐", "邮件",
)  # fmt: skip


def _split(studio: Studio, box: Box, depth: int) -> list[Box]:
    rng = studio.rng
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    if depth == 0 or max(wide, high) < 2 * SMALLEST:
        return [box]
    share = rng.uniform(0.32, 0.68)
    if wide >= high:
        cut = left + int(wide * share)
        halves = ((left, top, cut, bottom), (cut, top, right, bottom))
    else:
        cut = top + int(high * share)
        halves = ((left, top, right, cut), (left, cut, right, bottom))
    return [pane for half in halves for pane in _split(studio, half, depth - 1)]


def _fill(studio: Studio, scene: Scene, style: Look, box: Box, words: Sequence[str]) -> None:
    """Controls of one kind in a pane, as many as there is room for."""
    rng = studio.rng
    left, top, right, bottom = box
    draw = ImageDraw.Draw(scene.image)
    if rng.random() < 0.6:
        draw.rectangle((left + 2, top + 2, right - 3, bottom - 3), fill=style.panel)
    kind = rng.choice(("sliders", "rows", "buttons", "switches", "lines", "tracks"))
    size = rng.randint(10, 15)
    step = {"sliders": 36, "switches": 30, "buttons": 32, "tracks": 26}.get(kind, size + 9)
    for y in range(top + 8, bottom - step, step):
        label = rng.choice(words)
        if kind == "sliders":
            slider(scene, style, (left + 8, y), (right - left) * 0.8, label, rng)
        elif kind == "buttons":
            button(scene, style, (left + 8, y, right - 10, y + 25), label, font("sans", size))
        elif kind == "switches":
            write(scene, (left + 8, y + 2), label, font("sans", size), style.text)
            switch(scene, style, (right - 46, y), on=rng.random() < 0.5)
        elif kind == "tracks":
            cut = rng.uniform(left + 10, right - 10)
            draw.rectangle((left + 4, y, cut, y + 20), fill=tint(ink(rng, 40, 220), 0.2))
        elif kind == "rows":
            draw.rectangle((left + 8, y + 3, left + 8 + size, y + 3 + size), outline=style.accent)
            write(scene, (left + 16 + size, y), label, font("sans", size), style.text)
        else:
            draw.line(
                (left + 8, y, left + (right - left) * rng.uniform(0.4, 0.92), y), style.text, 3
            )


def _view(studio: Studio, scene: Scene, style: Look, box: Box, piece: Scene) -> None:
    """A picture in a pane, on black or not, with or without a bar below."""
    rng = studio.rng
    left, top, right, bottom = box
    draw = ImageDraw.Draw(scene.image)
    if rng.random() < 0.5:
        draw.rectangle((left, top, right, bottom), fill=(0, 0, 0))
    shown = again(piece)
    if rng.random() < 0.3:
        shown.image = rounded(shown.image, 8)
    scene.lay(shown, rectangle(left + 4, top + 4, *piece.size))
    if rng.random() < 0.4:
        draw.line((left + 12, bottom - 10, right - 12, bottom - 10), fill=style.accent, width=3)


def _program(studio: Studio) -> tuple[Scene, Look, list[Box]]:
    """An empty window and its panes, the largest first."""
    rng = studio.rng
    style = look(rng, 0.55)
    size = rng.choice(((500, 320), (480, 360), (520, 300), (420, 420), studio.phone()))
    scene = Scene(Image.new("RGB", size, style.paper))
    high = rng.choice((0, 22, 28))
    if high:
        title_bar(scene, style, rng.choice(("未命名 - 工作台", "Studio", "v2.1.7", "主窗口")), high)
    panes = _split(studio, (0, high, *size), rng.choice((2, 3)))
    panes.sort(key=lambda pane: (pane[2] - pane[0]) * (pane[3] - pane[1]), reverse=True)
    return scene, style, panes


def animating(studio: Studio) -> Scene:
    """One face in one to three panes, with or without its net; controls in the others."""
    rng = studio.rng
    scene, style, panes = _program(studio)
    views = rng.randint(1, min(3, len(panes) - 1)) if len(panes) > 1 else 1
    face = studio.face((240, 260), rng.uniform(0.2, 0.6))
    for place, pane in enumerate(panes):
        if place >= views:
            _fill(studio, scene, style, pane, OF_FACES)
            continue
        size = (pane[2] - pane[0] - 8, pane[3] - pane[1] - 8)
        share = min(size[0] / face.size[0], size[1] / face.size[1])
        piece = Scene(Image.new("RGB", size, tint(style.paper, -0.4)))
        shown = again(face)
        if place or rng.random() < 0.4:
            mesh(shown, rng, ink(rng, 80, 255), lines=rng.random() < 0.5)
        wide, high = face.size[0] * share, face.size[1] * share
        piece.lay(shown, rectangle((size[0] - wide) / 2, (size[1] - high) / 2, wide, high))
        _view(studio, scene, style, pane, piece)
    return scene


def working(studio: Studio) -> Scene:
    """The same sort of window with a photo of anything, or with none: no tool."""
    rng = studio.rng
    scene, style, panes = _program(studio)
    views = rng.randint(0, 2)
    for place, pane in enumerate(panes):
        if place < views:
            piece = studio.photo((pane[2] - pane[0] - 8, pane[3] - pane[1] - 8))
            _view(studio, scene, style, pane, piece)
        else:
            _fill(studio, scene, style, pane, OF_WORK)
    return scene
