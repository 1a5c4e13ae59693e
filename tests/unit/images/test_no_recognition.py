"""Nobody is recognised: no library that could, and nothing in our models that would help."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

from classifiers.images.carried import face_network
from classifiers.text.onnx import open_net

ROOT: Final = Path(__file__).parents[3]
FORBIDDEN: Final = re.compile(
    r"^(face[-_]?recognition|face[-_]?recognition[-_]models|dlib|deepface|insightface|"
    r"facenet[-_]?pytorch|keras[-_]?facenet|arcface|retina[-_]?face|openface|facer|lightface|"
    r"compreface.*|azure-cognitiveservices-vision-face|face[-_]?alignment|mtcnn)$"
)
RECOGNISERS: Final = re.compile(
    r"FaceRecognizerSF|createEigenFace|createLBPHFace|createFisherFace|\bimport dlib\b"
)


@pytest.mark.parametrize("name", ["run", "distributed", "dev"])
def test_no_requirement_recognises_faces(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()
    packages = [found[1] for line in lines if (found := re.match(r"([\w.-]+)==", line))]
    assert len(packages) > 20
    assert [package for package in packages if FORBIDDEN.match(package)] == []


def test_nothing_that_is_installed_recognises_faces() -> None:
    installed = [each.metadata["Name"].lower() for each in metadata.distributions()]
    assert [name for name in installed if FORBIDDEN.match(name)] == []


def test_our_code_calls_no_recogniser_of_opencv() -> None:
    """OpenCV carries one, and comes with us for other reasons."""
    sources = [
        path
        for room in ("classifiers", "monitor", "workers")
        for path in (ROOT / room).rglob("*.py")
    ]
    assert len(sources) > 100
    assert [path for path in sources if RECOGNISERS.search(path.read_text("utf-8"))] == []


def test_the_face_finder_gives_places_and_no_landmarks() -> None:
    """Without eyes and mouth faces cannot be aligned, and without that not compared."""
    outputs = open_net(face_network(), log_severity=3).get_outputs()
    assert [each.name for each in outputs] == ["537", "538", "539"]
