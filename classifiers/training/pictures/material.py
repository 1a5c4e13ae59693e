"""Photos that renderers draw upon: faces, hands and backgrounds from a folder, or drawn ones.

The folder holds ``manifest.jsonl``, a row for each picture (``file``, ``kind``, ``group``,
``n_faces``; of faces also ``face_box``). Whole groups are for training or for testing, never for
both; `TEST_GROUPS` and `TEST_SOURCES` say which. Without a folder everything is drawn.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from PIL import Image

from classifiers.training.pictures.drawn import drawn_background, drawn_face, drawn_hand
from classifiers.training.pictures.hands import cut_hand
from classifiers.training.pictures.scene import Scene, Subject, rectangle

__all__ = ["PAPERS", "SCREENS", "Material", "Photo", "Split", "opened", "read_material"]

TEST_GROUPS: Final = frozenset(
    {
        "canteen",
        "chineseocr_lite",
        "coco",
        "easyocr",
        "housefront",
        "lomiri_wallpapers_16.04",
        "lomiri_wallpapers_20.04",
        "noice",
        "pilipala",
        "rapidocr",
        "tpdne",
        "ukui_wallpapers",
        "umiocr",
    }
)
TEST_SOURCES: Final = ("clothing-dataset-small:test/", "GroceryStoreDataset:dataset/test/")
"""Folders of groups that are too large to be kept out whole."""

SCREENS: Final = frozenset({"screenshot_mobile", "screenshot_desktop"})
PAPERS: Final = frozenset({"document_receipt", "text_photo"})
NOT_BEHIND: Final = SCREENS | PAPERS | {"face", "hand_crop", "person_holding"}
"""Kinds that nothing is laid upon: they show something of their own."""

FACE_MARGIN: Final = 0.35
REMEMBERED: Final = 4000


class Split(StrEnum):
    """What pictures are for."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of the folder.

    Attributes:
        path: of the file.
        kind: as the manifest says.
        group: photos of one group are alike.
        faces: how many a detector found.
        face: left, top, right, bottom of the face of a portrait.
    """

    path: Path
    kind: str
    group: str
    faces: int
    face: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """Photos of one split; where there is none of a sort, it is drawn.

    Attributes:
        faces: portraits of people who do not exist.
        hands: a hand before a plain wall.
        ordinary: all photos but those.
        behind: those of them that show no face, text or screen: backgrounds.
    """

    faces: tuple[Photo, ...] = ()
    hands: tuple[Photo, ...] = ()
    ordinary: tuple[Photo, ...] = ()
    behind: tuple[Photo, ...] = ()

    @property
    def all_photos(self) -> tuple[Photo, ...]:
        """Whatever could be shown as it is, hands aside."""
        return self.ordinary + self.faces

    def portrait(self, rng: random.Random) -> Scene:
        """A portrait with its surroundings; its face is marked."""
        if not self.faces:
            return drawn_face(rng)
        photo = rng.choice(self.faces)
        scene = Scene(opened(photo.path).copy())
        left, top, right, bottom = photo.face or (0, 0, *scene.size)
        scene.mark(Subject.FACE, rectangle(left, top, right - left, bottom - top))
        return scene

    def face(self, rng: random.Random, size: tuple[int, int], margin: float = FACE_MARGIN) -> Scene:
        """A face that fills a rectangle.

        Args:
            rng: chooses whose.
            size: of the result in pixels.
            margin: around the face, as a share of it.
        """
        scene = self.portrait(rng)
        left, top, right, bottom = scene.over(Subject.FACE)[0].box
        width, height = right - left, bottom - top
        high = height * (1 + 2 * margin)
        wide = high * size[0] / size[1]
        if wide < width * (1 + margin):
            wide = width * (1 + margin)
            high = wide * size[1] / size[0]
        fits = min(1.0, scene.size[0] / wide, scene.size[1] / high)
        wide, high = wide * fits, high * fits
        x, y = (left + right - wide) / 2, (top + bottom - high) / 2
        x = max(min(x, scene.size[0] - wide), 0)
        y = max(min(y, scene.size[1] - high), 0)
        return fitted(scene, (x, y, wide, high), size)

    def background(self, rng: random.Random, size: tuple[int, int]) -> Image.Image:
        """A photo without faces that fills a rectangle."""
        if not self.behind:
            return drawn_background(rng, size)
        return covering(opened(rng.choice(self.behind).path), size, rng)

    def hand(self, rng: random.Random) -> Image.Image:
        """A hand, transparent around it, pointing upwards."""
        cut = cut_hand(opened(rng.choice(self.hands).path)) if self.hands else None
        return cut or drawn_hand(rng)


@lru_cache(maxsize=REMEMBERED)
def opened(path: Path) -> Image.Image:
    """The picture of a file; it is shared, so copy it before drawing."""
    with Image.open(path) as image:
        return image.convert("RGB")


def covering(image: Image.Image, size: tuple[int, int], rng: random.Random) -> Image.Image:
    """Any part of a picture, as large as fits, that fills a rectangle."""
    scale = max(size[0] / image.width, size[1] / image.height) * rng.uniform(1.0, 1.4)
    wide, high = size[0] / scale, size[1] / scale
    left = rng.uniform(0, image.width - wide)
    top = rng.uniform(0, image.height - high)
    box = (left, top, left + wide, top + high)
    return image.resize(size, Image.Resampling.BICUBIC, box=box)


def fitted(scene: Scene, part: tuple[float, float, float, float], size: tuple[int, int]) -> Scene:
    """A part (left, top, width, height) of a scene, enlarged or reduced to `size`."""
    left, top, width, height = part
    # Sums of fractions may end beyond the last pixel.
    box = (left, top, min(left + width, scene.size[0]), min(top + height, scene.size[1]))
    result = Scene(scene.image.resize(size, Image.Resampling.BICUBIC, box=box))
    for mark in scene.marks:
        scale = (size[0] / width, size[1] / height)
        result.mark(mark.subject, (mark.quad - (left, top)) * scale, mark.text)
    return result


def read_material(folder: Path | None, split: Split) -> Material:
    """The photos of one split; nothing without a folder.

    Raises:
        OSError: the folder has no manifest.
        ValueError: a row of the manifest is none.
    """
    if folder is None:
        return Material()
    lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    photos = [_photo(folder, row) for row in rows if _split_of(row) is split]
    hands = tuple(_photo(folder, row) for row in rows if row["kind"] == "hand_crop")
    ordinary = tuple(photo for photo in photos if photo.kind not in {"face", "hand_crop"})
    return Material(
        faces=tuple(photo for photo in photos if photo.kind == "face"),
        # One person's hands: there are no others to keep out.
        hands=hands,
        ordinary=ordinary,
        behind=tuple(p for p in ordinary if p.kind not in NOT_BEHIND and not p.faces),
    )


def _split_of(row: Mapping[str, Any]) -> Split:
    is_test = row["group"] in TEST_GROUPS or any(part in row["source"] for part in TEST_SOURCES)
    return Split.TEST if is_test else Split.TRAIN


def _photo(folder: Path, row: Mapping[str, Any]) -> Photo:
    face = tuple(row["face_box"]) if row.get("face_box") else None
    return Photo(folder / row["file"], row["kind"], row["group"], row["n_faces"] or 0, face)
