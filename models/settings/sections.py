"""The sections of config.yaml: every key with its type, range and meaning."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from models.language import Language

EngineName = Literal["sface", "face_recognition"]

SECRETIVE: Final = "secretive"
"""Type of the error of a value that may hold a password, so that it is not shown."""

MISFIT: Final = "misfit"
"""Type of the error of a value that does not fit its neighbours; its context names the key."""


def _from_config_folder(path: Path, info: ValidationInfo) -> Path:
    base: Path = (info.context or {}).get("folder", Path())
    return path if path.is_absolute() else base / path


# User and password, host, and what stands where the port belongs; as SQLAlchemy divides a URL.
_AUTHORITY = re.compile(r"postgresql\+psycopg://(?:[^:/]*(?::[^@]*)?@)?(?:\[[^/?]+\]|[^/:?]*)(?::([^/?]*))?")


def _misfit(key: str, sentence: str) -> PydanticCustomError:
    return PydanticCustomError(MISFIT, "{sentence}", {"sentence": sentence, "key": key})


def _database_url(url: str, info: ValidationInfo) -> str:
    prefix = "sqlite:///"
    if not url.startswith(prefix):
        found = _AUTHORITY.match(url)
        port = found[1] if found is not None else None
        if port and not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
            raise PydanticCustomError(SECRETIVE, "the port in this URL is not a number from 1 to 65535")
        return url
    if ":memory:" in url:
        raise ValueError("a database in memory is lost when the program ends; name a file")
    return prefix + str(_from_config_folder(Path(url.removeprefix(prefix)), info))


def _camera_from_config_folder(source: str, info: ValidationInfo) -> str:
    if source.isdigit() or source in ("sample", "none") or "://" in source:
        return source
    return str(_from_config_folder(Path(source), info))


def _time_of_day(value: object) -> time:
    # YAML reads 17:30 without quotes as the number 1050, which would pass for so many seconds after midnight.
    if not isinstance(value, str) or re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) is None:
        raise ValueError('this must be a time of day in quotes, such as "04:00"')
    return time.fromisoformat(value)


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not an IANA time zone such as Asia/Shanghai") from error
    return name


FilePath = Annotated[Path, Field(strict=False), AfterValidator(_from_config_folder)]
"""A path; a relative one starts at the folder of config.yaml."""

TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
"""Hours and minutes of a day on the site's wall clock."""


class Section(BaseModel):
    """Closed, immutable and strict (``yes`` is no number); every section is one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class CourtSettings(Section):
    """Who and where."""

    name_zh: str = Field(min_length=1, description="Name of the court in Chinese.")
    name_en: str = Field(min_length=1, description="Name of the court in English.")
    time_zone: Annotated[str, AfterValidator(_time_zone)] = Field(
        description="IANA zone of the site; decides which day a moment belongs to."
    )
    language: Language = Field(description="Language of screens and reports until somebody chooses another.")


class ClockSettings(Section):
    """Where the time comes from."""

    compressed_day: FilePath | None = Field(
        description="Shared file of a demonstration's compressed day; null is the machine's clock."
    )


class DatabaseSettings(Section):
    """Where the server keeps its records."""

    url: Annotated[str, AfterValidator(_database_url)] = Field(
        pattern=r"^(sqlite:///.|postgresql\+psycopg://.)",
        description="SQLAlchemy URL: sqlite:///file or postgresql+psycopg://user@host/name.",
    )
    password_file: FilePath | None = Field(description="File with the database password, kept out of the URL.")


class SecretsSettings(Section):
    """Files with keys; made by `python -m server init`, readable by the server's user only."""

    template_key_file: FilePath = Field(description="Key that seals templates at rest.")
    session_key_file: FilePath = Field(description="Key that signs forms.")


class WeightsSettings(Section):
    """Weights of the OpenCV engine."""

    detector: FilePath | None = Field(description="YuNet file; null takes the one in the pinned package.")
    encoder: FilePath | None = Field(description="SFace file; null takes the one in the pinned package.")


class OperatingPointSettings(Section):
    """When two encodings count as one person; smaller distances are more alike."""

    accept_distance: float = Field(gt=0, lt=2, description="Largest distance to the nearest person.")
    margin: float = Field(ge=0, lt=1, description="Least gap to the nearest other person.")
    same_person_distance: float = Field(
        gt=0, lt=2, description="At enrollment: photographs further apart than this are not one person."
    )
    duplicate_distance: float = Field(
        gt=0, lt=2, description="At enrollment: closer than this to somebody else is a possible duplicate."
    )
    one_to_one_distance: float = Field(
        gt=0, lt=2, description="After a PIN: largest distance to the person whose PIN it is."
    )
    covered_accept_distance: float = Field(
        gt=0, lt=2, description="Largest distance to the nearest person while the lower face is covered."
    )


