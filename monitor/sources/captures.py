"""Saved answers: HAR files of a browser, and single JSON, JSONP, HTML or feed bodies."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

import orjson

from monitor.domain.page import Answer, RowProblem
from monitor.errors import InputError
from monitor.sources.har_entries import Flaw, har_entries
from monitor.sources.protocol import Source
from monitor.sources.times import parse_time

__all__ = [
    "MAX_ANSWER_BYTES",
    "ClaimingSource",
    "claimants",
    "decode_capture",
    "read_capture",
    "read_capture_file",
]

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""Largest answer; a page of results is below 1 MB. A HAR file may hold any number of them."""
HEAD_BYTES = 1024
HAR_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:\s*\{')
TEXT_TYPES = ("json", "javascript", "html", "xml", "text/plain", "rss", "atom")
SAVED_FROM = "<!-- saved from url=("
HEAD_CHARS = 2_000

Decoder = Callable[[bytes], str]


@runtime_checkable
class ClaimingSource(Protocol):
    """A source that knows its own answers again."""

    def claims(self, answer: Answer) -> str | None:
        """``"search"`` or ``"item"`` for an answer of this source, else None."""
        ...


def claimants(sources: Iterable[Source], answer: Answer) -> list[tuple[Source, str]]:
    """The sources that take `answer` for theirs, each with ``"search"`` or ``"item"``."""
    return [
        (source, role)
        for source in sources
        if isinstance(source, ClaimingSource) and (role := source.claims(answer))
    ]


def decode_capture(body: bytes) -> str:
    """UTF-8, else GB18030; undecodable bytes become U+FFFD."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030", errors="replace")


def read_capture(path: Path, *, decode: Decoder = decode_capture) -> Iterator[Answer | RowProblem]:
    """The answers in one file; see `read_capture_file`.

    Raises:
        InputError: at once: it cannot be opened, or see `read_capture_file`.
    """
    try:
        file = path.open("rb")
        saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError) as error:
        raise InputError(f"{path}: {error}") from error
    try:
        answers = read_capture_file(file, path.name, saved_at, decode=decode)
    except InputError as error:
        file.close()
        raise InputError(f"{path}: {error}") from error
    return _closing(file, answers)


def _closing(
    file: BinaryIO, answers: Iterator[Answer | RowProblem]
) -> Iterator[Answer | RowProblem]:
    with file:
        yield from answers


def read_capture_file(
    file: BinaryIO, name: str, saved_at: datetime, *, decode: Decoder = decode_capture
) -> Iterator[Answer | RowProblem]:
    """The answers in an open file, one at a time: memory is bounded by the largest one.

    A HAR file gives one answer for each entry with a text body, in its order;
    pictures, styles and entries without a body are passed over. Any other file is
    one answer; its time is that of the file, and a page that a browser saved knows
    its address.

    Args:
        file: can seek, and stays open until the last answer was taken.
        name: only its ending matters.
        saved_at: time of an answer that does not say its own.
        decode: how bytes of unknown charset become text.

    Raises:
        InputError: at once: it cannot be read, is empty, is called ``.har`` without
            being one, or is another file larger than `MAX_ANSWER_BYTES`.
    """
    try:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        if name.lower().endswith(".har") or HAR_HEAD.match(head):
            entries = har_entries(file, max_bytes=MAX_ANSWER_BYTES)
            return _answers(entries, saved_at, decode)
        body = file.read(MAX_ANSWER_BYTES + 1)
    except OSError as error:
        raise InputError(str(error)) from error
    if len(body) > MAX_ANSWER_BYTES:
        limit = MAX_ANSWER_BYTES // (1024 * 1024)
        raise InputError(f"larger than {limit} MiB, and no HAR file")
    if not body.strip():
        raise InputError("the file is empty")
    return iter([_single(body, saved_at, decode)])


def _answers(
    entries: Iterator[bytes | Flaw], saved_at: datetime, decode: Decoder
) -> Iterator[Answer | RowProblem]:
    for place, entry in enumerate(entries):
        if isinstance(entry, Flaw):
            yield RowProblem(place, "entry", entry.reason)
            continue
        try:
            answer = _answer(_load(entry), saved_at, decode)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            yield RowProblem(place, "entry", f"not as in a HAR file ({type(error).__name__})")
            continue
        if answer is not None:
            yield answer


def _load(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # Browsers escape half of a surrogate pair now and then.
        return json.loads(body.decode("utf-8-sig", errors="replace"))


def _answer(entry: Any, saved_at: datetime, decode: Decoder) -> Answer | None:
    request, response = entry["request"], entry["response"]
    content = response.get("content") or {}
    mime = str(content.get("mimeType") or "").lower()
    if not content.get("text") or not any(part in mime for part in TEXT_TYPES):
        return None
    body, text = _body(content, decode)
    started = str(entry.get("startedDateTime") or "")
    fetched_at = parse_time(started, saved_at, UTC).at or saved_at
    url = str(request["url"])
    return Answer(
        url=url,
        final_url=url,
        status=int(response.get("status") or 200),
        headers={"content-type": mime},
        body=body,
        text=text,
        fetched_at=fetched_at,
    )


def _body(content: dict[str, Any], decode: Decoder) -> tuple[bytes, str]:
    written = content["text"]
    if not isinstance(written, str):
        raise TypeError("text is no string")
    if content.get("encoding") == "base64":
        try:
            body = base64.b64decode("".join(written.split()), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("broken base64") from None
        return body, decode(body)
    text = written.encode("utf-8", errors="replace")
    return text, text.decode("utf-8")


def _single(body: bytes, saved_at: datetime, decode: Decoder) -> Answer:
    text = decode(body)
    url = _saved_from(text)
    return Answer(
        url=url,
        final_url=url,
        status=200,
        headers={},
        body=body,
        text=text,
        fetched_at=saved_at,
    )


def _saved_from(text: str) -> str:
    """The address in the comment that browsers write into a saved page, or ""."""
    head = text[:HEAD_CHARS]
    start = head.find(SAVED_FROM)
    if start < 0:
        return ""
    address, end, _ = head[start + len(SAVED_FROM) :].partition(" -->")
    link = address.partition(")")[2].strip()
    return link if end and link.startswith(("http://", "https://")) else ""
