"""The page of the operating point: for HR alone, with figures, bounds and names, in both languages."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from server.services.context import ServerContext
from server.services.operating import compute_and_store
from tests.server_cast import face_of, give_account, make_app, sign_in_as
from tests.test_server_operating_point import enrol, resembling

PAGE = "/operating-point"
pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def client(context: ServerContext) -> FlaskClient:
    return make_app(context).test_client()


@pytest.fixture
def hr(context: ServerContext, client: FlaskClient) -> FlaskClient:
    give_account(context, "hr", "hr")
    sign_in_as(client, context, "hr")
    return client


def text_of(client: FlaskClient, language: str = "en") -> str:
    answer = client.get(f"{PAGE}?lang={language}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page(client: FlaskClient) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_the_head_of_a_division_may_not_see_it_and_is_not_led_to_it(
    context: ServerContext, client: FlaskClient
) -> None:
    give_account(context, "head", "head", "立案庭")
    sign_in_as(client, context, "head")
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/board").get_data(as_text=True)


def test_hr_is_led_to_it(hr: FlaskClient) -> None:
    assert f'href="{PAGE}"' in hr.get("/board").get_data(as_text=True)


@pytest.mark.parametrize(("language", "sentence"), [("en", "has been computed yet"), ("zh", "尚未计算出工作点")])
def test_before_the_first_one_it_says_so(hr: FlaskClient, language: str, sentence: str) -> None:
    assert sentence in text_of(hr, language)


def test_it_shows_how_it_was_found_figures_with_bounds_look_alikes_and_expected_wrong_events(
    context: ServerContext, hr: FlaskClient
) -> None:
    enrol(context, "1001", face_of(1), resembling(face_of(1), 0.2))
    enrol(context, "1002", resembling(face_of(1), 0.05))
    for number in range(3, 6):
        enrol(context, f"100{number}", face_of(number))
    point = compute_and_store(context)
    text = text_of(hr)
    assert "Version 1, in force." in text
    assert "Too few photographs: 5 people are in the gallery, 30 are needed." in text
    assert f"{point.calibration.accept_distance:.4g}" in text
    assert re.search(r"0 of 5 people; between 0 % and \d+ %", text)
    assert re.search(r"2 of 2 pictures; between \d+ % and 100 %", text)
    assert "5 people × 4 clock points × 250 workdays × FNIR × FPIR" in text
    assert "1001 员工1001" in text
    assert "1002 员工1002" in text
    assert "is asked for the PIN, always" in text
    assert point.inputs_digest in text


def test_it_speaks_chinese(context: ServerContext, hr: FlaskClient) -> None:
    enrol(context, "1001", face_of(1))
    compute_and_store(context)
    text = text_of(hr, "zh")
    for words in ("工作点", "照片太少", "打卡阈值", "每年预计错误打卡数", "计算依据"):
        assert words in text


def test_a_name_is_a_name_whatever_is_in_it(context: ServerContext, hr: FlaskClient) -> None:
    bold = enrol(context, "1001", face_of(1))
    enrol(context, "1002", resembling(face_of(1), 0.05))
    with context.unit() as unit:
        unit.people.rename(bold, "<script>alert(1)</script>", None, date(2026, 11, 20))
        unit.commit()
    compute_and_store(context)
    text = text_of(hr)
    assert "&lt;script&gt;" in text
    assert "<script" not in text
