"""However many send, and whoever dies over it: a mail is sent once, or again under the same Message-ID."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from server.services.context import ServerContext
from server.services.mail_messages import Mail
from server.services.mailing import (
    CLAIM_LAPSES_AFTER,
    send_waiting,
)
from server.services.smtp import SmtpSender
from server.storage.records import AccountRecord
from tests.databases import Database
from tests.mailing_cast import (
    DAY,
    MINUTE,
    Sent,
    address_of,
    mail_of,
    plain,
    queue,
    reader,
    refused,
    send,
)
from tests.processes import told_by_four
from tests.server_cast import FakeClock, make_context
from tests.smtp_server import MailServer, mail_settings, running_mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything, in clear."""
    with running_mail_server() as running:
        yield running


def test_nothing_is_locked_while_a_mail_is_made_and_sent(context: ServerContext) -> None:
    reader(context, "hr")
    queue(context)

    def write() -> None:
        with context.unit() as unit:
            unit.people.ensure_division("民庭")
            unit.commit()

    def render(kind: str, period: str, account: AccountRecord) -> Mail:
        write()
        return plain(kind, period, account)

    assert send_waiting(context, mail_settings(), render, lambda message, recipient: write()) == 1


def test_of_four_threads_at_once_one_sends_each_mail(
    context: ServerContext, database: Database, clock: FakeClock, server: MailServer, tmp_path: Path
) -> None:
    many, periods = 12, ["2026-11-18", "2026-11-19", DAY]
    for number in range(many):
        reader(context, f"reader{number}")
    for period in periods:
        queue(context, period=period)
    settings = mail_settings(server.port)
    together = threading.Barrier(4, timeout=20)
    told: list[int] = []

    def work() -> None:
        own = make_context(tmp_path, database, clock)
        together.wait()
        told.append(send_waiting(own, settings, plain, SmtpSender(settings)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(told), sum(told)) == (4, many * len(periods))
    got = sorted((delivery.recipient, str(delivery.message["Subject"])) for delivery in server.taken)
    assert got == sorted((address_of(f"reader{number}"), f"day {day}") for number in range(many) for day in periods)


PROGRAM = """
import sys
from pathlib import Path
from models.clock import SystemClock
from models.settings import DatabaseSettings, load_settings
from server.services.mail_messages import Mail
from server.services.mailing import send_waiting
from server.services.smtp import SmtpSender
from server.storage.engine import open_database
from server.storage.unit_of_work import UnitOfWork
from tests.smtp_server import mail_settings

class Parts:
    clock = SystemClock()
    settings = load_settings(Path("config.yaml"))
    engine = open_database(DatabaseSettings(url=sys.argv[1], password_file=None))
    def unit(self, *, read_only=False):
        return UnitOfWork(self.engine, read_only=read_only)

settings = mail_settings(int(sys.argv[2]))
parts = Parts()
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
sent = send_waiting(parts, settings, lambda kind, period, account: Mail(period, "text"), SmtpSender(settings))
sys.stdout.write(str(sent))
"""


def test_of_four_processes_at_once_one_sends_each_mail(
    context: ServerContext, database: Database, server: MailServer
) -> None:
    many = 30
    for number in range(many):
        reader(context, f"reader{number}")
    queue(context)
    server.slow_seconds = 0.01
    told = told_by_four(PROGRAM, database.url, str(server.port))
    assert sum(map(int, told)) == many
    assert sorted(delivery.recipient for delivery in server.taken) == sorted(
        address_of(f"reader{number}") for number in range(many)
    )


def test_a_mail_that_somebody_is_sending_is_left_to_them(context: ServerContext) -> None:
    reader(context, "hr")
    queue(context)
    others = Sent()

    def send_slowly(message: EmailMessage, recipient: str) -> None:
        assert send(context, others) == 0

    assert send(context, send_slowly) == 1
    assert others.to == []


def test_a_program_that_dies_after_sending_leaves_a_mail_that_is_sent_again_under_the_same_message_id(
    context: ServerContext, clock: FakeClock
) -> None:
    hr = reader(context, "hr")
    queue(context)
    seen: list[str] = []

    def send_and_die(message: EmailMessage, recipient: str) -> None:
        seen.append(message["Message-ID"])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(context, send_and_die)
    assert mail_of(context, hr).state == "waiting"
    clock.advance(CLAIM_LAPSES_AFTER - MINUTE)
    assert send(context, Sent()) == 0
    clock.advance(MINUTE)
    again = Sent()
    assert send(context, again) == 1
    assert [message["Message-ID"] for message in again.messages] == seen
    assert mail_of(context, hr).tries == 2


def test_a_mail_over_which_programs_die_again_and_again_is_given_up(context: ServerContext, clock: FakeClock) -> None:
    hr = reader(context, "hr")
    queue(context)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            send(context, Sent(hr=KeyboardInterrupt), max_tries=2)
        clock.advance(CLAIM_LAPSES_AFTER)
    sent = Sent()
    assert send(context, sent, max_tries=2) == 0
    assert sent.to == []
    mail = mail_of(context, hr)
    assert (mail.state, mail.tries) == ("given_up", 2)
    assert str(mail.error).startswith("mail.interrupted")


def test_somebody_slow_whose_claim_lapsed_and_who_failed_does_not_undo_what_another_did(
    context: ServerContext, clock: FakeClock
) -> None:
    hr = reader(context, "hr")
    queue(context)

    def send_too_slowly(message: EmailMessage, recipient: str) -> None:
        clock.advance(CLAIM_LAPSES_AFTER)
        assert send(context, Sent()) == 1
        raise refused()

    send(context, send_too_slowly)
    mail = mail_of(context, hr)
    assert (mail.state, mail.error) == ("sent", None)


def test_somebody_slow_whose_claim_lapsed_and_who_failed_does_not_change_what_the_last_try_said(
    context: ServerContext, clock: FakeClock
) -> None:
    hr = reader(context, "hr")
    queue(context)

    def send_too_slowly(message: EmailMessage, recipient: str) -> None:
        clock.advance(CLAIM_LAPSES_AFTER)
        send(context, Sent(hr=refused("mail.deferred")))
        raise refused()

    send(context, send_too_slowly)
    mail = mail_of(context, hr)
    assert (mail.state, mail.tries) == ("waiting", 2)
    assert str(mail.error).startswith("mail.deferred")


def test_somebody_slow_who_did_send_is_believed_although_another_failed(
    context: ServerContext, clock: FakeClock
) -> None:
    hr = reader(context, "hr")
    queue(context)

    def send_slowly(message: EmailMessage, recipient: str) -> None:
        clock.advance(CLAIM_LAPSES_AFTER)
        send(context, Sent(hr=refused()))
        assert mail_of(context, hr).state == "given_up"

    assert send(context, send_slowly) == 1
    mail = mail_of(context, hr)
    assert (mail.state, mail.error) == ("sent", None)
