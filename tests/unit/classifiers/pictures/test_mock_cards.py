"""No card that a renderer draws could serve as a forgery, and what it records is true."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from classifiers.text.identifiers import is_bank_card, is_id_number
from classifiers.training.pictures.cards import LARGEST, STYLES, draw_card
from classifiers.training.pictures.material import Material, Split
from classifiers.training.pictures.pens import specimen
from classifiers.training.pictures.people import (
    CHINESE_FIRST,
    CHINESE_LAST,
    LATIN_FIRST,
    LATIN_LAST,
    bank_number,
    faults_of,
    invented_person,
)
from classifiers.training.pictures.renderers import RENDERERS
from classifiers.training.pictures.sampling import Order, Sample, make
from classifiers.training.pictures.scene import Mark, Quad, Scene, Subject

ALL_FAULTS = {"area", "date", "check"}


def _is_specimen(mark: Mark) -> bool:
    return "SPECIMEN" in mark.text.replace(" ", "")


def _holds(quad: Quad, point: np.ndarray) -> bool:
    """Whether a point lies inside a convex quad."""
    edges = np.roll(quad, -1, axis=0) - quad
    to_point = point - quad
    cross = edges[:, 0] * to_point[:, 1] - edges[:, 1] * to_point[:, 0]
    return bool((cross >= 0).all() or (cross <= 0).all())


def _assert_harmless(sample: Sample) -> None:
    cards = [mark for mark in sample.marks if mark.subject is Subject.CARD]
    texts = [mark for mark in sample.marks if mark.subject is Subject.TEXT]
    assert len(sample.people) == len(cards)
    for person in sample.people:
        assert faults_of(person.number) == ALL_FAULTS
    for card in cards:
        assert card.longest_side <= LARGEST + 0.1
        assert any(
            _is_specimen(text) and _holds(card.quad, text.quad.mean(axis=0)) for text in texts
        )
    for text in texts:
        digits = text.text.replace(" ", "")
        assert not is_id_number(digits)
        assert not is_bank_card(digits)


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.name)
def test_a_renderer_shows_only_cards_that_are_small_marked_and_impossible(renderer) -> None:
    for split in Split:
        sample = make(Order(renderer.name, 3, split))
        _assert_harmless(sample)
        assert max(sample.image.size) <= 640


@pytest.mark.parametrize("split", list(Split))
def test_every_style_of_card_is_marked_and_shows_an_impossible_number(split: Split) -> None:
    for style in STYLES[split]:
        for seed in range(6):
            card = draw_card(Material(), split, random.Random(seed), style)
            assert max(card.size) <= LARGEST
            (mark,) = card.over(Subject.CARD)
            assert mark.text == style
            assert sum(_is_specimen(text) for text in card.over(Subject.TEXT)) == 1
            (person,) = card.people
            written = [text.text for text in card.over(Subject.TEXT)]
            assert not any(is_id_number(text) for text in written)
            assert faults_of(person.number) == ALL_FAULTS


def test_the_word_specimen_is_really_drawn_over_most_of_a_card() -> None:
    for seed in range(20):
        scene = Scene(Image.new("RGB", (300, 190), "white"))
        specimen(scene, random.Random(seed))
        (mark,) = scene.marks
        left, _, right, _ = mark.box
        assert right - left > 0.4 * 300
        changed = (np.asarray(scene.image) < 250).any(axis=2)
        columns = np.flatnonzero(changed.any(axis=0))
        # Ink where the mark says, and as wide as it says.
        assert columns.min() == pytest.approx(left, abs=12)
        assert columns.max() == pytest.approx(right, abs=12)


def test_invented_people_are_absurd_and_differ() -> None:
    rng = random.Random(3)
    people = [invented_person(rng) for _ in range(500)]
    assert len({person.number for person in people}) > 495
    for person in people:
        assert faults_of(person.number) == ALL_FAULTS
        assert any(person.name == first + last for first in CHINESE_FIRST for last in CHINESE_LAST)
        first, last = person.latin_name.split(" ")
        assert first in LATIN_FIRST
        assert last in LATIN_LAST


def test_faults_are_told_apart() -> None:
    # Right check digit, but area and month that are none; then each put right by itself.
    assert faults_of("000000199013010019") >= {"area", "date"}
    assert "area" not in faults_of("110000199013010019")
    assert "date" not in faults_of("000000199001010019")
    checks = ["check" in faults_of("00000019901301001" + digit) for digit in "0123456789X"]
    assert checks.count(False) == 1


def test_bank_numbers_belong_to_no_scheme_and_fail_the_check() -> None:
    rng = random.Random(5)
    for _ in range(500):
        digits = bank_number(rng).replace(" ", "")
        assert len(digits) == 16
        # Not even with another first digit in its place would the check hold by accident.
        assert digits[0] == "0"
        assert not is_bank_card(digits)
