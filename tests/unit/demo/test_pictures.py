"""Drawn pictures: always the same, never alike, always small."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from monitor.demo.drawings import KINDS
from monitor.demo.pictures import SIZE_PX, draw


@pytest.mark.parametrize("kind", [*KINDS, "unheard of"])
def test_each_kind_is_a_small_jpeg(kind: str) -> None:
    """What a browser and a picture classifier can open."""
    data = draw(kind, "620001", 1)
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.format == "JPEG"
        assert picture.size == (SIZE_PX, SIZE_PX)
        # More than one flat colour: something is drawn.
        colors = picture.convert("L").getextrema()
        assert isinstance(colors[0], int | float)
        assert colors[0] < 150
    assert len(data) < 40_000


def test_the_same_listing_looks_the_same_and_others_differ() -> None:
    """Content keys of pictures are stable over runs, and no two listings share one."""
    first = draw("card", "620001", 1)
    draw.cache_clear()
    assert draw("card", "620001", 1) == first
    assert draw("card", "620001", 2) != first
    assert draw("card", "620002", 1) != first


@pytest.mark.parametrize("kind", ["card", "card_pair", "held_card", "face"])
def test_drawings_of_documents_say_that_they_are_specimens(kind: str) -> None:
    """The red word is there in each drawing that shows a card or a face."""
    for listing_id in ("1", "2", "3"):
        with Image.open(io.BytesIO(draw(kind, listing_id, 1))) as picture:
            pixels = picture.convert("RGB").tobytes()
        red = sum(
            pixels[at] > 170 and pixels[at + 1] < 110 and pixels[at + 2] < 110
            for at in range(0, len(pixels), 3)
        )
        assert red > 60
