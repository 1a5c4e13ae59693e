"""The line format of ``monitor assess``: one JSON object in, one out, in the same order.

A line that cannot be used gives ``{"id": ..., "error": ...}`` in its place, and
the rest goes on. The fields are described in ``docs/reference/assessment.md``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from classifiers.assess import Assessor
from classifiers.contract import Assessment, Listing, PictureReading

__all__ = ["Look", "Tally", "assess_lines", "dump_line", "parse_price"]

READ_FIELDS: Final = frozenset({"id", "text", "title", "description", "price", "seller", "images"})
WRITTEN_FIELDS: Final = (
    "score",
    "decision",
    "categories",
    "intent",
    "evidence",
    "contacts",
    "identifiers",
    "offer",
    "model",
    "pictures",
)
PRICE: Final = re.compile(r"(\d{1,12}(?:,\d{3})*(?:\.\d{1,6})?) ?([万千wk]?)")
SCALES: Final = {"": 1, "万": 10_000, "w": 10_000, "千": 1_000, "k": 1_000}
MINOR_UNITS: Final = 100
MAX_PRICE: Final = Decimal(10) ** 15
CURRENCY: Final = "CNY"


Look = Callable[[Listing, Assessment], Sequence[PictureReading]]
"""Readings of a listing's pictures, given what its text says."""


class _BadLine(Exception):
    """A line that cannot be used; its text is the reason."""


@dataclass(slots=True)
class Tally:
    """Counts lines while `assess_lines` runs; read it when the lines are used up.

    Attributes:
        lines: lines that held something.
        failed: those among them that gave an error.
    """

    lines: int = 0
    failed: int = 0

    @property
    def has_failed(self) -> bool:
        """Whether any line gave an error."""
        return self.failed > 0


def assess_lines(
    lines: Iterable[bytes | str],
    assessor: Assessor,
    tally: Tally | None = None,
    look: Look | None = None,
) -> Iterator[dict[str, Any]]:
    """Assess JSON Lines, one answer for every line that is not blank.

    Args:
        lines: of a file or stream, with or without line ends.
        assessor: decides.
        tally: counts, for an exit code.
        look: reads the pictures that a line names; without it they are ignored.
    """
    counts = tally if tally is not None else Tally()
    for line in lines:
        if not line.strip():
            continue
        counts.lines += 1
        given: dict[str, Any] = {}
        try:
            given = _parse(line)
            listing = _listing(given)
            assessment = assessor.assess(listing)
            if look is not None and listing.images:
                assessment = assessor.join(assessment, look(listing, assessment))
        except _BadLine as problem:
            counts.failed += 1
            yield {"id": given.get("id"), "error": str(problem)}
            continue
        yield _answer(given, assessment)


def dump_line(row: Mapping[str, Any]) -> str:
    """One line of JSON without a line end; it can be written as UTF-8 whatever it holds."""
    line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    try:
        line.encode()
    except UnicodeEncodeError:
        # A lone surrogate came in through an escape, and goes out as one.
        return json.dumps(row, separators=(",", ":"))
    return line


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _parse(line: bytes | str) -> dict[str, Any]:
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        value = json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise _BadLine(f"not UTF-8: byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise _BadLine(f"not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise _BadLine("not JSON that can be read: nested too deep") from error
    except ValueError as error:
        raise _BadLine(f"not JSON that can be read: {error}") from error
    if not isinstance(value, dict):
        raise _BadLine("not a JSON object")
    return value


def _listing(given: Mapping[str, Any]) -> Listing:
    text = _optional_text(given, "text")
    title = _optional_text(given, "title")
    description = _optional_text(given, "description")
    if text is None and title is None and description is None:
        raise _BadLine("text is missing: give text, or title and description")
    images = given.get("images") or []
    if not isinstance(images, list) or not all(isinstance(image, str) for image in images):
        raise _BadLine("images: not a list of paths")
    return Listing(
        title=text if text is not None else title or "",
        description="" if text is not None else description or "",
        price_minor=_price(given.get("price")),
        currency=CURRENCY,
        seller=_optional_text(given, "seller"),
        images=tuple(images),
    )


def _optional_text(given: Mapping[str, Any], field: str) -> str | None:
    value = given.get(field)
    if value is None or isinstance(value, str):
        return value
    raise _BadLine(f"{field}: {_kind(value)} instead of text")


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "an object")


def _price(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        return parse_price(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _BadLine(f"price: {_kind(value)} instead of a number or text")
    try:
        amount = Decimal(str(value))
    except (InvalidOperation, ValueError) as error:
        raise _BadLine("price: not a number that can be read") from error
    if not 0 <= amount < MAX_PRICE:
        raise _BadLine("price: below zero or too large")
    return int((amount * MINOR_UNITS).to_integral_value())


def parse_price(text: str) -> int | None:
    """Fen from a price as markets show it; None when it is not said (面议).

    >>> parse_price("当前价¥30"), parse_price("1.2万"), parse_price("面议")
    (3000, 1200000, None)
    """
    found = PRICE.search(text.strip().lower())
    if not found:
        return None
    amount = Decimal(found[1].replace(",", "")) * SCALES[found[2]]
    return int((amount * MINOR_UNITS).to_integral_value())


def _answer(given: Mapping[str, Any], assessment: Assessment) -> dict[str, Any]:
    extra = {name: value for name, value in given.items() if name not in READ_FIELDS}
    shadowed = {name: extra.pop(name) for name in WRITTEN_FIELDS if name in extra}
    answer: dict[str, Any] = {"id": given.get("id"), **extra}
    if shadowed:
        answer["input"] = shadowed
    answer |= {
        "score": assessment.score,
        "decision": assessment.decision.value,
        "categories": {name.value: p for name, p in assessment.categories.items()},
        "intent": assessment.intent.value,
        "evidence": [
            asdict(item) | {"category": item.category.value if item.category else None}
            for item in assessment.evidence
        ],
        "contacts": [
            {"kind": c.kind.value, "start": c.start, "end": c.end, "masked": c.masked}
            for c in assessment.contacts
        ],
        "identifiers": [
            {"kind": i.kind.value, "start": i.start, "end": i.end} for i in assessment.identifiers
        ],
        "offer": asdict(assessment.offer),
        "model": dict(assessment.model),
    }
    if assessment.pictures:
        answer["pictures"] = [_picture(reading) for reading in assessment.pictures]
    return answer


def _picture(reading: PictureReading) -> dict[str, Any]:
    """A reading without the text that was read: that may hold anything."""
    return {
        "picture": reading.picture,
        "refused": reading.refused,
        "classes": {kind.value: chance for kind, chance in reading.classes.items()},
        "evidence": [asdict(each) for each in reading.evidence],
        "hashes": dict(reading.hashes),
        "stages": list(reading.stages),
        "notes": list(reading.notes),
    }
