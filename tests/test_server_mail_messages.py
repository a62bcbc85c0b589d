"""The form of a message, read back as a mail program does after a real mail server took it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest

from server.services.mail_messages import Attachment, Mail, compose, message_id, one_line
from server.services.smtp import SmtpSender
from tests.server_cast import NOON
from tests.smtp_server import Delivery, MailServer, mail_settings, running_mail_server

HR = "hr@court.example"
SENDER = "attendance@court.example"
COURT = "长春市某某区人民法院"
LONG_NAME = "长春市某某区人民法院考勤日报表与迟到早退情况汇总通报（二〇二六年十一月二十日）.pdf"
MAIL = Mail("考勤日报", "今日无人迟到。\n")


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything, in clear."""
    with running_mail_server() as running:
        yield running


def delivered(server: MailServer, mail: Mail = MAIL, sender_name: str = COURT) -> Delivery:
    """One mail to HR as the server took it."""
    message = compose(
        mail,
        sender_name=sender_name,
        sender=SENDER,
        recipient=HR,
        identifier=message_id("day", "2026-11-20", UUID(int=5), SENDER),
        sent_at=NOON,
    )
    SmtpSender(mail_settings(server.port))(message, HR)
    (delivery,) = server.taken
    return delivery


def test_a_mail_arrives_with_its_headers(server: MailServer) -> None:
    delivery = delivered(server)
    assert (delivery.sender, delivery.recipient) == (SENDER, HR)
    message = delivery.message
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (COURT, SENDER)
    assert message["To"] == HR
    assert message["Subject"] == "考勤日报"
    assert message["Date"].datetime == NOON
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f]{32}@court\.example>", message["Message-ID"])


def test_what_travels_is_ascii_in_short_lines(server: MailServer) -> None:
    attachment = Attachment(LONG_NAME, "application/pdf", bytes(range(256)) * 20)
    content = delivered(server, Mail("考勤日报" * 30, "迟到" * 2000, "<p>" + "迟到" * 2000, (attachment,))).content
    assert content.isascii()
    assert max(map(len, content.splitlines())) <= 78


def test_chinese_words_arrive_as_they_were(server: MailServer) -> None:
    message = delivered(
        server, Mail("迟到早退通报" * 20, "李明　迟到 7 分钟\n.\n完", "<p>李明　迟到 7 分钟</p>")
    ).message
    assert message["Subject"] == "迟到早退通报" * 20
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["李明　迟到 7 分钟", ".", "完"]
    assert html.get_content().splitlines() == ["<p>李明　迟到 7 分钟</p>"]


def test_text_without_html_is_one_plain_text(server: MailServer) -> None:
    assert delivered(server).message.get_content_type() == "text/plain"


def test_an_attachment_keeps_its_chinese_name_and_every_byte(server: MailServer) -> None:
    content = bytes(range(256)) * 50 + b"\r\n.\r\n"
    message = delivered(
        server, Mail("考勤", "见附件", None, (Attachment(LONG_NAME, "application/pdf", content),))
    ).message
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == LONG_NAME
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_content() == content


def test_the_name_of_an_attachment_is_written_as_rfc_2231_has_it(server: MailServer) -> None:
    delivery = delivered(server, Mail("考勤", "见附件", None, (Attachment("日报.csv", "text/csv", b"1"),)))
    assert b"filename*=utf-8''%E6%97%A5%E6%8A%A5.csv" in delivery.content


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_no_name_and_no_subject_begins_another_header(server: MailServer, break_: str) -> None:
    evil = f"报表{break_}Bcc: all@court.example{break_}{break_}Come to the party"
    attachment = Attachment(evil, "text/csv", b"1")
    delivery = delivered(server, Mail(evil, "text", None, (attachment,)), sender_name=evil)
    message = delivery.message
    assert message["Bcc"] is None
    assert [
        key
        for key in message
        if key.lower()
        not in ("from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type")
    ] == []
    flat = "报表 Bcc: all@court.example Come to the party"
    assert message["Subject"] == flat
    assert message["From"].addresses[0].display_name == flat
    assert next(iter(message.iter_attachments())).get_filename() == flat
    assert delivery.recipient == HR


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\boot.ini", "/日报.pdf"])
def test_the_name_of_an_attachment_leads_into_no_folder(server: MailServer, name: str) -> None:
    message = delivered(server, Mail("考勤", "见附件", None, (Attachment(name, "application/pdf", b"1"),))).message
    found = next(iter(message.iter_attachments())).get_filename()
    assert found is not None
    assert not re.search(r"[/\\]", found)


@pytest.mark.parametrize("address", ["hr@court.example\nBcc: all@court.example", "hr", "a@b, c@d"])
def test_what_is_no_address_is_not_written_to(address: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        compose(MAIL, sender_name=COURT, sender=SENDER, recipient=address, identifier="<1@x>", sent_at=NOON)


def test_what_is_no_media_type_is_not_attached() -> None:
    mail = Mail("考勤", "见附件", None, (Attachment("x", 'text/html"\nX-Evil: 1', b"1"),))
    with pytest.raises(ValueError, match="not a media type"):
        compose(mail, sender_name=COURT, sender=SENDER, recipient=HR, identifier="<1@x>", sent_at=NOON)


def test_a_message_id_is_of_one_report_and_one_recipient() -> None:
    asked = [("day", "2026-11-20", 1), ("week", "2026-11-20", 1), ("day", "2026-11-21", 1), ("day", "2026-11-20", 2)]
    made = [message_id(kind, period, UUID(int=account), SENDER) for kind, period, account in asked]
    assert len(set(made)) == 4
    assert made[0] == message_id("day", "2026-11-20", UUID(int=1), SENDER)


def test_half_a_letter_is_left_out_of_a_line() -> None:
    assert one_line("日报\ud800 x") == "日报 x"
