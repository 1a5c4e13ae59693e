"""The inside of the decoding process: hostile bytes in, bare pixels out.

Run as ``python -m classifiers.images.decoding MEMORY_BYTES``; it speaks the little
protocol of `classifiers.images.decode` over its standard input and output. It loads
Pillow and nothing else, so that it starts fast and has little to lose.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from typing import IO, Any, Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from classifiers.images.formats import archive_behind
from classifiers.images.pipes import read_block, write_block

__all__ = ["serve"]

REQUEST_BYTES: Final = 4096
WHITE: Final = (255, 255, 255, 255)
HALF_RANGE: Final = 8
"""From 16 bits a channel to 8."""


class _Refusal(Exception):
    """Carries the name of a reason and words for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Say that it is ready, then answer requests until the other side closes.

    Args:
        source: requests: a block of JSON (`kind` and limits), a block of file content.
        sink: answers: a block of JSON, a block of pixels (empty when refused).
    """
    _answer(sink, {"ready": True}, b"")
    while True:
        try:
            request = json.loads(read_block(source, REQUEST_BYTES))
            content = read_block(source, request["max_bytes"])
        except EOFError:
            return
        try:
            answer, pixels = _decode(content, request)
        except _Refusal as refusal:
            answer, pixels = {"refused": refusal.reason, "detail": str(refusal)}, b""
        except MemoryError:
            answer, pixels = {"refused": "out_of_memory", "detail": "memory ran out"}, b""
        _answer(sink, answer, pixels)


def _answer(sink: IO[bytes], answer: dict[str, Any], pixels: bytes) -> None:
    write_block(sink, json.dumps(answer).encode())
    write_block(sink, pixels)
    sink.flush()


def _confine(memory_bytes: int) -> None:
    """No more memory than agreed, no file written, no core dumped, no further process."""
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _decode(content: bytes, limits: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    kind = limits["kind"]
    notes = []
    try:
        image = Image.open(io.BytesIO(content), formats=[kind])
        _check_size(image.size, limits)
        if getattr(image, "is_animated", False):
            notes.append("animated")
            image.seek(0)
        width, height = _upright_size(image)
        upright = _upright(_reduced(image, limits["working_edge"]))
        plain, is_profile_good = _to_srgb(upright)
    except UnidentifiedImageError as error:
        raise _Refusal("damaged", f"announces {kind} and is none") from error
    except (OSError, EOFError) as error:
        raise _as_refusal(error) from error
    except (_Refusal, MemoryError):
        raise
    except Exception as error:
        # Decoders raise whatever a hostile file makes them raise.
        raise _Refusal("damaged", f"the {kind} decoder gave up: {type(error).__name__}") from error
    if not is_profile_good:
        notes.append("bad_profile")
    if archive_behind(content, kind):
        notes.append("archive_behind")
    answer = {"width": width, "height": height, "size": plain.size, "notes": notes}
    return answer, plain.tobytes()


def _check_size(size: tuple[int, int], limits: dict[str, Any]) -> None:
    width, height = size
    told = f"{width} x {height} pixels"
    if min(size) < limits["min_edge"]:
        raise _Refusal("too_small", told)
    if width * height > limits["max_pixels"] or max(size) > limits["max_edge"]:
        raise _Refusal("too_many_pixels", told)


def _as_refusal(error: Exception) -> _Refusal:
    words = str(error).lower()
    is_cut = "truncated" in words or "premature" in words or isinstance(error, EOFError)
    if is_cut or "end of file" in words or "incomplete" in words:
        return _Refusal("truncated", "ends before the picture does")
    return _Refusal("damaged", f"cannot be decoded ({type(error).__name__})")


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if _turn(image) in {5, 6, 7, 8} else (width, height)


def _turn(image: Image.Image) -> int:
    """The orientation that EXIF tells, 1 (upright) when there is none that can be read."""
    try:
        told = image.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001 - broken metadata is no reason against a picture
        return 1
    return told if isinstance(told, int) and 1 <= told <= 8 else 1


def _reduced(image: Image.Image, edge: int) -> Image.Image:
    """No larger than needed; a JPEG is decoded small from the start, which saves most of it."""
    image.draft(None, (edge, edge))
    image.load()
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / (1 << HALF_RANGE)).convert("L")
    elif image.mode in {"P", "1", "PA"}:
        image = image.convert("RGBA")
    if max(image.size) > edge:
        image.thumbnail((edge, edge), Image.Resampling.BOX, reducing_gap=2.0)
    return image


def _upright(image: Image.Image) -> Image.Image:
    if _turn(image) == 1:
        return image
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - broken metadata is no reason against a picture
        return image


def _to_srgb(image: Image.Image) -> tuple[Image.Image, bool]:
    """Opaque sRGB, and whether an embedded profile (if any) could be followed."""
    profile = image.info.get("icc_profile")
    is_good = True
    if image.mode in {"LA", "La", "RGBa"}:
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, WHITE)
        image = Image.alpha_composite(ground, image).convert("RGB")
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        try:
            image = _follow(image, profile)
        except Exception:  # noqa: BLE001 - a hostile profile is ignored, the picture stays
            is_good = False
    return image.convert("RGB"), is_good


def _follow(image: Image.Image, profile: bytes) -> Image.Image:
    given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    srgb = ImageCms.createProfile("sRGB")
    result = ImageCms.profileToProfile(image, given, srgb, outputMode="RGB")
    return result if result is not None else image


def main() -> None:
    """Serve on standard input and output."""
    # What the decoders warn about would be lines in somebody's log, with parts of the file.
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    _confine(int(sys.argv[1]))
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
