"""Ordinary photos as they are."""

from __future__ import annotations

from classifiers.training.pictures.material import PAPERS, SCREENS, opened
from classifiers.training.pictures.pens import specimen
from classifiers.training.pictures.scene import Scene
from classifiers.training.pictures.studio import Studio

__all__ = ["goods_photo", "paper_photo", "screen_photo"]


def goods_photo(studio: Studio) -> Scene:
    """Goods, rooms, food, streets, people at a distance."""
    photos = [p for p in studio.material.ordinary if p.kind not in SCREENS | PAPERS]
    if not photos:
        return studio.photo()
    scene = Scene(opened(studio.rng.choice(photos).path).copy())
    if studio.rng.random() < 0.08:
        specimen(scene, studio.rng)
    return scene


def paper_photo(studio: Studio) -> Scene:
    """Receipts, signs, packages."""
    photos = [p for p in studio.material.ordinary if p.kind in PAPERS]
    return Scene(opened(studio.rng.choice(photos).path).copy()) if photos else studio.photo()


def screen_photo(studio: Studio) -> Scene:
    """Screenshots of real programs."""
    photos = [p for p in studio.material.ordinary if p.kind in SCREENS]
    return Scene(opened(studio.rng.choice(photos).path).copy()) if photos else studio.photo()
