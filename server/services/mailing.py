"""Reports go out by e-mail, each once to each recipient: queued with the report, sent afterwards, one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final

from models.errors import CourtclockError
from models.language import Language, choose_language
from models.settings.mail import MailSettings, is_mail_address
from models.stored_errors import as_stored
from server.services.context import ServerContext
from server.services.mail_messages import Mail, compose, message_id
from server.services.scope import COURT_ROLES
from server.storage.mails import OutgoingMail
from server.storage.records import AccountRecord
from server.storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

MONTH_SHEET: Final = "month_sheet"
"""The kind of report that everybody gets about the own month; all other kinds are about the court or a division."""

CLAIM_LAPSES_AFTER: Final = timedelta(minutes=15)
"""Longer than a sending lasts, some twelve answers of ``timeout_seconds`` each: whoever made such a claim has died."""

LONGEST_PAUSE_MINUTES: Final = 24 * 60
MOST_IN_A_ROUND: Final = 500

Render = Callable[[str, str, AccountRecord], Mail]
"""Makes the mail of a kind and period for an account, with what that account may see and in its language."""

Send = Callable[[EmailMessage, str], None]
"""Sends a message to an address, as ``SmtpSender`` does, with its errors."""

# Errors about one mail: the next may fare better. All others of sending are about the mail server or the settings.
_ABOUT_ONE_MAIL: Final = frozenset({"mail.refused", "mail.deferred", "mail.broken_off", "mail.no_recipient"})
_FOR_GOOD: Final = frozenset({"mail.refused", "mail.no_recipient"})
_MOST_BROKEN_OFF_IN_A_ROW: Final = 2
"""One may be the mail's own, over which the mail server falls; a second one in a row is the mail server's."""


def may_be_mailed(account: AccountRecord, kind: str) -> bool:
    """Whether reports of a kind are for this account.

    HR, president and vice president see the court and a head the own division; everybody who is on the
    list of people sees the own month sheet, and an employee nothing else.
    """
    if kind == MONTH_SHEET:
        return account.person_id is not None
    return account.role in COURT_ROLES or (account.role == "head" and account.division_id is not None)


def recipients_of(unit: UnitOfWork, kind: str) -> list[AccountRecord]:
    """Active accounts with an e-mail address for which reports of this kind are."""
    return [account for account in unit.accounts.active_with_email() if may_be_mailed(account, kind)]


def queue_mails(
    unit: UnitOfWork,
    kind: str,
    period: str,
    recipients: Iterable[AccountRecord],
    now: datetime,
    *,
    again: bool = False,
) -> int:
    """Let a mail wait for each recipient; gives how many are new. The caller commits, with the report itself.

    A report that is published twice queues nothing twice.

    Args:
        unit: the one that publishes the report: either both last or neither.
        kind: of the report.
        period: of the report.
        recipients: from ``recipients_of``.
        now: host time.
        again: the report took the place of one that was withdrawn; whoever got that one gets this one, too.
    """
    # In one order: two who publish at once then wait for each other, and not crosswise.
    accounts = sorted({account.account_id for account in recipients})
    add = unit.mails.add_again if again else unit.mails.add
    return sum(add(kind, period, account_id, now) for account_id in accounts)


def queue_report(
    unit: UnitOfWork, settings: MailSettings, kind: str, period: str, now: datetime, *, again: bool = False
) -> int:
    """Queue a report for all whom it is for; nothing while no mail is sent, lest old reports go out in a heap later."""
    if settings.host is None:
        return 0
    return queue_mails(unit, kind, period, recipients_of(unit, kind), now, again=again)


def mail_language(context: ServerContext, account: AccountRecord) -> Language:
    """The language in which an account reads its mails."""
    return choose_language(account.language, context.settings.court.language)


def set_mail_address(context: ServerContext, username: str, email: str | None, language: Language | None) -> None:
    """Where an account's reports go, None for nowhere; and in which language, None for the court's.

    Raises:
        CourtclockError: ``account.unknown`` or ``mail.bad_address``.
    """
    if email is not None and not is_mail_address(email):
        raise CourtclockError("mail.bad_address", text=email)
    with context.unit() as unit:
        account = unit.accounts.by_username(username)
        if account is None:
            raise CourtclockError("account.unknown", username=username)
        unit.accounts.set_email(account.account_id, email, language)
        unit.commit()


def send_waiting(
    context: ServerContext,
    settings: MailSettings,
    render: Render,
    send: Send,
    going_on: Callable[[], bool] = lambda: True,
    tell_outage: Callable[[Exception], object] = lambda fault: None,
) -> int:
    """Send every mail that is due; gives how many the mail server took.

    Safe to call from any number of processes at once: each mail is claimed in the database by one of
    them, sent outside of any transaction, and marked. A mail that fails keeps its error and is tried
    again after pauses that grow, ``max_tries`` times at most; a recipient who is refused for good is
    given up at once; neither stops the others. When the mail server itself does not answer, it is not
    asked again for each of the others; when it breaks off two mails in a row, or leaves them without an
    answer, the others are left for the next round.

    A program that dies between sending and marking leaves a mail that was sent and waits: it is sent
    again when the claim has lapsed. Its Message-ID is the same (RFC 5322 3.6.4), by which mail programs
    drop the second copy; SMTP itself cannot promise more than at least once.

    Args:
        context: the server's parts.
        settings: the section ``mail``.
        render: makes a mail; called outside of any transaction.
        send: mostly an ``SmtpSender``.
        going_on: asked before each mail; False ends the round, with nothing under way.
        tell_outage: told what is wrong with the mail server or the settings, not with a mail; once in a round.
    """
    if settings.host is None or settings.sender is None:
        return 0
    with context.unit(read_only=True) as unit:
        due = unit.mails.due(context.clock.host_now(), MOST_IN_A_ROUND)
    sent = broken_off = 0
    outage: Exception | None = None
    for waiting in due:
        if not going_on():
            break
        claimed = _claim(context, settings, waiting)
        if claimed is None:
            continue
        mail, account, replaced = claimed
        fault = outage
        if fault is None:
            fault, is_outage = _send_one(context, settings, mail, account, replaced, render, send)
            if is_outage and fault is not None:
                log.warning("no mail can be sent: %s", fault)
                outage = fault
                tell_outage(fault)
        _write_down(context, settings, mail, fault)
        sent += fault is None
        if not isinstance(fault, CourtclockError) or fault.code != "mail.broken_off":
            broken_off = 0
            continue
        broken_off += 1
        if broken_off == _MOST_BROKEN_OFF_IN_A_ROW:
            log.warning("no more mails are sent for now: %s", fault)
            tell_outage(fault)
            break
    return sent


def _claim(
    context: ServerContext, settings: MailSettings, waiting: OutgoingMail
) -> tuple[OutgoingMail, AccountRecord | None, int] | None:
    """The mail as it is now claimed by us, whose it is, and how many reports its report replaces.

    None when another has it, or all its tries are used up.

    The account is read with the claim: in the middle of a long round somebody may be closed, moved or demoted.
    """
    with context.unit() as unit:
        if waiting.tries >= settings.max_tries:
            # Whoever made the last try has died over it, or fewer tries are allowed than were.
            error = waiting.error or as_stored(CourtclockError("mail.interrupted"))
            if unit.mails.mark_failed(waiting, error, None):
                _tell_given_up(waiting, error)
            unit.commit()
            return None
        until = context.clock.host_now() + CLAIM_LAPSES_AFTER
        claimed = unit.mails.claim(waiting, until)
        account = unit.accounts.by_id(waiting.account_id)
        report_kind = "month" if waiting.kind == MONTH_SHEET else waiting.kind
        replaced = len(unit.jobs.replaced_reports(report_kind, waiting.period))
        unit.commit()
    if not claimed:
        return None
    return replace(waiting, tries=waiting.tries + 1, next_try_at=until, error=None), account, replaced


def _send_one(
    context: ServerContext,
    settings: MailSettings,
    mail: OutgoingMail,
    account: AccountRecord | None,
    replaced: int,
    render: Render,
    send: Send,
) -> tuple[Exception | None, bool]:
    """What went wrong, and whether it is the same for every other mail."""
    # What held when the mail was queued may not hold any more.
    if account is None or not account.active or account.email is None or not may_be_mailed(account, mail.kind):
        return CourtclockError("mail.no_recipient"), False
    court = context.settings.court
    sender = str(settings.sender)
    try:
        message = compose(
            render(mail.kind, mail.period, account),
            sender_name=court.name_zh if mail_language(context, account) == "zh" else court.name_en,
            sender=sender,
            recipient=account.email,
            identifier=message_id(mail.kind, mail.period, mail.account_id, sender, replaced),
            sent_at=context.clock.host_now(),
        )
    except Exception as fault:
        log.exception("mail %s %s cannot be made for %s", mail.kind, mail.period, account.username)
        return fault, False
    try:
        send(message, account.email)
    except CourtclockError as fault:
        return fault, fault.code not in _ABOUT_ONE_MAIL
    except Exception as fault:
        log.exception("mail %s %s cannot be sent to %s", mail.kind, mail.period, account.username)
        return fault, False
    return None, False


def _write_down(context: ServerContext, settings: MailSettings, mail: OutgoingMail, fault: Exception | None) -> None:
    now = context.clock.host_now()
    with context.unit() as unit:
        if fault is None:
            unit.mails.mark_sent(mail, now)
        else:
            error = as_stored(fault)
            for_good = isinstance(fault, CourtclockError) and fault.code in _FOR_GOOD
            next_try_at = None if for_good or mail.tries >= settings.max_tries else now + _pause(settings, mail.tries)
            if unit.mails.mark_failed(mail, error, next_try_at) and next_try_at is None:
                _tell_given_up(mail, error)
        unit.commit()


def _pause(settings: MailSettings, tries: int) -> timedelta:
    """Time until the next try, after so many."""
    minutes = min(settings.retry_minutes * 2 ** (tries - 1), LONGEST_PAUSE_MINUTES)
    return timedelta(minutes=minutes)


def _tell_given_up(mail: OutgoingMail, error: str) -> None:
    log.warning("mail %s %s to account %s is given up: %s", mail.kind, mail.period, mail.account_id, error)


def try_given_up_again(context: ServerContext) -> int:
    """Let mails that were given up wait again, once what stopped them has been mended; gives how many."""
    with context.unit() as unit:
        waiting = unit.mails.wait_again(context.clock.host_now())
        unit.commit()
    return waiting
