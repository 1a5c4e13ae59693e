"""Strangers' bytes become pixels, or a named refusal; time and memory stay within bounds."""

from __future__ import annotations

import io
import os
import random
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from classifiers.images.decode import Decoder, decode
from classifiers.images.picture import Limits, Picture, Refusal, Refused
from tests.pictures import FORMATS, encoded, gif_of, huge_png, scene


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as shared:
        yield shared


def picture(decoder: Decoder, content: bytes) -> Picture:
    found = decoder.decode(content)
    assert isinstance(found, Picture), found
    return found


def reason(decoder: Decoder, content: bytes) -> Refusal:
    found = decoder.decode(content)
    assert isinstance(found, Refused), found
    return found.reason


def first_colour(found: Picture) -> tuple[int, ...]:
    return tuple(int(value) for value in found.pixels[5, 5])


@pytest.mark.parametrize("kind", FORMATS)
def test_every_allowed_format_becomes_the_same_pixels(decoder: Decoder, kind: str) -> None:
    image = scene(320, 240)
    found = picture(decoder, encoded(image, kind))
    assert (found.width, found.height, found.kind) == (320, 240, kind)
    assert found.pixels.shape == (240, 320, 3)
    away = np.abs(found.pixels.astype(int) - np.asarray(image).astype(int))
    assert away.mean() < 6


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "TGA"])
def test_other_formats_are_refused_though_the_library_reads_them(
    decoder: Decoder, kind: str
) -> None:
    assert reason(decoder, encoded(scene(64, 64), kind)) is Refusal.UNKNOWN_FORMAT


def test_content_decides_and_no_name_is_asked(decoder: Decoder) -> None:
    """There is nothing to lie with: a PNG sent as image/jpeg is a PNG."""
    assert picture(decoder, encoded(scene(64, 64), "PNG")).kind == "PNG"


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_cut_picture_is_called_cut(decoder: Decoder, kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), kind)
    assert reason(decoder, content[: int(len(content) * share)]) in {
        Refusal.TRUNCATED,
        Refusal.DAMAGED,
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", Refusal.EMPTY),
        (b"\0" * 5000, Refusal.UNKNOWN_FORMAT),
        (b"GIF89a", Refusal.DAMAGED),
        (b"\x89PNG\r\n\x1a\n", Refusal.DAMAGED),
        (b"\xff\xd8\xff\xe0" + b"<script>" * 50, Refusal.DAMAGED),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", Refusal.VECTOR),
        (b"<!DOCTYPE html><script>alert(1)</script>", Refusal.UNKNOWN_FORMAT),
        (b"%PDF-1.7", Refusal.UNKNOWN_FORMAT),
    ],
)
def test_what_is_no_picture_has_a_name(decoder: Decoder, content: bytes, expected: Refusal) -> None:
    found = decoder.decode(content)
    assert isinstance(found, Refused)
    assert found.reason is expected or (
        expected is Refusal.DAMAGED and found.reason is Refusal.TRUNCATED
    )


def test_one_pixel_is_too_small(decoder: Decoder) -> None:
    assert reason(decoder, encoded(Image.new("RGB", (1, 1)), "PNG")) is Refusal.TOO_SMALL


@pytest.mark.parametrize("size", [(30_000, 30_000), (50_001, 1_000), (20_001, 16)])
def test_a_huge_picture_is_refused_by_its_header(decoder: Decoder, size: tuple[int, int]) -> None:
    begun = time.process_time()
    assert reason(decoder, huge_png(*size)) is Refusal.TOO_MANY_PIXELS
    assert time.process_time() - begun < 1


def test_a_bomb_within_the_limits_of_size_is_cut_not_swallowed(decoder: Decoder) -> None:
    """It announces fifty million pixels and brings a thousand bytes."""
    assert reason(decoder, huge_png(7_000, 7_000)) in {Refusal.TRUNCATED, Refusal.DAMAGED}


def test_a_file_over_the_limit_never_reaches_the_decoder() -> None:
    with Decoder(Limits(max_bytes=100), worker="no.such.module") as decoder:
        assert reason(decoder, encoded(scene(64, 64))) is Refusal.TOO_MANY_BYTES


def test_memory_is_limited() -> None:
    """150 MB of addresses hold the interpreter, not a picture of 36 million pixels."""
    content = encoded(Image.new("RGB", (6_000, 6_000)), "PNG")
    with Decoder(Limits(memory_bytes=150 * 1024 * 1024)) as decoder:
        assert reason(decoder, content) in {Refusal.OUT_OF_MEMORY, Refusal.CRASHED}
        assert picture(decoder, encoded(scene(64, 64))).width == 64


def test_a_decoder_that_hangs_is_killed_and_replaced() -> None:
    with Decoder(Limits(seconds=0.5), worker="tests.hanging") as decoder:
        begun = time.monotonic()
        assert reason(decoder, encoded(scene(64, 64))) is Refusal.TIMED_OUT
        assert reason(decoder, encoded(scene(64, 64))) is Refusal.TIMED_OUT
        assert time.monotonic() - begun < 60


def test_a_decoder_that_dies_is_told_and_replaced(decoder: Decoder) -> None:
    picture(decoder, encoded(scene(64, 64)))
    process = decoder._process
    assert process is not None
    process.kill()
    process.wait()
    assert reason(decoder, encoded(scene(64, 64))) is Refusal.CRASHED
    assert picture(decoder, encoded(scene(64, 64))).width == 64


def test_one_process_serves_many_pictures_and_ends_with_its_owner() -> None:
    with Decoder() as decoder:
        picture(decoder, encoded(scene(64, 64)))
        process = decoder._process
        reason(decoder, encoded(scene(64, 64))[:500])
        picture(decoder, encoded(scene(64, 64), "PNG"))
        assert process is not None
        assert decoder._process is process
    assert process.poll() is not None


