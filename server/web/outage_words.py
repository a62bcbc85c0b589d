"""How pages speak about outages."""

from __future__ import annotations

from typing import Any, Final

from models.errors import ERROR_KINDS, CourtclockError
from models.language import N_, Language, translate
from server.storage.outages import OutageKind, OutageRecord

OUTAGE_KINDS: Final[dict[OutageKind, str]] = {
    "silent": N_("not heard from"),
    "clock": N_("its clock was wrong"),
    "clock_jump": N_("its clock jumped"),
    "camera": N_("its camera failed"),
    "engine": N_("its recognition failed"),
    "outbox": N_("it could not save clock events"),
    "server": N_("the server was not running"),
    "declared": N_("declared by HR"),
}
_CAMERA_FAULTS: Final = {
    "camera.unavailable": N_("it could not be opened"),
    "camera.stalled": N_("it sent no new picture"),
    "camera.frozen": N_("it sent the same picture all the time"),
}
_JUMPED: Final = N_("by {seconds} s")
_FAST: Final = N_("{amount} fast")
_SLOW: Final = N_("{amount} slow")
_MINUTES: Final = N_("{minutes} min")
_SECONDS: Final = N_("{seconds} s")
_WAITED: Final = N_("{waiting} items waited on it and came later")
_KEPT: Final = N_("kiosks that had power went on, and what they kept came later")


def outage_detail(record: OutageRecord, language: Language) -> str:
    """What is known about an outage beyond its times."""
    detail = record.detail
    if record.kind == "declared":
        return str(detail.get("reason", ""))
    if record.kind in ("camera", "engine", "outbox"):
        return fault_words(str(detail.get("fault", "")), language)
    if record.kind == "clock":
        return _clock(detail, language)
    if record.kind == "clock_jump":
        return translate(_JUMPED, language).format(seconds=f"{detail.get('seconds', 0):+g}")
    if record.kind == "server":
        return translate(_KEPT, language)
    waiting = detail.get("waiting", 0)
    return translate(_WAITED, language).format(waiting=waiting) if waiting else ""


def fault_words(code: str, language: Language) -> str:
    """The sentence of an error that a kiosk reported; the code itself where a newer kiosk knows more."""
    if code in _CAMERA_FAULTS:
        # The sentence for the door names the camera and counts seconds, which nobody knows here.
        return translate(_CAMERA_FAULTS[code], language)
    return CourtclockError(code).sentence(language) if code in ERROR_KINDS else code


def _clock(detail: dict[str, Any], language: Language) -> str:
    seconds = float(detail.get("seconds", 0))
    minutes, rest = divmod(round(abs(seconds)), 60)
    parts = []
    if minutes:
        parts.append(translate(_MINUTES, language).format(minutes=minutes))
    if rest or not minutes:
        parts.append(translate(_SECONDS, language).format(seconds=rest))
    return translate(_FAST if seconds > 0 else _SLOW, language).format(amount=" ".join(parts))
