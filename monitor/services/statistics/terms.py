"""Rising terms: pieces of text that new hits hold more often than the hits before.

Only masked texts are read. A term must stand in hits of several sellers, so that one
seller's own words, an address that no detector knew among them, never become one.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from classifiers.text.redact import CUT
from monitor.pipeline.workspace import Workspace
from monitor.services.statistics.answers import Answer, Term
from monitor.services.statistics.asking import Asked, check_limit, scope_of
from monitor.store import keywords
from monitor.store.verdict_counts import HitText, hit_texts

__all__ = ["log_likelihood", "pieces", "rising_terms"]

USUAL_TIME = timedelta(days=7)
MAX_HITS = 2000
"""Newest hits of each window; more would only sharpen what is clear already."""
MAX_CHARS = 600
LONGEST_HAN = 8
MIN_HITS = 3
MIN_SELLERS = 2
MIN_SCORE = 3.84
"""What a term named beforehand reaches by chance once in twenty times."""
MAX_CANDIDATES = 400
SAME_PHRASE = 0.8

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
MASKED = re.compile(rf"[\w.@+-]*[*{CUT}][\w.@+*{CUT}-]*", re.ASCII)
RUN = re.compile(rf"[{HAN}]{{2,}}")
SPACED_OUT = re.compile(rf"(?<![{HAN}])[{HAN}](?:\s+[{HAN}])+(?![{HAN}])")
"""Single characters with white space between them: one word that was disguised."""
WORD = re.compile(rf"[^\W\d_{HAN}]{{3,24}}")


@dataclass(frozen=True, slots=True)
class _Text:
    """What one seller wrote: runs of Chinese characters, and words of letters."""

    seller: str
    runs: tuple[str, ...]
    words: frozenset[str]

    def of_length(self, length: int) -> Iterator[str]:
        """Chinese pieces of one length, in order, with repetitions."""
        for run in self.runs:
            for start in range(len(run) - length + 1):
                yield run[start : start + length]


def rising_terms(workspace: Workspace, asked: Asked, *, limit: int = 50) -> Answer[Term]:
    """Terms of the hits found in the scope's time against as long a time before it.

    The same words by the same seller count once.

    Args:
        workspace: what is open.
        asked: which hits; without `since`, those of the last seven days.
        limit: most rows, the surest rise first.

    Raises:
        InputError: the question cannot be read.
    """
    check_limit(limit)
    scope = scope_of(workspace, asked, usual=USUAL_TIME)
    earlier = replace(scope, since=scope.since - (scope.until - scope.since), until=scope.since)
    with workspace.database.read() as tx:
        recent = _texts(hit_texts(tx, scope, limit=MAX_HITS))
        before = _texts(hit_texts(tx, earlier, limit=MAX_HITS))
        now = workspace.database.now()
        known = [_fold(word.term) for word in keywords.all_keywords(tx) if word.is_active(now)]
    note = f"{len(recent)} texts, compared with {len(before)} before"
    if not before:
        note = "not shown: no hits before to compare with"
    rows = _rising(recent, before, known) if before else []
    return Answer[Term].over(
        scope, "terms", rows[:limit], note=note, left_out=max(0, len(rows) - limit)
    )


def _texts(found: Iterable[HitText]) -> list[_Text]:
    texts: dict[tuple[str, str], _Text] = {}
    for hit in found:
        # Without a seller, who wrote it is unknown: nobody else did, as far as we know.
        seller = f"s{hit.seller_id}" if hit.seller_id is not None else f"h{hit.hit_id}"
        folded = _fold(hit.text[:MAX_CHARS])
        if (seller, folded) not in texts:
            texts[seller, folded] = _text(seller, folded)
    return list(texts.values())


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _text(seller: str, folded: str) -> _Text:
    shown = MASKED.sub(" | ", folded)
    shown = SPACED_OUT.sub(lambda match: "".join(match.group().split()), shown)
    return _Text(seller, tuple(RUN.findall(shown)), frozenset(WORD.findall(shown)))


def pieces(text: str) -> set[str]:
    """What may become a term: two to eight Chinese characters in a row, words of letters.

    Masked contacts and all digits are left out.

    >>> sorted(pieces("出人脸 KYC 20套 wx: abc***xyz"))
    ['kyc', '人脸', '出人', '出人脸']
    """
    read = _text("", _fold(text))
    lengths = range(2, LONGEST_HAN + 1)
    return {piece for length in lengths for piece in read.of_length(length)} | read.words


def _frequent(texts: Sequence[_Text]) -> Counter[str]:
    """Pieces by the number of texts that hold them, as long as these are enough.

    A long piece is looked for only where both of its shorter ones are frequent: most
    never are, and thousands of texts are counted in about a second.
    """
    words = Counter(word for text in texts for word in text.words)
    frequent = Counter({word: count for word, count in words.items() if count >= MIN_HITS})
    shorter: set[str] | None = None
    for length in range(2, LONGEST_HAN + 1):
        counts: Counter[str] = Counter()
        for text in texts:
            found = set(text.of_length(length))
            if shorter is not None:
                found = {p for p in found if p[:-1] in shorter and p[1:] in shorter}
            counts.update(found)
        enough = {piece: count for piece, count in counts.items() if count >= MIN_HITS}
        frequent.update(enough)
        shorter = set(enough)
        if not shorter:
            break
    return frequent


def _holders(texts: Sequence[_Text], terms: Iterable[str]) -> dict[str, frozenset[int]]:
    """Which texts hold each term."""
    wanted = frozenset(terms)
    lengths = sorted({len(term) for term in wanted})
    held: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        found = {piece for length in lengths for piece in text.of_length(length)} | text.words
        for term in found & wanted:
            held[term].append(place)
    return {term: frozenset(held[term]) for term in wanted}


def _rising(recent: Sequence[_Text], before: Sequence[_Text], known: Sequence[str]) -> list[Term]:
    now_in = _frequent(recent)
    then_in = {term: len(held) for term, held in _holders(before, now_in).items()}
    scores = {
        term: log_likelihood(count, len(recent), then_in[term], len(before))
        for term, count in now_in.items()
        if count * len(before) > then_in[term] * len(recent)
    }
    sure = [term for term, score in scores.items() if score >= MIN_SCORE]
    sure.sort(key=lambda term: (-scores[term], -len(term), term))
    candidates = sure[:MAX_CANDIDATES]
    holders = _holders(recent, candidates)
    sellers = {term: len({recent[at].seller for at in holders[term]}) for term in candidates}
    chosen = [term for term in candidates if sellers[term] >= MIN_SELLERS]
    return [
        Term(
            term=term,
            hits=now_in[term],
            sellers=sellers[term],
            hits_before=then_in[term],
            score=round(scores[term], 2),
            is_keyword=any(term in word for word in known),
        )
        for term in _whole_phrases(chosen, holders)
    ]


def _whole_phrases(terms: Sequence[str], holders: dict[str, frozenset[int]]) -> list[str]:
    """One term for each phrase, in the order given: a part that says no more is left out."""
    longest: dict[frozenset[int], str] = {}
    for term in terms:
        held = longest.get(holders[term], "")
        if len(term) > len(held):
            longest[holders[term]] = term
    whole = set(longest.values())
    return [
        term
        for term in terms
        if term in whole
        and not any(
            term != other
            and term in other
            and len(holders[other]) >= SAME_PHRASE * len(holders[term])
            for other in whole
        )
    ]


def log_likelihood(count: int, n: int, count_before: int, n_before: int) -> float:
    """Dunning's log-likelihood ratio (1993) of two shares being one; 0 for equal shares.

    >>> round(log_likelihood(14, 100, 2, 100), 1)
    10.9
    """
    share = (count + count_before) / (n + n_before)
    cells = (
        (count, n * share),
        (n - count, n * (1 - share)),
        (count_before, n_before * share),
        (n_before - count_before, n_before * (1 - share)),
    )
    return 2 * sum(seen * math.log(seen / expected) for seen, expected in cells if seen)
