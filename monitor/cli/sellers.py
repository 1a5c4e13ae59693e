"""`monitor sellers`: who offers what is suspected, and under which other accounts."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.terminal import ago, console, open_data, plain, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Who offers what is suspected. All masked.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command("list")
def list_(
    context: typer.Context,
    source: Annotated[list[str] | None, typer.Option(help="Only of these.")] = None,
    everyone: Annotated[
        bool, typer.Option("--all", help="Those without a suspected listing as well.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Sellers with most hits first."""
    from monitor.domain.seller import SellerFilter
    from monitor.services import sellers

    chosen = SellerFilter(source=tuple(source or ()), with_hits=not everyone)
    with open_data(context) as workspace:
        page = sellers.list_sellers(workspace, chosen, limit=limit)
    if as_json:
        for seller in page.sellers:
            print_json(seller)
        return
    columns = (
        "id",
        "source",
        "name",
        "hits",
        "reviews",
        "confirmed",
        "benign",
        "listings",
        "last seen",
    )
    rows = (
        (
            seller.id,
            seller.source,
            plain(seller.name, 40) or "-",
            seller.hits,
            seller.reviews,
            seller.confirmed,
            seller.benign,
            seller.listings,
            seller.last_seen_at,
        )
        for seller in page.sellers
    )
    print_table(f"{len(page.sellers)} of {page.total} sellers", columns, rows)


@app.command()
def show(
    context: typer.Context,
    seller_id: Annotated[int, typer.Argument(help="The seller.")],
    as_json: Json = False,
) -> None:
    """One seller: what was seen of it, its suspected listings, accounts that may be its own."""
    from monitor.services import sellers

    with open_data(context) as workspace:
        detail = sellers.detail(workspace, seller_id)
    if as_json:
        print_json(detail)
        return
    seller, out = detail.seller, console()
    out.print(plain(f"seller {seller.id}  {seller.name or '-'}"), style="bold", markup=False)
    facts = {
        "account": f"{seller.source} {seller.id_space} {seller.native_id}",
        "markets": ", ".join(detail.markets),
        "seen": f"{ago(seller.first_seen_at)} to {ago(seller.last_seen_at)}",
        "listings": f"{seller.listings}: {seller.hits} hits, {seller.reviews} for review",
        "verdicts": f"{seller.confirmed} confirmed, {seller.benign} benign",
    }
    for name, value in facts.items():
        out.print(plain(f"{name:>9}  {value}"), markup=False)
    for hit in detail.hits:
        line = f"hit {hit.id}  {hit.score:.2f} {hit.decision} {hit.verdict}  {hit.title[:60]}"
        out.print(plain(f"{'':>9}  {line}"), markup=False)
    for other in detail.kin:
        bonds = ", ".join(f"{bond} ({number})" for bond, number in other.bonds.items())
        line = f"seller {other.seller_id} {other.source} {other.name or '-'}: {bonds}"
        out.print(plain(f"{'kin':>9}  {line}"), markup=False)
