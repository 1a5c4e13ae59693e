"""All renderers: what each one shows, and whether it is for training or kept for testing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from classifiers.contract import PictureClass
from classifiers.training.pictures.material import Split
from classifiers.training.pictures.renderers import (
    adverts,
    animators,
    beside,
    cameras,
    crowds,
    films,
    held,
    kits,
    lying,
    panes,
    papers,
    photos,
    places,
    portraits,
    programs,
    screens,
    sets,
    tools,
)
from classifiers.training.pictures.scene import Scene
from classifiers.training.pictures.studio import Studio

__all__ = ["ORDINARY", "RENDERERS", "Renderer"]

TRAIN, TEST = Split.TRAIN, Split.TEST
CARD, HELD = PictureClass.ID_CARD, PictureClass.HELD_ID
BESIDE, GRID = PictureClass.FACE_WITH_ID, PictureClass.FACE_GRID
KIT, TOOL = PictureClass.BANK_CARD_KIT, PictureClass.TOOL_SCREENSHOT
TEXT, FACE = PictureClass.ADVERT_TEXT, PictureClass.FACE
ORDINARY: Final = frozenset({FACE, PictureClass.ORDINARY})
"""Classes that speak for no trade."""


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
    shows: frozenset[PictureClass] = frozenset()
    undecided: frozenset[PictureClass] = frozenset()
    weight: float = 1.0


def _renderer(
    split: Split,
    draw: Callable[[Studio], Scene],
    *shows: PictureClass,
    unsure: tuple[PictureClass, ...] = (),
    weight: float = 1.0,
) -> Renderer:
    name = f"{draw.__module__.rpartition('.')[2]}.{draw.__name__}"
    return Renderer(name, split, draw, frozenset(shows), frozenset(unsure), weight)


RENDERERS: Final[tuple[Renderer, ...]] = (
    _renderer(TRAIN, lying.on_table, CARD, weight=2),
    _renderer(TRAIN, lying.full_frame, CARD, weight=1.5),
    _renderer(TRAIN, lying.scanned, CARD),
    _renderer(TRAIN, lying.in_fingers, CARD, unsure=(HELD,), weight=1.5),
    _renderer(TRAIN, lying.among_things, CARD, weight=1.5),
    _renderer(TRAIN, lying.on_phone, CARD),
    _renderer(TRAIN, lying.tray, CARD, weight=1.5),
    _renderer(TRAIN, held.before_chest, CARD, HELD, unsure=(BESIDE, FACE), weight=2.5),
    _renderer(TRAIN, held.at_corner, CARD, HELD, unsure=(BESIDE, FACE), weight=2),
    _renderer(TRAIN, beside.two_halves, CARD, BESIDE, unsure=(FACE,), weight=2),
    _renderer(TRAIN, beside.four_parts, CARD, BESIDE, HELD, unsure=(FACE, GRID)),
    _renderer(TRAIN, beside.messages, CARD, BESIDE, unsure=(FACE,), weight=1.5),
    _renderer(TRAIN, sets.print_and_card, CARD, BESIDE, unsure=(FACE,), weight=1.5),
    _renderer(TRAIN, sets.album, CARD, BESIDE, HELD, unsure=(FACE, GRID)),
    _renderer(TRAIN, sets.collage, CARD, BESIDE, unsure=(FACE,), weight=1.5),
    _renderer(TRAIN, sets.three_messages, CARD, BESIDE, unsure=(FACE,), weight=1.5),
    _renderer(TRAIN, sets.folder, CARD, BESIDE, unsure=(FACE, HELD)),
    _renderer(TRAIN, sets.uploaded, CARD, BESIDE, unsure=(FACE,), weight=1.5),
    _renderer(TRAIN, crowds.even, GRID, weight=1.5),
    _renderer(TRAIN, crowds.files, GRID, weight=1.5),
    _renderer(TRAIN, crowds.prints, GRID),
    _renderer(TRAIN, kits.laid_out, KIT, unsure=(CARD,), weight=1.5),
    _renderer(TRAIN, kits.spread, KIT, unsure=(CARD,), weight=1.5),
    _renderer(TRAIN, kits.in_bag, KIT, weight=1.5),
    _renderer(TRAIN, kits.fanned, KIT),
    _renderer(TRAIN, kits.on_offer, KIT, unsure=(TEXT,)),
    _renderer(TRAIN, tools.desktop, TOOL, unsure=(FACE,), weight=2),
    _renderer(TRAIN, tools.injector, TOOL, unsure=(FACE,), weight=2),
    _renderer(TRAIN, tools.chat, TOOL),
    _renderer(TRAIN, animators.puppet, TOOL, unsure=(FACE,), weight=1.5),
    _renderer(TRAIN, animators.upload_page, TOOL, unsure=(FACE,)),
    _renderer(TRAIN, animators.queue, TOOL, unsure=(FACE, GRID)),
    _renderer(TRAIN, animators.console, TOOL, unsure=(FACE,)),
    _renderer(TRAIN, animators.clips, TOOL, unsure=(FACE,), weight=1.5),
    _renderer(TRAIN, cameras.device_settings, TOOL, unsure=(FACE,), weight=1.5),
    _renderer(TRAIN, cameras.farm, TOOL, unsure=(FACE, GRID)),
    _renderer(TRAIN, cameras.course, TOOL, unsure=(FACE, TEXT)),
    _renderer(TRAIN, cameras.offered, TOOL, unsure=(FACE,)),
    _renderer(TRAIN, places.on_wallpaper, TOOL, unsure=(FACE,)),
    _renderer(TRAIN, places.on_monitor, TOOL, unsure=(FACE,)),
    _renderer(TRAIN, places.floating, TOOL, unsure=(FACE,)),
    _renderer(TRAIN, panes.animating, TOOL, unsure=(FACE,), weight=3),
    _renderer(TRAIN, adverts.table, TEXT, weight=1.5),
    _renderer(TRAIN, adverts.letters, TEXT),
    _renderer(TRAIN, adverts.wall, TEXT),
    _renderer(TRAIN, papers.passport_cover),
    _renderer(TRAIN, papers.card_holder, weight=1.5),
    _renderer(TRAIN, papers.sleeve),
    _renderer(TRAIN, papers.business_card, weight=1.5),
    _renderer(TRAIN, papers.flyer),
    _renderer(TRAIN, papers.ticket, weight=1.5),
    _renderer(TRAIN, portraits.portrait, FACE, weight=2.5),
    _renderer(TRAIN, portraits.selfie, FACE, weight=2),
    _renderer(TRAIN, portraits.with_phone, weight=1.5),
    _renderer(TRAIN, portraits.id_prints, unsure=(FACE,), weight=2),
    _renderer(TRAIN, portraits.studio_advert, FACE, weight=1.5),
    _renderer(TRAIN, screens.game),
    _renderer(TRAIN, screens.chat, unsure=(TEXT,), weight=1.5),
    _renderer(TRAIN, screens.login, unsure=(TEXT,)),
    _renderer(TRAIN, screens.shop),
    _renderer(TRAIN, screens.editor, weight=1.5),
    _renderer(TRAIN, screens.settings, unsure=(TEXT,), weight=1.5),
    _renderer(TRAIN, panes.working, unsure=(TEXT,), weight=1.5),
    _renderer(TRAIN, places.at_desk, unsure=(TEXT, FACE)),
    _renderer(TRAIN, programs.beauty_camera, FACE),
    _renderer(TRAIN, programs.id_photo_app, FACE),
    _renderer(TRAIN, programs.video_call, FACE),
    _renderer(TRAIN, programs.profile, FACE),
    _renderer(TRAIN, programs.retouching, unsure=(FACE,)),
    _renderer(TRAIN, programs.stream, unsure=(FACE,)),
    _renderer(TRAIN, films.meeting, unsure=(FACE,)),
    _renderer(TRAIN, films.film, FACE, weight=1.5),
    _renderer(TRAIN, photos.goods_photo, unsure=(FACE,), weight=16),
    _renderer(TRAIN, photos.face_photo, FACE, weight=3),
    _renderer(TRAIN, photos.paper_photo, unsure=(TEXT,), weight=3),
    _renderer(TRAIN, photos.screen_photo, unsure=(TEXT,), weight=3),
    _renderer(TEST, lying.side_by_side, CARD, unsure=(BESIDE,)),
    _renderer(TEST, lying.stacked, CARD),
    _renderer(TEST, held.by_cheek, CARD, HELD, unsure=(BESIDE, FACE)),
    _renderer(TEST, beside.in_chat, CARD, BESIDE, unsure=(FACE,)),
    _renderer(TEST, crowds.gallery, GRID),
    _renderer(TEST, kits.panels, KIT, unsure=(CARD,)),
    _renderer(TEST, tools.timeline, TOOL, unsure=(FACE,)),
    _renderer(TEST, tools.mirror, TOOL, unsure=(FACE,)),
    _renderer(TEST, adverts.memo, TEXT),
    _renderer(TEST, papers.certificate),
    _renderer(TEST, portraits.poster, unsure=(FACE,)),
    _renderer(TEST, portraits.attendance, unsure=(FACE,)),
    _renderer(TEST, screens.worlds),
    _renderer(TEST, screens.form, unsure=(TEXT,)),
)
"""Those for testing use photos, faces and cards that no training picture has; so do those
for training when `classifiers.training.pictures.evaluate` measures them."""
