"""Ordinary programs that show a face: beauty cameras, calls, profiles, players who stream."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageEnhance

from classifiers.training.pictures.pens import any_font, font, ink, rounded, tint, write
from classifiers.training.pictures.renderers.windows import again, button, look, slider, title_bar
from classifiers.training.pictures.scene import Scene, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["beauty_camera", "id_photo_app", "profile", "retouching", "stream", "video_call"]


def beauty_camera(studio: Studio) -> Scene:
    """A camera with filters: the same face small in many colours, a large round release."""
    rng = studio.rng
    width, height = size = studio.phone()
    view = (width, int(height * rng.uniform(0.66, 0.76)))
    face = studio.face(view, rng.uniform(0.3, 0.9))
    scene = Scene(Image.new("RGB", size, rng.choice(((255, 255, 255), (16, 16, 18)))))
    scene.lay(face, rectangle(0, 0, *view))
    side, y = width // 5, view[1] + 6
    for place in range(5):
        small = Scene(face.image.resize((side - 6, side - 6)))
        small.image = Image.blend(small.image, Image.new("RGB", small.size, ink(rng)), 0.3)
        small.image = rounded(small.image, 6)
        scene.lay(small, rectangle(place * side + 3, y, *small.size))
    labels = rng.sample(("原图", "奶油", "胶片", "Sunny", "日系", "冷白", "Retro"), 5)
    grey = (140, 140, 146)
    for place, label in enumerate(labels):
        write(scene, (place * side + 8, y + side - 5), label, font("sans", 10), grey)
    draw = ImageDraw.Draw(scene.image)
    x, base = width / 2, height - 26
    draw.ellipse((x - 22, base - 22, x + 22, base + 22), outline=ink(rng, 60, 250), width=5)
    for place, sign in enumerate(("闪", "9:16", "1:1", "×")):
        write(scene, (14 + place * width / 4, 10), sign, font("bold", 15), (255, 255, 255))
    return scene


def id_photo_app(studio: Studio) -> Scene:
    """A program for photos on documents: one portrait in a frame with sizes, colours to choose, a price."""
    rng = studio.rng
    style = look(rng, 0.15)
    width, height = size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    write(
        scene,
        (width * 0.3, 10),
        rng.choice(("证件照", "ID Photo", "一寸照制作")),
        font("bold", 18),
        style.text,
    )
    view = (int(width * rng.uniform(0.5, 0.66)), int(width * rng.uniform(0.7, 0.9)))
    left, top = (width - view[0]) // 2, 50
    draw = ImageDraw.Draw(scene.image)
    wall = rng.choice(((66, 140, 220), (200, 40, 50), (248, 248, 248)))
    draw.rectangle((left - 8, top - 8, left + view[0] + 8, top + view[1] + 8), fill=wall)
    face = studio.face(view, rng.uniform(0.3, 0.6))
    scene.lay(face, rectangle(left, top, *view))
    write(
        scene, (left, top + view[1] + 12), "25 × 35 mm   295 × 413 px", font("sans", 11), style.text
    )
    y = top + view[1] + 40
    for place, colour in enumerate(
        ((66, 140, 220), (200, 40, 50), (248, 248, 248), (120, 120, 130))
    ):
        x = width * (0.2 + 0.2 * place)
        draw.ellipse((x - 15, y, x + 15, y + 30), fill=colour, outline=style.text)
    for line, label in enumerate(("一寸", "二寸", "签证")):
        box = (14 + line * width / 3.2, y + 44, line * width / 3.2 + 76, y + 70)
        button(scene, style, box, label, font("sans", 13), filled=line == 0)
    label = f"保存电子版 ¥{rng.randint(3, 29)}.9"
    button(scene, style, (16, height - 50, width - 16, height - 14), label, font("bold", 16))
    return scene


def video_call(studio: Studio) -> Scene:
    """A talk of two: one face all over, one in a corner, buttons to end it."""
    rng = studio.rng
    size = rng.choice((studio.phone(), studio.phone(), (500, 300)))
    width, height = size
    scene = again(studio.face(size, rng.uniform(0.3, 0.9)))
    inset = (int(width * 0.28), int(width * 0.36)) if height > width else (120, 84)
    other = studio.face(inset, 0.5) if rng.random() < 0.7 else studio.photo(inset)
    scene.lay(other, rectangle(width - inset[0] - 10, 14, *inset))
    write(
        scene, (14, 16), rng.choice(("妈妈", "泡泡", "Teapot")), font("bold", 18), (255, 255, 255)
    )
    clock = f"{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
    write(scene, (14, 42), clock, font("sans", 12), (255, 255, 255))
    draw = ImageDraw.Draw(scene.image)
    count = rng.choice((3, 4, 5))
    for place in range(count):
        x = width * (place + 0.5) / count
        fill = (226, 60, 54) if place == count // 2 else (90, 92, 98)
        draw.ellipse((x - 19, height - 56, x + 19, height - 18), fill=fill)
    return scene


def profile(studio: Studio) -> Scene:
    """Somebody's page where people meet or follow: a photo, a name, hearts, smaller photos."""
    rng = studio.rng
    style = look(rng, 0.25)
    width, height = size = studio.phone()
    scene = Scene(Image.new("RGB", size, style.paper))
    high = int(height * rng.uniform(0.4, 0.68))
    face = studio.face((width - 16, high), rng.uniform(0.4, 1.0))
    face.image = rounded(face.image, 12)
    scene.lay(face, rectangle(8, 8, *face.size))
    name = f"{rng.choice(('南瓜', 'Teapot', '小泡', '云朵'))}, {rng.randint(19, 45)}"
    write(scene, (18, high + 16), name, font("bold", 20), style.text)
    about = rng.choice(
        ("喜欢爬山和猫 · 3km", "摄影师 / 咖啡", "coffee and dogs", "关注 128  粉丝 2.4万")
    )
    write(scene, (18, high + 44), about, font("sans", 12), style.text)
    draw = ImageDraw.Draw(scene.image)
    if rng.random() < 0.6:
        for place, sign in enumerate("×★○"):
            x, y = width * (0.25 + 0.25 * place), height - 40
            draw.ellipse((x - 22, y - 22, x + 22, y + 22), fill=style.panel, outline=style.accent)
            write(scene, (x - 9, y - 13), sign, font("bold", 19), style.accent)
    else:
        side = (width - 24) // 3
        for place in range(3):
            photo = studio.photo((side, side))
            scene.lay(photo, rectangle(8 + place * (side + 4), high + 70, side, side))
    return scene


