"""Every distinct text is assessed once, and everything is computed from that.

Time is taken on the way: one text after the other, in one thread.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.assess import Assessor
from classifiers.contract import Assessment, Category, Decision, Intent, Listing
from classifiers.evaluation.figures import Share, percentiles, share_of
from classifiers.text.redact import redact

__all__ = ["Bands", "Cost", "Judge", "Judged", "bands_of", "cost_of", "show"]

CATEGORIES: Final = tuple(Category)
SHOWN_CHARS: Final = 240
TIMED_CHARS: Final = 600
"""Percentiles of the time of one text are of texts up to this length."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is kept of one assessment.

    Attributes:
        score: probability of an offer.
        decision: the band.
        category: the most probable one.
        probability: of each category, in the order of `Category`.
        intent: the most likely one.
        stages: that had a say, as in `Assessment.stages`.
        seconds: that it took.
        chars: length of the text.
    """

    score: float
    decision: Decision
    category: Category
    probability: tuple[float, ...]
    intent: Intent
    stages: tuple[str, ...]
    seconds: float
    chars: int

    @property
    def is_hit(self) -> bool:
        """Whether it would be a hit."""
        return self.decision is Decision.HIT

    @property
    def is_flagged(self) -> bool:
        """Whether it would be a hit or reviewed."""
        return self.decision is not Decision.CLEAR

    def probability_of(self, category: Category) -> float:
        """Of an offer in that category."""
        return self.probability[CATEGORIES.index(category)]


class Judge:
    """Assesses texts and remembers what it said.

    Args:
        assessor: decides.
        on_text: is told after each new text how many there were.
    """

    def __init__(self, assessor: Assessor, on_text: Callable[[int], None] = lambda _: None) -> None:
        self._assessor = assessor
        self._on_text = on_text
        self._known: dict[str, Judged] = {}

    @property
    def version(self) -> Mapping[str, str]:
        """Of everything that takes part."""
        return self._assessor.version

    def assess(self, text: str) -> Assessment:
        """The whole assessment, made anew."""
        return self._assessor.assess(Listing(text))

    def judge(self, text: str) -> Judged:
        """What it says about a text."""
        known = self._known.get(text)
        if known is None:
            started = time.perf_counter()
            found = self.assess(text)
            seconds = time.perf_counter() - started
            known = self._known[text] = Judged(
                score=found.score,
                decision=found.decision,
                category=found.top_category,
                probability=tuple(found.categories[category] for category in CATEGORIES),
                intent=found.intent,
                stages=found.stages,
                seconds=seconds,
                chars=len(text),
            )
            self._on_text(len(self._known))
        return known

    def judge_all(self, texts: Iterable[str]) -> list[Judged]:
        """What it says about each text."""
        return [self.judge(text) for text in texts]


@dataclass(frozen=True, slots=True)
class Bands:
    """How many of some texts are hits, and how many are flagged at all.

    Attributes:
        name: of the texts.
        hit: decided ``hit``.
        flagged: decided ``hit`` or ``review``.
    """

    name: str
    hit: Share
    flagged: Share


def bands_of(name: str, judged: Sequence[Judged]) -> Bands:
    """Count them."""
    return Bands(
        name,
        share_of(sum(each.is_hit for each in judged), len(judged)),
        share_of(sum(each.is_flagged for each in judged), len(judged)),
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What judging some texts cost, and how far they went.

    Attributes:
        name: of the texts.
        n: distinct texts.
        rules: those in which rules had a say.
        encoder: those that the encoder was asked about.
        texts_per_s: in one thread.
        timed: texts of at most `TIMED_CHARS` characters, which the percentiles are of.
        p50_ms: median time of one text.
        p95_ms: 95th percentile.
        p99_ms: 99th percentile.
    """

    name: str
    n: int
    rules: Share
    encoder: Share
    texts_per_s: float | None
    timed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


def cost_of(name: str, judged: Sequence[Judged]) -> Cost:
    """Add it up."""
    total = sum(each.seconds for each in judged)
    timed = [1000 * each.seconds for each in judged if each.chars <= TIMED_CHARS]
    p50, p95, p99 = percentiles(timed, (50, 95, 99))
    return Cost(
        name=name,
        n=len(judged),
        rules=share_of(sum("rules" in each.stages for each in judged), len(judged)),
        encoder=share_of(sum("encoder" in each.stages for each in judged), len(judged)),
        texts_per_s=len(judged) / total if total else None,
        timed=len(timed),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


def show(text: str, assessment: Assessment | None = None) -> str:
    """A text for people: contacts and identifiers masked, hidden characters named, cut.

    Args:
        text: as it was assessed.
        assessment: says what to mask; None where there is nothing of the kind.
    """
    if assessment:
        text = redact(text, assessment.contacts, assessment.identifiers)
    cut = text[:SHOWN_CHARS].replace("\n", " / ")
    named = (
        f"⟨{ord(char):04X}⟩" if unicodedata.category(char).startswith("C") else char for char in cut
    )
    return "".join(named) + ("…" if len(text) > SHOWN_CHARS else "")
