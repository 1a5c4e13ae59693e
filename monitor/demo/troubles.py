"""What can go wrong with a marketplace, on demand: for a path, for all, always or by chance."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from enum import StrEnum

from monitor.demo.serving import Reply, Request
from monitor.errors import InputError

__all__ = ["Mode", "Trouble", "Troubles", "troubled_reply"]

EXEMPT = ("/robots.txt", "/_demo")
"""Not concerned by trouble that is meant for all paths."""


class Mode(StrEnum):
    """How the market answers."""

    NORMAL = "normal"
    CAPTCHA = "captcha"
    LOGIN = "login"
    ERROR = "error"
    RATE_LIMITED = "rate_limited"
    SLOW = "slow"
    RESET = "reset"
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of trouble.

    Attributes:
        probability: share of requests that meet it, in [0, 1].
        delay_s: how long a slow answer takes.
    """

    mode: Mode
    probability: float = 1.0
    delay_s: float = 3.0


class Troubles:
    """Which trouble a request meets. Thread-safe.

    Args:
        seed: of the dice for probabilities below 1; the same seed and order of
            requests give the same troubles.
    """

    def __init__(self, seed: int = 0) -> None:
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._by_prefix: dict[str, Trouble] = {}

    def set(
        self, mode: str, *, path: str = "", probability: float = 1.0, delay_s: float = 3.0
    ) -> None:
        """Answer like this from now on.

        Args:
            mode: a `Mode`; ``"normal"`` ends what was set for `path`.
            path: beginning of the paths concerned; the longest one counts.
                Empty: all but robots.txt, and all that was set for parts ends.
            probability: share of requests that meet it, in [0, 1].
            delay_s: of slow answers; 0 to 60.

        Raises:
            InputError: an unknown mode, or a number out of its range.
        """
        if mode not in list(Mode):
            raise InputError(f"unknown mode; known: {', '.join(Mode)}")
        if not (0 <= probability <= 1 and 0 <= delay_s <= 60):
            raise InputError("probability is 0 to 1, delay_s is 0 to 60")
        with self._lock:
            if not path:
                self._by_prefix.clear()
            self._by_prefix.pop(path, None)
            if mode != Mode.NORMAL:
                self._by_prefix[path] = Trouble(Mode(mode), probability, delay_s)

    def mode(self, path: str = "") -> Mode:
        """What was set for exactly this beginning of paths."""
        with self._lock:
            trouble = self._by_prefix.get(path)
            return trouble.mode if trouble else Mode.NORMAL

    def meet(self, path: str) -> Trouble | None:
        """The trouble of one request, the dice thrown; None for a normal answer."""
        with self._lock:
            prefixes = [prefix for prefix in self._by_prefix if path.startswith(prefix)]
            if not prefixes:
                return None
            prefix = max(prefixes, key=len)
            if not prefix and path.startswith(EXEMPT):
                return None
            trouble = self._by_prefix[prefix]
            is_met = trouble.probability >= 1 or self._dice.random() < trouble.probability
            return trouble if is_met else None


JSON = "application/json; charset=utf-8"
CAPTCHA_JSON = (
    b'{"ret":["FAIL_SYS_USER_VALIDATE","RGV587_ERROR::SM::"],"rgv587_flag":"sm",'
    b'"data":{"url":"/_____tmd_____/punish"}}'
)
LOGIN_JSON = '{"code":401,"message":"请先登录","data":null}'.encode()
GARBAGE = b'\x1f\x8b\x00\xff<div class=\'feed"><li <a href=></ul>\xe4\xba {"data":[{"id":' * 40


def troubled_reply(mode: Mode, request: Request, captcha_page: bytes, login_page: bytes) -> Reply:
    """The answer in trouble; `Mode.SLOW` is the business of who knows the good answer."""
    is_api = request.path.startswith("/api/")
    match mode:
        case Mode.CAPTCHA:
            return Reply(200, CAPTCHA_JSON, JSON) if is_api else Reply(200, captcha_page)
        case Mode.LOGIN:
            return Reply(401, LOGIN_JSON, JSON) if is_api else Reply(200, login_page)
        case Mode.RATE_LIMITED:
            return Reply(429, "操作过于频繁".encode(), headers={"Retry-After": "2"})
        case Mode.GARBAGE:
            return Reply(200, GARBAGE, JSON if is_api else "text/html; charset=utf-8")
        case Mode.RESET:
            return Reply(200, b" " * 4_000, is_broken=True)
        case _:
            return Reply(500, "<h1>500</h1><p>服务器开小差了".encode())
