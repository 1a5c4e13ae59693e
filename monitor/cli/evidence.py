"""`monitor evidence`: holds, sealed originals, erasure, duty notices."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.terminal import (
    ask_actor,
    console,
    open_data,
    print_json,
    print_table,
)
from monitor.errors import InputError

app = typer.Typer(no_args_is_help=True, help="Pictures under hold: sealed, viewed, erased.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Reason = Annotated[str, typer.Option(help="Why; required, and kept in the audit log.")]
HitId = Annotated[int, typer.Argument(help="The hit.")]


@app.command()
def hold(
    context: typer.Context,
    hit_id: HitId,
    person: Annotated[str, typer.Option(help="Who answers for it, by name.")],
    basis: Annotated[str, typer.Option(help="On what basis, such as a case number.")],
    days: Annotated[int, typer.Option(help="Days until the hold ends.")] = 90,
) -> None:
    """Keep a hit's original pictures, sealed, and its listing, until the hold ends."""
    from monitor.services import evidence

    with open_data(context) as workspace:
        made = evidence.hold(
            workspace, hit_id, person=person, basis=basis, days=days, actor=ask_actor(context)
        )
    until = f"hold {made.id} ends on {made.ends_at:%Y-%m-%d %H:%M} UTC"
    console().print(f"{until}; the pictures are fetched and sealed next", markup=False)


@app.command("list")
def list_(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: Json = False,
) -> None:
    """Holds, the one that ends first first."""
    from monitor.services import evidence

    with open_data(context) as workspace:
        found = evidence.holds(workspace, only_active=not every)
    if as_json:
        for row in found:
            print_json(row)
        return
    print_table(
        f"{len(found)} holds",
        ("id", "listing", "person", "basis", "ends", "released"),
        (
            (row.id, row.listing_id, row.person, row.basis, row.ends_at, row.released_at)
            for row in found
        ),
    )


@app.command()
def show(context: typer.Context, hit_id: HitId, as_json: Json = False) -> None:
    """What was seen in a hit's pictures, and what of them is sealed."""
    from monitor.services import evidence, triage

    with open_data(context) as workspace:
        listing_id = triage.detail(workspace, hit_id).hit.listing_id
        found = evidence.of_listing(workspace, listing_id)
    if as_json:
        shown = asdict(found)
        for row in shown["pictures"]:
            row["thumbnail"] = bool(row["thumbnail"])
        print_json(shown)
        return
    print_table(
        f"{len(found.pictures)} of {found.addresses} pictures opened",
        ("picture", "state", "reason", "size", "seen", "thumbnail"),
        (
            (
                row.id,
                row.state,
                row.reason,
                f"{row.width} x {row.height}",
                ", ".join(item["term"] for item in row.evidence),
                bool(row.thumbnail),
            )
            for row in found.pictures
        ),
    )
    for reason, count in sorted(found.lost.items()):
        console().print(f"{count} not opened: {reason}", markup=False)
    if found.blobs:
        print_table(
            "sealed",
            ("blob", "kind", "number", "type", "bytes", "since"),
            (
                (row.id, row.kind, row.number, row.media_type, row.size, row.created_at)
                for row in found.blobs
            ),
        )


@app.command()
def view(
    context: typer.Context,
    blob_id: Annotated[int, typer.Argument(help="The blob; see `monitor evidence show`.")],
    reason: Reason,
    output: Annotated[Path, typer.Option(help="A new file for it, readable by you alone.")],
) -> None:
    """Unseal one original, face or text into a file; the audit log keeps who, when and why."""
    from monitor.services import evidence

    if output.exists():
        raise InputError(f"{output} exists already")
    with open_data(context) as workspace:
        blob, content = evidence.view(workspace, blob_id, reason=reason, actor=ask_actor(context))
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(f"{output}: {error.strerror}") from None
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    console().print(
        f"{output}: {blob.kind.value}, {blob.media_type}, {blob.size:,} bytes; delete it after use",
        markup=False,
    )


@app.command()
def release(
    context: typer.Context,
    hold_id: Annotated[int, typer.Argument(help="The hold; see `monitor evidence list`.")],
    reason: Reason,
) -> None:
    """End a hold now; what no other hold keeps is erased at once."""
    from monitor.services import evidence

    with open_data(context) as workspace:
        erased = evidence.release(workspace, hold_id, reason=reason, actor=ask_actor(context))
    console().print(f"hold {hold_id} is over; erased: {erased} sealed", markup=False)


@app.command()
def erase(
    context: typer.Context,
    reason: Reason,
    picture: Annotated[int | None, typer.Option(help="One picture, wherever it is shown.")] = None,
    hit: Annotated[int | None, typer.Option(help="All pictures of this hit's listing.")] = None,
    seller: Annotated[int | None, typer.Option(help="All pictures of this seller.")] = None,
) -> None:
    """Erase pictures for good, under hold or not; no backup brings them back."""
    from monitor.services import evidence

    if sum(given is not None for given in (picture, hit, seller)) != 1:
        raise InputError("say one of --picture, --hit, --seller")
    actor = ask_actor(context)
    with open_data(context) as workspace:
        if picture is not None:
            erased = evidence.erase_picture(workspace, picture, reason=reason, actor=actor)
        elif hit is not None:
            erased = evidence.erase_listings(workspace, [hit], reason=reason, actor=actor)
        else:
            erased = evidence.erase_seller(workspace, seller or 0, reason=reason, actor=actor)
    console().print(f"erased: {erased} pictures and sealed parts", markup=False)


@app.command()
def rotate(context: typer.Context) -> None:
    """Seal everything under hold anew, under fresh keys."""
    from monitor.services import evidence

    with open_data(context) as workspace:
        done = evidence.rotate(workspace, actor=ask_actor(context))
        days = workspace.settings.evidence_copy_days
    console().print(
        f"{done} sealed anew; the old keys open backups for {days} more days, then they go",
        markup=False,
    )


@app.command()
def notices(
    context: typer.Context,
    acknowledge: Annotated[
        int | None, typer.Option(help="Say that you have taken note of this one.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also acknowledged ones.")] = False,
    as_json: Json = False,
) -> None:
    """Duty notices: signs of minors or sexual content stopped a listing's pictures."""
    from monitor.services import evidence

    with open_data(context) as workspace:
        if acknowledge is not None:
            evidence.acknowledge(workspace, acknowledge, actor=ask_actor(context))
        found = evidence.notices(workspace, only_open=not every)
    if as_json:
        for row in found:
            print_json(row)
        return
    print_table(
        f"{len(found)} duty notices",
        ("id", "listing", "sign", "when", "acknowledged by"),
        (
            (row["id"], row["listing_id"], row["reason"], row["created_at"], row["acknowledged_by"])
            for row in found
        ),
    )
