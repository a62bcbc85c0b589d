"""What happens at the door: decisions and keypad entries become items, then words on the screen.

The order is fixed: first the item is committed, then the screen says thank you.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from kiosk.board import Board, Thanks
from kiosk.deciding import AskPin, Decision, DoubtReason, Guide, Record
from kiosk.pin import Keypad
from kiosk.recording import Recorder
from kiosk.roster import Roster, RosterHolder
from kiosk.thresholds import thresholds_in_force
from models.clock import Clock
from models.errors import CourtclockError
from models.faces.values import Encoding
from models.settings import KioskSettings, OperatingPointSettings
from models.wire import AttemptOutcome, Evidence, Method

# Somebody whom the camera did not know keeps the time of being seen: for so long after leaving the
# picture (host seconds), and never more than so much before the PIN (court time). The second limit
# keeps one person's doubt from becoming another person's early arrival.
SEEN_KEPT_AFTER_LEAVING_SECONDS: Final = 30.0
SEEN_COUNTS_AT_MOST: Final = timedelta(minutes=2)

_NO_TRACK: Final = 0
"""Stands for whoever was there when recognition itself failed; real tracks begin at 1."""

_OUTCOME_OF_DOUBT: Final[dict[DoubtReason, AttemptOutcome]] = {
    "unknown": "unknown",
    "look_alike": "doubtful",
    "not_sure": "doubtful",
    "unsteady": "doubtful",
    "covered": "doubtful",
    "not_moving": "not_live",
    "not_alive": "not_live",
}


@dataclass(frozen=True, slots=True)
class Announcement:
    """One outcome at the door, for whoever listens (a log, a chime, a demonstration)."""

    kind: Literal["clock_event", "repeated", "attempt", "void"]
    captured_at: datetime
    employee_no: str | None
    display_name: str | None
    method: Method | None
    distance: float | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class _Seen:
    first_seen_at: datetime
    last_in_sight_seconds: float


def _same_minute(one: datetime, other: datetime) -> bool:
    """Whether the screen showed the same hour and minute."""
    return one.replace(second=0, microsecond=0) == other.replace(second=0, microsecond=0)


def _counts(seen: _Seen, now: datetime, now_seconds: float) -> bool:
    """Whether the time of being seen may still become the time of a PIN."""
    return (
        now_seconds - seen.last_in_sight_seconds <= SEEN_KEPT_AFTER_LEAVING_SECONDS
        and timedelta(0) <= now - seen.first_seen_at <= SEEN_COUNTS_AT_MOST
    )


class Door:
    """Safe to use from the camera's thread and the page's threads at once.

    Args:
        recorder: commits items.
        rosters: who is who.
        keypad: checks PINs.
        board: the screen.
        clock: court and host time.
        settings: how long things count.
        shipped: the operating point of config.yaml, until the server has sent one with the gallery.
        model_id: of the encoder, for the evidence.
        announce: called after each outcome was committed.
        wake: tells delivery that there is something new.
    """

    def __init__(
        self,
        recorder: Recorder,
        rosters: RosterHolder,
        keypad: Keypad,
        board: Board,
        clock: Clock,
        settings: KioskSettings,
        shipped: OperatingPointSettings,
        model_id: str,
        announce: Callable[[Announcement], None],
        wake: Callable[[], None],
    ) -> None:
        self._recorder = recorder
        self._rosters = rosters
        self._keypad = keypad
        self._board = board
        self._clock = clock
        self._settings = settings
        self._shipped = shipped
        self._model_id = model_id
        self._announce = announce
        self._wake = wake
        self._lock = threading.Lock()
        self._recent: dict[UUID, Thanks] = {}
        self._in_doubt: dict[int, _Seen] = {}
        self._probes: dict[int, Encoding] = {}

    def keep_in_sight(self, track_ids: Collection[int], probes: Mapping[int, Encoding]) -> None:
        """These faces are in the picture now; those in doubt among them keep their time.

        Args:
            track_ids: of the faces in the picture.
            probes: encodings of those compared just now. The last one of each face is remembered while the face is
                in sight or in doubt, in memory only, to tell whose PIN is typed.
        """
        now_seconds = self._clock.host_seconds()
        with self._lock:
            kept = set(track_ids) | self._in_doubt.keys()
            self._probes = {one: probe for one, probe in {**self._probes, **probes}.items() if one in kept}
            for track_id in self._in_doubt.keys() & set(track_ids):
                self._in_doubt[track_id] = _Seen(self._in_doubt[track_id].first_seen_at, now_seconds)

    def apply(self, track_id: int, decision: Decision) -> None:
        """Carry out what was decided about one face.

        Raises:
            CourtclockError: ``outbox.write_failed``; then nobody was thanked.
        """
        if isinstance(decision, Guide):
            self._board.guide(decision.hint)
        elif isinstance(decision, AskPin):
            self._ask_pin(track_id, decision)
        elif isinstance(decision, Record):
            thresholds = thresholds_in_force(self._rosters.roster, self._shipped)
            evidence = Evidence(
                model_id=self._model_id,
                distance=round(decision.distance, 4),
                other_distance=None if decision.other_distance is None else round(decision.other_distance, 4),
                accept_distance=round(decision.accept_distance, 4),
                margin=thresholds.margin,
                votes=decision.votes,
                frames=decision.frames,
                gallery_version=self._rosters.roster.version,
                operating_point=thresholds.version,
                liveness=decision.life,
            )
            self._record(decision.person_id, "face", decision.captured_at, evidence)
            with self._lock:
                # This doubt is settled: its time is this person's and nobody else's at the keypad.
                self._in_doubt.pop(track_id, None)

    def fail(self, fault: CourtclockError) -> None:
        """Recognition itself failed: nobody is accepted, everybody may use the PIN."""
        self._board.set_fault(fault)
        now, now_seconds = self._clock.now(), self._clock.host_seconds()
        with self._lock:
            # A fault comes again with every frame; whoever stands in front keeps the time of the first one.
            before = self._in_doubt.get(_NO_TRACK)
            first_seen_at = before.first_seen_at if before is not None and _counts(before, now, now_seconds) else now
            self._in_doubt[_NO_TRACK] = _Seen(first_seen_at, now_seconds)

    def enter_pin(self, employee_no: str, pin: str) -> Thanks:
        """Clock by number and PIN. The time of being seen by the camera counts, if there was one.

        Raises:
            CourtclockError: ``pin.wrong``, ``pin.locked`` or ``outbox.write_failed``.
        """
        now = self._clock.now()
        roster = self._rosters.roster
        try:
            person = self._keypad.check(roster, employee_no, pin)
        except CourtclockError as error:
            if error.code == "pin.wrong":
                self._recorder.attempt("wrong_pin", now, Evidence())
                self._wake()
            raise
        with self._lock:
            distances = self._distances_to(person.person_id, roster)
            first_seen_at = self._take_first_seen(now, distances, roster)
        nearest = min(distances.values(), default=None)
        evidence = Evidence(
            first_seen_at=first_seen_at,
            gallery_version=roster.version,
            pin_face_distance=None if nearest is None else round(nearest, 4),
        )
        return self._record(person.person_id, "pin", first_seen_at or now, evidence)

    def seconds_to_undo(self, event_id: UUID) -> float:
        """For how many host seconds "not me" is still possible for a clock event; 0 when it is not."""
        with self._lock:
            thanks = next((one for one in self._recent.values() if one.event_id == event_id), None)
        if thanks is None:
            return 0.0
        shown_for = self._clock.host_seconds() - thanks.shown_at_seconds
        return max(0.0, self._settings.screen.not_me_seconds - shown_for)

    def not_me(self, event_id: UUID) -> None:
        """Void a clock event that was just thanked for, and offer the keypad with its time kept.

        Raises:
            CourtclockError: ``void.too_late`` or ``outbox.write_failed``.
        """
        limit = self._settings.screen.not_me_seconds
        with self._lock:
            thanks = next((one for one in self._recent.values() if one.event_id == event_id), None)
            now_seconds = self._clock.host_seconds()
            if thanks is None or now_seconds - thanks.shown_at_seconds > limit:
                raise CourtclockError("void.too_late", seconds=limit)
            self._recorder.void(event_id)
            del self._recent[thanks.person_id]
            self._in_doubt[_NO_TRACK] = _Seen(thanks.captured_at, now_seconds)
        self._board.ask_pin(None)
        self._announce(Announcement("void", thanks.captured_at, None, thanks.display_name, thanks.method, None, None))
        self._wake()

    def _ask_pin(self, track_id: int, decision: AskPin) -> None:
        thresholds = thresholds_in_force(self._rosters.roster, self._shipped)
        evidence = Evidence(
            model_id=self._model_id,
            distance=None if decision.nearest_distance is None else round(decision.nearest_distance, 4),
            accept_distance=thresholds.accept_distance,
            margin=thresholds.margin,
            operating_point=thresholds.version,
            frames=decision.frames,
            gallery_version=self._rosters.roster.version,
            first_seen_at=decision.first_seen_at,
        )
        outcome = _OUTCOME_OF_DOUBT[decision.reason]
        with self._lock:
            self._in_doubt[track_id] = _Seen(decision.first_seen_at, self._clock.host_seconds())
        self._board.ask_pin(decision.reason)
        self._recorder.attempt(outcome, decision.first_seen_at, evidence)
        self._announce(
            Announcement("attempt", decision.first_seen_at, None, None, "face", decision.nearest_distance, outcome)
        )
        self._wake()

    def _distances_to(self, person_id: UUID, roster: Roster) -> dict[int, float]:
        """How far each remembered face is from this person; nothing for somebody without templates."""
        distances = {}
        for track_id, probe in self._probes.items():
            distance = roster.gallery.distance_to(person_id, probe)
            if distance is not None:
                distances[track_id] = distance
        return distances

    def _take_first_seen(self, now: datetime, distances: Mapping[int, float], roster: Roster) -> datetime | None:
        """The time at which whoever types this PIN was first seen, used up; None when nobody in doubt was seen.

        One to one: a face that is this person's comes first, then one that could not be compared, then any. Among
        equals the earliest counts, so that a face which does not resemble its owner today costs nobody a minute.
        """
        limit = thresholds_in_force(roster, self._shipped).one_to_one_distance
        now_seconds = self._clock.host_seconds()
        self._in_doubt = {
            track_id: seen for track_id, seen in self._in_doubt.items() if _counts(seen, now, now_seconds)
        }
        if not self._in_doubt:
            return None

        def rank(track_id: int) -> tuple[int, datetime]:
            distance = distances.get(track_id)
            likeness = 1 if distance is None else 0 if distance <= limit else 2
            return likeness, self._in_doubt[track_id].first_seen_at

        track_id = min(self._in_doubt, key=rank)
        return self._in_doubt.pop(track_id).first_seen_at

    def _record(self, person_id: UUID, method: Method, captured_at: datetime, evidence: Evidence) -> Thanks:
        person = self._rosters.roster.people.get(person_id)
        display_name = person.display_name if person is not None else ""
        employee_no = person.employee_no if person is not None else None
        repeat_after = timedelta(seconds=self._settings.deciding.repeat_after_seconds)
        with self._lock:
            now_seconds = self._clock.host_seconds()
            before = self._recent.get(person_id)
            # Near in either direction: a clock that was set back must not silence anybody until it catches up.
            # Within one minute only: somebody who waits for 17:30 to show must be recorded again when it does.
            near = before is not None and abs(captured_at - before.captured_at) < repeat_after
            if before is not None and near and _same_minute(captured_at, before.captured_at):
                # Not remembered in place of the earlier one: being seen again does not lengthen "not me".
                thanks = Thanks(
                    before.event_id, person_id, display_name, before.captured_at, before.method, True, now_seconds
                )
                kind: Literal["clock_event", "repeated"] = "repeated"
            else:
                item = self._recorder.clock_event(person_id, method, captured_at, evidence)
                thanks = Thanks(item.item_id, person_id, display_name, captured_at, method, False, now_seconds)
                self._recent[person_id] = thanks
                kind = "clock_event"
        self._board.thank(thanks)
        self._announce(Announcement(kind, captured_at, employee_no, display_name, method, evidence.distance, None))
        self._wake()
        return thanks
