"""An operator's own vocabulary, laid over the shipped one from a folder of their own.

The folder holds some of the tables ``keywords.csv``, ``cues.csv``, ``parts.csv``,
``words.csv`` and ``innocent.csv``, with the headings of the shipped ones and, if wanted,
one more column ``remove``. A row is added; one with the key of a shipped row replaces it;
``remove`` = ``yes`` switches that row off, and so does a term's weight of 0. A row is one
line. A broken one is reported and loses that row only.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from classifiers.contract import Term
from classifiers.lexicon import (
    YES_NO,
    Cue,
    CueKind,
    Part,
    StarterKeyword,
    VocabularyError,
    Word,
    _cue,
    _keyword,
    _part,
    _word,
    cues,
    disguised_words,
    innocent_spellings,
    parts,
    starter_terms,
    topics,
)
from classifiers.text.normalise import normalise

__all__ = ["TABLES", "Effect", "Overlay", "RowProblem", "read_overlay"]

REMOVE: Final = "remove"
SOURCE: Final = "overlay"
EVERY: Final = ""
"""In a row that removes: of every kind, of every part."""

Row = TypeVar("Row")
Key = tuple[str, str]
Changes = Mapping[Key, Any]


class RowProblem(NamedTuple):
    """A row that is not used; line 0: the whole file is not."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        """For people."""
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {self.reason}"


class Effect(NamedTuple):
    """What a table does to the shipped vocabulary; `idle` rows remove what is not there."""

    file: str
    added: int
    replaced: int
    removed: int
    idle: int


class _Table(NamedTuple):
    """A file: its heading, how a row is built and what its key is."""

    columns: tuple[str, ...]
    build: Callable[[Mapping[str, str]], Any]
    kind_column: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """Changes to the vocabulary, by file and key; None: the row is removed.

    Attributes:
        changes: for each file that is there.
        problems: rows that are not used.
    """

    changes: Mapping[str, Changes]
    problems: tuple[RowProblem, ...] = ()

    @property
    def version(self) -> str:
        """Equal for equal changes, whatever their order."""
        rows = sorted(
            repr((file, key, _comparable(row)))
            for file, changes in self.changes.items()
            for key, row in changes.items()
        )
        text = "\n".join(rows)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12] if rows else "none"

    def terms(self, base: Iterable[Term]) -> tuple[Term, ...]:
        """Terms changed; one that is replaced keeps its source, so that its hits are its own."""
        before = list(base)
        sources = {_term_key(term): term.source for term in before}
        changes = {
            key: replace(term, source=sources[key]) if term and key in sources else term
            for key, term in self.changes.get("keywords.csv", {}).items()
        }
        return _laid_over(before, _term_key, changes)

    def cues(self, base: Iterable[Cue]) -> tuple[Cue, ...]:
        """Cues changed; two of one text and different kinds are two."""
        return _laid_over(base, _cue_key, self.changes.get("cues.csv", {}))

    def parts(self, base: Iterable[Part]) -> tuple[Part, ...]:
        """Phrases changed; one phrase may name two parts."""
        return _laid_over(base, _part_key, self.changes.get("parts.csv", {}))

    def words(self, base: Iterable[Word]) -> tuple[Word, ...]:
        """Words that sellers disguise, changed."""
        return _laid_over(base, _word_key, self.changes.get("words.csv", {}))

    @property
    def innocent(self) -> tuple[str, ...]:
        """Further spellings that are ordinary words."""
        return tuple(self.changes.get("innocent.csv", {}).values())

    def effects(self) -> tuple[Effect, ...]:
        """What each file does to the shipped vocabulary, for people."""
        shipped = {
            "keywords.csv": {_term_key(term) for term in starter_terms()},
            "cues.csv": {_cue_key(cue) for cue in cues()},
            "parts.csv": {_part_key(part) for part in parts()},
            "words.csv": {_word_key(word) for word in disguised_words()},
            "innocent.csv": {(spelling, EVERY) for spelling in innocent_spellings()},
        }
        return tuple(
            _effect(file, changes, shipped[file]) for file, changes in self.changes.items()
        )


def read_overlay(folder: Path) -> Overlay:
    """Read an operator's tables.

    Raises:
        VocabularyError: there is no such folder, or none of the tables is in it.
    """
    if not folder.is_dir():
        raise VocabularyError("not a folder")
    problems: list[RowProblem] = []
    changes = {
        file: _read_table(folder / file, table, problems)
        for file, table in TABLES.items()
        if (folder / file).exists()
    }
    if not changes:
        raise VocabularyError(f"none of {', '.join(TABLES)} is in it")
    problems += [
        RowProblem(path.name, 0, f"is not read; tables are {', '.join(TABLES)}")
        for path in sorted(folder.glob("*.csv"))
        if path.name not in TABLES
    ]
    return Overlay(changes, tuple(problems))


def _read_table(path: Path, table: _Table, problems: list[RowProblem]) -> Changes:
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
    except OSError as error:
        problems.append(RowProblem(path.name, 0, error.strerror or "cannot be read"))
        return {}
    found: dict[Key, Any] = {}
    seen: dict[Key, int] = {}
    heading: tuple[str, ...] = ()
    for number, line in enumerate(lines, start=1):
        try:
            cells = next(csv.reader([line.decode("utf-8")], strict=True), [])
            if not heading:
                heading = _heading(cells, table)
                continue
            if not any(cell.strip() for cell in cells):
                continue
            key, row = _change(cells, heading, table)
        except UnicodeDecodeError:
            problems.append(RowProblem(path.name, number, "not UTF-8"))
        except (csv.Error, ValueError) as error:
            problems.append(RowProblem(path.name, number, str(error)))
            if not heading:
                break
        else:
            if key in seen:
                reason = f"line {seen[key]} is about the same"
                problems.append(RowProblem(path.name, number, reason))
            else:
                found[key], seen[key] = row, number
    if not lines:
        problems.append(RowProblem(path.name, 0, "is empty: a heading is needed"))
    return found


def _heading(cells: Sequence[str], table: _Table) -> tuple[str, ...]:
    if tuple(cells) not in {table.columns, (*table.columns, REMOVE)}:
        raise ValueError(
            f"the heading is not {','.join(table.columns)}, with or without a last {REMOVE}"
        )
    return tuple(cells)


def _change(cells: Sequence[str], heading: Sequence[str], table: _Table) -> tuple[Key, Any]:
    if len(cells) != len(heading):
        raise ValueError(f"{len(cells)} cells instead of {len(heading)}")
    row = dict(zip(heading, cells, strict=True))
    mark = row.pop(REMOVE, "") or "no"
    if mark not in YES_NO:
        raise ValueError(f"{REMOVE} is {mark!r}, not one of {', '.join(YES_NO)} or nothing")
    text = row[table.columns[0]]
    form = text.strip() if table.build is _innocent else normalise(text).text.strip()
    if not form:
        raise ValueError(f"{table.columns[0]} holds nothing that is matched")
    key = (form, row.get(table.kind_column, EVERY))
    if YES_NO[mark] or (table.build is _term and _is_zero(row["weight"])):
        if table.build is _innocent:
            raise ValueError("a spelling that is shipped as innocent cannot be removed")
        if table.build is _cue and key[1] not in {EVERY, *CueKind}:
            raise ValueError(f"{key[1]!r} is not a kind of cue")
        return key, None
    return key, table.build(row)


def _is_zero(cell: str) -> bool:
    try:
        return float(cell) == 0
    except ValueError:
        return False


def _term(row: Mapping[str, str]) -> Term:
    keyword: StarterKeyword = _keyword(row)
    return Term(keyword.term, keyword.category, keyword.weight, SOURCE)


def _known_part(row: Mapping[str, str]) -> Part:
    part = _part(row)
    names = [topic.part for topic in topics()]
    if part.part not in names:
        raise ValueError(f"part is {part.part!r}, not one of {', '.join(names)}")
    return part


def _long_word(row: Mapping[str, str]) -> Word:
    word = _word(row)
    if len(normalise(word.text).text) < 2:
        raise ValueError("one character is too little to find in disguise")
    return word


def _innocent(row: Mapping[str, str]) -> str:
    return row["spelling"].strip()


TABLES: Final[Mapping[str, _Table]] = {
    "keywords.csv": _Table(
        ("term", "category", "language", "severity", "weight", "search", "reason"), _term, ""
    ),
    "cues.csv": _Table(("cue", "kind", "scope", "weight", "reason"), _cue, "kind"),
    "parts.csv": _Table(("phrase", "part", "weight"), _known_part, "part"),
    "words.csv": _Table(("word", "distinct"), _long_word, ""),
    "innocent.csv": _Table(("spelling",), _innocent, ""),
}
"""The files that are read, with their headings."""


def _term_key(term: Term) -> Key:
    return normalise(term.text).text, EVERY


def _cue_key(cue: Cue) -> Key:
    return normalise(cue.text).text, cue.kind.value


def _part_key(part: Part) -> Key:
    return normalise(part.phrase).text, part.part


def _word_key(word: Word) -> Key:
    return normalise(word.text).text, EVERY


def _laid_over(
    base: Iterable[Row], key_of: Callable[[Row], Key], changes: Changes
) -> tuple[Row, ...]:
    """The rows that nothing replaces or removes, and then those of the overlay."""
    kept = []
    for row in base:
        key = key_of(row)
        is_removed = (key[0], EVERY) in changes and changes[key[0], EVERY] is None
        if not is_removed and key not in changes:
            kept.append(row)
    return (*kept, *(row for row in changes.values() if row is not None))


def _effect(file: str, changes: Changes, shipped: set[Key]) -> Effect:
    added = replaced = removed = idle = 0
    for key, row in changes.items():
        is_known = key in shipped or (
            key[1] == EVERY and any(text == key[0] for text, _ in shipped)
        )
        added += row is not None and not is_known
        replaced += row is not None and is_known
        removed += row is None and is_known
        idle += row is None and not is_known
    return Effect(file, added, replaced, removed, idle)


def _comparable(row: Any) -> object:
    """Without sets, whose order is another in every process."""
    if isinstance(row, Cue):
        return row.text, row.kind, sorted(row.scope), row.intent, row.weight
    return row
