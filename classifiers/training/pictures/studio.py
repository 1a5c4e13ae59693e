"""What every renderer is given: photos of its split, a random generator, common pieces."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image

from classifiers.training.pictures.cards import BACKS, LARGEST, STYLES, draw_card
from classifiers.training.pictures.drawn import SKINS, drawn_hand, finger
from classifiers.training.pictures.material import Material, Split
from classifiers.training.pictures.pens import gradient, ink, tint
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.scene import (
    Colour,
    Mark,
    Quad,
    Scene,
    Subject,
    rectangle,
    shrunk,
    turned,
)

__all__ = ["Studio"]

SHAPES = ((360, 480), (480, 360), (420, 420), (480, 400), (400, 480))
PHONE_SHAPES = ((270, 480), (280, 500), (240, 500))


@dataclass(frozen=True, slots=True)
class Studio:
    """Where pictures are made.

    Attributes:
        material: photos of the split.
        split: also chooses the styles of cards.
        rng: all that is random comes from it.
    """

    material: Material
    split: Split
    rng: random.Random

    def photo(self, size: tuple[int, int] | None = None) -> Scene:
        """A photo without faces to lay something on."""
        return Scene(self.material.background(self.rng, size or self.rng.choice(SHAPES)))

    def plain(self, size: tuple[int, int] | None = None, low: int = 170) -> Scene:
        """An almost even ground, at least as bright as `low`."""
        start = ink(self.rng, low)
        end = tint(start, self.rng.uniform(-0.2, 0.4))
        return Scene(gradient(size or self.rng.choice(SHAPES), start, end, self.rng.random()))

    def ground(self, size: tuple[int, int] | None = None) -> Scene:
        """Either."""
        return self.photo(size) if self.rng.random() < 0.7 else self.plain(size)

    def phone(self) -> tuple[int, int]:
        """Width and height of a telephone's screen."""
        return self.rng.choice(PHONE_SHAPES)

    def card(self, person: Person | None = None, *, back: bool | None = None) -> Scene:
        """A mock card in one of the split's styles.

        Args:
            person: whose; None: somebody new.
            back: the side without a face, or the one with it; None: either.
        """
        names = [name for name in sorted(STYLES[self.split]) if back in {None, name in BACKS}]
        return draw_card(self.material, self.split, self.rng, self.rng.choice(names), person)

    def face(self, size: tuple[int, int], margin: float = 0.35) -> Scene:
        """A face that fills a rectangle."""
        return self.material.face(self.rng, size, margin)

    def tilted(
        self, piece: Scene, middle: tuple[float, float], width: float, most: float = 12
    ) -> Quad:
        """Where a piece of a width would lie: turned by up to `most` degrees, a little askew.

        Never longer than a card may be.
        """
        height = width * piece.size[1] / piece.size[0]
        quad = rectangle(middle[0] - width / 2, middle[1] - height / 2, width, height)
        quad = turned(quad, self.rng.uniform(-most, most))
        for corner in quad:
            corner += (self.rng.gauss(0, 0.015) * width, self.rng.gauss(0, 0.015) * width)
        longest = Mark(Subject.CARD, quad).longest_side
        return shrunk(quad, LARGEST / longest) if longest > LARGEST else quad

    def skin(self, face: Scene | None = None) -> Colour:
        """The colour of a cheek, or any."""
        if face is None or not face.marks:
            return self.rng.choice(SKINS)
        left, top, right, bottom = face.marks[0].box
        spot = (left + (right - left) * 0.3, top + (bottom - top) * 0.6)
        x, y = (min(max(int(at), 0), side - 4) for at, side in zip(spot, face.size, strict=True))
        part = face.image.convert("RGB").crop((x, y, x + 4, y + 4))
        red, green, blue = part.resize((1, 1), Image.Resampling.BOX).tobytes()
        return red, green, blue

    def finger(
        self, scene: Scene, tip: tuple[float, float], degrees: float, width: float, skin: Colour
    ) -> None:
        """Lay a finger over a scene: its tip, and the way it points (0: up, clockwise)."""
        long = width * self.rng.uniform(2.2, 3.4)
        piece = Scene(finger((int(width), int(long)), skin, nail=self.rng.random() < 0.5))
        place = rectangle(tip[0] - width / 2, tip[1], width, long)
        swung = turned(place, degrees)
        shift = swung[:2].mean(axis=0) - place[:2].mean(axis=0)
        scene.lay(piece, swung - shift, shadow=0.3)

    def hand(self, skin: Colour | None = None) -> Scene:
        """A hand pointing upwards: a photo's, or a drawn one of a given skin."""
        if skin is not None and self.rng.random() < 0.5:
            return Scene(drawn_hand(self.rng, skin))
        return Scene(self.material.hand(self.rng))
