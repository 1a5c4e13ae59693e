"""The console as a browser meets it: a real server, real hits, hostile sellers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import monitor.console
from monitor.console.server import ConsoleServer
from monitor.domain.hit import HitFilter
from monitor.domain.keyword import KeywordDraft
from monitor.errors import ConfigError
from monitor.pipeline.index import index_due
from monitor.pipeline.workspace import Workspace
from monitor.services import keywords, setup, sources, triage, watches
from tests.servers.shop import Card, Shop

OFFER = "出人脸四件套 一手料 懂的来 现货"
EVIL = "<script>alert(1)</script>\u202e\"'>"
FOLDER = Path(monitor.console.__file__).parent
ROOT = FOLDER.parents[1]


@pytest.fixture
def filled(workspace: Workspace, shop: Shop) -> Workspace:
    """Two hits, one of them by a hostile seller."""
    shop.put(Card("a1", OFFER), Card("a2", OFFER + EVIL, seller_name=EVIL))
    sources.put(workspace, shop.definition(), actor="test")
    keywords.add(workspace, KeywordDraft("人脸四件套", "face_id_bundle"), actor="test")
    watches.add(workspace, "shop", ["人脸四件套"], interval_s=60, actor="test")
    watches.poll_now(workspace, watches.list_watches(workspace)[0].id)
    index_due(workspace)
    return workspace


@pytest.fixture
def browser(filled: Workspace) -> Iterator[httpx.Client]:
    """Not signed in."""
    with (
        ConsoleServer(filled, "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        yield client


@pytest.fixture
def token(filled: Workspace) -> str:
    """An admin's token."""
    return setup.new_token(filled, user="admin", role="admin", name="console")


@pytest.fixture
def signed_in(browser: httpx.Client, token: str) -> httpx.Client:
    """Signed in."""
    assert sign_in(browser, token).status_code == 303
    return browser


def sign_in(browser: httpx.Client, token: str) -> httpx.Response:
    """Fill in the form as a person does."""
    form = {"token": token, "csrf": csrf(browser.get("/login").text)}
    return browser.post("/login", data=form)


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found
    return found.group(1)


@pytest.mark.parametrize(
    ("path", "login"),
    [("/", "/login"), ("/hits/1", "/login?to=/hits/1"), ("/status", "/login?to=/status")],
)
def test_nothing_is_shown_without_a_session(browser: httpx.Client, path: str, login: str) -> None:
    """Every page leads to the sign-in, and back from there."""
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, login)


def test_signing_in_leads_back_but_never_elsewhere(browser: httpx.Client, token: str) -> None:
    """An address in a mail can not send people to a stranger's page."""
    for to, expected in (("/hits/1?q=x", "/hits/1?q=x"), ("//evil.example/", "/"), ("x:y", "/")):
        form = {"token": token, "to": to, "csrf": csrf(browser.get("/login").text)}
        assert browser.post("/login", data=form).headers["location"] == expected


def test_a_session_ends_everywhere_when_its_owner_leaves(signed_in: httpx.Client) -> None:
    """A copy of the cookie is worth nothing afterwards."""
    cookies = dict(signed_in.cookies)
    form = {"csrf": csrf(signed_in.get("/").text)}
    assert signed_in.post("/logout", data=form).status_code == 303
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    assert signed_in.get("/", headers={"cookie": header}).status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "AAAA", "人", "A" * 5000])
def test_a_made_up_session_is_none(browser: httpx.Client, cookie: str) -> None:
    """Forged cookies are no key."""
    answer = browser.get("/", headers={"cookie": f"monitor_session={cookie}".encode()})
    assert answer.status_code == 303


def test_wrong_tokens_are_refused_and_then_slowed(browser: httpx.Client, token: str) -> None:
    """Guessing becomes pointless, also with the right token for a while."""
    codes = [sign_in(browser, f"mon_{n}").status_code for n in range(12)]
    assert codes == [401] * 10 + [429] * 2
    refused = sign_in(browser, token)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60


def test_a_sign_in_form_from_another_page_is_refused(browser: httpx.Client, token: str) -> None:
    """Nobody can be signed in by a stranger's page."""
    assert browser.post("/login", data={"token": token}).status_code == 403


def test_pages_carry_strict_headers(signed_in: httpx.Client) -> None:
    """No script, no third party, no cache."""
    answer = signed_in.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text


def test_another_host_name_is_refused(browser: httpx.Client) -> None:
    """DNS rebinding ends here."""
    assert browser.get("/healthz", headers={"host": "evil.example"}).status_code == 400
    assert browser.get("/healthz").json() == {"status": "ok"}


