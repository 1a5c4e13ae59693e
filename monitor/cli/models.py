"""`monitor models`: the stages that judge texts, and a check of a model of one's own."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from monitor.cli.terminal import (
    errors,
    plain,
    print_json,
    print_table,
    read_settings,
)
from monitor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from classifiers.checking import Check, Cost, Sample
    from classifiers.text.checkpoint import Checkpoint
    from monitor.config import Settings

app = typer.Typer(no_args_is_help=True, help="The models that judge texts, and your own.")

Folder = Annotated[Path, typer.Argument(help="Folder in transformers' checkpoint layout.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
OfferLabels = Annotated[
    list[str] | None,
    typer.Option(
        "--offer-label",
        help="A label that means an offer, LABEL or LABEL=category; repeat. "
        "Else as config.json says.",
    ),
]
Samples = Annotated[
    list[Path] | None,
    typer.Option(
        help="JSON Lines with text, labelled or not; a file or a folder; repeat. "
        "Else the repository's test rows."
    ),
]

DIFFERS = 1
NOT_COMPARED = 3
MAX_TOLD = 20
NOT_SHOWN = "not shown"
TOLD_EVERY = 500
Found = TypeVar("Found")


@app.command("list")
def list_models(context: typer.Context, as_json: Json = False) -> None:
    """The stages in their order: version, size, where they come from, licence."""
    rows = _stages(read_settings(context))
    if as_json:
        for row in rows:
            print_json(row)
        return
    print_table(
        "stages, each asked where those before leave doubt",
        ("stage", "version", "in use", "size", "comes from", "licence"),
        (
            (
                row["stage"],
                row["version"],
                row["in_use"],
                _size(row["bytes"]),
                row["comes_from"],
                row["licence"],
            )
            for row in rows
        ),
    )
    for row in rows:
        for note in row["notes"]:
            errors().print(plain(f"{row['stage']}: {note}"), markup=False, soft_wrap=True)


def _stages(settings: Settings) -> list[dict[str, Any]]:
    import classifiers
    from classifiers.text.checkpoint import read_card
    from classifiers.text.encoder import shipped_encoder
    from classifiers.text.ngrams import shipped_model
    from classifiers.text.score import SCORER_VERSION
    from monitor.pipeline.judging import Judging

    judging = Judging(settings)
    root = Path(classifiers.__file__).parent
    ngrams, encoder = root / "models" / "ngrams", root / "models" / "encoder"
    own = Path(settings.text_model) if settings.text_model else None
    is_last_used = settings.text_stages == "all"
    rows = [
        _stage("rules", SCORER_VERSION, _bytes(root / "lexicon", "*.csv"), True),
        _stage(
            "n-grams",
            shipped_model().version,
            _bytes(ngrams, "*"),
            settings.text_stages != "rules",
            **_told(read_card(ngrams)),
        ),
        _stage(
            "language model",
            shipped_encoder().version,
            _bytes(encoder, "*"),
            is_last_used and own is None,
            **_told(read_card(encoder)),
        ),
    ]
    if own:
        model = judging.text_model
        rows.append(
            _stage(
                f"your model in {own}",
                model.version if model else "-",
                _bytes(own, "model.onnx*") + _bytes(own, "tokenizer.json"),
                is_last_used,
                **_told(read_card(own)),
                notes=getattr(model, "notes", ()),
            )
        )
    if judging.overlay:
        rows.append(
            _stage(
                f"your vocabulary in {settings.vocabulary_dir}",
                judging.overlay.version,
                _bytes(Path(settings.vocabulary_dir), "*.csv"),
                True,
                comes_from="your own",
                licence="your own",
            )
        )
    return rows


def _stage(
    name: str,
    version: str,
    size: int,
    in_use: bool,
    *,
    comes_from: str = "this repository",
    licence: str = "Apache-2.0",
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "stage": name,
        "version": version,
        "in_use": in_use,
        "bytes": size,
        "comes_from": comes_from,
        "licence": licence,
        "notes": list(notes),
    }


def _told(card: Mapping[str, str]) -> dict[str, str]:
    """What a model card says in its head."""
    return {
        "comes_from": card.get("base_model", "not stated in a README.md"),
        "licence": card.get("license", "not stated in a README.md"),
    }


def _bytes(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


@app.command()
def check(
    folder: Folder,
    sample: Samples = None,
    offer_label: OfferLabels = None,
    limit: Annotated[int, typer.Option(min=0, help="So many texts at most; 0: all.")] = 1000,
    without_original: Annotated[
        bool, typer.Option(help="Do not run the original; then torch is not needed.")
    ] = False,
    export: Annotated[
        bool, typer.Option(help="Make model.onnx first, from the weights; needs torch.")
    ] = False,
    int8: Annotated[bool, typer.Option(help="With --export: weights in eight bits.")] = False,
    min_agreement: Annotated[
        float, typer.Option(min=0, max=1, help="Share of like decisions below which it fails.")
    ] = 0.98,
    as_json: Json = False,
) -> None:
    """Compare a model's ONNX file with its original; tell cost, agreement and calibration.

    Exits with 0 when both agree, 1 when they do not or lines of the sample are broken,
    2 when the folder cannot be used, 3 when the original could not be run.
    """
    from classifiers.checking import check as run_check
    from classifiers.original import OriginalMissing, export_onnx

    if int8 and not export:
        raise InputError("--int8 says how to export; add --export")
    checkpoint = _checkpoint(folder, offer_label)
    if export:
        try:
            made = _usable(lambda: export_onnx(checkpoint, eight_bits=int8))
        except OriginalMissing as missing:
            raise InputError(f"--export: {missing}") from missing
        errors().print(plain(f"{made} written"), markup=False, soft_wrap=True)
    texts = _sample(sample, limit)
    found = _usable(
        lambda: run_check(checkpoint, texts, with_original=not without_original, on_text=_tell)
    )
    if as_json:
        print_json(asdict(found) | {"folder": str(folder)})
    else:
        _print_check(folder, found, texts)
    if found.not_compared:
        errors().print(
            plain(f"not compared with the original: {found.not_compared}"),
            markup=False,
            soft_wrap=True,
        )
        errors().print(
            "--without-original checks the ONNX file alone", markup=False, soft_wrap=True
        )
    agrees = found.agreement is None or found.agreement.same_decision >= min_agreement
    if texts.problems or found.broken or not agrees:
        raise typer.Exit(DIFFERS)
    if found.not_compared:
        raise typer.Exit(NOT_COMPARED)


@app.command()
def fit(
    folder: Folder,
    sample: Annotated[
        list[Path],
        typer.Option(help="Labelled JSON Lines, as for `monitor evaluate`; repeat."),
    ],
    offer_label: OfferLabels = None,
    offer_share: Annotated[
        float | None,
        typer.Option(
            min=0.0001,
            max=0.9999,
            help="Share of offers in what will really reach it; else as in the sample.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit how much a model counts beside the stages before it; writes fusion.json beside it.

    A model that adds nothing to the stages before it, on rows that were kept out, gets no
    such file. Exits with 1 then, and when lines of the sample are broken.
    """
    from classifiers.evaluation.rows import Problem, read_labelled
    from classifiers.fitting import TooFewRows
    from classifiers.fitting import fit as run_fit
    from classifiers.text.dropin import DropIn

    stage = _usable(lambda: DropIn(folder, offer_label or ()))
    problems: list[Problem] = []
    rows = _readable(lambda: read_labelled(sample, problems))
    _complain(problems)
    try:
        fitted = run_fit(
            stage, rows, offer_share=offer_share, on_row=lambda count: _tell("rows", count)
        )
    except TooFewRows as error:
        raise InputError(f"the sample is too small: {error}") from error
    path = fitted.write(stage) if fitted.is_better else None
    if as_json:
        print_json(asdict(fitted) | {"is_better": fitted.is_better})
    else:
        print_table(
            f"on rows kept out in turn ({fitted.rows} rows, {fitted.offers} of them offers)",
            ("stages", "log loss", "Brier", "calibration error"),
            (
                (
                    name,
                    f"{quality.log_loss:.4f}",
                    f"{quality.brier:.4f}",
                    _calibration(quality.calibration_error, quality.middle),
                )
                for name, quality in (
                    ("rules and n-grams", fitted.before),
                    ("and this model", fitted.after),
                )
            ),
        )
    if path:
        errors().print(plain(f"{path} written"), markup=False, soft_wrap=True)
    if not fitted.is_doubt_only:
        errors().print(
            "too few rows leave the first stages in doubt; it was fitted on all rows",
            markup=False,
            soft_wrap=True,
        )
    if not path:
        errors().print(
            "this model adds nothing to the stages before it: nothing was written",
            markup=False,
            soft_wrap=True,
        )
    if problems or not path:
        raise typer.Exit(1)


