"""How fast texts are read: normaliser and lexicon, all views, the whole cascade.

    python -m benchmarks.text [--texts FILE.jsonl[.gz] ...] [--rounds N]

One thread. Without `--texts` the invented ordinary listings of the demo are read; the
figures in the docs come from real shopping queries. Peers read the same texts in turn:
the bare automaton (ahocorasick_rs without any normalisation, so it finds only what
nobody disguised) and one regular expression of all terms.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import platform
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import ahocorasick_rs

from classifiers.assess import Assessor
from classifiers.contract import Category, Listing, Term
from classifiers.lexicon import sounds, starter_terms
from classifiers.text.disguises import shipped_undisguiser
from classifiers.text.lexicon import Lexicon
from classifiers.text.normalise import fold, normalise

TERMS = 2_000
SHORT = 40
GOALS = {
    "normaliser and lexicon, one view (texts/s)": 50_000,
    "cascade, ordinary texts (texts/s)": 5_000,
}
MAX_P99_MS = 50.0
LONG_CHARS = 600
MAX_START_S = 2.0
MAX_MEMORY_MB = 500
START = """
import time
begun = time.perf_counter()
from classifiers.assess import Assessor
from classifiers.contract import Listing
Assessor().assess(Listing("出人脸四件套 一手"))
print(time.perf_counter() - begun)
"""


def _read(paths: Sequence[Path]) -> list[str]:
    texts = []
    for path in paths:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        texts += [json.loads(line)["text"] for line in content.splitlines()]
    return texts


def _demo_texts() -> list[str]:
    folder = files("monitor.demo") / "data"
    texts = []
    for name in ("ordinary.jsonl", "look_alikes.jsonl"):
        lines = (folder / name).read_text("utf-8").splitlines()
        texts += [json.loads(line)["title"] for line in lines]
    return texts


def _terms() -> list[Term]:
    """The starter vocabulary and as many invented terms as make `TERMS`."""
    terms = list(starter_terms())
    chars = list(sounds())
    step = 0
    while len(terms) < TERMS:
        word = "".join(chars[(step * 37 + place * 911) % len(chars)] for place in range(3))
        terms.append(Term(word, Category.FACE_ID_BUNDLE, 1.0, f"keyword:{step}@1"))
        step += 1
    return terms[:TERMS]


def _rate(read: Callable[[str], object], texts: Sequence[str]) -> float:
    begun = time.thread_time()
    for text in texts:
        read(text)
    return len(texts) / (time.thread_time() - begun)


def main() -> int:
    """Measure and print; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", type=Path, nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    texts = _read(given.texts) if given.texts else _demo_texts() * 10
    short = [text for text in texts if len(text) <= SHORT][:20_000]
    terms = _terms()
    lexicon, undisguiser, assessor = Lexicon(terms), shipped_undisguiser(), Assessor()
    bare = ahocorasick_rs.AhoCorasick([term.text for term in terms])
    alternation = re.compile("|".join(re.escape(term.text) for term in terms))

    def all_views(text: str) -> None:
        folded = fold(text)
        lexicon.find(normalise(text))
        lexicon.find(undisguiser.view(folded))

    readers: dict[str, Callable[[str], object]] = {
        "bare automaton, nothing normalised": bare.find_matches_as_indexes,
        "regular expression of all terms": alternation.findall,
        "normaliser and lexicon, one view (texts/s)": lambda text: lexicon.find(normalise(text)),
        "normaliser and lexicon, all views": all_views,
        "cascade, ordinary texts (texts/s)": lambda text: assessor.assess(Listing(text)),
    }
    mean = statistics.fmean(map(len, short))
    print(f"{len(short)} texts of up to {SHORT} characters (mean {mean:.1f}), {TERMS} terms")
    print(f"one thread, median of {given.rounds} rounds, Python {platform.python_version()}")
    rates: dict[str, list[float]] = {name: [] for name in readers}
    for read in readers.values():
        read(short[0])
    for _ in range(given.rounds):
        for name, read in readers.items():
            gc.collect()
            rates[name].append(_rate(read, short))
    missed = 0
    for name, found in rates.items():
        rate = statistics.median(found)
        goal = GOALS.get(name)
        missed += goal is not None and rate < goal
        print(f"  {name:46} {rate:12,.0f}/s{_verdict(goal, goal is not None and rate >= goal)}")
    long = [text[:LONG_CHARS] for text in texts if len(text) > SHORT][:2_000] or [
        "".join(short)[at : at + LONG_CHARS] for at in range(0, 60_000, LONG_CHARS)
    ]
    took = []
    for text in long:
        begun = time.perf_counter()
        assessor.assess(Listing(text))
        took.append((time.perf_counter() - begun) * 1000)
    p99 = sorted(took)[int(len(took) * 0.99) - 1]
    missed += p99 > MAX_P99_MS
    what = f"one text of {SHORT}-{LONG_CHARS} characters, p99 of {len(long)}"
    print(f"  {what}: {p99:.1f} ms{_verdict(MAX_P99_MS, p99 <= MAX_P99_MS)}")
    started = float(
        subprocess.run(
            [sys.executable, "-c", START], capture_output=True, text=True, check=True
        ).stdout
    )
    missed += started > MAX_START_S
    verdict = _verdict(MAX_START_S, started <= MAX_START_S)
    print(f"  start to first answer: {started:.2f} s{verdict}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    missed += memory > MAX_MEMORY_MB
    verdict = _verdict(MAX_MEMORY_MB, memory <= MAX_MEMORY_MB)
    print(f"  memory at its peak: {memory:.0f} MB{verdict}")
    return 1 if missed else 0


def _verdict(goal: float | None, is_met: bool) -> str:
    return "" if goal is None else f"   goal {goal:,.0f}: {'met' if is_met else 'MISSED'}"


if __name__ == "__main__":
    raise SystemExit(main())
