"""Sellers as a program meets them: the console's real server, JSON."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from monitor.console.server import ConsoleServer
from monitor.domain.keyword import KeywordDraft
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, setup
from tests.planting import BED, BUNDLE, MONDAY, OFFER, Plant, row

EVIL = "<script>alert(1)</script>\u202e"


@pytest.fixture
def plant(workspace: Workspace) -> Plant:
    """Two sellers of offers in two markets, with one contact, and one of beds."""
    keywords.add(workspace, KeywordDraft(BUNDLE, "face_id_bundle"), actor="test")
    planted = Plant(workspace)
    contact = "加微信 qwe778899"
    for source, seller in (("north", "甲" + EVIL), ("south", "乙")):
        planted.source(source, BUNDLE)
        offers = [row(f"{source}{n}", f"{OFFER} {contact} {n}", seller=seller) for n in range(2)]
        planted.look(source, BUNDLE, MONDAY, *offers, row("bed", BED.format(1), seller="丙"))
    return planted


@pytest.fixture
def client(plant: Plant) -> Iterator[httpx.Client]:
    """With li's token."""
    token = setup.new_token(plant.workspace, user="li", role="analyst", name="api")
    with (
        ConsoleServer(plant.workspace, "127.0.0.1", 0) as server,
        httpx.Client(base_url=f"{server.url}/api/v1", trust_env=False) as opened,
    ):
        opened.headers["authorization"] = f"Bearer {token}"
        yield opened


def test_sellers_are_listed_with_what_was_seen_of_them(client: httpx.Client) -> None:
    """Those without a suspected listing only when asked for; in parts; of one market."""
    found = client.get("/sellers").json()
    assert found["total"] == 2
    assert [seller["hits"] + seller["reviews"] for seller in found["sellers"]] == [2, 2]
    assert client.get("/sellers", params={"everyone": True}).json()["total"] == 4
    (south,) = client.get("/sellers", params={"source": "south"}).json()["sellers"]
    assert (south["source"], south["name"], south["listings"]) == ("south", "乙", 2)
    second = client.get("/sellers", params={"limit": 1, "offset": 1}).json()["sellers"]
    assert second == found["sellers"][1:]


def test_one_seller_comes_with_its_hits_and_its_kin(client: httpx.Client) -> None:
    """All masked; what a seller wrote is data."""
    (south,) = client.get("/sellers", params={"source": "south"}).json()["sellers"]
    answer = client.get(f"/sellers/{south['id']}")
    shown = answer.json()
    assert shown["seller"] == south
    assert {hit["native_id"] for hit in shown["hits"]} == {"south0", "south1"}
    assert shown["markets"] == ["north", "south"]
    (kin,) = shown["kin"]
    assert (kin["name"], kin["bonds"]["same contact"]) == ("甲" + EVIL, 1)
    assert "qwe778899" not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sellers/99", 404),
        ("/sellers/0", 422),
        ("/sellers/x", 422),
        ("/sellers/99999999999999999999", 422),
        ("/sellers?limit=0", 422),
        ("/sellers?limit=1001", 422),
        ("/sellers?offset=-1", 422),
        ("/sellers?sourse=north", 422),
        (f"/sellers?source={'x' * 101}", 422),
    ],
)
def test_what_cannot_be_told_is_a_problem(client: httpx.Client, path: str, status: int) -> None:
    """In the one shape."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_without_a_token_nothing_is_told(client: httpx.Client) -> None:
    """Neither the list nor one of it."""
    del client.headers["authorization"]
    assert client.get("/sellers").status_code == 401
    assert client.get("/sellers/1").status_code == 401
