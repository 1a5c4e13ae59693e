"""From a hit to its seller and its family, on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.functional.cli.test_commands import Monitor, _toml, rows
from tests.servers.shop import Card, Shop

OFFER = "出人脸四件套 一手货源 眨眼点头视频都有 量大从优"
REWRITTEN = "量大从优 出人*臉四件套 眨眼点头视频都有 一手货源 现货"
OTHER = "人脸四件套 资料齐全 真人录制 支持验货 长期有货 私聊"


def test_from_a_hit_to_its_seller_and_family(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path / "data")
    with Shop() as shop:
        shop.put(Card("a1", OFFER), Card("a2", REWRITTEN, seller="s2"), Card("a3", OTHER))
        file = tmp_path / "shop.toml"
        file.write_text(_toml(shop), encoding="utf-8")
        monitor("init")
        monitor("sources", "add", str(file))
        monitor("watches", "add", "--source", "shop", "--keyword", "四件套", "--every", "10m")
        monitor("poll", "--source", "shop")
        monitor("index", "rebuild")
    hits = {hit["native_id"]: hit for hit in rows(monitor("hits", "list", "--json"))}
    family, seller = str(hits["a1"]["family_id"]), str(hits["a1"]["seller_id"])
    found = rows(monitor("hits", "list", "--family", family, "--json"))
    assert {hit["native_id"] for hit in found} == {"a1", "a2"}
    found = rows(monitor("hits", "search", "四件套", "--seller", seller, "--json"))
    assert {hit["native_id"] for hit in found} == {"a1", "a3"}
    both = ("--seller", seller, "--family", family)
    (line,) = rows(monitor("hits", "export", *both, "--format", "jsonl"))
    assert line["native_id"] == "a1"
    assert "same text, same picture" in monitor("hits", "show", str(hits["a2"]["id"]))
    (first, second) = rows(monitor("sellers", "list", "--json"))
    assert (str(first["id"]), first["hits"] + first["reviews"]) == (seller, 2)
    shown = monitor("sellers", "show", str(second["id"]))
    assert f"seller {seller} shop 小店: same text (1)" in shown
    assert "小店" in monitor("sellers", "list")
    monitor("sellers", "show", "99", code=2)
    assert "no seller with id 99" in monitor.errors
