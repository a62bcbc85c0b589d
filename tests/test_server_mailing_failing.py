"""A mail that fails is kept with its reason, tried again after longer and longer pauses, and then given up."""

from __future__ import annotations

import logging
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.errors import CourtclockError
from models.stored_errors import in_words
from server.services.context import ServerContext
from server.services.mail_messages import Mail
from server.services.mailing import (
    send_waiting,
    try_given_up_again,
)
from server.services.smtp import SmtpSender
from server.storage.records import AccountRecord
from tests.mailing_cast import (
    DAY,
    MINUTE,
    Sent,
    address_of,
    mail_of,
    outage,
    plain,
    queue,
    reader,
    refused,
    send,
)
from tests.processes import free_port
from tests.server_cast import FakeClock
from tests.smtp_server import MailServer, mail_settings, make_certificate, running_mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything, in clear."""
    with running_mail_server() as running:
        yield running


def test_a_server_that_is_down_is_tried_again_later(context: ServerContext, clock: FakeClock) -> None:
    hr = reader(context, "hr")
    queue(context)
    nobody = mail_settings(free_port())
    assert send_waiting(context, nobody, plain, SmtpSender(nobody)) == 0
    mail = mail_of(context, hr)
    assert (mail.state, mail.tries) == ("waiting", 1)
    assert mail.next_try_at == clock.host_now() + 5 * MINUTE
    assert in_words(str(mail.error), "en").startswith("The mail server 127.0.0.1:")
    with running_mail_server() as server:
        settings = mail_settings(server.port)
        clock.advance(4 * MINUTE)
        assert send_waiting(context, settings, plain, SmtpSender(settings)) == 0
        clock.advance(MINUTE)
        assert send_waiting(context, settings, plain, SmtpSender(settings)) == 1
        assert [delivery.recipient for delivery in server.taken] == [address_of("hr")]
    assert mail_of(context, hr).error is None


def test_pauses_grow_until_a_mail_is_given_up(
    context: ServerContext, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    hr = reader(context, "hr")
    queue(context)
    pauses = []
    for _ in range(5):
        send(context, Sent(hr=refused("mail.deferred")), max_tries=6)
        mail = mail_of(context, hr)
        pauses.append((mail.next_try_at - clock.host_now()) / MINUTE)
        clock.advance(mail.next_try_at - clock.host_now())
    assert pauses == [5, 10, 20, 40, 80]
    with caplog.at_level(logging.WARNING, "server"):
        send(context, Sent(hr=refused("mail.deferred")), max_tries=6)
    mail = mail_of(context, hr)
    assert (mail.state, mail.tries) == ("given_up", 6)
    assert "550 no such user" in str(mail.error)
    assert f"mail day {DAY} to account {hr} is given up: mail.deferred" in caplog.text
    clock.advance(timedelta(days=30))
    assert send(context, Sent()) == 0


def test_no_pause_is_longer_than_a_day(context: ServerContext, clock: FakeClock) -> None:
    hr = reader(context, "hr")
    queue(context)
    for _ in range(49):
        send(context, Sent(hr=outage()), max_tries=50, retry_minutes=1440)
        assert mail_of(context, hr).next_try_at == clock.host_now() + timedelta(days=1)
        clock.advance(timedelta(days=1))


def test_a_server_that_does_not_answer_is_asked_once_in_a_round(context: ServerContext) -> None:
    readers = [reader(context, name) for name in ("a", "b", "c")]
    queue(context)
    sent = Sent(a=outage(), b=outage(), c=outage())
    assert send(context, sent) == 0
    assert len(sent.to) == 1
    for account_id in readers:
        mail = mail_of(context, account_id)
        assert (mail.state, mail.tries) == ("waiting", 1)
        assert str(mail.error).startswith("mail.unreachable")


def broken_off() -> CourtclockError:
    return CourtclockError("mail.broken_off", host="mail", recipient="x@court.example", reason="timed out")


def test_a_server_that_leaves_two_mails_in_a_row_without_an_answer_is_left_alone_for_this_round(
    context: ServerContext,
) -> None:
    for name in ("a", "b", "c", "d"):
        reader(context, name)
    queue(context)
    sent, outages = Sent(**dict.fromkeys("abcd", broken_off())), list[Exception]()
    assert send_waiting(context, mail_settings(), plain, sent, tell_outage=outages.append) == 0
    assert len(sent.to) == 2
    assert [str(one) for one in outages] == [str(broken_off())]
    with context.unit(read_only=True) as unit:
        untried = unit.mails.due(context.clock.host_now(), 10)
    assert [(mail.tries, mail.error) for mail in untried] == [(0, None)] * 2, "the next round begins with them"


def test_one_mail_over_which_the_connection_breaks_keeps_back_nobody(context: ServerContext) -> None:
    accounts = [reader(context, name) for name in ("a", "b", "c")]
    queue(context)
    assert send(context, Sent(b=broken_off())) == 2
    assert sorted(mail_of(context, one).state for one in accounts) == ["sent", "sent", "waiting"]


class Breaking(socketserver.StreamRequestHandler):
    """A mail server that is gone in the middle of a message."""

    def handle(self) -> None:
        self.wfile.write(b"220 mail.court.example\r\n")
        while line := self.rfile.readline():
            self.wfile.write(b"354 go on\r\n" if line.upper().startswith(b"DATA") else b"250 OK\r\n")
            if line.upper().startswith(b"DATA"):
                self.rfile.read(100)
                return


def test_a_connection_that_is_lost_inside_a_message_has_it_sent_again_later(
    context: ServerContext, server: MailServer, clock: FakeClock
) -> None:
    hr = reader(context, "hr")
    queue(context)
    with socketserver.TCPServer(("127.0.0.1", 0), Breaking) as breaking:
        thread = threading.Thread(target=breaking.handle_request)
        thread.start()
        settings = mail_settings(breaking.server_address[1])
        assert send_waiting(context, settings, plain, SmtpSender(settings)) == 0
        thread.join(10)
    mail = mail_of(context, hr)
    assert (mail.state, str(mail.error).partition(" ")[0]) == ("waiting", "mail.broken_off")
    clock.advance(5 * MINUTE)
    settings = mail_settings(server.port)
    assert send_waiting(context, settings, plain, SmtpSender(settings)) == 1
    assert len(server.taken) == 1


def test_a_connection_that_is_lost_when_a_message_was_taken_but_not_answered_has_it_sent_twice_under_one_message_id(
    context: ServerContext, server: MailServer, clock: FakeClock
) -> None:
    hr = reader(context, "hr")
    queue(context)
    server.hangs_up_at = "250"
    settings = mail_settings(server.port)
    assert send_waiting(context, settings, plain, SmtpSender(settings)) == 0
    assert mail_of(context, hr).state == "waiting"
    server.hangs_up_at = None
    clock.advance(5 * MINUTE)
    assert send_waiting(context, settings, plain, SmtpSender(settings)) == 1
    first, second = (delivery.message["Message-ID"] for delivery in server.taken)
    assert first == second


def test_a_refused_recipient_is_given_up_at_once_and_the_others_get_theirs(
    context: ServerContext, server: MailServer, clock: FakeClock
) -> None:
    gone, slow, hr = reader(context, "gone"), reader(context, "greylisted"), reader(context, "hr")
    queue(context)
    server.refusals[address_of("gone")] = "550 5.1.1 no such user here"
    server.refusals[address_of("greylisted")] = "450 4.2.0 come back"
    settings = mail_settings(server.port)
    assert send_waiting(context, settings, plain, SmtpSender(settings)) == 1
    assert [delivery.recipient for delivery in server.taken] == [address_of("hr")]
    assert [mail_of(context, one).state for one in (gone, slow, hr)] == ["given_up", "waiting", "sent"]
    assert "550 5.1.1 no such user here" in str(mail_of(context, gone).error)
    server.refusals.clear()
    clock.advance(5 * MINUTE)
    assert send_waiting(context, settings, plain, SmtpSender(settings)) == 1
    assert [mail_of(context, one).state for one in (gone, slow, hr)] == ["given_up", "sent", "sent"]


def test_a_mail_over_which_the_server_falls_does_not_keep_back_the_others(
    context: ServerContext, server: MailServer
) -> None:
    for name in ("a", "b", "c"):
        reader(context, name)
    queue(context)
    server.refusals[address_of("a")] = "421 4.3.0 I fell over"
    settings = mail_settings(server.port)
    assert send_waiting(context, settings, plain, SmtpSender(settings)) == 2


@pytest.mark.parametrize("fault", [ValueError("no such report"), CourtclockError("page.forbidden")])
def test_a_mail_that_cannot_be_made_does_not_stop_the_others(
    context: ServerContext, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    hr, zhao = reader(context, "hr"), reader(context, "zhao", "head", "立案庭")
    queue(context)

    def render(kind: str, period: str, account: AccountRecord) -> Mail:
        if account.account_id == zhao:
            raise fault
        return plain(kind, period, account)

    assert send_waiting(context, mail_settings(), render, Sent()) == 1
    assert mail_of(context, hr).state == "sent"
    mail = mail_of(context, zhao)
    assert (mail.state, mail.tries) == ("waiting", 1)
    assert mail.error
    assert f"mail day {DAY} cannot be made for zhao" in caplog.text


def test_an_error_that_nobody_foresaw_is_kept_on_one_line_and_does_not_stop_the_others(context: ServerContext) -> None:
    odd = reader(context, "a")
    reader(context, "b")
    queue(context)
    assert send(context, Sent(a=RuntimeError("first\nsecond\x00" + "x" * 1000))) == 1
    error = str(mail_of(context, odd).error)
    assert error.startswith("job.unforeseen ")
    assert "RuntimeError('first" in in_words(error, "en")
    assert error.isprintable()
    assert len(error) <= 500


def test_when_starttls_is_missing_nothing_is_sent_and_the_mail_waits(
    context: ServerContext, server: MailServer
) -> None:
    hr = reader(context, "hr")
    queue(context)
    settings = mail_settings(server.port, security="starttls")
    assert send_waiting(context, settings, plain, SmtpSender(settings)) == 0
    assert server.commands == ["EHLO"]
    mail = mail_of(context, hr)
    assert (mail.state, str(mail.error).partition(" ")[0]) == ("waiting", "mail.insecure")


def test_a_wrong_password_is_in_no_log_and_no_row(
    context: ServerContext, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "server")
    hr = reader(context, "hr")
    queue(context)
    certificate = make_certificate(tmp_path)
    password_file = tmp_path / "mail.password"
    password_file.write_text("tr0ub4dor-and-3\n", encoding="utf-8")
    with running_mail_server("starttls", certificate, {"clock": "another"}) as server:
        settings = mail_settings(
            server.port,
            security="starttls",
            ca_file=certificate.file,
            username="clock",
            password_file=password_file,
        )
        assert send_waiting(context, settings, plain, SmtpSender(settings)) == 0
        assert "AUTH" in server.commands
    mail = mail_of(context, hr)
    assert (mail.state, str(mail.error).partition(" ")[0]) == ("waiting", "mail.login_refused")
    assert "tr0ub4dor" not in caplog.text + str(mail.error)


# What HR sees


def test_trouble_is_listed_with_its_reason_until_the_mail_is_sent(context: ServerContext, clock: FakeClock) -> None:
    for name in ("gone", "hr", "slow"):
        reader(context, name)
    queue(context)
    send(context, Sent(gone=refused(), slow=refused("mail.deferred")))
    with context.unit(read_only=True) as unit:
        assert unit.mails.counts() == {"given_up": 1, "sent": 1, "waiting": 1}
        assert sorted(mail.state for mail in unit.mails.in_trouble(10)) == ["given_up", "waiting"]
        assert len(unit.mails.in_trouble(1)) == 1
    clock.advance(5 * MINUTE)
    send(context, Sent())
    with context.unit(read_only=True) as unit:
        assert [mail.state for mail in unit.mails.in_trouble(10)] == ["given_up"]


def test_what_was_given_up_can_be_tried_again_from_the_beginning(context: ServerContext) -> None:
    gone = reader(context, "gone")
    reader(context, "hr")
    queue(context)
    send(context, Sent(gone=refused()))
    assert try_given_up_again(context) == 1
    assert mail_of(context, gone).tries == 0
    sent = Sent()
    assert send(context, sent) == 1
    assert sent.to == [address_of("gone")]
    assert try_given_up_again(context) == 0
