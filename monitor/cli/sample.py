"""`monitor sample`: judge clear listings, so that what is missed can be estimated."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.terminal import ask_actor, console, open_data, print_json, print_table
from monitor.domain.hit import Verdict

app = typer.Typer(
    no_args_is_help=True, help="Clear listings kept at random, for measuring what is missed."
)

MAX_LISTED = 1000


@app.command("list")
def list_unjudged(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=MAX_LISTED, help="Most rows.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Listings of the sample that wait for a verdict, in random order; judge them as they come."""
    from monitor.services import sampling

    with open_data(context) as workspace:
        found = sampling.unjudged(workspace, limit=limit)
    if as_json:
        for listing in found:
            print_json(listing)
        return
    print_table(
        "sample of clear listings, not judged yet",
        ("listing", "source", "title", "description", "first seen"),
        ((row.id, row.source, row.title, row.description, row.first_seen_at) for row in found),
    )


@app.command()
def judge(
    context: typer.Context,
    listing_id: Annotated[int, typer.Argument(help="The listing.")],
    verdict: Annotated[
        Verdict, typer.Argument(help="confirmed (an offer was missed), benign or unsure.")
    ],
    reason: Annotated[str, typer.Option(help="Why; required.")],
) -> None:
    """Say what a listing of the sample is; a later verdict replaces it. Nobody is told."""
    from monitor.services import sampling

    with open_data(context) as workspace:
        sampling.judge(workspace, listing_id, verdict, reason=reason, actor=ask_actor(context))
    console().print(f"listing {listing_id} is {verdict.value}", markup=False)
