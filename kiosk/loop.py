"""The kiosk's loop: newest frame, observations, decisions, door."""

from __future__ import annotations

import logging
import secrets
import threading
from collections import deque
from typing import Final

import cv2
import numpy as np

from kiosk.aliveness import LifeState
from kiosk.board import Board
from kiosk.camera.frames import Frame
from kiosk.camera.reader import CameraReader
from kiosk.deciding import Policy, TrackState, decide
from kiosk.door import Door
from kiosk.roster import Roster, RosterHolder
from kiosk.seeing import Seer
from kiosk.thresholds import make_policy, thresholds_in_force
from kiosk.tracking import Tracks
from models.clock import Clock
from models.errors import CourtclockError
from models.faces.challenge import Direction
from models.faces.values import Face, ImageBGR
from models.settings import KioskSettings, OperatingPointSettings

log = logging.getLogger(__name__)

_WAIT_FOR_FRAME_SECONDS = 0.5
_PREVIEW_HEIGHT_PX = 320
_DIRECTIONS: Final[tuple[Direction, ...]] = ("left", "right")


def preview_of(frame: Frame, face: Face) -> ImageBGR:
    """The surroundings of one face only: nobody else in the hall is shown."""
    left, top, right, bottom = face.box_xyxy
    pad = 0.35 * float(bottom - top)
    height, width = frame.image_bgr.shape[:2]
    rows = slice(max(0, int(top - pad)), min(height, int(bottom + pad)))
    columns = slice(max(0, int(left - pad)), min(width, int(right + pad)))
    cut = frame.image_bgr[rows, columns]
    if cut.size == 0:
        return np.zeros((1, 1, 3), dtype=np.uint8)
    scale = _PREVIEW_HEIGHT_PX / cut.shape[0]
    size = (max(1, round(cut.shape[1] * scale)), _PREVIEW_HEIGHT_PX)
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _new_state(challenge_turns: int) -> TrackState:
    """Of a face that was not seen before, with the turns that it may be asked for drawn where nobody foresees them."""
    return TrackState(life=LifeState(asked=tuple(secrets.choice(_DIRECTIONS) for _ in range(challenge_turns))))


class KioskLoop:
    """One thread that looks at frames as long as the kiosk runs.

    Args:
        reader: gives the newest frame.
        seer: sees.
        rosters: whom to match against.
        door: acts.
        board: shows.
        clock: host seconds, for the frame rate.
        settings: how many frames, when to ask, and what signs of life.
        shipped: the operating point of config.yaml, until the server has sent one with the gallery.
    """

    def __init__(
        self,
        reader: CameraReader,
        seer: Seer,
        rosters: RosterHolder,
        door: Door,
        board: Board,
        clock: Clock,
        settings: KioskSettings,
        shipped: OperatingPointSettings,
    ) -> None:
        self._reader = reader
        self._seer = seer
        self._rosters = rosters
        self._door = door
        self._board = board
        self._clock = clock
        self._settings = settings
        self._shipped = shipped
        self._policy_of: tuple[Roster, Policy] | None = None
        self._tracks = Tracks()
        self._states: dict[int, TrackState] = {}
        self._frame_times: deque[float] = deque(maxlen=30)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="looking", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._reader.start()
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """End after the frame under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
        self._reader.stop()

    def frames_per_second(self) -> float:
        """Frames looked at per host second, over the last thirty."""
        times = tuple(self._frame_times)
        if len(times) < 2 or self._clock.host_seconds() - times[-1] > 2.0:
            return 0.0
        return (len(times) - 1) / max(times[-1] - times[0], 1e-6)

    def look_at(self, frame: Frame) -> None:
        """Take one frame through the whole way.

        Raises:
            CourtclockError: from matching or from the outbox.
        """
        settled = {track_id for track_id, state in self._states.items() if state.recorded or state.pin_only}
        roster = self._rosters.roster
        policy = self._policy(roster)
        unknown = {track_id for track_id, state in self._states.items() if state.resembles_nobody(policy)}
        agreed = {track_id for track_id, state in self._states.items() if state.is_one_person(policy)}
        sight = self._seer.look(frame, self._tracks, settled, unknown, agreed, roster)
        self._tracks = sight.tracks
        active = {track.track_id for track in sight.tracks.active}
        self._states = {track_id: state for track_id, state in self._states.items() if track_id in active}
        self._door.keep_in_sight(active, sight.probes)
        for track_id, observation in sight.observations.items():
            state = self._states.get(track_id) or _new_state(self._settings.liveness.challenge_turns)
            state, decision = decide(state, observation, policy)
            # The door first: when saving fails, this track is not done and is tried again.
            self._door.apply(track_id, decision)
            self._states[track_id] = state
        nearest = max(sight.tracks.active, key=lambda track: track.face.area_px, default=None)
        self._board.set_preview(None if nearest is None else preview_of(frame, nearest.face))
        self._frame_times.append(self._clock.host_seconds())

    def _policy(self, roster: Roster) -> Policy:
        """The policy of this roster; made anew when another roster came."""
        if self._policy_of is None or self._policy_of[0] is not roster:
            policy = make_policy(
                self._settings.deciding, self._settings.liveness, thresholds_in_force(roster, self._shipped)
            )
            self._policy_of = (roster, policy)
            self._states = {track_id: state.without_votes() for track_id, state in self._states.items()}
        return self._policy_of[1]

    def _run(self) -> None:
        sequence = 0
        while not self._stopping.is_set():
            frame = self._reader.wait_for_frame(sequence, _WAIT_FOR_FRAME_SECONDS)
            fault = self._reader.fault
            if frame is None:
                self._board.set_fault(fault)
                if fault is not None:
                    self._board.set_preview(None)
                continue
            sequence = frame.sequence
            try:
                self.look_at(frame)
                self._board.set_fault(fault)
            except CourtclockError as error:
                log.warning("a frame could not be judged: %s", error)
                self._give_up(error)
            except Exception:
                # Whatever went wrong inside recognition ends in "use your PIN", for everybody in front.
                log.exception("a frame could not be judged")
                self._give_up(CourtclockError("internal", reference="kiosk log"))

    def _give_up(self, fault: CourtclockError) -> None:
        """Nobody is accepted from this frame, and the face of an earlier one does not stay on the screen."""
        self._board.set_preview(None)
        self._door.fail(fault)
