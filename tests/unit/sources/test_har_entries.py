"""HAR files of any size: cut into entries, whatever stands in them and wherever they end."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from monitor.errors import InputError
from monitor.sources import har_entries as module
from monitor.sources.har_entries import Flaw, har_entries

MEGABYTE = 1_000_000
ENTRIES = [
    {"a": 'quotes " and \\ backslashes \\\\', "b": "[{]},", "c": [[], {}, [1, 2, {"d": "人脸"}]]},
    "text, no entry",
    None,
    7.5,
    {},
    [],
    {"nested": json.dumps({"deep": json.dumps({"deeper": '"\\'})})},
]
LOG = {
    "log": {
        "version": "1.2",
        "creator": {"name": "log", "entries": [1, 2]},
        "entries": ENTRIES,
        "pages": [{"entries": [3]}],
    },
}


def cut(text: bytes, max_bytes: int = MEGABYTE) -> list[bytes | Flaw]:
    return list(har_entries(io.BytesIO(text), max_bytes=max_bytes))


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 4096])
@pytest.mark.parametrize("indent", [None, 1])
def test_entries_are_those_of_a_json_parser_wherever_the_pieces_end(
    monkeypatch: pytest.MonkeyPatch, piece: int, indent: int | None
) -> None:
    """Brackets and commas in strings, escapes and lists of the same name mislead nobody."""
    monkeypatch.setattr(module, "CHUNK_BYTES", piece)
    text = json.dumps(LOG, indent=indent, ensure_ascii=indent is None).encode()
    found = [json.loads(entry) for entry in cut(text) if isinstance(entry, bytes)]
    assert found == ENTRIES


def test_a_file_that_was_cut_off_gives_what_is_whole_and_says_so() -> None:
    """At every byte of the list."""
    text = json.dumps(LOG, ensure_ascii=False).encode()
    begin = text.index(b'"quotes') - len(b'{"a": ')
    end = text.index(b', "pages"') - 1
    for length in range(begin, end):
        *whole, last = cut(text[:length])
        assert [json.loads(entry) for entry in whole] == ENTRIES[: len(whole)]  # type: ignore[arg-type]
        assert isinstance(last, Flaw)
        assert "cut off" in last.reason
    assert len(whole) >= len(ENTRIES) - 1
    assert Flaw not in {type(entry) for entry in cut(text[: end + 1])}


def test_an_entry_over_the_limit_loses_only_itself() -> None:
    """It is passed over, not held."""
    entries = ["x" * 10, "y" * 3_000_000, "z" * 10]
    text = json.dumps({"log": {"entries": entries}}).encode()
    found = cut(text, max_bytes=2 * 1024 * 1024)
    assert found == [b'"xxxxxxxxxx"', Flaw("larger than 2 MiB"), b'"zzzzzzzzzz"']


def test_an_empty_list_has_no_entries() -> None:
    """With or without blanks in it."""
    assert cut(b'{"log": {"entries": []}}') == []
    assert cut(b'{"log": {"entries": [ \n ]}}') == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[1]",
        b"}}}}",
        b"[" * 100_000,
        b'"log',
        b'{"entries": [1]}',
        b'{"log": {"entries": 5}}',
        b'{"log": {"entries": {"x": [1]}}}',
        b'{"log": "x", "other": {"entries": [1]}}',
        b'{"log": {}} {"log": {"entries": [1]}}',
        '{"log": {"entries": [1]}}'.encode("utf-16"),
        b"\x00\xff" * 1000,
    ],
)
def test_what_has_no_list_of_entries_is_refused_at_once(text: bytes) -> None:
    """Before anything is taken from it."""
    with pytest.raises(InputError, match=r"no list log\.entries"):
        har_entries(io.BytesIO(text), max_bytes=MEGABYTE)


class Endless(io.RawIOBase):
    """A HAR file that is made while it is read."""

    def __init__(self, entry: bytes, count: int) -> None:
        self._left = self._pieces(entry, count)

    @staticmethod
    def _pieces(entry: bytes, count: int) -> Iterator[bytes]:
        yield b'{"log": {"entries": ['
        for number in range(count):
            yield (b"," if number else b"") + entry
        yield b"]}}"

    def read(self, _size: int = -1) -> bytes:
        return next(self._left, b"")


def test_memory_is_bounded_by_an_entry_not_by_the_file() -> None:
    """100 MB of entries, each full of escapes, in the room of a few."""
    body = json.dumps({"text": json.dumps([{"title": "台灯"}] * 20_000)}).encode()
    count = 100 * MEGABYTE // len(body)
    tracemalloc.start()
    try:
        entries = har_entries(Endless(body, count), max_bytes=16 * MEGABYTE)  # type: ignore[arg-type]
        lengths = {len(entry) for entry in entries if isinstance(entry, bytes)}
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert lengths == {len(body)}
    assert peak < 8 * len(body)


@pytest.mark.parametrize("entry", [b"[" * 400_000, b'"' + b"\\\\" * 3 * MEGABYTE + b'"'])
def test_hostile_entries_cost_no_more_memory_than_their_limit(entry: bytes) -> None:
    """Brackets without end, backslashes without end."""
    text = b'{"log": {"entries": [' + entry + b"]}}"
    tracemalloc.start()
    try:
        cut(text, max_bytes=MEGABYTE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MEGABYTE
