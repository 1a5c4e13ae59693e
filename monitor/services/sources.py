"""Sources: add, list, check with one polite look, and read saved answers (captures)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.domain.outcome import Outcome
from monitor.domain.page import RowProblem, SearchPage
from monitor.domain.watch import SourceRecord
from monitor.errors import InputError
from monitor.fetching.charset import decode_body
from monitor.pipeline.asking import Scope, ask
from monitor.pipeline.ingest import Ingested, ingest_answer
from monitor.pipeline.workspace import Workspace
from monitor.services.watches import refuse_resting
from monitor.sources.captures import read_capture
from monitor.sources.check import FieldVerdict, check_search
from monitor.sources.definition import SourceDefinition, load_definition
from monitor.sources.discovery import build
from monitor.store import people, watches

__all__ = ["CheckReport", "IngestReport", "add", "check", "ingest", "list_sources"]


def add(workspace: Workspace, path: Path, *, actor: str) -> SourceRecord:
    """Add a source from its TOML file, or replace its definition.

    Raises:
        SourceError: the file or an option is wrong; nothing is written.
    """
    return put(workspace, load_definition(path), actor=actor)


def put(workspace: Workspace, definition: SourceDefinition, *, actor: str) -> SourceRecord:
    """Add or replace a source; the definition is tried with its adapter first."""
    build(definition)
    with workspace.database.write() as tx:
        now = workspace.database.now()
        data = definition.model_dump(mode="json")
        record = watches.put_source(tx, definition.name, definition.kind, data, now=now)
        people.audit(
            tx, actor=actor, action="source.put", target=f"source:{definition.name}", now=now
        )
    return record


def list_sources(workspace: Workspace) -> list[SourceRecord]:
    """By name."""
    with workspace.database.read() as tx:
        return watches.all_sources(tx)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One polite look, in words.

    Attributes:
        outcome: how the look ended.
        detail: one line.
        page: the parsed page, or None when nothing arrived.
        fields: a verdict on each field or selector.
        elapsed_s: time of the request.
    """

    source: str
    term: str
    outcome: Outcome
    detail: str
    page: SearchPage | None
    fields: tuple[FieldVerdict, ...]
    elapsed_s: float


def check(workspace: Workspace, name: str, term: str) -> CheckReport:
    """Look once at a source for a term and say what every selector found.

    Stores nothing, unless the source refuses: then it rests, as after any block.

    Raises:
        NotFoundError: no such source.
        ConflictError: the source rests after a block.
        InputError: the source is read from captures only.
    """
    with workspace.database.read() as tx:
        record = watches.source_by_name(tx, name)
    source = workspace.source(record)
    request = source.search_request(term)
    if request is None:
        raise InputError(f"{name} is read from captures only: monitor sources ingest FILE...")
    asked = ask(workspace, record, Scope.SEARCH, request, source.parse_search)
    if asked.is_resting:
        refuse_resting(workspace, record.id, name)
    answer = asked.result.answer
    fields = tuple(check_search(source, answer)) if asked.page and answer else ()
    return CheckReport(
        name, term, asked.outcome, asked.detail, asked.page, fields, asked.result.elapsed_s
    )


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What came of one saved answer in a file."""

    file: Path
    ingested: Ingested


def ingest(
    workspace: Workspace, name: str, files: Sequence[Path], *, term: str = "", actor: str
) -> list[IngestReport]:
    """Read saved answers as if they had been fetched.

    A capture never alerts by itself the first time: like the first look of a
    watch it is a baseline for triage.

    Args:
        workspace: what is open.
        name: the source whose answers these are.
        files: HAR, JSON, JSONP or HTML files.
        term: what had been searched for, when the analyst knows.
        actor: who hands them in.

    Raises:
        NotFoundError: no such source.
    """
    with workspace.database.read() as tx:
        record = watches.source_by_name(tx, name)
    reports = []
    for file in files:
        try:
            answers = read_capture(file, decode=decode_body)
        except InputError as error:
            reports.append(IngestReport(file, Ingested(Outcome.SCHEMA_CHANGED, str(error))))
            continue
        for found in answers:
            if isinstance(found, RowProblem):
                detail = f"{found.field}: {found.reason}"
                ingested = Ingested(Outcome.SCHEMA_CHANGED, detail, problems=(found,))
            else:
                ingested = ingest_answer(workspace, record, found, term=term)
            reports.append(IngestReport(file, ingested))
    with workspace.database.write() as tx:
        people.audit(
            tx,
            actor=actor,
            action="source.ingest",
            target=f"source:{name}",
            detail={"files": len(files), "answers": len(reports)},
            now=workspace.database.now(),
        )
    return reports
