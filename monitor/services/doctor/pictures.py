"""Pictures: whether anybody looks, and whether a duty waits for the operator."""

from __future__ import annotations

from classifiers.images.carried import NetworkMissing, require_networks
from monitor.config import Settings
from monitor.media.keys import EvidenceKeys
from monitor.pipeline.looking import find_stop_detectors
from monitor.pipeline.workspace import open_workspace
from monitor.services import evidence
from monitor.services.doctor.finding import Finding, State
from monitor.services.doctor.work import is_ready

__all__ = ["check_evidence", "check_pictures"]


def check_pictures(settings: Settings) -> Finding:
    """Whether pictures are opened, and what stops them."""
    if settings.pictures == "off":
        return Finding("pictures", State.OFF, "MONITOR_PICTURES is off")
    try:
        require_networks()
    except NetworkMissing as missing:
        return Finding("pictures", State.BAD, "they cannot be looked into", str(missing))
    detectors = len(find_stop_detectors())
    if not detectors:
        advice = "see docs/explanation/pictures.md: who sees signs of minors or sexual content?"
        said = "opened; no detector of minors or sexual content is installed (none is shipped)"
        return Finding("pictures", State.WARN, said, advice)
    return Finding("pictures", State.GOOD, f"opened, {detectors} stop detectors")


def check_evidence(settings: Settings) -> Finding:
    """Whether the keys can be read, and no duty notice waits."""
    if not is_ready(settings):
        return Finding("evidence", State.OFF, "not looked at before store and keys are ready")
    keys = EvidenceKeys(settings.evidence_keys_path)
    erased = len(keys.tombstones())
    with open_workspace(settings) as workspace:
        open_notices = len(evidence.notices(workspace))
        holds = len(evidence.holds(workspace))
    said = f"{holds} holds, {erased} pictures erased for good"
    if open_notices:
        advice = "see: monitor evidence notices; do what your duty asks, then acknowledge"
        return Finding("evidence", State.WARN, f"{said}, {open_notices} duty notices open", advice)
    if holds and not keys.exists:
        advice = "put the file of evidence keys there, or name it in MONITOR_EVIDENCE_KEYS_FILE"
        return Finding("evidence", State.WARN, f"{said}, no {settings.evidence_keys_path}", advice)
    return Finding("evidence", State.GOOD, said)
