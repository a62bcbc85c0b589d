"""config.yaml is a closed document: what is wrong in it is said at once, with the key's path and a hint."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import make_url

from models.errors import CourtclockError
from models.settings import Finding, Settings, find_folder_faults, load_settings
from tests.settings_documents import SHIPPED, changed, findings_in, load, section_of, shipped_document, walk

PLACES = walk(shipped_document())
SECTIONS = [path for path, node in PLACES if isinstance(node, dict)]
KEYS = [path for path, _ in PLACES if path]
VALUES = [path for path, node in PLACES if path and not isinstance(node, (dict, list))]


def dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))


def test_the_settings_that_are_shipped_are_good() -> None:
    settings = load_settings(SHIPPED)
    assert settings.court.time_zone == "Asia/Shanghai"
    assert settings.faces.operating_point() == settings.faces.operating_points.sface
    assert (settings.attendance.day_starts_at, settings.jobs.day_report_at) == (time(4), time(23))
    assert settings.attendance.first_rules == "court_two_points"
    assert settings.mail.host is None
    assert settings.retention.clock_events_days is None


def test_every_setting_stands_in_the_shipped_file() -> None:
    def keys_of(form: type[BaseModel], path: str = "") -> set[str]:
        keys = {path + name for name in form.model_fields}
        for name, field in form.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                keys |= keys_of(field.annotation, f"{path}{name}.")
        return keys

    assert keys_of(Settings) <= {dotted(path) for path, _ in PLACES}


def test_each_engine_has_its_own_operating_point(tmp_path: Path) -> None:
    settings = load(tmp_path, changed(faces__engine="face_recognition"))
    assert settings.faces.operating_point().accept_distance == 0.40
    assert load_settings(SHIPPED).faces.operating_point().accept_distance == 0.53


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: dotted(path) or "top")
def test_an_unknown_key_is_named_with_its_path(tmp_path: Path, path: tuple[str | int, ...]) -> None:
    document = shipped_document()
    section_of(document, (*path, "unknown"))["cafeteria_menu"] = 1
    found = findings_in(tmp_path, document)
    assert found == {dotted((*path, "cafeteria_menu")): "this key is not known. Remove it."}


def test_a_misspelt_key_is_guessed_at_every_level_and_all_are_found_at_once(tmp_path: Path) -> None:
    document = shipped_document()
    for path in sorted(KEYS, key=len, reverse=True):
        if path in VALUES:
            section = section_of(document, path)
            section[f"{path[-1]}s"] = section.pop(path[-1])
    found = findings_in(tmp_path, document)
    misspelt = [path for path in KEYS if path in VALUES]
    assert len(misspelt) > 80
    for path in misspelt:
        assert found[f"{dotted(path)}s"] == f"this key is not known. Did you mean {path[-1]}?"
        assert found[dotted(path)].startswith("this key is missing. ")
    assert len(found) == 2 * len(misspelt)


def test_a_misspelt_section_is_guessed_too(tmp_path: Path) -> None:
    document = shipped_document()
    document["kiosks"] = document.pop("kiosk")
    assert findings_in(tmp_path, document)["kiosks"] == "this key is not known. Did you mean kiosk?"


def test_nothing_is_assumed_for_a_key_that_is_missing(tmp_path: Path) -> None:
    document = shipped_document()
    for path in sorted(VALUES, key=len, reverse=True):
        del section_of(document, path)[path[-1]]
    found = findings_in(tmp_path, document)
    assert set(found) == {dotted(path) for path in VALUES}
    assert {rest.split(". ")[0] for rest in found.values()} == {"this key is missing"}


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        ("court__time_zone", "Changchun", "not an IANA time zone"),
        ("court__language", "fr", "'zh' or 'en'"),
        ("database__url", "mysql://court/db", "pattern"),
        ("faces__engine", "arcface", "'sface' or 'face_recognition'"),
        ("kiosk__screen__host", "0.0.0.0", "'127.0.0.1'"),
        ("kiosk__server_url", "ftp://court", "pattern"),
        ("kiosk__server_url", "http://court/path", "pattern"),
        ("kiosk__camera__source", "", "at least 1 character"),
        ("kiosk__camera__source", 0, "valid string"),
        ("attendance__first_rules", "", "at least 1 character"),
        ("attendance__first_rules", None, "valid string"),
        ("jobs__week_posting_on", "Monday", "'monday', 'tuesday'"),
        ("jobs__week_posting_on", 1, "'monday', 'tuesday'"),
        ("mail__security", "ssl", "'starttls', 'tls' or 'none'"),
        ("mail__host", "mail.court.example:587", "the port stands in mail.port"),
        ("retention__attempts_days", None, "valid integer"),
        ("server__threads", "8", "valid integer"),
        ("server__threads", True, "valid integer"),
        ("server__threads", 8.5, "valid integer"),
        ("server__secure_cookies", "no", "valid boolean"),
        ("server__secure_cookies", 0, "valid boolean"),
        ("kiosk__pin__lock_seconds", True, "valid number"),
        ("kiosk__pin__lock_seconds", float("nan"), "number"),
        ("kiosk__pin", 5, "a section with keys belongs here"),
        ("kiosk__pin", None, "a section with keys belongs here"),
    ],
)
def test_a_value_of_another_form_is_refused(tmp_path: Path, where: str, value: Any, said: str) -> None:
    found = findings_in(tmp_path, changed(**{where: value}))
    path = where.replace("__", ".")
    assert set(found) in ({path}, {path.rsplit(".", 1)[0]})
    assert said in next(iter(found.values()))


@pytest.mark.parametrize(
    "where", ["attendance__day_starts_at", "jobs__day_report_at", "jobs__week_posting_at", "jobs__month_bulletin_at"]
)
@pytest.mark.parametrize("value", [1380, "23", "23:00:00", "24:00", "2:00", "23:00+08:00", "11 pm", None])
def test_a_time_of_day_is_hours_and_minutes_in_quotes(tmp_path: Path, where: str, value: Any) -> None:
    # Without quotes YAML reads 23:00 as 1380, which must not become 23 minutes past midnight.
    found = findings_in(tmp_path, changed(**{where: value}))
    assert list(found) == [where.replace("__", ".")]
    assert 'a time of day in quotes, such as "04:00"' in found[where.replace("__", ".")]


def test_a_time_of_day_without_quotes_in_the_file_is_refused(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert 'day_report_at: "23:00"' in text
    found = findings_in(tmp_path, text.replace('day_report_at: "23:00"', "day_report_at: 23:00"))
    assert list(found) == ["jobs.day_report_at"]


@pytest.mark.parametrize("written", ['"2026-09-01"', "2026-09-01"])
def test_a_date_stands_with_or_without_quotes(tmp_path: Path, written: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert "kiosk_came_on: null" in text
    settings = load(tmp_path, text.replace("kiosk_came_on: null", f"kiosk_came_on: {written}"))
    assert settings.attendance.kiosk_came_on == date(2026, 9, 1)


@pytest.mark.parametrize("value", ["2026-9-1", "1 September 2026", "2026-02-30", 20260901, "2026-09-01 08:00", True])
def test_nothing_else_is_a_date(tmp_path: Path, value: Any) -> None:
    assert list(findings_in(tmp_path, changed(attendance__kiosk_came_on=value))) == ["attendance.kiosk_came_on"]


def test_a_moment_without_quotes_is_no_date(tmp_path: Path) -> None:
    # YAML reads it as a moment, whose date would depend on a time zone.
    text = SHIPPED.read_text(encoding="utf-8")
    found = findings_in(tmp_path, text.replace("kiosk_came_on: null", "kiosk_came_on: 2026-09-01 08:00:00"))
    assert "a date such as 2026-11-20" in found["attendance.kiosk_came_on"]


@pytest.mark.parametrize("name", ["our_rules.yaml", "rules/court.yml"])
def test_rules_of_the_courts_own_lie_beside_the_settings(tmp_path: Path, name: str) -> None:
    settings = load(tmp_path, changed(attendance__first_rules=name))
    assert settings.attendance.first_rules == str(tmp_path / name)


def test_rules_without_the_ending_of_a_file_are_a_presets_name(tmp_path: Path) -> None:
    settings = load(tmp_path, changed(attendance__first_rules="nine_to_five"))
    assert settings.attendance.first_rules == "nine_to_five"


@pytest.mark.parametrize(
    ("where", "value", "key", "said"),
    [
        (
            "faces__enrollment_quality__min_brightness",
            215,
            "faces.enrollment_quality.min_brightness",
            "less than max_brightness",
        ),
        ("kiosk__deciding__votes", 6, "kiosk.deciding.votes", "not be more than of_frames"),
    ],
)
def test_values_that_do_not_fit_each_other_are_refused(
    tmp_path: Path, where: str, value: Any, key: str, said: str
) -> None:
    found = findings_in(tmp_path, changed(**{where: value}))
    assert list(found) == [key]
    assert said in found[key]
    assert f"(found {value!r})" in found[key]


def test_what_a_mail_server_needs_beside_it_is_asked_for_by_its_own_key(tmp_path: Path) -> None:
    found = findings_in(tmp_path, changed(mail__host="mail.court.example"))
    assert list(found) == ["mail.sender"]
    assert "sender must be given with a host" in found["mail.sender"]


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (
            "court__time_zone",
            "Changchun",
            "'Changchun' is not an IANA time zone such as Asia/Shanghai (found 'Changchun'). "
            "See docs/configuration.md.",
        ),
        ("kiosk__pin", [{"max_tries": 5}], "a section with keys belongs here. See docs/configuration.md."),
        ("court__name_en", {"a": "section"}, "input should be a valid string. See docs/configuration.md."),
    ],
)
def test_a_finding_is_plain_words_and_dumps_no_section(tmp_path: Path, where: str, value: Any, said: str) -> None:
    assert findings_in(tmp_path, changed(**{where: value})) == {where.replace("__", "."): said}


def test_a_sentence_that_ends_by_itself_gets_no_second_full_stop() -> None:
    assert str(Finding("a.b", "It is gone.", "Bring it back.")) == "a.b: It is gone. Bring it back."
    assert str(Finding("a.b", "it is gone", "Bring it back.")) == "a.b: it is gone. Bring it back."


@pytest.mark.parametrize("port", ["54x2", "0", "65536", "-1", "５４３２"])
@pytest.mark.parametrize("before", ["court@db", "court:p:/#w@db", "db", "court@[::1]"])
def test_a_database_url_with_a_port_that_is_none_is_refused_without_showing_it(
    tmp_path: Path, before: str, port: str
) -> None:
    found = findings_in(tmp_path, changed(database__url=f"postgresql+psycopg://{before}:{port}/court"))
    said = "the port in this URL is not a number from 1 to 65535. See docs/configuration.md."
    assert found == {"database.url": said}


@pytest.mark.parametrize("authority", ["court@db:5432", "court:p:/#w@db:5432", "db", "court@[::1]:5432", "court@[::1]"])
def test_other_database_urls_stay_as_they_are(tmp_path: Path, authority: str) -> None:
    url = f"postgresql+psycopg://{authority}/court"
    assert load(tmp_path, changed(database__url=url)).database.url == url
    assert make_url(url).database == "court"


def test_a_database_in_memory_is_refused(tmp_path: Path) -> None:
    found = findings_in(tmp_path, changed(database__url="sqlite:///:memory:"))
    assert "a database in memory is lost" in found["database.url"]


def test_a_folder_is_looked_at_without_being_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert find_folder_faults("a.b", tmp_path / "new" / "folder") == []
    assert not (tmp_path / "new").exists()
    told = [str(finding) for finding in find_folder_faults("a.b", tmp_path / "file" / "folder")]
    assert told == [f"a.b: {tmp_path / 'file'} is not a folder. Name another folder."]


def test_a_folder_that_may_not_be_written_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Permissions are no hindrance to root, who may run this test.
    monkeypatch.setattr("models.settings.folders.os.access", lambda path, mode: False)
    (finding,) = find_folder_faults("a.b", tmp_path / "new")
    assert str(finding).startswith(f"a.b: the folder {tmp_path} cannot be written. ")


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    document = changed(court__time_zone="Changchun", server__port=70000, jobs__day_report_at="late")
    del document["secrets"]
    document["enrolment"] = {}
    assert set(findings_in(tmp_path, document)) == {
        "court.time_zone",
        "server.port",
        "jobs.day_report_at",
        "secrets",
        "enrolment",
    }


def test_the_error_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(CourtclockError, match=r"settings\.invalid") as caught:
        load(tmp_path, changed(server__port=0))
    assert str(tmp_path / "config.yaml") in str(caught.value)


def test_settings_cannot_be_changed_while_the_program_runs() -> None:
    settings = load_settings(SHIPPED)
    with pytest.raises(ValidationError, match="frozen"):
        settings.server.port = 1


def test_a_network_of_the_sites_own_is_only_taken_with_its_digest(tmp_path: Path) -> None:
    without = changed(kiosk__liveness__antispoof__file="own.onnx")
    assert list(findings_in(tmp_path, without)) == ["kiosk.liveness.antispoof.sha256"]
    with_digest = changed(kiosk__liveness__antispoof__file="own.onnx", kiosk__liveness__antispoof__sha256="0a" * 32)
    network = load(tmp_path, with_digest).kiosk.liveness.antispoof.network()
    assert network is not None
    assert (network.file, network.sha256) == (tmp_path / "own.onnx", "0a" * 32)


def test_a_digest_is_sixty_four_hexadecimal_digits(tmp_path: Path) -> None:
    document = changed(kiosk__liveness__antispoof__sha256="abc")
    assert list(findings_in(tmp_path, document)) == ["kiosk.liveness.antispoof.sha256"]
    assert load_settings(SHIPPED).kiosk.liveness.antispoof.network() is None
