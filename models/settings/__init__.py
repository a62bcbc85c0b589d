"""config.yaml as one closed, typed document.

An unknown key, a value out of range or a key written twice stops the program with the path of the
key and a hint. Every key is described in ``sections``, ``faces``, ``kiosk`` and docs/configuration.md,
and read nowhere else.
"""

from models.settings.faces import (
    CalibrationSettings,
    EngineName,
    FacesSettings,
    OperatingPoints,
    OperatingPointSettings,
    QualitySettings,
    WeightsSettings,
)
from models.settings.fields import FilePath, Section
from models.settings.folders import find_folder_faults
from models.settings.kiosk import (
    AntispoofSettings,
    CameraSettings,
    DecidingSettings,
    KioskSettings,
    LivenessSettings,
    PinSettings,
    ScreenSettings,
    SyncSettings,
)
from models.settings.loading import Finding, invalid_settings, load_settings
from models.settings.mail import MailSettings
from models.settings.sections import (
    WEEKDAYS,
    AttendanceSettings,
    ClockSettings,
    CourtSettings,
    DatabaseSettings,
    JobsSettings,
    RetentionSettings,
    SecretsSettings,
    ServerSettings,
    Settings,
    TimeOfDay,
)

__all__ = [
    "WEEKDAYS",
    "AntispoofSettings",
    "AttendanceSettings",
    "CalibrationSettings",
    "CameraSettings",
    "ClockSettings",
    "CourtSettings",
    "DatabaseSettings",
    "DecidingSettings",
    "EngineName",
    "FacesSettings",
    "FilePath",
    "Finding",
    "JobsSettings",
    "KioskSettings",
    "LivenessSettings",
    "MailSettings",
    "OperatingPointSettings",
    "OperatingPoints",
    "PinSettings",
    "QualitySettings",
    "RetentionSettings",
    "ScreenSettings",
    "SecretsSettings",
    "Section",
    "ServerSettings",
    "Settings",
    "SyncSettings",
    "TimeOfDay",
    "WeightsSettings",
    "find_folder_faults",
    "invalid_settings",
    "load_settings",
]
