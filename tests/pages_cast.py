"""Reading pages and sending their forms, as a browser would: what is hidden in a form goes along."""

from __future__ import annotations

import re
import uuid
from datetime import date
from html import unescape
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.signing_in import token_hash
from server.services.touching import touch_everybody
from server.storage.records import Role
from server.web.access import session_cookie
from tests.server_cast import Person, employ, password_hash

_HIDDEN = ("csrf_token", "form_id", "points_of", "sheet_sha256", "person_id", "number")


def somebody(
    context: ServerContext,
    employee_no: str,
    name: str,
    division: str | None,
    *,
    username: str,
    role: Role = "employee",
) -> Person:
    """A person with an account of their own; a head is the head of the own division."""
    person = employ(context, employee_no, name, division)
    give_own_account(context, person, username, role, division if role == "head" else None)
    return person


def give_own_account(
    context: ServerContext, person: Person | None, username: str, role: Role, division: str | None = None
) -> None:
    """An account that belongs to a person, or to nobody."""
    with context.unit() as unit:
        division_id = None if division is None else unit.people.ensure_division(division)
        person_id = None if person is None else person.person_id
        unit.accounts.add(username, password_hash(), role, division_id, person_id)
        unit.commit()


def derive(context: ServerContext, first: date, last: date | None = None) -> None:
    """Judge everybody's workdays of these days."""
    touch_everybody(context, first, last)
    derive_touched(context)


def as_user(app: Flask, context: ServerContext, username: str) -> FlaskClient:
    """A new browser in which somebody is signed in and reads English."""
    client, token = app.test_client(), f"token-{uuid.uuid4()}"
    with context.unit() as unit:
        account = unit.accounts.by_username(username)
        assert account is not None
        unit.accounts.open_session(token_hash(token), account.account_id, context.clock.host_now())
        unit.commit()
    client.set_cookie(session_cookie(context), token)
    client.set_cookie("language", "en")
    return client


def words_of(answer: TestResponse) -> str:
    """What people read on a page, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def hidden(answer: TestResponse, name: str) -> str:
    """The value of a field that a page carries along."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', answer.text)
    assert found is not None, f"no {name} on the page"
    return unescape(found.group(1))


def form_on(answer: TestResponse) -> dict[str, str]:
    """What a browser would send of a page without anybody typing: what is hidden, and the employee number."""
    found = {name: hidden(answer, name) for name in _HIDDEN if f'name="{name}"' in answer.text}
    number = re.search(r'<input[^>]*name="employee_no"[^>]*>', answer.text)
    value = None if number is None else re.search(r'value="([^"]*)"', number.group(0))
    return found if value is None else {**found, "employee_no": unescape(value.group(1))}


def post(client: FlaskClient, path: str, typed: dict[str, Any]) -> TestResponse:
    """Send a form; ``(content, name)`` is a file, a list is several of them."""
    fields: MultiDict[str, Any] = MultiDict()
    for name, value in typed.items():
        for one in value if isinstance(value, list) else [value]:
            fields.add(name, FileStorage(BytesIO(one[0]), one[1], name) if isinstance(one, tuple) else one)
    boundary, body = encode_multipart(fields)
    return client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def send(client: FlaskClient, path: str, *, to: str | None = None, **typed: Any) -> TestResponse:
    """Open a page and send the form on it, to its own address or another one."""
    page = client.get(path)
    assert page.status_code == 200, words_of(page)
    return post(client, to or path, {**form_on(page), **typed})
