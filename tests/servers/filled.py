"""A store with something of everything in it, and what of it must survive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from monitor.config import Settings, load_settings
from monitor.domain.alert import EndpointMode
from monitor.domain.hit import HitFilter, Verdict
from monitor.domain.keyword import KeywordDraft
from monitor.errors import StoreError
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import endpoints, keywords, sources, triage, watches
from monitor.store import tables as t
from tests.servers.shop import Card, Shop

__all__ = ["ACCOUNT", "Rows", "fill", "offer", "opened", "prepare", "rows_of"]

ACCOUNT = "kuaidi_8812"
KEPT = (
    t.listing,
    t.listing_version,
    t.contact,
    t.assessment,
    t.hit,
    t.triage_event,
    t.alert,
    t.audit_entry,
)
Rows = dict[str, dict[int, dict[str, Any]]]


def offer(number: int) -> Card:
    """An offer that becomes a hit and names a contact."""
    return Card(f"o{number}", f"出人脸四件套 一手 懂的来 现货 第{number}批 加微信：{ACCOUNT}")


def prepare(workspace: Workspace, shop: Shop, *, hook: str, interval_s: float = 60) -> None:
    """A watched shop, a baseline, and an endpoint that wants to hear of hits and verdicts."""
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("人脸四件套", "face_id_bundle", weight=2.0), actor="test")
    watches.add(workspace, "shop", ["人脸四件套"], interval_s=interval_s, actor="test")
    endpoints.add(workspace, "hook", hook, mode=EndpointMode.ON_HIT, actor="test")
    watches.poll_now(workspace, watches.list_watches(workspace)[0].id)


def fill(settings: Settings, shop: Shop, *, offers: int = 3) -> Rows:
    """Listings, hits, alerts that wait, a verdict and audit entries; what is there."""
    with open_workspace(settings) as workspace:
        prepare(workspace, shop, hook=shop.server.url("/hook"))
        shop.put(*(offer(number) for number in range(offers)))
        watches.poll_now(workspace, watches.list_watches(workspace)[0].id)
        hit = triage.queue(workspace, HitFilter())[0]
        triage.triage(workspace, hit.id, Verdict.CONFIRMED, reason="clear", actor="li")
        return rows_of(workspace)


def rows_of(workspace: Workspace) -> Rows:
    """Every row that a backup promises, by table and id, at one moment."""
    with workspace.database.read() as tx:
        return {
            table.name: {row["id"]: dict(row) for row in tx.execute(select(table)).mappings()}
            for table in KEPT
        }


def opened(data_dir: Path) -> Rows | None:
    """What a start finds; None when it is refused because a restore was cut off."""
    try:
        with open_workspace(load_settings(data_dir=data_dir)) as workspace:
            return rows_of(workspace)
    except StoreError as error:
        if "cut off: run `monitor restore` again" in str(error):
            return None
        raise
