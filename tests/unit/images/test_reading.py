"""One reading of a picture: which signals look, what they say together, what stays out of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pytest

from classifiers.assess import Assessor
from classifiers.contract import Category, Listing, PictureClass
from classifiers.fusion import SIGN
from classifiers.images.known import Bank, fingerprint
from classifiers.images.picture import Picture, Pixels
from classifiers.images.reading import PictureReader, places_of
from tests.pictures import advert, encoded, face, held_card, lying_card, scene


class Certain:
    """A classifier that finds one class in every picture."""

    version = "test"

    def __init__(self, kind: PictureClass) -> None:
        self._kind = kind

    def classify(self, pixels: Pixels) -> Mapping[PictureClass, float]:
        assert pixels.dtype == np.uint8
        return {kind: 0.95 if kind is self._kind else 0.01 for kind in PictureClass}

    def present(self, shares: Mapping[PictureClass, float]) -> Collection[PictureClass]:
        return {kind for kind, share in shares.items() if share > 0.5}


def test_a_held_card_is_read_with_its_reasons(reader: PictureReader) -> None:
    reading = reader.read("front.jpg", encoded(held_card()))
    assert reading.picture == "front.jpg"
    assert reading.refused is None
    assert reading.classes[PictureClass.HELD_ID] > 0.5 > reading.classes[PictureClass.ORDINARY]
    (seen,) = [each for each in reading.evidence if each.signal == "documents"]
    assert (seen.term, seen.category) == ("held_id", Category.FACE_ID_BUNDLE)
    assert seen.boxes
    assert places_of(reading) == seen.boxes
    assert all(each.category is Category.FACE_ID_BUNDLE for each in reading.evidence)


def test_a_person_is_an_ordinary_picture(reader: PictureReader) -> None:
    image = scene()
    image.paste(face(250), (250, 200))
    reading = reader.read("me.jpg", encoded(image))
    assert reading.classes[PictureClass.FACE] > 0.5
    assert reading.classes[PictureClass.ORDINARY] > 0.5
    assert all(each.weight < SIGN for each in reading.evidence)


def test_an_ordinary_picture_costs_no_more_than_the_gate(reader: PictureReader) -> None:
    assert reader.read("room.jpg", encoded(scene())).stages == ("decode", "gate")


def test_a_suspected_listing_is_looked_at_closely(reader: PictureReader) -> None:
    stages = reader.read("room.jpg", encoded(scene()), is_suspected=True).stages
    assert {"faces", "documents", "codes"} <= set(stages)


@pytest.mark.parametrize("content", [b"", b"nothing", b"<svg xmlns='x'/>"])
def test_what_is_no_picture_is_a_reading_with_a_reason(
    reader: PictureReader, content: bytes
) -> None:
    reading = reader.read("x", content)
    assert reading.refused
    assert len(reading.digest) == 64
    assert not reading.evidence


def test_an_advert_is_read_and_assessed(reader: PictureReader) -> None:
    lines = ("selling KYC bypass face video", "face id bundle 300 per set", "telegram @someone99")
    reading = reader.read("price.png", encoded(advert(lines), "PNG"))
    assert "text" in reading.stages
    assert reading.said is not None
    assert reading.said.score > 0.5
    assert reading.classes[PictureClass.ADVERT_TEXT] == reading.said.score
    found = [each for each in reading.evidence if each.signal == "text"]
    assert found
    assert all(each.boxes for each in found)


def test_what_was_read_is_not_in_what_is_printed(reader: PictureReader) -> None:
    """A reading ends in logs and tables; the text of a picture must not."""
    reading = reader.read(
        "a.png", encoded(advert(("face id bundle", "138 0013 8000 abcxyz"))), is_suspected=True
    )
    assert "8000" in reading.text
    assert "8000" not in repr(reading)
    assert "abcxyz" not in repr(reading)


def test_without_a_cascade_no_text_is_read() -> None:
    with PictureReader() as reader:
        stages = reader.read(
            "a", encoded(advert(("face id bundle", "300"))), is_suspected=True
        ).stages
    assert "text" not in stages


def test_the_trained_classifier_adds_its_classes() -> None:
    with PictureReader(classifier=Certain(PictureClass.TOOL_SCREENSHOT)) as reader:
        reading = reader.read("tool.png", encoded(scene(), "PNG"), is_suspected=True)
    (found,) = [each for each in reading.evidence if each.signal == "classifier"]
    assert found.category is Category.PHOTO_ANIMATION_TOOL
    assert reading.classes[PictureClass.TOOL_SCREENSHOT] == 0.95


def test_a_known_picture_is_named_with_its_distance() -> None:
    noise = np.random.default_rng(6).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    pixels = np.kron(noise, np.ones((40, 40, 1), np.uint8)).astype(np.uint8)
    bank = Bank([(fingerprint(pixels).value, "bad", "case 7")])
    with PictureReader(bank=lambda: bank) as reader:
        reading = reader.read("x", Picture(pixels, 320, 320, "PNG", "0" * 64))
    (found,) = [each for each in reading.evidence if each.signal == "known"]
    assert (found.term, found.category) == ("known_bad", Category.FACE_ID_BUNDLE)
    assert found.why == "known as bad: 0 of 256 bits from case 7"
    assert reading.classes[PictureClass.ORDINARY] == 0.0


def test_a_card_is_never_called_the_same_card() -> None:
    """Cards of one layout lie as close together as copies of one photo."""
    content = encoded(lying_card())
    with PictureReader() as plain:
        picture = plain.decode(content)
    assert isinstance(picture, Picture)
    bank = Bank([(fingerprint(picture.pixels).value, "bad", "case 8")])
    with PictureReader(bank=lambda: bank) as reader:
        reading = reader.read("x", content, is_suspected=True)
    (found,) = [each for each in reading.evidence if each.signal == "known"]
    assert found.term == "card_layout"
    assert "not the same card" in found.why


def test_a_listing_is_joined_with_its_pictures(assessor: Assessor, reader: PictureReader) -> None:
    text = assessor.assess(Listing("全新手机壳 包邮"))
    joined = assessor.join(text, [reader.read("a", encoded(held_card()))])
    assert joined.score > text.score
    assert joined.pictures
    assert joined.stages[-1] == "pictures"
    assert assessor.join(text, []) is text
