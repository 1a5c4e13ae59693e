"""A reader of pictures that is told by colours what they show; Pillow decodes them.

It stands for `classifiers.images` where a test is about what is done with a reading.
"""

from __future__ import annotations

import io
import threading

from PIL import Image

from monitor.media.reading import Box, Finding, Reading

__all__ = ["BLUE", "CARD", "PLAIN", "RED", "Looker", "picture"]

RED, BLUE, GREY = (220, 20, 20), (20, 20, 220), (128, 128, 128)
"""A red picture shows a held card, a blue one a bed."""
CARD, PLAIN = "held_id", "bedding"
FACE: Box = (0.1, 0.1, 0.4, 0.5)


def picture(color: tuple[int, int, int], *, name: str = "", form: str = "PNG") -> bytes:
    """A picture of one colour; `name` makes its bytes unlike those of any other."""
    image = Image.new("RGB", (64, 48), color)
    image.putpixel((0, 0), (len(name), 0, 0))
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue() + name.encode()


class Looker:
    """Counts its looks."""

    version = "looker-1"

    def __init__(self) -> None:
        self.looks = 0
        self._lock = threading.Lock()

    def read(self, content: bytes) -> Reading:
        """By the middle of the picture."""
        with self._lock:
            self.looks += 1
        try:
            image = Image.open(io.BytesIO(content)).convert("RGB")
        except OSError:
            return Reading(refused="not a picture")
        color = image.getpixel((image.width // 2, image.height // 2))
        is_card = isinstance(color, tuple) and color[0] > color[2]
        found = (
            Finding("documents", CARD, "a card beside a face", 6.0, "face_id_bundle", FACE)
            if is_card
            else Finding("model", PLAIN, "an ordinary thing", -1.0)
        )
        return Reading(
            media_type=Image.MIME[str(Image.open(io.BytesIO(content)).format)],
            width=image.width,
            height=image.height,
            fingerprint="ab" * 32,
            classes={CARD: 0.99 if is_card else 0.01},
            findings=(found,),
            text="姓名 某某 110101199003070011" if is_card else "",
            faces=(FACE,) if is_card else (),
            thumbnail=_thumbnail(),
        )

    def crop(self, content: bytes, box: Box) -> bytes:
        """As PNG."""
        image = Image.open(io.BytesIO(content))
        left, top, right, bottom = box
        width, height = image.size
        part = image.crop(
            (int(left * width), int(top * height), int(right * width), int(bottom * height))
        )
        out = io.BytesIO()
        part.save(out, "PNG")
        return out.getvalue()


def _thumbnail() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), GREY).save(out, "JPEG")
    return out.getvalue()
