"""Measure a picture classifier by class, renderer and disturbance.

    python -m classifiers.training.pictures.evaluate --pictures FOLDER --report FOLDER
        [--model FOLDER] [--choose]

`--pictures` was written by ``render --split test``, or is laid out like it: pictures beside a
``truth.jsonl`` with ``file``, ``renderer``, ``shows``, ``undecided``, ``disturbances`` and
``marks``. Written are ``report.md``, ``report.json`` with the whole curves, and ``errors.png``.
`--choose` first sets the model's thresholds to the lowest at which the upper bound of false
alarms on ordinary photos is 1 % and, for each class, half a percent of hard ordinary pictures
are wrong: on these very pictures, so what is then printed about them flatters a little.
Ordinary photos are rows whose renderer begins with ``photos.``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from classifiers.contract import PictureClass
from classifiers.images.classifier import MODEL, Classifier
from classifiers.training.pictures.measure import (
    HIT_CLASSES,
    TRADE_CLASSES,
    Judged,
    curve_of,
    false_alarms,
    recall,
    threshold_for,
)
from classifiers.training.pictures.sampling import certain
from classifiers.training.pictures.sheet import contact_sheet, destroyed

__all__ = ["judge", "main", "report"]

MOST: Final = 0.01
MOST_HARD: Final = 0.005
"""Of hard ordinary pictures, a class: so that all together stay near 2 %."""
SHOWN_ERRORS: Final = 160
Row = dict[str, Any]


def judge(rows: Sequence[Row], folder: Path, classifier: Classifier) -> list[Judged]:
    """Ask the classifier about every picture.

    Raises:
        OSError: a picture is missing.
    """
    found = []
    for row in rows:
        with Image.open(folder / row["file"]) as image:
            pixels = np.asarray(image.convert("RGB"))
        found.append(
            Judged(
                file=row["file"],
                renderer=row["renderer"],
                kept_out=bool(row.get("kept_out", True)),
                disturbance="+".join(row["disturbances"]),
                photo=row["renderer"].startswith("photos."),
                truth=certain(row["shows"], row["undecided"]),
                shares=classifier.classify(pixels),
            )
        )
    return found


def report(judged: Sequence[Judged], classifier: Classifier, seconds: float) -> Row:
    """All figures, JSON-ready."""
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
        by_class[kind] = recall(judged, kind, limit, plain)
        by_renderer[kind] = {n: recall(judged, kind, limit, made_by(n)) for n in names}
        by_disturbance[kind] = {n: recall(judged, kind, limit, suffered(n)) for n in disturbances}
    for kind in HIT_CLASSES:
        photos[kind] = false_alarms(judged, _only(limits, kind), lambda one: one.photo)
    hard_ones = {name: false_alarms(judged, limits, hard(name)) for name in names}
    return {
        "version": classifier.version,
        "thresholds": limits,
        "pictures": len(judged),
        "milliseconds": 1000 * seconds / max(len(judged), 1),
        "recall": _dicts(by_class),
        "recall_by_renderer": {kind: _dicts(shares) for kind, shares in by_renderer.items()},
        "recall_by_disturbance": {kind: _dicts(shares) for kind, shares in by_disturbance.items()},
        "false_alarms_on_photos": _dicts(photos),
        "false_alarms_on_photos_any": asdict(false_alarms(judged, limits, lambda one: one.photo)),
        "false_alarms_on_hard_pictures": _dicts(hard_ones),
        "false_alarms_on_hard_pictures_any": asdict(
            false_alarms(judged, limits, lambda one: not one.photo)
        ),
        "curves": {kind: [asdict(p) for p in curve_of(judged, kind)] for kind in TRADE_CLASSES},
    }


def _only(limits: Mapping[PictureClass, float], kind: PictureClass) -> dict[PictureClass, float]:
    # Probabilities never reach 2.
    return {
        other: limits[other] if other == kind else 2.0 for other in PictureClass if other in limits
    }


def _dicts(shares: Any) -> Row:
    """Shares that count anything, as objects."""
    return {str(name): asdict(share) for name, share in shares.items() if share.n}


def _line(name: str, share: Row) -> str:
    return (
        f"| {name} | {share['share']:.3f} | {share['n'] - share['count']} | {share['n']} "
        f"| {share['low']:.3f} - {share['high']:.3f} |"
    )


def as_markdown(figures: Row) -> str:
    """The tables that people read."""
    head = "| what | recall | missed | n | 95 % |\n| --- | --- | --- | --- | --- |"
    wrong = "| what | wrong | n | share | upper bound |\n| --- | --- | --- | --- | --- |"
    lines = [
        f"# Picture classifier {figures['version']}",
        f"\n{figures['pictures']} pictures, {figures['milliseconds']:.1f} ms each with decoding, one thread.",
        "\n## Recall on kept-out renderers, faces, cards and backgrounds, undisturbed\n",
        head,
        *(
            _line(f"{kind} (from {figures['thresholds'][kind]:.3f})", share)
            for kind, share in figures["recall"].items()
        ),
        "\n## Recall by renderer, undisturbed\n",
        head,
        *(
            _line(f"{kind}: {name}", share)
            for kind, shares in figures["recall_by_renderer"].items()
            for name, share in shares.items()
        ),
        "\n## Recall by disturbance, kept-out renderers\n",
        head,
        *(
            _line(f"{kind}: {name}", share)
            for kind, shares in figures["recall_by_disturbance"].items()
            for name, share in shares.items()
        ),
        "\n## False alarms (any class but advert_text)\n",
        wrong,
        *(
            f"| {name} | {share['count']} | {share['n']} | {share['share']:.4f} | {share['upper']:.4f} |"
            for name, share in [
                ("ordinary photos, any class", figures["false_alarms_on_photos_any"]),
                *(
                    (f"ordinary photos, {k}", s)
                    for k, s in figures["false_alarms_on_photos"].items()
                ),
                ("hard ordinary pictures, any class", figures["false_alarms_on_hard_pictures_any"]),
                *figures["false_alarms_on_hard_pictures"].items(),
            ]
            if share["n"]
        ),
    ]
    return "\n".join(lines) + "\n"


def _errors(judged: Sequence[Judged], classifier: Classifier) -> list[tuple[Judged, str]]:
    """What is wrong about which picture, surest errors first."""
    found = []
    for one in judged:
        for kind in TRADE_CLASSES:
            is_present = one.shares[kind] >= classifier.thresholds[kind]
            if one.truth[kind] is not None and is_present != one.truth[kind]:
                sign = "+" if is_present else "-"
                how_far = abs(one.shares[kind] - classifier.thresholds[kind])
                found.append((how_far, one, f"{sign}{kind} {one.shares[kind]:.2f}"))
    found.sort(key=lambda entry: -entry[0])
    return [(one, words) for _, one, words in found]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the tables, write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--choose", action="store_true", help="set the model's thresholds")
    given = parser.parse_args(arguments)
    lines = (given.pictures / "truth.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    classifier = Classifier(given.model)
    begun = time.perf_counter()
    judged = judge(rows, given.pictures, classifier)
    seconds = time.perf_counter() - begun
    if given.choose:
        classifier.thresholds = {
            kind: threshold_for(judged, kind, MOST, MOST_HARD) for kind in TRADE_CLASSES
        }
        path = given.model / "config.json"
        config = json.loads(path.read_text("utf-8"))
        config["thresholds"] = {k: round(v, 6) for k, v in classifier.thresholds.items()}
        path.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    figures = report(judged, classifier, seconds)
    given.report.mkdir(parents=True, exist_ok=True)
    (given.report / "report.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    text = as_markdown(figures)
    (given.report / "report.md").write_text(text, "utf-8")
    marks = {row["file"]: row["marks"] for row in rows}
    pictures = []
    for one, words in _errors(judged, classifier)[:SHOWN_ERRORS]:
        with Image.open(given.pictures / one.file) as image:
            shown = destroyed(image.convert("RGB"), marks[one.file])
        pictures.append((shown, f"{words}\n{one.renderer} {one.disturbance}"))
    contact_sheet(pictures).save(given.report / "errors.png")
    print(text)


if __name__ == "__main__":
    main()
