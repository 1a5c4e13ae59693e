"""The API as a program meets it: the console's real server, a token, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.console.server import ConsoleServer
from monitor.pipeline.workspace import Workspace
from monitor.services import setup, statistics
from monitor.services.statistics import Asked
from tests.planting import BUNDLE, MONDAY, OFFER, Plant, row

QUESTIONS = (
    "hits",
    "precision",
    "outcomes",
    "coverage",
    "queue",
    "deliveries",
    "failures",
    "terms",
    "misses",
)
MARCH = {"since": "2026-03-01", "until": "2026-04-01"}
EVIL = "=HYPERLINK(1)"


@pytest.fixture
def server(workspace: Workspace) -> Iterator[str]:
    """Its address."""
    with ConsoleServer(workspace, "127.0.0.1", 0) as served:
        yield served.url


@pytest.fixture
def token(workspace: Workspace) -> str:
    """A program's token."""
    return setup.new_token(workspace, user="report", role="analyst", name="api")


@pytest.fixture
def client(server: str, token: str) -> Iterator[httpx.Client]:
    """With the token, at the questions."""
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=f"{server}/api/v1/stats", headers=headers, trust_env=False
    ) as opened:
        yield opened


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem that an answer tells."""
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == answer.status_code
    assert set(found) == {"type", "title", "status", "detail"}
    return found


def test_every_question_answers_in_both_forms(client: httpx.Client) -> None:
    """Over an empty store too; the CSV's head is there without a row."""
    for question in QUESTIONS:
        found = client.get(f"/{question}")
        assert found.status_code == 200, found.text
        assert found.json()["question"] == question
        table = client.get(f"/{question}", params={"format": "csv"})
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        assert f'filename="{question}.csv"' in table.headers["content-disposition"]
        head = table.text.splitlines()[0].split(",")
        assert all(list(found_row) == head for found_row in found.json()["rows"])
        assert len(head) > 1


def test_it_gives_the_services_numbers(client: httpx.Client, planted: Plant) -> None:
    """The very same, times in the zone asked for."""
    asked = {**MARCH, "zone": "Asia/Shanghai", "by": "week"}
    answer = client.get("/hits", params=asked).json()
    expected = statistics.hits(
        planted.workspace, Asked("2026-03-01", "2026-04-01", "Asia/Shanghai"), by="week"
    )
    assert answer == expected.plain()
    assert answer["since"] == "2026-03-01T00:00:00+08:00"
    assert answer["total"] == 5


def test_filters_may_be_repeated(client: httpx.Client, planted: Plant) -> None:
    """One value or another."""
    both = client.get("/hits", params={**MARCH, "by": "source", "source": ["north", "south"]})
    one = client.get("/hits", params={**MARCH, "by": "source", "source": "south"})
    assert (both.json()["total"], one.json()["total"]) == (5, 1)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("*/*", "application/json"),
        ("text/csv;q=x", "application/json"),
    ],
)
def test_the_accept_header_chooses_the_form(client: httpx.Client, accept: str, kind: str) -> None:
    """JSON unless CSV is liked better."""
    answer = client.get("/queue", headers={"accept": accept})
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["vary"] == "Accept"
    forced = client.get("/queue", params={"format": "json"}, headers={"accept": "text/csv"})
    assert forced.headers["content-type"] == "application/json"


def test_a_sellers_name_is_no_formula(client: httpx.Client, planted: Plant) -> None:
    """In the CSV; JSON has it as it is."""
    planted.look("south", BUNDLE, MONDAY, row("evil", f"{OFFER} 恶", seller=EVIL))
    planted.index()
    asked = {**MARCH, "by": "seller"}
    table = client.get("/hits", params={**asked, "format": "csv"}).text
    values = [found["value"] for found in csv.DictReader(io.StringIO(table))]
    assert f"'{EVIL}" in values
    assert EVIL not in values
    assert EVIL in [found["value"] for found in client.get("/hits", params=asked).json()["rows"]]


@pytest.mark.parametrize(
    "header", [{}, {"authorization": "Bearer mon_wrong"}, {"authorization": "Basic YTpi"},
               {"authorization": "Bearer " + "x" * 5000}]
)  # fmt: skip
def test_without_a_valid_token_nothing_is_told(server: str, header: dict[str, str]) -> None:
    """Not even whether the question is a good one."""
    with httpx.Client(base_url=server, trust_env=False) as nobody:
        for path in ("/api/v1/stats/hits", "/api/v1/stats/hits?by=nonsense"):
            answer = nobody.get(path, headers=header)
            assert problem(answer)["status"] == 401
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_revoked_token_opens_nothing(client: httpx.Client, workspace: Workspace) -> None:
    """A new one of the same name ends it."""
    assert client.get("/queue").status_code == 200
    setup.new_token(workspace, user="report", role="analyst", name="api")
    assert problem(client.get("/queue"))["status"] == 401


