"""The line format: order, ids and extra fields kept; a bad line is an answer of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from classifiers.assess import Assessor
from classifiers.jsonl import Tally, assess_lines, dump_line, parse_price

ASSESSOR = Assessor()


def answers(*lines: bytes | str) -> list[dict[str, Any]]:
    """What the lines are answered with."""
    return list(assess_lines(lines, ASSESSOR))


def one(**fields: Any) -> dict[str, Any]:
    """The answer to one object."""
    (answer,) = answers(json.dumps(fields))
    return answer


def test_answer_has_the_promised_fields() -> None:
    """The names of design section 5 are promises."""
    answer = one(id=7, text="人脸四件套 正反手持 20一套 现货 懂的来")
    assert answer["id"] == 7
    assert answer["decision"] == "hit"
    assert len(answer["categories"]) == 8
    assert answer["intent"] == "sell"
    assert answer["evidence"][0].keys() >= {"signal", "term", "start", "end", "why", "weight"}
    assert answer["offer"]["unit_prices"][0]["minor"] == 2000
    assert answer["model"] == dict(ASSESSOR.version)
    json.loads(dump_line(answer))


def test_extra_fields_pass_through_untouched() -> None:
    """Whatever came with a line goes out with it, in its order."""
    extra = {"shop": {"name": "x", "tags": [1, None, "人"]}, "rank": 3, "label": "positive"}
    answer = one(id="a", text="x", **extra)
    assert {name: answer[name] for name in extra} == extra
    assert "text" not in answer


def test_extra_field_of_an_answers_name_is_kept_beside_it() -> None:
    """Labelled rows carry an intent of their own; neither is lost."""
    answer = one(id="a", text="今天天气不错", intent="sell", score=0.5)
    assert answer["input"] == {"intent": "sell", "score": 0.5}
    assert answer["intent"] == "other"


def test_order_and_ids_are_kept_around_bad_lines() -> None:
    """One bad line costs one line; blank lines are nothing."""
    tally = Tally()
    lines = [b'{"id": 1, "text": "a"}\n', b"{broken\n", b"\n", b'{"id": 3, "text": "c"}']
    rows = list(assess_lines(lines, ASSESSOR, tally))
    assert [row["id"] for row in rows] == [1, None, 3]
    assert ["error" in row for row in rows] == [False, True, False]
    assert (tally.lines, tally.failed, tally.has_failed) == (3, 1, True)


def test_tally_of_good_lines_has_not_failed() -> None:
    """The exit code follows from it."""
    tally = Tally()
    list(assess_lines(['{"text": "a"}'], ASSESSOR, tally))
    assert not tally.has_failed


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"nonsense", "not JSON: Expecting value at column 1"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"id": 5}', "text is missing"),
        (b'{"id": 5, "text": 3}', "text: a number instead of text"),
        (b'{"id": 5, "text": null}', "text is missing"),
        (b'{"id": 5, "title": ["a"]}', "title: a list instead of text"),
        (b'{"id": 5, "text": "a", "price": true}', "price: true or false instead"),
        (b'{"id": 5, "text": "a", "price": -1}', "price: below zero or too large"),
        (b'{"id": 5, "text": "a", "price": 1e400}', "price: "),
        (b'{"id": 5, "text": "a", "price": NaN}', "NaN is not JSON"),
        (b'{"id": 5, "text": "a", "price": {}}', "price: an object instead"),
        (b'{"id": 5, "text": "a", "seller": 4}', "seller: a number instead of text"),
        (b'{"id": 5, "text": "a", "images": "x.jpg"}', "images: not a list of paths"),
        (b'{"text": "\xff"}', "not UTF-8: byte 10"),
        (b'{"text": ' + b"[" * 100_000, "nested too deep"),
        (b'{"text": "a", "n": ' + b"9" * 5000 + b"}", "not JSON that can be read"),
    ],
)
def test_bad_line_gives_a_clear_error(line: bytes, error: str) -> None:
    """The reason names the field; the id stays where it can be read."""
    (answer,) = answers(line)
    assert error in answer["error"]
    assert set(answer) == {"id", "error"}
    assert answer["id"] == (5 if b'"id": 5' in line and b"NaN" not in line else None)


def test_title_and_description_are_joined_by_a_line_end() -> None:
    """Spans count over the joined text."""
    answer = one(title="出", description="人*脸四件套")
    term = next(item for item in answer["evidence"] if item["signal"] == "lexicon")
    assert "出\n人*脸四件套"[term["start"] : term["end"]] == "人*脸四件套"


def test_text_is_taken_whole() -> None:
    """Spans of a text with line ends count over that very text."""
    text = "出\n\n人*脸四件套"
    term = next(item for item in one(text=text)["evidence"] if item["signal"] == "lexicon")
    assert text[term["start"] : term["end"]] == "人*脸四件套"


def test_lone_surrogates_get_an_answer_that_can_be_written() -> None:
    """Broken Unicode comes in through an escape and goes out as one."""
    (answer,) = answers(r'{"id": "\ud800", "text": "人\ud800脸四件套", "note": "\udfff"}')
    line = dump_line(answer)
    line.encode()
    assert json.loads(line)["id"] == "\ud800"
    assert json.loads(line)["decision"] == "review"


def test_byte_order_mark_is_no_error() -> None:
    """Files from a spreadsheet begin with one."""
    (answer,) = answers('\ufeff{"id": 1, "text": "a"}'.encode())
    assert answer["id"] == 1


def test_dumped_line_is_one_readable_line() -> None:
    """Chinese stays readable; a line end inside is escaped."""
    line = dump_line({"id": "人\n脸"})
    assert line == '{"id":"人\\n脸"}'


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("0.5", 50),
        ("¥0.50", 50),
        ("面议", None),
        ("", None),
        ("1.2万", 1_200_000),
        ("当前价¥30", 3000),
        ("1,299.00", 129_900),
        ("2k", 200_000),
    ],
)
def test_price_is_read_as_markets_write_it(written: str, minor: int | None) -> None:
    """Unknown is not zero."""
    assert parse_price(written) == minor


def test_price_counts() -> None:
    """A token price as number or text raises the score of a term alike."""
    plain = one(text="人脸四件套")["score"]
    assert one(text="人脸四件套", price=0.5)["score"] > plain
    assert (
        one(text="人脸四件套", price="¥0.50")["score"] == one(text="人脸四件套", price=0.5)["score"]
    )
    assert one(text="人脸四件套", price="面议")["score"] == plain


def test_answer_holds_no_contact_in_the_clear() -> None:
    """Contacts are shown masked, identifiers by their place alone."""
    answer = one(text="人脸四件套 V：ab_c98765 样本 110101199003074477")
    written = dump_line(answer)
    assert "ab_c98765" not in written
    assert "110101199003074477" not in written
    assert answer["contacts"][0]["kind"] == "wechat"
    assert answer["identifiers"][0]["kind"] == "id_number"
