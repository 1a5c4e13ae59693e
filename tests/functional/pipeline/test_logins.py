"""An operator's own login: shown to its host only, refused apart from everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import Settings
from monitor.domain.clock import ManualClock
from monitor.domain.keyword import KeywordDraft
from monitor.domain.outcome import Outcome
from monitor.errors import ConfigError, ConflictError, SourceError
from monitor.pipeline.logins import MAX_VALUE_CHARS, read_credential
from monitor.pipeline.look import look_at
from monitor.pipeline.workspace import Workspace
from monitor.services import coverage, keywords, sources, watches
from monitor.sources.definition import parse_definition
from monitor.sources.login import Login
from monitor.store import looks
from tests.servers.scripted import Reply, ScriptedServer
from tests.servers.shop import CAPTCHA, LOGIN, Card, Shop

WORD = "人脸四件套"
SECRET = "session=5up3r-s3cret"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With a folder of logins that holds one."""
    folder = tmp_path / "logins"
    folder.mkdir()
    (folder / "desk").write_text(SECRET + "\n", encoding="ascii")
    return settings.model_copy(update={"logins_dir": str(folder)})


def watch(workspace: Workspace, shop: Shop, *endpoints: str, host: str = "") -> int:
    """A source with a login for these endpoints, and a watch; the watch's id."""
    login = {"name": "desk", "host": host or shop.server.host, "endpoints": endpoints}
    shop.put(Card("w", f"出{WORD} 一手料 懂的来 现货"))
    sources.put(workspace, shop.definition(login=login), actor="test")
    if not keywords.list_keywords(workspace):
        keywords.add(workspace, KeywordDraft(WORD, "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", [WORD], interval_s=60, actor="test")
    return watches.list_watches(workspace)[0].id


def look_at_item(workspace: Workspace) -> Outcome | None:
    """What comes of the item page that waits; None when nobody was asked."""
    with workspace.database.write() as tx:
        claims = looks.claim_due(tx, now=workspace.database.now(), lease_s=60, limit=1)
    return look_at(workspace, claims[0]) if claims else None


def shown(shop: Shop, path: str) -> list[str]:
    """The Cookie headers of requests for a path."""
    return [seen.headers.get("cookie", "") for seen in shop.server.seen(path)]


def test_a_login_is_shown_where_its_source_says_and_to_no_robots_file(
    workspace: Workspace, shop: Shop
) -> None:
    """Here, searches go without."""
    assert watches.poll_now(workspace, watch(workspace, shop, "item")).outcome is Outcome.OK
    assert look_at_item(workspace) is Outcome.OK
    assert shown(shop, "/item/w") == [SECRET]
    assert set(shown(shop, "/search") + shown(shop, "/robots.txt")) == {""}


def test_a_login_is_never_shown_to_another_host(workspace: Workspace, shop: Shop) -> None:
    """Neither to the market itself under another name nor where a redirect leads."""
    watch_id = watch(workspace, shop, "search", host="market.example")
    watches.poll_now(workspace, watch_id)
    assert set(shown(shop, "/search")) == {""}
    watch(workspace, shop, "search")
    with ScriptedServer() as elsewhere:
        shop.server.route("/search", Reply(302, headers={"Location": elsewhere.url("/away")}))
        watches.poll_now(workspace, watch_id)
        assert shown(shop, "/search")[-1] == SECRET
        assert [seen.headers.get("cookie") for seen in elsewhere.seen("/away")] == [None]


@pytest.mark.parametrize("refusal", [Reply(401), Reply(body=LOGIN)], ids=["401", "login page"])
def test_a_refused_login_rests_alone(
    workspace: Workspace, shop: Shop, clock: ManualClock, refusal: Reply
) -> None:
    """Searches, which go without it, go on; by hand it is tried again."""
    watch_id = watch(workspace, shop, "item")
    watches.poll_now(workspace, watch_id)
    shop.server.route("/item/*", refusal)
    assert look_at_item(workspace) is Outcome.LOGIN_REQUIRED
    (circuit,) = watches.circuits(workspace)
    assert (circuit.scope, circuit.login, circuit.outcome) == ("item", "desk", "login_required")
    assert watches.poll_now(workspace, watch_id).outcome is Outcome.OK
    clock.advance(workspace.settings.circuit_pause_s / 2)
    assert look_at_item(workspace) is None
    assert watches.close_circuit(workspace, circuit.id, actor="li")
    assert look_at_item(workspace) is Outcome.LOGIN_REQUIRED


def test_a_login_that_the_search_meets_refused_rests_for_item_pages_as_well(
    workspace: Workspace, shop: Shop, clock: ManualClock
) -> None:
    """Time ends both rests; a captcha concerns the endpoint, whoever asks it."""
    watch_id = watch(workspace, shop, "search", "item")
    watches.poll_now(workspace, watch_id)
    usual = shop._search
    shop.server.route("/search", Reply(401))
    watches.poll_now(workspace, watch_id)
    found = {(each.scope, each.login) for each in watches.circuits(workspace)}
    assert found == {("search", "desk"), ("item", "desk")}
    assert look_at_item(workspace) is None
    with pytest.raises(ConflictError, match="rests until"):
        watches.poll_now(workspace, watch_id)
    clock.advance(workspace.settings.circuit_pause_s + 1)
    shop.server.route("/search", usual)
    assert watches.poll_now(workspace, watch_id).outcome is Outcome.OK
    shop.server.route("/search", Reply(body=CAPTCHA))
    watches.poll_now(workspace, watch_id)
    (circuit,) = watches.circuits(workspace)
    assert (circuit.scope, circuit.login, circuit.outcome) == ("search", "desk", "challenged")


def test_without_its_file_a_source_is_off(
    workspace: Workspace, shop: Shop, settings: Settings
) -> None:
    """Nobody is asked, least of all without the login; the gap names what is missing."""
    watch_id = watch(workspace, shop, "search", "item")
    (Path(settings.logins_dir) / "desk").unlink()
    look = watches.poll_now(workspace, watch_id)
    assert (look.outcome, len(shop.server.seen())) == (Outcome.DISALLOWED, 0)
    assert look.detail == "login desk: MONITOR_LOGINS_DIR has no such file"
    assert coverage.gaps(workspace, look.started_at)[0].cause == "disallowed"


def test_a_new_value_counts_without_a_restart_and_none_is_kept(
    workspace: Workspace, shop: Shop, settings: Settings
) -> None:
    """Not in the database, its journal or anything else in the data folder."""
    watch_id = watch(workspace, shop, "search")
    watches.poll_now(workspace, watch_id)
    renewed = SECRET.replace("5", "6")
    (Path(settings.logins_dir) / "desk").write_text(renewed, encoding="ascii")
    watches.poll_now(workspace, watch_id)
    assert shown(shop, "/search") == [SECRET, renewed]
    for file in settings.data_dir.rglob("*"):
        assert not file.is_file() or b"s3cret" not in file.read_bytes()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n \n", b"a\nb", b"a\r\nX-Other: b", b"a\x00b", b"\xff\xfe", b"a" * MAX_VALUE_CHARS],
    ids=["empty", "blank", "two lines", "header split", "nul", "no ascii", "huge"],
)
def test_a_file_that_is_no_header_is_refused_and_never_repeated(
    settings: Settings, content: bytes
) -> None:
    """One line of one login: there is no second one to turn to."""
    (Path(settings.logins_dir) / "desk").write_bytes(content)
    login = Login(name="desk", host="market.example")
    with pytest.raises(ConfigError, match=r"^login desk: its file (must|cannot)[a-z ,']*$"):
        read_credential(settings, login)


