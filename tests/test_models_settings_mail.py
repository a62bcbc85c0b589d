"""The section mail: what it refuses says what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models.settings.mail import is_mail_address
from tests.smtp_server import mail_settings


def refusal(**changes: Any) -> str:
    """What the section says to these values; it must say one thing."""
    with pytest.raises(ValidationError) as caught:
        mail_settings(**changes)
    (error,) = caught.value.errors()
    return str(error["msg"])


def test_without_a_host_nothing_else_is_needed() -> None:
    settings = mail_settings(host=None, sender=None)
    assert (settings.host, settings.sender) == (None, None)


@pytest.mark.parametrize("host", ["mail.court.example", "mail", "192.0.2.7", "2001:db8::7", "xn--fiq228c.example"])
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    assert mail_settings(host=host).host == host


@pytest.mark.parametrize(
    "host",
    ["", "smtp://mail.court.example", "mail.court.example:587", "mail court", "mail\n", "-mail", "[::1]", "法院"],
)
def test_a_host_is_nothing_else(host: str) -> None:
    assert "the name or address of a machine alone" in refusal(host=host)


@pytest.mark.parametrize(
    "address",
    ["hr@court.example", "a.b+c@mail.court.example", "li_ming@163.com", "x@mail", f"{'a' * 64}@court.example"],
)
def test_an_address_is_an_ordinary_one(address: str) -> None:
    assert is_mail_address(address)
    assert mail_settings(sender=address).sender == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hr",
        "hr@",
        "@court.example",
        "hr@court..example",
        ".hr@court.example",
        "h r@court.example",
        "hr@court.example, boss@court.example",
        "HR <hr@court.example>",
        "hr@court.example\nBcc: all@court.example",
        "hr@court.example\n",
        "李@court.example",
        "hr@法院.example",
        f"hr@{'a' * 60}.{'a' * 60}.{'a' * 60}.{'a' * 60}.{'a' * 60}.example",
    ],
)
def test_an_address_is_nothing_else(address: str) -> None:
    assert not is_mail_address(address)
    assert "one e-mail address alone" in refusal(sender=address)


def test_a_host_needs_a_sender() -> None:
    assert "sender must be given" in refusal(sender=None)


def test_a_user_name_and_a_password_come_together(tmp_path: Path) -> None:
    assert "password_file must be given" in refusal(username="court", security="tls")
    assert "username must be given" in refusal(password_file=tmp_path / "password", security="tls")


def test_a_password_does_not_travel_in_clear(tmp_path: Path) -> None:
    with_password: dict[str, Any] = {"username": "court", "password_file": tmp_path / "password"}
    assert "does not travel in clear" in refusal(security="none", **with_password)
    for security in ("starttls", "tls"):
        assert mail_settings(security=security, **with_password).username == "court"


@pytest.mark.parametrize(
    ("public_url", "address"),
    [
        ("https://attendance.court.example", "https://attendance.court.example/day/2026-11-20"),
        ("https://attendance.court.example/", "https://attendance.court.example/day/2026-11-20"),
        ("http://10.0.0.5:8080/court/", "http://10.0.0.5:8080/court/day/2026-11-20"),
    ],
)
def test_a_link_leads_to_a_page(public_url: str, address: str) -> None:
    assert mail_settings(public_url=public_url).link("/day/2026-11-20") == address


def test_without_a_public_address_there_are_no_links() -> None:
    assert mail_settings().link("/day/2026-11-20") is None


@pytest.mark.parametrize(
    "public_url",
    [
        "",
        "attendance.court.example",
        "ftp://court.example",
        "https://",
        "https://court.example/?day=1",
        "https://court.example/#top",
        "https://hr:secret@court.example",
        "https://court.example:99999",
        "https://a b",
    ],
)
def test_a_public_address_is_one_that_browsers_take_and_paths_can_follow(public_url: str) -> None:
    assert "such as https://attendance.court.example" in refusal(public_url=public_url)


@pytest.mark.parametrize(
    ("key", "too_little", "least", "most", "too_much"),
    [
        ("port", 0, 1, 65535, 65536),
        ("timeout_seconds", 0.9, 1, 60, 60.1),
        ("max_tries", 0, 1, 50, 51),
        ("retry_minutes", 0, 1, 1440, 1441),
    ],
)
def test_a_number_has_a_range(key: str, too_little: float, least: float, most: float, too_much: float) -> None:
    for good in (least, most):
        taken: dict[str, Any] = {key: good}
        assert getattr(mail_settings(**taken), key) == good
    for bad in (too_little, too_much):
        assert "than or equal to" in refusal(**{key: bad})
