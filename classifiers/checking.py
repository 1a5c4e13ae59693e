"""Whether a team's own model does what its makers believe, and what it costs.

The ONNX file is run over a sample as the cascade would run it: one text after the other,
normalised, on one thread. Beside it the original, where that can run: the same texts,
through transformers' own tokenizer. Where the sample is labelled, also how much the
model's probabilities can be believed before any fitting.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from classifiers.evaluation.figures import Calibration, calibration_of, percentiles
from classifiers.evaluation.rows import Problem, read_labelled, read_ordinary
from classifiers.original import Original, OriginalMissing, load_libraries
from classifiers.text.checkpoint import Checkpoint
from classifiers.text.dropin import OnnxClassifier
from classifiers.training.data import plain

__all__ = [
    "Agreement",
    "Check",
    "Cost",
    "LengthBand",
    "Quality",
    "RecallPoint",
    "Sample",
    "check",
    "read_sample",
]

BAND_EDGES: Final = (20, 60, 200)
"""Texts are timed by length: up to so many characters each, and longer ones."""

FALSE_ALARM_SHARES: Final = (0.01, 0.04)
MIN_HARMLESS: Final = 100
"""Of fewer harmless texts no share of false alarms is told."""

MIN_MIDDLE: Final = 300
"""Of fewer rows scored 0.05 to 0.95 no calibration error is told."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Texts to check with.

    Attributes:
        texts: as the models read them, normalised; each once.
        is_offer: what people say of each; None for all when the sample is not labelled.
        problems: lines that could not be used.
    """

    texts: tuple[str, ...]
    is_offer: tuple[bool, ...] | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class LengthBand:
    """How long texts of a length took, in milliseconds.

    Attributes:
        longest: characters of the normalised text at most; None: no end.
        n: texts.
        p50_ms: half took no longer.
        p95_ms: 19 in 20 took no longer.
    """

    longest: int | None
    n: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What running it takes, on one thread.

    Attributes:
        load_s: seconds until it could answer, libraries not counted.
        memory_bytes: that the process grew by, from loading to the last answer, libraries
            not counted; None where the system does not tell.
        texts_per_s: over the sample.
        bands: by length of text; those without a text are left out.
    """

    load_s: float
    memory_bytes: int | None
    texts_per_s: float
    bands: tuple[LengthBand, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the ONNX file answers as the original does.

    Attributes:
        n: texts that both gave numbers for.
        largest_difference: of two probabilities of one label, in [0, 1].
        mean_difference: over all texts and labels.
        same_decision: share of texts that both find more likely an offer than not, or both do not.
        same_label: share of texts with the same most probable label.
        same_tokens: share of texts that both tokenizers split alike.
    """

    n: int
    largest_difference: float
    mean_difference: float
    same_decision: float
    same_label: float
    same_tokens: float


@dataclass(frozen=True, slots=True)
class RecallPoint:
    """Recall where a share of harmless texts is flagged; None where there are too few."""

    false_alarm_share: float
    recall: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the bare model is on labelled rows, before it is fitted in.

    Attributes:
        offers: rows that are offers.
        harmless: rows that are none.
        calibration: of its probability of an offer.
        recall: at `FALSE_ALARM_SHARES`.
    """

    offers: int
    harmless: int
    calibration: Calibration
    recall: tuple[RecallPoint, ...]

    @property
    def calibration_error(self) -> float | None:
        """In [0, 1]; None where too few rows are in the middle to tell."""
        is_told = self.calibration.middle >= MIN_MIDDLE
        return self.calibration.error if is_told else None


@dataclass(frozen=True, slots=True)
class Check:
    """All that was found.

    Attributes:
        labels: of the model.
        offers: those that mean an offer, with the category or ``offer``.
        size_bytes: of the ONNX file, weights beside it included.
        max_tokens: so many are read at once.
        broken: texts for which the net gave no number.
        cost: of the ONNX file.
        original_cost: of the original; None when it was not run.
        agreement: of both; None when the original was not run.
        not_compared: why the original was not run; empty when it was, or was not asked for.
        quality: None without labels, or with rows of one kind only.
    """

    labels: tuple[str, ...]
    offers: tuple[str, ...]
    size_bytes: int
    max_tokens: int
    broken: int
    cost: Cost
    original_cost: Cost | None
    agreement: Agreement | None
    not_compared: str
    quality: Quality | None


def read_sample(paths: Iterable[Path], limit: int = 0) -> Sample:
    """Read JSON Lines, with ``text`` or ``title`` and ``description``, labelled or not.

    Labels are ``positive`` and ``benign``; ``adjacent`` rows of a labelled sample are left
    out. As soon as one row is labelled, one without is a problem.

    Args:
        paths: files or folders of them.
        limit: so many texts at most, spread evenly over the sample; 0: all.

    Raises:
        OSError: a path does not exist.
    """
    problems: list[Problem] = []
    chosen = list(paths)
    labelled = read_labelled(chosen, problems)
    found: list[tuple[str, bool]] = [
        (plain(row.text), row.is_offer) for row in labelled if row.label != "adjacent"
    ]
    is_labelled = bool(found)
    if not labelled:
        problems = []
        found = [(plain(text.text), False) for text in read_ordinary(chosen, problems)]
    found = list(dict(found).items())
    if limit and len(found) > limit:
        found = [found[at * len(found) // limit] for at in range(limit)]
    texts = tuple(text for text, _ in found)
    is_offer = tuple(truth for _, truth in found) if is_labelled else None
    return Sample(texts, is_offer, tuple(problems))


def check(
    checkpoint: Checkpoint,
    sample: Sample,
    *,
    with_original: bool = True,
    on_text: Callable[[str, int], None] = lambda _name, _count: None,
) -> Check:
    """Run a model over a sample, and its original beside it.

    Args:
        checkpoint: what the model's folder says.
        sample: at least one text.
        with_original: whether to compare; where torch, transformers or the weights are
            missing, the answer says so.
        on_text: is told which net read how many texts.

    Raises:
        ModelFolderError: the folder cannot be used.
        ValueError: the sample is empty.
    """
    if not sample.texts:
        raise ValueError("the sample holds no text")
    before = _memory()
    started = time.perf_counter()
    net = OnnxClassifier(checkpoint)
    load_s = time.perf_counter() - started
    tokens = [net.tokens(text) for text in sample.texts]
    answers, cost = _run(
        lambda text: net.logits(net.tokens(text)),
        sample.texts,
        load_s,
        before,
        lambda count: on_text("model.onnx", count),
    )
    original_cost, agreement, not_compared = None, None, ""
    if with_original:
        try:
            original_cost, agreement = _compare(checkpoint, sample.texts, tokens, answers, on_text)
        except OriginalMissing as missing:
            not_compared = str(missing)
    size = sum(path.stat().st_size for path in checkpoint.folder.glob("model.onnx*"))
    return Check(
        labels=checkpoint.labels,
        offers=tuple(
            f"{checkpoint.labels[place]} ({category or 'offer'})"
            for place, category in checkpoint.offers.items()
        ),
        size_bytes=size,
        max_tokens=checkpoint.max_tokens,
        broken=sum(not _is_finite(answer) for answer in answers),
        cost=cost,
        original_cost=original_cost,
        agreement=agreement,
        not_compared=not_compared,
        quality=_quality(checkpoint, sample, answers),
    )


def _run(
    read: Callable[[str], list[float]],
    texts: Sequence[str],
    load_s: float,
    memory_before: int | None,
    on_text: Callable[[int], None],
) -> tuple[list[list[float]], Cost]:
    answers, times = [], []
    for count, text in enumerate(texts, start=1):
        started = time.perf_counter()
        answers.append(read(text))
        times.append(time.perf_counter() - started)
        on_text(count)
    after = _memory()
    grown = after - memory_before if after is not None and memory_before is not None else None
    return answers, Cost(load_s, grown, len(texts) / sum(times), _bands(texts, times))


def _bands(texts: Sequence[str], times: Sequence[float]) -> tuple[LengthBand, ...]:
    found = []
    shortest = 0
    for longest in (*BAND_EDGES, None):
        inside = [
            1000 * seconds
            for text, seconds in zip(texts, times, strict=True)
            if shortest <= len(text) and (longest is None or len(text) <= longest)
        ]
        if inside:
            half, most = percentiles(inside, (50, 95))
            found.append(LengthBand(longest, len(inside), half or 0.0, most or 0.0))
        shortest = (longest or 0) + 1
    return tuple(found)


def _compare(
    checkpoint: Checkpoint,
    texts: Sequence[str],
    tokens: Sequence[Sequence[int]],
    answers: Sequence[Sequence[float]],
    on_text: Callable[[str, int], None],
) -> tuple[Cost, Agreement]:
    load_libraries(checkpoint)
    before = _memory()
    original = Original(checkpoint)
    theirs, cost = _run(
        lambda text: original.logits(original.encode(text)),
        texts,
        original.load_s,
        before,
        lambda count: on_text("original", count),
    )
    same_tokens = [
        original.encode(text)["input_ids"][0].tolist() == list(ours)
        for text, ours in zip(texts, tokens, strict=True)
    ]
    pairs = [
        pair
        for pair in zip(answers, theirs, strict=True)
        if _is_finite(pair[0]) and _is_finite(pair[1])
    ]
    return cost, _agreement(checkpoint, pairs, sum(same_tokens) / len(same_tokens))


def _agreement(
    checkpoint: Checkpoint, pairs: Sequence[tuple[Sequence[float], Sequence[float]]], tokens: float
) -> Agreement:
    if not pairs:
        return Agreement(0, 1.0, 1.0, 0.0, 0.0, tokens)
    ours, theirs = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    ours_said, theirs_said = (
        np.array([checkpoint.probabilities(row) for row in rows.tolist()])
        for rows in (ours, theirs)
    )
    differences = np.abs(ours_said - theirs_said)
    decisions = [
        np.array([checkpoint.offer_log_odds(row) >= 0 for row in rows.tolist()])
        for rows in (ours, theirs)
    ]
    return Agreement(
        n=len(pairs),
        largest_difference=float(differences.max()),
        mean_difference=float(differences.mean()),
        same_decision=float((decisions[0] == decisions[1]).mean()),
        same_label=float((ours_said.argmax(axis=1) == theirs_said.argmax(axis=1)).mean()),
        same_tokens=tokens,
    )


def _quality(
    checkpoint: Checkpoint, sample: Sample, answers: Sequence[Sequence[float]]
) -> Quality | None:
    if sample.is_offer is None:
        return None
    judged = [
        (_probability(checkpoint.offer_log_odds(answer)), truth)
        for answer, truth in zip(answers, sample.is_offer, strict=True)
        if _is_finite(answer)
    ]
    said, true = [score for score, _ in judged], [truth for _, truth in judged]
    offers, harmless = sum(true), len(true) - sum(true)
    if not offers or not harmless:
        return None
    points = tuple(_recall_at(share, judged) for share in FALSE_ALARM_SHARES)
    return Quality(offers, harmless, calibration_of("sample", said, true), points)


def _recall_at(share: float, judged: Sequence[tuple[float, bool]]) -> RecallPoint:
    """Recall where so great a share of the harmless texts scores higher at most."""
    harmless = sorted((score for score, truth in judged if not truth), reverse=True)
    if len(harmless) < MIN_HARMLESS:
        return RecallPoint(share, None)
    limit = harmless[int(share * len(harmless))]
    found = [score > limit for score, truth in judged if truth]
    return RecallPoint(share, sum(found) / len(found))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, log_odds))))


def _is_finite(answer: Sequence[float]) -> bool:
    return all(map(math.isfinite, answer))


def _memory() -> int | None:
    """Bytes of this process in memory; None where the system keeps no such file."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