def _checkpoint(folder: Path, offer_labels: Sequence[str] | None) -> Checkpoint:
    from classifiers.text.checkpoint import read_checkpoint

    return _usable(lambda: read_checkpoint(folder, offer_labels or ()))


def _usable(use: Callable[[], Found]) -> Found:
    """What `use` gives, or one clear line about the model's folder."""
    from classifiers.text.checkpoint import ModelFolderError

    try:
        return use()
    except ModelFolderError as error:
        raise InputError(str(error)) from error


def _readable(read: Callable[[], Found]) -> Found:
    """What `read` gives, or one clear line about the file."""
    try:
        return read()
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}") from error


def _sample(paths: Sequence[Path] | None, limit: int) -> Sample:
    from classifiers.checking import read_sample
    from classifiers.evaluation.rows import TEST_ROWS

    found = _readable(lambda: read_sample(paths or [TEST_ROWS], limit))
    _complain(found.problems)
    if not found.texts:
        raise InputError("the sample holds no text that can be used")
    return found


def _complain(problems: Sequence[Any]) -> None:
    for problem in problems[:MAX_TOLD]:
        line = f"{problem.file}, line {problem.line}: {problem.reason}"
        errors().print(plain(line), markup=False, soft_wrap=True)
    if len(problems) > MAX_TOLD:
        errors().print(f"{len(problems)} lines cannot be used in all", markup=False, soft_wrap=True)