def retouching(studio: Studio) -> Scene:
    """A portrait made prettier: halves before and after, one row of tools, a curve or sliders."""
    rng = studio.rng
    style = look(rng, 0.6)
    width, height = size = rng.choice(((480, 340), (300, 500), (420, 420)))
    scene = Scene(Image.new("RGB", size, style.paper))
    title_bar(
        scene, style, rng.choice(("修图 - 磨皮", "Portrait Retouch", "IMG_2031.jpg @ 66%")), 24
    )
    wide = width > height
    view = (int(width * 0.68), height - 40) if wide else (width, int(height * 0.62))
    face = studio.face(view, rng.uniform(0.2, 0.9))
    bright = again(face)
    bright.image = ImageEnhance.Brightness(face.image).enhance(rng.uniform(0.7, 1.4))
    half = view[0] // 2
    face.image.paste(bright.image.crop((half, 0, *view)), (half, 0))
    scene.lay(face, rectangle(0, 26, *view))
    draw = ImageDraw.Draw(scene.image)
    draw.line((half, 26, half, 26 + view[1]), fill=(255, 255, 255), width=2)
    x, y = (view[0] + 10, 36) if wide else (12, view[1] + 40)
    room = width - view[0] - 22 if wide else width - 24
    for line, label in enumerate(
        rng.sample(("磨皮", "美白", "祛痘", "亮度", "对比", "色温", "瘦脸"), 3)
    ):
        slider(scene, style, (x, y + 36 * line), room, label, rng)
    if wide and rng.random() < 0.6:
        box = (x, height - 110, x + room, height - 14)
        draw.rectangle(box, outline=style.text)
        points = [(x + room * step / 6, height - 14 - 96 * (step / 6) ** 0.7) for step in range(7)]
        draw.line(points, fill=style.accent, width=2)
    return scene


def stream(studio: Studio) -> Scene:
    """A player's stream: the game, a small camera in a corner, a column of viewers' words."""
    rng = studio.rng
    width, height = size = rng.choice(((500, 290), (480, 320)))
    scene = Scene(Image.new("RGB", size, (20, 20, 26)))
    game = studio.photo((int(width * 0.74), height - 56))
    dark = Image.new("RGB", game.size, ink(rng, 0, 140))
    game.image = Image.blend(game.image, dark, rng.uniform(0.2, 0.5))
    draw = ImageDraw.Draw(game.image)
    for place in range(5):
        left = 40 + 40 * place
        draw.rectangle((left, game.size[1] - 40, left + 32, game.size[1] - 8), fill=ink(rng))
    write(
        game,
        (10, 8),
        f"HP {rng.randint(1, 999)}  ★{rng.randint(1, 50)}",
        font("bold", 14),
        (255, 240, 160),
    )
    if rng.random() < 0.8:
        face = studio.face((90, 68), 0.6)
        game.lay(face, rectangle(game.size[0] - 98, rng.choice((8, game.size[1] - 116)), 90, 68))
    scene.lay(game, rectangle(0, 0, *game.size))
    for line in range(12):
        words = rng.choice(("666", "哈哈哈", "主播好强", "nice shot", "gg", "关注了", "上啊"))
        y = 8 + 20 * line
        if y < height - 60:
            write(
                scene,
                (game.size[0] + 8, y),
                f"南瓜{line}: {words}",
                font("sans", 11),
                tint(ink(rng), 0.5),
            )
    write(
        scene,
        (12, height - 48),
        rng.choice(("深夜开黑", "RANKED #12", "新手教学")),
        any_font(rng, 18),
        (240, 240, 240),
    )
    style = look(rng, 1.0)
    button(
        scene, style, (width - 96, height - 44, width - 12, height - 14), "关注", font("bold", 14)
    )
    return scene
