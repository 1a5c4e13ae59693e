"""`monitor contacts`: who is named in several listings; one in the clear, with a reason."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.terminal import (
    ask_actor,
    console,
    open_data,
    plain,
    print_json,
    print_table,
)

app = typer.Typer(no_args_is_help=True, help="Sellers' contacts, kept encrypted.")


@app.command()
def search(
    context: typer.Context,
    value: Annotated[str, typer.Argument(help="The account, or the words around it.")],
    kind: Annotated[str, typer.Option(help="Only this kind: wechat, qq, phone, ...")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Where a contact that you know stands. Equal ones only: there is nothing to browse."""
    from monitor.services import contacts

    with open_data(context) as workspace:
        found = contacts.search(workspace, value, kind=kind)
    if as_json:
        for row in found:
            print_json(row)
        return
    print_table(
        f"{len(found)} contacts",
        ("id", "kind", "masked", "listings", "hits", "first seen"),
        (
            (
                row["id"],
                row["kind"],
                row["masked"],
                row["listings"],
                ", ".join(str(hit) for hit in row["hits"]),
                row["first_seen_at"],
            )
            for row in found
        ),
    )


@app.command()
def reveal(
    context: typer.Context,
    contact_id: Annotated[int, typer.Argument(help="The contact; see `monitor contacts search`.")],
    reason: Annotated[str, typer.Option(help="Why; required, and kept in the audit log.")],
) -> None:
    """Show one contact in the clear; the audit log keeps who saw it, when and why."""
    from monitor.services import contacts

    with open_data(context) as workspace:
        shown = contacts.reveal(workspace, contact_id, reason=reason, actor=ask_actor(context))
    console().print(plain(shown), markup=False, soft_wrap=True)
