"""The section ``kiosk`` of config.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from models.settings.fields import FilePath, Section, from_config_folder, misfit


def _camera_from_config_folder(source: str, info: ValidationInfo) -> str:
    if source.isdigit() or source in ("sample", "none") or "://" in source:
        return source
    return str(from_config_folder(Path(source), info))


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
            raise misfit("votes", "votes must not be more than of_frames")
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
            raise misfit("sha256", "a network is only loaded with its digest: sha256 must be given")
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
