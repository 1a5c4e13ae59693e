"""One picture in, one reading out: which signals look, and what they say together.

    with PictureReader(assessor.assess) as reader:
        reading = reader.read("front.jpg", content)

The cheap look (`classifiers.images.gate`) decides whether the dearer signals look at all,
unless the listing is suspected already; reading text costs most and is done least.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from classifiers.contract import (
    Assessment,
    Box,
    Category,
    Listing,
    PictureClass,
    PictureEvidence,
    PictureReading,
)
from classifiers.images.cards import SURE, arrangements
from classifiers.images.classifier import shipped_classifier
from classifiers.images.codes import find_codes
from classifiers.images.decode import Decoder
from classifiers.images.documents import Card, find_cards
from classifiers.images.faces import FaceFinder, shipped_faces
from classifiers.images.gate import Gate, look_at
from classifiers.images.known import Bank, Match, fingerprint, turns
from classifiers.images.ocr import TextReader, shipped_reader
from classifiers.images.picture import Limits, Picture, Pixels, Refused
from classifiers.images.wording import Wording, understand

__all__ = ["PictureClassifier", "PictureReader", "places_of"]

CLASS_WEIGHTS: Final[dict[PictureClass, float]] = {
    PictureClass.ID_CARD: 2.4,
    PictureClass.HELD_ID: 3.0,
    PictureClass.FACE_WITH_ID: 3.0,
    PictureClass.FACE_GRID: 2.4,
    PictureClass.BANK_CARD_KIT: 3.0,
    PictureClass.TOOL_SCREENSHOT: 2.4,
    PictureClass.ADVERT_TEXT: 0.3,
}
"""Log-odds that a class adds when the trained classifier finds it."""
EVEN: Final = 0.5
"""Below this probability a class adds as much less; the thresholds of some are far below it."""
CLASS_CATEGORIES: Final = {
    PictureClass.ID_CARD: Category.FACE_ID_BUNDLE,
    PictureClass.HELD_ID: Category.FACE_ID_BUNDLE,
    PictureClass.FACE_WITH_ID: Category.FACE_ID_BUNDLE,
    PictureClass.FACE_GRID: Category.FACE_ID_BUNDLE,
    PictureClass.BANK_CARD_KIT: Category.REALNAME_ACCOUNT_SALE,
    PictureClass.TOOL_SCREENSHOT: Category.PHOTO_ANIMATION_TOOL,
}
CLASS_SURE: Final = 0.5
TRADE_CLASSES: Final = tuple(CLASS_WEIGHTS)
KNOWN_BAD: Final = "known_bad"
KNOWN_WEIGHTS: Final = {"bad": 3.0, "good": -2.0}
LAYOUT_WEIGHTS: Final = {"bad": 0.8, "good": 0.0}
WORDS: Final = {
    KNOWN_BAD: "known as bad: ",
    "known_good": "known as good: ",
    "card_layout": "a card of a known layout, not the same card: ",
}
CARD_CLASSES: Final = frozenset({"id_card", "held_id", "face_with_id", "many_cards"})
WRITTEN_CLASSES: Final = (PictureClass.ADVERT_TEXT, PictureClass.TOOL_SCREENSHOT)


class PictureClassifier(Protocol):
    """A trained classifier of whole pictures. Safe in threads."""

    @property
    def version(self) -> str:
        """Changes whenever its answers do."""
        ...

    def classify(self, pixels: Pixels) -> Mapping[PictureClass, float]:
        """Probability of each class it knows."""
        ...

    def present(self, shares: Mapping[PictureClass, float]) -> Collection[PictureClass]:
        """The classes whose probability reaches their threshold."""
        ...


class PictureReader:
    """Reads pictures. Safe in threads; decodes one at a time, in a process that it owns.

    Args:
        assess: the text cascade, for text in pictures; without it none is read.
        classifier: a trained classifier; the shipped one by default.
        bank: gives the bank of known pictures, as it is then.
        limits: what one picture may cost.
        faces: finds faces; the shipped one by default.
        text: reads text; the shipped one by default, loaded when it is first needed.
    """

    def __init__(
        self,
        assess: Callable[[Listing], Assessment] | None = None,
        *,
        classifier: PictureClassifier | None = None,
        bank: Callable[[], Bank] | None = None,
        limits: Limits | None = None,
        faces: FaceFinder | None = None,
        text: TextReader | None = None,
    ) -> None:
        self._assess = assess
        self._classifier = classifier or shipped_classifier()
        self._bank = bank
        self._decoder = Decoder(limits)
        self._faces = faces or shipped_faces()
        self._text = text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the decoding process."""
        self._decoder.close()

    def decode(self, content: bytes) -> Picture | Refused:
        """The pixels, for whoever needs them besides the reading (`redact`)."""
        return self._decoder.decode(content)

    def read(
        self, name: str, content: bytes | Picture | Refused, *, is_suspected: bool = False
    ) -> PictureReading:
        """Everything that the signals say about one picture; never raises on any content.

        Args:
            name: path or key, given back.
            content: the file, or what `decode` made of it.
            is_suspected: whether listing, seller or source give reason to look closely: then
                every signal looks, and text is read wherever there is some.
        """
        picture = self.decode(content) if isinstance(content, bytes) else content
        if isinstance(picture, Refused):
            return PictureReading(name, refused=picture.reason, digest=picture.digest)
        pixels = picture.pixels
        gate = look_at(pixels, self._faces)
        mark = fingerprint(pixels)
        bank = self._bank() if self._bank is not None else None
        match = bank.nearest(turns(pixels)) if bank else None
        stages = ["decode", "gate"]
        evidence: list[PictureEvidence] = []
        classes: dict[PictureClass, float] = {}
        wording: Wording | None = None
        if gate.passes or is_suspected or match:
            stages += ["faces", "documents", "codes"]
            evidence += self._shapes(pixels, classes)
            stages.append("classifier")
            evidence += _from_classifier(self._classifier, pixels, classes)
            if self._assess is not None and _is_worth_reading(gate, classes, is_suspected):
                stages.append("text")
                wording = self._wording(pixels, self._assess)
                evidence += wording.evidence
                offered = max(wording.said.score, classes.get(PictureClass.ADVERT_TEXT, 0.0))
                classes[PictureClass.ADVERT_TEXT] = offered
        if bank:
            stages.append("known")
        if match:
            evidence.append(_known(match, evidence))
        trade = max(classes.get(kind, 0.0) for kind in TRADE_CLASSES)
        is_bad = match is not None and evidence[-1].term == KNOWN_BAD
        classes[PictureClass.ORDINARY] = 0.0 if is_bad else 1.0 - trade
        return PictureReading(
            picture=name,
            digest=picture.digest,
            classes=classes,
            evidence=tuple(sorted(evidence, key=lambda each: -abs(each.weight))),
            hashes={"pdq": mark.value} if mark.is_good else {},
            stages=tuple(stages),
            notes=picture.notes,
            text=wording.text if wording else "",
            said=wording.said if wording else None,
        )

    def _shapes(self, pixels: Pixels, classes: dict[PictureClass, float]) -> list[PictureEvidence]:
        faces = self._faces.find(pixels)
        cards: list[Card] = find_cards(pixels, faces)
        found = list(arrangements(faces, cards))
        for each in found:
            if each.term in SURE:
                classes[PictureClass(each.term)] = SURE[each.term]
        if faces:
            classes[PictureClass.FACE] = max(face.sure for face in faces)
        found += [
            PictureEvidence(
                "codes",
                code.place,
                f"{code.kind}, its content is not kept",
                0.0,
                (code.box,),
            )
            for code in find_codes(pixels)
        ]
        return found

    def _wording(self, pixels: Pixels, assess: Callable[[Listing], Assessment]) -> Wording:
        reader = self._text or shipped_reader()
        return understand(reader.read(pixels), assess)


