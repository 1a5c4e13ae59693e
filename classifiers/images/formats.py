"""Which picture formats are let in, told by their first bytes, never by a name or a header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

__all__ = ["ALLOWED", "archive_behind", "is_cut", "is_vector", "sniff"]

ALLOWED: Final = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
"""Names as Pillow knows them. Everything else is refused, whoever could decode it."""

HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
)
AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
VECTOR: Final = re.compile(rb"<svg[\s>]", re.IGNORECASE)
VECTOR_WITHIN: Final = 4096
ARCHIVES: Final = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
"""Signatures of zip, rar and 7z, long enough that compressed pixels hardly hit on them."""
ENDS: Final[dict[str, bytes]] = {
    "JPEG": b"\xff\xd9",
    "PNG": b"IEND\xae\x42\x60\x82",
    "GIF": b"\x00\x3b",
}


def sniff(content: bytes) -> str | None:
    """The allowed format that the first bytes announce, or None."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:6] in {b"GIF87a", b"GIF89a"}:
        return "GIF"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        return _by_brand((content[8:12], *_compatible(content)))
    return None


def _compatible(content: bytes) -> list[bytes]:
    size = min(int.from_bytes(content[:4], "big"), 256)
    return [content[at : at + 4] for at in range(16, size, 4)]


def _by_brand(brands: Sequence[bytes]) -> str | None:
    # An AVIF names the general brand mif1 too, so it is looked for first.
    if any(brand in AVIF_BRANDS for brand in brands):
        return "AVIF"
    return "HEIF" if any(brand in HEIF_BRANDS for brand in brands) else None


def is_vector(content: bytes) -> bool:
    """Whether it is an SVG: a program more than a picture, so it is refused by name."""
    return VECTOR.search(content[:VECTOR_WITHIN]) is not None


def archive_behind(content: bytes, kind: str) -> bool:
    """Whether an archive hangs behind the picture: one file that two programs read differently.

    Args:
        content: the whole file.
        kind: its format, as `sniff` told.
    """
    end = ENDS.get(kind)
    return end is not None and any(content.find(end + archive) > 0 for archive in ARCHIVES)


def is_cut(content: bytes, kind: str) -> bool:
    """Whether a container of boxes announces more bytes than there are.

    The decoders of these formats do not say "truncated"; those of the others do.
    """
    if kind == "WEBP":
        return 8 + int.from_bytes(content[4:8], "little") > len(content)
    if kind not in {"HEIF", "AVIF"}:
        return False
    at = 0
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size == 0:  # the last box reaches to the end
            return False
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        if size < 8:
            return False
        at += size
    return at > len(content)
