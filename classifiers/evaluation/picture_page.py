"""The report on pictures as files: a page that opens offline, the figures, a contact sheet."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from classifiers.evaluation.page import environment, style
from classifiers.evaluation.picture_rows import PictureRow
from classifiers.evaluation.picture_sheet import contact_sheet
from classifiers.evaluation.pictures import PictureError, PictureReport, shown_errors

__all__ = ["write_picture_report"]

EDGE = 200
"""Longer edge of an error on the page, in pixels."""


def write_picture_report(report: PictureReport, rows: Sequence[PictureRow], folder: Path) -> None:
    """Write ``index.html``, ``report.json`` and ``errors.png``.

    Args:
        report: to write.
        rows: that were judged, to show the errors among them.
        folder: is made where it is missing.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = json.dumps(report.to_json(), indent=1) + "\n"
    (folder / "report.json").write_text(figures, encoding="utf-8")
    shown = shown_errors(report.errors, rows)
    sheet = contact_sheet([(image, _words(error)) for image, error in shown])
    sheet.save(folder / "errors.png")
    page = environment().get_template("pictures.html")
    (folder / "index.html").write_text(
        page.render(report=report, style=style(), errors=[(_data(i), error) for i, error in shown]),
        encoding="utf-8",
    )


def _words(error: PictureError) -> str:
    sign = "+" if error.is_found else "-"
    return f"{sign}{error.kind} {error.share:.2f}\n{error.renderer} {error.disturbance}"


def _data(image: Image.Image) -> str:
    """The picture inside an address: the page asks nobody for anything."""
    small = image.copy()
    small.thumbnail((EDGE, EDGE))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
