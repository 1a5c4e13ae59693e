"""`monitor mutes` and `monitor allowed`: what is kept out of the queue, by whom and why."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.terminal import (
    ask_actor,
    console,
    duration_s,
    open_data,
    plain,
    print_json,
    print_table,
)
from monitor.errors import InputError

mutes_app = typer.Typer(no_args_is_help=True, help='"Never this again", until a time.')
allowed_app = typer.Typer(no_args_is_help=True, help="Sellers whose listings never become hits.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
All = Annotated[bool, typer.Option("--all", help="Also those that are over.")]
Reason = Annotated[str, typer.Option(help="Why; required.")]


@mutes_app.command("add")
def add_mute(
    context: typer.Context,
    hit_id: Annotated[int, typer.Argument(help="A hit that shows what is meant.")],
    kind: Annotated[
        str, typer.Option("--by", help="listing, seller or text (all that say the same).")
    ],
    length: Annotated[str, typer.Option("--for", help="How long, e.g. 12h or 7d.")],
    reason: Reason,
) -> None:
    """Keep a hit's listing, seller or text out of the queue for a time; it is back by itself.

    Muted hits are kept, found by search, and send nothing.
    """
    from monitor.domain.casework import MuteKind
    from monitor.services import quieting

    if kind not in set(MuteKind):
        raise InputError(f"--by: {kind!r} is none of {', '.join(MuteKind)}")
    with open_data(context) as workspace:
        mute = quieting.mute(
            workspace,
            hit_id,
            MuteKind(kind),
            for_s=duration_s(length),
            reason=reason,
            actor=ask_actor(context),
        )
    console().print(
        plain(
            f"mute {mute.id}: {mute.hits} hits are quiet until {mute.expires_at:%Y-%m-%d %H:%M} UTC"
        ),
        markup=False,
    )


@mutes_app.command("list")
def list_mutes(context: typer.Context, is_all: All = False, as_json: Json = False) -> None:
    """What is muted, the newest first."""
    from monitor.services import quieting

    with open_data(context) as workspace:
        found = quieting.list_mutes(workspace, is_all=is_all)
    if as_json:
        for mute in found:
            print_json(mute)
        return
    print_table(
        f"{len(found)} mutes",
        ("id", "by", "what", "hits", "reason", "who", "ends"),
        (
            (
                mute.id,
                mute.kind,
                mute.subject,
                mute.hits,
                plain(mute.reason, 60),
                mute.actor,
                mute.ended_at or mute.expires_at,
            )
            for mute in found
        ),
    )


@mutes_app.command("end")
def end_mute(
    context: typer.Context, mute_id: Annotated[int, typer.Argument(help="The mute.")]
) -> None:
    """End a mute before its time."""
    from monitor.services import quieting

    with open_data(context) as workspace:
        mute = quieting.end_mute(workspace, mute_id, actor=ask_actor(context))
    console().print(f"mute {mute.id} is over; it covered {mute.hits} hits", markup=False)


@allowed_app.command("add")
def allow(
    context: typer.Context,
    reason: Reason,
    hit_id: Annotated[int, typer.Option("--hit", help="A hit of this seller.")] = 0,
    source: Annotated[str, typer.Option(help="The market; together with --seller.")] = "",
    seller: Annotated[str, typer.Option(help="The market's id of the seller.")] = "",
    length: Annotated[
        str, typer.Option("--for", help="How long, e.g. 30d; without it until it is removed.")
    ] = "",
) -> None:
    """Assess a seller's listings without ever making hits of them.

    What is a hit already stays one, until a person closes it.
    """
    from monitor.services import quieting

    if bool(hit_id) == bool(source and seller):
        raise InputError("say which seller: --hit, or --source together with --seller")
    for_s = duration_s(length) if length else None
    with open_data(context) as workspace:
        actor = ask_actor(context)
        entry = (
            quieting.allow_seller_of(workspace, hit_id, for_s=for_s, reason=reason, actor=actor)
            if hit_id
            else quieting.allow(workspace, source, seller, for_s=for_s, reason=reason, actor=actor)
        )
    console().print(
        plain(f"entry {entry.id}: {entry.source} {entry.native_id} is allowed"), markup=False
    )


@allowed_app.command("list")
def list_allowed(context: typer.Context, is_all: All = False, as_json: Json = False) -> None:
    """Allowed sellers, the newest first, and how much each entry keeps back."""
    from monitor.services import quieting

    with open_data(context) as workspace:
        found = quieting.allowed_sellers(workspace, is_all=is_all)
    if as_json:
        for entry in found:
            print_json(entry)
        return
    print_table(
        f"{len(found)} allowed sellers",
        ("id", "source", "seller", "name", "kept back", "reason", "who", "ends"),
        (
            (
                entry.id,
                entry.source,
                entry.native_id,
                entry.name,
                entry.kept_back,
                plain(entry.reason, 60),
                entry.actor,
                entry.removed_at or entry.expires_at,
            )
            for entry in found
        ),
    )


@allowed_app.command("remove")
def remove_allowed(
    context: typer.Context, entry_id: Annotated[int, typer.Argument(help="The entry.")]
) -> None:
    """Allow a seller no longer; what was kept back goes into the queue and tells nobody."""
    from monitor.services import quieting

    with open_data(context) as workspace:
        entry = quieting.remove_allowed(workspace, entry_id, actor=ask_actor(context))
    console().print(
        f"entry {entry.id} is over; {entry.kept_back} listings go into the queue", markup=False
    )


@allowed_app.command()
def kept(
    context: typer.Context,
    entry_id: Annotated[int, typer.Option("--entry", help="Only of this one; 0: of all.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """Listings that would be hits if their sellers were not allowed. All masked."""
    from monitor.services import quieting

    with open_data(context) as workspace:
        found = quieting.kept_back(workspace, allowed_id=entry_id or None, limit=limit)
    if as_json:
        for listing in found:
            print_json(listing)
        return
    print_table(
        f"{len(found)} listings",
        ("entry", "score", "decision", "title", "source", "listing", "seen"),
        (
            (
                one.allowed_id,
                one.score,
                one.decision,
                plain(one.title, 60),
                one.source,
                one.native_id,
                one.kept_at,
            )
            for one in found
        ),
    )
