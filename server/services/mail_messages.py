"""From a report's words to a message in the form of RFC 5322, with text, HTML and attachments."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final
from uuid import UUID

from models.clock import require_utc

# 7 bits: not every mail server on the way takes more, and what one changes on the way would be the report.
_POLICY: Final = SMTP.clone(cte_type="7bit")
_MEDIA_TYPE: Final = re.compile(r"([a-z]+)/([a-z0-9][a-z0-9.+-]*)")
# Control characters, halves of letters, and the two separators that some programs take for an end of line.
_NOT_IN_A_LINE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail.

    Attributes:
        file_name: as people read it; may be Chinese.
        media_type: such as ``application/pdf``.
    """

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """What one recipient reads.

    Attributes:
        html: the same as ``text`` for programs that show it; None sends the text alone.
    """

    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()


def one_line(text: str) -> str:
    """The text without anything that ends a line: nobody's name can begin another header."""
    letters = (" " if unicodedata.category(letter) in _NOT_IN_A_LINE else letter for letter in text)
    return " ".join("".join(letters).split())


def message_id(kind: str, period: str, account_id: UUID, sender: str, replaced: int = 0) -> str:
    """The Message-ID of a report to an account: the same at each try, so that mail programs drop a second copy.

    Args:
        kind, period, account_id: of the mail.
        sender: e-mail address; its domain ends the identifier.
        replaced: so many reports of this period were withdrawn before; one that replaces another is no copy of it.
    """
    parts = (kind, period, str(account_id), *([str(replaced)] if replaced else []))
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"<{digest[:32]}@{sender.rpartition('@')[2]}>"


def compose(
    mail: Mail, *, sender_name: str, sender: str, recipient: str, identifier: str, sent_at: datetime
) -> EmailMessage:
    """The message, ready to be sent.

    Header texts are made one line each. Names that are not ASCII are written as RFC 2047 and, for
    files, as RFC 2231 has it. ``Auto-Submitted`` (RFC 3834) keeps absence notes from being sent back.

    Args:
        sender_name: of the court.
        sender: e-mail address, as ``recipient``; both checked before.
        identifier: from ``message_id``.
        sent_at: aware.

    Raises:
        ValueError: an address or a media type is none, or ``sent_at`` is naive.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(display_name=one_line(sender_name), addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = require_utc(sent_at)
    message["Message-ID"] = identifier
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, charset="utf-8")
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html", charset="utf-8")
    for attachment in mail.attachments:
        media = _MEDIA_TYPE.fullmatch(attachment.media_type)
        if media is None:
            raise ValueError(f"{attachment.media_type!r} is not a media type")
        message.add_attachment(
            attachment.content, maintype=media[1], subtype=media[2], filename=_file_name(attachment.file_name)
        )
    return message


def _file_name(name: str) -> str:
    """A name without folders; mail programs save under it."""
    return one_line(re.sub(r"[/\\]", "_", name)) or "attachment"
