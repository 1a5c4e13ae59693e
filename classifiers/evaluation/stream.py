"""The polled stream: a simulation of what search results for sellers' words really hold.

For each word of the vocabulary that is worth searching, a page of `PAGE` listings:

- A share drawn evenly from `LOOK_ALIKE_SHARES` are look-alikes: harmless rows that sell
  something ("labelled shops"), and ordinary texts. A marketplace's search is fuzzy, so
  those come that share most with the word: two points for each pair of neighbouring
  characters (Latin: each word) that occurs in the text, one for each character, by the
  number there could be, plus up to `NOISE` at random. At least `RESEMBLES` points without
  the noise are needed; where too few texts have them, the labelled shops next in rank
  fill the page.
- Of the rest, `OFFERS` of the shares are offers of the word's category in its language
  (`DISGUISED` of them by an operator drawn at random), `TALK_SHARE` talk, forms and
  refusals found by the same search, the others neighbouring abuse. Where there is none of
  a sort, its places go to the offers; where the category has no offer, the page has none.

Precision is also given over the same pages with labelled shops as the only look-alikes.

Limits: rows repeat over keywords, since there are more places than rows, so intervals
come from drawing keywords anew and from drawing distinct texts anew, whichever is wider,
and every share is also given over distinct texts; real pages also hold other shops of the same seller and adverts; and the share of offers is
assumed, not measured. The figures compare models, and say what a reviewer's day could be.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from classifiers.contract import Category
from classifiers.evaluation.disguised import any_disguise
from classifiers.evaluation.figures import Estimate, Share, share_of, widest_ratio
from classifiers.evaluation.judging import Judge, Judged
from classifiers.evaluation.rows import LOOK_ALIKES, TALK, LabelledRow, OrdinaryText
from classifiers.lexicon import StarterKeyword
from classifiers.training.augment import Tables

__all__ = ["Entry", "Page", "Role", "StreamFigures", "make_stream", "measure_stream"]

PAGE: Final = 40
LOOK_ALIKE_SHARES: Final = (0.50, 0.98)
NOISE: Final = 0.6
RESEMBLES: Final = 1.0
ROUNDING: Final = 1e-9
OFFERS: Final = 0.7
TALK_SHARE: Final = 0.2
DISGUISED: Final = 0.2
AFFORDED: Final = 20
"""Reviews per 1,000 listings that a team is taken to afford."""

LATIN_WORD: Final = re.compile(r"[a-z0-9]+")


class Role(StrEnum):
    """What a listing of the stream is."""

    OFFER = "offer"
    SHOP = "labelled_shop"
    ORDINARY = "ordinary_text"
    TALK = "talk"
    ADJACENT = "adjacent"


@dataclass(frozen=True, slots=True)
class Entry:
    """One listing on a page."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Page:
    """What a keyword brings."""

    keyword: StarterKeyword
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class GroupPrecision:
    """Precision at `hit` over the pages of one category's keywords.

    Attributes:
        category: the group.
        keywords: in it.
        listings: offers among hits, by listing.
        distinct: the same over distinct texts.
    """

    category: Category
    keywords: int
    listings: Estimate
    distinct: Share


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """What a reviewer of the stream lives with.

    Neighbouring abuse is neither right nor wrong as a hit; to be reviewed it takes time.
    Hits are not counted as reviews, here as everywhere.

    Attributes:
        keywords: pages.
        listings: on them.
        distinct: different texts on them.
        roles: listings of each role.
        shops: labelled shops among the look-alikes; the others are ordinary texts.
        precision: offers among hits.
        shops_precision: the same where all look-alikes are labelled shops.
        recall_hit: hits among offers.
        recall: hits and reviews among offers.
        reviews: listings for review per 1,000.
        minutes: minutes of review per 1,000 listings.
        distinct_precision: offers among distinct texts that are hits.
        distinct_shops_precision: the same where all look-alikes are labelled shops.
        distinct_recall_hit: hits among distinct offers.
        distinct_recall: hits and reviews among distinct offers.
        groups: precision by the keywords' category.
        afforded_from: lowest review threshold that brings no more than `AFFORDED` reviews
            per 1,000 listings.
        afforded_recall: recall of hits and reviews with it.
    """

    keywords: int
    listings: int
    distinct: int
    roles: Mapping[str, int]
    shops: Share
    precision: Estimate
    shops_precision: Estimate
    recall_hit: Estimate
    recall: Estimate
    reviews: Estimate
    minutes: Estimate
    distinct_precision: Share
    distinct_shops_precision: Share
    distinct_recall_hit: Share
    distinct_recall: Share
    groups: tuple[GroupPrecision, ...]
    afforded_from: float | None
    afforded_recall: float | None


def _pieces(text: str) -> tuple[set[str], set[str]]:
    """Pairs of neighbouring Chinese characters and Latin words; single Chinese characters."""
    lowered = text.lower()
    words = set(LATIN_WORD.findall(lowered))
    chars = [char for char in lowered if char > "\u2e7f"]
    runs = "".join(char if char > "\u2e7f" else " " for char in lowered)
    pairs = {runs[at : at + 2] for at in range(len(runs) - 1) if " " not in runs[at : at + 2]}
    return pairs | words, set(chars)


