"""PDQ: as published, in eight turns; banks; cards of one layout."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from classifiers.images.known import MATCH, Bank, BankError, fingerprint, read_entries, turns
from classifiers.images.picture import Pixels
from tests.pictures import scene


def textured(seed: int, width: int = 400, height: int = 300) -> Pixels:
    """A picture with detail at all scales, the same on every machine."""
    chance = np.random.default_rng(seed)
    layers = [
        Image.fromarray(chance.integers(0, 255, (rows, rows, 3), dtype=np.uint8)).resize(
            (width, height), Image.Resampling.BILINEAR
        )
        for rows in (3, 7, 15)
    ]
    return np.mean([np.asarray(layer) for layer in layers], axis=0).astype(np.uint8)


def apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


REFERENCE = {
    (1, 400, 300): "923e8a6a6dc1655b6df090d38ea0d7b2cf999a7081fc5e8a03cf7dc98a958915",
    (2, 400, 300): "7cb5ffed874a6a7e74d161c26d2a92b16fa0df0b3103991e7d65022a8c26245b",
    (3, 512, 384): "6db8920392456b20993b85169f956b298e528b347baf689d73db9782b0fa703e",
    (4, 173, 301): "8f38004030c3997d7b534bb4090c64179fecdab49e5b25dd6f33b711778d8a9c",
    (5, 511, 97): "3400edb88bffc93d8b8d726f64fd6ad4992f67c3903c6187c98e6311988189d3",
}
"""Of `textured(seed, width, height)`, by the published implementation (pdqhash 0.2.8)."""


@pytest.mark.parametrize(("made", "expected"), REFERENCE.items())
def test_fingerprints_are_those_that_others_compute(
    made: tuple[int, int, int], expected: str
) -> None:
    """So banks can be shared; a few bits may flip where Pillow scales otherwise."""
    assert apart(fingerprint(textured(*made)).value, expected) <= 4


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarter", range(4))
def test_a_turned_copy_is_found(quarter: int, mirrored: bool) -> None:
    original = textured(1)
    bank = Bank([(fingerprint(original).value, "bad", "seen before")])
    copy = original[:, ::-1] if mirrored else original
    match = bank.nearest(turns(np.ascontiguousarray(np.rot90(copy, quarter))))
    assert match is not None
    assert (match.label, match.name, match.distance) == ("bad", "seen before", 0)


def test_a_smaller_darker_copy_is_found_and_another_picture_is_not() -> None:
    original = textured(1)
    bank = Bank([(fingerprint(original).value, "good", "ours")])
    small = Image.fromarray((original * 0.8).astype(np.uint8)).resize((200, 150))
    match = bank.nearest([fingerprint(np.asarray(small))])
    assert match is not None
    assert 0 <= match.distance <= MATCH
    assert bank.nearest(turns(textured(2))) is None


def test_a_picture_too_plain_matches_nothing() -> None:
    plain = fingerprint(np.asarray(scene()))
    assert not plain.is_good
    assert Bank([(plain.value, "bad", "a wall")]).nearest([plain]) is None


def test_an_empty_bank_matches_nothing() -> None:
    assert Bank(read_entries(["", "# nothing yet"])).nearest(turns(textured(1))) is None


def test_bad_wins_a_tie() -> None:
    value = fingerprint(textured(1)).value
    match = Bank([(value, "good", "a"), (value, "bad", "b")]).nearest(turns(textured(1)))
    assert match is not None
    assert match.label == "bad"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("f" * 64, "line 2: needs fingerprint, label and name"),
        ("f" * 63 + " bad x", "64 hexadecimal digits"),
        ("g" * 64 + " bad x", "64 hexadecimal digits"),
        ("f" * 64 + " ugly x", "neither bad nor good"),
    ],
)
def test_a_broken_line_of_a_bank_is_named(line: str, told: str) -> None:
    with pytest.raises(BankError, match=told):
        Bank(read_entries(["# a bank", line]))