def test_threads_get_their_own_pictures(decoder: Decoder) -> None:
    seen: dict[int, int] = {}

    def ask(width: int) -> None:
        seen[width] = picture(decoder, encoded(scene(width, 50))).width

    threads = [threading.Thread(target=ask, args=(width,)) for width in range(40, 60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {width: width for width in range(40, 60)}


def test_the_process_gets_nothing_of_the_environment(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITOR_PLANTED_SECRET", "hunter2")
    with Decoder() as fresh:
        picture(fresh, encoded(scene(64, 64)))
        assert fresh._process is not None
        environment = Path(f"/proc/{fresh._process.pid}/environ").read_bytes()
    assert b"hunter2" not in environment
    assert b"PYTHONPATH" in environment


def test_only_the_first_frame_is_read(decoder: Decoder) -> None:
    found = picture(decoder, gif_of(300))
    assert first_colour(found) == (255, 0, 0)
    assert "animated" in found.notes


def test_an_archive_behind_a_picture_is_noted_and_dropped(decoder: Decoder) -> None:
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("faces.txt", "x")
    content = encoded(scene(64, 64)) + hidden.getvalue()
    assert picture(decoder, content).notes == ("archive_behind",)
    assert picture(decoder, encoded(scene(64, 64))).notes == ()


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_stands_upright(decoder: Decoder, turn: int) -> None:
    """The red corner is at the top left whichever way the camera was held."""
    upright = Image.new("RGB", (120, 80), (0, 0, 255))
    upright.paste((255, 0, 0), (0, 0, 30, 20))
    ways = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(ways[turn]) if turn in ways else upright
    exif = Image.Exif()
    exif[0x0112] = turn
    found = picture(decoder, encoded(stored, "JPEG", exif=exif, quality=95))
    assert (found.width, found.height) == (120, 80)
    red, _, blue = first_colour(found)
    assert red > 200 > 80 > blue


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"])
def test_broken_metadata_does_not_spoil_a_picture(decoder: Decoder, exif: bytes) -> None:
    assert picture(decoder, encoded(scene(64, 64), exif=exif)).width == 64


def test_an_embedded_thumbnail_is_not_what_is_read(decoder: Decoder) -> None:
    thumbnail = encoded(Image.new("RGB", (32, 32), (255, 0, 0)))
    exif = b"Exif\0\0" + b"MM\0*\0\0\0\x08\0\0\0\0\0\0" + thumbnail
    content = encoded(Image.new("RGB", (64, 64), (0, 255, 0)), exif=exif)
    assert first_colour(picture(decoder, content))[1] > 200


def test_sixteen_bits_become_eight(decoder: Decoder) -> None:
    rising = np.linspace(0, 65535, 256 * 64).reshape(64, 256).astype(np.uint16)
    found = picture(decoder, encoded(Image.fromarray(rising), "PNG"))
    assert found.pixels.min() == 0
    assert found.pixels.max() == 255
    assert abs(int(found.pixels[32, 0, 0]) - 128) < 4


def test_print_colours_become_screen_colours(decoder: Decoder) -> None:
    image = Image.new("RGB", (64, 64), (250, 20, 20)).convert("CMYK")
    red, green, blue = first_colour(picture(decoder, encoded(image)))
    assert red > 150 > 90 > max(green, blue)


def test_a_profile_is_followed_and_a_broken_one_ignored(decoder: Decoder) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert picture(decoder, encoded(scene(64, 64), icc_profile=lab)).notes == ()
    broken = picture(decoder, encoded(scene(64, 64), icc_profile=b"\0" * 400))
    assert broken.notes == ("bad_profile",)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L"])
def test_transparent_parts_are_white(decoder: Decoder, mode: str) -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0)) if mode in {"RGBA", "LA"} else None
    image = clear.convert(mode) if clear else Image.new("RGB", (64, 64), "white").convert(mode)
    assert first_colour(picture(decoder, encoded(image, "PNG"))) == (255, 255, 255)


def test_a_large_picture_is_reduced_and_says_how_large_it_was(decoder: Decoder) -> None:
    found = picture(decoder, encoded(scene(3_000, 2_000)))
    assert (found.width, found.height) == (3_000, 2_000)
    assert max(found.pixels.shape) == 1_280


def test_one_picture_needs_no_decoder_of_its_own() -> None:
    assert isinstance(decode(encoded(scene(64, 64))), Picture)


BASES = [encoded(scene(60, 40), kind) for kind in FORMATS]


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    base=st.sampled_from(BASES),
    seed=st.integers(0, 2**32),
    changes=st.integers(1, 12),
    tail=st.sampled_from([b"", b"\0" * 50, b"PK\x03\x04", os.urandom(40)]),
)
def test_no_mutation_does_worse_than_a_refusal(
    decoder: Decoder, base: bytes, seed: int, changes: int, tail: bytes
) -> None:
    """Bytes changed, cut out or doubled at random: a picture within the limits or a reason."""
    chance = random.Random(seed)
    content = bytearray(base)
    for _ in range(changes):
        at = chance.randrange(len(content))
        what = chance.randrange(3)
        if what == 0:
            content[at] = chance.randrange(256)
        elif what == 1:
            del content[at : at + chance.randrange(1, 9)]
        else:
            content[at:at] = content[at : at + chance.randrange(1, 9)]
    found = decoder.decode(bytes(content) + tail)
    if isinstance(found, Picture):
        assert max(found.pixels.shape) <= 1_280
        assert found.pixels.shape[2] == 3
    else:
        assert found.reason is not Refusal.CRASHED
        assert found.detail
