"""Ordinary photos as they are."""

from __future__ import annotations

from classifiers.training.pictures.material import PAPERS, SCREENS, Photo, opened
from classifiers.training.pictures.pens import specimen
from classifiers.training.pictures.scene import Scene, Subject, rectangle
from classifiers.training.pictures.studio import Studio

__all__ = ["face_photo", "goods_photo", "one_photo", "paper_photo", "renderer_of", "screen_photo"]


def one_photo(photo: Photo) -> Scene:
    """A photo with its face marked, if it is a portrait."""
    scene = Scene(opened(photo.path).copy())
    if photo.face:
        left, top, right, bottom = photo.face
        scene.mark(Subject.FACE, rectangle(left, top, right - left, bottom - top))
    return scene


def renderer_of(photo: Photo) -> str:
    """The name of the renderer that could show it."""
    draw = (
        face_photo
        if photo.kind == "face"
        else screen_photo
        if photo.kind in SCREENS
        else paper_photo
        if photo.kind in PAPERS
        else goods_photo
    )
    return f"photos.{draw.__name__}"


def _any(studio: Studio, draw: str) -> Scene:
    fitting = [photo for photo in studio.material.all_photos if renderer_of(photo) == draw]
    return one_photo(studio.rng.choice(fitting)) if fitting else studio.photo()


def goods_photo(studio: Studio) -> Scene:
    """Goods, rooms, food, streets, people at a distance; rarely with a word across."""
    scene = _any(studio, "photos.goods_photo")
    if studio.rng.random() < 0.08:
        specimen(scene, studio.rng)
    return scene


def face_photo(studio: Studio) -> Scene:
    """Portraits as they are."""
    return _any(studio, "photos.face_photo")


def paper_photo(studio: Studio) -> Scene:
    """Receipts, signs, packages."""
    return _any(studio, "photos.paper_photo")


def screen_photo(studio: Studio) -> Scene:
    """Screenshots of real programs."""
    return _any(studio, "photos.screen_photo")
