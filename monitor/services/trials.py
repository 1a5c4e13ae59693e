"""Trying words out: what the monitor says of a text, and what a new keyword would match.

Nothing here is stored or logged. What comes back is masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from classifiers.contract import Category, Term
from classifiers.text.lexicon import TermMatch
from monitor.domain.keyword import Keyword, KeywordDraft
from monitor.domain.listing import AssessmentDraft
from monitor.errors import InputError
from monitor.pipeline.assess import assessment_draft, redacted
from monitor.pipeline.judging import term_of
from monitor.pipeline.workspace import Workspace
from monitor.services.keywords import check_draft, match
from monitor.store import keywords, texts
from monitor.store.texts import StoredText

__all__ = ["MAX_CHARS", "Brought", "Mention", "TermTrial", "TextTrial", "try_term", "try_text"]

MAX_TEXTS = 2000
MAX_CHARS = 300_000
"""Of all texts that a new keyword is tried on together: about a second's work."""
BATCH = 200
UNTRIED = "untried"
EXAMPLES = 5
AROUND_CHARS = 40


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a text names a keyword.

    Attributes:
        term: the keyword.
        keyword_id: its id; None for a word that no analyst added.
        written: how the text writes it, masked.
        disguises: what was undone to read it, as `classifiers.text.characters.Operator` names it.
    """

    term: str
    keyword_id: int | None
    written: str
    disguises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextTrial:
    """What the monitor says of a text.

    Attributes:
        text: the text, masked.
        mentions: keywords in it, in text order.
        assessment: as it would be stored with a listing of this text; spans refer to `text`.
    """

    text: str
    mentions: Sequence[Mention]
    assessment: AssessmentDraft


@dataclass(frozen=True, slots=True)
class Brought:
    """A listing that a keyword would match: the place, and what became of the listing.

    Attributes:
        before: what stands before the place.
        written: how the text writes the keyword.
        after: what stands after it.
        disguises: as in `Mention`.
        hit_id: of the listing's hit, or None.
        decision: of that hit; ``"clear"`` without one.
        verdict: of that hit; "" without one.
    """

    before: str
    written: str
    after: str
    disguises: tuple[str, ...]
    hit_id: int | None
    decision: str
    verdict: str


@dataclass(slots=True)
class TermTrial:
    """What a keyword would match among the newest stored texts.

    Attributes:
        term: the keyword, trimmed.
        known: the stored keyword with this term, or None.
        texts: how many texts were looked through.
        since: when the oldest of them was stored; None without any.
        listings: how many listings match; not those that name it inside a longer keyword only.
        only: of these, listings that no active keyword names.
        decisions: these listings by decision: ``"hit"``, ``"review"``, ``"clear"``.
        verdicts: those that were judged, by verdict.
        examples: the newest of each decision, `EXAMPLES` at most.
    """

    term: str
    known: Keyword | None
    texts: int = 0
    since: datetime | None = None
    listings: int = 0
    only: int = 0
    decisions: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("hit", "review", "clear"), 0)
    )
    verdicts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[Brought]] = field(default_factory=dict)

    def count(self, text: StoredText, brought: Brought, *, is_only: bool) -> None:
        """Count one listing that matches."""
        self.listings += 1
        self.only += is_only
        self.decisions[text.decision] += 1
        if text.verdict:
            self.verdicts[text.verdict] = self.verdicts.get(text.verdict, 0) + 1
        kept = self.examples.setdefault(text.decision, [])
        if len(kept) < EXAMPLES:
            kept.append(brought)


def try_text(workspace: Workspace, text: str) -> TextTrial:
    """Assess a text as a listing would be, with all active keywords.

    Its first line is the title. Raises `InputError` when there is none.
    """
    text = text.strip()
    if not text:
        raise InputError("a text is required")
    assessor, _ = workspace.assessor()
    (tested,) = match(workspace, [text])
    masked = redacted(text, tested.assessment)
    mentions = [
        Mention(found.term.text, _keyword_id(found), masked[found.start : found.end], _of(found))
        for found in assessor.terms_in(text)
    ]
    return TextTrial(masked, mentions, assessment_draft(tested.assessment, masked, ""))


def _keyword_id(found: TermMatch) -> int | None:
    kind, _, rest = found.term.source.partition(":")
    return int(rest.partition("@")[0]) if kind == "keyword" else None


def _of(found: TermMatch) -> tuple[str, ...]:
    return tuple(operator.value for operator in found.operators)


def try_term(workspace: Workspace, term: str) -> TermTrial:
    """Look through the newest stored texts for a word as if it were a keyword beside the others.

    At most `MAX_TEXTS` texts of `MAX_CHARS` characters together are looked through.
    Raises `InputError` for what cannot be a keyword.
    """
    # A category says what a mention is worth, and not where it is found.
    category = Category.FACE_ID_BUNDLE
    term = check_draft(KeywordDraft(term, category.value)).term
    with workspace.database.read() as tx:
        trial = TermTrial(term, keywords.by_term(tx, term))
        others = [one for one in keywords.all_keywords(tx) if one.is_active(workspace.clock.now())]
    known_id = trial.known.id if trial.known else None
    terms = [term_of(one) for one in others if one.id != known_id]
    assessor = workspace.judging.assessor([*terms, Term(term, category, source=UNTRIED)])
    counted: set[int] = set()
    for text in _newest(workspace):
        trial.texts += 1
        trial.since = text.created_at
        if text.listing_id in counted:
            continue
        named = assessor.terms_in(text.text)
        places = [found for found in named if found.term.source == UNTRIED]
        if places:
            counted.add(text.listing_id)
            trial.count(text, _brought(places[0], text), is_only=len(places) == len(named))
    return trial


def _newest(workspace: Workspace) -> Iterator[StoredText]:
    number = chars = 0
    before_id: int | None = None
    while True:
        with workspace.database.read() as tx:
            batch = texts.newest(tx, before_id=before_id, limit=BATCH)
        for text in batch:
            number += 1
            chars += len(text.text)
            if number > MAX_TEXTS or chars > MAX_CHARS:
                return
            yield text
        if len(batch) < BATCH:
            return
        before_id = batch[-1].version_id


def _brought(found: TermMatch, text: StoredText) -> Brought:
    words, start, end = text.text, found.start, found.end
    return Brought(
        before=words[max(0, start - AROUND_CHARS) : start],
        written=words[start:end],
        after=words[end : end + AROUND_CHARS],
        disguises=_of(found),
        hit_id=text.hit_id,
        decision=text.decision,
        verdict=text.verdict,
    )
