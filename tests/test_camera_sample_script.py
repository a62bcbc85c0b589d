"""The sample's script is a closed document; whatever is wrong with it is said with its place."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.camera.sample_script import load_sample_script
from models.errors import CourtclockError
from tests.camera_fakes import COURT_START


def scene(**changes: Any) -> dict[str, Any]:
    actor = {"photo": "photos/wang.jpg", "kind": "walk_up"}
    return {"name": "morning", "starts_at": COURT_START.isoformat(), "court_seconds": 10.0, "actors": [actor]} | changes


def actors(*lanes: float, **changes: Any) -> list[dict[str, Any]]:
    return [{"photo": "p.jpg", "kind": "walk_up", "lane": lane} | changes for lane in lanes]


def written(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "script.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def script_with(**changes: Any) -> dict[str, Any]:
    return {"frames_per_second": 15, "scenes": [scene()]} | changes


def test_a_photograph_is_looked_for_beside_the_script(tmp_path: Path) -> None:
    script = load_sample_script(written(tmp_path, script_with()))
    assert script.scenes[0].actors[0].photo == tmp_path / "photos/wang.jpg"


def test_what_is_left_out_has_a_plain_default(tmp_path: Path) -> None:
    only_scene = load_sample_script(written(tmp_path, script_with())).scenes[0]
    actor = only_scene.actors[0]
    assert (only_scene.light_from, only_scene.light_to) == (1.0, 1.0)
    assert (actor.lane, actor.tilt_degrees, actor.mirrored, actor.face_box_xyxy) == (0.5, 0.0, False, None)


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(-0.1, None), (0.0, "morning"), (9.9, "morning"), (10.0, None), (60.0, "noon"), (70.0, None)],
)
def test_a_scene_is_on_from_its_start_until_just_before_its_end(
    tmp_path: Path, seconds: float, name: str | None
) -> None:
    noon = scene(name="noon", starts_at=(COURT_START + timedelta(minutes=1)).isoformat())
    script = load_sample_script(written(tmp_path, script_with(scenes=[noon, scene()])))
    found = script.scene_at(COURT_START + timedelta(seconds=seconds))
    assert (found.name if found else None) == name


def test_a_moment_without_its_zone_belongs_to_no_scene(tmp_path: Path) -> None:
    script = load_sample_script(written(tmp_path, script_with()))
    with pytest.raises(ValueError, match="naive"):
        script.scene_at(COURT_START.replace(tzinfo=None))


OVERLAPPING = scene(name="second", starts_at=(COURT_START + timedelta(seconds=9)).isoformat())


@pytest.mark.parametrize(
    ("document", "place", "complaint"),
    [
        (script_with(speed=2), "speed", "not known"),
        (script_with(scenes=[scene(light=1)]), "scenes.0.light", "not known"),
        (script_with(scenes=[scene(actors=actors(0.5, face="x"))]), "scenes.0.actors.0.face", "not known"),
        ({"scenes": []}, "frames_per_second", "missing"),
        (script_with(frames_per_second=0), "frames_per_second", "greater than or equal to 1"),
        (script_with(scenes=[scene(actors=[])]), "scenes.0.actors", "at least 1"),
        (script_with(scenes=[scene(actors=actors(0.5, kind="mask"))]), "scenes.0.actors.0.kind", "walk_up"),
        (script_with(scenes=[scene(actors=actors(1.4))]), "scenes.0.actors.0.lane", "less than or equal"),
        (script_with(scenes=[scene(actors=actors(0.5, 0.55))]), "scenes.0", "lanes 0.5 and 0.55"),
        (script_with(scenes=[scene(starts_at="2026-11-20T08:12:00")]), "scenes.0.starts_at", "timezone"),
        (script_with(scenes=[scene(), OVERLAPPING]), "script", "'second' begins before 'morning' has ended"),
        (
            script_with(scenes=[scene(actors=actors(0.5, face_box_xyxy=[90, 10, 20, 80]))]),
            "scenes.0.actors.0",
            "left, top, right, bottom",
        ),
        ([], "script", "valid dictionary"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(tmp_path: Path, document: Any, place: str, complaint: str) -> None:
    path = written(tmp_path, document)
    with pytest.raises(CourtclockError) as caught:
        load_sample_script(path)
    assert caught.value.code == "settings.invalid"
    assert caught.value.details["path"] == str(path)
    findings = str(caught.value.details["findings"])
    assert f"- {place}: " in findings
    assert complaint in findings


def test_all_findings_are_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, {"scenes": [scene(court_seconds=-1)], "speed": 3})
    with pytest.raises(CourtclockError) as caught:
        load_sample_script(path)
    assert len(str(caught.value.details["findings"]).splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{", "Expecting"), ('{"scenes": [], "scenes": []}', "written twice: scenes")],
)
def test_what_is_not_readable_json_is_said_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(CourtclockError) as caught:
        load_sample_script(written(tmp_path, text))
    assert caught.value.code == "settings.unreadable"
    assert reason in str(caught.value.details["reason"])


def test_a_script_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(CourtclockError) as caught:
        load_sample_script(tmp_path / "nothing.json")
    assert caught.value.code == "settings.unreadable"