class Search:
    """A marketplace's fuzzy search over some texts.

    Args:
        texts: that it can find.
        keywords: that it will be asked for; only their pieces are indexed.
    """

    def __init__(self, texts: Sequence[str], keywords: Iterable[str]) -> None:
        self._texts = texts
        asked = [_pieces(keyword) for keyword in keywords]
        wanted = [set().union(*(each[size] for each in asked)) for size in (0, 1)]
        places: tuple[dict[str, list[int]], ...] = ({}, {})
        for at, text in enumerate(texts):
            for size, found in enumerate(_pieces(text)):
                for piece in found & wanted[size]:
                    places[size].setdefault(piece, []).append(at)
        self._places = [{piece: np.array(at) for piece, at in size.items()} for size in places]

    def rank(self, keyword: str) -> Any:
        """Points of each text, 0 to 3."""
        points = np.zeros(len(self._texts))
        for known, pieces, worth in zip(self._places, _pieces(keyword), (2.0, 1.0), strict=True):
            for piece in pieces:
                if piece in known:
                    points[known[piece]] += worth / len(pieces)
        return points

    def places(self, keyword: str, count: int, dice: random.Random, *, fill_from: int) -> list[int]:
        """Places of the best texts that resemble the word, with some noise.

        Args:
            keyword: asked for.
            count: of places wanted.
            dice: for the noise.
            fill_from: how many of the first texts may fill the places that are left.
        """
        if not self._texts:
            return []
        points = self.rank(keyword)
        noise = np.random.default_rng(dice.getrandbits(32)).random(len(self._texts))
        order = np.argsort(-(points + NOISE * noise), kind="stable")
        resembles = points[order] >= RESEMBLES - ROUNDING
        best = [int(at) for at in order[resembles][:count]]
        others = [int(at) for at in order[~resembles] if at < fill_from]
        return best + others[: count - len(best)]

    def find(self, keyword: str, count: int, dice: random.Random) -> list[str]:
        """The best `count` texts, whether they resemble the word or not; fewer if need be."""
        places = self.places(keyword, count, dice, fill_from=len(self._texts))
        return [self._texts[at] for at in places]


def make_stream(
    rows: Sequence[LabelledRow],
    ordinary: Sequence[OrdinaryText],
    keywords: Iterable[StarterKeyword],
    tables: Tables,
    seed: int,
) -> list[Page]:
    """Draw the pages; the same seed and material give the same ones.

    Args:
        rows: labelled, none of which a model learned from.
        ordinary: harmless texts, the same; without them labelled shops are the only
            look-alikes, and all else stays as it is.
        keywords: those not worth searching are left out.
        tables: for the disguised offers.
        seed: of everything random.
    """
    searched = [keyword for keyword in keywords if keyword.search]
    terms = [keyword.term for keyword in searched]
    harmless = [row for row in rows if row.label == "benign"]
    shops = [row.text for row in harmless if row.group == LOOK_ALIKES]
    alike = [*shops, *(text.text for text in ordinary)]
    look_alikes = Search(alike, terms)
    talk = Search([row.text for row in harmless if row.group == TALK], terms)
    adjacent = Search([row.text for row in rows if row.label == "adjacent"], terms)
    offers: dict[tuple[Category | None, str], list[str]] = {}
    for row in rows:
        if row.is_offer:
            offers.setdefault((row.category, row.language), []).append(row.text)
    pages = []
    for keyword in searched:
        dice = random.Random(f"{seed}/{keyword.term}")
        count = round(PAGE * dice.uniform(*LOOK_ALIKE_SHARES))
        rest = PAGE - count
        entries = [
            *(
                Entry(alike[at], Role.SHOP if at < len(shops) else Role.ORDINARY)
                for at in look_alikes.places(keyword.term, count, dice, fill_from=len(shops))
            ),
            *(
                Entry(text, Role.TALK)
                for text in talk.find(keyword.term, round(rest * TALK_SHARE), dice)
            ),
            *(
                Entry(text, Role.ADJACENT)
                for text in adjacent.find(
                    keyword.term, round(rest * (1 - OFFERS - TALK_SHARE)), dice
                )
            ),
        ]
        known = offers.get((keyword.category, keyword.language), [])
        others = sum(entry.role in {Role.TALK, Role.ADJACENT} for entry in entries)
        for text in dice.sample(known, min(len(known), max(0, rest - others))):
            changed = None
            if dice.random() < DISGUISED:
                changed = any_disguise(text, keyword.language, dice, tables)
            entries.append(Entry(changed or text, Role.OFFER))
        dice.shuffle(entries)
        pages.append(Page(keyword, tuple(entries)))
    return pages


Counted = Callable[[Role, Judged], tuple[int, int]]
"""What a listing adds to numerator and denominator of a share."""


