"""Hits are found by what was read out of their offers."""

from __future__ import annotations

from pathlib import Path

from tests.functional.cli.test_commands import Monitor, _toml, rows
from tests.servers.shop import Card, Shop

LOANS = "出人脸四件套 网贷料 正反手持 五毛一条 懂的来 现货 包更新"
BULK = "出人脸四件套 正反手持加眨眼视频 20一套 现货 加微信 懂的来"


def test_from_a_listing_to_a_filter(tmp_path: Path) -> None:
    """`--offer` narrows list and search, and the hit shows each value with its words."""
    monitor = Monitor(tmp_path / "data")
    with Shop() as shop:
        shop.put(Card("a1", LOANS), Card("a2", BULK))
        file = tmp_path / "shop.toml"
        file.write_text(_toml(shop), encoding="utf-8")
        monitor("init")
        monitor("sources", "add", str(file))
        monitor("watches", "add", "--source", "shop", "--keyword", "四件套", "--every", "10m")
        monitor("poll", "--source", "shop")
        monitor("index", "rebuild")
    found = rows(monitor("hits", "search", "--offer", "origin=loan_platform", "--json"))
    assert [hit["native_id"] for hit in found] == ["a1"]
    both = ("--offer", "unit=set", "--offer", "handoff=wechat")
    (listed,) = rows(monitor("hits", "list", *both, "--json"))
    assert listed["native_id"] == "a2"
    assert rows(monitor("hits", "list", *both, "--offer", "price=21", "--json")) == []
    shown = monitor("hits", "show", str(listed["id"]))
    assert '20 CNY a set  "20一套"' in shown
    assert 'face_video  "眨眼视频"' in shown
    monitor("hits", "search", "--offer", "colour=red", code=2)
    assert "colour=red" in monitor.errors
    for command in ("search", "list"):
        monitor("hits", command, "--offer", "target=weixin", code=2)
        assert "did you mean wechat?" in " ".join(monitor.errors.split())
