"""The shipped signals in the pipeline, from a link to a redacted thumbnail."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from monitor.config import load_settings
from monitor.demo.pictures import draw
from monitor.domain.hit import HitFilter
from monitor.domain.picture import BlobKind, ContentState
from monitor.pipeline.index import index_due
from monitor.pipeline.workspace import Workspace, open_workspace
from monitor.services import evidence, known_pictures, triage
from tests.functional.pipeline.test_pictures import (
    OFFER,
    assert_nowhere,
    open_all,
    poll,
    serve,
    watch,
)
from tests.pictures import encoded
from tests.servers.shop import Card, Shop

MARK = b"PLANTED-BYTES-BEHIND-THE-PICTURE"


def _drawn() -> bytes:
    """A drawn card before noise, whose bytes stand in no other picture."""
    noise = Image.frombytes("RGB", (400, 400), random.Random(7).randbytes(400 * 400 * 3))
    noise.paste(Image.open(io.BytesIO(draw("held_card", "x"))), (40, 40))
    out = io.BytesIO()
    noise.save(out, "JPEG")
    return out.getvalue() + MARK


DRAWN = _drawn()


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """With the reader that it opens by itself."""
    settings = load_settings(data_dir=tmp_path / "data", allow_networks=("127.0.0.0/8",))
    with open_workspace(settings) as opened:
        assert opened.picture_reader is not None
        yield opened


def test_from_a_link_to_a_thumbnail_and_to_a_sealed_original(
    workspace: Workspace, shop: Shop, tmp_path: Path
) -> None:
    """Small, a JPEG, not the original; and in no file is there a byte of what was fetched."""
    serve(shop, "/offer.jpg", DRAWN)
    serve(shop, "/note.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    shop.put(Card("o1", OFFER, picture="/offer.jpg"), Card("o2", f"{OFFER} 2", picture="/note.svg"))
    watch(workspace, shop)
    poll(workspace)
    open_all(workspace)
    hits = {hit.native_id: hit for hit in triage.queue(workspace, HitFilter())}
    (kept,) = evidence.of_listing(workspace, hits["o1"].listing_id).pictures
    assert (kept.state, kept.media_type) == (ContentState.KEPT, "image/jpeg")
    small = Image.open(io.BytesIO(evidence.thumbnail(workspace, kept.id)))
    assert (small.format, max(small.size) <= 320) == ("JPEG", True)
    (refused,) = evidence.of_listing(workspace, hits["o2"].listing_id).pictures
    assert (refused.state, refused.reason) == (ContentState.REFUSED, "vector")
    index_due(workspace)
    assert_nowhere(tmp_path, DRAWN[-2000:])
    evidence.hold(workspace, hits["o1"].id, person="Li", basis="7", days=9, actor="test")
    open_all(workspace)
    blobs = evidence.of_listing(workspace, hits["o1"].listing_id).blobs
    original = next(blob for blob in blobs if blob.kind is BlobKind.ORIGINAL)
    assert evidence.view(workspace, original.id, reason="7", actor="li")[1] == DRAWN
    for face in (blob for blob in blobs if blob.kind is BlobKind.FACE):
        shown = evidence.view(workspace, face.id, reason="7", actor="li")[1]
        assert Image.open(io.BytesIO(shown)).format == "PNG"
    assert_nowhere(tmp_path, DRAWN[-2000:])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (DRAWN[:2000], "truncated"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "damaged"),
        (b"%PDF-1.7 " * 99, "unknown_format"),
    ],
)
def test_what_can_not_be_decoded_has_a_name(
    workspace: Workspace, shop: Shop, content: bytes, reason: str
) -> None:
    """And the text decides alone."""
    serve(shop, "/offer.jpg", content)
    shop.put(Card("o1", OFFER, picture="/offer.jpg"))
    watch(workspace, shop)
    poll(workspace)
    before = triage.queue(workspace, HitFilter())[0]
    open_all(workspace)
    after = triage.queue(workspace, HitFilter())[0]
    (found,) = evidence.of_listing(workspace, after.listing_id).pictures
    assert (found.state, found.reason) == (ContentState.REFUSED, reason)
    assert after.score == before.score


def test_a_picture_that_became_known_meanwhile_is_named_on_the_hit_with_its_distance(
    workspace: Workspace, shop: Shop
) -> None:
    """Without a restart; and no longer when it was removed."""
    noise = Image.frombytes("RGB", (8, 8), random.Random(6).randbytes(192))
    pictures = [noise.rotate(90 * turn).resize((320, 320), 0) for turn in range(2)]
    other = Image.frombytes("RGB", (8, 8), random.Random(8).randbytes(192)).resize((320, 320), 0)
    contents = [encoded(each, "PNG") for each in (*pictures, other)]
    for number, content in enumerate(contents):
        serve(shop, f"/{number}.png", content)
    watch(workspace, shop)

    def reasons(number: int) -> list[str]:
        key = f"o{number}"
        shop.put(Card(key, f"{OFFER} {number}", picture=f"/{number}.png"))
        poll(workspace)
        open_all(workspace)
        hit = next(h for h in triage.queue(workspace, HitFilter()) if h.native_id == key)
        return [item["why"] for item in triage.detail(workspace, hit.id).hit.evidence]

    assert not any("known" in why for why in reasons(0))
    value = known_pictures.fingerprint_of(contents[0])
    known_pictures.add(workspace, [(value, "bad", "case 7")], actor="li")
    (named,) = [why for why in reasons(1) if "known" in why]
    assert re.fullmatch(r"picture 1: known as bad: \d+ of 256 bits from case 7", named)
    value = known_pictures.fingerprint_of(contents[2])
    known_pictures.add(workspace, [(value, "bad", "case 8")], actor="li")
    known_pictures.remove(workspace, known_pictures.all_known(workspace)[-1].id, actor="li")
    assert not any("known" in why for why in reasons(2))
