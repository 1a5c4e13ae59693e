"""Victims' identifiers: cut out, however they are written. All numbers are invented."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.text.identifiers import find_identifiers, is_bank_card, is_id_number
from classifiers.text.normalise import fold
from classifiers.text.redact import find_and_redact, find_personal, redact

# Region 110101, born 1990-03-07, with the check digit that belongs to it.
ID = "11010119900307" + "4477"
ID_X = "11010119900307117X"
CARD = "6222020000000000018"


def kinds(text: str) -> list[tuple[str, str]]:
    """Kind and written form of each identifier."""
    return [(i.kind.value, text[i.start : i.end]) for i in find_identifiers(fold(text))]


def test_checksums_are_right_for_the_examples() -> None:
    """The rules accept what is well formed, and only that."""
    assert is_id_number(ID)
    assert not is_id_number(ID[:-1] + "8")
    assert not is_id_number("110101" + "19901307" + "4477")
    assert is_id_number("110101900307447")
    assert is_bank_card("4111111111111111")
    assert not is_bank_card("4111111111111112")


@pytest.mark.parametrize(
    "written",
    [
        ID,
        "110101 19900307 4477",
        "110101-19900307-4477",
        "１１０１０１１９９００３０７４４７７",
        "①①0①0119900307④④77",
        " ".join(ID),
        "110101199003074478",
    ],
)
def test_id_number_is_cut_in_any_writing(written: str) -> None:
    """Separators, width and a wrong check digit do not save it."""
    assert kinds(f"资料 {written} 可看") == [("id_number", written)]


def test_id_number_with_x_is_cut_whole() -> None:
    """The last letter belongs to it."""
    number = next(ID_X[:17] + c for c in "0123456789X" if is_id_number(ID_X[:17] + c.lower()))
    assert kinds(f"号{number}。") == [("id_number", number)]


def test_old_id_number_is_cut() -> None:
    """The form of fifteen digits is a person's as well."""
    assert kinds("证 110101900307447 旧") == [("id_number", "110101900307447")]


@pytest.mark.parametrize(
    "written", ["4111111111111111", "4111 1111 1111 1111", "6222020000000000018"]
)
def test_bank_card_is_cut(written: str) -> None:
    """With or without the usual groups of four."""
    assert kinds(f"卡 {written}") == [("bank_card", written)]


def test_any_long_number_is_cut() -> None:
    """Cutting too much beats leaking."""
    assert [text for _, text in kinds("编号 123456789012345")] == ["123456789012345"]
    assert kinds("编号 12345678901234") == []


@pytest.mark.parametrize(
    "text",
    [
        f"张某 {ID} 13800001234",
        "姓名：李某 电话：13800001234",
        "张某 13800000001\n李某 13800000002\n王某某 13800000003",
    ],
)
def test_phone_in_a_row_of_data_is_a_victims(text: str) -> None:
    """Beside a number, a label or among named rows a telephone is data, not a contact."""
    shown, contacts, identifiers = find_and_redact(text)
    assert contacts == ()
    assert "1380000" not in shown
    assert "phone" in {identifier.kind.value for identifier in identifiers}


@pytest.mark.parametrize(
    "text", ["张先生 13800001234", "姓名不要，联系我 13800001234", "有意电话 13800001234"]
)
def test_sellers_phone_is_a_contact(text: str) -> None:
    """One name beside one number is how sellers sign."""
    contacts, identifiers = find_personal(fold(text))
    assert [contact.value for contact in contacts] == ["13800001234"]
    assert identifiers == ()


def test_two_phones_in_a_row_are_two_contacts() -> None:
    """A chain of two complete numbers is not one long one."""
    contacts, identifiers = find_personal(fold("电话13800000000 13900000000"))
    assert [contact.value for contact in contacts] == ["13800000000", "13900000000"]
    assert identifiers == ()


def test_sizes_are_no_identifier() -> None:
    """Shoe sellers list sizes; they rise one by one."""
    assert kinds("鞋码 35 36 37 38 39 40 41 42") == []


def test_identifier_wins_over_contact() -> None:
    """A number that could be both is cut, not masked."""
    shown, contacts, _ = find_and_redact(f"qq {ID}")
    assert contacts == ()
    assert shown == "qq " + "█" * 18


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from([*"0123456789 -.x①壹张:\nq微信@a"]), max_size=60))
def test_redacting_keeps_length_and_leaves_no_long_number(text: str) -> None:
    """Whatever is found: equal length, and no plain run of fifteen digits survives."""
    shown, contacts, identifiers = find_and_redact(text)
    assert len(shown) == len(text)
    assert shown == redact(text, contacts, identifiers)
    run = 0
    for char in shown:
        run = run + 1 if char.isascii() and char.isdigit() else 0
        assert run < 15


@settings(max_examples=100, deadline=None)
@given(
    st.dates(min_value=date(1930, 1, 1), max_value=date(2019, 12, 31)),
    st.integers(0, 999),
    st.sampled_from(["", " ", "-", ".", "*", " . "]),
)
def test_every_valid_id_number_is_cut(born: date, order: int, joint: str) -> None:
    """Any region, date and order, with any joint between its parts."""
    stem = f"110101{born:%Y%m%d}{order:03d}"
    number = next(stem + check for check in "0123456789x" if is_id_number(stem + check))
    written = joint.join((number[:6], number[6:14], number[14:]))
    shown, _, _ = find_and_redact(f"看 {written} 吧")
    assert not any(char.isdigit() for char in shown)
