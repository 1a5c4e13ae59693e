"""`monitor hits`: the queue, a hit with its reasons, search, verdicts, export."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from monitor.cli.terminal import (
    ago,
    ask_actor,
    console,
    open_data,
    plain,
    print_json,
    print_table,
)
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.domain.casework import Note
    from monitor.domain.hit import Hit, HitFilter, TriageEvent

app = typer.Typer(no_args_is_help=True, help="Suspected listings, and what people said of them.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Many = list[str] | None
Status = Annotated[Many, typer.Option(help="open or closed.")]
Decisions = Annotated[Many, typer.Option(help="hit, review or clear.")]
Categories = Annotated[Many, typer.Option(help="Only these.")]
Sources = Annotated[Many, typer.Option(help="Only of these.")]
Verdicts = Annotated[Many, typer.Option(help="confirmed, benign or unsure.")]
Sellers = Annotated[Many, typer.Option("--seller", help="Ids of sellers, see `monitor sellers`.")]
Families = Annotated[Many, typer.Option(help="Ids of text families, see `monitor hits show`.")]
Offers = Annotated[
    Many,
    typer.Option(
        help="name=value, as read out of the text: price, currency, unit, quantity, content, "
        "origin, target, delivery or handoff. Repeated: one name, any of its values; "
        "different names, all of them."
    ),
]
HitId = Annotated[int, typer.Argument(help="The hit.")]

MAX_SEARCHED = 1000
MAX_LINE_CHARS = 2200
"""A note or a reason of 2,000 characters, and who wrote it."""


def make_filter(
    status: Many,
    decision: Many,
    category: Many,
    source: Many,
    verdict: Many,
    seller: Many = None,
    family: Many = None,
    *,
    is_muted: bool | None = None,
) -> HitFilter:
    """What the options mean."""
    from monitor.domain.hit import HitFilter

    return HitFilter(
        status=tuple(status or ()),
        decision=tuple(decision or ()),
        category=tuple(category or ()),
        source=tuple(source or ()),
        verdict=tuple(verdict or ()),
        is_muted=is_muted,
        seller_id=tuple(seller or ()),
        family=tuple(family or ()),
    )


def _offer_filters(offer: Many) -> dict[str, list[str]]:
    from monitor.domain.offer import offer_filters

    return {f"offer_{name}": values for name, values in offer_filters(offer or []).items()}


def _table(title: str, found: list[Any]) -> None:
    print_table(
        title,
        ("id", "score", "decision", "title", "source", "verdict", "found"),
        (
            (
                getattr(hit, "id", None) or hit.hit_id,
                hit.score,
                hit.decision,
                plain(hit.title, 60),
                hit.source,
                hit.verdict or hit.status,
                hit.found_at,
            )
            for hit in found
        ),
    )


@app.command("list")
def list_(
    context: typer.Context,
    status: Status = None,
    decision: Decisions = None,
    category: Categories = None,
    source: Sources = None,
    verdict: Verdicts = None,
    seller: Sellers = None,
    family: Families = None,
    offer: Offers = None,
    muted: Annotated[bool, typer.Option("--muted", help="Muted hits, and only those.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Hits in triage order; the queue unless --status, --verdict or --muted says otherwise.

    With --offer the search index answers: newest first, at most 1,000, muted ones too.
    """
    from monitor.search.protocol import FACETS, HitQuery
    from monitor.services import triage

    is_queue = not (status or verdict or muted)
    is_muted = True if muted else False if is_queue else None
    shown = ["open"] if is_queue else status
    chosen = make_filter(
        shown, decision, category, source, verdict, seller, family, is_muted=is_muted
    )
    offers = _offer_filters(offer)
    with open_data(context) as workspace:
        if offers:
            fields = asdict(chosen).items()
            filters = {name: wanted for name, wanted in fields if name in FACETS} | offers
            query = HitQuery(filters=filters, limit=min(limit, MAX_SEARCHED))
            page = triage.search(workspace, query)
            found = triage.load(workspace, [document.hit_id for document in page.documents])
            total = page.total
        else:
            found = triage.queue(workspace, chosen, limit=limit)
            total = triage.count(workspace, chosen)
    if as_json:
        for hit in found:
            print_json(hit)
        return
    _table(f"{len(found)} of {total} hits", found)


