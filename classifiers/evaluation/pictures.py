"""The report on pictures: a trained classifier by class, renderer and disturbance."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from PIL import Image

from classifiers.contract import PictureClass
from classifiers.evaluation.figures import Share, share_of
from classifiers.evaluation.goals import Goal, Verdict, at_least, at_most
from classifiers.evaluation.picture_figures import (
    HIT_CLASSES,
    TRADE_CLASSES,
    Judged,
    Point,
    certain,
    curve_of,
    false_alarms,
    recall,
)
from classifiers.evaluation.picture_rows import PictureRow, Place
from classifiers.evaluation.picture_sheet import destroyed
from classifiers.evaluation.rows import Problem
from classifiers.images.classifier import Classifier
from classifiers.images.decode import Decoder
from classifiers.images.picture import Picture
from classifiers.images.redact import redact

__all__ = ["PictureError", "PictureReport", "judge", "report", "shown_errors"]

PRESENT: Final = (
    PictureClass.ID_CARD,
    PictureClass.HELD_ID,
    PictureClass.FACE_GRID,
    PictureClass.TOOL_SCREENSHOT,
)
"""Classes whose presence the project has goals for."""
PRESENCE: Final = 0.95
DISTURBED: Final = 0.90
MOST_PHOTOS: Final = 0.01
MOST_HARD: Final = 0.02
PHOTOS: Final = "photos."
SHOWN_ERRORS: Final = 160
NEVER: Final = 2.0
"""No probability reaches it."""


@dataclass(frozen=True, slots=True)
class PictureError:
    """A class that was found and is not there, or is there and was not found.

    Attributes:
        file: its name.
        renderer: what made it.
        disturbance: what happened to it.
        kind: the class.
        is_found: whether the classifier found it.
        share: probability that it gave.
    """

    file: str
    renderer: str
    disturbance: str
    kind: PictureClass
    is_found: bool
    share: float


@dataclass(frozen=True, slots=True)
class PictureReport:
    """All figures. `docs/reference/evaluation.md` says what each one means.

    Attributes:
        version: of the classifier.
        thresholds: probability from which a class counts as present.
        pictures: how many were judged.
        milliseconds: each took, decoding included, in one thread.
        goals: figures beside their goals.
        recall: by class, on renderers that were kept out of training, undisturbed.
        recall_by_renderer: by class, then by renderer, undisturbed.
        recall_by_disturbance: by class, then by disturbance, on kept-out renderers.
        false_alarms_on_photos: by class, on ordinary photos as they were taken.
        false_alarms_on_photos_any: photos with any false alarm.
        false_alarms_on_hard_pictures: by renderer, ordinary pictures with any false alarm.
        false_alarms_on_hard_pictures_any: over all of them.
        curves: by class, what each threshold would mean.
        errors: the surest first.
    """

    version: str
    thresholds: Mapping[PictureClass, float]
    pictures: int
    milliseconds: float
    goals: tuple[Goal, ...]
    recall: Mapping[str, Share]
    recall_by_renderer: Mapping[str, Mapping[str, Share]]
    recall_by_disturbance: Mapping[str, Mapping[str, Share]]
    false_alarms_on_photos: Mapping[str, Share]
    false_alarms_on_photos_any: Share
    false_alarms_on_hard_pictures: Mapping[str, Share]
    false_alarms_on_hard_pictures_any: Share
    curves: Mapping[str, tuple[Point, ...]]
    errors: tuple[PictureError, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, without the errors: they are on the contact sheet."""
        value = asdict(self)
        del value["errors"]
        return value


def judge(
    rows: Sequence[PictureRow],
    classifier: Classifier,
    problems: list[Problem],
    on_picture: Callable[[int], None] = lambda _: None,
) -> tuple[list[Judged], float]:
    """Ask the classifier about every picture.

    Args:
        rows: which.
        classifier: whom.
        problems: pictures that cannot be decoded are added to it.
        on_picture: told how many are done.

    Returns:
        What it said, and the seconds that it took.
    """
    found = []
    begun = time.perf_counter()
    with Decoder() as decoder:
        for number, row in enumerate(rows, start=1):
            picture = _opened(decoder, row)
            if isinstance(picture, Picture):
                found.append(_judged(row, classifier.classify(picture.pixels)))
            else:
                problems.append(Problem(row.file, 0, picture))
            on_picture(number)
    return found, time.perf_counter() - begun


def _opened(decoder: Decoder, row: PictureRow) -> Picture | str:
    """The picture, or why there is none."""
    try:
        content = row.path.read_bytes()
    except OSError as error:
        return error.strerror or "cannot be read"
    picture = decoder.decode(content)
    return picture if isinstance(picture, Picture) else picture.reason.value


def _judged(row: PictureRow, shares: Mapping[PictureClass, float]) -> Judged:
    return Judged(
        file=row.file,
        renderer=row.renderer,
        kept_out=row.kept_out,
        disturbance="+".join(row.disturbances),
        photo=row.renderer.startswith(PHOTOS),
        truth=certain(row.shows, row.undecided),
        shares=shares,
    )


