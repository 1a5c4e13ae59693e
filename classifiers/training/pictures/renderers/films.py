"""Hard ordinary screens with faces: a film that is stopped, a call of some people."""

from __future__ import annotations

from PIL import Image, ImageDraw

from classifiers.training.pictures.pens import any_font, font, ink, write
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["film", "meeting"]


def film(studio: Studio) -> Scene:
    """A film stopped in a player: a scene with a face, subtitles, a bar of time."""
    rng = studio.rng
    width, height = size = rng.choice(((500, 281), (480, 270), (480, 340)))
    face = studio.face(size, rng.uniform(0.3, 0.9))
    scene = Scene(
        Image.blend(face.image, Image.new("RGB", size, ink(rng, 0, 120)), rng.uniform(0, 0.3)),
        list(face.marks),
    )
    draw = ImageDraw.Draw(scene.image)
    if rng.random() < 0.6:
        for top in (0, height - 34):
            draw.rectangle((0, top, width, top + 34), fill=(0, 0, 0))
    words = rng.choice(("你怎么才来？", "I never saw that teapot.", "我们走吧", "明天又是新的一天"))
    write(scene, (width * 0.3, height - 62), words, any_font(rng, 20), (255, 255, 255))
    done = width * rng.uniform(0.1, 0.9)
    draw.line((10, height - 22, width - 10, height - 22), fill=(150, 150, 150), width=3)
    draw.line((10, height - 22, done, height - 22), fill=ink(rng, 80, 255), width=3)
    write(
        scene,
        (10, height - 18),
        f"00:{rng.randint(10, 59)} / 1:42:00",
        font("mono", 10),
        (230, 230, 230),
    )
    if rng.random() < 0.5:
        x, y = width / 2, height / 2
        draw.polygon(((x - 14, y - 20), (x - 14, y + 20), (x + 22, y)), fill=(255, 255, 255))
    return scene


def meeting(studio: Studio) -> Scene:
    """A call of two to four people, each in a wide tile with a name."""
    rng = studio.rng
    count = rng.randint(2, 4)
    columns = 1 if count == 2 and rng.random() < 0.3 else 2
    rows = -(-count // columns)
    tile = (236, 150)
    scene = Scene(
        Image.new("RGB", (columns * (tile[0] + 4) + 4, rows * (tile[1] + 4) + 44), (24, 24, 28))
    )
    for place in range(count):
        x, y = place % columns * (tile[0] + 4) + 4, place // columns * (tile[1] + 4) + 4
        face = studio.face(tile, rng.uniform(0.4, 0.9))
        scene.lay(face, rectangle(x, y, *tile))
        write(
            scene,
            (x + 6, y + tile[1] - 20),
            rng.choice(("南瓜", "Teapot", "泡泡 (主持人)")),
            font("sans", 12),
            (255, 255, 255),
        )
    draw = ImageDraw.Draw(scene.image)
    for place in range(4):
        left, top = scene.size[0] / 2 - 90 + 48 * place, scene.size[1] - 36
        fill = (220, 60, 50) if place == 3 else (70, 72, 80)
        draw.ellipse((left, top, left + 30, top + 30), fill=fill)
    return scene