@app.command()
def show(context: typer.Context, hit_id: HitId, as_json: Json = False) -> None:
    """One hit: the text with its reasons marked, and everything around it. All masked."""
    from monitor.domain.offer import offer_lines
    from monitor.services import triage

    with open_data(context) as workspace:
        detail = triage.detail(workspace, hit_id)
        now = workspace.database.now()
    if as_json:
        print_json(detail)
        return
    hit, out = detail.hit, console()
    out.print(
        f"hit {hit.id}  {hit.decision}  score {hit.score:.2f}  {hit.category}  {hit.intent}",
        style="bold",
        markup=False,
    )
    out.print(_marked(hit))
    for item in hit.evidence:
        passage = hit.passage(item)
        words = f'"{passage}" ' if passage else ""
        line = f"  {item['weight']:+.1f}  {item['signal']}: {words}{item['why']}"
        out.print(plain(line), markup=False)
    facts = {
        "source": f"{hit.source} {hit.native_id}",
        "link": hit.url.replace("http", "hxxp", 1).replace(".", "[.]"),
        "price": hit.price_raw or "-",
        "seller": f"{hit.seller or '-'} ({hit.seller_id})" if hit.seller_id else "-",
        "family": str(hit.family_id or "-"),
        "region": hit.region or "-",
        "state": f"{hit.state}, {hit.item_state}",
        "keywords": ", ".join(hit.keywords) or "-",
        "status": f"{hit.status.value} {hit.verdict}",
        "found": ago(hit.found_at),
    }
    if hit.holder(now):
        facts["work"] = f"{hit.claimed_by}, ends {ago(hit.claimed_until or now)}"
    if hit.is_muted(now):
        facts["muted"] = f"ends {ago(hit.muted_until or now)}"
    for name, value in facts.items():
        out.print(plain(f"{name:>9}  {value}"), markup=False)
    for read in offer_lines(hit.offer, hit.text, currency=hit.currency):
        parts = (read.value, read.currency, f"a {read.unit}" if read.unit else "")
        said = " ".join(part for part in parts if part)
        quote = f'  "{read.quote}"' if read.quote else ""
        out.print(plain(f"{read.name:>9}  {said}{quote}"), markup=False)
    for row in detail.contacts:
        line = (
            f"  contact  {row['id']}: {row['kind']} {row['masked']} in {row['listings']} listings"
        )
        out.print(plain(line), markup=False)
    for other in detail.similar:
        name = "relist of" if other.is_relisted else "similar"
        bonds = ", ".join([*other.bonds, *(f'"{piece}"' for piece in other.shared[:1])])
        line = f"{name:>9}  hit {other.hit_id} {other.source} {other.native_id}: {bonds}"
        out.print(plain(f"{line}; last seen {ago(other.last_seen_at)}"), markup=False)
    for entry in detail.timeline:
        out.print(plain(_timeline_line(entry), MAX_LINE_CHARS), markup=False)
    for taken in detail.snapshots:
        state = "" if taken.is_intact else "  ALTERED SINCE"
        line = f" evidence  version {taken.version_number} {ago(taken.taken_at)}: sha256 "
        out.print(plain(line + taken.sha256 + state), markup=False)
    for alert in detail.alerts:
        line = f"    alert  {alert.id} {alert.kind} to {alert.endpoint}: {alert.state.value}"
        out.print(plain(line), markup=False)


def _timeline_line(entry: TriageEvent | Note) -> str:
    from monitor.domain.casework import Note

    who = f"by {entry.actor} {ago(entry.created_at)}"
    if isinstance(entry, Note):
        return f"     note  {who}: {entry.text}"
    undone = f" (undone by {entry.undone_by})" if entry.undone_at else ""
    return f"  verdict  {entry.verdict} {who}{undone}: {entry.reason}"


