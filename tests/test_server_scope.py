"""How far people may see: HR the court, a head the own division, an employee neither; on page and CSV alike."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.touching import touch_everybody
from tests.attendance_days import FRIDAY
from tests.server_cast import FakeClock, employ, give_account, make_app, sign_in_as

pytestmark = pytest.mark.usefixtures("quick_hashes")
REPORT = "/reports/day/2026-11-20"
PATHS = ["/board", REPORT, f"{REPORT}.csv"]
FILING, CRIMINAL = ("李明", "立案庭"), ("王芳", "刑庭")
NOWHERE = "孙丽"


@pytest.fixture
def app(context: ServerContext, clock: FakeClock) -> Flask:
    employ(context, "0104", *FILING)
    employ(context, "0205", *CRIMINAL)
    employ(context, "0306", NOWHERE, None)
    give_account(context, "zhao", "hr")
    give_account(context, "sun", "head", "立案庭")
    give_account(context, "homeless", "head")
    give_account(context, "li", "employee")
    clock.go_to("23:30")
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    return make_app(context)


def as_user(app: Flask, context: ServerContext, username: str) -> FlaskClient:
    client = app.test_client()
    sign_in_as(client, context, username)
    return client


def names_on(client: FlaskClient, path: str) -> set[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    text = answer.data.decode()
    return {name for name in (FILING[0], CRIMINAL[0], NOWHERE) if name in text}


@pytest.mark.parametrize("path", PATHS)
def test_hr_sees_everybody(app: Flask, context: ServerContext, path: str) -> None:
    assert names_on(as_user(app, context, "zhao"), path) == {FILING[0], CRIMINAL[0], NOWHERE}


@pytest.mark.parametrize("path", PATHS)
def test_a_head_sees_the_own_division_and_no_other(app: Flask, context: ServerContext, path: str) -> None:
    client = as_user(app, context, "sun")
    assert names_on(client, path) == {FILING[0]}
    assert CRIMINAL[1] not in client.get(path).data.decode()
    assert names_on(client, f"{path}?division=刑庭&division_id=1&role=hr") == {FILING[0]}


@pytest.mark.parametrize("path", PATHS)
def test_the_sums_a_head_sees_are_those_of_the_own_division(app: Flask, context: ServerContext, path: str) -> None:
    if path == REPORT:
        assert "<b>1</b> absent" in as_user(app, context, "sun").get(f"{path}?lang=en").text
        assert "<b>3</b> absent" in as_user(app, context, "zhao").get(f"{path}?lang=en").text
    elif path == "/board":
        assert "<b>1</b> not yet" in as_user(app, context, "sun").get(f"{path}?lang=en").text


@pytest.mark.parametrize("username", ["li", "homeless"])
@pytest.mark.parametrize("path", PATHS)
def test_an_employee_and_a_head_without_a_division_see_nobody(
    app: Flask, context: ServerContext, username: str, path: str
) -> None:
    answer = as_user(app, context, username).get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 403
    assert "Your account may not see this." in answer.text
    assert FILING[0] not in answer.text
