"""The section ``faces`` of config.yaml."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from models.settings.fields import FilePath, Section, misfit

EngineName = Literal["sface", "face_recognition"]


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
    max_roll_degrees: float = Field(ge=0, le=90, description="Greatest tilt of the head to a shoulder, as detected.")
    max_yaw_share: float = Field(
        ge=0, le=1, description="Greatest shift of the nose from between the eyes, by eye distance."
    )
    min_nod: float = Field(ge=0, le=0.5, description="Least height of the nose between eyes (0) and mouth (1).")
    max_nod: float = Field(ge=0.5, le=1, description="Greatest height of the nose between eyes (0) and mouth (1).")
    min_margin_share: float = Field(
        ge=0, le=2, description="Least gap between the face and the picture's edge, by eye distance."
    )
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
            raise misfit("min_brightness", "min_brightness must be less than max_brightness")
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
