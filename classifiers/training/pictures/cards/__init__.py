"""Mock cards, one drawing style a module; all are small, absurd and marked as specimens.

A style is a function of a random generator, a face's renderer and a width in pixels (at most
`LARGEST`). `draw_card` adds what every card must have.
"""

from __future__ import annotations

import random
from typing import Final, Protocol

from PIL import Image

from classifiers.training.pictures.cards import (
    banded,
    foreign,
    licence,
    modern,
    patterned,
    resident,
    reverse,
    strip,
)
from classifiers.training.pictures.material import Material, Split
from classifiers.training.pictures.pens import rounded, specimen
from classifiers.training.pictures.people import Person, invented_person
from classifiers.training.pictures.scene import Scene, Subject, rectangle

__all__ = ["BACKS", "LARGEST", "STYLES", "draw_card"]

LARGEST: Final = 320
"""No card is longer, in pixels: too small to be printed."""

SHAPE: Final = 1.586
"""Width by height of ISO/IEC 7810 ID-1."""


class Style(Protocol):
    """Draws the face of a card, without what `draw_card` adds."""

    def __call__(
        self, scene: Scene, person: Person, material: Material, rng: random.Random
    ) -> None:
        """Draw onto a white scene of the card's size."""


STYLES: Final[dict[Split, dict[str, Style]]] = {
    Split.TRAIN: {
        "banded": banded.draw,
        "foreign": foreign.draw,
        "licence": licence.draw,
        "patterned": patterned.draw,
        "reverse": reverse.draw,
    },
    Split.TEST: {"modern": modern.draw, "resident": resident.draw, "strip": strip.draw},
}
"""Whole styles are kept out of training."""

BACKS: Final = frozenset({"reverse", "strip"})
"""Styles that draw the side without a face."""


def draw_card(
    material: Material, split: Split, rng: random.Random, name: str, person: Person | None = None
) -> Scene:
    """A card seen straight on, with round corners; its corners, face and texts are marked.

    Raises:
        KeyError: the split has no such style.
    """
    width = rng.randint(LARGEST - 40, LARGEST)
    scene = Scene(Image.new("RGB", (width, int(width / SHAPE)), "white"))
    scene.people.append(person or invented_person(rng))
    scene.mark(Subject.CARD, rectangle(0, 0, *scene.size), name)
    STYLES[split][name](scene, scene.people[0], material, rng)
    specimen(scene, rng)
    scene.image = rounded(scene.image, scene.size[0] // 26)
    return scene
