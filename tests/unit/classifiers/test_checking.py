"""The check of a model: what it reads, measures and compares."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from classifiers.checking import Check, Sample, _agreement, check, read_sample
from classifiers.evaluation.rows import TEST_ROWS
from classifiers.original import Original, OriginalMissing, export_onnx
from classifiers.text.checkpoint import ModelFolderError, read_checkpoint
from tests.checkpoints import write_checkpoint

WEIGHTS = {"卖": (0.0, 2.0), "聊": (3.0, 0.0)}
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None,
    reason="torch and transformers (extra `train`) are not installed",
)


def write_rows(path: Path, *rows: dict[str, Any] | str) -> Path:
    """JSON Lines; text goes in as it is."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def offer(text: str) -> dict[str, str]:
    """A labelled offer."""
    return {"text": text, "label": "positive", "category": "face_id_bundle", "intent": "sell"}


def harmless(text: str) -> dict[str, str]:
    """A labelled harmless row."""
    return {"text": text, "label": "benign"}


def sample(offers: int, others: int) -> Sample:
    """Offers that sell more or less, and others that talk; all texts differ."""
    texts = [f"卖{at}" for at in range(offers)] + [f"聊{at}" for at in range(others)]
    return Sample(tuple(texts), tuple(at < offers for at in range(len(texts))), ())


def checked(folder: Path, texts: Sample) -> Check:
    """Without the original."""
    return check(read_checkpoint(folder), texts, with_original=False)


def test_a_labelled_sample_is_read_as_the_models_read_texts(tmp_path: Path) -> None:
    """Disguises undone; neighbouring abuse left out; each text once."""
    file = write_rows(
        tmp_path / "rows.jsonl",
        offer("人*脸*四 件 套"),
        harmless("问一下"),
        harmless("问一下"),
        {"text": "别的", "label": "adjacent"},
    )
    found = read_sample([file])
    assert found.texts == ("人脸四件套", "问一下")
    assert found.is_offer == (True, False)
    assert found.problems == ()


def test_a_sample_without_labels_is_one_too(tmp_path: Path) -> None:
    """Then nothing is said about calibration."""
    file = write_rows(tmp_path / "rows.jsonl", {"text": "一"}, {"title": "二", "description": "三"})
    found = read_sample([file])
    assert found.texts == ("一", "二\n三")
    assert found.is_offer is None
    assert checked(write_checkpoint(tmp_path / "model", WEIGHTS), found).quality is None


def test_broken_lines_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    """File, line and reason."""
    file = write_rows(tmp_path / "rows.jsonl", offer("卖"), "{", harmless("聊"), '{"label": 1}')
    found = read_sample([file])
    assert found.texts == ("卖", "聊")
    assert [problem.line for problem in found.problems] == [2, 4]


def test_a_limit_takes_from_the_whole_sample(tmp_path: Path) -> None:
    """Not only its beginning."""
    file = write_rows(tmp_path / "rows.jsonl", *({"text": f"第{at}个"} for at in range(100)))
    assert read_sample([file], limit=4).texts == ("第0个", "第25个", "第50个", "第75个")


def test_the_repositorys_own_rows_are_a_sample() -> None:
    """The default of the command."""
    found = read_sample([TEST_ROWS], limit=50)
    assert len(found.texts) == 50
    assert found.is_offer is not None


def test_cost_is_told_by_length(tmp_path: Path) -> None:
    """Every text is in one band, and no band is empty."""
    texts = tuple("卖" * length for length in (1, 20, 21, 60, 61, 201))
    found = checked(write_checkpoint(tmp_path, WEIGHTS), Sample(texts, None, ()))
    assert [(band.longest, band.n) for band in found.cost.bands] == [
        (20, 2),
        (60, 2),
        (200, 1),
        (None, 1),
    ]
    assert all(0 < band.p50_ms <= band.p95_ms for band in found.cost.bands)
    assert found.cost.texts_per_s > 0
    assert found.size_bytes == (tmp_path / "model.onnx").stat().st_size


def test_a_model_that_parts_all_rows_recalls_all(tmp_path: Path) -> None:
    """And its Brier score is the squared distance to certainty."""
    found = checked(write_checkpoint(tmp_path, WEIGHTS), sample(150, 150)).quality
    assert found is not None
    assert (found.offers, found.harmless) == (150, 150)
    assert [point.recall for point in found.recall] == [1.0, 1.0]
    offers, others = 0.1192, 0.0474  # 1 - sigmoid(2), sigmoid(-3)
    assert found.calibration.brier == pytest.approx((offers**2 + others**2) / 2, abs=1e-4)


def test_what_too_few_rows_cannot_show_is_not_shown(tmp_path: Path) -> None:
    """A share of false alarms of 20 rows, a calibration of 40."""
    found = checked(write_checkpoint(tmp_path, WEIGHTS), sample(20, 20)).quality
    assert found is not None
    assert [point.recall for point in found.recall] == [None, None]
    assert found.calibration_error is None
    assert checked(tmp_path, sample(20, 0)).quality is None


