"""`monitor evaluate --pictures`: the picture classifier by class, renderer and disturbance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from monitor.cli.measuring import progress, tell_problems
from monitor.cli.terminal import console, errors, print_json, print_table
from monitor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifiers.evaluation.figures import Share
    from classifiers.evaluation.pictures import PictureReport
    from classifiers.evaluation.rows import Problem
    from classifiers.images.classifier import Classifier

__all__ = ["evaluate_pictures"]


def evaluate_pictures(
    folder: Path, model: Path | None, report: Path | None, *, as_json: bool
) -> None:
    """Judge a folder of pictures and say how good that was.

    Args:
        folder: pictures beside a ``truth.jsonl``.
        model: folder of the classifier; None for the shipped one.
        report: folder for ``index.html``, ``report.json`` and ``errors.png``, or None.
        as_json: print the report as JSON instead of tables.

    Raises:
        InputError: nothing in the folder could be used, or the report cannot be written.
    """
    from classifiers.evaluation.picture_page import write_picture_report
    from classifiers.evaluation.picture_rows import read_pictures
    from classifiers.evaluation.pictures import judge
    from classifiers.evaluation.pictures import report as figures_of

    classifier = _classifier(model)
    problems: list[Problem] = []
    try:
        rows = read_pictures(folder, problems)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}") from error
    with progress("judging pictures") as on_picture:
        judged, seconds = judge(rows, classifier, problems, on_picture)
    tell_problems(problems)
    if not judged:
        raise InputError("nothing to evaluate: no usable picture was given")
    figures = figures_of(judged, classifier, seconds)
    if report is not None:
        try:
            write_picture_report(figures, rows, report)
        except OSError as error:
            raise InputError(f"{report}: {error.strerror}") from error
    if as_json:
        print_json(figures.to_json())
    else:
        _summarise(figures)
    if report is not None:
        errors().print(f"written: {report / 'index.html'}", markup=False, soft_wrap=True)
    if problems:
        errors().print(f"{len(problems)} lines could not be used", markup=False)
        raise typer.Exit(1)


def _classifier(folder: Path | None) -> Classifier:
    from classifiers.images.classifier import Classifier, shipped_classifier

    if folder is None:
        return shipped_classifier()
    try:
        return Classifier(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"--picture-model: {folder} holds no picture classifier") from error


def _summarise(report: PictureReport) -> None:
    from classifiers.evaluation.page import goal_value, words

    console().print(
        f"picture classifier {report.version}: {report.pictures:,} pictures, "
        f"{report.milliseconds:.1f} ms each with decoding",
        markup=False,
    )
    print_table(
        "goals",
        ("what", "goal", "figure", "95 % interval", "errors", "n", "verdict"),
        (
            (
                words(goal.what),
                goal.goal,
                *goal_value(goal),
                f"{goal.errors:,}",
                f"{goal.n:,}",
                goal.verdict.value,
            )
            for goal in report.goals
        ),
    )
    _print_recall("recall, by class", {"": report.recall})
    _print_recall("recall, by renderer", report.recall_by_renderer)
    _print_recall("recall, by disturbance", report.recall_by_disturbance)
    photos = {"any class": report.false_alarms_on_photos_any, **report.false_alarms_on_photos}
    _print_alarms("false alarms, ordinary photos", photos)
    hard = report.false_alarms_on_hard_pictures
    _print_alarms(
        "false alarms, hard ordinary pictures",
        {"all": report.false_alarms_on_hard_pictures_any, **hard},
    )


def _print_recall(title: str, groups: Mapping[str, Mapping[str, Share]]) -> None:
    from classifiers.evaluation.page import share, words

    print_table(
        title,
        ("pictures", "n", "recall", "95 %", "missed"),
        (
            (
                words(f"{group}: {name}" if group else name),
                f"{part.n:,}",
                share(part.share),
                f"{share(part.low)} - {share(part.high)}",
                f"{part.n - part.count:,}",
            )
            for group, parts in groups.items()
            for name, part in parts.items()
        ),
    )


def _print_alarms(title: str, shares: Mapping[str, Share]) -> None:
    from classifiers.evaluation.page import share, words

    print_table(
        title,
        ("pictures", "n", "wrong", "share", "at most"),
        (
            (words(name), f"{part.n:,}", f"{part.count:,}", share(part.share), share(part.upper))
            for name, part in shares.items()
        ),
    )