def _marked(hit: Hit) -> Text:
    spans = [(e["start"], e["end"]) for e in hit.evidence if e["weight"] > 0]
    marked = Text()
    for at, char in enumerate(hit.text[:4000]):
        is_marked = any(start <= at < end for start, end in spans)
        shown = "\n" if char == "\n" else plain(char)
        marked.append(shown, style="bold reverse" if is_marked else "")
    return marked


@app.command()
def search(
    context: typer.Context,
    query: Annotated[
        str, typer.Argument(help='Words that all occur; "quoted" as a phrase. None: all hits.')
    ] = "",
    category: Categories = None,
    source: Sources = None,
    status: Status = None,
    seller: Sellers = None,
    family: Families = None,
    offer: Offers = None,
    limit: Annotated[int, typer.Option(min=1, max=MAX_SEARCHED)] = 50,
    as_json: Json = False,
) -> None:
    """Full-text search over all hits."""
    from monitor.search.protocol import HitQuery
    from monitor.services import triage

    filters = {
        "category": category,
        "source": source,
        "status": status,
        "seller_id": seller,
        "family": family,
    }
    wanted = {name: values for name, values in filters.items() if values} | _offer_filters(offer)
    with open_data(context) as workspace:
        page = triage.search(workspace, HitQuery(text=query, filters=wanted, limit=limit))
        facets = workspace.index.count_by(HitQuery(text=query, filters=wanted), "category")
    if as_json:
        for document in page.documents:
            print_json(document)
        return
    _table(f"{len(page.documents)} of {page.total} hits", list(page.documents))
    for name, count in facets:
        console().print(f"{count:>7}  {name}", markup=False)


@app.command()
def triage(
    context: typer.Context,
    hit_id: HitId,
    verdict: Annotated[str, typer.Argument(help="confirmed, benign or unsure.")],
    reason: Annotated[str, typer.Option(help="Why; required.")],
    override: Annotated[
        bool, typer.Option("--override", help="Also when somebody else works on it; audited.")
    ] = False,
) -> None:
    """Give a verdict; alerts and retractions follow from it."""
    from monitor.domain.hit import Verdict
    from monitor.services import triage as service

    try:
        chosen = Verdict(verdict)
    except ValueError:
        raise InputError(f"verdict: {verdict!r} is none of {', '.join(Verdict)}") from None
    with open_data(context) as workspace:
        before = {alert.id for alert in service.detail(workspace, hit_id).alerts}
        actor = ask_actor(context)
        hit = service.triage(
            workspace, hit_id, chosen, reason=reason, actor=actor, is_forced=override
        )
        after = service.detail(workspace, hit_id).alerts
    console().print(f"hit {hit.id} is {hit.verdict}, {hit.status.value}", markup=False)
    for alert in after:
        if alert.id not in before:
            console().print(f"queued {alert.kind} for {alert.endpoint}", markup=False)


@app.command()
def export(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="Where to; - for standard output.")] = "-",
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    status: Status = None,
    decision: Decisions = None,
    category: Categories = None,
    source: Sources = None,
    verdict: Verdicts = None,
    seller: Sellers = None,
    family: Families = None,
) -> None:
    """Write hits, masked and safe to open in a spreadsheet."""
    from monitor.services import triage as service

    if form not in {"csv", "jsonl"}:
        raise InputError("--format is csv or jsonl")
    chosen = make_filter(status, decision, category, source, verdict, seller, family)
    with open_data(context) as workspace:
        pieces = service.export(workspace, chosen, form)
        if file == "-":
            for piece in pieces:
                sys.stdout.write(piece)
            return
        try:
            with Path(file).open("w", encoding="utf-8") as out:
                out.writelines(pieces)
        except OSError as error:
            raise InputError(f"{file}: {error.strerror}") from error
