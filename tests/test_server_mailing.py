"""Reports by e-mail: queued with the report, made for the account, sent to each recipient."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from models.errors import CourtclockError
from models.language import Language
from server.services.context import ServerContext
from server.services.mail_messages import Attachment, Mail
from server.services.mailing import (
    MONTH_SHEET,
    mail_language,
    queue_mails,
    queue_report,
    recipients_of,
    send_waiting,
    set_mail_address,
)
from server.services.smtp import SmtpSender
from server.storage.mails import OutgoingMail
from server.storage.records import AccountRecord
from tests.mailing_cast import (
    DAY,
    MINUTE,
    Sent,
    address_of,
    change,
    mail_of,
    names_for,
    plain,
    queue,
    reader,
    refused,
    send,
)
from tests.server_cast import FakeClock, employ
from tests.smtp_server import MailServer, mail_settings, running_mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything, in clear."""
    with running_mail_server() as running:
        yield running


# Who


def test_hr_and_presidents_get_the_courts_reports_and_heads_those_of_their_divisions(context: ServerContext) -> None:
    reader(context, "hr")
    reader(context, "president", "president")
    reader(context, "vice", "vice_president")
    reader(context, "zhao", "head", "立案庭")
    reader(context, "clerk", "employee")
    assert names_for(context, "day") == ["hr", "president", "vice", "zhao"]
    assert names_for(context, "week") == names_for(context, "day")


def test_a_head_of_no_division_gets_nothing(context: ServerContext) -> None:
    reader(context, "zhao", "head")
    assert names_for(context, "day") == []


def test_whoever_left_or_has_no_address_gets_nothing(context: ServerContext) -> None:
    change(context, reader(context, "left"), active=False)
    reader(context, "silent", email=False)
    assert names_for(context, "day") == []


def test_everybody_who_is_on_the_list_gets_the_own_month_sheet_and_an_employee_nothing_else(
    context: ServerContext,
) -> None:
    li = employ(context)
    change(context, reader(context, "li", "employee"), person_id=li.person_id)
    reader(context, "technician", "hr")
    assert names_for(context, MONTH_SHEET) == ["li"]
    assert names_for(context, "day") == ["technician"]


def test_an_address_is_set_changed_and_taken_away(context: ServerContext) -> None:
    reader(context, "hr", email=False)
    changes: list[tuple[str | None, Language | None]] = [("a@b.example", "zh"), ("c@d.example", "en"), (None, None)]
    for email, language in changes:
        set_mail_address(context, "hr", email, language)
        with context.unit(read_only=True) as unit:
            account = unit.accounts.by_username("hr")
        assert account is not None
        assert (account.email, account.language) == (email, language)


def test_what_is_no_address_and_who_is_nobody_is_refused(context: ServerContext) -> None:
    reader(context, "hr")
    with pytest.raises(CourtclockError, match=r"mail\.bad_address"):
        set_mail_address(context, "hr", "hr@court.example\nBcc: all@court.example", None)
    with pytest.raises(CourtclockError, match=r"account\.unknown"):
        set_mail_address(context, "nobody", "hr@court.example", None)


def test_an_account_without_a_language_reads_the_courts(context: ServerContext) -> None:
    reader(context, "hr")
    set_mail_address(context, "hr", address_of("hr"), "en")
    reader(context, "zhao", "head", "立案庭")
    with context.unit(read_only=True) as unit:
        spoken = {account.username: mail_language(context, account) for account in unit.accounts.active_with_email()}
    assert spoken == {"hr": "en", "zhao": context.settings.court.language}


# Queueing


def test_a_report_waits_for_each_recipient(context: ServerContext, clock: FakeClock) -> None:
    hr, zhao = reader(context, "hr"), reader(context, "zhao", "head", "立案庭")
    assert queue(context) == 2
    for account_id in (hr, zhao):
        assert mail_of(context, account_id) == OutgoingMail(
            "day", DAY, account_id, "waiting", 0, clock.host_now(), None, None
        )


def test_a_report_that_is_published_twice_waits_once(context: ServerContext) -> None:
    reader(context, "hr")
    assert [queue(context), queue(context)] == [1, 0]
    assert send(context, Sent()) == 1
    assert queue(context) == 0
    assert send(context, Sent()) == 0


def test_another_kind_and_another_period_are_other_mails(context: ServerContext) -> None:
    reader(context, "hr")
    assert [queue(context), queue(context, "week", "2026-W47"), queue(context, "day", "2026-11-21")] == [1, 1, 1]


def test_a_recipient_named_twice_is_one(context: ServerContext) -> None:
    reader(context, "hr")
    with context.unit() as unit:
        twice = recipients_of(unit, "day") * 2
        assert queue_mails(unit, "day", DAY, twice, context.clock.host_now()) == 1


def test_mails_of_a_report_that_was_not_published_are_not_queued_either(context: ServerContext) -> None:
    hr = reader(context, "hr")
    with context.unit() as unit:
        unit.jobs.add_report("day", DAY, context.clock.now(), {})
        queue_report(unit, mail_settings(), "day", DAY, context.clock.host_now())
    with context.unit(read_only=True) as unit:
        assert unit.mails.find("day", DAY, hr) is None


def test_while_no_mail_is_sent_none_is_queued(context: ServerContext) -> None:
    hr = reader(context, "hr")
    with context.unit() as unit:
        assert queue_report(unit, mail_settings(host=None), "day", DAY, context.clock.host_now()) == 0
        assert unit.mails.find("day", DAY, hr) is None


