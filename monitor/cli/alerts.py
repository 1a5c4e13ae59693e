"""`monitor alerts` and `monitor endpoints`: who is told, and what became of it."""

from __future__ import annotations

import sys
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
from monitor.errors import InputError

alerts_app = typer.Typer(no_args_is_help=True, help="Messages to moderators, and their fate.")
endpoints_app = typer.Typer(no_args_is_help=True, help="Who receives alerts.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Name = Annotated[str, typer.Argument(help="The endpoint.")]


@alerts_app.command("list")
def list_alerts(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="pending, delivered, dead, cancelled.")] = "",
    endpoint: Annotated[str, typer.Option(help="Only to this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """The newest alerts."""
    from monitor.services import endpoints

    with open_data(context) as workspace:
        found = endpoints.list_alerts(workspace, limit=limit, state=state, endpoint=endpoint)
    if as_json:
        for alert in found:
            print_json(alert)
        return
    print_table(
        f"{len(found)} alerts",
        ("id", "kind", "hit", "endpoint", "state", "tries", "made"),
        (
            (a.id, a.kind, a.hit_id, a.endpoint, a.state.value, a.attempts, a.created_at)
            for a in found
        ),
    )


@alerts_app.command("show")
def show_alert(
    context: typer.Context, alert_id: Annotated[int, typer.Argument()], as_json: Json = False
) -> None:
    """One alert: its attempts and the exact bytes."""
    from monitor.services import endpoints

    with open_data(context) as workspace:
        detail = endpoints.alert_detail(workspace, alert_id)
    if as_json:
        print_json(detail)
        return
    alert, out = detail.alert, console()
    out.print(f"{alert.kind} to {alert.endpoint}: {alert.state.value}", markup=False)
    out.print(f"webhook-id {alert.webhook_id}", markup=False)
    out.print(plain(alert.body.decode("utf-8", "replace"), 20_000), markup=False)
    print_table(
        f"{len(detail.attempts)} attempts",
        ("number", "when", "seconds", "result", "status", "detail"),
        (
            (a.number, a.started_at, a.duration_s, a.result, a.http_status, a.detail)
            for a in detail.attempts
        ),
    )


@alerts_app.command()
def replay(context: typer.Context, ids: Annotated[list[int], typer.Argument()]) -> None:
    """Send again under the same webhook ids."""
    from monitor.services import endpoints

    with open_data(context) as workspace:
        endpoints.replay(workspace, ids, actor=ask_actor(context))
    console().print(f"{len(ids)} alerts queued again", markup=False)


@endpoints_app.command("add")
def add_endpoint(
    context: typer.Context,
    name: Name,
    url: Annotated[str, typer.Argument(help="Where alerts go.")],
    mode: Annotated[str, typer.Option(help="on_verdict (default) or on_hit.")] = "on_verdict",
    category: Annotated[list[str] | None, typer.Option(help="Only these.")] = None,
    owner: Annotated[str, typer.Option(help="Who looks after it.")] = "",
    secret_stdin: Annotated[
        bool, typer.Option(help="Read an agreed whsec_ secret from standard input.")
    ] = False,
) -> None:
    """Add a receiver; its signing secret is shown once."""
    from monitor.domain.alert import EndpointMode
    from monitor.services import endpoints

    try:
        chosen = EndpointMode(mode)
    except ValueError:
        raise InputError(f"mode: {mode!r} is none of {', '.join(EndpointMode)}") from None
    secret = sys.stdin.readline().strip() if secret_stdin else ""
    with open_data(context) as workspace:
        new = endpoints.add(
            workspace,
            name,
            url,
            mode=chosen,
            categories=category or (),
            owner=owner,
            actor=ask_actor(context),
            secret=secret,
        )
    console().print(f"endpoint {name} is told {_when(chosen.value)}", markup=False)
    if not secret:
        _show_secret(new.secret)


def _when(mode: str) -> str:
    return "of each hit at once" if mode == "on_hit" else "after a person confirmed a hit"


def _show_secret(secret: str) -> None:
    out = console()
    out.print(f"signing secret, shown once: {secret}", markup=False, soft_wrap=True)
    out.print("how to check a signature: docs/reference/webhooks.md", markup=False)


@endpoints_app.command("list")
def list_endpoints(context: typer.Context, as_json: Json = False) -> None:
    """All endpoints, without their secrets."""
    from monitor.services import endpoints

    with open_data(context) as workspace:
        found = endpoints.list_endpoints(workspace)
    rows = [
        {
            "name": e.name,
            "url": e.url,
            "mode": e.mode.value,
            "categories": list(e.categories),
            "owner": e.owner,
            "disabled": e.disabled_reason if e.is_disabled else "",
        }
        for e in found
    ]
    if as_json:
        for row in rows:
            print_json(row)
        return
    columns = ("name", "url", "mode", "owner", "disabled")
    print_table(f"{len(rows)} endpoints", columns, ([r[c] or "-" for c in columns] for r in rows))


@endpoints_app.command()
def test(context: typer.Context, name: Name) -> None:
    """Send a signed ping now and say what came of it."""
    from monitor.services import endpoints

    with open_data(context) as workspace:
        alert = endpoints.ping_now(workspace, name, actor=ask_actor(context))
        detail = endpoints.alert_detail(workspace, alert)
    console().print(f"ping {detail.alert.id}: {detail.alert.state.value}", markup=False)
    for attempt in detail.attempts:
        line = f"  {attempt.result} in {attempt.duration_s:.2f} s: {attempt.detail}"
        console().print(plain(line), markup=False)
    if detail.alert.state.value != "delivered":
        raise typer.Exit(1)


@endpoints_app.command()
def rotate(context: typer.Context, name: Name) -> None:
    """Give a new secret; the last one signs too until the next rotation."""
    from monitor.services import endpoints

    with open_data(context) as workspace:
        new = endpoints.rotate(workspace, name, actor=ask_actor(context))
    _show_secret(new.secret)


@endpoints_app.command()
def disable(
    context: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option(help="Why; required.")],
) -> None:
    """Send nothing more there; what is pending waits."""
    from monitor.services import endpoints

    with open_data(context) as workspace:
        endpoints.disable(workspace, name, reason=reason, actor=ask_actor(context))
    console().print(f"endpoint {name} is disabled", markup=False)


@endpoints_app.command()
def enable(context: typer.Context, name: Name) -> None:
    """Send again."""
    from monitor.services import endpoints

    with open_data(context) as workspace:
        endpoints.enable(workspace, name, actor=ask_actor(context))
    console().print(f"endpoint {name} is enabled", markup=False)
