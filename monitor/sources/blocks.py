"""Is this page a captcha, a login wall, a flood control notice, or something else than expected?

Two things are needed for a block: a marker, and that the expected list or item is
missing. A captcha widget beside results is no block, and results are never a block.
Markers: sources.md 2.1, 2.7 and 2.10.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from monitor.domain.outcome import Outcome
from monitor.domain.page import Answer
from monitor.sources.links import is_same_place
from monitor.sources.markup import MarkupError, parse_html
from monitor.sources.options import BlockTexts

__all__ = ["LISTS", "Block", "BlockDetector"]

CHALLENGES = (
    "_____tmd_____/punish",
    "x5secdata",
    "rgv587_flag",
    '"action":"captcha"',
    "bixi.alicdn.com/punish",
    "action=deny",
    "/deny_h5",
    "baxia-dialog",
    "nc_captcha",
    "安全验证",
    "访问异常",
    "异常访问",
    "滑动验证",
    "人机验证",
    "被挤爆啦",
    "cf-challenge",
    "challenge-platform",
    "cf_chl_opt",
)
LOGINS = ("passport.goofish.com", "mini_login", "login.taobao.com", "请先登录", "您尚未登录")
RATE_LIMITS = (
    "操作过于频繁",
    "操作太频繁",
    "访问过于频繁",
    "请求过于频繁",
    "秒内只能进行一次搜索",
    "too many requests",
    "rate limit exceeded",
)
# Words that ordinary pages hold as well: they count only on a short page.
WEAK_CHALLENGES = ("g-recaptcha", "h-captcha", "cf-turnstile", "captcha", "验证码")
WEAK_LOGINS = ('type="password"', "type='password'", "type=password")
SHORT_PAGE_CHARS = 20_000

LISTS = (Outcome.OK, Outcome.EMPTY, Outcome.RELATED_ONLY)
"""Outcomes of a page that holds the market's list, be it of results or not."""
LOGIN_WORDS = frozenset({"login", "signin", "logon", "passport", "mini_login", "minilogin", "sso"})
CHALLENGE_WORDS = frozenset({"punish", "deny_h5", "captcha", "challenge", "verify", "deny"})
STATUSES = {
    401: Outcome.LOGIN_REQUIRED,
    403: Outcome.CHALLENGED,
    404: Outcome.NOT_FOUND,
    410: Outcome.NOT_FOUND,
    429: Outcome.RATE_LIMITED,
}


@dataclass(frozen=True, slots=True)
class Block:
    """Why a page is not what was asked for; `detail` is one line for people."""

    outcome: Outcome
    detail: str


class BlockDetector:
    """Names what came instead of the expected page. Pure and thread-safe.

    Args:
        texts: the market's own block texts, which go before the built-in ones.
    """

    def __init__(self, texts: BlockTexts | None = None) -> None:
        own = texts or BlockTexts()
        self._strong = (
            (Outcome.CHALLENGED, (*own.challenged, *CHALLENGES)),
            (Outcome.RATE_LIMITED, (*own.rate_limited, *RATE_LIMITS)),
            (Outcome.LOGIN_REQUIRED, (*own.login_required, *LOGINS)),
        )

    def elsewhere(self, answer: Answer) -> Block | None:
        """Whether a redirect ended at a login or a challenge; the body is not looked at."""
        if not answer.url or is_same_place(answer.url, answer.final_url):
            return None
        words = _words(answer.final_url) - _words(answer.url)
        if words & CHALLENGE_WORDS:
            return Block(Outcome.CHALLENGED, "redirected to a challenge")
        if words & LOGIN_WORDS:
            return Block(Outcome.LOGIN_REQUIRED, "redirected to a login page")
        return None

    def open(self, answer: Answer) -> LexborHTMLParser | Block:
        """The page, parsed, or why it is none to look for anything in."""
        block = self.elsewhere(answer)
        if block:
            return block
        try:
            return parse_html(answer.text)
        except MarkupError as error:
            return Block(Outcome.SCHEMA_CHANGED, str(error))

    def marked(self, answer: Answer) -> Block | None:
        """Whether the text holds a marker. Only for a page without what was expected."""
        text = answer.text
        folded = text.casefold()
        for outcome, markers in self._strong:
            for marker in markers:
                if marker in text or marker.casefold() in folded:
                    return Block(outcome, f"the page holds {marker!r} and no list or item")
        if len(text) <= SHORT_PAGE_CHARS:
            if any(marker in folded for marker in WEAK_CHALLENGES):
                return Block(Outcome.CHALLENGED, "a short page with a captcha and no list or item")
            if any(marker in folded for marker in WEAK_LOGINS):
                return Block(Outcome.LOGIN_REQUIRED, "a page that asks for a password")
        return None

    def judge(self, answer: Answer, expected: str) -> Block:
        """Name a page on which what was expected is missing; never "empty".

        Args:
            answer: the page.
            expected: what is missing, for the detail.
        """
        block = self.elsewhere(answer) or self.marked(answer) or _by_status(answer)
        if block:
            return block
        if answer.is_truncated:
            return Block(Outcome.TRANSPORT_ERROR, f"cut by the byte cap before {expected}")
        return Block(Outcome.SCHEMA_CHANGED, f"{expected} is missing")


def _by_status(answer: Answer) -> Block | None:
    if 200 <= answer.status < 300:
        return None
    outcome = STATUSES.get(answer.status, Outcome.TRANSPORT_ERROR)
    return Block(outcome, f"HTTP {answer.status}")


def _words(url: str) -> set[str]:
    """The parts of host and path, lower case, without file endings."""
    try:
        split = urlsplit(url)
        host = split.hostname or ""
    except ValueError:
        return set()
    parts = f"{host}/{split.path}".lower().replace(".", "/").replace("-", "/").split("/")
    # "sign-in" and "sign_in" are written in one word, too.
    last = split.path.lower().rpartition("/")[2].partition(".")[0]
    return {*parts, last.replace("-", "").replace("_", "")}
