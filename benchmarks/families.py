"""How well families of texts hold re-written adverts together, and what a text costs.

    python -m benchmarks.families [--texts FILE.jsonl ...] [--tables DIR] [--rewrites N]
        [--stored N] [--seed N]

Each base text, an offer, is written anew `--rewrites` times: words disguised by the operators
of `classifiers.training.augment`, clauses in another order, numbers changed, lures added, and
all of that at once. All of them come in one random order into a store of their own (a file of
SQLite), as likely listings do. Two texts belong together when they come from one base text.

Without `--texts` the base texts are the invented offers of the demo; rows of a labelled file
with the label ``positive`` and language ``zh`` count. Ordinary texts are never given a family
by the pipeline; here they are, to see whether they would fall into an offer's.

`--tables` is a folder with tables of components and of like characters, for two more operators.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from classifiers.contract import Category
from classifiers.evaluation.figures import wilson
from classifiers.lexicon import sounds
from classifiers.text.alike import letters_of, sketch
from classifiers.training import augment
from classifiers.training.augment import LATIN, OPERATORS, Tables, read_tables
from monitor.store.database import Database
from monitor.store.families import families_of

KEY = b"families"
CHINESE = [name for name in OPERATORS if name not in LATIN]
LURES = ("懂的来", "现货", "秒发", "量大从优", "私聊", "支持验货", "长期有货", "老板放心")
GAP = re.compile(r"([\s，。！、,!]+)")
SHORT = 20
AS_IT_WAS = "as it was"
COSTED = 500
PAGE = 30
"""Texts that one transaction brings, as a page of search results does."""
PRECISION, RECALL = 0.99, 0.8
"""Goals for pairs of the demo's offers."""
MAX_P99_MS = 10.0


@dataclass(frozen=True, slots=True)
class Text:
    """A text, the base text it comes from, and how it was written anew."""

    words: str
    base: int
    way: str
    is_ordinary: bool = False


def _disguised(text: str, dice: random.Random, tables: Tables) -> str:
    words = dice.choice((1, 2, 3))
    return augment.disguise(text, dice.choice(CHINESE), dice, tables, words=words) or text


def _reordered(text: str, dice: random.Random, _: Tables) -> str:
    pieces = GAP.split(text)
    clauses = pieces[::2]
    dice.shuffle(clauses)
    pieces[::2] = clauses
    return "".join(pieces)


def _renumbered(text: str, dice: random.Random, _: Tables) -> str:
    return re.sub(r"\d+", lambda _: str(dice.randint(1, 999)), text)


def _lured(text: str, dice: random.Random, _: Tables) -> str:
    lure = dice.choice(LURES)
    return f"{text} {lure}" if dice.random() < 0.5 else f"{lure} {text}"


def _all_at_once(text: str, dice: random.Random, tables: Tables) -> str:
    for way in (_renumbered, _reordered, _lured, _disguised):
        text = way(text, dice, tables)
    return text


WAYS: dict[str, Callable[[str, random.Random, Tables], str]] = {
    "disguised": _disguised,
    "reordered": _reordered,
    "renumbered": _renumbered,
    "with a lure": _lured,
    "all at once": _all_at_once,
}


def _demo(names: Iterable[str]) -> list[str]:
    folder = files("monitor.demo") / "data"
    rows = [
        json.loads(line)
        for name in names
        for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    return [f"{row['title']}\n{row['description']}".strip() for row in rows]


def _labelled(paths: Sequence[Path], label: str) -> list[str]:
    rows = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    return [row["text"] for row in rows if row["label"] == label and row["lang"] == "zh"]


def _rewritten(
    offers: Sequence[str],
    ordinary: Sequence[str],
    rewrites: int,
    dice: random.Random,
    tables: Tables,
) -> list[Text]:
    texts = [Text(words, -1 - place, "", True) for place, words in enumerate(ordinary)]
    ways = list(WAYS)
    for base, words in enumerate(offers):
        texts.append(Text(words, base, AS_IT_WAS))
        for number in range(rewrites):
            way = ways[number % len(ways)]
            texts.append(Text(WAYS[way](words, dice, tables), base, way))
    dice.shuffle(texts)
    return texts


def _assign(
    database: Database, texts: Sequence[Text]
) -> tuple[list[tuple[Text, int]], list[float]]:
    """The family of each, and what each cost of one core's time in milliseconds."""
    found, took = [], []
    for first in range(0, len(texts), PAGE):
        with database.write(durable=False) as tx:
            for text in texts[first : first + PAGE]:
                begun = time.thread_time()
                digest = letters_of(text.words)
                joined = families_of(tx, {digest: sketch(text.words, KEY)}, now=database.now())
                took.append((time.thread_time() - begun) * 1000)
                found.append((text, joined[digest]))
    return found, took


def _opened(folder: str) -> Database:
    return Database(f"sqlite:///{folder}/families.db")


def _stored(offers: Sequence[str], n: int, dice: random.Random) -> list[Text]:
    """Invented texts that share clauses with the offers and with each other, as trades do."""
    clauses = [clause for text in offers for clause in GAP.split(text)[::2] if clause]
    chars = list(sounds())
    return [
        Text(" ".join([*dice.choices(clauses, k=2), "".join(dice.choices(chars, k=10))]), 0, "")
        for _ in range(n)
    ]


def _pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)


