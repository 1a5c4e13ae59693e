"""More portraits with cards: a print beside a card, an album, a collage, a chat, files, a form."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from classifiers.training.pictures.pens import any_font, font, ink, rounded, tint, write
from classifiers.training.pictures.people import invented_person
from classifiers.training.pictures.renderers.held import at_corner, before_chest, person
from classifiers.training.pictures.renderers.windows import avatar, button, look, title_bar
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["album", "collage", "folder", "print_and_card", "three_messages", "uploaded"]

CAPTIONS: Final = (
    "正面",
    "反面",
    "自拍",
    "手持",
    "资料一套",
    "FRONT",
    "SELFIE",
    "样本 1",
    "一人一套",
)


def _card_photo(studio: Studio, size: tuple[int, int], *, back: bool | None = None) -> Scene:
    """A card on a ground of its own, filling most of it."""
    rng = studio.rng
    scene = studio.ground(size)
    card = studio.card(invented_person(rng), back=back)
    wide = min(size[0] * rng.uniform(0.7, 0.96), size[1] * 1.5, 310)
    middle = (size[0] * rng.uniform(0.46, 0.54), size[1] * rng.uniform(0.42, 0.58))
    scene.lay(card, studio.tilted(card, middle, wide, rng.choice((3, 12))), shadow=0.4)
    return scene


def _cropped(scene: Scene, size: tuple[int, int]) -> Scene:
    """A scene squeezed into a size, as thumbnails are."""
    piece = Scene(Image.new("RGB", size))
    piece.lay(scene, rectangle(0, 0, *size))
    return piece


def _portrait(studio: Studio, size: tuple[int, int]) -> Scene:
    """A selfie: a close face, or somebody with shoulders."""
    if studio.rng.random() < 0.7:
        return studio.face(size, studio.rng.uniform(0.2, 0.9))
    return _cropped(person(studio, (360, 360 * size[1] // size[0]), 0.8), size)


def print_and_card(studio: Studio) -> Scene:
    """A print of a portrait, or a telephone that shows it, lies beside a card on a table."""
    rng = studio.rng
    scene = studio.ground(rng.choice(((480, 360), (480, 320), (400, 480), (420, 420))))
    width, height = scene.size
    if rng.random() < 0.4:
        scene.image = scene.image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2)))
    view = rng.choice(((150, 200), (180, 180), (140, 240)))
    frame = Scene(
        Image.new("RGB", (view[0] + 16, view[1] + 16), rng.choice(((250, 250, 248), (14, 14, 16))))
    )
    frame.lay(_portrait(studio, view), rectangle(8, 8, *view))
    if rng.random() < 0.5:
        frame.image = rounded(frame.image, 14)
    card = studio.card()
    first, second = (0.28, 0.72) if rng.random() < 0.5 else (0.72, 0.28)
    if width >= height:
        spots = (
            (width * first, height * rng.uniform(0.42, 0.58)),
            (width * second, height * rng.uniform(0.42, 0.58)),
        )
        sizes = (
            min(width * 0.36, height * 0.9 * frame.size[0] / frame.size[1]),
            width * rng.uniform(0.4, 0.52),
        )
    else:
        spots = (
            (width * rng.uniform(0.42, 0.58), height * first),
            (width * rng.uniform(0.42, 0.58), height * second),
        )
        sizes = (height * 0.48 * frame.size[0] / frame.size[1], width * rng.uniform(0.55, 0.75))
    scene.lay(frame, studio.tilted(frame, spots[0], sizes[0], 15), shadow=0.6)
    scene.lay(card, studio.tilted(card, spots[1], min(sizes[1], 310), 20), shadow=0.6)
    return scene


def album(studio: Studio) -> Scene:
    """A telephone's album: one person's card front and back, portrait, held; other photos too."""
    rng = studio.rng
    style = look(rng, 0.4)
    width, height = size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    write(
        scene, (12, 12), rng.choice(("最近项目", "Album", "微信图片")), font("bold", 18), style.text
    )
    columns = rng.choice((2, 2, 3))
    cell = (width - 4) // columns
    view = (cell - 4, cell - 4)
    parts = [
        _card_photo(studio, (240, 240), back=False),
        _card_photo(studio, (240, 240), back=True),
        _portrait(studio, (240, 240)),
        rng.choice((at_corner, before_chest))(studio),
    ]
    parts += [studio.photo(view) for _ in range(rng.randint(0, columns))]
    rng.shuffle(parts)
    for place, part in enumerate(parts):
        x, y = 3 + place % columns * cell, 44 + place // columns * cell
        scene.lay(_cropped(part, view), rectangle(x, y, *view))
    draw = ImageDraw.Draw(scene.image)
    draw.rectangle((0, height - 34, width, height), fill=style.panel)
    for place, label in enumerate(("照片", "精选", "搜索")):
        write(scene, (24 + place * width / 3, height - 28), label, font("sans", 12), style.text)
    return scene


def collage(studio: Studio) -> Scene:
    """Two or three pictures in coloured borders, with large words over, under or across."""
    rng = studio.rng
    border = rng.randint(6, 22)
    wide = rng.random() < 0.6
    width, height = (480, 340) if wide else (360, 480)
    scene = studio.plain((width, height), rng.choice((0, 120, 220)))
    room = rng.choice((0, 50))
    inner = (width - 2 * border, height - 2 * border - room)
    share = rng.uniform(0.34, 0.52)
    top = border + (room if rng.random() < 0.5 else 0)
    if wide:
        first = (int(inner[0] * share), inner[1])
        rest = (inner[0] - first[0] - border, inner[1])
        corner = (border + first[0] + border, top)
    else:
        first = (inner[0], int(inner[1] * share))
        rest = (inner[0], inner[1] - first[1] - border)
        corner = (border, top + first[1] + border)
    scene.lay(_portrait(studio, first), rectangle(border, top, *first))
    both = rest[1] > rest[0] * 0.9
    high = (rest[1] - border) // 2 if both else rest[1]
    for place in range(2 if both else 1):
        part = _card_photo(studio, (rest[0], high), back=bool(place) or None)
        scene.lay(part, rectangle(corner[0], corner[1] + place * (high + border), *part.size))
    if room:
        y = border * 0.5 if top > border else height - room
        write(scene, (border + 6, y), rng.choice(CAPTIONS), any_font(rng, 30), ink(rng))
    elif rng.random() < 0.5:
        write(
            scene, (width * 0.2, height * 0.45), rng.choice(CAPTIONS), any_font(rng, 38), ink(rng)
        )
    return scene


def three_messages(studio: Studio) -> Scene:
    """A talk at a desk or on a telephone: front, back or held card, and a portrait, in any order."""
    rng = studio.rng
    style = look(rng, 0.35)
    on_desk = rng.random() < 0.4
    width, height = size = (480, 400) if on_desk else studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    draw = ImageDraw.Draw(scene.image)
    left = 0
    if on_desk:
        left = 120
        draw.rectangle((0, 0, left, height), fill=style.panel)
        for line in range(8):
            avatar(scene, (8, 8 + 48 * line), 32)
            write(
                scene,
                (46, 14 + 48 * line),
                rng.choice(("南瓜", "老茶壶", "Cloud")),
                font("sans", 12),
                style.text,
            )
    parts = [
        _card_photo(studio, (240, 160), back=False),
        _card_photo(studio, (240, 160), back=True),
        _portrait(studio, rng.choice(((180, 220), (200, 200)))),
    ]
    rng.shuffle(parts)
    high = (height - 20) / 3
    for place, part in enumerate(parts):
        tall = high - rng.uniform(8, 18)
        wide = min(tall * part.size[0] / part.size[1], width - left - 60)
        mine = rng.random() < 0.3
        x = width - 40 - wide if mine else left + 40
        y = 8 + place * high
        part.image = rounded(part.image, rng.choice((1, 8)))
        scene.lay(part, rectangle(x, y, wide, tall))
        avatar(scene, (width - 36 if mine else left + 6, y), 28)
    return scene


def folder(studio: Studio) -> Scene:
    """A folder's window on a computer: files of one person's card, back, face, and a text file."""
    rng = studio.rng
    style = look(rng, 0.3)
    width, height = size = rng.choice(((480, 320), (500, 360)))
    scene = Scene(Image.new("RGB", size, style.paper))
    title_bar(
        scene, style, rng.choice(("资料\\001", "E:\\sets\\teapot", "新建文件夹", "sample_set"))
    )
    columns = rng.choice((3, 4))
    cell = (width - 20) // columns
    # Two rows must fit: whatever is named in the truth is to be seen.
    tallest = (height - 38) // 2 - 34
    view = (cell - 16, min(int((cell - 16) * rng.uniform(0.75, 1.0)), tallest))
    parts = [
        (_card_photo(studio, (240, 190), back=False), "正面.jpg"),
        (_card_photo(studio, (240, 190), back=True), "反面.jpg"),
        (_portrait(studio, view), rng.choice(("face.jpg", "自拍.png", "头像.jpg"))),
    ]
    if rng.random() < 0.4:
        parts.append((rng.choice((at_corner, before_chest))(studio), "手持.jpg"))
    note = Scene(Image.new("RGB", view, (250, 250, 250)))
    for line in range(12, view[1] - 8, 10):
        ImageDraw.Draw(note.image).line(
            (10, line, view[0] * rng.uniform(0.5, 0.9), line), (120, 120, 120)
        )
    parts.append((note, rng.choice(("资料.txt", "说明.docx"))))
    rng.shuffle(parts)
    row = view[1] + 34
    for place, (part, name) in enumerate(parts):
        x, y = 14 + place % columns * cell, 38 + place // columns * row
        scale = min(view[0] / part.size[0], view[1] / part.size[1])
        wide, high = part.size[0] * scale, part.size[1] * scale
        scene.lay(part, rectangle(x + (view[0] - wide) / 2, y + view[1] - high, wide, high))
        write(scene, (x + view[0] * 0.25, y + view[1] + 4), name, font("sans", 12), style.text)
    return scene


def uploaded(studio: Studio) -> Scene:
    """A form whose places for a card's sides and a portrait are filled."""
    rng = studio.rng
    style = look(rng, 0.25)
    width, height = size = rng.choice((studio.phone(), studio.phone(), (480, 360)))
    scene = Scene(Image.new("RGB", size, style.paper))
    draw = ImageDraw.Draw(scene.image)
    draw.rectangle((0, 0, width, 36), fill=style.accent)
    write(
        scene,
        (width * 0.3, 8),
        rng.choice(("身份认证", "Upload documents", "实名资料")),
        font("bold", 16),
        (255, 255, 255),
    )
    tall = height > width
    parts = [
        (_card_photo(studio, (240, 150), back=False), rng.choice(("人像面", "Front"))),
        (_card_photo(studio, (240, 150), back=True), rng.choice(("背面", "Back"))),
        (_portrait(studio, (150, 150)), rng.choice(("本人照片", "Selfie"))),
    ]
    if rng.random() < 0.4:
        parts.pop(1)
    slots = len(parts)
    for place, (part, label) in enumerate(parts):
        if tall:
            high = (height - 90) / slots - 22
            box = (20.0, 44 + place * (high + 22), width - 20.0, 44 + place * (high + 22) + high)
        else:
            wide = (width - 20) / slots - 10
            box = (14 + place * (wide + 10), 60.0, 14 + place * (wide + 10) + wide, 60 + wide * 0.9)
        draw.rounded_rectangle(box, 8, fill=style.panel, outline=tint(style.accent, 0.4))
        room = (box[2] - box[0] - 8, box[3] - box[1] - 8)
        scale = min(room[0] / part.size[0], room[1] / part.size[1])
        size_of = (part.size[0] * scale, part.size[1] * scale)
        left = (box[0] + box[2] - size_of[0]) / 2
        scene.lay(part, rectangle(left, box[1] + 4, *size_of))
        write(scene, (box[0] + 4, box[3] + 2), label, font("sans", 13), style.text)
    button(
        scene,
        style,
        (20, height - 38, width - 20, height - 8),
        rng.choice(("提交审核", "Next")),
        font("bold", 15),
    )
    return scene
