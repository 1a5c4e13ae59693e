"""All renderers: what each one shows, and whether it is for training or kept for testing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from classifiers.training.pictures.kinds import Kind
from classifiers.training.pictures.material import Split
from classifiers.training.pictures.renderers import (
    adverts,
    beside,
    crowds,
    held,
    kits,
    lying,
    papers,
    photos,
    portraits,
    screens,
    tools,
)
from classifiers.training.pictures.scene import Scene
from classifiers.training.pictures.studio import Studio

__all__ = ["RENDERERS", "Renderer"]

TRAIN, TEST = Split.TRAIN, Split.TEST
CARD, HELD, FACE_CARD = Kind.ID_CARD, Kind.HELD_ID, Kind.FACE_WITH_ID
GRID, KIT, TOOL, TEXT = Kind.FACE_GRID, Kind.BANK_CARD_KIT, Kind.TOOL_SCREENSHOT, Kind.ADVERT_TEXT
PORTRAIT, PAPER, SCREEN = Kind.PORTRAIT, Kind.PAPER, Kind.SCREEN


@dataclass(frozen=True, slots=True)
class Renderer:
    """One way of making a picture.

    Attributes:
        name: how reports call it.
        split: what its pictures are for.
        draw: makes one.
        shows: kinds that are in each of its pictures.
        undecided: kinds that people could call present or not; they are neither learnt nor
            counted. All others are absent.
        weight: how often it is chosen among its split's.
    """

    name: str
    split: Split
    draw: Callable[[Studio], Scene]
    shows: frozenset[Kind] = frozenset()
    undecided: frozenset[Kind] = frozenset()
    weight: float = 1.0

    @property
    def is_ordinary(self) -> bool:
        """Whether nothing in it is of the trade, or might be."""
        return not (self.shows | self.undecided) - {PORTRAIT, PAPER, SCREEN}


def _renderer(
    split: Split,
    draw: Callable[[Studio], Scene],
    *shows: Kind,
    unsure: tuple[Kind, ...] = (),
    weight: float = 1.0,
) -> Renderer:
    name = f"{draw.__module__.rpartition('.')[2]}.{draw.__name__}"
    return Renderer(name, split, draw, frozenset(shows), frozenset(unsure), weight)


RENDERERS: Final[tuple[Renderer, ...]] = (
    _renderer(TRAIN, lying.on_table, CARD, weight=2),
    _renderer(TRAIN, lying.scanned, CARD, unsure=(PAPER,)),
    _renderer(TRAIN, lying.in_fingers, CARD, unsure=(HELD,), weight=1.5),
    _renderer(TRAIN, held.before_chest, CARD, HELD, unsure=(FACE_CARD, PORTRAIT), weight=2.5),
    _renderer(TRAIN, held.at_corner, CARD, HELD, unsure=(FACE_CARD, PORTRAIT), weight=2),
    _renderer(TRAIN, beside.two_halves, CARD, FACE_CARD, unsure=(PORTRAIT,), weight=2),
    _renderer(TRAIN, beside.four_parts, CARD, FACE_CARD, HELD, unsure=(PORTRAIT, GRID)),
    _renderer(TRAIN, crowds.even, GRID, weight=1.5),
    _renderer(TRAIN, crowds.files, GRID, unsure=(SCREEN,), weight=1.5),
    _renderer(TRAIN, crowds.prints, GRID),
    _renderer(TRAIN, kits.laid_out, KIT, unsure=(CARD,), weight=1.5),
    _renderer(TRAIN, kits.spread, KIT, unsure=(CARD,), weight=1.5),
    _renderer(TRAIN, tools.desktop, TOOL, unsure=(SCREEN, PORTRAIT), weight=2),
    _renderer(TRAIN, tools.injector, TOOL, unsure=(SCREEN, PORTRAIT), weight=2),
    _renderer(TRAIN, tools.chat, TOOL, unsure=(SCREEN,)),
    _renderer(TRAIN, adverts.table, TEXT, unsure=(PAPER, SCREEN), weight=1.5),
    _renderer(TRAIN, adverts.letters, TEXT, unsure=(PAPER, SCREEN)),
    _renderer(TRAIN, adverts.wall, TEXT, unsure=(PAPER, SCREEN)),
    _renderer(TRAIN, papers.passport_cover, PAPER),
    _renderer(TRAIN, papers.card_holder, weight=1.5),
    _renderer(TRAIN, papers.sleeve, PAPER),
    _renderer(TRAIN, papers.business_card, PAPER, weight=1.5),
    _renderer(TRAIN, papers.flyer, unsure=(PAPER,)),
    _renderer(TRAIN, papers.ticket, unsure=(PAPER,), weight=1.5),
    _renderer(TRAIN, portraits.portrait, PORTRAIT, weight=2.5),
    _renderer(TRAIN, portraits.selfie, PORTRAIT, weight=2),
    _renderer(TRAIN, portraits.with_phone, unsure=(SCREEN,), weight=1.5),
    _renderer(TRAIN, portraits.id_prints, unsure=(PORTRAIT, PAPER), weight=2),
    _renderer(TRAIN, portraits.studio_advert, PORTRAIT, weight=1.5),
    _renderer(TRAIN, screens.game, SCREEN),
    _renderer(TRAIN, screens.chat, SCREEN, unsure=(TEXT,), weight=1.5),
    _renderer(TRAIN, screens.shop, SCREEN),
    _renderer(TRAIN, screens.editor, SCREEN, weight=1.5),
    _renderer(TRAIN, screens.settings, SCREEN, unsure=(TEXT,), weight=1.5),
    _renderer(TRAIN, screens.film, SCREEN, PORTRAIT, weight=1.5),
    _renderer(TRAIN, photos.goods_photo, weight=10),
    _renderer(TRAIN, photos.paper_photo, PAPER, unsure=(TEXT,), weight=2),
    _renderer(TRAIN, photos.screen_photo, SCREEN, unsure=(TEXT,), weight=2),
    _renderer(TEST, lying.side_by_side, CARD, unsure=(PAPER,)),
    _renderer(TEST, lying.stacked, CARD, unsure=(PAPER,)),
    _renderer(TEST, held.by_cheek, CARD, HELD, unsure=(FACE_CARD, PORTRAIT)),
    _renderer(TEST, beside.in_chat, CARD, FACE_CARD, unsure=(SCREEN, PORTRAIT)),
    _renderer(TEST, crowds.gallery, GRID, unsure=(SCREEN,)),
    _renderer(TEST, kits.panels, KIT, unsure=(CARD,)),
    _renderer(TEST, tools.timeline, TOOL, unsure=(SCREEN, PORTRAIT)),
    _renderer(TEST, tools.mirror, TOOL, unsure=(SCREEN, PORTRAIT)),
    _renderer(TEST, adverts.memo, TEXT, unsure=(PAPER, SCREEN)),
    _renderer(TEST, papers.certificate, PAPER),
    _renderer(TEST, portraits.poster, unsure=(PORTRAIT,)),
    _renderer(TEST, portraits.attendance, unsure=(PORTRAIT, SCREEN)),
    _renderer(TEST, screens.worlds, SCREEN),
    _renderer(TEST, screens.form, SCREEN, unsure=(TEXT,)),
)
"""Those for testing use photos, faces and cards that no training picture has; so do those
for training when `classifiers.training.pictures.evaluate` measures them."""