def test_texts_that_break_the_net_are_counted(tmp_path: Path) -> None:
    """And do not spoil the rest."""
    folder = write_checkpoint(tmp_path, WEIGHTS | {"坏": (0.0, float("inf"))})
    found = checked(folder, Sample(("坏", "卖", "聊"), (True, True, False), ()))
    assert found.broken == 1
    assert found.quality is not None
    assert found.quality.offers == 1


def test_an_empty_sample_is_refused(tmp_path: Path) -> None:
    """Nothing can be said."""
    with pytest.raises(ValueError, match="no text"):
        checked(write_checkpoint(tmp_path, WEIGHTS), Sample((), None, ()))


def test_agreement_compares_probabilities_and_decisions(tmp_path: Path) -> None:
    """By hand: log-odds 0 against 0, 2 against -2."""
    checkpoint = read_checkpoint(write_checkpoint(tmp_path, WEIGHTS))
    found = _agreement(checkpoint, [([0.0, 0.0], [1.0, 1.0]), ([0.0, 2.0], [0.0, -2.0])], 1.0)
    assert found.largest_difference == pytest.approx(0.8808 - 0.1192, abs=1e-4)
    assert found.mean_difference == pytest.approx((0.8808 - 0.1192) / 2, abs=1e-4)
    assert (found.same_decision, found.same_label) == (0.5, 0.5)
    assert _agreement(checkpoint, [], 1.0).same_decision == 0.0


def test_without_torch_it_is_said_what_was_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All the rest is told, with the way to install what is missing."""
    folder = write_checkpoint(tmp_path, WEIGHTS)
    (folder / "model.safetensors").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "torch", None)
    found = check(read_checkpoint(folder), sample(2, 2))
    assert found.agreement is None
    assert "torch is not installed" in found.not_compared
    assert "[train]" in found.not_compared
    assert found.cost.texts_per_s > 0


def test_without_weights_there_is_no_original(tmp_path: Path) -> None:
    """A folder that holds the ONNX file alone."""
    found = check(read_checkpoint(write_checkpoint(tmp_path, WEIGHTS)), sample(2, 2))
    assert "safetensors" in found.not_compared


def test_an_onnx_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    """It may be the one in use."""
    checkpoint = read_checkpoint(write_checkpoint(tmp_path, WEIGHTS))
    before = checkpoint.net.read_bytes()
    with pytest.raises(ModelFolderError, match="is there already"):
        export_onnx(checkpoint, eight_bits=False)
    assert checkpoint.net.read_bytes() == before


def tiny_bert(folder: Path) -> Path:
    """A BERT of random weights with a tokenizer of characters, as transformers saves them."""
    transformers = pytest.importorskip("transformers")
    torch = pytest.importorskip("torch")
    write_checkpoint(folder, WEIGHTS)
    (folder / "model.onnx").unlink()
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=8,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=24,
        initializer_range=1.0,
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]", unk_token="[UNK]"
    ).save_pretrained(folder)
    return folder


@needs_torch
@pytest.mark.parametrize(("eight_bits", "apart"), [(False, 1e-4), (True, 0.3)])
def test_an_exported_net_answers_as_its_original(
    tmp_path: Path, eight_bits: bool, apart: float
) -> None:
    """Texts of all lengths, longer ones than fit too; eight bits agree less."""
    checkpoint = read_checkpoint(tiny_bert(tmp_path))
    export_onnx(checkpoint, eight_bits=eight_bits)
    texts = tuple("卖聊无"[at % 3] * at for at in range(1, 40))
    found = check(checkpoint, Sample(texts, None, ()))
    assert found.agreement is not None
    assert found.agreement.largest_difference < apart
    assert found.agreement.same_tokens == 1.0
    assert (found.agreement.same_decision == 1.0) or eight_bits
    assert not list(tmp_path.glob("tmp*"))


@needs_torch
def test_weights_without_a_head_are_refused(tmp_path: Path) -> None:
    """Transformers would go on with a random one."""
    transformers = pytest.importorskip("transformers")
    folder = tiny_bert(tmp_path)
    transformers.BertModel.from_pretrained(folder).save_pretrained(folder)
    with pytest.raises(ModelFolderError, match=r"lacks weights: classifier\.bias"):
        Original(read_checkpoint(folder))


@needs_torch
def test_a_folder_without_weights_cannot_be_exported(tmp_path: Path) -> None:
    """Said before anything heavy is loaded."""
    folder = write_checkpoint(tmp_path, WEIGHTS)
    (folder / "model.onnx").unlink()
    with pytest.raises(OriginalMissing, match="safetensors"):
        export_onnx(read_checkpoint(folder), eight_bits=False)
