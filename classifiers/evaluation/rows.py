"""What is measured on: labelled rows, ordinary texts, and ordinary texts that a person judged.

All are JSON Lines (``.jsonl`` or ``.jsonl.gz``). A line that cannot be used becomes a
`Problem` and the rest goes on. Nothing that a model learned from may be measured on:
`read_learned` and `kept_out_texts` ask `classifiers.training.data` what that was.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from classifiers.contract import OFFER_INTENTS, Category, Intent
from classifiers.training import data

__all__ = [
    "EVERYDAY",
    "EVERYDAY_KIND",
    "LOOK_ALIKES",
    "PLAIN_KINDS",
    "TALK",
    "TEST_ROWS",
    "KnownText",
    "LabelledRow",
    "Learned",
    "OrdinaryText",
    "Problem",
    "data_folder_of",
    "kept_out_texts",
    "leave_out_learned",
    "read_known",
    "read_labelled",
    "read_learned",
    "read_ordinary",
    "text_digest",
]

TEST_ROWS: Final = data.TEST_ROWS
"""Rows of the repository that nothing learns from: what is measured on by default."""

LABELS: Final = ("positive", "benign", "adjacent")
LOOK_ALIKES: Final = "look-alikes"
TALK: Final = "talk and forms"
EVERYDAY: Final = "everyday texts"
EVERYDAY_FAMILIES: Final = "look_everyday_"
EVERYDAY_KIND: Final = "everyday"
"""Texts that no word of the trade resembles: among the look-alikes they would flatter."""

GROUP_OF_KIND: Final[Mapping[str, str]] = {
    "look": LOOK_ALIKES,
    EVERYDAY_KIND: EVERYDAY,
    "talk": TALK,
    "form": TALK,
    "refuse": TALK,
}
PLAIN_KINDS: Final = frozenset({"plain", "english"})
"""Offers in the trade's own words: the ones that training rows come nearest to."""

NO_FAMILY: Final = "no family"
MAX_LINE_BYTES: Final = 8 * 1024 * 1024
MIN_DIGEST_DIGITS: Final = 12
HAN: Final = re.compile(r"[\u3400-\u9fff]")
HEX: Final = re.compile(r"[0-9a-f]+")
SUFFIXES: Final = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be used; `line` is 0 where the whole file cannot be read."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """A text that a person labelled.

    Attributes:
        text: title and description, joined by a line end.
        label: ``positive`` (an offer of the trade), ``benign``, or ``adjacent``:
            neighbouring abuse, neither hit nor false alarm.
        category: the trade; None for rows that are no offer of it.
        intent: what the writer wants; None where nobody said.
        family: rows written on one theme.
        kind: the first word of the family: ``plain``, ``slang``, ``look`` ...;
            ``everyday`` for families that begin with `EVERYDAY_FAMILIES`.
        language: ``zh`` or ``en``.
        batch: who wrote it.
    """

    text: str
    label: str
    category: Category | None
    intent: Intent | None
    family: str
    kind: str
    language: str
    batch: str

    @property
    def is_offer(self) -> bool:
        """Whether it should be found."""
        return self.label == "positive"

    @property
    def group(self) -> str:
        """Of a harmless row: `EVERYDAY`, `LOOK_ALIKES` (it sells something) or `TALK`."""
        by_intent = LOOK_ALIKES if self.intent in OFFER_INTENTS else TALK
        return GROUP_OF_KIND.get(self.kind, by_intent)


@dataclass(frozen=True, slots=True)
class OrdinaryText:
    """A real text that nobody labelled, and the kind of place that it comes from."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class KnownText:
    """An ordinary text that a person looked at.

    Attributes:
        digest: the first hexadecimal digits of its SHA-256.
        label: what it really is.
    """

    digest: str
    label: str


class _BadLine(ValueError):
    """Its text is the reason."""


def text_digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, hexadecimal; lone surrogates are encoded as they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


Row = TypeVar("Row")


