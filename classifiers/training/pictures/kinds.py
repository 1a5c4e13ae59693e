"""What a picture shows: the labels of the picture classifier, in the order of its outputs."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["ORDINARY_KINDS", "TRADE_KINDS", "Kind"]


class Kind(StrEnum):
    """Something that is present in a picture, or is not; several may be."""

    ID_CARD = "id_card"
    """An identity card, either side, of any country."""

    HELD_ID = "held_id"
    """Somebody holds one beside or below the own face."""

    FACE_WITH_ID = "face_with_id"
    """A portrait and a card side by side."""

    FACE_GRID = "face_grid"
    """Many portraits of different people."""

    BANK_CARD_KIT = "bank_card_kit"
    """A bank card with what belongs to the account: SIM, U-key, papers."""

    TOOL_SCREENSHOT = "tool_screenshot"
    """A window that animates a face or feeds a camera, or a chat that offers one."""

    ADVERT_TEXT = "advert_text"
    """Little but text: a price list, a notice. What it says is left to reading it."""

    PORTRAIT = "portrait"
    """Ordinary: one person's face, large."""

    PAPER = "paper"
    """Ordinary: a receipt, certificate, business card or passport cover."""

    SCREEN = "screen"
    """Ordinary: a program, game, film or chat on a screen."""


ORDINARY_KINDS: Final = frozenset({Kind.PORTRAIT, Kind.PAPER, Kind.SCREEN})
TRADE_KINDS: Final = tuple(kind for kind in Kind if kind not in ORDINARY_KINDS)