class OperatingPoints(Section):
    """One operating point an engine."""

    sface: OperatingPointSettings = Field(description="Cosine distance of SFace encodings.")
    face_recognition: OperatingPointSettings = Field(description="Euclidean distance of dlib encodings.")


class CalibrationSettings(Section):
    """How the site's own operating point is found, and what its expected wrong clock events are reckoned from."""

    wanted_fpir: float = Field(
        gt=0, lt=0.5, description="Wanted share of strangers' encounters that end in somebody's name (FPIR)."
    )
    min_people: int = Field(
        ge=20, le=100_000, description="With fewer enrolled people the careful operating point stays in force."
    )
    stranger_encounters_per_day: float = Field(
        ge=0, le=100_000, description="How often somebody who is not enrolled looks into a kiosk on a workday."
    )
    clock_points_per_day: int = Field(ge=1, le=24, description="How often each person clocks on a workday.")
    workdays_per_year: int = Field(ge=1, le=366, description="Workdays of a year.")


class QualitySettings(Section):
    """What an enrollment photograph must be."""

    min_eye_distance_px: float = Field(ge=16, le=500, description="Least distance between the eyes.")
    min_sharpness: float = Field(ge=0, le=10_000, description="Least variance of the Laplacian on the aligned face.")
    min_brightness: float = Field(ge=0, le=255, description="Least mean grey value of the face.")
    max_brightness: float = Field(ge=0, le=255, description="Greatest mean grey value of the face.")
    max_clipped_share: float = Field(ge=0, le=1, description="Greatest share of black or white pixels in the face.")
    max_side_light_ratio: float = Field(ge=1, le=20, description="Greatest ratio of light between left and right.")
    max_roll_degrees: float = Field(ge=0, le=90, description="Greatest tilt of the head to a shoulder.")
    max_yaw_share: float = Field(
        ge=0, le=1, description="Greatest shift of the nose from between the eyes, by eye distance."
    )
    min_nod: float = Field(ge=0, le=0.5, description="Least height of the nose between eyes (0) and mouth (1).")
    max_nod: float = Field(ge=0.5, le=1, description="Greatest height of the nose between eyes (0) and mouth (1).")
    max_outside_share: float = Field(ge=0, le=1, description="Greatest share of the face outside the picture.")
    min_eye_brightness_share: float = Field(
        ge=0, le=1, description="Least brightness around the eyes over that of the skin; dark glasses have less."
    )
    max_lower_face_covered: float = Field(
        ge=0, le=1, description="Greatest sign, 0 to 1, of something over mouth and nose."
    )
    max_file_bytes: int = Field(ge=10_000, le=200_000_000, description="Largest photograph file.")
    max_pixels: int = Field(ge=100_000, le=200_000_000, description="Most pixels of a photograph.")

    @model_validator(mode="after")
    def _brightness_in_order(self) -> Self:
        if self.min_brightness >= self.max_brightness:
            raise _misfit("min_brightness", "min_brightness must be less than max_brightness")
        return self


class FacesSettings(Section):
    """The face models."""

    engine: EngineName = Field(description="sface (OpenCV) or face_recognition (dlib).")
    min_detection_score: float = Field(gt=0, lt=1, description="Least score of a detected face.")
    weights: WeightsSettings = Field(description="Where the weights are.")
    operating_points: OperatingPoints = Field(description="Thresholds of each engine.")
    calibration: CalibrationSettings = Field(description="How the site's own operating point is found.")
    enrollment_quality: QualitySettings = Field(description="Limits for enrollment photographs.")

    def operating_point(self) -> OperatingPointSettings:
        """The thresholds of the engine in use."""
        points = self.operating_points
        return points.sface if self.engine == "sface" else points.face_recognition


class CameraSettings(Section):
    """The kiosk's eye."""

    source: Annotated[str, AfterValidator(_camera_from_config_folder)] = Field(
        min_length=1,
        description="0, /dev/video0, rtsp://…, a video file, a folder of pictures, sample, or none for PIN only.",
    )
    sample_script: FilePath | None = Field(description="Script that the sample source plays; needed by it only.")
    width_px: int = Field(ge=160, le=7680, description="Wanted width of a picture.")
    height_px: int = Field(ge=120, le=4320, description="Wanted height of a picture.")
    frame_deadline_seconds: float = Field(gt=0, le=60, description="No new picture for so long is a fault.")
    frozen_after_seconds: float = Field(gt=0, le=600, description="The very same picture for so long is a fault.")
    reopen_after_seconds: float = Field(gt=0, le=600, description="Wait before a faulty camera is opened again.")


