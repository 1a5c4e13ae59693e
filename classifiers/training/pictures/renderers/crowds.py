"""Walls of faces: even, as files in a window, prints on a table; kept for testing: a gallery."""

from __future__ import annotations

from PIL import ImageDraw, ImageFilter

from classifiers.training.pictures.pens import font, ink, rounded, tint, write
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["even", "files", "gallery", "prints"]


def even(studio: Studio) -> Scene:
    """Rows and columns of portraits, with or without gaps."""
    rng = studio.rng
    columns, rows = rng.randint(3, 8), rng.randint(2, 8)
    gap = rng.choice((0, 0, 2, 5, 10))
    shape = rng.choice((1.0, 1.0, 1.25, 1.4))
    wide = min(480 // columns, int(480 / rows / shape))
    high = int(wide * shape)
    scene = studio.plain((columns * wide + gap, rows * high + gap), rng.choice((0, 230)))
    for place in range(columns * rows):
        face = studio.face((wide - gap, high - gap), rng.uniform(0.1, 0.6))
        scene.lay(
            face, rectangle(place % columns * wide + gap, place // columns * high + gap, *face.size)
        )
    return scene


def files(studio: Studio) -> Scene:
    """A folder's window: small portraits with names of files below."""
    rng = studio.rng
    dark = rng.random() < 0.3
    scene = studio.plain((480, rng.choice((320, 360, 420))), 235)
    width, height = scene.size
    paper, text = ((34, 36, 40), (220, 220, 220)) if dark else ((252, 252, 252), (40, 40, 40))
    draw = ImageDraw.Draw(scene.image)
    draw.rectangle((0, 0, width, height), fill=paper)
    bar = rng.randint(24, 40)
    draw.rectangle((0, 0, width, bar), fill=tint(ink(rng, 60, 220), 0.3))
    write(
        scene,
        (10, 5),
        rng.choice(("素材包", "D:\\pic\\face", "photos (1280)")),
        font("sans", 15),
        (20, 20, 20),
    )
    left = rng.choice((0, 0, 90))
    if left:
        for line in range(8):
            write(
                scene,
                (8, bar + 10 + 22 * line),
                rng.choice(("下载", "图片", "人像", "视频", "桌面")),
                font("sans", 12),
                text,
            )
    cell = rng.randint(56, 96)
    face_high = int(cell * 0.74)
    for row in range(int((height - bar) / cell)):
        for column in range(int((width - left) / cell)):
            x, y = left + column * cell + 6, bar + row * cell + 6
            face = studio.face((cell - 12, face_high), rng.uniform(0.15, 0.5))
            scene.lay(face, rectangle(x, y, *face.size))
            name = f"{rng.choice(('IMG_', 'face', '女', '男', ''))}{rng.randint(1, 999):03d}.jpg"
            write(scene, (x, y + face_high), name, font("sans", 9), text)
    return scene


def prints(studio: Studio) -> Scene:
    """Prints of many people strewn over a table."""
    rng = studio.rng
    scene = studio.ground()
    scene.image = scene.image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2)))
    width, height = scene.size
    columns, rows = rng.randint(3, 5), rng.randint(3, 4)
    for place in range(columns * rows):
        face = studio.face((90, 115), rng.uniform(0.15, 0.5))
        card = Scene(studio.plain((100, 125), 235).image)
        card.lay(face, rectangle(5, 5, 90, 115))
        x = (place % columns + rng.uniform(0.35, 0.65)) * width / columns
        y = (place // columns + rng.uniform(0.35, 0.65)) * height / rows
        scene.lay(
            card,
            studio.tilted(card, (x, y), width / columns * rng.uniform(0.8, 1.1), 20),
            shadow=0.5,
        )
    return scene


def gallery(studio: Studio) -> Scene:
    """Kept for testing: a telephone's album, with dates, counts of selected pictures, films."""
    rng = studio.rng
    size = studio.phone()
    width, height = size
    dark = rng.random() < 0.5
    scene = Scene(studio.plain(size, 245).image)
    draw = ImageDraw.Draw(scene.image)
    if dark:
        draw.rectangle((0, 0, *size), fill=(12, 12, 14))
    text = (235, 235, 235) if dark else (30, 30, 30)
    write(
        scene,
        (12, height * 0.03),
        rng.choice(("相册", "已选 36 张", "Recents")),
        font("bold", 18),
        text,
    )
    columns = rng.randint(3, 5)
    cell = width / columns
    y, row = height * 0.1, 0
    while y < height - cell * 0.5:
        if row % 3 == 0:
            write(
                scene,
                (8, y),
                f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日",
                font("sans", 11),
                text,
            )
            y += 18
        for column in range(columns):
            face = studio.face((int(cell) - 3, int(cell) - 3), rng.uniform(0.1, 0.7))
            face.image = rounded(face.image, rng.choice((1, 6)))
            scene.lay(face, rectangle(column * cell + 1.5, y, *face.size))
            if rng.random() < 0.25:
                write(
                    scene,
                    (column * cell + cell * 0.5, y + cell * 0.72),
                    "0:0" + str(rng.randint(3, 9)),
                    font("sans", 9),
                    (255, 255, 255),
                )
        y += cell
        row += 1
    return scene
