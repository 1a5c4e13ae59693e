"""A reader of pictures that is told by colours what they show; Pillow decodes them.

It stands for `classifiers.images` where a test is about what is done with a reading.
"""

from __future__ import annotations

import io
import threading

from PIL import Image

from classifiers.contract import Box, Category, PictureClass, PictureEvidence, PictureReading
from monitor.media.reading import Look

__all__ = ["BLUE", "CARD", "RED", "WRITTEN", "Looker", "picture"]

RED, BLUE, GREY = (220, 20, 20), (20, 20, 220), (128, 128, 128)
"""A red picture shows a held card, a blue one a bed."""
CARD = PictureClass.HELD_ID
FACE = Box(0.1, 0.1, 0.4, 0.5)
WRITTEN = "姓名 某某 110101199003070011"


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
        self.suspected: list[bool] = []
        self._lock = threading.Lock()

    def look(self, content: bytes, *, is_suspected: bool, is_held: bool) -> Look:
        """By the middle of the picture."""
        with self._lock:
            self.looks += 1
            self.suspected.append(is_suspected)
        try:
            opened = Image.open(io.BytesIO(content))
            image = opened.convert("RGB")
        except OSError:
            return Look(PictureReading("", refused="unknown_format"))
        color = image.getpixel((image.width // 2, image.height // 2))
        is_card = isinstance(color, tuple) and color[0] > color[2]
        why, weight = ("a card beside a face", 6.0) if is_card else ("an ordinary thing", -1.0)
        found = PictureEvidence(
            "documents",
            CARD if is_card else PictureClass.ORDINARY,
            why,
            weight,
            (FACE,) if is_card else (),
            Category.FACE_ID_BUNDLE if is_card else None,
        )
        is_kept = is_held and is_card
        return Look(
            PictureReading(
                "",
                classes={CARD if is_card else PictureClass.ORDINARY: 0.99},
                evidence=(found,),
                hashes={"pdq": "ab" * 32},
                text=WRITTEN if is_kept else "",
            ),
            media_type=Image.MIME[str(opened.format)],
            width=image.width,
            height=image.height,
            thumbnail=_thumbnail(),
            faces=(_face(image),) if is_kept else (),
        )

    def close(self) -> None:
        """Nothing was started."""


def _face(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.crop((6, 5, 26, 24)).save(out, "PNG")
    return out.getvalue()


def _thumbnail() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), GREY).save(out, "JPEG")
    return out.getvalue()
