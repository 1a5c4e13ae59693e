"""The encoder: what it answers, where it points to, when it is loaded."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.contract import Category, Intent
from classifiers.text.disguises import shipped_undisguiser
from classifiers.text.encoder import (
    COLUMNS,
    MAX_CHARS,
    MAX_TOKENS,
    STRONGEST,
    Encoder,
    _strongest,
    shipped_encoder,
)
from classifiers.text.normalise import fold
from classifiers.text.onnx import NO_TELEMETRY, quiet_runtime

FOLDER = Path(str(files("classifiers"))) / "models" / "encoder"
OFFERS = (
    "人脸四件套 一手 现货秒发",
    "代过人脸识别 当天出 私聊",
    "批量出实名号 已绑卡 价格好",
    "照片活化做动态视频 过认证 包教会",
)
ORDINARY = (
    "床上四件套 纯棉加厚 包邮",
    "今天的面很好吃，下次还来",
    "快递三天到了，包装完好",
    "phone case with a card slot, nearly new",
)


@cache
def encoder() -> Encoder:
    """The shipped one, loaded once for these tests."""
    return Encoder(FOLDER)


def plain(text: str) -> str:
    """The view that models read."""
    return shipped_undisguiser().view(fold(text)).text


def config_with(**changes: object) -> str:
    """The shipped configuration with some fields changed."""
    config = json.loads((FOLDER / "config.json").read_text("utf-8"))
    return json.dumps(config | changes)


def test_offers_stand_above_ordinary_texts() -> None:
    """Any weights worth shipping rank these."""
    offers = [encoder().read(plain(text)).offer for text in OFFERS]
    ordinary = [encoder().read(plain(text)).offer for text in ORDINARY]
    assert min(offers) > max(ordinary)


@pytest.mark.parametrize("text", [*OFFERS, *ORDINARY, "", "a", "\n", "🔥", "1" * 200])
def test_categories_and_intents_are_log_probabilities(text: str) -> None:
    """Each of the two is a distribution over all its names."""
    reading = encoder().read(text)
    assert math.isfinite(reading.offer)
    for said, names in ((reading.categories, Category), (reading.intents, Intent)):
        assert set(said) == set(names)
        assert max(said.values()) <= 0
        assert sum(map(math.exp, said.values())) == pytest.approx(1)


def test_zipped_package_has_an_encoder(tmp_path: Path) -> None:
    """The files are there when a text is first in doubt, and gone when the process ends."""
    package = tmp_path / "package.zip"
    root = FOLDER.parents[2]
    with zipfile.ZipFile(package, "w") as archive:
        for file in (root / "classifiers").rglob("*"):
            if file.suffix in {".py", ".csv"} or file.parent == FOLDER:
                archive.write(file, file.relative_to(root))
    script = (
        "from classifiers.text.encoder import shipped_encoder as shipped\n"
        "code = shipped.__wrapped__.__code__.co_filename\n"
        "print(code, shipped()._folder, shipped().read('a').offer, sep='|')"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env={"PYTHONPATH": str(package), "TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    code, folder, offer = done.stdout.strip().split("|")
    assert code.startswith(str(package))
    assert float(offer) == pytest.approx(encoder().read("a").offer)
    assert folder.startswith(str(tmp_path))
    assert not Path(folder).exists()


def test_kit_is_told_from_a_pass() -> None:
    """The most likely category is the one that is offered."""
    kit = encoder().read(plain("人脸四件套 正反手持加视频 一手料子")).categories
    done = encoder().read(plain("代过人脸认证 秒过 不过退款")).categories
    assert max(kit, key=kit.__getitem__) is Category.FACE_ID_BUNDLE
    assert max(done, key=done.__getitem__) is Category.FACE_VERIFICATION_BYPASS


@pytest.mark.parametrize("text", OFFERS)
def test_strongest_pieces_lie_in_the_text(text: str) -> None:
    """Each is a stretch of the text that adds something, the strongest first, none twice."""
    view = plain(text)
    reading = encoder().read(view)
    pieces = reading.strongest
    assert len(pieces) <= STRONGEST
    assert pieces or reading.offer < 0
    assert [share for _, _, share in pieces] == sorted((s for *_, s in pieces), reverse=True)
    assert all(share > 0 for *_, share in pieces)
    assert all(0 <= start < end <= len(view) for start, end, _ in pieces)
    assert all(one[1] <= other[0] for one, other in pairwise(sorted(pieces)))
    assert all(view[start:end].strip() for start, end, _ in pieces)


def test_shares_and_one_constant_add_up_to_the_answer() -> None:
    """What is said to speak for an offer is what made the log-odds."""
    tokenizer, session = encoder()._load()
    rests = []
    for text in (*OFFERS, *ORDINARY):
        ids = np.array([tokenizer.encode(plain(text)).ids])
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        logits, shares = session.run(["logits", "offer_by_token"], feed)
        assert shares.shape == ids.shape
        rests.append(float(logits[0][0] - shares.sum()))
    assert max(rests) - min(rests) < 0.1


def test_part_of_a_long_text_is_read_from_a_place_on() -> None:
    """Places count from the beginning of the whole text."""
    before = plain("云" * 500)
    whole = before + plain(OFFERS[0])
    alone, inside = encoder().read(plain(OFFERS[0])), encoder().read(whole, len(before))
    assert inside.offer == pytest.approx(alone.offer)
    assert [(start - len(before), end - len(before)) for start, end, _ in inside.strongest] == [
        (start, end) for start, end, _ in alone.strongest
    ]


def test_text_behind_the_part_changes_nothing() -> None:
    """Only so many characters are read: time is bounded."""
    text = plain("手" + "云" * (MAX_CHARS - 1))
    assert encoder().read(text + OFFERS[0]) == encoder().read(text)
    encoder().read("a")
    started = time.process_time()
    encoder().read("脸" * 1_000_000, 900_000)
    assert time.process_time() - started < 1


def test_no_text_is_more_than_the_tokens_that_are_read() -> None:
    """Attention costs the square of the tokens."""
    tokenizer, _ = encoder()._load()
    assert len(tokenizer.encode("一a" * 1000).ids) == MAX_TOKENS


def test_place_behind_the_end_reads_nothing() -> None:
    """An empty part has an answer too."""
    assert encoder().read("四件套", 99).strongest == ()


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60))
def test_any_text_is_read(text: str) -> None:
    """Whatever stands there, numbers are finite and pieces lie in the view."""
    view = plain(text)
    reading = encoder().read(view)
    assert math.isfinite(reading.offer)
    assert all(0 <= start < end <= len(view) for start, end, _ in reading.strongest)


def test_threads_read_what_one_reads_alone() -> None:
    """The same text has the same reading, from any thread."""
    texts = [plain(text) for text in (*OFFERS, *ORDINARY)] * 4
    alone = [encoder().read(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(encoder().read, texts)) == alone


def test_concurrent_first_use_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many workers start at once; the model may lie in memory only once."""
    opened: list[str] = []
    runtime = quiet_runtime()
    real = runtime.InferenceSession

    def counted(path: str, *arguments: Any, **options: Any) -> Any:
        opened.append(path)
        return real(path, *arguments, **options)

    monkeypatch.setattr(runtime, "InferenceSession", counted)
    fresh = Encoder(FOLDER)
    assert opened == []
    together = Barrier(6)

    def first_use(_: int) -> float:
        together.wait()
        return fresh.read(OFFERS[0]).offer

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(first_use, range(6)))) == 1
    assert opened == [str(FOLDER / "model.onnx")]