class DecidingSettings(Section):
    """When the kiosk records, guides, or asks for a PIN."""

    votes: int = Field(ge=1, le=30, description="So many frames must agree …")
    of_frames: int = Field(ge=1, le=60, description="… among the last so many of one track.")
    grey_zone: float = Field(
        ge=0, le=0.5, description="A frame so far beyond the limit still votes; the mean of the votes must be within."
    )
    max_lower_face_covered: float = Field(
        ge=0, le=1, description="Greatest sign, 0 to 1, of something over mouth and nose, before a tighter limit holds."
    )
    faces_a_frame: int = Field(ge=1, le=10, description="So many faces are compared in one frame, in turns.")
    min_eye_distance_px: float = Field(ge=10, le=500, description="Eyes closer together than this: come closer.")
    min_sharpness: float = Field(ge=0, le=10_000, description="Less sharp frames are not counted.")
    min_motion_share: float = Field(
        ge=0, le=1, description="A face that moves by less than this share of its eye distance is asked for the PIN."
    )
    ask_pin_after_seconds: float = Field(gt=0, le=60, description="Doubt for so long ends in asking for the PIN.")
    forget_track_after_seconds: float = Field(gt=0, le=60, description="A face unseen for so long has left.")
    repeat_after_seconds: float = Field(
        ge=1, le=3600, description="The same person counts again after so long, or when the minute has changed."
    )

    @model_validator(mode="after")
    def _votes_fit(self) -> Self:
        if self.votes > self.of_frames:
            raise _misfit("votes", "votes must not be more than of_frames")
        return self


class AntispoofNetwork(NamedTuple):
    """A network as ``models.faces.antispoof`` takes it."""

    file: Path
    sha256: str
    input_size_px: int
    crop_scale: float
    channels: Literal["bgr", "rgb"]
    largest_value: float
    live_class: int
    min_live_score: float


class AntispoofSettings(Section):
    """An anti-spoofing network of the site's own choice; none is shipped."""

    file: FilePath | None = Field(
        description="ONNX file of your own network: one square picture in, one logit a class out; null is none."
    )
    sha256: str | None = Field(
        pattern=r"^[0-9a-fA-F]{64}$", description="Digest of that file; another file is refused."
    )
    input_size_px: int = Field(ge=16, le=1024, description="Side of the picture that it takes.")
    crop_scale: float = Field(ge=1, le=10, description="How much larger than the face's box the picture is cut out.")
    channels: Literal["bgr", "rgb"] = Field(description="Order of the colours that it takes.")
    largest_value: float = Field(gt=0, le=255, description="What white is in its input: 255 or 1.")
    live_class: int = Field(ge=0, le=99, description="Which of its outputs means a live face.")
    min_live_score: float = Field(gt=0, lt=1, description="Least score (softmax) of that output.")

    @model_validator(mode="after")
    def _digest_with_file(self) -> Self:
        if self.file is not None and self.sha256 is None:
            raise _misfit("sha256", "a network is only loaded with its digest: sha256 must be given")
        return self

    def network(self) -> AntispoofNetwork | None:
        """The network, None where there is none."""
        if self.file is None or self.sha256 is None:
            return None
        return AntispoofNetwork(
            self.file,
            self.sha256,
            self.input_size_px,
            self.crop_scale,
            self.channels,
            self.largest_value,
            self.live_class,
            self.min_live_score,
        )


class LivenessSettings(Section):
    """What a face must show before its person is recorded."""

    mode: Literal["off", "passive", "challenge"] = Field(
        description="off; passive: the face must move beyond a plane; challenge: everybody is asked to turn."
    )
    challenge_when_undecided: bool = Field(
        description="passive only: a face that stays undecided is asked to turn; false asks it for the PIN."
    )
    undecided_after_seconds: float = Field(
        ge=1, le=60, description="passive only: for so long a face may stay undecided."
    )
    challenge_turns: int = Field(ge=1, le=6, description="So many turns, each left or right at random, are asked for.")
    antispoof: AntispoofSettings = Field(description="An anti-spoofing network of the site's own.")


class ScreenSettings(Section):
    """The kiosk's own page; served on this machine only."""

    host: Literal["127.0.0.1", "::1", "localhost"] = Field(description="Loopback address.")
    port: int = Field(ge=1, le=65535, description="Port of the page.")
    thanks_seconds: float = Field(gt=0, le=60, description="How long a thank-you stays, unless somebody else comes.")
    not_me_seconds: float = Field(gt=0, le=300, description="How long “Not me” is possible.")


class PinSettings(Section):
    """The equal way beside the face."""

    max_tries: int = Field(ge=1, le=20, description="So many wrong PINs for one number …")
    lock_seconds: float = Field(ge=1, le=3600, description="… lock that number for so long.")


