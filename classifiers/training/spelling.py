"""Count the words by which texts are re-spelt (`classifiers.text.spelling`).

    python -m classifiers.training.spelling --data FOLDER --output FOLDER

Half a minute on one core. It comes before all other models: they read what it re-spells.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from classifiers.text.ngrams import digest_of
from classifiers.text.spelling import LONGEST, STEPS_PER_NAT, UNKNOWN
from classifiers.text.syllables import heard, pinyin_syllables
from classifiers.training.data import Corpus, Row, read_corpus, undisguised

__all__ = ["main", "train", "write"]

MIN_ROWS = 3
MIN_ORDINARY = 5
MIN_ORDINARY_PAIR = 3
"""Texts that have a word: labelled ones, or else ordinary ones, of which there are more.

Pairs of characters are kept sooner: an ordinary word that is not known may be re-spelt."""

MIN_OFFERS = 5
MIN_RATIO = 2.0
"""A word of the trade: so many offers have it, and so much larger a share of them than of others."""

MIN_LATIN = 3
MOSTLY_PINYIN = 0.5
"""Share of a text's Latin words that could be pinyin from which they are taken for it."""

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
LATIN = re.compile(r"[a-z]+")


def _words(text: str) -> set[str]:
    return {
        run[start : start + length]
        for run in CHINESE.findall(text)
        for length in range(1, LONGEST + 1)
        for start in range(len(run) - length + 1)
    }


def _count(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each word stands."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(_words(text))
    return found


def _latin_words(texts: Iterable[str]) -> list[str]:
    """Latin words that could be pinyin and stand among others that could not."""
    found: Counter[str] = Counter()
    for text in texts:
        words = set(LATIN.findall(text))
        pinyin = {word for word in words if pinyin_syllables(word)}
        if len(pinyin) < MOSTLY_PINYIN * len(words):
            found.update(pinyin)
    return sorted(word for word, count in found.items() if count >= MIN_LATIN)


def train(corpus: Corpus) -> tuple[dict[str, Any], list[str], bytes]:
    """Make the table.

    Returns:
        The configuration, the words and what each costs, as `Speller.load` reads them.
    """
    rows, ordinary = corpus.training, [*map(undisguised, corpus.ordinary_parts()[0])]
    texts = [undisguised(row.text) for row in rows]
    labelled, other = _count(texts), _count(ordinary)
    together = labelled + other
    words = sorted(
        (
            word
            for word in together
            if len(word) == 1
            or labelled[word] >= MIN_ROWS
            or other[word] >= (MIN_ORDINARY_PAIR if len(word) == 2 else MIN_ORDINARY)
        ),
        key=lambda word: (-together[word], word),
    )
    total = sum(together[word] for word in words if len(word) == 1)
    costs = bytes(
        min(UNKNOWN, round(-math.log(together[word] / total) * STEPS_PER_NAT)) for word in words
    )
    config: dict[str, Any] = {
        "model_type": "words-by-sound",
        "trade": _trade(words, rows, texts, together, len(texts) + len(ordinary)),
        "kept": _latin_words([*texts, *ordinary]),
    }
    config["version"] = digest_of(config, words, costs)
    return config, words, costs


def _trade(
    words: Sequence[str],
    rows: Sequence[Row],
    texts: Sequence[str],
    together: Counter[str],
    count: int,
) -> list[int]:
    """Places of the words of the trade that are the most usual ones of their sound."""
    offers = [text for text, row in zip(texts, rows, strict=True) if row.label == "positive"]
    offered = _count(offers)
    usual: dict[str, str] = {}
    for word in words:
        usual.setdefault(word.translate(heard()), word)
    others = count - len(offers)

    def is_trade(word: str) -> bool:
        share = (together[word] - offered[word] + 1) / others
        return offered[word] >= MIN_OFFERS and offered[word] / len(offers) >= MIN_RATIO * share

    return [
        place
        for place, word in enumerate(words)
        if len(word) > 1 and usual[word.translate(heard())] == word and is_trade(word)
    ]


def write(folder: Path, config: dict[str, Any], words: Sequence[str], costs: bytes) -> None:
    """Write what `train` made."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(config, ensure_ascii=False, separators=(",", ":"))
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")
    (folder / "words.json").write_text(
        json.dumps(words, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
    )
    (folder / "costs.bin").write_bytes(costs)


def main(arguments: Sequence[str] | None = None) -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="listings.jsonl and text/")
    parser.add_argument("--output", type=Path, required=True, help="folder of the words")
    parser.add_argument(
        "--without-own-rows", action="store_true", help="learn from the folder alone"
    )
    given = parser.parse_args(arguments)
    corpus = read_corpus(given.data, own_rows=not given.without_own_rows)
    config, words, costs = train(corpus)
    write(given.output, config, words, costs)
    print(f"{len(words)} words, {len(config['trade'])} of the trade, version {config['version']}")


if __name__ == "__main__":
    main()
