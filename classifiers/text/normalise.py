"""From a text as it was written to the form that is matched, with a way back.

Two views of a text:

* `fold`: every character in its canonical form; separators stay. Contacts,
  identifiers and prices are read from it.
* `normalise`: folded, and what was injected into words is gone. Terms and cues
  are matched in it.

Both cost time linear in the length of the text, whatever it holds.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import attrgetter
from typing import Final, NamedTuple

from classifiers.text.characters import (
    CJK,
    DELETED,
    EXPANDED,
    FOLDS,
    LATIN_LIKE,
    Operator,
    fold_character,
    operator_of,
)

__all__ = ["Normalised", "Undone", "fold", "normalise", "normalise_folded"]

# Pictures of a document, a card, a face or a selfie stand for words of the trade.
KEPT_SYMBOLS: Final = "🆔🪪🤳💳"
# Punctuation that ends a clause (，。、！？：；) stays: what it parts are different words.
SEPARATORS: Final = (
    f"(?![{KEPT_SYMBOLS}])"
    r"[ .*·/|_~^+=#$%&@\\'\"`()\[\]{}<>\-"
    "\u00a1-\u00bf\u00d7\u00f7\u2010-\u2027\u2030-\u205e\u20a0-\u2bff\u3003\u3004\u3008-\u3020"
    "\u3030\u303d-\u303f\u30fb\ufe30-\ufe6f\U0001f000-\U0001faff]"
)
# Names of stickers that markets and messengers write in brackets. Only these are
# dropped: dropping any bracketed word would let a term hide in brackets.
STICKERS: Final = (
    "火 火焰 得意 色 爱心 心 玫瑰 强 赞 微笑 大笑 偷笑 笑哭 流泪 大哭 发怒 害羞 呲牙 酷 惊讶 惊恐 流汗 "
    "憨笑 奋斗 疑问 嘘 晕 再见 鼓掌 抱拳 握手 胜利 拥抱 太阳 月亮 咖啡 蛋糕 礼物 红包 鲜花 闪电 炸弹 "
    "便便 菜刀 刀 啤酒 示爱 嘴唇 凋谢 心碎 勾引 拳头 差劲 爱你 飞吻 跳跳 发抖 怄火 转圈 机智 嘿哈 捂脸 "
    "奸笑 皱眉 耶 吃瓜 加油 汗 天啊 社会社会 旺柴 好的 打脸 哇 翻白眼 666 让我看看 叹气 苦涩 裂开 "
    "烟花 爆竹 福 發 发 庆祝 合十 红心 星星 皇冠 钻石 咒骂 吐 呆 可怜 亲亲 调皮 尴尬 撇嘴"
)
STICKER: Final = r"\[(?:" + "|".join(sorted(STICKERS.split(), key=len, reverse=True)) + r")\]"
# Whole runs, possessively: no position is ever looked at twice, and what stands
# on either side is examined in code.
RUN: Final = re.compile(rf"(?:{STICKER}|{SEPARATORS})++")
CHINESE: Final = re.compile(rf"[{CJK}]")
WORD: Final = re.compile(rf"[{CJK}a-z0-9]")
# Letters spelled out one by one: "s f z", "K.Y.C".
SPELLED: Final = re.compile(
    rf"(?<![a-z0-9])[a-z](?:(?:{SEPARATORS}){{1,3}}[a-z](?![a-z0-9]))++(?![a-z0-9])"
)
SEPARATOR_RUN: Final = re.compile(rf"(?:{SEPARATORS})++")
EXCEPTIONS: Final = re.compile(f"[{DELETED}{EXPANDED}]+")
STICKER_PATTERN: Final = re.compile(STICKER)
LATIN_FORMS: Final = str.maketrans(LATIN_LIKE)
LIKE: Final = "".join(LATIN_LIKE)
LETTERS: Final = re.compile(f"[a-z{LIKE}]+")
LATIN_LETTER: Final = re.compile("[a-z]")
HAS_LIKE: Final = re.compile(f"[{LIKE}]")


class Undone(NamedTuple):
    """A place in the original where a disguised word was rewritten.

    Attributes:
        start: its first character.
        end: one past the last.
        operator: the disguise.
        dropped: what was dropped between the characters of the disguised word.
    """

    start: int
    end: int
    operator: Operator
    dropped: tuple[Operator, ...] = ()


@dataclass(frozen=True, slots=True)
class Normalised:
    """A view of a text and where each of its characters came from.

    Attributes:
        original: the text as written.
        text: the view.
        starts: for each character of the view, the first original character it
            stands for; never decreasing.
        ends: one past the last; never decreasing, and above its start.
        undone: words that were rewritten, in text order; their characters in the view
            all point to the whole of what stood there.
    """

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    undone: tuple[Undone, ...] = ()
    _reach: Sequence[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """For each of `undone`, the furthest end so far: what is looked up then never falls."""
        reach = tuple(accumulate((each.end for each in self.undone), max))
        object.__setattr__(self, "_reach", reach)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Half-open place in the original of ``text[start:end]``.

        Raises:
            IndexError: the place is not inside the view.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"no span {start}:{end} in a view of {len(self.text)} characters")
        if start == end:
            at = self.starts[start] if start < len(self.text) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def operators(self, start: int, end: int) -> tuple[Operator, ...]:
        """Which disguises were undone inside ``text[start:end]``, in the order of `Operator`."""
        if start >= end:
            return ()
        first, last = self.span(start, end)
        written = {self.starts[at] for at in range(start, end)}
        found = set(self.dropped(start, end))
        for each in self._undone_in(first, last):
            written.update(range(each.start, each.end))
            found.update((each.operator, *each.dropped))
        found.update(filter(None, (operator_of(self.original[at]) for at in written)))
        if any(
            self.text[at].isascii() and fold_character(self.original[self.starts[at]]) in LATIN_LIKE
            for at in range(start, end)
        ):
            found.add(Operator.LOOKALIKES)
        return tuple(operator for operator in Operator if operator in found)

    def dropped(self, start: int, end: int, star: int | None = None) -> tuple[Operator, ...]:
        """What left nothing between the characters of ``text[start:end]``.

        Args:
            start: first character in the view.
            end: one past the last.
            star: place in the original of a sign that stands for a character, and is none.

        Returns:
            Some of invisible characters, separators and stickers, in the order of `Operator`.
        """
        found = set()
        for at in range(start, end - 1):
            places = range(self.ends[at], self.starts[at + 1])
            gap = [self.original[place] for place in places if place != star]
            if any(operator_of(char) is Operator.INVISIBLE for char in gap):
                found.add(Operator.INVISIBLE)
            seen = "".join(map(fold_character, gap))
            bare = STICKER_PATTERN.sub("", seen)
            if bare != seen:
                found.add(Operator.STICKERS)
            if bare.strip("\n"):
                found.add(Operator.SEPARATORS)
        return tuple(operator for operator in Operator if operator in found)

    def _undone_in(self, first: int, last: int) -> Iterator[Undone]:
        """Those of `undone` that share a character with a place of the original."""
        after = bisect_left(self.undone, last, key=attrgetter("start"))
        for at in range(bisect_right(self._reach, first), after):
            if self.undone[at].end > first:
                yield self.undone[at]


def fold(text: str) -> Normalised:
    """The view in which every character is canonical and separators stay.

    >>> fold("加Ｖ：①③").text
    '加v:13'
    """
    folded = text.translate(FOLDS)
    if HAS_LIKE.search(folded):
        folded = _as_latin(folded)
    if DELETED not in folded and EXPANDED not in folded:
        return Normalised(text, folded, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for exception in EXCEPTIONS.finditer(folded):
        at = exception.start()
        pieces.append(folded[done:at])
        starts.extend(range(done, at))
        ends.extend(range(done + 1, at + 1))
        done = exception.end()
        for place in range(at, done):
            form = fold_character(text[place])
            pieces.append(form)
            starts.extend([place] * len(form))
            ends.extend([place + 1] * len(form))
    pieces.append(folded[done:])
    starts.extend(range(done, len(text)))
    ends.extend(range(done + 1, len(text) + 1))
    return Normalised(text, "".join(pieces), starts, ends)


def _as_latin(text: str) -> str:
    """Words in which Latin letters and others of like shape are mixed, all in Latin ones.

    Linear: the words are found by splitting at what is no letter of either kind.
    """
    return LETTERS.sub(
        lambda word: word[0].translate(LATIN_FORMS) if LATIN_LETTER.search(word[0]) else word[0],
        text,
    )


def normalise_folded(folded: Normalised) -> Normalised:
    """`normalise` for a caller that has folded the text already."""
    gaps = [run.span() for run in RUN.finditer(folded.text) if _is_injected(folded.text, run)]
    for word in SPELLED.finditer(folded.text):
        gaps.extend(
            (run.start(), run.end())
            for run in SEPARATOR_RUN.finditer(folded.text, word.start(), word.end())
        )
    if not gaps:
        return folded
    gaps.sort()
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for at, until in [*gaps, (len(folded.text), len(folded.text))]:
        pieces.append(folded.text[done:at])
        starts.extend(folded.starts[done:at])
        ends.extend(folded.ends[done:at])
        done = until
    return Normalised(folded.original, "".join(pieces), starts, ends, folded.undone)


def _is_injected(text: str, run: re.Match[str]) -> bool:
    """Whether the run stands inside Chinese writing, or between it and a letter or digit."""
    first, last = run.span()
    if not first or last == len(text):
        return False
    before, after = text[first - 1], text[last]
    if CHINESE.match(before):
        return WORD.match(after) is not None
    return WORD.match(before) is not None and CHINESE.match(after) is not None


def normalise(text: str) -> Normalised:
    """The view in which terms are matched.

    >>> normalise("人*脸*四 件 套").text
    '人脸四件套'
    >>> normalise("S F Z 正-反").text
    'sfz正反'
    """
    return normalise_folded(fold(text))
