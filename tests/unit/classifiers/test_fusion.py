"""Text and pictures together: what raises a score, what lowers it, and how far."""

from __future__ import annotations

import math

import pytest

from classifiers.assess import Assessor, Thresholds
from classifiers.contract import (
    Category,
    Decision,
    Listing,
    PictureClass,
    PictureEvidence,
    PictureReading,
)
from classifiers.fusion import fuse
from classifiers.images.cards import WEIGHTS
from classifiers.images.reading import CLASS_WEIGHTS, KNOWN_WEIGHTS

BUNDLE = Category.FACE_ID_BUNDLE
CLEAN = dict.fromkeys(Category, 0.001)
LIMITS = Thresholds()
ASSESSOR = Assessor()


def dirty(chance: float) -> dict[Category, float]:
    return CLEAN | {BUNDLE: chance}


def shows(weight: float, *, signal: str = "documents", term: str = "held_id") -> PictureReading:
    evidence = PictureEvidence(signal, term, "a card", weight, category=BUNDLE)
    return PictureReading("x", classes={PictureClass.ORDINARY: 0.2}, evidence=(evidence,))


def bundle(text: dict[Category, float], *readings: PictureReading) -> float:
    return fuse(text, readings)[0][BUNDLE]


ORDINARY = PictureReading("x", classes={PictureClass.ORDINARY: 1.0})
REFUSED = PictureReading("x", refused="truncated")


def test_a_clean_title_over_a_held_card_goes_to_review() -> None:
    assert LIMITS.review <= bundle(CLEAN, shows(2.6)) < LIMITS.hit


def test_two_detectors_that_agree_make_a_hit_and_one_alone_does_not() -> None:
    strongest = max(*CLASS_WEIGHTS.values(), *WEIGHTS.values(), KNOWN_WEIGHTS["bad"])
    assert bundle(CLEAN, shows(strongest, signal="classifier")) < LIMITS.hit
    evidence = (*shows(2.4, signal="classifier").evidence, *shows(1.8).evidence)
    both = PictureReading("x", evidence=evidence)
    assert bundle(CLEAN, both) >= LIMITS.hit


def test_many_pictures_of_one_thing_are_hardly_more_than_a_few() -> None:
    few, many = bundle(CLEAN, *[shows(2.0)] * 4), bundle(CLEAN, *[shows(2.0)] * 400)
    assert bundle(CLEAN, shows(2.0)) < few
    assert abs(many - few) < 0.1


def test_innocent_pictures_lower_a_suspicion_a_little() -> None:
    one, many = bundle(dirty(0.93), ORDINARY), bundle(dirty(0.93), *[ORDINARY] * 50)
    assert 0.93 > one > many
    assert many > 0.8


def test_a_plain_offer_stays_a_hit_under_bedding_photos() -> None:
    """Anybody can add photos of bedding."""
    text = ASSESSOR.assess(Listing("出人脸四件套 正反手持 20一套 现货 懂的来"))
    assert text.decision is Decision.HIT
    assert ASSESSOR.join(text, [ORDINARY] * 20).decision is Decision.HIT


def test_pictures_that_were_not_read_say_nothing() -> None:
    assert bundle(dirty(0.7), REFUSED, REFUSED) == pytest.approx(0.7)


def test_a_picture_known_as_good_is_no_sign_whatever_detectors_say() -> None:
    known = PictureEvidence("known", "known_good", "ours", -2.0)
    reading = PictureReading("x", evidence=(*shows(2.6).evidence, known))
    assert bundle(CLEAN, reading) == pytest.approx(0.001)


def test_an_advert_in_a_picture_counts_like_text() -> None:
    said = ASSESSOR.assess(Listing("出人脸四件套 正反手持 20一套 现货 懂的来"))
    assert said.decision is Decision.HIT
    text = ASSESSOR.assess(Listing("全新手机壳 包邮"))
    joined = ASSESSOR.join(text, [PictureReading("x", said=said)])
    assert joined.decision is Decision.HIT
    assert "text in picture 1" in joined.evidence[0].why


def test_the_reasons_add_up_to_the_difference() -> None:
    chances, reasons = fuse(dirty(0.5), [shows(2.0), shows(1.0)])
    gained = math.log(chances[BUNDLE] / (1 - chances[BUNDLE]))
    assert gained == pytest.approx(sum(reason.weight for reason in reasons))
    assert [reason.why for reason in reasons] == ["picture 1: a card", "picture 2: a card"]
    assert all(reason.start == reason.end == 0 for reason in reasons)


@pytest.mark.parametrize("chance", [0.0, 1.0, 0.5])
def test_extremes_stay_probabilities(chance: float) -> None:
    for readings in ([shows(5.0)] * 30, [ORDINARY] * 30, [REFUSED]):
        chances, _ = fuse(dict.fromkeys(Category, chance), readings)
        assert all(0 <= each <= 1 for each in chances.values())