def test_a_credential_does_not_show_its_value(settings: Settings) -> None:
    """Not even by accident, in a traceback."""
    credential = read_credential(settings, Login(name="desk", host="market.example"))
    assert credential.value == SECRET
    assert "s3cret" not in repr(credential)
    assert credential.may_go_to("https://market.example/search")
    assert not credential.may_go_to("http://market.example/search")
    assert not credential.may_go_to("https://www.market.example/")
    assert not credential.may_go_to("https://market.example:8443/")


@pytest.mark.parametrize(
    "login",
    [
        'name = "../keys"\nhost = "market.example"',
        'name = "desk"\nhost = "https://market.example"',
        'name = "desk"\nhost = "market.example"\nheader = "X-Forwarded-For"',
        'name = "desk"\nhost = "market.example"\nvalue = "secret"',
        'name = "desk"\nhost = "market.example"\nendpoints = []',
        'name = "desk"',
    ],
    ids=["path", "address", "another header", "a secret", "for nothing", "no host"],
)
def test_a_login_table_that_cannot_work_is_refused(login: str) -> None:
    """The secret itself has no place in a source file."""
    with pytest.raises(SourceError, match=r"login"):
        parse_definition(f'name = "shop"\nkind = "html"\n[login]\n{login}')


def test_a_source_has_one_login() -> None:
    """A list of accounts to rotate is no login."""
    text = 'name = "shop"\nkind = "html"\n[[login]]\nname = "a"\nhost = "market.example"'
    with pytest.raises(SourceError, match="login"):
        parse_definition(text)
