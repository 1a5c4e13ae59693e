"""Victims' numbers, planted wherever a market lets people write, are in no file afterwards.

All numbers are invented. The data folder is read byte by byte: database, log, free
pages, index, program log, keys, whatever lies there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

from classifiers.text.identifiers import is_bank_card, is_id_number
from monitor.alerts.signing import generate_secret
from monitor.config import load_settings
from monitor.demo.receiver import Receiver
from monitor.domain.alert import EndpointMode
from monitor.domain.hit import HitFilter, Verdict
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.runner import Runner
from monitor.services import endpoints, keywords, overview, sources, triage, watches
from tests.servers.shop import Card, Shop

WRITINGS = ("０１２３４５６７８９", "⓪①②③④⑤⑥⑦⑧⑨", "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
FULL_WIDTH, CIRCLED, CHINESE, FORMAL = (str.maketrans("0123456789", form) for form in WRITINGS)
PLAIN = {ord(char): str(digit) for form in WRITINGS for digit, char in enumerate(form)}
BETWEEN = re.compile(r"[\s\-_.,，。·*/|\u200b]{1,3}")


def id_number(order: int) -> str:
    stem = f"110101{1970 + order % 30}0307{order % 1000:03d}"
    return next(stem + check for check in "0123456789x" if is_id_number(stem + check))


def bank_card(order: int) -> str:
    stem = f"622202{order:012d}"
    return next(stem + check for check in "0123456789" if is_bank_card(stem + check))


def phone(order: int) -> str:
    return f"139{order:08d}"


def in_groups(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


DISGUISES = {
    "plain": lambda number: number,
    "groups": in_groups,
    "dashes": lambda number: "-".join((number[:6], number[6:14], number[14:])),
    "dots": ".".join,
    "stars": lambda number: "*".join((number[:6], number[6:14], number[14:])),
    "full width": lambda number: number.translate(FULL_WIDTH),
    "circled": lambda number: number.translate(CIRCLED),
    "chinese": lambda number: number.translate(CHINESE),
    "formal": lambda number: number.translate(FORMAL),
    "zero width": "\u200b".join,
    "mixed": lambda number: number[:9] + number[9:].translate(FULL_WIDTH),
}


class Planted:
    """Hands out numbers, each one once, and remembers them."""

    def __init__(self) -> None:
        self.numbers: list[str] = []
        self._makes = (id_number, bank_card, phone)

    def take(self, kind: int, how: str) -> str:
        number = self._makes[kind](1001 + 7 * len(self.numbers))
        self.numbers.append(number)
        return DISGUISES[how](number)

    def row(self, how: str) -> str:
        """A row of somebody's data, as it is sold."""
        return f"张某某 {self.take(0, how)} {self.take(1, how)} 手机 {self.take(2, 'plain')}"


def cards(planted: Planted) -> Iterator[Card]:
    """Every disguise in every field that a stranger fills in; offers and others."""
    for place, how in enumerate(DISGUISES):
        yield Card(
            f"offer{place}",
            f"人脸四件套 现货 一手料 {planted.row(how)}",
            description=f"懂的来 样品：{planted.row(how)}\n价格 {planted.take(1, how)}元",
            price=f"¥{planted.take(1, how)}",
            seller_name=f"店 {planted.row(how)}",
            picture=f"/p-{planted.take(0, 'plain')}.jpg",
        )
        yield Card(
            f"bed{place}",
            f"纯棉床品四件套 {planted.row(how)}",
            seller=f"s{place}",
            seller_name=planted.row(how),
        )
    yield Card(f"x?who={quote(planted.row('plain'))}", "人脸四件套 一手料 现货")
    yield Card(f"{quote(planted.row('full width'))}/y", "人脸四件套 一手料 现货")


@contextmanager
def logged_to(path: Path) -> Iterator[None]:
    """All that any library says, as chatty as it can be."""
    root, handler = logging.getLogger(), logging.FileHandler(path, encoding="utf-8")
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()


def traces(folder: Path, numbers: list[str]) -> list[tuple[str, str]]:
    """(file, number) wherever a number stands, in any of its writings."""
    found = []
    for path in (path for path in folder.rglob("*") if path.is_file()):
        text = unquote(path.read_bytes().decode("utf-8", "ignore")).lower()
        plain = BETWEEN.sub("", text).translate(PLAIN)
        found += [(path.name, number) for number in numbers if number in text or number in plain]
    return found


def is_busy(workspace: Workspace) -> bool:
    waiting = overview.waiting(workspace)
    return any((waiting.looks, waiting.to_index, waiting.to_send))


def test_planted_numbers_are_in_no_file(tmp_path: Path, shop: Shop) -> None:
    """After polls, looks, alerts, verdicts and indexing, with everything logged."""
    planted, folder = Planted(), tmp_path / "data"
    folder.mkdir()
    settings = load_settings(data_dir=folder, allow_networks=("127.0.0.0/8",), tick_s=0.05)
    shop.put(*cards(planted))
    secret = generate_secret()
    with (
        Receiver(secret) as receiver,
        logged_to(folder / "monitor.log"),
        open_workspace(settings) as workspace,
    ):
        definition = shop.definition()
        fields = definition.options["fields"]
        fields["extra"] = {"note": ".seller", "thumbnail": "img::attr(src)", "words": "a"}
        fields["region"] = ".seller"
        sources.put(workspace, definition, actor="test")
        for term in ("人脸四件套", "四件套"):
            keywords.add(workspace, KeywordDraft(term, "face_id_bundle", weight=2.0), actor="test")
        endpoints.add(
            workspace, "mods", receiver.url, mode=EndpointMode.ON_VERDICT, secret=secret, actor="t"
        )
        watches.add(workspace, "shop", ["四件套"], interval_s=60, actor="test")
        with Runner(workspace) as runner:
            while triage.count(workspace, HitFilter()) < len(DISGUISES):
                runner.wait(0.05)
            for hit in triage.queue(workspace, HitFilter(), limit=99):
                reason = f"sells {planted.row('plain')}"
                triage.triage(workspace, hit.id, Verdict.CONFIRMED, reason=reason, actor="li")
            while is_busy(workspace):
                runner.wait(0.05)
        assert receiver.alerts
        assert traces(folder, ["人脸四件套"])
        assert traces(folder, planted.numbers) == []
    assert traces(folder, planted.numbers) == []
