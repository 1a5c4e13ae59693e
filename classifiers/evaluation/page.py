"""The report as one HTML page that opens offline, and as files in a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from classifiers.evaluation.curve import curve_json
from classifiers.evaluation.drawing import curve_plot, range_mark, reliability_plot
from classifiers.evaluation.goals import Goal
from classifiers.evaluation.report import Report, Shown

__all__ = ["environment", "render_page", "style", "write_report"]

MILLION: Final = 1_000_000
SMALL: Final = 0.001


def environment() -> jinja2.Environment:
    """What the templates of the reports are filled with."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("classifiers.evaluation"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(share=share, figure=figure, words=words)
    made.globals.update(range_mark=range_mark, goal_value=goal_value)
    return made


def style() -> Markup:
    """The style sheet of the reports."""
    path = Path(__file__).parent / "templates" / "page.css"
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704 -- our own file


def render_page(report: Report) -> str:
    """The page: no script, no outside request."""
    return (
        environment()
        .get_template("page.html")
        .render(
            report=report,
            style=style(),
            curve_plot=curve_plot,
            reliability_plot=reliability_plot,
            goal_rows=_goal_rows(report.goals),
        )
    )


def _goal_rows(goals: Sequence[Goal]) -> list[tuple[Goal | None, Goal | None]]:
    """Goals on one thing side by side: as a hit (or of no band), and as hit or review."""
    rows: dict[str, list[Goal | None]] = {}
    for goal in goals:
        rows.setdefault(goal.what, [None, None])["review" in goal.band] = goal
    return [(first, second) for first, second in rows.values()]


def write_report(report: Report, folder: Path) -> None:
    """Write ``index.html``, ``report.json``, ``curve.json`` and ``flagged.jsonl``.

    Args:
        report: to write.
        folder: is made where it is missing.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(render_page(report), encoding="utf-8")
    _write_json(folder / "report.json", report.to_json())
    curve = curve_json(report.curve, measured_on=report.measured_on, model=report.model)
    _write_json(folder / "curve.json", curve)
    (folder / "flagged.jsonl").write_text(_lines(report.flagged_ordinary), encoding="utf-8")


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _lines(flagged: Sequence[Shown]) -> str:
    rows = (
        {
            "label": "",
            "sha256": each.sha256,
            "decision": each.decision,
            "score": each.score,
            "kind": each.kind,
            "masked": each.text,
        }
        for each in flagged
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def share(value: float | None) -> str:
    """A share as a percentage with one digit, or in a million where it is small.

    >>> share(0.9567), share(0.00004), share(1.0), share(None)
    ('95.7 %', '40 per million', '100 %', '–')
    """
    if value is None:
        return "–"
    if 0 < value < SMALL:
        return f"{value * MILLION:,.0f} per million"
    percent = 100 * value
    if percent in (0.0, 100.0):
        return f"{percent:.0f} %"
    # 99.97 % must not read as 100 %.
    return f"{percent:.1f} %" if percent < 99.95 else f"{percent:.3f} %"


def figure(value: float | None, digits: int = 1) -> str:
    """A number with thousands apart.

    >>> figure(12345.678), figure(0.04321, 3), figure(None)
    ('12,345.7', '0.043', '–')
    """
    return "–" if value is None else f"{value:,.{digits}f}"


def words(name: str) -> str:
    """A name of the code as people read it.

    >>> words("face_id_bundle")
    'face id bundle'
    """
    return name.replace("_", " ")


def goal_value(goal: Goal) -> tuple[str, str]:
    """A goal's figure and its interval in words."""
    if goal.value is None:
        return "–", ""

    def write(value: float) -> str:
        if goal.unit == "share":
            return share(value)
        if goal.unit == "per million":
            return f"{figure(value * MILLION, 0)} per million"
        return figure(value, 3 if abs(value) < 1 else 1)

    if goal.high is None:
        return write(goal.value), ""
    if goal.low is None:
        return write(goal.value), f"at most {write(goal.high)}"
    return write(goal.value), f"{write(goal.low)} to {write(goal.high)}"