def report(judged: Sequence[Judged], classifier: Classifier, seconds: float) -> PictureReport:
    """All figures.

    Args:
        judged: by `judge`.
        classifier: that did.
        seconds: it took for all of them.
    """
    limits = classifier.thresholds
    names = sorted({one.renderer for one in judged})
    disturbances = sorted({one.disturbance for one in judged} - {""})

    def plain(one: Judged) -> bool:
        return one.kept_out and not one.disturbance

    def made_by(name: str) -> Callable[[Judged], bool]:
        return lambda one: one.renderer == name and not one.disturbance

    def suffered(name: str) -> Callable[[Judged], bool]:
        return lambda one: one.kept_out and one.disturbance == name

    def hard(name: str) -> Callable[[Judged], bool]:
        return lambda one: one.renderer == name and not one.photo

    by_class, by_renderer, by_disturbance, photos = {}, {}, {}, {}
    for kind in TRADE_CLASSES:
        limit = limits[kind]
        by_class[kind.value] = recall(judged, kind, limit, plain)
        by_renderer[kind.value] = _counted(
            {name: recall(judged, kind, limit, made_by(name)) for name in names}
        )
        by_disturbance[kind.value] = _counted(
            {name: recall(judged, kind, limit, suffered(name)) for name in disturbances}
        )
    for kind in HIT_CLASSES:
        photos[kind.value] = false_alarms(judged, _only(limits, kind), lambda one: one.photo)
    hard_ones = {name: false_alarms(judged, limits, hard(name)) for name in names}
    any_hard = false_alarms(judged, limits, lambda one: not one.photo)
    return PictureReport(
        version=classifier.version,
        thresholds=limits,
        pictures=len(judged),
        milliseconds=1000 * seconds / max(len(judged), 1),
        goals=_goals(by_class, by_disturbance, photos, any_hard),
        recall=_counted(by_class),
        recall_by_renderer=by_renderer,
        recall_by_disturbance=by_disturbance,
        false_alarms_on_photos=_counted(photos),
        false_alarms_on_photos_any=false_alarms(judged, limits, lambda one: one.photo),
        false_alarms_on_hard_pictures=_counted(hard_ones),
        false_alarms_on_hard_pictures_any=any_hard,
        curves={kind.value: tuple(curve_of(judged, kind)) for kind in TRADE_CLASSES},
        errors=_errors(judged, limits),
    )


def _goals(
    by_class: Mapping[str, Share],
    by_disturbance: Mapping[str, Mapping[str, Share]],
    photos: Mapping[str, Share],
    any_hard: Share,
) -> tuple[Goal, ...]:
    goals = [at_least(f"recall of {kind}", "", by_class[kind], PRESENCE) for kind in PRESENT]
    goals += [_bounded(f"false alarms on photos, {kind}", photos[kind]) for kind in PRESENT]
    goals.append(at_most("false alarms on hard pictures", "", any_hard, MOST_HARD))
    for name in sorted({name for shares in by_disturbance.values() for name in shares}):
        shares = [by_disturbance[kind][name] for kind in PRESENT if name in by_disturbance[kind]]
        both = share_of(sum(each.count for each in shares), sum(each.n for each in shares))
        goals.append(at_least(f"recall under {name}", "", both, DISTURBED))
    return tuple(goals)


def _bounded(what: str, share: Share) -> Goal:
    """The bound itself has a goal: what few photos show does not reach it."""
    if share.upper <= MOST_PHOTOS:
        verdict = Verdict.REACHED
    else:
        verdict = Verdict.MISSED if share.low > MOST_PHOTOS else Verdict.NOT_SHOWN
    words = f"upper bound at most {100 * MOST_PHOTOS:g} %"
    bound = share.upper if share.n else None
    return Goal(what, "", words, share.share, None, bound, share.n, share.count, "share", verdict)


def _only(limits: Mapping[PictureClass, float], kind: PictureClass) -> dict[PictureClass, float]:
    return {other: limit if other == kind else NEVER for other, limit in limits.items()}


def _counted(shares: Mapping[str, Share]) -> dict[str, Share]:
    """Those that count anything."""
    return {name: share for name, share in shares.items() if share.n}


def _errors(
    judged: Sequence[Judged], limits: Mapping[PictureClass, float]
) -> tuple[PictureError, ...]:
    found = []
    for one in judged:
        for kind in TRADE_CLASSES:
            share = one.shares[kind]
            is_found = share >= limits[kind]
            if one.truth[kind] is not None and is_found != one.truth[kind]:
                error = PictureError(one.file, one.renderer, one.disturbance, kind, is_found, share)
                found.append((abs(share - limits[kind]), error))
    found.sort(key=lambda entry: -entry[0])
    return tuple(error for _, error in found)


def shown_errors(
    errors: Sequence[PictureError], rows: Sequence[PictureRow]
) -> list[tuple[Image.Image, PictureError]]:
    """The surest errors with their pictures, faces and texts in them destroyed.

    Args:
        errors: of the report.
        rows: that were judged; where nobody marked a picture, it is redacted like a
            thumbnail that is kept.
    """
    by_name = {row.file: row for row in rows}
    found = []
    with Decoder() as decoder:
        for error in errors[:SHOWN_ERRORS]:
            row = by_name[error.file]
            picture = _opened(decoder, row)
            if isinstance(picture, Picture):
                found.append((_redacted(picture, row), error))
    return found


def _redacted(picture: Picture, row: PictureRow) -> Image.Image:
    if row.places is None:
        return Image.open(io.BytesIO(redact(picture).content)).convert("RGB")
    # Large pictures are reduced when they are decoded.
    scale = picture.pixels.shape[1] / picture.width
    places = [
        Place(place.subject, tuple((x * scale, y * scale) for x, y in place.corners))
        for place in row.places
    ]
    return destroyed(Image.fromarray(picture.pixels), places)
