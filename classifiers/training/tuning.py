"""Fine-tune any transformer for the outputs that the last stage has.

Labelled rows are written anew in each epoch: some of their words disguised, replaced by
invented ones, or a harmless text put before them (`classifiers.training.augment`).
Ordinary texts: those of the training part that n-grams take for offers most, judged by
n-grams that did not see them, and a random sample. The weights that are kept are a
moving average.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from classifiers.contract import Category, Intent
from classifiers.text.encoder import MAX_CHARS, MAX_TOKENS
from classifiers.training.augment import Tables, variant
from classifiers.training.data import SEED, Corpus, plain
from classifiers.training.ngrams import suspicious

__all__ = ["PAD", "UNKNOWN", "encoded", "fine_tune", "unigram_tokenizer"]

BATCH = 32
HEAD_RATE = 1e-3
WARM_UP = 0.06
MEMORY = 0.995
"""Of the moving average of the weights, a step."""

RANDOM_ORDINARY = 6_000
HARD_ORDINARY = 6_000
DECOY_CHARS = 40
PAD, UNKNOWN = 1, 3
FIRST_INTENT = 1 + len(Category)
CATEGORIES = [category.value for category in Category]
INTENTS = [intent.value for intent in Intent]


def unigram_tokenizer(vocabulary: list[tuple[str, float]]) -> Tokenizer:
    """A tokenizer of the XLM-RoBERTa kind over pieces and their log-probabilities."""
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=UNKNOWN, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


@dataclass(frozen=True, slots=True)
class _Example:
    text: str
    is_offer: bool
    category: int
    intent: int


def _examples(corpus: Corpus, dice: random.Random, tables: Tables) -> list[_Example]:
    decoys = [
        row.text for row in corpus.training if row.label == "benign" and len(row.text) < DECOY_CHARS
    ]
    return [
        _Example(
            plain(variant(row.text, decoys, dice, tables))[:MAX_CHARS],
            row.label == "positive",
            CATEGORIES.index(row.category) if row.label == "positive" else -1,
            INTENTS.index(row.intent),
        )
        for row in corpus.training
    ]


def _ordinary(corpus: Corpus, dice: random.Random, tables: Tables) -> list[_Example]:
    texts = corpus.ordinary_parts()[0]
    chosen = suspicious(corpus, HARD_ORDINARY)
    chosen += dice.sample(list(texts), min(RANDOM_ORDINARY, len(texts)))
    return [
        _Example(
            plain(variant(text, chosen, dice, tables))[:MAX_CHARS],
            is_offer=False,
            category=-1,
            intent=-1,
        )
        for text in chosen
    ]


def _batches(examples: list[_Example], dice: random.Random) -> list[list[_Example]]:
    dice.shuffle(examples)
    batches = []
    for start in range(0, len(examples), 32 * BATCH):
        chunk = sorted(examples[start : start + 32 * BATCH], key=lambda each: len(each.text))
        batches += [chunk[at : at + BATCH] for at in range(0, len(chunk), BATCH)]
    dice.shuffle(batches)
    return batches


def encoded(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Any, Any]:
    """Numbers and mask of a batch, padded to its longest text."""
    rows = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    ids = torch.full((len(rows), max(map(len, rows))), PAD)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.tensor(row)
    return ids, (ids != PAD).long()


def _loss(logits: Any, batch: Sequence[_Example]) -> Any:
    goal = torch.tensor([0.99 if each.is_offer else 0.01 for each in batch])
    loss = nn.functional.binary_cross_entropy_with_logits(logits[:, 0], goal)
    for columns, weight, labels in (
        (slice(1, FIRST_INTENT), 0.3, [each.category for each in batch]),
        (slice(FIRST_INTENT, None), 0.2, [each.intent for each in batch]),
    ):
        if max(labels) >= 0:
            loss = loss + weight * nn.functional.cross_entropy(
                logits[:, columns], torch.tensor(labels), ignore_index=-1
            )
    return loss


def fine_tune(
    net: nn.Module,
    tokenizer: Tokenizer,
    corpus: Corpus,
    tables: Tables,
    *,
    epochs: int,
    rate: float,
) -> None:
    """Train in place.

    Args:
        net: from ids and mask to logits, columns as in `classifiers.text.encoder.COLUMNS`;
            parameters whose name begins with ``head`` learn faster.
        tokenizer: of the net.
        corpus: what to learn from.
        tables: how characters look.
        epochs: over the labelled rows.
        rate: of learning, at its top.
    """
    dice = random.Random(SEED)
    ordinary = _ordinary(corpus, dice, tables)
    dice.shuffle(ordinary)
    rounds = [
        _batches(_examples(corpus, dice, tables) + ordinary[part::epochs], dice)
        for part in range(epochs)
    ]
    total = sum(map(len, rounds))
    heads = [weight for name, weight in net.named_parameters() if name.startswith("head")]
    body = [weight for name, weight in net.named_parameters() if not name.startswith("head")]
    groups = [{"params": body, "top": rate}, {"params": heads, "top": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, lr=rate, weight_decay=0.01)
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(MEMORY))
    net.train()
    started = time.monotonic()
    for step, batch in enumerate(_chained(rounds)):
        share = min(1.0, (step + 1) / (WARM_UP * total)) * max(0.02, 1 - step / total)
        for group in optimizer.param_groups:
            group["lr"] = group["top"] * share
        loss = _loss(net(*encoded(tokenizer, [each.text for each in batch])), batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(net)
        if step % 50 == 0:
            print(
                f"step {step} of {total}, loss {loss.item():.3f}, {time.monotonic() - started:.0f} s",
                flush=True,
            )
    net.load_state_dict(average.module.state_dict())


def _chained(rounds: Sequence[list[list[_Example]]]) -> Iterator[list[_Example]]:
    for epoch in rounds:
        yield from epoch
