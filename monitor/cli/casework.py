"""`monitor hits ...` beside verdicts: claims, notes, evidence, and many hits closed at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.hits import Categories, Decisions, HitId, Json, Sources, Verdicts, make_filter
from monitor.cli.terminal import ago, ask_actor, console, open_data, plain, print_json, print_table
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.domain.casework import Batch
    from monitor.services.closing import Preview

BatchId = Annotated[int, typer.Argument(help="The batch; see `monitor hits batches`.")]


def claim(
    context: typer.Context,
    hit_id: HitId,
    override: Annotated[
        bool, typer.Option("--override", help="Also from somebody else; audited.")
    ] = False,
) -> None:
    """Take a hit to work on it, or have it for longer; others see whose it is until when."""
    from monitor.services import claiming

    with open_data(context) as workspace:
        actor = ask_actor(context)
        hit = claiming.claim(workspace, hit_id, actor=actor, is_forced=override)
    console().print(f"hit {hit.id} is yours until {hit.claimed_until:%H:%M} UTC", markup=False)


def take_next(
    context: typer.Context,
    decision: Decisions = None,
    category: Categories = None,
    source: Sources = None,
    as_json: Json = False,
) -> None:
    """Take the first hit of the queue that nobody works on."""
    from monitor.services import claiming

    chosen = make_filter(["open"], decision, category, source, None, is_muted=False)
    with open_data(context) as workspace:
        hit = claiming.claim_next(workspace, chosen, actor=ask_actor(context))
    if hit is None:
        console().print("no hit waits that nobody works on")
    elif as_json:
        print_json(hit)
    else:
        line = f"hit {hit.id} is yours until {hit.claimed_until:%H:%M} UTC: {plain(hit.title, 80)}"
        console().print(line, markup=False)


def skip(context: typer.Context, hit_id: HitId) -> None:
    """Give a hit back without a verdict."""
    from monitor.services import claiming

    with open_data(context) as workspace:
        claiming.release(workspace, hit_id, actor=ask_actor(context))
    console().print(f"hit {hit_id} is not yours any more", markup=False)


def note(
    context: typer.Context,
    hit_id: HitId,
    text: Annotated[str, typer.Argument(help="What to write; masked before it is stored.")],
) -> None:
    """Write something beside a hit; `monitor hits show` shows it between the verdicts."""
    from monitor.services import triage

    with open_data(context) as workspace:
        triage.note(workspace, hit_id, text, actor=ask_actor(context))


def evidence(
    context: typer.Context,
    hit_id: HitId,
    version: Annotated[
        int, typer.Option(min=0, help="Of the listing; 0: the newest that was kept.")
    ] = 0,
) -> None:
    """Print what a hit showed, byte by byte as its SHA-256 was computed; 1 when it was altered.

    `monitor hits evidence 7 | sha256sum` prints the digest that `monitor hits show 7` does.
    """
    from monitor.services import triage

    with open_data(context) as workspace:
        taken = triage.evidence_of(workspace, hit_id, version)
    sys.stdout.buffer.write(taken.body.encode())
    sys.stdout.flush()
    if not taken.is_intact:
        raise typer.Exit(1)


def close(
    context: typer.Context,
    verdict: Annotated[str, typer.Option(help="confirmed or benign.")] = "benign",
    reason: Annotated[str, typer.Option(help="Why; required, except with --dry-run.")] = "",
    decision: Decisions = None,
    category: Categories = None,
    source: Sources = None,
    last_verdict: Verdicts = None,
    search: Annotated[
        str, typer.Option(help="Only hits that a search for it finds, the newest 1,000.")
    ] = "",
    is_muted: Annotated[bool, typer.Option("--muted", help="Muted hits, and only those.")] = False,
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Say what it would close.")] = False,
    is_sure: Annotated[bool, typer.Option("--yes", help="Close without asking.")] = False,
) -> None:
    """Give one verdict to all open hits that match, after showing how many and ten of them.

    What that makes known waits ten minutes before it is sent; see `monitor hits undo`.
    """
    from monitor.domain.hit import Verdict
    from monitor.services import closing
    from monitor.services.triage import clean_reason

    if verdict not in {Verdict.CONFIRMED, Verdict.BENIGN}:
        raise InputError(f"--verdict: {verdict!r} is neither confirmed nor benign")
    if not is_dry:
        clean_reason(reason)
    chosen = make_filter(["open"], decision, category, source, last_verdict, is_muted=is_muted)
    with open_data(context) as workspace:
        actor = ask_actor(context)
        shown = closing.preview(workspace, chosen, actor=actor, text=search)
        _print_preview(shown)
        if is_dry or not shown.closing:
            return
        if not is_sure and not typer.confirm(f"close {shown.closing} hits as {verdict}?"):
            raise typer.Exit(1)
        batch = closing.close(
            workspace,
            chosen,
            Verdict(verdict),
            reason=reason,
            actor=actor,
            token=shown.token,
            text=search,
        )
    console().print(
        f"batch {batch.id}: {batch.hits} hits are {batch.verdict}; "
        f"monitor hits undo {batch.id} takes that back until {batch.undo_until:%m-%d %H:%M} UTC",
        markup=False,
    )


def _print_preview(shown: Preview) -> None:
    parts = [f"{shown.total} open hits match, {shown.closing} would be closed"]
    if shown.in_work:
        parts.append(f"{shown.in_work} stay, because somebody works on them")
    if shown.closing + shown.in_work < shown.total:
        parts.append("the rest is for another time")
    print_table(
        "; ".join(parts),
        ("id", "score", "decision", "title", "source", "verdict"),
        (
            (hit.id, hit.score, hit.decision, plain(hit.title, 60), hit.source, hit.verdict)
            for hit in shown.examples
        ),
    )


def undo(context: typer.Context, batch_id: BatchId) -> None:
    """Give the hits of a batch their verdicts of before; those judged since stay as they are."""
    from monitor.services import closing

    with open_data(context) as workspace:
        done = closing.undo(workspace, batch_id, actor=ask_actor(context))
    console().print(
        f"{done.restored} hits stand as before; {done.left} were judged or changed since",
        markup=False,
    )


def batches(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: Json = False,
) -> None:
    """The newest batches of verdicts, and until when each can be undone."""
    from monitor.services import closing

    with open_data(context) as workspace:
        found = closing.list_batches(workspace, limit=limit)
    if as_json:
        for batch in found:
            print_json(batch)
        return
    print_table(
        f"{len(found)} batches",
        ("id", "hits", "verdict", "reason", "by", "when", "undo"),
        (_batch_row(batch) for batch in found),
    )


def _batch_row(batch: Batch) -> tuple[Any, ...]:
    undone = (
        f"done by {batch.undone_by}" if batch.undone_at else f"until {batch.undo_until:%m-%d %H:%M}"
    )
    return (
        batch.id,
        batch.hits,
        batch.verdict,
        plain(batch.reason, 60),
        batch.actor,
        ago(batch.created_at),
        undone,
    )