class SyncSettings(Section):
    """How clock events travel."""

    interval_seconds: float = Field(gt=0, le=3600, description="Pause between looks into the outbox.")
    max_backoff_seconds: float = Field(gt=0, le=3600, description="Longest pause after failures.")
    timeout_seconds: float = Field(gt=0, le=120, description="Longest wait for the server's answer.")
    batch_items: int = Field(ge=1, le=500, description="Most items in one message.")
    gallery_seconds: float = Field(
        gt=0, le=86400, description="Pause between heartbeats, which also ask for a newer gallery."
    )
    keep_done_days: int = Field(ge=1, le=365, description="How long delivered items stay in the outbox.")


class KioskSettings(Section):
    """The program at the door."""

    state_folder: FilePath = Field(description="Outbox, key and sealed gallery of this kiosk.")
    server_url: str = Field(pattern=r"^https?://[^/]+/?$", description="Where the server is.")
    server_ca_file: FilePath | None = Field(
        description="Certificate of the court's own authority, in PEM; null trusts the public ones."
    )
    camera: CameraSettings = Field(description="The kiosk's eye.")
    deciding: DecidingSettings = Field(description="When to record, guide, or ask for a PIN.")
    liveness: LivenessSettings = Field(description="What a face must show before its person is recorded.")
    screen: ScreenSettings = Field(description="The kiosk's own page.")
    pin: PinSettings = Field(description="PIN entry.")
    sync: SyncSettings = Field(description="Delivery to the server.")


class ServerSettings(Section):
    """The program in the court's computer room."""

    host: str = Field(min_length=1, description="Address to listen on.")
    port: int = Field(ge=1, le=65535, description="Port to listen on.")
    threads: int = Field(ge=1, le=64, description="Requests served at once.")
    session_idle_minutes: int = Field(ge=1, le=1440, description="Sign-in ends after so long without use …")
    session_hours: int = Field(ge=1, le=168, description="… and after so long in any case.")
    secure_cookies: bool = Field(description="true behind HTTPS: cookies never travel in clear.")
    pairing_code_minutes: int = Field(ge=1, le=1440, description="A pairing code is good for so long.")
    signature_max_age_seconds: int = Field(ge=5, le=3600, description="Oldest signature that is accepted.")


class PointSettings(Section):
    """One clock point of a shift."""

    name_zh: str = Field(min_length=1, description="Name in Chinese.")
    name_en: str = Field(min_length=1, description="Name in English.")
    direction: Literal["in", "out"] = Field(description="Arriving or leaving.")
    at: str = Field(pattern=r"^([0-3]\d|4[0-7]):[0-5]\d$", description="Time of day; 26:00 is two in the next morning.")
    window_before_minutes: int = Field(ge=0, le=1440, description="Clocking counts from so long before …")
    window_after_minutes: int = Field(ge=0, le=1440, description="… until so long after.")
    grace_minutes: int = Field(ge=0, le=240, description="So many minutes late or early are not held against anybody.")
    required: bool = Field(description="false: may be met, but is not missed.")


class ShiftSettings(Section):
    """The clock points of a day."""

    points: list[PointSettings] = Field(min_length=1, max_length=8, description="In the order of the day.")


class AttendanceSettings(Section):
    """What is expected of whom; the rules that verdicts are judged by."""

    day_starts_at: TimeOfDay = Field(description="A workday lasts from this time of day to the same of the next.")
    default_shift: str = Field(min_length=1, description="Shift of everybody who has no other.")
    shifts: dict[str, ShiftSettings] = Field(min_length=1, description="Shifts by name.")

    @model_validator(mode="after")
    def _default_exists(self) -> Self:
        if self.default_shift not in self.shifts:
            raise _misfit("default_shift", f"default_shift {self.default_shift!r} is not one of shifts")
        return self


class JobsSettings(Section):
    """What the server does by itself."""

    tick_seconds: float = Field(ge=0.05, le=3600, description="Pause between looks for due work.")
    day_report_at: TimeOfDay = Field(description="Local time of the day's late-arrival and early-leave report.")
    catch_up_days: int = Field(ge=0, le=366, description="Missed reports of so many days back are made up for.")


class Settings(Section):
    """The whole of config.yaml."""

    court: CourtSettings = Field(description="Who and where.")
    clock: ClockSettings = Field(description="Where the time comes from.")
    database: DatabaseSettings = Field(description="Where the server keeps its records.")
    secrets: SecretsSettings = Field(description="Files with keys.")
    faces: FacesSettings = Field(description="The face models.")
    kiosk: KioskSettings = Field(description="The program at the door.")
    server: ServerSettings = Field(description="The program in the computer room.")
    attendance: AttendanceSettings = Field(description="What is expected of whom.")
    jobs: JobsSettings = Field(description="What the server does by itself.")