def test_evidence_is_marked_where_it_stands(signed_in: httpx.Client) -> None:
    """The mark covers the words that the reason names, whole, and each leads to the other."""
    page = signed_in.get("/hits/1").text
    found = re.search(r'<mark class="for" id="at-(\d+)">[^<]*人脸四件套', page)
    assert found
    assert f'id="why-{found[1]}"' in page
    assert f'href="#at-{found[1]}"' in page
    assert set(re.findall(r'href="#(at-\d+)"', page)) == set(re.findall(r'id="(at-\d+)"', page))


def test_sellers_words_are_harmless(signed_in: httpx.Client) -> None:
    """HTML is text, and direction marks are visible."""
    for path in ("/", "/hits/1", "/hits/2"):
        page = signed_in.get(path).text
        assert "<script" not in page
        assert "\u202e" not in page
    assert ">U+202E<" in signed_in.get("/").text


def test_filters_and_search_live_in_the_address(signed_in: httpx.Client) -> None:
    """A link to a queue can be shared."""
    assert signed_in.get("/").text.count('href="/hits/') == 2
    assert 'href="/hits/' not in signed_in.get("/", params={"status": "closed"}).text
    assert signed_in.get("/", params={"q": "人脸四件套"}).text.count('href="/hits/') == 2
    assert 'href="/hits/' not in signed_in.get("/", params={"q": "床品"}).text
    assert signed_in.get("/", params={"q": "，。"}).status_code == 400
    assert signed_in.get("/", params={"page": "-1"}).status_code == 200


def test_a_verdict_needs_its_own_form_and_a_reason(
    signed_in: httpx.Client, filled: Workspace
) -> None:
    """A forged post changes nothing."""
    page = signed_in.get("/hits/1").text
    good = csrf(page)
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    version = found.group(1)
    for given, reason, code in (("", "x", 403), ("0" * 64, "x", 403), (good, " ", 400)):
        form = {"verdict": "confirmed", "reason": reason, "csrf": given, "version": version}
        assert signed_in.post("/hits/1/verdict", data=form).status_code == code
    assert triage.count(filled, HitFilter(verdict=("confirmed",))) == 0
    form = {"verdict": "confirmed", "reason": "clear", "csrf": good, "version": version}
    stale = signed_in.post("/hits/1/verdict", data={**form, "version": "999"})
    assert stale.status_code == 409
    assert triage.count(filled, HitFilter(verdict=("confirmed",))) == 0
    answer = signed_in.post("/hits/1/verdict", data={**form, "go_on": "1"})
    assert answer.headers["location"].startswith("/hits/2")
    assert triage.count(filled, HitFilter(verdict=("confirmed",))) == 1
    assert "clear" in signed_in.get("/hits/1").text


def test_unknown_things_are_clear_errors(signed_in: httpx.Client) -> None:
    """In the same style, without a trace."""
    assert signed_in.get("/hits/999").status_code == 404
    assert signed_in.get("/hits/x").status_code == 404
    assert signed_in.get("/language/xx").status_code == 404


def test_the_status_page_tells_a_block_from_a_zero(signed_in: httpx.Client) -> None:
    """It names what was seen."""
    page = signed_in.get("/status", headers={"accept-language": "en"}).text
    assert 'class="sight seen">seen<' in page


def test_both_languages_have_every_word() -> None:
    """And templates hold no words of their own."""
    tables = [
        tomllib.loads((FOLDER / "words" / f"{name}.toml").read_text(encoding="utf-8"))
        for name in ("zh", "en")
    ]
    assert set(tables[0]) == set(tables[1])
    for template in (FOLDER / "templates").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        bare = re.sub(r"\{[{%#].*?[%}#]\}|<[^>]*>", " ", text, flags=re.DOTALL)
        assert not re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", bare), template.name
        for key in re.findall(r'w\("([a-z_.]+)"\)', text):
            assert key in tables[0], key


@pytest.mark.parametrize(("language", "word"), [("zh", "疑似商品"), ("en", "Suspected listings")])
def test_the_reader_chooses_the_language(signed_in: httpx.Client, language: str, word: str) -> None:
    """By a link that is remembered, or by the browser."""
    assert word in signed_in.get("/", headers={"accept-language": language}).text
    signed_in.get(f"/language/{language}")
    assert word in signed_in.get("/", headers={"accept-language": "xx"}).text


def test_it_stays_on_this_machine_and_names_a_taken_port(filled: Workspace) -> None:
    """Plain HTTP is for loopback only."""
    with pytest.raises(ConfigError, match="loopback"):
        ConsoleServer(filled, "0.0.0.0", 0).__enter__()
    with ConsoleServer(filled, "127.0.0.1", 0) as server:
        port = int(server.url.rsplit(":", 1)[1])
        with pytest.raises(ConfigError, match=str(port)):
            ConsoleServer(filled, "127.0.0.1", port).__enter__()