def _right_among_hits(role: Role, said: Judged) -> tuple[int, int]:
    is_counted = said.is_hit and role is not Role.ADJACENT
    return is_counted and role is Role.OFFER, is_counted


def _hits_among_offers(role: Role, said: Judged) -> tuple[int, int]:
    return role is Role.OFFER and said.is_hit, role is Role.OFFER


def _flagged_among_offers(role: Role, said: Judged) -> tuple[int, int]:
    return role is Role.OFFER and said.is_flagged, role is Role.OFFER


def _reviews_among_all(_: Role, said: Judged) -> tuple[int, int]:
    return said.is_flagged and not said.is_hit, 1


@dataclass(frozen=True, slots=True)
class _JudgedPages:
    """Pages with what was said about their texts."""

    pages: Sequence[Page]
    judged: Mapping[str, Judged]

    def estimate(self, counted: Counted, seed: int, *, scale: float = 1.0) -> Estimate:
        """By listing; the wider interval of drawing keywords and drawing texts anew."""
        by_page = [self._add(page.entries, counted) for page in self.pages]
        texts: dict[str, list[Entry]] = {}
        for page in self.pages:
            for entry in page.entries:
                texts.setdefault(entry.text, []).append(entry)
        by_text = [self._add(entries, counted) for entries in texts.values()]
        return widest_ratio([by_page, by_text], seed, scale=scale)

    def _add(self, entries: Iterable[Entry], counted: Counted) -> tuple[int, int]:
        pairs = [counted(entry.role, self.judged[entry.text]) for entry in entries]
        return sum(above for above, _ in pairs), sum(below for _, below in pairs)

    def distinct(self, counted: Counted) -> Share:
        """Each text of a role counted once."""
        return share_of(*self._add({e for page in self.pages for e in page.entries}, counted))


def measure_stream(
    pages: Sequence[Page],
    shop_pages: Sequence[Page],
    judge: Judge,
    *,
    minutes_per_review: float,
    seed: int,
) -> StreamFigures:
    """Judge every distinct text once and count.

    Args:
        pages: of `make_stream`.
        shop_pages: the same without ordinary texts.
        judge: decides.
        minutes_per_review: what a review takes.
        seed: of the intervals.
    """
    entries = [entry for page in pages for entry in page.entries]
    everything = [*entries, *(entry for page in shop_pages for entry in page.entries)]
    judged = {text: judge.judge(text) for text in dict.fromkeys(entry.text for entry in everything)}
    all_of_it, shops_only = _JudgedPages(pages, judged), _JudgedPages(shop_pages, judged)
    groups = []
    for category in Category:
        chosen = _JudgedPages([p for p in pages if p.keyword.category is category], judged)
        groups.append(
            GroupPrecision(
                category=category,
                keywords=len(chosen.pages),
                listings=chosen.estimate(_right_among_hits, seed),
                distinct=chosen.distinct(_right_among_hits),
            )
        )
    afforded_from, afforded_recall = _afforded(entries, judged)
    roles = Counter(entry.role for entry in entries)
    return StreamFigures(
        keywords=len(pages),
        listings=len(entries),
        distinct=len({entry.text for entry in entries}),
        roles={role.value: roles[role] for role in Role},
        shops=share_of(roles[Role.SHOP], roles[Role.SHOP] + roles[Role.ORDINARY]),
        precision=all_of_it.estimate(_right_among_hits, seed),
        shops_precision=shops_only.estimate(_right_among_hits, seed),
        recall_hit=all_of_it.estimate(_hits_among_offers, seed),
        recall=all_of_it.estimate(_flagged_among_offers, seed),
        reviews=all_of_it.estimate(_reviews_among_all, seed, scale=1000),
        minutes=all_of_it.estimate(_reviews_among_all, seed, scale=1000 * minutes_per_review),
        distinct_precision=all_of_it.distinct(_right_among_hits),
        distinct_shops_precision=shops_only.distinct(_right_among_hits),
        distinct_recall_hit=all_of_it.distinct(_hits_among_offers),
        distinct_recall=all_of_it.distinct(_flagged_among_offers),
        groups=tuple(groups),
        afforded_from=afforded_from,
        afforded_recall=afforded_recall,
    )


def _afforded(
    entries: Sequence[Entry], judged: Mapping[str, Judged]
) -> tuple[float | None, float | None]:
    """The review threshold that `AFFORDED` reviews pay for, and recall with it."""
    below = sorted((s.score for e in entries if not (s := judged[e.text]).is_hit), reverse=True)
    offers = [judged[entry.text] for entry in entries if entry.role is Role.OFFER]
    most = int(len(entries) * AFFORDED / 1000)
    if not offers:
        return None, None
    # Listings of one score are reviewed together: all of them, or none.
    refused = below[most] if len(below) > most else -1.0
    threshold = min((score for score in below if score > refused), default=None)
    found = sum(said.is_hit or said.score > refused for said in offers)
    return threshold, found / len(offers)
