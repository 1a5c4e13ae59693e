"""What faces and cards mean together: a card, a held card, a face beside one, a collage, a grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from classifiers.contract import Category, PictureClass, PictureEvidence
from classifiers.images.boxes import within
from classifiers.images.documents import Card
from classifiers.images.faces import Face, grid_of

__all__ = ["SURE", "arrangements"]

SURE: Final[dict[str, float]] = {
    PictureClass.ID_CARD: 0.7,
    PictureClass.HELD_ID: 0.75,
    PictureClass.FACE_WITH_ID: 0.6,
    PictureClass.FACE_GRID: 0.8,
    PictureClass.FACE: 0.9,
}
"""How likely a class is when its arrangement was seen; set by hand, not measured."""
WEIGHTS: Final[dict[str, float]] = {
    PictureClass.ID_CARD: 1.8,
    PictureClass.HELD_ID: 2.6,
    PictureClass.FACE_WITH_ID: 2.0,
    PictureClass.FACE_GRID: 1.8,
}
COLLAGE: Final = 3
COLLAGE_WEIGHT: Final = 0.8
LARGER: Final = 1.3
"""A holder's face is at least so many times as high as the portrait on the card."""
REACH: Final = 2.5
"""A card is held if its middle is so many widths of the face, or less, beside or below it."""


def arrangements(faces: Sequence[Face], cards: Sequence[Card]) -> Iterator[PictureEvidence]:
    """What the places of faces and cards say, in words for a reviewer."""
    with_portrait = [card for card in cards if card.has_portrait]
    portraits = [face for face in faces if any(_lies_on(face, card) for card in with_portrait)]
    holders = [
        face
        for face in faces
        if face not in portraits
        and any(_height(face) >= LARGER * _height(portrait) for portrait in portraits)
    ]
    grid = grid_of([face for face in faces if face not in portraits])
    if grid:
        yield PictureEvidence(
            "faces",
            PictureClass.FACE_GRID,
            f"{len(grid)} faces of one size in rows",
            WEIGHTS[PictureClass.FACE_GRID],
            tuple(face.box for face in grid),
            Category.FACE_ID_BUNDLE,
        )
    if not with_portrait:
        return
    boxes = tuple(card.box for card in with_portrait)
    held = [(face, card) for face in holders for card in with_portrait if _is_held(face, card)]
    if held:
        kind, why = PictureClass.HELD_ID, "a card with a portrait close under a larger face"
    elif holders:
        kind, why = PictureClass.FACE_WITH_ID, "a card with a portrait, and a larger face beside it"
    else:
        kind, why = PictureClass.ID_CARD, "a card with a portrait on it"
    weight = WEIGHTS[kind]
    yield PictureEvidence("documents", kind, why, weight, boxes, Category.FACE_ID_BUNDLE)
    if len(with_portrait) >= COLLAGE:
        yield PictureEvidence(
            "documents",
            "many_cards",
            f"{len(with_portrait)} cards with portraits in one picture",
            COLLAGE_WEIGHT,
            boxes,
            Category.FACE_ID_BUNDLE,
        )


def _lies_on(face: Face, card: Card) -> bool:
    return within(face.box, card.box) > 0.9 and _height(face) < card.box.bottom - card.box.top


def _height(face: Face) -> float:
    return face.box.bottom - face.box.top


def _is_held(face: Face, card: Card) -> bool:
    """Below the forehead and within reach of the one whose face it is."""
    wide, high = face.box.right - face.box.left, _height(face)
    across = (card.box.left + card.box.right - face.box.left - face.box.right) / 2
    down = (card.box.top + card.box.bottom - face.box.top - face.box.bottom) / 2
    return abs(across) <= REACH * wide and 0 <= down <= 2 * REACH * high