def test_nothing_heavy_is_imported_before_the_first_text() -> None:
    """Who never doubts never pays."""
    code = (
        "import sys; from classifiers.text.encoder import shipped_encoder; shipped_encoder();"
        "sys.exit(not {'onnxruntime', 'tokenizers', 'numpy'}.isdisjoint(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nobody_is_told_that_a_text_was_read(tmp_path: Path) -> None:
    """The library would write an identifier of the machine and events into the user's folders."""
    code = (
        "import sys, time; from classifiers.text.encoder import shipped_encoder;"
        "shipped_encoder().read('四件套'); time.sleep(1);"
        "sys.exit('onnxruntime' not in sys.modules)"
    )
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    inherited = {name: value for name, value in os.environ.items() if name != NO_TELEMETRY}
    done = subprocess.run([sys.executable, "-c", code], env=inherited | homes, check=False)
    assert done.returncode == 0
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    "labels",
    [
        dict(enumerate(COLUMNS[:-1])),
        dict(enumerate(COLUMNS[::-1])),
        dict(enumerate(("negative", "positive"))),
        {},
    ],
)
def test_model_with_other_outputs_is_refused(tmp_path: Path, labels: dict[int, str]) -> None:
    """Its numbers would be taken for another category's."""
    (tmp_path / "config.json").write_text(config_with(id2label=labels), "utf-8")
    with pytest.raises(ValueError, match="encoder: made for other outputs"):
        Encoder(tmp_path)


def test_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """An error names the file that is missing, when the encoder is made or first used."""
    with pytest.raises(FileNotFoundError, match=r"config\.json"):
        Encoder(tmp_path)
    (tmp_path / "config.json").write_text(config_with(), "utf-8")
    lonely = Encoder(tmp_path)
    with pytest.raises(Exception, match=r"model\.onnx"):
        lonely.read("四件套")


@pytest.mark.parametrize(
    ("log_odds", "asked"), [(-2.1, False), (-2.0, True), (0.0, True), (3.0, True), (3.1, False)]
)
def test_only_doubtful_texts_are_worth_its_time(
    tmp_path: Path, log_odds: float, asked: bool
) -> None:
    """The band comes with the model."""
    (tmp_path / "config.json").write_text(config_with(doubt=[-2.0, 3.0]), "utf-8")
    assert Encoder(tmp_path).is_in_doubt(log_odds) is asked


def test_version_and_fusion_come_with_the_model(tmp_path: Path) -> None:
    """An assessment names what made it."""
    config = config_with(version="kites", fusion={"encoder": 0.5})
    (tmp_path / "config.json").write_text(config, "utf-8")
    assert Encoder(tmp_path).version == "kites"
    assert Encoder(tmp_path).fusion == {"encoder": 0.5}


def test_shipped_encoder_is_one() -> None:
    """Every assessor shares it."""
    assert shipped_encoder() is shipped_encoder()


def test_blank_before_the_first_word_is_no_piece_of_its_own() -> None:
    """The tokenizer puts one there, and says that it stands where the first character does."""
    offsets = [(0, 0), (0, 1), (0, 1), (1, 2), (2, 3), (3, 4), (0, 0)]
    shares = [0.0, 0.5, 0.25, 0.25, -1.0, 2.0, 0.0]
    assert _strongest("出手机卡", offsets, shares, 10) == ((13, 14, 2.0), (10, 12, 1.0))
