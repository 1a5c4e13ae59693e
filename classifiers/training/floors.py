"""What the shipped model must not fall below, measured on the repository's own test rows.

    python -m classifiers.training.floors [--write]

Prints each figure beside its floor and exits with 1 where one is missed. `--write`
records the figures of now, less a margin, in ``classifiers/models/floors.json``: do that
when new weights are shipped or test rows change, and say in the commit why a floor fell.
A test holds the shipped model to the file. Everyday texts have no margin: none may be a hit.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import classifiers
from classifiers.assess import Assessor
from classifiers.evaluation.figures import Share, calibration_of, wilson
from classifiers.evaluation.judging import Judge, Judged, bands_of
from classifiers.evaluation.rows import (
    EVERYDAY_KIND,
    TEST_ROWS,
    LabelledRow,
    Problem,
    leave_out_learned,
    read_labelled,
)

__all__ = [
    "EVERYDAY_HITS",
    "FLOORS",
    "Bound",
    "Figure",
    "bounds_from",
    "main",
    "measure",
    "missed",
    "read_bounds",
    "read_rows",
]

FLOORS: Final = Path(classifiers.__file__).parent / "models" / "floors.json"
MARGIN: Final = 0.02
"""Another processor rounds eight-bit weights otherwise; that may move some rows."""

MARGIN_ROWS: Final = 2
"""Small groups move by whole rows: so many may change, within the interval of the share."""

MIN_CALIBRATED: Final = 100
EVERYDAY_HITS: Final = f"false alarms, {EVERYDAY_KIND}, hit"


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure and what it may come to at worst.

    Attributes:
        what: is measured.
        is_floor: whether more is better.
        limit: the worst that is accepted.
        measured: when it was recorded.
        n: rows behind it.
    """

    what: str
    is_floor: bool
    limit: float
    measured: float
    n: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of now.

    Attributes:
        is_floor: whether more is better.
        value: in [0, 1].
        n: rows behind it.
        is_share: whether it is a share of those rows.
    """

    is_floor: bool
    value: float
    n: int
    is_share: bool = True


def measure(rows: Sequence[LabelledRow], judge: Judge) -> dict[str, Figure]:
    """Recall by kind of offer, false alarms by kind of harmless row, calibration."""
    judged = judge.judge_all(row.text for row in rows)
    found: dict[str, Figure] = {}
    for what, label, is_floor in (("recall", "positive", True), ("false alarms", "benign", False)):
        groups: dict[str, list[Judged]] = {}
        for row, said in zip(rows, judged, strict=True):
            if row.label == label:
                groups.setdefault(row.kind, []).append(said)
        for kind in sorted(groups):
            bands = bands_of(kind, groups[kind])
            shares: Mapping[str, Share] = {"hit": bands.hit, "hit or review": bands.flagged}
            for band, share in shares.items():
                found[f"{what}, {kind}, {band}"] = Figure(is_floor, share.share or 0.0, share.n)
    counted = [
        (said, row) for row, said in zip(rows, judged, strict=True) if row.label != "adjacent"
    ]
    calibration = calibration_of(
        "", [said.score for said, _ in counted], [row.is_offer for _, row in counted]
    )
    if calibration.error is not None and calibration.middle >= MIN_CALIBRATED:
        found["calibration error"] = Figure(
            False, calibration.error, calibration.middle, is_share=False
        )
    if calibration.brier is not None:
        found["Brier score"] = Figure(False, calibration.brier, calibration.n, is_share=False)
    return found


def bounds_from(figures: Mapping[str, Figure]) -> list[Bound]:
    """The worst that is accepted from now on: the figures, less a margin."""
    return [
        Bound(
            what,
            each.is_floor,
            0.0 if what == EVERYDAY_HITS else _limit(each),
            round(each.value, 4),
            each.n,
        )
        for what, each in figures.items()
    ]


def _limit(figure: Figure) -> float:
    """The figure less a margin: `MARGIN`, for small groups `MARGIN_ROWS` of their rows.

    Of a few rows two are most of them, so a share never gets further than `MARGIN` beyond
    its own 95 % interval.
    """
    sign = 1 if figure.is_floor else -1
    margin = MARGIN
    if figure.is_share:
        low, high = wilson(round(figure.value * figure.n), figure.n)
        certain = figure.value - low if figure.is_floor else high - figure.value
        margin = min(max(MARGIN, MARGIN_ROWS / figure.n), certain + MARGIN)
    limit = figure.value - sign * margin
    # Rounded to the side that accepts the figure itself.
    rounded = math.floor(limit * 1e4) if figure.is_floor else math.ceil(limit * 1e4)
    return min(1.0, max(0.0, rounded / 1e4))


def missed(bounds: Sequence[Bound], figures: Mapping[str, Figure]) -> list[str]:
    """Bounds that the figures do not keep, each in a sentence.

    A share of other rows than were recorded keeps nothing: it is another figure.
    """
    said = []
    for bound in bounds:
        figure = figures.get(bound.what)
        if figure is None:
            said.append(f"{bound.what}: no longer measured")
        elif figure.is_share and figure.n != bound.n:
            said.append(
                f"{bound.what}: measured on {figure.n} rows, recorded on {bound.n}; "
                "record the floors of these rows"
            )
        elif bound.is_floor and figure.value < bound.limit:
            said.append(f"{bound.what}: {figure.value:.4f} is below {bound.limit:.4f}")
        elif not bound.is_floor and figure.value > bound.limit:
            said.append(f"{bound.what}: {figure.value:.4f} is above {bound.limit:.4f}")
    return said


def read_bounds(path: Path = FLOORS) -> list[Bound]:
    """The recorded bounds.

    Raises:
        OSError: there are none.
        ValueError: the file is no such file.
    """
    try:
        return [Bound(**row) for row in json.loads(path.read_text("utf-8"))["bounds"]]
    except (TypeError, KeyError) as error:
        raise ValueError(f"{path.name}: not a file of floors: {error}") from error


def read_rows() -> list[LabelledRow]:
    """The repository's test rows; raises `ValueError` where one cannot be used."""
    problems: list[Problem] = []
    rows = read_labelled([TEST_ROWS], problems)
    if problems:
        raise ValueError(f"test rows: {problems[0]}")
    return leave_out_learned(rows, None)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and compare or record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="record the figures of now")
    given = parser.parse_args(arguments)
    judge = Judge(Assessor())
    figures = measure(read_rows(), judge)
    if given.write:
        recorded = {
            "model": dict(judge.version),
            "bounds": [asdict(b) for b in bounds_from(figures)],
        }
        FLOORS.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    bounds = {bound.what: bound for bound in read_bounds()} if FLOORS.exists() else {}
    for what, each in figures.items():
        bound = bounds.get(what)
        beside = f"{'>=' if each.is_floor else '<='} {bound.limit:.4f}" if bound else "no bound"
        print(f"{what:40} n = {each.n:5}  {each.value:.4f}  {beside}")
    problems = missed(list(bounds.values()), figures)
    if problems or not bounds:
        sys.exit("\n".join(problems) or "no floors are recorded: --write records them")


if __name__ == "__main__":
    main()
