"""Which pictures are made: the same seed gives the same picture, whoever asks for it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from classifiers.contract import PictureClass
from classifiers.training.pictures.disturb import DISTURBANCES
from classifiers.training.pictures.material import Split, read_material
from classifiers.training.pictures.people import Person
from classifiers.training.pictures.renderers import RENDERERS, Renderer
from classifiers.training.pictures.scene import Mark, Scene
from classifiers.training.pictures.studio import Studio

__all__ = ["Sample", "chosen", "make", "present"]

UNDISTURBED: Final = 0.4
"""Share of training pictures that nothing happens to; a fifth of the others suffer twice."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture and what is true about it.

    Attributes:
        image: RGB.
        renderer: which made it.
        disturbances: names of what happened to it, in order.
        marks: cards, faces and texts with their places in the picture.
        people: whose cards are shown; invented.
    """

    image: Image.Image
    renderer: Renderer
    disturbances: tuple[str, ...]
    marks: list[Mark]
    people: list[Person]

    def truth(self) -> dict[str, Any]:
        """What is written beside the picture: JSON-ready; boxes in whole pixels."""
        return {
            "renderer": self.renderer.name,
            "split": self.renderer.split,
            "disturbances": list(self.disturbances),
            "shows": sorted(self.renderer.shows),
            "undecided": sorted(self.renderer.undecided),
            "marks": [
                {
                    "subject": mark.subject,
                    "quad": np.rint(mark.quad).astype(int).tolist(),
                    "text": mark.text,
                }
                for mark in self.marks
            ],
            "persons": [person.number for person in self.people],
        }


@cache
def _studio_material(folder: Path | None, split: Split) -> Any:
    return read_material(folder, split)


def make(
    renderer: Renderer,
    seed: int,
    *,
    images: Path | None = None,
    split: Split | None = None,
    disturbances: tuple[str, ...] = (),
) -> Sample:
    """Make one picture.

    Args:
        renderer: how.
        seed: another seed, another picture.
        images: folder of photos; None: everything is drawn.
        split: whose photos and cards are used; None: the renderer's own.
        disturbances: names out of `DISTURBANCES`, in order.

    Raises:
        OSError: the folder can not be read.
        KeyError: there is no such disturbance.
    """
    rng = random.Random(f"{renderer.name} {seed}")
    split = split or renderer.split
    scene: Scene = renderer.draw(Studio(_studio_material(images, split), split, rng))
    scene.image = scene.image.convert("RGB")
    for name in disturbances:
        scene = DISTURBANCES[name](scene, rng)
    return Sample(scene.image, renderer, disturbances, scene.marks, scene.people)


def chosen(seed: int) -> tuple[Renderer, tuple[str, ...]]:
    """The renderer and the disturbances of a training picture."""
    rng = random.Random(seed)
    renderers = [renderer for renderer in RENDERERS if renderer.split is Split.TRAIN]
    weights = [renderer.weight for renderer in renderers]
    renderer = rng.choices(renderers, weights)[0]
    if rng.random() < UNDISTURBED:
        return renderer, ()
    count = 2 if rng.random() < 0.2 else 1
    return renderer, tuple(rng.sample(sorted(DISTURBANCES), count))


def present(renderer: Renderer) -> list[float]:
    """For each class 1 if its pictures show it, 0 if not, -1 where nobody can say."""
    sure = [
        1.0 if kind in renderer.shows else -1.0 if kind in renderer.undecided else 0.0
        for kind in PictureClass
    ]
    sure[list(PictureClass).index(PictureClass.ORDINARY)] = float(renderer.is_ordinary)
    return sure
