"""Which pictures are made: the same order gives the same picture, whoever asks for it."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from classifiers.contract import PictureClass
from classifiers.training.pictures.disturb import DISTURBANCES
from classifiers.training.pictures.material import Material, Split, read_material
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.renderers import ORDINARY, RENDERERS, photos
from classifiers.training.pictures.scene import Mark
from classifiers.training.pictures.studio import Studio

__all__ = ["Order", "Part", "Sample", "certain", "make", "measuring_orders", "training_orders"]

UNDISTURBED: Final = 0.4
"""Share of training pictures that nothing happens to; a fifth of the others suffer twice."""

BY_NAME: Final = {renderer.name: renderer for renderer in RENDERERS}
AS_THEY_ARE: Final = f"{photos.__name__.rpartition('.')[2]}."
"""How the names of renderers begin that show a photo as it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        renderer: its name.
        seed: another seed, another picture.
        split: whose photos and styles of cards are used.
        disturbances: names out of `DISTURBANCES`, in order.
        photo: place of a photo in the material that is shown as it is, instead of any.
    """

    renderer: str
    seed: int
    split: Split
    disturbances: tuple[str, ...] = ()
    photo: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture and what is true about it.

    Attributes:
        image: RGB.
        order: how it came about.
        marks: cards, faces and texts with their places in the picture.
        people: whose cards are shown; invented.
    """

    image: Image.Image
    order: Order
    marks: list[Mark]
    people: list[Person]

    def truth(self, scale: float = 1.0) -> dict[str, Any]:
        """What is written beside the picture: JSON-ready, corners in whole pixels.

        Args:
            scale: by which the picture is reduced when it is written.
        """
        renderer = BY_NAME[self.order.renderer]
        return {
            "renderer": renderer.name,
            "kept_out": renderer.split is Split.TEST,
            "split": self.order.split,
            "disturbances": list(self.order.disturbances),
            "shows": sorted(renderer.shows),
            "undecided": sorted(renderer.undecided),
            "marks": [
                {
                    "subject": mark.subject,
                    "quad": np.rint(mark.quad * scale).astype(int).tolist(),
                    "text": mark.text,
                }
                for mark in self.marks
            ],
            "persons": [person.number for person in self.people],
        }


@cache
def _material(folder: Path | None, split: Split) -> Material:
    return read_material(folder, split)


def make(order: Order, images: Path | None = None) -> Sample:
    """Make one picture.

    Args:
        order: which.
        images: folder of photos; None: everything is drawn.

    Raises:
        OSError: the folder can not be read.
        KeyError: there is no such renderer or disturbance.
    """
    rng = random.Random(f"{order.renderer} {order.seed}")
    material = _material(images, order.split)
    if order.photo is not None:
        scene = photos.one_photo(material.all_photos[order.photo])
    else:
        scene = BY_NAME[order.renderer].draw(Studio(material, order.split, rng))
    scene.image = scene.image.convert("RGB")
    for name in order.disturbances:
        scene = DISTURBANCES[name](scene, rng)
    return Sample(scene.image, order, scene.marks, scene.people)


def training_orders(count: int) -> Iterable[Order]:
    """Pictures to learn from: renderers by their weight, most pictures disturbed."""
    renderers = [renderer for renderer in RENDERERS if renderer.split is Split.TRAIN]
    weights = [renderer.weight for renderer in renderers]
    for seed in range(count):
        rng = random.Random(seed)
        name = rng.choices(renderers, weights)[0].name
        disturbances: tuple[str, ...] = ()
        if rng.random() >= UNDISTURBED:
            often = 2 if rng.random() < 0.2 else 1
            disturbances = tuple(rng.sample(sorted(DISTURBANCES), often))
        yield Order(name, seed, Split.TRAIN, disturbances)


class Part(StrEnum):
    """Of the pictures to measure with: thresholds are not chosen on what is reported."""

    CHOOSING = "choosing"
    REPORTED = "reported"


def measuring_orders(
    count: int, images: Path | None = None, part: Part | None = None
) -> Iterable[Order]:
    """Pictures to measure with, from photos and cards that no training picture has.

    Of each renderer `count`; what a kept-out one shows of the trade also under each
    disturbance; and every ordinary photo and portrait once. With a part every second seed
    and photo of these.
    """
    first, step = (0, 1) if part is None else (int(part is Part.REPORTED), 2)
    for renderer in RENDERERS:
        if renderer.name.startswith(AS_THEY_ARE):
            continue
        ways: list[tuple[str, ...]] = [()]
        if renderer.split is Split.TEST and renderer.shows:
            ways += [(name,) for name in DISTURBANCES]
        for seed in range(first, count, step):
            for way in ways:
                yield Order(renderer.name, seed, Split.TEST, way)
    photos_there = _material(images, Split.TEST).all_photos
    for place in range(first, len(photos_there), step):
        yield Order(photos.renderer_of(photos_there[place]), 0, Split.TEST, photo=place)


def certain(shows: Collection[str], undecided: Collection[str]) -> dict[PictureClass, bool | None]:
    """Of each class: shown, not shown, or None where nobody can say.

    Args:
        shows: names of classes, as `Sample.truth` has them.
        undecided: the same. A picture is ordinary when nothing of the trade is, or could be,
            shown but a text.
    """
    found = {kind: None if kind in undecided else kind in shows for kind in PictureClass}
    trade = set(PictureClass) - ORDINARY
    found[PictureClass.ORDINARY] = not trade & set(shows) and not (
        trade & set(undecided) - {PictureClass.ADVERT_TEXT}
    )
    return found
