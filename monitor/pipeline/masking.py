"""Texts, further fields and addresses of a market, made fit to be written down.

The words that are assessed are masked with their assessment (`pipeline.assess`);
here is everything else that a stranger chose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from classifiers.contract import IdentifierKind
from classifiers.text.identifiers import find_identifiers, is_bank_card, is_id_number
from classifiers.text.normalise import fold
from classifiers.text.redact import find_and_redact

__all__ = ["masked", "masked_address", "masked_value"]

SHORTEST_NUMBER = 11
"""Characters of a telephone; nothing shorter is anybody's number."""
BLOCK = "█"
RESERVED = ";/?:@&=+$,#[]!*'()~"


def masked(text: str) -> str:
    """A short text without identifiers, its contacts masked."""
    return text if len(text) < SHORTEST_NUMBER else find_and_redact(text)[0]


def masked_value(value: Any) -> Any:
    """A JSON value with every text and number in it masked, names of fields too."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        written = str(value)
        shown = masked(written)
        return value if shown == written else shown
    if isinstance(value, Mapping):
        return {masked(str(name)): masked_value(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(each) for each in value]
    return value


def masked_address(url: str, *, own: str | None = None) -> str:
    """An address without identity numbers; without cards and victims' telephones too, given `own`.

    Markets number things with as many digits as a bank card has, and one such number in
    ten passes its check: what is cut too much here is a link that leads nowhere.

    Args:
        url: as the market wrote it; it stays as it is when nothing is cut.
        own: the listing's own id, which is nobody's number.
    """
    text = unquote(url)
    # Most addresses end here; the last character of an identity number may be an x.
    if text.isascii() and sum(map(str.isdigit, text)) < SHORTEST_NUMBER - 1:
        return url
    view = fold(text)
    cut = [
        found
        for found in find_identifiers(view)
        if _is_personal(found.kind, fold(text[found.start : found.end]).text, own)
    ]
    if not cut:
        return url
    chars = list(text)
    for found in cut:
        chars[found.start : found.end] = BLOCK * (found.end - found.start)
    return quote("".join(chars), safe=RESERVED)


def _is_personal(kind: IdentifierKind, number: str, own: str | None) -> bool:
    digits = "".join(char for char in number if char.isdigit() or char == "x")
    if is_id_number(digits):
        return True
    is_other = own is not None and digits not in own
    return is_other and (kind is IdentifierKind.PHONE or is_bank_card(digits))
