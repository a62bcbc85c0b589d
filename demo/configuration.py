"""The demonstration's settings: config.yaml itself, with the few values that a compressed day needs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from demo.day import REPORT_AT

CATCH_UP_DAYS: Final = 120
"""Beyond the months of a history: the server makes up for every report of them."""
RULES: Final = "court_four_windows"
"""The preset by which the day is judged."""
SHIPPED: Final = Path(__file__).parent.parent / "config.yaml"


def write_configuration(folder: Path, server_port: int, kiosk_port: int, kiosk_came_on: date | None = None) -> Path:
    """Write ``config.yaml`` for the demonstration into its folder; gives the file."""
    settings: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    settings["clock"]["compressed_day"] = "clock.json"
    settings["database"]["url"] = f"sqlite:///{folder / 'courtclock.db'}"
    settings["secrets"] = {"template_key_file": "secrets/template.key", "session_key_file": "secrets/session.key"}
    kiosk = settings["kiosk"]
    kiosk["state_folder"] = "kiosk"
    kiosk["server_url"] = f"http://127.0.0.1:{server_port}"
    kiosk["camera"]["source"] = "sample"
    kiosk["camera"]["sample_script"] = "camera.json"
    kiosk["deciding"]["ask_pin_after_seconds"] = 1.2
    # Photographs play the people here, and the passive test does not take photographs for people.
    kiosk["liveness"]["mode"] = "off"
    kiosk["screen"]["port"] = kiosk_port
    kiosk["screen"]["thanks_seconds"] = 2.5
    kiosk["sync"].update(interval_seconds=0.2, max_backoff_seconds=1.0, timeout_seconds=3, gallery_seconds=0.5)
    settings["server"]["port"] = server_port
    settings["jobs"].update(tick_seconds=0.25, day_report_at=f"{REPORT_AT:%H:%M}", catch_up_days=CATCH_UP_DAYS)
    # Where an hour passes within seconds, what a message takes on its way looks like an outage.
    settings["attendance"].update(silent_kiosk_seconds=86_400, clock_jump_seconds=3_600)
    settings["attendance"].update(
        first_rules=RULES, kiosk_came_on=None if kiosk_came_on is None else kiosk_came_on.isoformat()
    )
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
