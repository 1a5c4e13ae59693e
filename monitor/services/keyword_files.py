"""Keywords in and out of files: CSV and JSON Lines, with a difference before anything is written.

What `export_keywords` writes, `read_keywords` reads back to the same drafts.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.domain.keyword import Keyword, KeywordDraft, Severity
from monitor.errors import InputError
from monitor.pipeline.workspace import Workspace
from monitor.services.keywords import add_in, check_draft, edit_in
from monitor.store import keywords as store

__all__ = [
    "COLUMNS",
    "FileProblem",
    "ImportPlan",
    "apply_import",
    "export_keywords",
    "plan_import",
    "read_keywords",
]

COLUMNS = (
    "term",
    "category",
    "language",
    "severity",
    "weight",
    "search",
    "sources",
    "owner",
    "reason",
    "expires_at",
)
TRUE_WORDS = frozenset({"yes", "true", "1", "y"})
FALSE_WORDS = frozenset({"no", "false", "0", "n"})
# A spreadsheet would run these as formulas; the quote is taken off when read back.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "'")


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A row that cannot be used: 1-based line, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do.

    Attributes:
        added: drafts that are new, or that revive a retired keyword.
        changed: (keyword, its new draft, names of the fields that change).
        unchanged: keywords that are there as the file has them.
        problems: rows that cannot be used.
    """

    added: tuple[KeywordDraft, ...]
    changed: tuple[tuple[Keyword, KeywordDraft, tuple[str, ...]], ...]
    unchanged: tuple[Keyword, ...]
    problems: tuple[FileProblem, ...]


def read_keywords(text: str, form: str) -> tuple[list[KeywordDraft], list[FileProblem]]:
    """Read drafts from CSV (with a heading) or JSON Lines; a broken row loses that row only.

    Raises:
        InputError: the file as a whole is neither.
    """
    rows = _csv_rows(text) if form == "csv" else _jsonl_rows(text)
    drafts: dict[str, KeywordDraft] = {}
    problems = []
    for line, row in rows:
        if isinstance(row, str):
            problems.append(FileProblem(line, row))
            continue
        try:
            draft = check_draft(_draft(row))
        except (InputError, ValueError) as error:
            problems.append(FileProblem(line, str(error)))
            continue
        key = store.term_key(draft.term)
        if key in drafts:
            problems.append(FileProblem(line, f"term: {draft.term} stands in this file already"))
            continue
        drafts[key] = draft
    return list(drafts.values()), problems


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        heading = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise InputError(f"line 1: {error}") from error
    missing = {"term", "category"} - set(heading)
    if missing:
        raise InputError(f"line 1: the heading lacks {', '.join(sorted(missing))}")
    unknown = [name for name in heading if name not in COLUMNS]
    if unknown:
        raise InputError(f"line 1: unknown columns: {', '.join(unknown)}")
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, f"not CSV: {error}"
            continue
        if not cells:
            continue
        if len(cells) != len(heading):
            yield reader.line_num, f"{len(cells)} cells where the heading has {len(heading)}"
            continue
        values = (cell[1:] if cell[:1] == "'" else cell for cell in cells)
        yield reader.line_num, dict(zip(heading, values, strict=True))


def _jsonl_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, f"not JSON: {error}"
            continue
        if not isinstance(row, dict):
            yield number, "not a JSON object"
        elif unknown := [name for name in row if name not in COLUMNS]:
            yield number, f"unknown fields: {', '.join(unknown)[:200]}"
        else:
            yield number, row


def _draft(row: Mapping[str, Any]) -> KeywordDraft:
    defaults = KeywordDraft("", "")
    return KeywordDraft(
        term=_text(row, "term"),
        category=_text(row, "category"),
        language=_text(row, "language") or defaults.language,
        severity=_severity(_text(row, "severity") or defaults.severity.value),
        weight=_number(row, "weight", defaults.weight),
        search=_flag(row, "search", default=defaults.search),
        sources=_names(row.get("sources")),
        owner=_text(row, "owner"),
        reason=_text(row, "reason"),
        expires_at=_time(_text(row, "expires_at")),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{name}: not a text")
    return value.strip()


def _severity(value: str) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        raise InputError(f"severity: {value!r} is none of {', '.join(Severity)}") from None


def _number(row: Mapping[str, Any], name: str, default: float) -> float:
    value = row.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        raise InputError(f"{name}: not a number")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}: not a number") from None


def _flag(row: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = row.get(name)
    if value is None or value == "":
        return default
    word = str(value).strip().casefold()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise InputError(f"{name}: neither yes nor no")


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise InputError("sources: neither names separated by ; nor a list")


def _time(value: str) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise InputError(f"expires_at: {value!r} is not an ISO 8601 time") from None
    if found.tzinfo is None:
        raise InputError("expires_at: has no time zone")
    return found


def _row(draft: KeywordDraft) -> dict[str, Any]:
    return {
        "term": draft.term,
        "category": draft.category,
        "language": draft.language,
        "severity": draft.severity.value,
        "weight": draft.weight,
        "search": draft.search,
        "sources": list(draft.sources),
        "owner": draft.owner,
        "reason": draft.reason,
        "expires_at": draft.expires_at.isoformat() if draft.expires_at else None,
    }


def export_keywords(drafts: Iterable[KeywordDraft], form: str) -> str:
    """The drafts as CSV (safe to open in a spreadsheet) or JSON Lines."""
    rows = [_row(draft) for draft in drafts]
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        row["search"] = "yes" if row["search"] else "no"
        row["sources"] = ";".join(row["sources"])
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def plan_import(
    workspace: Workspace, drafts: Sequence[KeywordDraft], problems: Sequence[FileProblem] = ()
) -> ImportPlan:
    """Compare with what is stored; writes nothing."""
    added, changed, unchanged = [], [], []
    with workspace.database.read() as tx:
        stored = {store.term_key(keyword.term): keyword for keyword in store.all_keywords(tx)}
    for draft in drafts:
        keyword = stored.get(store.term_key(draft.term))
        if keyword is None or keyword.retired_at is not None:
            added.append(draft)
        elif keyword.draft == draft:
            unchanged.append(keyword)
        else:
            old, new = _row(keyword.draft), _row(draft)
            fields = tuple(name for name in COLUMNS if old[name] != new[name])
            changed.append((keyword, draft, fields))
    return ImportPlan(tuple(added), tuple(changed), tuple(unchanged), tuple(problems))


def apply_import(workspace: Workspace, plan: ImportPlan, *, actor: str) -> None:
    """Write all of the plan, or, if somebody changed a keyword meanwhile, nothing of it.

    Raises:
        ConflictError: a keyword changed since the plan was made.
    """
    with workspace.database.write() as tx:
        now = workspace.database.now()
        for draft in plan.added:
            add_in(tx, draft, actor=actor, now=now)
        for keyword, draft, _ in plan.changed:
            edit_in(tx, keyword, draft, actor=actor, now=now)