def _share(name: str, count: int, n: int, goal: float | None = None) -> bool:
    low, high = wilson(count, n)
    share = count / n if n else 0.0
    is_met = goal is None or share >= goal
    verdict = "" if goal is None else f"   goal {goal:g}: {'met' if is_met else 'MISSED'}"
    print(f"  {name:44} {share:.4f} [{low:.4f}, {high:.4f}]  {count} of {n}{verdict}")
    return is_met


def _report(joined: Sequence[tuple[Text, int]]) -> bool:
    offers = [(text, family) for text, family in joined if not text.is_ordinary]
    ordinary = [family for text, family in joined if text.is_ordinary]
    true = _pairs(Counter((text.base, family) for text, family in offers).values())
    in_family = _pairs(Counter(family for _, family in offers).values())
    of_base = _pairs(Counter(text.base for text, _ in offers).values())
    is_met = _share("pairs in a family that belong together", true, in_family, PRECISION)
    is_met &= _share("pairs that belong together in a family", true, of_base, RECALL)
    of_offers = {family for _, family in offers}
    _share(
        "ordinary texts in an offer's family", sum(f in of_offers for f in ordinary), len(ordinary)
    )
    plain = {text.base: family for text, family in offers if text.way == AS_IT_WAS}
    print(f"  in the family of the text as it was, of up to {SHORT} letters and of more:")
    for way in WAYS:
        for is_short in (True, False):
            rows = [
                family == plain[text.base]
                for text, family in offers
                if text.way == way and (len(letters_of(text.words)) <= SHORT) == is_short
            ]
            _share(f"  {way}, {'short' if is_short else 'long'}", sum(rows), len(rows))
    return is_met


def main() -> int:
    """Measure and print; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", type=Path, nargs="*", default=[])
    parser.add_argument("--tables", type=Path, default=Path("no such folder"))
    parser.add_argument("--rewrites", type=int, default=len(WAYS))
    parser.add_argument("--stored", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.texts:
        offers = _labelled(given.texts, "positive")
        ordinary = _labelled(given.texts, "benign")
    else:
        offers = _demo(category.value for category in Category)
        ordinary = _demo(("ordinary", "look_alikes"))
    offers, dice = list(dict.fromkeys(offers)), random.Random(given.seed)
    texts = _rewritten(offers, ordinary, given.rewrites, dice, read_tables(given.tables))
    print(
        f"{len(offers)} offers written anew {given.rewrites} times, {len(ordinary)} ordinary texts"
    )
    with TemporaryDirectory() as folder, closing(_opened(folder)) as database:
        joined, _ = _assign(database, texts)
    is_met = _report(joined)
    with TemporaryDirectory() as folder, closing(_opened(folder)) as database:
        _assign(database, _stored(offers, given.stored, dice))
        _, took = _assign(database, texts[:COSTED])
    took.sort()
    p99 = took[int(len(took) * 0.99) - 1]
    verdict = "met" if p99 <= MAX_P99_MS else "MISSED"
    print(
        f"  a text among {given.stored} others, one core: p50 {statistics.median(took):.2f} ms, "
        f"p99 {p99:.2f} ms   goal {MAX_P99_MS:g}: {verdict}"
    )
    return 0 if is_met and p99 <= MAX_P99_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
