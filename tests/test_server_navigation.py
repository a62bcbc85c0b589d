"""The links in the head of each page: whoever is shown one may follow it, and nobody is led nowhere."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from server.services.accounts import add_account
from server.services.context import ServerContext
from tests.server_cast import PASSWORD, employ, give_account, make_app, sign_in_as

pytestmark = pytest.mark.usefixtures("quick_hashes")


def links(client: FlaskClient, path: str) -> list[str]:
    page = client.get(path, follow_redirects=True)
    assert page.status_code == 200, path
    (head,) = re.findall(r"<header>.*?</header>", page.get_data(as_text=True), re.DOTALL)
    return [link for link in re.findall(r'href="([^"]+)"', head) if link.startswith("/")]


def test_the_other_language_is_one_link_away_with_all_that_was_asked(
    client: FlaskClient, context: ServerContext
) -> None:
    give_account(context, "hr", "hr")
    sign_in_as(client, context, "hr")
    page = client.get("/reports/trend?kind=late&lang=en&x=%26%22").get_data(as_text=True)
    assert 'href="?kind=late&amp;x=%26%22&amp;lang=zh"' in page
    assert 'href="?lang=zh"' in client.get("/reports").get_data(as_text=True)


@pytest.fixture
def client(context: ServerContext) -> FlaskClient:
    employ(context, "0104", "李明", "立案庭")
    return make_app(context).test_client()


@pytest.mark.parametrize(
    ("role", "division", "employee_no", "expected"),
    [
        ("hr", None, None, 13),
        ("hr", None, "0104", 14),
        ("president", None, None, 4),
        ("vice_president", None, "0104", 5),
        ("head", "立案庭", None, 5),
        ("employee", None, "0104", 3),
    ],
)
def test_every_link_that_is_shown_can_be_followed(
    context: ServerContext, client: FlaskClient, role: str, division: str | None, employee_no: str | None, expected: int
) -> None:
    add_account(context, "zhao", PASSWORD, role, division, employee_no)  # type: ignore[arg-type] # one of the roles
    sign_in_as(client, context, "zhao")
    shown = links(client, "/")
    assert len(shown) == expected
    for link in shown:
        assert client.get(link, follow_redirects=True).status_code == 200, link


def test_the_page_that_is_read_is_marked(context: ServerContext, client: FlaskClient) -> None:
    give_account(context, "hr", "hr")
    sign_in_as(client, context, "hr")
    for path in ("/board", "/reports", "/reports/month/2026-10", "/reports/trend", "/rules", "/jobs"):
        page = client.get(path).get_data(as_text=True)
        assert page.count('aria-current="page">') >= 1, path


def test_before_signing_in_there_are_no_links(client: FlaskClient) -> None:
    assert links(client, "/sign-in") == []
