"""What the questions answer: rows of plain values, the same as JSON, CSV and a table.

The models are what `GET /api/v1/stats/...` documents; a field's name is a promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field

from monitor.domain.scope import Scope
from monitor.services.spreadsheet import csv_line

__all__ = [
    "Answer",
    "Coverage",
    "Delivery",
    "Failure",
    "HitCount",
    "Load",
    "Misses",
    "OutcomeCount",
    "Precision",
    "Row",
    "Term",
    "csv_lines",
]


class Row(BaseModel):
    """One row of an answer; its fields in their order are the columns of the CSV."""

    model_config = ConfigDict(frozen=True)


class HitCount(Row):
    """Hits with one value, or found in one bucket of time."""

    value: str = Field(
        description="The value; for a time, the bucket's start with the zone's offset.",
        examples=["face_id_bundle"],
    )
    hits: int = Field(description="Hits; one with several values counts at each.", examples=[42])


class Precision(Row):
    """How many of the judged hits were confirmed, for one keyword, model, source or category."""

    value: str = Field(examples=["人脸四件套"])
    hits: int = Field(description="All hits, judged or not.", examples=[60])
    confirmed: int = Field(examples=[36])
    benign: int = Field(examples=[4])
    unsure: int = Field(description="Judged, but in neither number.", examples=[1])
    n: int = Field(description="confirmed + benign.", examples=[40])
    precision: float | None = Field(
        description="confirmed / n; null when n is 0: not shown.", examples=[0.9]
    )
    low: float | None = Field(
        description="Lower end of Wilson's 95 % interval; null when n is 0.", examples=[0.7695]
    )
    high: float | None = Field(description="Its upper end.", examples=[0.9604])


class OutcomeCount(Row):
    """Finished looks of one source that began in one bucket of time and ended alike."""

    source: str = Field(examples=["shop"])
    start: datetime = Field(
        description="The bucket's start.", examples=["2026-03-02T00:00:00+08:00"]
    )
    outcome: str = Field(examples=["challenged"])
    looks: int = Field(examples=[3])


class Coverage(Row):
    """How much of what was looked at in one source and bucket of time was seen."""

    source: str = Field(examples=["shop"])
    start: datetime = Field(
        description="The bucket's start.", examples=["2026-03-02T00:00:00+08:00"]
    )
    looks: int = Field(description="Finished looks.", examples=[336])
    seen: int = Field(
        description="Looks that saw the whole answer, a true zero included.", examples=[333]
    )
    coverage: float | None = Field(
        description="seen / looks; null without a look: nothing is known.", examples=[0.9911]
    )
    watches: int = Field(description="Watches looked at.", examples=[12])
    watches_seen: int = Field(description="Of these, seen at least once.", examples=[12])


class Load(Row):
    """Work of one kind and source that is due now."""

    kind: str = Field(description="poll, look, pictures, index or send.", examples=["poll"])
    source: str = Field(description='"" for work whose listing is gone.', examples=["shop"])
    due: int = Field(description="Rows whose time has come.", examples=[7])
    held: int = Field(description="Of these, in a process's hands.", examples=[4])
    failing: int = Field(description="Of these, tried before in vain.", examples=[0])
    oldest_s: float = Field(
        description="Seconds that the longest waiting row has been due.", examples=[2.5]
    )


class Delivery(Row):
    """Alerts written for one endpoint, and how long they took."""

    endpoint: str = Field(examples=["moderators"])
    alerts: int = Field(examples=[20])
    delivered: int = Field(examples=[18])
    pending: int = Field(examples=[1])
    dead: int = Field(description="Given up, or refused.", examples=[1])
    cancelled: int = Field(description="Overtaken by a benign verdict.", examples=[0])
    attempts: int = Field(description="Tries, those of this moment included.", examples=[27])
    p50_s: float | None = Field(
        description="Median of the seconds from the alert's cause to its arrival; null when "
        "nothing arrived.",
        examples=[0.4],
    )
    p95_s: float | None = Field(description="95th percentile of the same.", examples=[61.2])


class Failure(Row):
    """Tries to deliver that ended alike."""

    endpoint: str = Field(examples=["moderators"])
    result: str = Field(examples=["retry"])
    http_status: int | None = Field(description="null when no answer came at all.", examples=[503])
    attempts: int = Field(examples=[7])
    last_at: datetime = Field(
        description="When the newest of them began.", examples=["2026-03-02T20:30:15+08:00"]
    )


class Term(Row):
    """A piece of text that new hits hold more often than the hits before."""

    term: str = Field(description="From masked texts only.", examples=["眨眼视频"])
    hits: int = Field(description="Hits of the window that hold it.", examples=[14])
    sellers: int = Field(description="How many sellers wrote them.", examples=[5])
    hits_before: int = Field(description="Hits of the window before.", examples=[2])
    score: float = Field(
        description="Log-likelihood ratio of the rise; 10.8 is one chance in a thousand "
        "for a term named beforehand.",
        examples=[10.9],
    )
    is_keyword: bool = Field(
        description="Whether an active keyword holds the term.", examples=[False]
    )


class Misses(Row):
    """Offers among clear listings, estimated from a random sample that people judged."""

    n: int = Field(description="Judged listings of the sample.", examples=[200])
    missed: int = Field(description="Of these, offers.", examples=[1])
    unsure: int = Field(description="Looked at, but in neither number.", examples=[2])
    share: float | None = Field(
        description="missed / n; null when n is 0: not shown.", examples=[0.005]
    )
    low: float | None = Field(
        description="Lower end of the exact 95 % interval (Clopper and Pearson).",
        examples=[0.0001],
    )
    high: float | None = Field(description="Its upper end.", examples=[0.0275])
    clear: int = Field(
        description="Clear listings first seen in the time: what the share is of.",
        examples=[120000],
    )
    missed_low: float | None = Field(
        description="Missed offers among them: clear x low.", examples=[15.2]
    )
    missed_high: float | None = Field(description="clear x high.", examples=[3305.0])


R = TypeVar("R", bound=Row)


class Answer(BaseModel, Generic[R]):
    """Rows, and what they cover."""

    model_config = ConfigDict(frozen=True)

    question: str = Field(examples=["hits"])
    since: datetime | None = Field(
        description="The first moment that counts; null: the state of now.",
        examples=["2026-03-01T00:00:00+08:00"],
    )
    until: datetime = Field(
        description="The first moment that no longer counts.",
        examples=["2026-03-08T00:00:00+08:00"],
    )
    zone: str = Field(description="Where days and weeks begin.", examples=["Asia/Shanghai"])
    total: int | None = Field(
        default=None, description="Hits in all, where rows may count one twice."
    )
    left_out: int = Field(default=0, description="Further rows, beyond the limit.", examples=[0])
    note: str = Field(default="", description="What must be known to read the rows.")
    rows: list[R]

    @classmethod
    def over(cls, scope: Scope, question: str, rows: list[R], **more: Any) -> Self:
        """The answer of a question about a scope."""
        since, until = scope.since.astimezone(scope.zone), scope.until.astimezone(scope.zone)
        return cls(
            question=question, since=since, until=until, zone=scope.zone.key, rows=rows, **more
        )

    @classmethod
    def columns(cls) -> list[str]:
        """Names of a row's fields, in order."""
        return list(cls._row_type().model_fields)

    @classmethod
    def example(cls, question: str, **values: Any) -> Self:
        """One made-up row, from the fields' own examples; `values` win."""
        row = cls._row_type().model_validate(_examples(cls._row_type()))
        fields = {**_examples(cls), "question": question, "rows": [row], **values}
        return cls.model_validate(fields)

    @classmethod
    def _row_type(cls) -> type[R]:
        row_type: type[R] = get_args(cls.model_fields["rows"].annotation)[0]
        return row_type

    def cells(self) -> list[list[Any]]:
        """Values of each row in the columns' order; times as text with their offset."""
        columns = self.columns()
        return [[row.model_dump(mode="json")[name] for name in columns] for row in self.rows]

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return self.model_dump(mode="json")


def _examples(model: type[BaseModel]) -> dict[str, Any]:
    return {name: field.examples[0] for name, field in model.model_fields.items() if field.examples}


def csv_lines(answer: Answer[Any]) -> Iterator[str]:
    """A line of names, then the rows; safe to open in a spreadsheet.

    UTF-8 without a byte order mark: programs read it as it is; a spreadsheet is told the
    encoding when it imports the file.
    """
    yield csv_line(answer.columns())
    for cells in answer.cells():
        yield csv_line(cells)
