"""`monitor evaluate`: how good the classifier is, on rows that nothing learned from."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.evaluate_pictures import evaluate_pictures
from monitor.cli.measuring import progress, tell_problems
from monitor.cli.terminal import console, errors, print_json, print_table, read_settings
from monitor.errors import InputError

if TYPE_CHECKING:
    from classifiers.evaluation.judging import Bands
    from classifiers.evaluation.report import Material, Report
    from classifiers.evaluation.rows import Problem


class Stages(StrEnum):
    """How much of the cascade takes part."""

    RULES = "rules"
    NGRAMS = "ngrams"
    ALL = "all"


def evaluate(
    context: typer.Context,
    labelled: Annotated[
        list[Path] | None,
        typer.Option("--input", help="Labelled rows; default: the repository's test rows."),
    ] = None,
    ordinary: Annotated[
        list[Path] | None,
        typer.Option(help="Ordinary texts nobody labelled: file, folder of them, or data folder."),
    ] = None,
    known: Annotated[
        Path | None, typer.Option(help="What people say about ordinary texts that were flagged.")
    ] = None,
    tables: Annotated[
        Path | None,
        typer.Option(help="Folder with tables/ of characters; default: a data folder given."),
    ] = None,
    kept_out: Annotated[
        bool,
        typer.Option(
            "--kept-out/--learned-too",
            help="Leave out what the shipped models learned from, as far as it is known.",
        ),
    ] = True,
    stages: Annotated[
        Stages | None, typer.Option(help="How much of the cascade takes part; default: as set.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.01, max=600, help="Minutes of a review.")] = 0.5,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 7,
    report: Annotated[
        Path | None, typer.Option(help="Write index.html, report.json, curve.json into it.")
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(help="Measure pictures instead: folder of them with a truth.jsonl."),
    ] = None,
    picture_model: Annotated[
        Path | None, typer.Option(help="A picture classifier's folder; default: the shipped one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole report as JSON.")] = False,
) -> None:
    """Recall, false alarms, calibration, the polled stream and cost, beside their goals."""
    if pictures is not None:
        if labelled or ordinary or known or tables:
            raise InputError("--pictures measures pictures: no rows of text go with it")
        evaluate_pictures(pictures, picture_model, report, as_json=as_json)
        return
    if picture_model is not None:
        raise InputError("--picture-model goes with --pictures")
    from classifiers.evaluation.page import write_report
    from classifiers.evaluation.report import evaluate as measure
    from monitor.pipeline.judging import Judging

    settings = read_settings(context)
    if stages is not None:
        settings = settings.model_copy(update={"text_stages": stages.value})
    judging = Judging(settings)
    assessor = judging.assessor()
    problems: list[Problem] = []
    material = _read(labelled, ordinary, known, tables, problems, kept_out=kept_out)
    tell_problems(problems)
    if not material.labelled and not material.ordinary:
        raise InputError("nothing to evaluate: no usable row was given")
    with progress("judging texts") as on_text:
        found_out = measure(
            material,
            assessor,
            judging.thresholds,
            seed=seed,
            minutes_per_review=minutes,
            on_text=on_text,
        )
    if report is not None:
        try:
            write_report(found_out, report)
        except OSError as error:
            raise InputError(f"{report}: {error.strerror}") from error
    if as_json:
        print_json(found_out.to_json())
    else:
        _summarise(found_out)
    if report is not None:
        errors().print(f"written: {report / 'index.html'}", markup=False, soft_wrap=True)
    if problems:
        errors().print(f"{len(problems)} lines could not be used", markup=False)
        raise typer.Exit(1)


def _read(
    labelled: list[Path] | None,
    ordinary: list[Path] | None,
    known: Path | None,
    tables: Path | None,
    problems: list[Problem],
    *,
    kept_out: bool,
) -> Material:
    from classifiers.evaluation import rows
    from classifiers.evaluation.report import Material
    from classifiers.training.augment import Tables, read_tables

    notes: list[str] = []
    try:
        found = rows.read_labelled(labelled or [rows.TEST_ROWS], problems)
        texts = rows.read_ordinary(ordinary or [], problems)
        judged = rows.read_known(known, problems) if known else []
        given = [*(labelled or []), *(ordinary or [])]
        folder = next(filter(None, map(rows.data_folder_of, given)), None)
        if kept_out:
            kept = rows.leave_out_learned(found, folder)
            if len(kept) < len(found):
                notes.append(
                    f"{len(found) - len(kept)} labelled rows left out: models learned them."
                )
            found = kept
            if folder and folder in map(rows.data_folder_of, labelled or []):
                notes.append("Rows of the data folder that remain were used to fit the fusion.")
            if folder and texts:
                kept_texts = rows.kept_out_texts(folder, texts)
                notes.append(
                    f"{len(texts) - len(kept_texts):,} ordinary texts left out: models or their "
                    "fusion saw them."
                )
                texts = kept_texts
        shapes_folder = tables or folder
        shapes = read_tables(shapes_folder) if shapes_folder else Tables({}, {})
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}") from error
    except (ValueError, KeyError) as error:
        raise InputError(f"the data folder cannot be split as in training: {error}") from error
    if tables and not (shapes.parts or shapes.alike):
        raise InputError(f"{tables}: no tables/chaizi-jt.txt or tables/same_stroke.txt in it")
    name = "rows given by hand" if labelled else "the repository's test rows"
    notes.insert(0, f"{len(found):,} labelled rows ({name}), {len(texts):,} ordinary texts.")
    if texts and not folder and kept_out:
        notes.append("The ordinary texts are no data folder: all are counted as kept out.")
    if not (shapes.parts and shapes.alike):
        notes.append("Without character tables, split and look-alike characters are not measured.")
    if texts:
        name += " and ordinary texts"
    return Material(found, texts, judged, shapes, name, tuple(notes))


def _summarise(report: Report) -> None:
    from classifiers.evaluation.page import figure, goal_value, share, words

    out = console()
    for note in report.notes:
        out.print(note, markup=False)
    print_table(
        "goals",
        ("what", "band", "goal", "figure", "95 % interval", "errors", "n", "verdict"),
        (
            (
                words(goal.what),
                goal.band,
                goal.goal,
                *goal_value(goal),
                "" if goal.errors is None else f"{goal.errors:,}",
                f"{goal.n:,}",
                goal.verdict.value,
            )
            for goal in report.goals
        ),
    )
    for grouping in ("all", "kind", "category"):
        print_table(
            f"recall, {'total' if grouping == 'all' else 'by ' + grouping}",
            ("offers", "n", "hit", "95 %", "hit or review", "95 %"),
            (_recall_row(group) for group in report.recall[grouping]),
        )
    for grouping in ("ordinary texts", "harmless rows by kind", "in disguise"):
        print_table(
            f"false alarms, {grouping}",
            ("texts", "n", "hit", "at most", "hit or review", "at most"),
            (
                (
                    words(group.name),
                    f"{group.hit.n:,}",
                    f"{group.hit.count:,}",
                    share(group.hit.upper),
                    f"{group.flagged.count:,}",
                    share(group.flagged.upper),
                )
                for group in report.false_alarms[grouping]
            ),
        )
    print_table(
        "cost, one thread",
        ("texts", "n", "rules", "encoder", "texts/s", "p50 ms", "p95 ms", "p99 ms"),
        (
            (
                cost.name,
                f"{cost.n:,}",
                share(cost.rules.share),
                share(cost.encoder.share),
                figure(cost.texts_per_s, 0),
                figure(cost.p50_ms, 2),
                figure(cost.p95_ms, 2),
                figure(cost.p99_ms, 2),
            )
            for cost in report.cost
        ),
    )


def _recall_row(group: Bands) -> tuple[str, ...]:
    from classifiers.evaluation.page import share, words

    cells = [words(group.name), f"{group.hit.n:,}"]
    for part in (group.hit, group.flagged):
        cells += [share(part.share), f"{share(part.low)} - {share(part.high)}"]
    return tuple(cells)
