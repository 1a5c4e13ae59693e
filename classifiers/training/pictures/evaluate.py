"""Measure a picture classifier by class, renderer and disturbance, and choose its thresholds.

    python -m classifiers.training.pictures.evaluate --pictures FOLDER --report FOLDER
        [--model FOLDER] [--choose]

`--pictures` was written by ``render --split test``, or is laid out like it: pictures beside a
``truth.jsonl`` with ``file``, ``renderer``, ``shows``, ``undecided``, ``disturbances`` and
``marks``. Written are ``report.md``, and what `monitor evaluate --pictures` writes, too.
`--choose` first sets the model's thresholds to the lowest at which the upper bound of false
alarms on ordinary photos is 1 % and, for each class, half a percent of hard ordinary pictures
are wrong: on these very pictures, so report on others (``render --part``).
Ordinary photos are rows whose renderer begins with ``photos.``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from classifiers.evaluation.figures import Share
from classifiers.evaluation.picture_figures import HIT_CLASSES, TRADE_CLASSES, threshold_for
from classifiers.evaluation.picture_page import write_picture_report
from classifiers.evaluation.picture_rows import read_pictures
from classifiers.evaluation.pictures import PictureReport, judge, report
from classifiers.evaluation.rows import Problem
from classifiers.images.classifier import MODEL, Classifier

__all__ = ["main"]

MOST: Final = 0.01
MOST_HARD: Final = 0.005
"""Of hard ordinary pictures, a class: so that all together stay near 2 %."""
LEAST: Final = 0.1
"""No threshold is lower: training smooths truth to 0.02, and what lies near it is noise."""


def _line(name: str, share: Share) -> str:
    return (
        f"| {name} | {share.share or 0.0:.3f} | {share.n - share.count} | {share.n} "
        f"| {share.low:.3f} - {share.high:.3f} |"
    )


def _as_markdown(figures: PictureReport) -> str:
    """The tables that people read."""
    head = "| what | recall | missed | n | 95 % |\n| --- | --- | --- | --- | --- |"
    wrong = "| what | wrong | n | share | upper bound |\n| --- | --- | --- | --- | --- |"
    limits = {kind.value: limit for kind, limit in figures.thresholds.items()}
    alarms = {
        "ordinary photos, any class": figures.false_alarms_on_photos_any,
        **{f"ordinary photos, {k}": s for k, s in figures.false_alarms_on_photos.items()},
        "hard ordinary pictures, any class": figures.false_alarms_on_hard_pictures_any,
        **figures.false_alarms_on_hard_pictures,
    }
    lines = [
        f"# Picture classifier {figures.version}",
        f"\n{figures.pictures} pictures, {figures.milliseconds:.1f} ms each with decoding, one thread.",
        "\n## Recall on kept-out renderers, faces, cards and backgrounds, undisturbed\n",
        head,
        *(
            _line(f"{kind} (from {limits[kind]:.3f})", share)
            for kind, share in figures.recall.items()
        ),
        "\n## Recall by renderer, undisturbed\n",
        head,
        *(
            _line(f"{kind}: {name}", share)
            for kind, shares in figures.recall_by_renderer.items()
            for name, share in shares.items()
        ),
        "\n## Recall by disturbance, kept-out renderers\n",
        head,
        *(
            _line(f"{kind}: {name}", share)
            for kind, shares in figures.recall_by_disturbance.items()
            for name, share in shares.items()
        ),
        "\n## False alarms (any class but advert_text)\n",
        wrong,
        *(
            f"| {name} | {share.count} | {share.n} | {share.share:.4f} | {share.upper:.4f} |"
            for name, share in alarms.items()
            if share.n
        ),
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the tables, write the report; exits with 1 when rows could not be used."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--choose", action="store_true", help="set the model's thresholds")
    given = parser.parse_args(arguments)
    problems: list[Problem] = []
    rows = read_pictures(given.pictures, problems)
    classifier = Classifier(given.model)
    judged, seconds = judge(rows, classifier, problems)
    if given.choose:
        classifier.thresholds = {
            # That a picture holds text is no suspicion, only a reason to read it.
            kind: max(
                LEAST, threshold_for(judged, kind, MOST, MOST_HARD if kind in HIT_CLASSES else 1.0)
            )
            for kind in TRADE_CLASSES
        }
        path = given.model / "config.json"
        config = json.loads(path.read_text("utf-8"))
        config["thresholds"] = {k: round(v, 6) for k, v in classifier.thresholds.items()}
        path.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    figures = report(judged, classifier, seconds)
    write_picture_report(figures, rows, given.report)
    text = _as_markdown(figures)
    (given.report / "report.md").write_text(text, "utf-8")
    print(text)
    for problem in problems:
        print(f"{problem.file}, line {problem.line}: {problem.reason}", file=sys.stderr)
    if problems:
        sys.exit(1)


if __name__ == "__main__":
    main()