def read_labelled(paths: Iterable[Path], problems: list[Problem]) -> list[LabelledRow]:
    """Read labelled rows; a text that occurs again is left out.

    Args:
        paths: files or folders of them.
        problems: is added to.

    Raises:
        OSError: a path does not exist.
    """
    rows: list[LabelledRow] = []
    seen: dict[str, str] = {}
    for path in _files(paths):
        for number, given in _objects(path, problems):
            try:
                row = _labelled(given, path)
                if seen.setdefault(row.text, row.label) != row.label:
                    raise _BadLine(f"the same text is labelled {seen[row.text]} elsewhere")
            except ValueError as error:
                problems.append(Problem(str(path), number, str(error)))
                continue
            rows.append(row)
    return list({row.text: row for row in reversed(rows)}.values())[::-1]


def read_ordinary(paths: Iterable[Path], problems: list[Problem]) -> list[OrdinaryText]:
    """Read ordinary texts, each once.

    Their kind is the name of their file; where there is one file only, their ``source``.

    Args:
        paths: files, folders of them, or data folders (texts in ``text``).
        problems: is added to.

    Raises:
        OSError: a path does not exist.
    """
    chosen = [path / "text" if data_folder_of(path) == path else path for path in paths]
    files = _files(chosen)
    found: dict[str, OrdinaryText] = {}
    for path in files:
        for number, given in _objects(path, problems):
            try:
                text = _text(given)
                source = _word(given, "source")
            except _BadLine as error:
                problems.append(Problem(str(path), number, str(error)))
                continue
            kind = source if source and len(files) == 1 else _stem(path)
            found.setdefault(text, OrdinaryText(text, kind))
    return list(found.values())


def read_known(path: Path, problems: list[Problem]) -> list[KnownText]:
    """Read what people say about ordinary texts; rows without a label yet say nothing.

    Args:
        path: JSON Lines with ``label`` and ``sha256`` (its first twelve digits or more)
            or ``text``; the ``flagged.jsonl`` of a report has that form.
        problems: is added to.

    Raises:
        OSError: it does not exist.
    """
    found = []
    for number, given in _objects(path, problems):
        try:
            known = _known(given)
        except _BadLine as error:
            problems.append(Problem(str(path), number, str(error)))
            continue
        if known.label:
            found.append(known)
    return found


def data_folder_of(path: Path) -> Path | None:
    """The data folder that a path is or lies in: ``listings.jsonl`` beside ``text/*.jsonl.gz``."""
    for folder in (path, *path.parents[:2]):
        if (folder / "listings.jsonl").is_file() and any((folder / "text").glob("*.jsonl.gz")):
            return folder
    return None


def kept_out_texts(folder: Path, texts: Sequence[OrdinaryText]) -> list[OrdinaryText]:
    """Those ordinary texts of a data folder that nothing was trained or fitted on.

    Raises:
        OSError: a file of the folder cannot be read.
        ValueError: a line of it is not what training would have read.
    """
    training, fusion, reported = data.read_corpus(folder, own_rows=False).ordinary_parts()
    allowed = set(reported).difference(training, fusion)
    return [text for text in texts if text.text in allowed]


@dataclass(frozen=True, slots=True)
class Learned:
    """Labelled texts that models or their fusion learned from.

    Attributes:
        texts: of them.
        left_out: training rows that equal a test row of the repository, case, spaces and
            punctuation aside: nothing learns from those.
    """

    texts: Sequence[str]
    left_out: int


def read_learned(folder: Path | None) -> Learned:
    """What was learned from.

    Args:
        folder: the data folder that models were trained on; None: only the repository's
            own training rows are known.

    Raises:
        OSError: a file of the folder cannot be read.
        ValueError: a line of it is not what training would have read.
    """
    tested = {data.text_key(row.text) for row in data.read_test_rows()}
    own = [row for path in sorted(data.OWN_ROWS.glob("*.jsonl")) for row in data.read_rows(path)]
    usable = [row.text for row in own if row.label != "adjacent"]
    texts = [text for text in usable if data.text_key(text) not in tested]
    left_out = len(usable) - len(texts)
    if folder:
        texts += [row.text for row in data.read_corpus(folder, own_rows=False).training]
        left_out += sum(
            row.label != "adjacent" and data.text_key(row.text) in tested
            for row in data.read_rows(folder / "listings.jsonl")
        )
    return Learned(texts, left_out)


