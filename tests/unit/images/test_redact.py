"""Thumbnails: faces and numbers are gone, whoever looks; what cannot be cleaned is no picture."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from classifiers.contract import Box
from classifiers.images.decode import decode
from classifiers.images.faces import Face, FaceFinder, shipped_faces
from classifiers.images.ocr import shipped_reader
from classifiers.images.picture import Picture, Pixels
from classifiers.images.reading import PictureReader, places_of
from classifiers.images.redact import EDGE, FLAT, Redactor, Thumbnail, redact
from tests.pictures import NUMBER, advert, card, encoded, face, grid, held_card, lying_card, scene


def picture(image: Image.Image) -> Picture:
    found = decode(encoded(image, "PNG"))
    assert isinstance(found, Picture)
    return found


def shown(thumbnail: Thumbnail) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(thumbnail.content)).convert("RGB"))


def digits(pixels: Pixels) -> int:
    """Digits that can be read in it at twice its size."""
    large = cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    read = "".join(line.text for line in shipped_reader().read(np.asarray(large, np.uint8)))
    return sum(char.isdigit() for char in read)


@pytest.mark.parametrize("made", [lying_card, held_card, grid])
def test_no_face_and_no_number_is_left(made: object) -> None:
    assert callable(made)
    thumbnail = redact(picture(made()))
    left = shown(thumbnail)
    assert thumbnail.came_clean
    assert max(left.shape) <= EDGE
    assert shipped_faces().find(left, threshold=0.2) == []
    assert digits(left) == 0


def test_the_number_could_be_read_before() -> None:
    """Else the test above would prove nothing."""
    assert digits(picture(card(800)).pixels) >= len(NUMBER)
    assert digits(shown(redact(picture(card(800))))) == 0


def test_nothing_of_a_face_is_in_the_pixels_that_replaced_it() -> None:
    """Two different faces in one place leave one and the same thumbnail there."""
    kept = []
    for turned in (False, True):
        image = scene()
        image.paste(
            face(200).transpose(Image.Transpose.FLIP_LEFT_RIGHT) if turned else face(200),
            (300, 200),
        )
        thumbnail = redact(picture(image), [Box(0.3, 0.25, 0.7, 0.75)])
        inside = shown(thumbnail)[70:170, 110:210].astype(int)
        kept.append(inside)
        assert inside.std() < 1
    assert np.abs(kept[0] - kept[1]).max() <= 2


def test_ordinary_parts_of_a_picture_stay() -> None:
    image = scene()
    left = shown(redact(picture(image))).astype(int)
    whole = np.asarray(image.resize((left.shape[1], left.shape[0]))).astype(int)
    assert np.abs(left - whole).mean() < 5


def test_a_card_goes_as_a_whole(reader: PictureReader) -> None:
    found = picture(lying_card())
    reading = reader.read("card", found, is_suspected=True)
    left = shown(redact(found, places_of(reading)))
    middle = left[70:150, 70:210].reshape(-1, 3).astype(int)
    assert middle.std(axis=0).max() < 2


def test_lines_of_text_go() -> None:
    assert digits(shown(redact(picture(advert(("CALL 13900000000", "SETS 300")))))) == 0


def test_a_thumbnail_has_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "planted description"
    found = decode(encoded(scene(), exif=exif))
    assert isinstance(found, Picture)
    thumbnail = redact(found)
    assert b"planted" not in thumbnail.content
    assert not Image.open(io.BytesIO(thumbnail.content)).getexif()


class Stubborn(FaceFinder):
    """Sees a face in every corner that is not yet one blot."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def find(self, pixels: Pixels, *, edge: int = 0, threshold: float = 0.0) -> list[Face]:
        assert pixels.size
        assert edge > threshold > 0
        self.asked += 1
        place = (self.asked % 7) / 10
        return [Face(Box(place, place, place + 0.05, place + 0.05), 0.9, 0.0025)]


def test_what_does_not_come_clean_is_reduced_to_blots() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    finder = Stubborn()
    thumbnail = Redactor(faces=finder).redact(picture(Image.fromarray(noise)))
    assert not thumbnail.came_clean
    assert finder.asked < 20
    left = shown(thumbnail).astype(int)
    assert np.abs(np.diff(left, axis=1)).max() < 40


@pytest.mark.parametrize("size", [(16, 16), (16, 20_000), (20_000, 16), (3_000, 2_000)])
def test_any_size_gives_a_thumbnail(size: tuple[int, int]) -> None:
    thumbnail = redact(picture(Image.new("RGB", size, (120, 130, 140))))
    assert max(thumbnail.width, thumbnail.height) <= EDGE
    assert shown(thumbnail).shape[:2] == (thumbnail.height, thumbnail.width)


def test_what_lies_between_two_near_places_goes_and_between_far_ones_stays() -> None:
    near = [Box(0.30, 0.4, 0.40, 0.6), Box(0.45, 0.4, 0.55, 0.6)]
    far = [Box(0.05, 0.4, 0.15, 0.6), Box(0.85, 0.4, 0.95, 0.6)]
    image = scene()
    between = shown(redact(picture(image), near))[110:130, 132:140].astype(int)
    assert np.abs(between - np.array(FLAT)).max() <= 8
    whole = np.asarray(image.resize((EDGE, EDGE * image.height // image.width))).astype(int)
    apart = shown(redact(picture(image), far)).astype(int)
    assert np.abs(apart[110:130, 100:220] - whole[110:130, 100:220]).mean() < 8
