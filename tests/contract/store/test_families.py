"""Families of texts on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import delete, func, select

from monitor.store import tables as t
from monitor.store.database import Database
from monitor.store.families import families_of

WRITERS = 6


def test_writers_that_meet_found_one_family_for_alike_texts(database: Database) -> None:
    """Each sees what the one before has founded."""
    together = Barrier(WRITERS)

    def join(number: int) -> int:
        together.wait(60)
        sketch = tuple(range(number, 100 + number))
        with database.write() as tx:
            return families_of(tx, {f"text {number}": sketch}, now=database.now())[f"text {number}"]

    with ThreadPoolExecutor(WRITERS) as pool:
        assert len(set(pool.map(join, range(WRITERS)))) == 1


def test_equal_texts_without_a_letter_are_a_family(database: Database) -> None:
    """They have no grams by which others could be found."""
    with database.write() as tx:
        first = families_of(tx, {"🔥": (), "💳": ()}, now=database.now())
        assert families_of(tx, {"🔥": ()}, now=database.now()) == {"🔥": first["🔥"]}
    assert first["🔥"] != first["💳"]


def test_a_family_from_before_there_were_sketches_gets_one(database: Database) -> None:
    """From its own text, when that is seen again; from then on it holds alike texts too."""
    now = database.now()
    with database.write() as tx:
        tx.execute(t.text_family.insert().values(family_key="text", first_seen_at=now))
        old = families_of(tx, {"text": tuple(range(100))}, now=now)["text"]
        assert families_of(tx, {"alike": tuple(range(10, 110))}, now=now) == {"alike": old}


def test_a_familys_bands_go_with_it(database: Database) -> None:
    with database.write() as tx:
        families_of(tx, {"text": tuple(range(100))}, now=database.now())
        assert tx.execute(select(func.count()).select_from(t.text_band)).scalar_one() > 0
        tx.execute(delete(t.text_family))
        assert tx.execute(select(func.count()).select_from(t.text_band)).scalar_one() == 0