def places_of(reading: PictureReading) -> tuple[Box, ...]:
    """Places of documents in a reading, which a thumbnail must not show (`redact`)."""
    return tuple(
        box for each in reading.evidence if each.signal == "documents" for box in each.boxes
    )


def _is_worth_reading(
    gate: Gate, classes: Mapping[PictureClass, float], is_suspected: bool
) -> bool:
    by_class = any(classes.get(kind, 0.0) >= CLASS_SURE for kind in WRITTEN_CLASSES)
    return by_class or gate.is_worth_reading(is_suspected=is_suspected)


def _from_classifier(
    classifier: PictureClassifier, pixels: Pixels, classes: dict[PictureClass, float]
) -> list[PictureEvidence]:
    shares = classifier.classify(pixels)
    for kind, chance in shares.items():
        classes[kind] = max(chance, classes.get(kind, 0.0))
    return [
        PictureEvidence(
            "classifier",
            kind,
            f"looks like {kind.replace('_', ' ')}",
            CLASS_WEIGHTS.get(kind, 0.0) * min(1.0, shares[kind] / EVEN),
            category=CLASS_CATEGORIES.get(kind),
        )
        for kind in classifier.present(shares)
    ]


def _known(match: Match, found: Sequence[PictureEvidence]) -> PictureEvidence:
    told = f"{match.distance} of 256 bits from {match.name}"
    term, weight = f"known_{match.label}", KNOWN_WEIGHTS[match.label]
    if any(each.term in CARD_CLASSES for each in found):
        # Cards of one layout lie as close together as copies of one photo.
        term, weight = "card_layout", LAYOUT_WEIGHTS[match.label]
    category = Category.FACE_ID_BUNDLE if weight > 0 else None
    return PictureEvidence("known", term, WORDS[term] + told, weight, (), category)
