"""What the whole decides about a harmless text with one picture: the figures of a listing.

    python -m benchmarks.picture_decisions --rendered FOLDER [--each N] [--text TEXT]

`--rendered` was written by ``classifiers.training.pictures.render --split test --part reported``.
Undisturbed pictures only, at most `--each` of every renderer. Each is read as the monitor reads a
picture of a listing that nothing speaks against, with all signals, and fused with the text.
Renderers are told apart into ordinary photos, hard ordinary pictures, and what shows the trade, of
renderers that nothing learned from and of others.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2

from classifiers.assess import Assessor
from classifiers.contract import Decision, Listing, PictureClass
from classifiers.evaluation.figures import Share, share_of
from classifiers.evaluation.picture_figures import HIT_CLASSES, certain
from classifiers.evaluation.picture_rows import PictureRow, read_pictures
from classifiers.evaluation.rows import Problem
from classifiers.images.reading import PictureReader

TEXT: Final = "闲置转让 九成新 可小刀"
"""As harmless as a title can be, so that the picture alone decides."""
MOST_HITS, MOST_FLAGGED = 0.02, 0.06
PHOTO: Final = "photos."
HARD: Final = "hard ordinary pictures"


def _kind(row: PictureRow) -> str:
    """What a row counts for; "" where people could disagree."""
    if row.shows & set(HIT_CLASSES):
        return f"shows the trade, {'kept-out' if row.kept_out else 'known'} renderers"
    if (
        PictureClass.ADVERT_TEXT in row.shows
        or not certain(row.shows, row.undecided)[PictureClass.ORDINARY]
    ):
        return ""
    return "ordinary photos" if row.renderer.startswith(PHOTO) else HARD


def _chosen(rows: Sequence[PictureRow], each: int) -> Iterator[tuple[str, PictureRow]]:
    seen: Counter[str] = Counter()
    for row in rows:
        kind = _kind(row)
        is_photo = row.renderer.startswith(PHOTO)
        if not kind or row.disturbances or (seen[row.renderer] >= each and not is_photo):
            continue
        seen[row.renderer] += 1
        yield kind, row


def _line(name: str, decisions: Counter[Decision]) -> tuple[Share, Share]:
    """Print one row; the shares of hits, and of hits and reviews."""
    n = decisions.total()
    hit = share_of(decisions[Decision.HIT], n)
    flagged = share_of(decisions[Decision.HIT] + decisions[Decision.REVIEW], n)
    shown = "  ".join(
        f"{share.count:5} = {share.share:6.1%} ({share.low:.1%} - {share.high:.1%})"
        for share in (hit, flagged)
        if share.share is not None
    )
    print(f"{name:44} n = {n:5}  {shown}")
    return hit, flagged


def main() -> int:
    """Measure and print; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rendered", type=Path, required=True)
    parser.add_argument("--each", type=int, default=25, help="pictures of each renderer")
    parser.add_argument("--text", default=TEXT, help="of the listing")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    problems: list[Problem] = []
    rows = read_pictures(given.rendered, problems)
    assessor = Assessor()
    text = assessor.assess(Listing(given.text))
    print(f"the text alone: {text.decision.value}, {text.score:.3f}")
    found: defaultdict[str, Counter[Decision]] = defaultdict(Counter)
    by_renderer: defaultdict[str, Counter[Decision]] = defaultdict(Counter)
    with PictureReader(assessor.assess) as reader:
        for kind, row in _chosen(rows, given.each):
            reading = reader.read(row.file, row.path.read_bytes())
            decision = assessor.join(text, [reading]).decision
            found[kind][decision] += 1
            by_renderer[f"{kind}: {row.renderer}"][decision] += 1
    print(f"{'':44} {'':9}  hit{'':25}  hit or review")
    shares = {kind: _line(kind, decisions) for kind, decisions in sorted(found.items())}
    for name, decisions in sorted(by_renderer.items()):
        _line(f"  {name.rpartition(': ')[2]}", decisions)
    for problem in problems:
        print(f"{problem.file}, line {problem.line}: {problem.reason}")
    hit, flagged = shares.get(HARD, (share_of(0, 0), share_of(0, 0)))
    is_met = (hit.share or 0.0) <= MOST_HITS and (flagged.share or 0.0) <= MOST_FLAGGED
    print(
        f"{HARD}: goal <= {MOST_HITS:.0%}, <= {MOST_FLAGGED:.0%}: {'met' if is_met else 'MISSED'}"
    )
    return 0 if is_met and not problems else 1


if __name__ == "__main__":
    raise SystemExit(main())
