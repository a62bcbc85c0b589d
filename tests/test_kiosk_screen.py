"""The page at the door: two languages, one keypad, nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk.deciding import AskPin, Record
from kiosk.health import HealthProbe
from kiosk.screen.page import DOUBTS, HINTS, METHODS, ScreenParts, create_screen
from kiosk.syncing import Syncer
from models.errors import CourtclockError
from models.language import translate
from models.wire import KioskHealth, PersonEntry, parse
from tests.kiosk_fakes import (
    LI_WEI,
    MORNING,
    STAFF,
    ZHAO,
    DoorRig,
    door_rig,
    person,
)
from tests.kiosk_server_fakes import FakeLink, refused

JSON = {"Accept": "application/json"}
RIGHT = {"employee_no": "1003", "pin": "1379"}
WRONG = {"employee_no": "1003", "pin": "0000"}


@dataclass
class Screen:
    """The page in a browser, with the kiosk behind it."""

    rig: DoorRig
    client: FlaskClient
    link: FakeLink
    syncer: Syncer

    def text(self, path: str = "/") -> str:
        return self.client.get(path).get_data(as_text=True)

    def state(self, language: str = "en") -> dict[str, object]:
        answer = self.client.get(f"/state.json?lang={language}")
        assert answer.status_code == 200
        return dict(answer.get_json())

    def recognise(self) -> str:
        """Li Wei is recognised; gives the event's identifier."""
        self.rig.door.apply(1, Record(LI_WEI.person_id, self.rig.clock.now(), 0.3, 0.9, 0.53, 3, 3))
        return str(self.rig.items()[-1]["item_id"])


def screen_in(folder: Path, people: Sequence[PersonEntry] = STAFF, **changes: object) -> Screen:
    rig = door_rig(folder, people, **changes)
    link = FakeLink()
    probe = HealthProbe(rig.outbox, rig.rosters, rig.board, rig.clock, "sample", lambda: 12.34)
    syncer = Syncer(
        rig.outbox, link.as_link(), rig.rosters, rig.recorder, rig.clock, rig.settings.kiosk.sync, probe.probe
    )
    app = create_screen(ScreenParts(rig.settings, "东门", rig.board, rig.door, probe, syncer, rig.clock))
    return Screen(rig, app.test_client(), link, syncer)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    made = screen_in(tmp_path)
    yield made
    made.rig.outbox.close()


