"""`monitor keywords`: the words that are searched for and matched."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from monitor.cli.terminal import (
    ask_actor,
    console,
    duration_s,
    errors,
    open_data,
    plain,
    print_json,
    print_table,
)
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.domain.keyword import Keyword

app = typer.Typer(no_args_is_help=True, help="The words that are searched for and matched.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Reference = Annotated[str, typer.Argument(help="The keyword: its term or its id.")]
MAX_FILE_BYTES = 50_000_000
FIELDS = ("term", "category", "language", "severity", "weight", "search", "sources", "owner")


def _expires(text: str) -> datetime | None:
    if not text or text == "never":
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.now(UTC) + timedelta(seconds=duration_s(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _row(keyword: Keyword) -> dict[str, Any]:
    return {
        "id": keyword.id,
        "version": keyword.version,
        **asdict(keyword.draft),
        "action": keyword.action,
        "created_at": keyword.created_at,
        "created_by": keyword.created_by,
        "retired_at": keyword.retired_at,
    }


def _show(keyword: Keyword) -> None:
    for name, value in _row(keyword).items():
        console().print(Text(f"{name:>12}  {plain(str(value) if value is not None else '-')}"))


@app.command()
def add(
    context: typer.Context,
    term: Annotated[str, typer.Argument(help="The word, as typed into a search box.")],
    category: Annotated[str, typer.Option(help="One of the eight categories.")],
    language: Annotated[str, typer.Option(help="ISO 639-1.")] = "zh",
    severity: Annotated[str, typer.Option(help="low, medium or high.")] = "medium",
    weight: Annotated[float, typer.Option(help="Evidence of one mention, up to 3.")] = 1.5,
    search: Annotated[bool, typer.Option(help="Worth typing into a search box.")] = True,
    source: Annotated[list[str] | None, typer.Option(help="Watch it there.")] = None,
    every: Annotated[str, typer.Option(help="Interval of those watches.")] = "30m",
    owner: Annotated[str, typer.Option(help="Who looks after it.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is here.")] = "",
    expires: Annotated[str, typer.Option(help="A time, or 30d from now.")] = "",
) -> None:
    """Add a keyword; with --source, also watch it there."""
    from monitor.domain.keyword import KeywordDraft
    from monitor.services import keywords, watches

    draft = KeywordDraft(
        term=term,
        category=category,
        language=language,
        severity=_severity(severity),
        weight=weight,
        search=search,
        sources=tuple(source or ()),
        owner=owner,
        reason=reason,
        expires_at=_expires(expires),
    )
    actor = ask_actor(context)
    with open_data(context) as workspace:
        interval_s = duration_s(every)
        keyword = keywords.add(workspace, draft, actor=actor)
        console().print(f"added keyword {keyword.id}: {plain(keyword.term)}", markup=False)
        for name in source or ():
            added = watches.add(
                workspace, name, [str(keyword.id)], interval_s=interval_s, actor=actor
            )
            console().print(
                f"watched in {name} every {every}; one look at all {added.watches} watches there "
                f"takes {added.cycle_s:.0f} s",
                markup=False,
            )


def _severity(value: str) -> Any:
    from monitor.domain.keyword import Severity

    try:
        return Severity(value)
    except ValueError:
        raise InputError(f"severity: {value!r} is none of {', '.join(Severity)}") from None


@app.command("list")
def list_(
    context: typer.Context,
    category: Annotated[list[str] | None, typer.Option(help="Only these.")] = None,
    source: Annotated[str, typer.Option(help="Only those of this source.")] = "",
    retired: Annotated[bool, typer.Option(help="Retired ones too.")] = False,
    as_json: Json = False,
) -> None:
    """The newest version of every keyword."""
    from monitor.services import keywords

    with open_data(context) as workspace:
        found = keywords.list_keywords(
            workspace, categories=category or (), source=source, with_retired=retired
        )
    if as_json:
        for keyword in found:
            print_json(_row(keyword))
        return
    print_table(
        f"{len(found)} keywords",
        ("id", "term", "category", "severity", "weight", "search", "version"),
        (
            (
                k.id,
                k.term,
                k.draft.category,
                k.draft.severity.value,
                k.draft.weight,
                k.draft.search,
                k.version,
            )
            for k in found
        ),
    )


@app.command()
def show(context: typer.Context, reference: Reference, as_json: Json = False) -> None:
    """One keyword, its newest version."""
    from monitor.services import keywords

    with open_data(context) as workspace:
        keyword = keywords.history(workspace, reference)[-1]
    if as_json:
        print_json(_row(keyword))
    else:
        _show(keyword)


@app.command()
def edit(
    context: typer.Context,
    reference: Reference,
    term: Annotated[str | None, typer.Option()] = None,
    category: Annotated[str | None, typer.Option()] = None,
    language: Annotated[str | None, typer.Option()] = None,
    severity: Annotated[str | None, typer.Option()] = None,
    weight: Annotated[float | None, typer.Option()] = None,
    search: Annotated[bool | None, typer.Option()] = None,
    owner: Annotated[str | None, typer.Option()] = None,
    reason: Annotated[str | None, typer.Option()] = None,
    expires: Annotated[str | None, typer.Option(help="A time, 30d, or never.")] = None,
) -> None:
    """Change fields; this writes a new version and keeps the old one."""
    from monitor.services import keywords

    given: dict[str, Any] = {
        "term": term,
        "category": category,
        "language": language,
        "severity": _severity(severity) if severity is not None else None,
        "weight": weight,
        "search": search,
        "owner": owner,
        "reason": reason,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if expires is not None:
        changes["expires_at"] = _expires(expires)
    with open_data(context) as workspace:
        before = keywords.history(workspace, reference)[-1]
        after = keywords.edit(workspace, reference, changes, actor=ask_actor(context))
    for name in changes:
        old, new = getattr(before.draft, name), getattr(after.draft, name)
        console().print(plain(f"{name}: {old} -> {new}"), markup=False)
    console().print(f"keyword {after.id} is at version {after.version}", markup=False)


@app.command()
def retire(
    context: typer.Context,
    reference: Reference,
    reason: Annotated[str, typer.Option(help="Why; required.")],
) -> None:
    """Search and match it no longer; its history stays."""
    from monitor.services import keywords

    with open_data(context) as workspace:
        retired = keywords.retire(workspace, reference, reason=reason, actor=ask_actor(context))
    console().print(f"retired keyword {retired.id}: {plain(retired.term)}", markup=False)


@app.command()
def history(context: typer.Context, reference: Reference, as_json: Json = False) -> None:
    """All versions, oldest first."""
    from monitor.services import keywords

    with open_data(context) as workspace:
        found = keywords.history(workspace, reference)
    if as_json:
        for keyword in found:
            print_json(_row(keyword))
        return
    print_table(
        f"keyword {found[0].id}",
        ("version", "when", "who", "what", "term", "category", "weight", "reason"),
        (
            (
                k.version,
                k.created_at,
                k.created_by,
                k.action,
                k.term,
                k.draft.category,
                k.draft.weight,
                k.draft.reason,
            )
            for k in found
        ),
    )


def _form(path: str, form: str) -> str:
    chosen = form or ("jsonl" if path.endswith((".jsonl", ".ndjson")) else "csv")
    if chosen not in {"csv", "jsonl"}:
        raise InputError("--format is csv or jsonl")
    return chosen


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with a heading, or JSON Lines.")],
    form: Annotated[str, typer.Option("--format", help="csv or jsonl; else by name.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Show the difference, write nothing.")] = False,
) -> None:
    """Read keywords from a file; broken rows are shown and lose themselves only."""
    from monitor.services.keyword_files import apply_import, plan_import, read_keywords

    drafts, problems = read_keywords(_read_text(file), _form(file.name, form))
    with open_data(context) as workspace:
        plan = plan_import(workspace, drafts, problems)
        for draft in plan.added:
            console().print(plain(f"+ {draft.term}  ({draft.category})"), markup=False)
        for keyword, draft, fields in plan.changed:
            for name in fields:
                old, new = getattr(keyword.draft, name), getattr(draft, name)
                console().print(plain(f"~ {draft.term}  {name}: {old} -> {new}"), markup=False)
        for problem in plan.problems:
            errors().print(plain(f"! {file.name}:{problem.line}: {problem.reason}"), markup=False)
        if not dry_run:
            apply_import(workspace, plan, actor=ask_actor(context))
    console().print(
        f"{len(plan.added)} new, {len(plan.changed)} changed, {len(plan.unchanged)} as they were, "
        f"{len(plan.problems)} broken rows; {'nothing' if dry_run else 'all but these'} written",
        markup=False,
    )
    if plan.problems:
        raise typer.Exit(1)


def _read_text(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"{file}: larger than {MAX_FILE_BYTES // 1_000_000} MB")
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not UTF-8 at byte {error.start}") from error


@app.command()
def export(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="Where to; - for standard output.")] = "-",
    form: Annotated[str, typer.Option("--format", help="csv or jsonl; else by name.")] = "",
) -> None:
    """Write all active keywords; `import` reads them back."""
    from monitor.services import keywords
    from monitor.services.keyword_files import export_keywords

    with open_data(context) as workspace:
        found = keywords.list_keywords(workspace)
    text = export_keywords((keyword.draft for keyword in found), _form(file, form))
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
    console().print(f"{len(found)} keywords written to {file}", markup=False)


@app.command()
def test(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(help="A term, an id, or 'all'.")],
    text: Annotated[str | None, typer.Argument(help="The text; or use --file.")] = None,
    file: Annotated[Path | None, typer.Option(help="One text a line.")] = None,
    as_json: Json = False,
) -> None:
    """What matches in a text, where and why. A term that is not stored yet works too."""
    from monitor.services import keywords

    if (text is None) == (file is None):
        raise InputError("give a text or --file")
    texts = (
        [text]
        if text is not None
        else [line for line in _read_text(file or Path()).split("\n") if line.strip()]
    )
    with open_data(context) as workspace:
        tested = keywords.match(workspace, texts, reference="" if reference == "all" else reference)
    for result in tested:
        if as_json:
            print_json(
                {
                    "text": result.text,
                    "score": result.assessment.score,
                    "decision": result.assessment.decision.value,
                    "evidence": result.assessment.evidence,
                }
            )
        else:
            _show_tested(result.text, result.assessment)


def _show_tested(text: str, assessment: Any) -> None:
    spans = [(e.start, e.end) for e in assessment.evidence if e.end > e.start and e.weight > 0]
    marked = Text()
    for at, char in enumerate(text[:2000]):
        is_marked = any(start <= at < end for start, end in spans)
        marked.append(plain(char), style="bold reverse" if is_marked else "")
    out = console()
    out.print(marked)
    out.print(f"  {assessment.decision.value}  score {assessment.score:.2f}", markup=False)
    for item in assessment.evidence:
        place = f"{item.start}-{item.end}" if item.end > item.start else "-"
        line = f"  {item.weight:+.1f}  {place:>9}  {item.signal}: {item.why}"
        out.print(plain(line), markup=False)
    if not assessment.evidence:
        out.print("  nothing matches", markup=False)


@app.command()
def stats(context: typer.Context, as_json: Json = False) -> None:
    """What each watched keyword brought: looks, listings, hits, precision from verdicts."""
    from monitor.services import keywords

    with open_data(context) as workspace:
        found = keywords.stats(workspace)
    if as_json:
        for row in found:
            print_json({**asdict(row), "precision": row.precision})
        return
    print_table(
        "keywords by hits",
        ("term", "looks", "blind", "listings", "hits", "confirmed", "benign", "precision"),
        (
            (
                r.term,
                r.looks,
                r.blind_looks,
                r.listings,
                r.hits,
                r.confirmed,
                r.benign,
                r.precision,
            )
            for r in found
        ),
    )