@pytest.mark.parametrize(
    ("question", "params", "detail"),
    [
        ("hits", {"zone": "Asia/Shanghia"}, "zone: 'Asia/Shanghia' is not a time zone"),
        ("hits", {"since": "2026-03-02", "until": "2026-03-01"}, "since: 2026-03-02 is not before"),
        ("hits", {"since": "2000-01-01", "by": "hour"}, "interval: hour cuts the time into more"),
        ("coverage", {"since": "2000-01-01", "interval": "day"}, "interval: day cuts the time"),
        ("hits", {"limit": "0"}, "limit: "),
        ("hits", {"limit": "many"}, "limit: "),
        ("hits", {"by": "colour"}, "by: "),
        ("hits", {"sourse": "shop"}, "sourse: "),
        ("hits", {"source": "nowhere"}, "source: 'nowhere' is unknown"),
        ("hits", {"category": "faces"}, "category: 'faces' is none of"),
        ("hits", {"format": "xml"}, "format: "),
        ("hits", {"zone": "x" * 5000}, "zone: "),
        ("queue", {"since": "2d"}, "since: "),
        ("misses", {"category": "face_id_bundle"}, "category: "),
    ],
)
def test_a_question_that_cannot_be_read_is_explained(
    client: httpx.Client, question: str, params: dict[str, str], detail: str
) -> None:
    """With 422, and the name of the parameter."""
    answer = client.get(f"/{question}", params=params)
    assert answer.status_code == 422
    found = problem(answer)["detail"]
    assert found.startswith(detail)
    assert len(found) < 500


def test_unknown_addresses_and_methods_are_problems_too(client: httpx.Client) -> None:
    """Never a page for people."""
    assert problem(client.get("/colours"))["status"] == 404
    assert problem(client.post("/hits", content=b""))["status"] == 405


def test_an_index_that_cannot_answer_is_503(client: httpx.Client, workspace: Workspace) -> None:
    """The rest goes on."""
    workspace.index.close()
    assert problem(client.get("/hits"))["status"] == 503
    assert client.get("/coverage").status_code == 200


def test_the_description_holds_an_example_of_every_answer(server: str) -> None:
    """In both forms, fit for the schema that it stands beside."""
    with httpx.Client(base_url=server, trust_env=False) as anybody:
        described = anybody.get("/api/v1/openapi.json").json()
    paths = {path: found for path, found in described["paths"].items() if "/stats/" in path}
    assert set(paths) == {f"/stats/{question}" for question in QUESTIONS}
    for path, methods in paths.items():
        answers = methods["get"]["responses"]
        assert set(answers) == {"200", "401", "422", "503"}, path
        content = answers["200"]["content"]
        example = content["application/json"]["example"]
        schema = described["components"]["schemas"]
        name = content["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
        assert set(example) <= set(schema[name]["properties"])
        row_name = schema[name]["properties"]["rows"]["items"]["$ref"].rsplit("/", 1)[-1]
        columns = list(schema[row_name]["properties"])
        assert [list(found) for found in example["rows"]] == [columns]
        assert content["text/csv"]["example"].splitlines()[0] == ",".join(columns)
        assert methods["get"]["security"]


def test_the_page_for_readers_tells_what_the_api_does(server: str, client: httpx.Client) -> None:
    """Its addresses answer, and its examples have the answers' fields."""
    page = Path(__file__).parents[3] / "docs" / "reference" / "statistics.md"
    text = page.read_text(encoding="utf-8")
    described = httpx.get(f"{server}/api/v1/openapi.json", trust_env=False).json()
    for question in QUESTIONS:
        assert f"`GET /api/v1/stats/{question}`" in text
        section = text.partition(f"`GET /api/v1/stats/{question}`")[2].partition("\n## ")[0]
        answers = described["paths"][f"/stats/{question}"]["get"]["responses"]["200"]["content"]
        block = section.partition("```json\n")[2].partition("```")[0]
        assert json.loads(block) == answers["application/json"]["example"], question
        table = section.partition("```csv\n")[2].partition("```")[0]
        assert table == answers["text/csv"]["example"], question
    for address in text.split("/api/v1/stats/")[1:]:
        path = address.split("`")[0].split('"')[0].split("'")[0].split()[0]
        if "?" in path:
            assert client.get(f"/{path}").status_code == 200, path