class TestThePage:
    def test_speaks_chinese_first(self, screen: Screen) -> None:
        text = screen.text()

        assert '<html lang="zh-CN">' in text
        for words in ("示范中级人民法院", "东门", "请看摄像头", "上下班打卡", "08:12:00", "2026-11-20"):
            assert words in text

    def test_speaks_english_when_asked_and_goes_on_so(self, screen: Screen) -> None:
        for text in (screen.text("/?lang=en"), screen.text()):
            assert '<html lang="en">' in text
            for words in ("Demonstration Intermediate People&#39;s Court", "Please look into the camera"):
                assert words in text
        assert '<html lang="zh-CN">' in screen.text("/?lang=zh")

    def test_in_a_language_it_does_not_know_speaks_the_courts(self, screen: Screen) -> None:
        assert '<html lang="zh-CN">' in screen.text("/?lang=fr")

    def test_offers_the_keypad_at_any_time_worth_the_same(self, screen: Screen) -> None:
        def has_keypad() -> bool:
            text = screen.text("/?lang=en")
            return 'action="/pin"' in text and "The PIN counts the same as the face." in text

        assert has_keypad()
        screen.rig.board.set_fault(CourtclockError("camera.unavailable", source="0"))
        assert has_keypad()
        screen.recognise()
        assert has_keypad()

    def test_shows_a_name_as_text_and_never_as_markup(self, tmp_path: Path) -> None:
        screen = screen_in(tmp_path, people=[person(4, "1004", "<script>alert(1)</script>", pin="4444")])
        screen.client.post("/pin", data={"employee_no": "1004", "pin": "4444"})

        assert "<script>alert" not in screen.text()
        assert "&lt;script&gt;alert" in screen.text()

    def test_gives_back_a_mistyped_number_as_text_and_the_pin_never(self, screen: Screen) -> None:
        answer = screen.client.post("/pin", data={"employee_no": '"><b>1003', "pin": "86420975"})

        text = answer.get_data(as_text=True)
        assert "<b>1003" not in text
        assert "&gt;&lt;b&gt;1003" in text
        assert "86420975" not in text

    def test_carries_no_script_or_style_of_its_own_and_nothing_from_elsewhere(self, screen: Screen) -> None:
        screen.recognise()
        text = screen.text()

        assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text) == []
        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
        addresses = re.findall(r'(?:src|href|action)="([^"]*)"', text)
        assert len(addresses) >= 5
        assert [address for address in addresses if "//" in address] == []
        for address in addresses:
            if address.startswith("/static/"):
                with screen.client.get(address) as answer:
                    assert answer.status_code == 200

    @pytest.mark.parametrize("path", ["/", "/state.json", "/health.json", "/preview.jpg", "/static/screen.css", "/no"])
    def test_tells_the_browser_to_trust_nobody_else_and_to_keep_nothing(self, screen: Screen, path: str) -> None:
        with screen.client.get(path) as answer:
            headers = answer.headers

        policy = headers["Content-Security-Policy"]
        for rule in ("default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
            assert rule in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"

    def test_that_is_not_there_is_not_there(self, screen: Screen) -> None:
        assert screen.client.get("/admin").status_code == 404
        assert screen.client.get("/pin").status_code == 405

    def test_keeps_the_language_cookie_to_itself(self, screen: Screen) -> None:
        cookie = screen.client.get("/?lang=en").headers["Set-Cookie"]

        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie


class TestThePinForm:
    def test_right_goes_back_to_the_page_that_says_thank_you(self, screen: Screen) -> None:
        answer = screen.client.post("/pin", data=RIGHT)

        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        text = screen.text()
        assert "打卡成功" in text
        assert "赵敏" in text
        assert screen.rig.clocked() == [(ZHAO.person_id, MORNING)]

    def test_takes_a_number_with_blanks_around_it(self, screen: Screen) -> None:
        assert screen.client.post("/pin", data={"employee_no": " 1003 ", "pin": "1379"}).status_code == 303

    def test_wrong_says_so_in_a_sentence(self, screen: Screen) -> None:
        answer = screen.client.post("/pin", data=WRONG)

        assert answer.status_code == 403
        assert "工号或 PIN 不正确。" in answer.get_data(as_text=True)
        assert screen.rig.kinds() == ["attempt"]

    @pytest.mark.parametrize("form", [{}, {"employee_no": "1003"}, {"pin": "1379"}])
    def test_half_filled_in_is_wrong(self, screen: Screen, form: dict[str, str]) -> None:
        assert screen.client.post("/pin", data=form).status_code == 403

    def test_locked_says_for_how_long(self, screen: Screen) -> None:
        for _ in range(5):
            assert screen.client.post("/pin", data=WRONG).status_code == 403
        screen.rig.clock.advance(18)

        answer = screen.client.post("/pin?lang=en", data=RIGHT)

        assert answer.status_code == 429
        assert "Too many wrong PINs for this number. Try again in 42 seconds." in answer.get_data(as_text=True)

    def test_that_could_not_be_saved_points_to_the_paper_list(
        self, screen: Screen, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise CourtclockError("outbox.write_failed", reason="disk is full")

        monkeypatch.setattr(screen.rig.outbox, "append", fail)
        answer = screen.client.post("/pin?lang=en", data=RIGHT)

        assert answer.status_code == 503
        assert "Please use the paper list." in answer.get_data(as_text=True)
        assert "Thank you" not in answer.get_data(as_text=True)

    def test_of_unreasonable_size_is_refused(self, screen: Screen) -> None:
        assert screen.client.post("/pin", data={"employee_no": "1003", "pin": "1" * 5000}).status_code == 413
        assert screen.rig.items() == []

    def test_answers_programs_in_json(self, screen: Screen) -> None:
        right = screen.client.post("/pin?lang=en", data=RIGHT, headers=JSON)
        again = screen.client.post("/pin?lang=en", data=RIGHT, headers=JSON)
        wrong = screen.client.post("/pin?lang=en", data=WRONG, headers=JSON)

        event_id = screen.rig.items()[0]["item_id"]
        expected = {"event_id": event_id, "name": "赵敏", "at": "08:12:00", "method": "by PIN", "repeated": False}
        assert (right.status_code, right.get_json()) == (200, expected)
        assert (again.status_code, again.get_json()) == (200, {**expected, "repeated": True})
        assert wrong.status_code == 403
        assert wrong.get_json() == {
            "code": "pin.wrong",
            "sentence": "Employee number or PIN is not right.",
            "retryable": False,
        }


class TestNotMe:
    def test_voids_what_was_just_thanked_for(self, screen: Screen) -> None:
        event_id = screen.recognise()
        assert re.search(rf'action="/not-me".*?value="{event_id}"', screen.text(), re.DOTALL)

        answer = screen.client.post("/not-me", data={"event_id": event_id})

        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert screen.rig.kinds() == ["clock_event", "void"]
        assert "请使用 PIN 打卡。" in screen.text()

    def test_too_late_says_so(self, screen: Screen) -> None:
        event_id = screen.recognise()
        screen.rig.clock.advance(11)

        answer = screen.client.post("/not-me?lang=en", data={"event_id": event_id})

        assert answer.status_code == 409
        assert "possible for 10 seconds only" in answer.get_data(as_text=True)
        assert screen.rig.kinds() == ["clock_event"]

    @pytest.mark.parametrize("event_id", ["", "nonsense", "01934700-0000-7000-8000-000000000000"])
    def test_for_nothing_that_was_thanked_for_is_refused(self, screen: Screen, event_id: str) -> None:
        answer = screen.client.post("/not-me", data={"event_id": event_id}, headers=JSON)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "void.too_late")
        assert screen.rig.items() == []

    def test_answers_programs_in_json(self, screen: Screen) -> None:
        answer = screen.client.post("/not-me", data={"event_id": screen.recognise()}, headers=JSON)

        assert (answer.status_code, answer.get_json()) == (200, {"voided": True})

    def test_stays_possible_for_its_ten_seconds_also_when_the_thank_you_is_gone(self, screen: Screen) -> None:
        screen.recognise()
        screen.rig.clock.advance(7)

        state = screen.state()

        assert (state["mode"], state["undo_seconds"]) == ("looking", 3)

    def test_being_seen_again_does_not_make_it_possible_for_longer(self, screen: Screen) -> None:
        screen.recognise()
        screen.rig.clock.advance(9)
        screen.rig.door.enter_pin("1001", "2580")
        assert screen.state()["undo_seconds"] == 1
        screen.rig.clock.advance(2)
        assert screen.state()["undo_seconds"] == 0


class TestForeigners:
    @pytest.mark.parametrize("path", ["/pin", "/not-me"])
    @pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:8080", "https://localhost", "null"])
    def test_a_page_of_another_origin_presses_no_buttons_here(self, screen: Screen, path: str, origin: str) -> None:
        event_id = screen.recognise()

        answer = screen.client.post(path, data={**RIGHT, "event_id": event_id}, headers={"Origin": origin})

        assert answer.status_code == 403
        assert screen.rig.kinds() == ["clock_event"]

    def test_the_page_itself_does(self, screen: Screen) -> None:
        answer = screen.client.post("/pin", data=RIGHT, headers={"Origin": "http://localhost"})

        assert answer.status_code == 303

    @pytest.mark.parametrize("path", ["/", "/state.json", "/preview.jpg"])
    def test_a_foreign_name_that_leads_here_shows_no_faces_and_names(self, screen: Screen, path: str) -> None:
        screen.recognise()
        answer = screen.client.get(path, headers={"Host": "evil.example:8090"})

        assert (answer.status_code, answer.data) == (403, b"")

    @pytest.mark.parametrize("host", ["127.0.0.1:8090", "localhost:8090", "[::1]:8090", "localhost"])
    def test_every_name_of_this_machine_is_at_home(self, screen: Screen, host: str) -> None:
        assert screen.client.get("/", headers={"Host": host}).status_code == 200


class TestTheState:
    def test_at_first(self, screen: Screen) -> None:
        assert screen.state() == {
            "mode": "looking",
            "prompt": "Please look into the camera",
            "date": "2026-11-20",
            "time": "08:12:00",
            "thanks": None,
            "undo_seconds": 0,
            "fault": None,
            "waiting": 0,
            "quarantined": 0,
            "delivery": None,
            "knows_people": True,
            "frames_per_second": 12.3,
            "has_preview": False,
        }

    def test_date_and_time_are_those_of_the_court(self, screen: Screen) -> None:
        screen.rig.clock.court += timedelta(hours=16)

        assert (screen.state()["date"], screen.state()["time"]) == ("2026-11-21", "00:12:00")

    def test_while_somebody_is_thanked(self, screen: Screen) -> None:
        event_id = screen.recognise()
        screen.rig.clock.advance(3)

        state = screen.state()

        assert (state["mode"], state["prompt"], state["undo_seconds"]) == ("thanks", "Thank you", 7)
        assert state["thanks"] == {
            "event_id": event_id,
            "name": "李伟",
            "at": "08:12:00",
            "method": "by face",
            "repeated": False,
        }

    def test_of_somebody_who_clocked_already_says_so(self, screen: Screen) -> None:
        screen.recognise()
        screen.rig.door.enter_pin("1001", "2580")

        assert screen.state()["prompt"] == "You have clocked already"
        assert screen.state("zh")["prompt"] == "您已打卡"

    def test_of_a_doubt_says_which(self, screen: Screen) -> None:
        screen.rig.door.apply(1, AskPin("unknown", MORNING, 5, 0.7))

        assert screen.state()["prompt"] == "I do not know you. Please use your PIN."
        assert screen.state("zh")["prompt"] == "未能识别您，请使用 PIN 打卡。"

    def test_of_a_hint_says_what_helps(self, screen: Screen) -> None:
        screen.rig.board.guide("closer")

        assert (screen.state()["mode"], screen.state("zh")["prompt"]) == ("guide", "请靠近一些")

    def test_of_a_fault_says_what_is_wrong_and_what_to_do(self, screen: Screen) -> None:
        screen.rig.board.set_fault(CourtclockError("camera.unavailable", source="0"))

        state = screen.state()
        assert (state["prompt"], state["fault"]) == ("Please use your PIN.", "The camera 0 cannot be opened.")

    def test_says_what_waits_and_why(self, screen: Screen) -> None:
        screen.rig.door.enter_pin("1001", "2580")
        screen.rig.door.enter_pin("1003", "1379")
        screen.link.fail_with = CourtclockError("server.unreachable", url="http://court", reason="ConnectionError")
        screen.syncer.step()
        assert (screen.state()["waiting"], screen.state()["quarantined"]) == (2, 0)
        assert screen.state()["delivery"] == "The server http://court does not answer: ConnectionError."

        screen.link.fail_with = None
        screen.link.result_of = refused
        screen.syncer.step()
        state = screen.state()
        assert (state["waiting"], state["quarantined"], state["delivery"]) == (0, 2, None)

    @pytest.mark.parametrize("sentence", [*HINTS.values(), *DOUBTS.values(), *METHODS.values()])
    def test_every_sentence_has_its_chinese(self, sentence: str) -> None:
        assert translate(sentence, "zh") != sentence


class TestThePreview:
    def test_is_nothing_when_nobody_is_there(self, screen: Screen) -> None:
        answer = screen.client.get("/preview.jpg")

        assert (answer.status_code, answer.data) == (204, b"")

    def test_is_a_picture_of_the_nearest_face(self, screen: Screen) -> None:
        screen.rig.board.set_preview(np.full((320, 300, 3), 128, dtype=np.uint8))

        answer: TestResponse = screen.client.get("/preview.jpg")

        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert answer.data.startswith(b"\xff\xd8\xff")
        assert screen.state()["has_preview"] is True

    def test_makes_room_for_the_thank_you(self, screen: Screen) -> None:
        screen.rig.board.set_preview(np.full((320, 300, 3), 128, dtype=np.uint8))
        screen.recognise()

        assert screen.state()["has_preview"] is False


def test_health_is_the_message_of_the_heartbeat(screen: Screen) -> None:
    screen.recognise()
    screen.rig.board.set_fault(CourtclockError("camera.frozen", source="sample", seconds=12.0))

    health = parse(KioskHealth, screen.client.get("/health.json").data)

    assert (health.camera, health.camera_fault, health.frames_per_second) == ("sample", "camera.frozen", 12.3)
    assert (health.queue_length, health.quarantined, health.last_device_seq, health.gallery_version) == (1, 0, 1, 1)
    assert health.sent_at == MORNING
    assert health.software
