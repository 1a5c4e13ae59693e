"""Run the shop in a process of its own: fill it, serve it, and do what standard input says.

Speaks JSON lines: prints ``{"url": ...}`` when ready; reads ``{"edit": [upc, title,
description]}`` or ``{"delete": upc}`` and answers ``{"done": true}``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from decimal import Decimal
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def fill(rows: list[dict[str, str]]) -> None:
    """Create products through oscar's own models."""
    from oscar.core.loading import get_model

    product_class = get_model("catalogue", "ProductClass").objects.create(
        name="Goods", requires_shipping=False, track_stock=False
    )
    partner = get_model("partner", "Partner").objects.create(name="Seller")
    product_model = get_model("catalogue", "Product")
    stock_model = get_model("partner", "StockRecord")
    for row in rows:
        product = product_model.objects.create(
            product_class=product_class,
            upc=row["id"],
            title=row["title"],
            description=row["description"],
            is_public=True,
        )
        stock_model.objects.create(
            product=product,
            partner=partner,
            partner_sku=row["id"],
            price_currency="CNY",
            price=Decimal(row["price"]),
        )


def obey(order: dict[str, object]) -> None:
    """Change the shop as its own staff would."""
    from oscar.core.loading import get_model

    products = get_model("catalogue", "Product").objects
    if "delete" in order:
        products.get(upc=order["delete"]).delete()
        return
    upc, title, description = order["edit"]  # type: ignore[misc]
    product = products.get(upc=upc)
    product.title, product.description = title, description
    product.save()


def main() -> None:
    """Set up, serve, obey until standard input ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.realsites.oscar_shop.settings"
    django.setup()
    from django.apps import apps
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.db import transaction

    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    rows = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    signals = apps.get_app_config("haystack").signal_processor
    signals.teardown()
    with transaction.atomic():
        fill(rows)
    signals.setup()
    call_command("rebuild_index", verbosity=0, interactive=False)
    server = make_server(
        "127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    for line in sys.stdin:
        obey(json.loads(line))
        print(json.dumps({"done": True}), flush=True)


if __name__ == "__main__":
    main()