def leave_out_learned(rows: Sequence[LabelledRow], folder: Path | None) -> list[LabelledRow]:
    """Labelled rows whose text, case, spaces and punctuation aside, no model learned from.

    The repository's test rows all remain: training leaves out what equals one of them.

    Args:
        rows: labelled.
        folder: as in `read_learned`.

    Raises:
        OSError: a file of the folder cannot be read.
        ValueError: a line of it is not what training would have read.
    """
    learned = {_comparable(text) for text in read_learned(folder).texts}
    return [row for row in rows if _comparable(row.text) not in learned]


def _comparable(text: str) -> str:
    # Texts of signs alone have no key; each is only like itself.
    return data.text_key(text) or text


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.name.endswith(SUFFIXES))
            if not inside:
                raise FileNotFoundError(2, "no .jsonl or .jsonl.gz file in it", str(path))
            found += inside
        else:
            path.stat()
            found.append(path)
    return list(dict.fromkeys(found))


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".jsonl")


def _objects(path: Path, problems: list[Problem]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The JSON objects of a file with their line numbers."""
    number = 0
    try:
        for number, line in enumerate(_lines(path), start=1):
            if line.strip():
                try:
                    yield number, _object(line)
                except _BadLine as error:
                    problems.append(Problem(str(path), number, str(error)))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        problems.append(Problem(str(path), number + 1, f"damaged gzip, the rest is lost: {error}"))


def _lines(path: Path) -> Iterator[bytes]:
    """Lines of at most `MAX_LINE_BYTES` and one byte more; the rest of a longer one is skipped."""
    with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            yield line
            while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE_BYTES + 1)


def _object(line: bytes) -> Mapping[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise _BadLine(f"longer than {MAX_LINE_BYTES // 1024 // 1024} MiB")
    try:
        value = json.loads(line.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise _BadLine(f"not UTF-8: byte {error.start}") from error
    except RecursionError as error:
        raise _BadLine("not JSON that can be read: nested too deep") from error
    except ValueError as error:
        raise _BadLine(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise _BadLine("not a JSON object")
    return value


def _text(given: Mapping[str, Any]) -> str:
    parts = (
        [given.get("text")] if "text" in given else [given.get("title"), given.get("description")]
    )
    for part in parts:
        if part is not None and not isinstance(part, str):
            raise _BadLine("text: not a text")
    text = "\n".join(part for part in parts if part)
    if not text.strip():
        raise _BadLine("text is missing or empty: give text, or title and description")
    return text


def _word(given: Mapping[str, Any], field: str) -> str:
    """A short text that may be missing; broken Unicode in it is replaced."""
    value = given.get(field, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _BadLine(f"{field}: not a text")
    return value.encode("utf-8", "replace").decode("utf-8")[:80]


def _known(given: Mapping[str, Any]) -> KnownText:
    label = _word(given, "label")
    if label and label not in LABELS:
        raise _BadLine(f"label: {label!r} is not one of {', '.join(LABELS)}")
    digest = _word(given, "sha256").lower() or text_digest(_text(given))
    if len(digest) < MIN_DIGEST_DIGITS or not HEX.fullmatch(digest):
        raise _BadLine(f"sha256: {MIN_DIGEST_DIGITS} hexadecimal digits or more are needed")
    return KnownText(digest, label)


def _labelled(given: Mapping[str, Any], path: Path) -> LabelledRow:
    text = _text(given)
    label = _word(given, "label")
    if label not in LABELS:
        raise _BadLine(f"label: {label!r} is not one of {', '.join(LABELS)}")
    category, intent = _word(given, "category"), _word(given, "intent")
    if label == "positive" and category not in set(Category):
        raise _BadLine(f"category: {category!r} is none of the eight")
    if intent and intent not in set(Intent):
        raise _BadLine(f"intent: {intent!r} is none of the seven")
    family = _word(given, "family")
    return LabelledRow(
        text=text,
        label=label,
        category=Category(category) if label == "positive" else None,
        intent=Intent(intent) if intent else None,
        family=family or category or NO_FAMILY,
        kind=_kind_of(family),
        language=_word(given, "lang") or ("zh" if HAN.search(text) else "en"),
        batch=_word(given, "batch") or str(given.get("id", "")).rpartition("-")[0] or _stem(path),
    )


def _kind_of(family: str) -> str:
    if family.startswith(EVERYDAY_FAMILIES):
        return EVERYDAY_KIND
    return family.partition("_")[0] or NO_FAMILY
