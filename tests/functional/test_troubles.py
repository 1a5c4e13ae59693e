"""A short run of `benchmarks.troubles`: what the markets know agrees with what was recorded."""

from __future__ import annotations

from pathlib import Path

from benchmarks.troubles import measure


def test_no_trouble_is_taken_for_a_zero_and_every_gap_is_closed_in_the_end(tmp_path: Path) -> None:
    """Half of all answers are trouble, so that few looks meet every kind of mistake."""
    tally = measure(tmp_path / "data", polls=60, share=0.5, has_silence=False)
    assert sum(tally.troubles.values()) >= 20
    assert tally.circuits >= 3
    assert tally.gaps >= 10
    assert tally.trouble_as_seen == []
    assert tally.honest_as_unseen == []
    assert tally.gaps_wrong == []
    assert (tally.during_rests, tally.too_soon, tally.gaps_open) == (0, 0, 0)