def _tell(what: str, count: int) -> None:
    if count % TOLD_EVERY == 0 and sys.stderr.isatty():
        errors().print(f"{what}: {count} texts", markup=False, soft_wrap=True)


def _print_check(folder: Path, found: Check, sample: Sample) -> None:
    print_table(
        f"{folder}: {len(sample.texts)} texts, "
        f"{'labelled' if sample.is_offer is not None else 'not labelled'}",
        ("what", "found"),
        [
            ("labels", ", ".join(found.labels)),
            ("mean an offer", ", ".join(found.offers)),
            ("size of the ONNX file", _size(found.size_bytes)),
            ("tokens read at most", found.max_tokens),
            ("texts without an answer", found.broken),
            *_agreement_rows(found),
            *_quality_rows(found),
        ],
    )
    _print_cost(found.cost, found.original_cost)


def _agreement_rows(found: Check) -> list[tuple[str, str]]:
    same = found.agreement
    if same is None:
        return [("agreement with the original", "not compared")]
    return [
        ("largest difference of a probability", f"{same.largest_difference:.6f}"),
        ("mean difference", f"{same.mean_difference:.6f}"),
        ("same decision (offer or not)", f"{same.same_decision:.2%} of {same.n}"),
        ("same most probable label", f"{same.same_label:.2%}"),
        ("same tokens", f"{same.same_tokens:.2%}"),
    ]


def _quality_rows(found: Check) -> list[tuple[str, str]]:
    quality = found.quality
    if quality is None:
        return [("calibration", f"{NOT_SHOWN}: offers and others are needed, labelled")]
    told = quality.calibration
    points = [
        (
            f"recall where {point.false_alarm_share:.0%} of {quality.harmless} others are flagged",
            NOT_SHOWN if point.recall is None else f"{point.recall:.1%} of {quality.offers}",
        )
        for point in quality.recall
    ]
    return [
        ("calibration error, bare model", _calibration(quality.calibration_error, told.middle)),
        ("Brier, bare model", f"{told.brier:.4f} (the base rate alone: {told.base_brier:.4f})"),
        *points,
    ]


def _calibration(error: float | None, rows: int) -> str:
    if error is None:
        return f"{NOT_SHOWN}: {rows} rows scored 0.05 to 0.95 are too few"
    return f"{error:.3f} ({rows} rows scored 0.05 to 0.95)"


def _print_cost(onnx: Cost, original: Cost | None) -> None:
    nets = [("model.onnx", onnx)] + ([("original", original)] if original else [])
    rows = [
        ("seconds to load", *(f"{cost.load_s:.2f}" for _, cost in nets)),
        ("memory it added", *(_memory(cost.memory_bytes) for _, cost in nets)),
        ("texts a second", *(f"{cost.texts_per_s:.0f}" for _, cost in nets)),
    ]
    for at, band in enumerate(onnx.bands):
        upto = f"up to {band.longest} characters" if band.longest else "longer texts"
        timed = (f"{c.bands[at].p50_ms:.1f} / {c.bands[at].p95_ms:.1f}" for _, c in nets)
        rows.append((f"ms, half / 95 % of {band.n} texts: {upto}", *timed))
    print_table("cost on one thread", ("what", *(name for name, _ in nets)), rows)


def _memory(count: int | None) -> str:
    return NOT_SHOWN if count is None else _size(count)
