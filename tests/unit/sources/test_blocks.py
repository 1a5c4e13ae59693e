"""Block pages: a marker and a missing list together, never one of them alone."""

from __future__ import annotations

import pytest

from monitor.domain.outcome import Outcome
from monitor.sources.blocks import BlockDetector
from monitor.sources.options import BlockTexts
from tests.answers.pages import answer_to

DETECTOR = BlockDetector()
SEARCH = "https://market.example/search?q=1"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("<script>location='https://x/_____tmd_____/punish?x5secdata=1'</script>", "challenged"),
        ('{"rgv587_flag":"sm","url":"https://x/deny_h5"}', "challenged"),
        ('{"action":"captcha"}', "challenged"),
        ("<div class=baxia-dialog-mask></div>", "challenged"),
        ("<div id='nc_captcha'></div>", "challenged"),
        ("<title>百度安全验证</title>", "challenged"),
        ("<p>访问异常,请稍后</p>", "challenged"),
        ("<p>异常访问</p>", "challenged"),
        ("<script src=/cdn-cgi/challenge-platform/x.js></script>", "challenged"),
        ("<div class=g-recaptcha></div>", "challenged"),
        ("<p>请输入验证码</p>", "challenged"),
        ("<p>请先登录</p>", "login_required"),
        ("<p>您尚未登录</p>", "login_required"),
        ("<iframe src=https://passport.goofish.com/mini_login.htm>", "login_required"),
        ("<form><input type=password></form>", "login_required"),
        ("<p>操作过于频繁,请稍后再试</p>", "rate_limited"),
        ("抱歉，您在 15 秒内只能进行一次搜索", "rate_limited"),
        ("<h1>Too Many Requests</h1>", "rate_limited"),
        ("<p>hello</p>", "schema_changed"),
        ("", "schema_changed"),
        ("<footer>登录后查看更多</footer>", "schema_changed"),
    ],
)
def test_a_page_without_its_list_is_named(text: str, outcome: str) -> None:
    """Captcha, login wall, flood control and a changed page are four things."""
    assert DETECTOR.judge(answer_to(text), "the list").outcome == outcome


def test_a_widget_in_a_long_page_is_no_challenge() -> None:
    """Ordinary pages hold captcha widgets and password fields, too."""
    page = "<p>text</p>" * 5_000 + "<div class=g-recaptcha></div><input type=password>"
    assert DETECTOR.judge(answer_to(page), "the list").outcome is Outcome.SCHEMA_CHANGED


@pytest.mark.parametrize(
    ("final_url", "outcome"),
    [
        ("https://login.taobao.com/member/login.jhtml?x=1", "login_required"),
        ("https://market.example/users/sign_in", "login_required"),
        ("https://market.example/account/sign-in?next=/search", "login_required"),
        ("https://passport.market.example/", "login_required"),
        ("https://market.example/_____tmd_____/punish?x5secdata=1", "challenged"),
        ("https://sec.market.example/captcha/", "challenged"),
    ],
)
def test_a_redirect_tells_by_where_it_ends(final_url: str, outcome: str) -> None:
    """A login page may look like anything; its address tells."""
    block = DETECTOR.elsewhere(answer_to("", SEARCH, final_url=final_url))
    assert block is not None
    assert block.outcome == outcome


@pytest.mark.parametrize(
    "final_url",
    [
        "https://market.example/search/?q=1",
        "https://www.market.example/search?q=1",
        "https://market.example/search?q=1&ref=login",
        "https://market.example/blog/9",
    ],
)
def test_other_redirects_are_looked_at_by_their_body(final_url: str) -> None:
    """www, a slash or a parameter is no block."""
    assert DETECTOR.elsewhere(answer_to("", SEARCH, final_url=final_url)) is None


def test_a_market_that_lives_under_login_is_not_blocked() -> None:
    """Only words that the redirect brought count."""
    url = "https://login.market.example/login/search"
    answer = answer_to("", url, final_url="https://login.market.example/login/find")
    assert DETECTOR.elsewhere(answer) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, "login_required"),
        (403, "challenged"),
        (404, "not_found"),
        (410, "not_found"),
        (429, "rate_limited"),
        (500, "transport_error"),
        (304, "transport_error"),
    ],
)
def test_a_status_tells_where_the_body_does_not(status: int, outcome: str) -> None:
    """Captures and item pages come with any status."""
    assert DETECTOR.judge(answer_to("x", status=status), "the list").outcome == outcome


def test_a_market_has_block_texts_of_its_own() -> None:
    """An operator can name what only this market writes."""
    own = BlockDetector(BlockTexts(rate_limited=("休息一下",)))
    answer = answer_to("<p>休息一下</p>")
    assert own.judge(answer, "the list").outcome is Outcome.RATE_LIMITED
    assert DETECTOR.judge(answer, "the list").outcome is Outcome.SCHEMA_CHANGED


def test_a_cut_page_is_not_a_changed_page() -> None:
    """The byte cap may have cut the list away."""
    answer = answer_to("<html>", is_truncated=True)
    assert DETECTOR.judge(answer, "the list").outcome is Outcome.TRANSPORT_ERROR
