"""A capture that was handed in, taken in once: answer by answer, whoever is killed meanwhile.

Each answer is recorded in one transaction that also counts the capture on
(`monitor.store.captures`), so that a second process, or the same one after a crash,
goes on exactly where the first one came to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Self

from monitor.domain.page import Answer, RowProblem
from monitor.domain.watch import SourceRecord
from monitor.errors import ConflictError, InputError
from monitor.fetching.charset import decode_body
from monitor.pipeline.ingest import Ingested, ingest_answer
from monitor.pipeline.masking import masked
from monitor.pipeline.workspace import Workspace
from monitor.sources.captures import claimants, read_capture_file
from monitor.store import captures, people, watches
from monitor.store.database import Transaction

__all__ = ["UNCLAIMED", "UNREADABLE", "AnswerResult", "Spool", "Taken", "take_capture"]

UNCLAIMED = "unclaimed"
UNREADABLE = "unreadable"
MAX_DETAIL_CHARS = 300


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """What came of one answer.

    Attributes:
        answer: its place among the capture's answers, from 0.
        source: the source that took it for its own, or "".
        outcome: of the look that was recorded; `UNCLAIMED` when no source, or more than
            one, took it for its own; `UNREADABLE` when it is no answer at all.
        detail: one line.
        rows: rows on it that could be used.
        problems: rows on it that could not.
        new_listings: rows never seen before.
        hits: new or changed hits.
    """

    answer: int
    source: str
    outcome: str
    detail: str = ""
    rows: int = 0
    problems: int = 0
    new_listings: int = 0
    hits: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a capture.

    Attributes:
        id: its row in the store.
        is_repeat: it had been taken in before, and nothing was done now.
        answers: how many answers it holds.
        results: of the first ones (`store.captures.MAX_RESULTS`).
    """

    id: int
    is_repeat: bool
    answers: int
    results: tuple[AnswerResult, ...]


class Spool:
    """A capture's bytes in a file without a name, which nobody can change and a kill removes.

    Args:
        folder: whose disk it takes room on; None: the system's for such files.
    """

    def __init__(self, folder: Path | None) -> None:
        self.file: BinaryIO = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `__exit__`
        self._digest = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, piece: bytes) -> None:
        """Add bytes; raises `OSError` when the disk is full."""
        self.file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    @property
    def digest(self) -> str:
        """SHA-256 of all bytes, hexadecimal."""
        return self._digest.hexdigest()


def take_capture(
    workspace: Workspace,
    spool: Spool,
    name: str,
    saved_at: datetime,
    *,
    source: str = "",
    term: str = "",
    key: str = "",
    actor: str,
) -> Taken:
    """Record the answers of a capture, each once, as if they had been fetched.

    Args:
        workspace: what is open.
        spool: its bytes.
        name: of its file; only the ending matters.
        saved_at: time of an answer that does not say its own.
        source: whose answers these are; "": each is given to the source that knows it again.
        term: what had been searched for, if that is known.
        key: what makes it the same capture when it comes again; "": source and bytes.
        actor: who hands it in.

    Raises:
        NotFoundError: no such source.
        InputError: it cannot be read.
        ConflictError: other bytes came under this key.
        LeaseLost: another process is about to take it in.
    """
    with workspace.database.read() as tx:
        known = [watches.source_by_name(tx, source)] if source else watches.all_sources(tx)
    key = workspace.keyring.digest("content", key or f"capture {source} {spool.digest}")
    with workspace.database.write() as tx:
        row = captures.begin(tx, key=key, digest=spool.digest, now=workspace.database.now())
    before = [AnswerResult(**result) for result in row.results]
    if row.digest != spool.digest:
        raise ConflictError("other bytes came under this key before")
    if row.is_finished:
        return Taken(row.id, True, row.answers, tuple(before))
    spool.file.seek(0)
    try:
        answers = read_capture_file(spool.file, name, saved_at, decode=decode_body)
    except InputError:
        with workspace.database.write() as tx:
            captures.forget(tx, row.id)
        raise
    taking = _Taking(workspace, known, row.id, term)
    new = [taking.take(n, found) for n, found in enumerate(answers) if n >= row.answers]
    count = row.answers + len(new)
    with workspace.database.write() as tx:
        now = workspace.database.now()
        captures.finish(tx, row.id, now=now)
        people.audit(
            tx,
            actor=actor,
            action="capture.take",
            target=f"capture:{row.id}",
            detail={"answers": count},
            now=now,
        )
    return Taken(row.id, False, count, tuple((before + new)[: captures.MAX_RESULTS]))


class _Taking:
    """One capture's answers on their way into the store."""

    def __init__(
        self, workspace: Workspace, known: Sequence[SourceRecord], capture_id: int, term: str
    ) -> None:
        self._workspace = workspace
        self._records = {record.name: record for record in known}
        self._sources = [workspace.source(record) for record in known]
        self._capture_id = capture_id
        self._term = term

    def take(self, place: int, found: Answer | RowProblem) -> AnswerResult:
        """Record or report one answer; raises `LeaseLost` when another process did so."""
        if isinstance(found, RowProblem):
            detail = f"{found.field} {found.row}: {found.reason}"
            return self._report(AnswerResult(place, "", UNREADABLE, detail))
        takers = [source.definition.name for source, _ in claimants(self._sources, found)]
        if len(takers) != 1:
            detail = f"claimed by {', '.join(takers)}; say whose it is" if takers else ""
            return self._report(AnswerResult(place, "", UNCLAIMED, detail))
        name = takers[0]
        ingested = ingest_answer(
            self._workspace,
            self._records[name],
            found,
            term=self._term,
            also=lambda tx, ingested: self._count(tx, _result(place, name, ingested)),
        )
        return _result(place, name, ingested)

    def _report(self, result: AnswerResult) -> AnswerResult:
        with self._workspace.database.write() as tx:
            self._count(tx, result)
        return result

    def _count(self, tx: Transaction, result: AnswerResult) -> None:
        captures.count_on(tx, self._capture_id, answers=result.answer, result=asdict(result))


def _result(place: int, source: str, ingested: Ingested) -> AnswerResult:
    counts = ingested.counts
    return AnswerResult(
        answer=place,
        source=source,
        outcome=ingested.outcome.value,
        detail=masked(ingested.detail)[:MAX_DETAIL_CHARS],
        rows=counts.rows,
        problems=len(ingested.problems),
        new_listings=counts.new_listings,
        hits=counts.hits,
    )
