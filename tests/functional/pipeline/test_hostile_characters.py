"""Characters and numbers that no database takes, in every field, over both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, sources, watches
from monitor.sources.definition import SourceDefinition
from monitor.store import tables as t
from tests.servers.scripted import Reply, ScriptedServer

ODD = "\\u0000\\ud83d人\\udc00脸\\u202e\\u0001\\ud83d\\ude00"
"""As JSON writes them: NUL, halves of a surrogate pair, a direction mark, a whole emoji."""
ROW = (
    '{"id": "%(n)d%(odd)s", "title": "过人脸 %(odd)s", "price": "¥1%(odd)s", '
    '"link": "/item/%(n)d?%(odd)s", "seller": "卖家%(odd)s", "seller_id": "s%(odd)s", '
    '"region": "上海%(odd)s", "pictures": ["/a%(odd)s.jpg", "/b.jpg"], '
    '"tags": ["%(odd)s", NaN, Infinity, 1e400], "wants": NaN}'
)
FIELDS = {
    "native_id": "id",
    "title": "title",
    "price": "price",
    "url": "link",
    "seller_name": "seller",
    "seller_id": "seller_id",
    "region": "region",
    "pictures": "pictures",
    "extra": {"tags": "tags", "wants": "wants"},
}


@pytest.fixture
def market() -> Iterator[ScriptedServer]:
    """Two rows, full of what does not belong there."""
    rows = ", ".join(ROW % {"n": n, "odd": ODD} for n in range(2))
    body = f'{{"total": 99999999999999999999, "items": [{rows}]}}'
    with ScriptedServer() as server:
        server.route("/search", Reply(body=body, headers={"Content-Type": "application/json"}))
        yield server


def test_no_character_makes_a_page_unwritable(workspace: Workspace, market: ScriptedServer) -> None:
    """Both rows are recorded, and found again when they are seen again."""
    definition = SourceDefinition.model_validate(
        {
            "name": "market",
            "kind": "json",
            "min_interval_s": 0,
            "options": {
                "search": market.url("/search") + "?q={term}",
                "rows": "items",
                "fields": FIELDS,
                "price_unit": "major",
                "total": "total",
            },
        }
    )
    sources.put(workspace, definition, actor="test")
    keywords.add(workspace, KeywordDraft("过人脸", "face_id_bundle"), actor="test")
    watches.add(workspace, "market", ["过人脸"], interval_s=60, actor="test")
    watch_id = watches.list_watches(workspace)[0].id
    first = watches.poll_now(workspace, watch_id)
    assert (first.outcome, first.new_listings) == (Outcome.OK, 2)
    again = watches.poll_now(workspace, watch_id)
    assert (again.outcome, again.rows, again.new_listings) == (Outcome.OK, 2, 0)
    assert again.changed_listings == 0
    with workspace.database.read() as tx:
        for table in t.metadata.sorted_tables:
            for row in tx.execute(select(table)):
                # Keys, hashes and signatures are bytes, and may hold any of them.
                texts = repr([value for value in row if not isinstance(value, bytes)])
                assert "\\x00" not in texts, table.name
                assert "\\ud83d" not in texts, table.name
