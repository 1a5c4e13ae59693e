"""Each signal on drawn pictures: faces, grids, cards, codes, the cheap look, text."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from classifiers.contract import Box, PictureClass
from classifiers.images.boxes import around, grown, overlap, within
from classifiers.images.cards import arrangements
from classifiers.images.codes import find_codes
from classifiers.images.documents import find_cards
from classifiers.images.faces import Face, grid_of, shipped_faces
from classifiers.images.gate import look_at
from classifiers.images.ocr import shipped_reader
from classifiers.images.picture import Pixels
from tests.pictures import NUMBER, advert, card, face, grid, held_card, lying_card, scene


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB"))


def placed(image: Image.Image, left: int, top: int) -> Image.Image:
    ground = scene()
    ground.paste(image, (left, top))
    return ground


def kinds(image: Image.Image) -> set[str]:
    shown = pixels(image)
    faces = shipped_faces().find(shown)
    return {each.term for each in arrangements(faces, find_cards(shown, faces))}


@pytest.mark.parametrize("size", [60, 120, 400])
def test_a_face_is_found_where_it_is(size: int) -> None:
    (found,) = shipped_faces().find(pixels(placed(face(size), 100, 80)))
    there = around([(100, 80), (100 + size, 80 + size)], 800, 600)
    assert within(found.box, there) > 0.9
    assert found.share < size * size / (800 * 600)


def test_a_room_without_people_has_no_face() -> None:
    assert shipped_faces().find(pixels(scene())) == []


@pytest.mark.parametrize("shape", [(16, 16, 3), (16, 2000, 3), (2000, 16, 3)])
def test_odd_shapes_break_no_signal(shape: tuple[int, int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 255, shape, dtype=np.uint8)
    found = shipped_faces().find(noise)
    find_cards(noise, found)
    find_codes(noise)
    look_at(noise, shipped_faces())
    assert isinstance(shipped_reader().find(noise), list)
    assert isinstance(shipped_reader().read(noise), list)


def test_faces_of_one_size_in_rows_are_a_grid() -> None:
    found = shipped_faces().find(pixels(grid()))
    assert len(found) == 12
    assert len(grid_of(found)) == 12
    assert kinds(grid()) == {PictureClass.FACE_GRID}


def test_a_crowd_is_no_grid() -> None:
    """As many faces, in all sizes and at all heights."""
    chance = np.random.default_rng(4)
    crowd = []
    for left, top, size in chance.uniform((0, 0, 0.02), (0.8, 0.8, 0.2), (12, 3)):
        crowd.append(Face(Box(left, top, left + size, top + size), 0.9, size * size))
    assert grid_of(crowd) == []


def test_a_card_with_a_portrait_is_an_identity_card() -> None:
    assert kinds(lying_card()) == {PictureClass.ID_CARD}


def test_a_card_under_a_larger_face_is_held() -> None:
    assert PictureClass.HELD_ID in kinds(held_card())


def test_a_card_shape_without_a_portrait_says_nothing() -> None:
    """Books, screens and boxes have that shape, too."""
    image = placed(Image.new("RGB", (400, 252), (60, 80, 160)), 150, 150)
    assert find_cards(pixels(image))
    assert kinds(image) == set()


def test_many_cards_are_a_collage() -> None:
    image = scene(900, 700)
    for place in range(4):
        image.paste(card(380), (40 + 430 * (place % 2), 40 + 330 * (place // 2)))
    assert "many_cards" in kinds(image)


@pytest.mark.parametrize("degrees", [7, 25])
def test_a_card_may_lie_aslant(degrees: int) -> None:
    piece = card(400).convert("RGBA").rotate(degrees, expand=True)
    image = scene(800, 800)
    image.paste(piece, (150, 150), piece)
    assert kinds(image) == {PictureClass.ID_CARD}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("https://u.wechat.com/abcdefg", "wechat"),
        ("https://qr.alipay.com/fkx0", "alipay"),
        ("wxp://f2f0abc", "wechat_pay"),
        ("https://t.me/somebody", "telegram"),
        ("https://shop.example/a?b=c", "link"),
        ("http://[broken", "text"),
        ("hello", "text"),
    ],
)
def test_a_code_is_found_and_its_content_is_not_kept(content: str, place: str) -> None:
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode)
    drawn = Image.fromarray(np.asarray(code.to_image(scale=5))).convert("RGB")
    (found,) = find_codes(pixels(placed(drawn, 200, 100)))
    assert found.place == place
    assert content.rsplit("/", maxsplit=1)[-1] not in repr(found).replace(place, "")
    there = around([(200, 100), (200 + drawn.width, 100 + drawn.height)], 800, 600)
    assert overlap(found.box, there) > 0.4


def test_the_cheap_look_lets_through_what_matters_and_not_a_room() -> None:
    finder = shipped_faces()
    assert not look_at(pixels(scene()), finder).passes
    for image in (lying_card(), held_card(), grid(), advert(("PRICE LIST", "TEN SETS 300"))):
        assert look_at(pixels(image), finder).passes


def test_text_is_read_with_its_place() -> None:
    lines = shipped_reader().read(pixels(advert(("PRICE LIST", "TEN SETS 300"))))
    assert [line.text.replace(" ", "") for line in lines] == ["PRICELIST", "TENSETS300"]
    assert lines[0].box.bottom <= lines[1].box.top


def test_the_number_on_a_card_can_be_read() -> None:
    """Else no test of what redaction destroys would mean anything."""
    read = "".join(line.text for line in shipped_reader().read(pixels(card(800))))
    assert NUMBER in read


def test_boxes_are_compared_and_grown() -> None:
    box = Box(0.4, 0.4, 0.6, 0.6)
    assert overlap(box, box) == pytest.approx(1)
    assert overlap(box, Box(0.7, 0.7, 0.9, 0.9)) == 0
    assert within(box, Box(0.5, 0.0, 1.0, 1.0)) == pytest.approx(0.5)
    assert grown(box, 10, 10) == Box(0.0, 0.0, 1.0, 1.0)