def test_while_no_mail_is_sent_what_waits_waits(context: ServerContext) -> None:
    hr = reader(context, "hr")
    queue(context)
    sent = Sent()
    assert send(context, sent, host=None) == 0
    assert (sent.to, mail_of(context, hr).tries) == ([], 0)


# Arriving


def test_a_report_arrives_in_its_readers_language_with_its_attachment(
    context: ServerContext, server: MailServer, clock: FakeClock
) -> None:
    reader(context, "hr")
    set_mail_address(context, "hr", address_of("hr"), "zh")
    queue(context)

    def render(kind: str, period: str, account: AccountRecord) -> Mail:
        return Mail(
            f"考勤日报 {period}", "今日无人迟到。", "<p>今日无人迟到。</p>", (Attachment("日报.csv", "text/csv", b"1"),)
        )

    settings = mail_settings(server.port)
    assert send_waiting(context, settings, render, SmtpSender(settings)) == 1
    (delivery,) = server.taken
    message = delivery.message
    assert delivery.recipient == address_of("hr")
    assert message["From"].addresses[0].display_name == context.settings.court.name_zh
    assert message["Subject"] == f"考勤日报 {DAY}"
    assert message["Date"].datetime == clock.host_now()
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_content().strip() == "今日无人迟到。"
    assert [part.get_filename() for part in message.iter_attachments()] == ["日报.csv"]


def test_what_was_sent_is_written_down_and_not_sent_again(context: ServerContext, clock: FakeClock) -> None:
    hr = reader(context, "hr")
    queue(context)
    sent = Sent()
    assert [send(context, sent), send(context, sent)] == [1, 0]
    clock.advance(timedelta(days=30))
    assert send(context, sent) == 0
    assert sent.to == [address_of("hr")]
    mail = mail_of(context, hr)
    assert (mail.state, mail.tries, mail.error) == ("sent", 1, None)
    assert mail.sent_at == clock.host_now() - timedelta(days=30)


def test_a_mail_is_made_for_the_account_that_gets_it_and_so_for_the_own_division(context: ServerContext) -> None:
    reader(context, "hr")
    reader(context, "qian", "head", "刑庭")
    reader(context, "zhao", "head", "立案庭")
    queue(context)
    with context.unit(read_only=True) as unit:
        divisions = {unit.people.division_id(name): name for name in ("立案庭", "刑庭")}

    def render(kind: str, period: str, account: AccountRecord) -> Mail:
        return Mail(f"{kind} {period}", divisions.get(account.division_id, "全院"))

    sent = Sent()
    assert send_waiting(context, mail_settings(), render, sent) == 3
    assert {str(message["To"]): message.get_content().strip() for message in sent.messages} == {
        address_of("hr"): "全院",
        address_of("zhao"): "立案庭",
        address_of("qian"): "刑庭",
    }


def test_mail_goes_to_the_address_that_holds_when_it_is_sent(context: ServerContext) -> None:
    reader(context, "hr")
    queue(context)
    set_mail_address(context, "hr", "personnel@court.example", None)
    sent = Sent()
    send(context, sent)
    assert sent.to == ["personnel@court.example"]


@pytest.mark.parametrize(
    "values", [{"active": False}, {"email": None}, {"role": "employee"}, {"role": "head", "division_id": None}]
)
def test_whoever_may_not_see_the_report_any_more_does_not_get_it(
    context: ServerContext, values: dict[str, Any]
) -> None:
    reader(context, "hr")
    zhao = reader(context, "zhao", "head", "立案庭")
    queue(context)
    change(context, zhao, **values)
    sent = Sent()
    assert send(context, sent) == 1
    assert sent.to == [address_of("hr")]
    mail = mail_of(context, zhao)
    assert mail.state == "given_up"
    assert str(mail.error).startswith("mail.no_recipient")


@pytest.mark.parametrize("values", [{"active": False}, {"email": None}, {"role": "employee"}])
def test_whoever_is_closed_or_demoted_in_the_middle_of_a_round_does_not_get_it_any_more(
    context: ServerContext, values: dict[str, Any]
) -> None:
    readers = {address_of(name): reader(context, name) for name in ("hr1", "hr2")}
    queue(context)
    got: list[str] = []

    def send_once(message: EmailMessage, recipient: str) -> None:
        got.append(recipient)
        for address, account_id in readers.items():
            if address != recipient:
                change(context, account_id, **values)

    assert send_waiting(context, mail_settings(), plain, send_once) == 1
    assert len(got) == 1
    (other,) = [account_id for address, account_id in readers.items() if address != got[0]]
    assert mail_of(context, other).state == "given_up"


def test_a_round_that_is_to_end_ends_between_two_mails(context: ServerContext) -> None:
    for name in ("a", "b", "c"):
        reader(context, name)
    queue(context)
    sent = Sent()
    assert send_waiting(context, mail_settings(), plain, sent, going_on=lambda: len(sent.to) < 2) == 2
    with context.unit(read_only=True) as unit:
        assert unit.mails.counts() == {"sent": 2, "waiting": 1}
        assert [mail.tries for mail in unit.mails.due(context.clock.host_now(), 10)] == [0], "nobody has begun it"


def test_what_is_due_is_asked_of_the_machines_clock_and_not_of_the_courts(
    context: ServerContext, clock: FakeClock
) -> None:
    reader(context, "hr")
    queue(context)
    send(context, Sent(hr=refused("mail.deferred")))
    clock.court += timedelta(days=1)
    assert send(context, Sent()) == 0
    clock.host += 5 * MINUTE
    assert send(context, Sent()) == 1
