"""What reaches the mail server, and what happens when it does not; against a real one."""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.errors import CourtclockError
from models.settings.mail import MailSettings
from server.services.mail_messages import Mail, compose
from server.services.smtp import SmtpSender, find_mail_faults
from tests.processes import free_port
from tests.server_cast import NOON
from tests.smtp_server import Certificate, MailServer, mail_settings, make_certificate, running_mail_server

HR = "hr@court.example"
USER = "court-clock"
PASSWORD_FILE = "mail.password"
PASSWORD = "tr0ub4dor-and-3"
MESSAGE = compose(
    Mail("考勤日报", "今日无人迟到。"),
    sender_name="长春市某某区人民法院",
    sender="attendance@court.example",
    recipient=HR,
    identifier="<1@court.example>",
    sent_at=NOON,
)


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything, in clear."""
    with running_mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def secured(
    folder: Path, server: MailServer, certificate: Certificate, password: str = PASSWORD, **changes: Any
) -> MailSettings:
    """Settings of somebody who logs in over STARTTLS and trusts this certificate."""
    password_file = folder / PASSWORD_FILE
    password_file.write_text(f"{password}\n", encoding="utf-8")
    values: dict[str, Any] = {
        "security": "starttls",
        "ca_file": certificate.file,
        "username": USER,
        "password_file": password_file,
    }
    return mail_settings(server.port, **(values | changes))


def send(settings: MailSettings) -> None:
    """A mail to HR."""
    SmtpSender(settings)(MESSAGE, HR)


def error_of(settings: MailSettings) -> CourtclockError:
    """Why it cannot be sent."""
    with pytest.raises(CourtclockError) as caught:
        send(settings)
    return caught.value


def everything_told(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    """All that a log would hold of an error: its sentence, details, causes and their places."""
    chain: list[BaseException] = [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(before)
    return (
        "".join(traceback.format_exception(error)) + repr([(one, one.args, vars(one)) for one in chain]) + caplog.text
    )


# The connection


@pytest.mark.parametrize(
    ("public_url", "name"), [(None, "court.example"), ("https://clock.court.example/a", "clock.court.example")]
)
def test_this_machine_names_itself_without_asking_a_name_server(
    server: MailServer, public_url: str | None, name: str
) -> None:
    send(mail_settings(server.port, public_url=public_url))
    assert server.taken[0].greeting == name


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_message_and_password_travel_through_tls(tmp_path: Path, certificate: Certificate, security: Any) -> None:
    with running_mail_server(security, certificate, {USER: PASSWORD}) as server:
        send(secured(tmp_path, server, certificate, security=security))
        (delivery,) = server.taken
    assert (delivery.protected, delivery.user) == (True, USER)


def test_without_starttls_nothing_is_sent_in_clear(tmp_path: Path, certificate: Certificate) -> None:
    with running_mail_server("none", None, {USER: PASSWORD}) as server:
        error = error_of(secured(tmp_path, server, certificate))
        assert server.commands == ["EHLO"]
    assert (error.code, error.details["reason"]) == ("mail.insecure", "it offers no STARTTLS")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, certificate: Certificate, security: Any
) -> None:
    with running_mail_server(security, certificate, {USER: PASSWORD}) as server:
        error = error_of(secured(tmp_path, server, certificate, security=security, ca_file=None))
        assert server.taken == []
        assert set(server.commands) <= {"EHLO"}
    assert error.code == "mail.insecure"
    assert "its certificate is not trusted, self-signed certificate" in error.sentence("en")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_machine_is_refused(tmp_path: Path, security: Any) -> None:
    others = make_certificate(tmp_path, "127.0.0.2")
    with running_mail_server(security, others, {USER: PASSWORD}) as server:
        error = error_of(secured(tmp_path, server, others, security=security))
        assert set(server.commands) <= {"EHLO"}
    assert error.code == "mail.insecure"
    assert "IP address mismatch" in error.sentence("en")


def test_tls_at_a_port_without_it_is_told_as_that(tmp_path: Path, server: MailServer, certificate: Certificate) -> None:
    error = error_of(secured(tmp_path, server, certificate, security="tls"))
    assert error.code == "mail.insecure"
    assert "it speaks another protocol there" in error.sentence("en")
    assert server.commands == []


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_a_ca_file_that_cannot_be_read_sends_nothing(
    tmp_path: Path, certificate: Certificate, content: str | None
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content, encoding="utf-8")
    with running_mail_server("starttls", certificate) as server:
        error = error_of(mail_settings(server.port, security="starttls", ca_file=ca_file))
        assert server.commands == []
    assert error.code == "mail.insecure"


def test_a_server_that_is_not_there_is_unreachable() -> None:
    error = error_of(mail_settings(free_port()))
    assert (error.code, error.retryable) == ("mail.unreachable", True)
    assert "Connection refused" in error.sentence("en")


def test_a_server_that_says_nothing_is_waited_for_so_long_and_no_longer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = error_of(mail_settings(silent.getsockname()[1], timeout_seconds=1))
    assert error.code == "mail.unreachable"
    assert "timed out" in error.sentence("en")


# Refusals


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("550 5.1.1 no such user here", "mail.refused"),
        ("554 5.7.1 relay access denied", "mail.refused"),
        ("450 4.2.0 greylisted, come back", "mail.deferred"),
        ("452 4.2.2 mailbox full", "mail.deferred"),
        ("421 4.7.0 too many, come back", "mail.deferred"),
        ("530 5.7.0 authentication required", "mail.sender_refused"),
    ],
)
def test_a_refused_recipient_is_told_with_the_servers_words(server: MailServer, answer: str, code: str) -> None:
    server.refusals[HR] = answer
    error = error_of(mail_settings(server.port))
    assert error.code == code
    assert answer in error.sentence("en")


@pytest.mark.parametrize(
    ("answer", "code"), [("554 5.6.0 looks like spam", "mail.refused"), ("451 4.3.0 disk trouble", "mail.deferred")]
)
def test_a_refused_message_is_told_likewise(server: MailServer, answer: str, code: str) -> None:
    server.data_answer = answer
    assert error_of(mail_settings(server.port)).code == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("553 5.7.1 not your address", "mail.sender_refused"),
        ("552 5.3.4 message too big", "mail.refused"),
        ("451 4.3.0 busy", "mail.deferred"),
    ],
)
def test_a_refused_sender_is_no_fault_of_the_recipient(server: MailServer, answer: str, code: str) -> None:
    server.sender_answer = answer
    assert error_of(mail_settings(server.port)).code == code


def test_a_server_that_hangs_up_over_a_message_is_taken_for_one_that_did_not_take_it(server: MailServer) -> None:
    server.hangs_up_at = "DATA"
    error = error_of(mail_settings(server.port))
    assert (error.code, error.retryable) == ("mail.broken_off", True)
    assert "Connection unexpectedly closed" in error.sentence("en")


def test_a_bad_goodbye_does_not_undo_what_was_taken(server: MailServer) -> None:
    server.hangs_up_at = "QUIT"
    send(mail_settings(server.port))
    assert len(server.taken) == 1


def test_a_servers_long_and_odd_words_become_one_short_line(server: MailServer) -> None:
    server.refusals[HR] = "550-first\r\n550 " + "very " * 60 + "\x07bad"
    reason = str(error_of(mail_settings(server.port)).details["reason"])
    assert reason.startswith("550 first very")
    assert len(reason) <= 200
    assert reason.isprintable()


# The password


def test_a_wrong_password_is_told_and_never_shown(
    tmp_path: Path, certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "server")
    with running_mail_server("starttls", certificate, {USER: "another"}) as server:
        error = error_of(secured(tmp_path, server, certificate))
        assert server.taken == []
    assert error.code == "mail.login_refused"
    assert USER in error.sentence("en")
    assert "it answered 535" in error.sentence("en")
    assert PASSWORD not in everything_told(error, caplog)


def test_a_server_that_knows_no_log_in_is_told_as_that(tmp_path: Path, certificate: Certificate) -> None:
    with running_mail_server("starttls", certificate) as server:
        error = error_of(secured(tmp_path, server, certificate))
        assert server.taken == []
    assert error.code == "mail.login_refused"


@pytest.mark.parametrize("password", ["密码-tr0ub4dor", "tr0ub4dor\nsecond line", "tr0ub4dor\x00"])
def test_a_password_that_no_server_takes_is_refused_and_never_shown(
    tmp_path: Path, certificate: Certificate, password: str, caplog: pytest.LogCaptureFixture
) -> None:
    with running_mail_server("starttls", certificate, {USER: PASSWORD}) as server:
        error = error_of(secured(tmp_path, server, certificate, password))
        assert "AUTH" not in server.commands
    assert error.code == "secret.unreadable"
    assert "tr0ub4dor" not in everything_told(error, caplog)


def test_a_password_file_that_is_not_text_is_refused_and_never_shown(
    tmp_path: Path, certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    with running_mail_server("starttls", certificate, {USER: PASSWORD}) as server:
        settings = secured(tmp_path, server, certificate)
        (tmp_path / PASSWORD_FILE).write_bytes(b"tr0ub4dor\xff")
        error = error_of(settings)
    assert error.code == "secret.unreadable"
    assert "tr0ub4dor" not in everything_told(error, caplog)


def test_a_password_that_was_changed_needs_no_restart(tmp_path: Path, certificate: Certificate) -> None:
    with running_mail_server("starttls", certificate, {USER: "the new one"}) as server:
        settings = secured(tmp_path, server, certificate)
        sender = SmtpSender(settings)
        with pytest.raises(CourtclockError):
            sender(MESSAGE, HR)
        (tmp_path / PASSWORD_FILE).write_text("the new one\n", encoding="utf-8")
        sender(MESSAGE, HR)
        assert len(server.taken) == 1


def test_without_a_host_there_is_no_sender() -> None:
    with pytest.raises(ValueError, match="no mail is sent"):
        SmtpSender(mail_settings(host=None))


# Looked at before


def test_files_that_are_missing_are_found_without_asking_the_server(tmp_path: Path) -> None:
    settings = mail_settings(
        security="tls", username=USER, password_file=tmp_path / "password", ca_file=tmp_path / "ca.pem"
    )
    assert [finding.key_path for finding in find_mail_faults(settings)] == ["mail.password_file", "mail.ca_file"]
    assert find_mail_faults(settings.model_copy(update={"host": None})) == []


def test_files_that_are_good_are_no_finding(tmp_path: Path, certificate: Certificate) -> None:
    assert find_mail_faults(secured(tmp_path, MailServer(25), certificate)) == []
