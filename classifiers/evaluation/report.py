"""The whole report: every figure of issue and model card, computed from one pass of judging."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from classifiers.assess import Assessor, Thresholds
from classifiers.contract import Category, Intent
from classifiers.evaluation.copies import WITHOUT_COPIES, near_copies
from classifiers.evaluation.curve import CategoryScores, Curve, make_curve
from classifiers.evaluation.disguised import DisguiseFigures, any_disguise, measure_disguises
from classifiers.evaluation.figures import Calibration, Share, calibration_of, share_of
from classifiers.evaluation.goals import Goal
from classifiers.evaluation.judging import (
    Bands,
    Cost,
    Judge,
    Judged,
    bands_of,
    cost_of,
    show,
)
from classifiers.evaluation.rows import (
    EVERYDAY,
    LOOK_ALIKES,
    NO_FAMILY,
    PLAIN_KINDS,
    TALK,
    KnownText,
    LabelledRow,
    Learned,
    OrdinaryText,
    read_learned,
    text_digest,
)
from classifiers.evaluation.stream import Page, Role, StreamFigures, make_stream, measure_stream
from classifiers.evaluation.targets import goals_of
from classifiers.lexicon import starter_keywords
from classifiers.training.augment import Tables

__all__ = ["Confusion", "Material", "Report", "Shown", "evaluate"]

LENGTHS: Final = ((12, "1-12"), (40, "13-40"), (150, "41-150"), (600, "151-600"))
LONGER: Final = "over 600"
WORST: Final = 20
SHOWN_REASONS: Final = 3
SHOWN_DIGEST: Final = 16
MOST_FLAGGED: Final = 500
DISGUISED_ORDINARY: Final = 10_000
"""Ordinary texts that are also judged in disguise, drawn at random."""

WORST_FAMILIES: Final = 15


@dataclass(frozen=True, slots=True)
class Material:
    """What is measured on.

    Attributes:
        labelled: rows that no model learned from.
        ordinary: harmless texts that nothing was trained or fitted on.
        known: what people say about some ordinary texts.
        tables: how characters look.
        name: what it is, in a phrase such as "the repository's test rows".
        notes: how much of it there is and what was left out, in sentences.
        learned: what near copies are looked for among; None: the repository's training rows.
    """

    labelled: Sequence[LabelledRow]
    ordinary: Sequence[OrdinaryText]
    known: Sequence[KnownText]
    tables: Tables
    name: str
    notes: tuple[str, ...] = ()
    learned: Learned | None = None


@dataclass(frozen=True, slots=True)
class Confusion:
    """What flagged offers were taken for.

    Attributes:
        names: of rows and columns.
        counts: a row for each true name, a column for each found one.
        right: how many were taken for what they are.
    """

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    right: Share


@dataclass(frozen=True, slots=True)
class Shown:
    """One text, for people: masked, cut, with the strongest reasons.

    Attributes:
        text: contacts and identifiers are masked in it.
        sha256: its first digits, of the whole text, so that a person's label can name it.
        kind: of place or row it comes from.
        label: what it is; empty where nobody said.
        score: it got.
        decision: it got.
        reasons: strongest first.
    """

    text: str
    sha256: str
    kind: str
    label: str
    score: float
    decision: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All figures. `docs/reference/evaluation.md` says what each one means.

    Attributes:
        model: name to version of everything that took part.
        hit: shipped threshold of a hit.
        review: shipped threshold of a review.
        seed: of everything random.
        minutes_per_review: that reviewers' minutes are counted with.
        measured_on: `Material.name`.
        notes: `Material.notes`, and what test and training rows have in common.
        near_copies: labelled rows that have a near copy among training rows.
        goals: figures beside their goals.
        recall: by name of grouping, groups of offers; `WITHOUT_COPIES` is one of the names.
        false_alarms: by name of grouping, groups of harmless texts.
        disguises: recall of plain offers, disguised.
        categories: confusion over flagged offers.
        intents: the same, where the row says an intent.
        calibration: on several kinds of rows.
        curve: what each threshold would mean.
        stream: None without labelled rows to make it from.
        cost: by kind of texts.
        worst_misses: offers of the lowest scores.
        worst_false_alarms: harmless texts of the highest scores.
        flagged_ordinary: ordinary texts that were flagged, at most `MOST_FLAGGED`.
        known: ordinary texts that a person called something else; they are not counted.
    """

    model: Mapping[str, str]
    hit: float
    review: float
    seed: int
    minutes_per_review: float
    measured_on: str
    notes: tuple[str, ...]
    near_copies: Share
    goals: tuple[Goal, ...]
    recall: Mapping[str, tuple[Bands, ...]]
    false_alarms: Mapping[str, tuple[Bands, ...]]
    disguises: tuple[DisguiseFigures, ...]
    categories: Confusion
    intents: Confusion
    calibration: tuple[Calibration, ...]
    curve: Curve
    stream: StreamFigures | None
    cost: tuple[Cost, ...]
    worst_misses: tuple[Shown, ...]
    worst_false_alarms: tuple[Shown, ...]
    flagged_ordinary: tuple[Shown, ...]
    known: tuple[Shown, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Labelled rows with what was said about them."""

    rows: Sequence[LabelledRow]
    judged: Sequence[Judged]

    def where(self, chosen: Callable[[LabelledRow], bool]) -> _Rows:
        pairs = [pair for pair in zip(self.rows, self.judged, strict=True) if chosen(pair[0])]
        return _Rows([row for row, _ in pairs], [said for _, said in pairs])

    def in_group(self, group: str) -> _Rows:
        return self.where(lambda row: row.group == group)

    def by(self, name_of: Callable[[LabelledRow], str]) -> tuple[Bands, ...]:
        groups: dict[str, list[Judged]] = {}
        for row, said in zip(self.rows, self.judged, strict=True):
            groups.setdefault(name_of(row), []).append(said)
        return tuple(bands_of(name, groups[name]) for name in sorted(groups))


def evaluate(
    material: Material,
    assessor: Assessor,
    thresholds: Thresholds,
    *,
    seed: int,
    minutes_per_review: float,
    on_text: Callable[[int], None] = lambda _: None,
) -> Report:
    """Judge everything and compute the report.

    Args:
        material: what is measured on.
        assessor: what is measured.
        thresholds: of the assessor, to be shown.
        seed: of disguises, stream and intervals; the same seed gives the same figures
            (times excepted).
        minutes_per_review: what one review takes a person, above 0.
        on_text: is told how many distinct texts are judged already.
    """
    judge = Judge(assessor, on_text)
    ordinary, known = _without_known(material)
    said_ordinary = judge.judge_all(text.text for text in ordinary)
    rows = _Rows(material.labelled, judge.judge_all(row.text for row in material.labelled))
    offers = rows.where(lambda row: row.is_offer)
    harmless = rows.where(lambda row: row.label == "benign")
    learned = read_learned(None) if material.learned is None else material.learned
    copies = near_copies((row.text for row in rows.rows), learned.texts)
    plain = [row for row in offers.rows if row.kind in PLAIN_KINDS]
    if all(row.kind == NO_FAMILY for row in offers.rows):
        plain = list(offers.rows)
    disguises = measure_disguises(plain, judge, material.tables, seed)
    disguised = _disguised(rows, ordinary, judge, material.tables, seed)
    keywords = starter_keywords()
    pages = make_stream(material.labelled, ordinary, keywords, material.tables, seed)
    shop_pages = make_stream(material.labelled, [], keywords, material.tables, seed)
    entries = [entry for page in pages for entry in page.entries]
    stream = None
    if any(entry.role is Role.OFFER for entry in entries):
        stream = measure_stream(
            pages, shop_pages, judge, minutes_per_review=minutes_per_review, seed=seed
        )
    polled = judge.judge_all(entry.text for entry in entries)
    report = Report(
        model=dict(judge.version),
        hit=thresholds.hit,
        review=thresholds.review,
        seed=seed,
        minutes_per_review=minutes_per_review,
        measured_on=material.name,
        notes=(*material.notes, *_shared_with_training(rows, copies, learned)),
        near_copies=share_of(len(copies), len(rows.rows)),
        goals=(),
        recall=_recall(offers, copies),
        false_alarms=_false_alarms(harmless, ordinary, said_ordinary, disguised),
        disguises=tuple(disguises),
        categories=_confusion(
            offers, tuple(Category), lambda row: row.category, lambda said: said.category
        ),
        intents=_confusion(offers, tuple(Intent), lambda row: row.intent, lambda said: said.intent),
        calibration=_calibration(rows, disguised, pages, judge),
        curve=_curve(rows, said_ordinary, polled if stream else [], thresholds, minutes_per_review),
        stream=stream,
        cost=(
            cost_of("ordinary texts", said_ordinary),
            cost_of("labelled rows", rows.judged),
            cost_of(
                "polled stream",
                judge.judge_all(dict.fromkeys(entry.text for entry in entries)) if stream else [],
            ),
        ),
        worst_misses=_worst_misses(offers, judge),
        worst_false_alarms=_worst_false_alarms(harmless, ordinary, said_ordinary, judge),
        flagged_ordinary=_flagged(ordinary, said_ordinary, judge),
        known=tuple(
            _shown(text.text, text.kind, label, judge.judge(text.text), judge)
            for text, label in known
        ),
    )
    return replace(report, goals=goals_of(report))


def _curve(
    rows: _Rows,
    ordinary: Sequence[Judged],
    polled: Sequence[Judged],
    thresholds: Thresholds,
    minutes_per_review: float,
) -> Curve:
    offers = rows.where(lambda row: row.is_offer)
    lookalikes = rows.where(lambda row: row.label == "benign" and row.group != EVERYDAY).judged

    def most_probable(category: Category, judged: Sequence[Judged]) -> list[float]:
        return [each.probability_of(category) for each in judged if each.category is category]

    def scores_of(category: Category) -> CategoryScores:
        own = [
            said.probability_of(category)
            for row, said in zip(offers.rows, offers.judged, strict=True)
            if row.category is category
        ]
        harmless = (most_probable(category, texts) for texts in (ordinary, lookalikes, polled))
        return CategoryScores(own, *harmless)

    return make_curve(
        offers=[said.score for said in offers.judged],
        ordinary=[said.score for said in ordinary],
        lookalikes=[said.score for said in lookalikes],
        stream=[said.score for said in polled],
        thresholds=sorted(
            {thresholds.review, thresholds.hit}.union(*thresholds.by_category.values())
        ),
        minutes_per_review=minutes_per_review,
        categories={category.value: scores_of(category) for category in Category},
    )


def _shared_with_training(rows: _Rows, copies: set[str], learned: Learned) -> Iterator[str]:
    yield (f"{learned.left_out:,} training rows that equal a test row were left out of training.")
    plain = [row.text for row in rows.rows if row.is_offer and row.kind in PLAIN_KINDS]
    yield (
        f"{len(copies):,} of {len(rows.rows):,} labelled rows have a near copy among training "
        f"rows, {sum(text in copies for text in plain):,} of {len(plain):,} plain and English "
        "offers among them; recall is also given without those."
    )


def _without_known(
    material: Material,
) -> tuple[list[OrdinaryText], list[tuple[OrdinaryText, str]]]:
    """Ordinary texts that count, and those that a person called something else."""
    labels = {known.digest: known.label for known in material.known if known.label != "benign"}
    sizes = {len(digest) for digest in labels}
    counted, known = [], []
    for text in material.ordinary:
        digest = text_digest(text.text) if sizes else ""
        label = next((labels[digest[:n]] for n in sizes if digest[:n] in labels), None)
        if label:
            known.append((text, label))
        else:
            counted.append(text)
    return counted, known


@dataclass(frozen=True, slots=True)
class _Disguised:
    """Texts once more, each by an operator drawn at random, as far as it could be done."""

    rows: _Rows
    ordinary: Sequence[Judged]


def _disguised(
    rows: _Rows, ordinary: Sequence[OrdinaryText], judge: Judge, tables: Tables, seed: int
) -> _Disguised:
    dice = random.Random(f"{seed}/any")
    changed = [
        replace(row, text=text)
        for row in rows.rows
        if (text := any_disguise(row.text, row.language, dice, tables))
    ]
    drawn = dice.sample(list(ordinary), min(len(ordinary), DISGUISED_ORDINARY))
    texts = [any_disguise(text.text, "zh", dice, tables) for text in drawn]
    return _Disguised(
        _Rows(changed, judge.judge_all(row.text for row in changed)),
        judge.judge_all(text for text in texts if text),
    )


def _length_of(row: LabelledRow) -> str:
    return next((name for longest, name in LENGTHS if len(row.text) <= longest), LONGER)


def _recall(offers: _Rows, copies: set[str]) -> dict[str, tuple[Bands, ...]]:
    new = offers.where(lambda row: row.kind in PLAIN_KINDS and row.text not in copies)
    lengths = {bands.name: bands for bands in offers.by(_length_of)}
    order = [*(name for _, name in LENGTHS), LONGER]
    return {
        "all": (bands_of("all offers", offers.judged),),
        "kind": offers.by(lambda row: row.kind),
        WITHOUT_COPIES: new.by(lambda row: row.kind),
        "category": offers.by(lambda row: row.category or ""),
        "intent": offers.by(lambda row: row.intent or "not said"),
        "length in characters": tuple(lengths[name] for name in order if name in lengths),
        "language": offers.by(lambda row: row.language),
        "batch": offers.by(lambda row: row.batch),
    }


def _false_alarms(
    harmless: _Rows,
    ordinary: Sequence[OrdinaryText],
    said_ordinary: Sequence[Judged],
    disguised: _Disguised,
) -> dict[str, tuple[Bands, ...]]:
    kinds: dict[str, list[Judged]] = {}
    for text, said in zip(ordinary, said_ordinary, strict=True):
        kinds.setdefault(text.kind, []).append(said)
    families = [bands for bands in harmless.by(lambda row: row.family) if bands.flagged.count]
    families.sort(key=lambda bands: (-bands.flagged.count, -bands.hit.count, bands.name))
    harmless_disguised = disguised.rows.where(lambda row: row.label == "benign")
    return {
        "ordinary texts": (
            bands_of("all ordinary texts", said_ordinary),
            *(bands_of(kind, kinds[kind]) for kind in sorted(kinds)),
        ),
        "harmless rows": tuple(
            bands_of(group, harmless.in_group(group).judged)
            for group in (LOOK_ALIKES, TALK, EVERYDAY)
        ),
        "harmless rows by kind": harmless.by(lambda row: row.kind),
        "families with most false alarms": tuple(families[:WORST_FAMILIES]),
        "in disguise": (
            bands_of("ordinary texts, disguised", disguised.ordinary),
            *(
                bands_of(
                    f"{group}, disguised",
                    harmless_disguised.in_group(group).judged,
                )
                for group in (LOOK_ALIKES, TALK)
            ),
        ),
    }


def _confusion(
    offers: _Rows,
    names: Sequence[Any],
    true_of: Callable[[LabelledRow], Any],
    found_of: Callable[[Judged], Any],
) -> Confusion:
    pairs = Counter(
        (true_of(row), found_of(said))
        for row, said in zip(offers.rows, offers.judged, strict=True)
        if said.is_flagged and true_of(row)
    )
    counts = tuple(tuple(pairs[true, found] for found in names) for true in names)
    right = sum(pairs[name, name] for name in names)
    return Confusion(tuple(map(str, names)), counts, share_of(right, pairs.total()))


def _calibration(
    rows: _Rows, disguised: _Disguised, pages: Iterable[Page], judge: Judge
) -> tuple[Calibration, ...]:
    def counted(of: _Rows) -> tuple[list[float], list[bool]]:
        kept = of.where(lambda row: row.label != "adjacent")
        return [said.score for said in kept.judged], [row.is_offer for row in kept.rows]

    written, both = counted(rows), counted(disguised.rows)
    polled = {entry for page in pages for entry in page.entries if entry.role is not Role.ADJACENT}
    ordered = sorted(polled, key=lambda entry: (entry.text, entry.role))
    return (
        calibration_of("labelled rows", *written),
        calibration_of(
            "labelled rows, as written and disguised",
            [*written[0], *both[0]],
            [*written[1], *both[1]],
        ),
        calibration_of(
            "distinct texts of the polled stream",
            [judge.judge(entry.text).score for entry in ordered],
            [entry.role is Role.OFFER for entry in ordered],
        ),
    )


def _shown(text: str, kind: str, label: str, said: Judged, judge: Judge) -> Shown:
    assessment = judge.assess(text)
    strongest = assessment.evidence[:SHOWN_REASONS]
    return Shown(
        text=show(text, assessment),
        sha256=text_digest(text)[:SHOWN_DIGEST],
        kind=kind,
        label=label,
        score=said.score,
        decision=said.decision.value,
        reasons=tuple(
            show(f"{item.weight:+.2f} {item.term or item.signal}: {item.why}") for item in strongest
        ),
    )


def _worst_misses(offers: _Rows, judge: Judge) -> tuple[Shown, ...]:
    pairs = sorted(
        zip(offers.rows, offers.judged, strict=True), key=lambda pair: (pair[1].score, pair[0].text)
    )
    return tuple(
        _shown(row.text, row.family, row.category or "", said, judge)
        for row, said in pairs[:WORST]
        if not said.is_hit
    )


def _worst_false_alarms(
    harmless: _Rows,
    ordinary: Sequence[OrdinaryText],
    said_ordinary: Sequence[Judged],
    judge: Judge,
) -> tuple[Shown, ...]:
    found = [
        *(
            (said, row.text, row.family, row.label)
            for row, said in zip(harmless.rows, harmless.judged, strict=True)
        ),
        *(
            (said, text.text, text.kind, "")
            for text, said in zip(ordinary, said_ordinary, strict=True)
        ),
    ]
    flagged = [each for each in found if each[0].is_flagged]
    flagged.sort(key=lambda each: (-each[0].score, each[1]))
    return tuple(
        _shown(text, kind, label, said, judge) for said, text, kind, label in flagged[:WORST]
    )


def _flagged(
    ordinary: Sequence[OrdinaryText], said_ordinary: Sequence[Judged], judge: Judge
) -> tuple[Shown, ...]:
    flagged = [
        (text, said) for text, said in zip(ordinary, said_ordinary, strict=True) if said.is_flagged
    ]
    flagged.sort(key=lambda pair: (-pair[1].score, pair[0].text))
    return tuple(
        _shown(text.text, text.kind, "", said, judge) for text, said in flagged[:MOST_FLAGGED]
    )
