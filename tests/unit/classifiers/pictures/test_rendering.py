"""Rendered pictures are repeatable, keep splits apart, and their marks follow what happens."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from classifiers.contract import PictureClass
from classifiers.training.pictures import render
from classifiers.training.pictures.disturb import DISTURBANCES
from classifiers.training.pictures.material import Split, read_material
from classifiers.training.pictures.renderers import RENDERERS
from classifiers.training.pictures.sampling import (
    Order,
    Part,
    certain,
    make,
    measuring_orders,
    training_orders,
)
from classifiers.training.pictures.scene import Scene, Subject, rectangle, turned
from classifiers.training.pictures.sheet import destroyed
from classifiers.training.pictures.views import view

RED = (255, 0, 0)
MOVING = ("crop_30", "rotate_90", "mirror", "collage")


def _folder(tmp_path: Path) -> Path:
    """Three groups of photos: one that trains, one kept for testing, portraits of each."""
    rows = []
    for group, kind, colour in (
        ("houses", "room", (0, 0, 250)),
        ("coco", "scene", (0, 250, 0)),
        ("genfaces", "face", (90, 90, 0)),
        ("tpdne", "face", (0, 90, 90)),
    ):
        name = f"{group}.jpg"
        Image.new("RGB", (200, 160), colour).save(tmp_path / name)
        row = {"file": name, "kind": kind, "group": group, "n_faces": 0, "source": "x"}
        rows.append(row | ({"face_box": [60, 30, 130, 120]} if kind == "face" else {}))
    lines = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "manifest.jsonl").write_text(lines, "utf-8")
    return tmp_path


def test_the_same_order_gives_the_same_picture_and_truth() -> None:
    for order in list(training_orders(6)):
        first, second = make(order), make(order)
        assert first.image.tobytes() == second.image.tobytes()
        assert first.truth() == second.truth()


def test_another_seed_gives_another_picture() -> None:
    one, other = (make(Order("lying.on_table", seed, Split.TRAIN)) for seed in (1, 2))
    assert one.image.tobytes() != other.image.tobytes()


def test_no_photo_and_no_style_of_card_serves_both_splits(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    train, test = (read_material(folder, split) for split in (Split.TRAIN, Split.TEST))
    assert {photo.group for photo in train.all_photos} == {"houses", "genfaces"}
    assert {photo.group for photo in test.all_photos} == {"coco", "tpdne"}
    styles: dict[Split, set[str]] = {Split.TRAIN: set(), Split.TEST: set()}
    for split, seen in styles.items():
        for seed in range(12):
            sample = make(Order("lying.on_table", seed, split), folder)
            seen |= {mark.text for mark in sample.marks if mark.subject is Subject.CARD}
    assert styles[Split.TRAIN]
    assert styles[Split.TEST]
    assert not styles[Split.TRAIN] & styles[Split.TEST]


def test_measuring_uses_only_kept_out_photos_and_each_of_them_once(tmp_path: Path) -> None:
    orders = list(measuring_orders(1, _folder(tmp_path)))
    assert all(order.split is Split.TEST for order in orders)
    assert sorted(order.photo for order in orders if order.photo is not None) == [0, 1]
    disturbed = {name for order in orders for name in order.disturbances}
    assert disturbed == set(DISTURBANCES)


def test_training_never_uses_a_kept_out_renderer() -> None:
    kept_out = {renderer.name for renderer in RENDERERS if renderer.split is Split.TEST}
    used = {order.renderer for order in training_orders(2000)}
    assert used
    assert not used & kept_out


def test_every_class_of_the_trade_has_renderers_to_learn_from_and_others_to_measure_with() -> None:
    for kind in list(PictureClass)[:7]:
        splits = {renderer.split for renderer in RENDERERS if kind in renderer.shows}
        assert splits == set(Split), kind


def test_what_nobody_can_say_is_neither_present_nor_absent() -> None:
    held = certain(["id_card", "held_id"], ["face_with_id"])
    assert held[PictureClass.HELD_ID] is True
    assert held[PictureClass.FACE_WITH_ID] is None
    assert held[PictureClass.FACE_GRID] is False
    assert held[PictureClass.ORDINARY] is False


def test_a_picture_is_ordinary_when_at_most_words_could_be_of_the_trade() -> None:
    assert certain([], [])[PictureClass.ORDINARY] is True
    assert certain(["face"], ["advert_text"])[PictureClass.ORDINARY] is True
    assert certain(["advert_text"], [])[PictureClass.ORDINARY] is False
    assert certain([], ["id_card"])[PictureClass.ORDINARY] is False


@pytest.mark.parametrize("name", MOVING)
def test_marks_go_where_their_things_go(name: str) -> None:
    for seed in range(5):
        scene = Scene(Image.new("RGB", (300, 200), "white"))
        ImageDraw.Draw(scene.image).rectangle((120, 70, 199, 119), fill=RED)
        scene.mark(Subject.CARD, rectangle(120, 70, 80, 50))
        result = DISTURBANCES[name](scene, random.Random(seed))
        pixels = np.asarray(result.image).astype(int)
        is_red = (pixels[..., 0] > 200) & (pixels[..., 1] < 60) & (pixels[..., 2] < 60)
        rows, columns = np.flatnonzero(is_red.any(axis=1)), np.flatnonzero(is_red.any(axis=0))
        left, top, right, bottom = result.marks[0].box
        seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert (left, top, right, bottom) == pytest.approx(seen, abs=2)


@pytest.mark.parametrize("name", sorted(DISTURBANCES))
def test_a_disturbance_changes_the_picture_and_loses_no_mark(name: str) -> None:
    before = make(Order("lying.on_table", 4, Split.TRAIN))
    after = make(Order("lying.on_table", 4, Split.TRAIN, (name,)))
    assert before.image.tobytes() != after.image.tobytes()
    assert [m.text for m in before.marks] == [m.text for m in after.marks]
    assert len(after.people) == len(before.people)


def test_cropping_takes_thirty_hundredths_of_the_area() -> None:
    scene = Scene(Image.new("RGB", (400, 300)))
    for seed in range(20):
        width, height = DISTURBANCES["crop_30"](scene, random.Random(seed)).size
        assert width * height / (400 * 300) == pytest.approx(0.7, abs=0.02)


def test_covered_digits_can_no_longer_be_read() -> None:
    before = make(Order("lying.scanned", 1, Split.TRAIN))
    after = make(Order("lying.scanned", 1, Split.TRAIN, ("covered_digits",)))
    for mark in before.marks:
        if mark.subject is Subject.TEXT and sum(sign.isdigit() for sign in mark.text) >= 6:
            box = tuple(int(edge) for edge in mark.box)
            old, new = (np.asarray(s.image.crop(box)).astype(int) for s in (before, after))
            assert np.abs(old - new).mean() > 5


def test_a_piece_laid_askew_has_its_marks_where_its_ink_is() -> None:
    piece = Scene(Image.new("RGB", (100, 60), "white"))
    ImageDraw.Draw(piece.image).rectangle((20, 20, 39, 39), fill=RED)
    piece.mark(Subject.TEXT, rectangle(20, 20, 20, 20), "x")
    scene = Scene(Image.new("RGB", (300, 300), "white"))
    scene.lay(piece, turned(rectangle(80, 100, 150, 90), 33))
    pixels = np.asarray(scene.image).astype(int)
    ys, xs = np.nonzero((pixels[..., 0] > 200) & (pixels[..., 1] < 100))
    middle = scene.marks[0].quad.mean(axis=0)
    assert (xs.mean(), ys.mean()) == pytest.approx(tuple(middle), abs=1.5)


def test_rendering_writes_small_pictures_and_their_truth(tmp_path: Path) -> None:
    render.main(["--output", str(tmp_path), "--count", "8", "--processes", "1"])
    rows = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text("utf-8").splitlines()]
    assert [row["file"] for row in rows] == [f"{number:06d}.jpg" for number in range(8)]
    for row in rows:
        with Image.open(tmp_path / row["file"]) as image:
            assert max(image.size) <= 320
        assert not row["kept_out"]


def test_on_a_contact_sheet_faces_and_texts_are_destroyed() -> None:
    image = Image.fromarray(np.random.default_rng(1).integers(0, 255, (100, 100, 3), np.uint8))
    marks = [
        {"subject": "face", "quad": [[10, 10], [50, 10], [50, 50], [10, 50]], "text": ""},
        {"subject": "text", "quad": [[60, 60], [90, 60], [90, 70], [60, 70]], "text": "7"},
        {"subject": "card", "quad": [[0, 0], [99, 0], [99, 99], [0, 99]], "text": "banded"},
    ]
    after = np.asarray(destroyed(image, marks))
    assert len(np.unique(after[10:50, 10:50].reshape(-1, 3), axis=0)) <= 16
    assert len(np.unique(after[60:70, 60:90].reshape(-1, 3), axis=0)) == 1
    assert (after[80:, :50] == np.asarray(image)[80:, :50]).all()


def test_a_view_shows_most_of_a_picture_in_some_other_way() -> None:
    image = Image.fromarray(np.random.default_rng(2).integers(0, 255, (90, 120, 3), np.uint8))
    rng = np.random.default_rng(3)
    seen = [view(image, rng) for _ in range(12)]
    assert len({one.tobytes() for one in seen}) == 12
    for one in seen:
        assert one.width * one.height >= 0.55 * 90 * 120


def test_what_thresholds_are_chosen_on_is_not_reported(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    whole = set(measuring_orders(3, folder))
    chosen, reported = (set(measuring_orders(3, folder, part)) for part in Part)
    assert chosen | reported == whole
    assert not {(order.renderer, order.seed, order.photo) for order in chosen} & {
        (order.renderer, order.seed, order.photo) for order in reported
    }
    assert reported
