"""Text and pictures together: one decision that says what each of them added.

Rules with weights in log-odds, set by hand until rows with pictures are there to fit them
on. They follow four thoughts:

- A picture that shows the trade counts whatever the text says: sellers write a harmless
  title over it. So a text without signs is no evidence against it, only a doubtful start.
- Text in a picture is text: what the cascade says about it counts almost in full.
- Each further reason adds half of the one before, whether another detector sees the same
  picture so or another picture shows it too. One detector alone makes no hit.
- Innocent pictures speak against a suspicion, but little, and only when they were read:
  anybody can add a photo of bedding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from classifiers.contract import Category, Evidence, PictureClass, PictureReading

__all__ = ["FUSION_VERSION", "SIGN", "fuse"]

FUSION_VERSION: Final = "pictures-2"
START: Final = -0.6
"""Log-odds from which a picture that shows the trade starts under a text without signs.

With `SIGN` chosen on rendered pictures and photos (`benchmarks.picture_decisions`, the part for
choosing): so that two detectors that agree make a hit, and 3 % of hard ordinary pictures wait for
a person."""
SIGN: Final = 2.0
"""A picture shows the trade from this weight on; less only adds to a suspicion."""
READ_LEAST: Final = -2.0
"""Log-odds from which text in a picture counts."""
READ_LOSS: Final = 0.3
"""Log-odds that text read from a picture loses: some of it is read wrongly."""
FADE: Final = 0.5
MOST: Final = 5.0
"""Log-odds that pictures add at most."""
INNOCENT: Final = -0.4
INNOCENT_MOST: Final = -1.0
"""Log-odds for each picture read without signs, and for all of them."""
KNOWN_GOOD: Final = "known_good"
EXTREME: Final = 9.0
ORDINARY_SURE: Final = 0.5
SIGNAL: Final = "picture"


def fuse(
    text: Mapping[Category, float], readings: Sequence[PictureReading]
) -> tuple[dict[Category, float], tuple[Evidence, ...]]:
    """Categories with the pictures weighed in, and the reasons for the difference.

    Args:
        text: probability of each category by the text alone.
        readings: of the listing's pictures; refused ones say nothing for or against.

    Returns:
        Probability of each category, and evidence without a place in the text, strongest
        first; it names pictures by their number, from 1.
    """
    odds = {category: _logit(chance) for category, chance in text.items()}
    reasons: list[Evidence] = []
    _weigh_wording(odds, readings, reasons)
    shown = _weigh_signs(odds, readings, reasons)
    if not shown and not reasons:
        _weigh_innocence(odds, readings, reasons)
    chances = {category: _chance(value) for category, value in odds.items()}
    return chances, tuple(sorted(reasons, key=lambda each: -abs(each.weight)))


def _weigh_wording(
    odds: dict[Category, float], readings: Sequence[PictureReading], reasons: list[Evidence]
) -> None:
    """Text in a picture counts where it says more than the listing's text."""
    for number, reading in enumerate(readings, start=1):
        if reading.said is None:
            continue
        for category, chance in reading.said.categories.items():
            read = _logit(chance) - READ_LOSS
            gain = read - odds[category]
            if read > READ_LEAST and gain > 0:
                odds[category] = read
                why = f"text in picture {number} offers it"
                reasons.append(_reason(PictureClass.ADVERT_TEXT, why, gain, category))


def _weigh_signs(
    odds: dict[Category, float], readings: Sequence[PictureReading], reasons: list[Evidence]
) -> bool:
    """What pictures show; whether any of it is a sign of the trade."""
    added: dict[Category, list[tuple[float, int, str, str]]] = {}
    for number, reading in enumerate(readings, start=1):
        for category, weight, term, why in _strongest(reading):
            added.setdefault(category, []).append((weight, number, term, why))
    lead = max(odds, key=lambda category: odds[category])
    has_sign = False
    for category, found in added.items():
        found.sort(reverse=True)
        is_sign = found[0][0] >= SIGN
        has_sign |= is_sign
        if is_sign:
            odds[category] = max(odds[category], START, odds[lead])
        total = 0.0
        for place, (weight, number, term, why) in enumerate(found):
            share = min(weight * FADE**place, MOST - total)
            if share <= 0:
                break
            total += share
            reasons.append(_reason(term, f"picture {number}: {why}", share, category))
        odds[category] += total
    return has_sign


def _strongest(reading: PictureReading) -> list[tuple[Category, float, str, str]]:
    """The strongest reason of each signal for each category; none from a picture known as good."""
    best: dict[tuple[Category, str], tuple[float, str, str]] = {}
    for each in reading.evidence:
        if each.term == KNOWN_GOOD:
            return []
        if each.category is not None and each.weight > 0:
            found = (each.weight, each.term, each.why)
            key = (each.category, each.signal)
            best[key] = max(best.get(key, found), found)
    return [(category, *found) for (category, _), found in best.items()]


def _weigh_innocence(
    odds: dict[Category, float], readings: Sequence[PictureReading], reasons: list[Evidence]
) -> None:
    innocent = [
        reading
        for reading in readings
        if reading.refused is None
        and reading.classes.get(PictureClass.ORDINARY, 0.0) >= ORDINARY_SURE
    ]
    if not innocent:
        return
    loss = max(INNOCENT_MOST, INNOCENT * len(innocent))
    for category in odds:
        odds[category] += loss
    count = len(innocent)
    why = f"{count} pictures show ordinary things"
    if count == 1:
        why = "1 picture shows ordinary things"
    reasons.append(_reason(PictureClass.ORDINARY, why, loss, None))


def _reason(term: str, why: str, weight: float, category: Category | None) -> Evidence:
    return Evidence(SIGNAL, str(term), 0, 0, why, weight, category)


def _logit(chance: float) -> float:
    if chance <= 0 or chance >= 1:
        return math.copysign(EXTREME, chance - 0.5)
    return max(-EXTREME, min(EXTREME, math.log(chance / (1 - chance))))


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
