"""Hands messages to the court's mail server: the only place that speaks SMTP."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlsplit

from models.errors import CourtclockError
from models.settings import Finding
from models.settings.mail import MailSettings
from server.services.mail_messages import one_line

_MOST_CHARACTERS: Final = 200
_TOO_LARGE: Final = 552
# RFC 4954: log in first, or otherwise; no word about the recipient.
_LOG_IN_FIRST: Final = frozenset({530, 534, 535, 538})


class SmtpSender:
    """Sends one message to one recipient, each over a connection of its own.

    With ``starttls`` and ``tls`` the mail server must show a certificate that is trusted and of its name;
    otherwise nothing is sent, neither message nor password. The password is read at each sending, so a
    changed one needs no restart; neither it nor what a server says to it gets into an error.

    Args:
        settings: with a host.

    Raises:
        ValueError: there is no host.
    """

    def __init__(self, settings: MailSettings) -> None:
        if settings.host is None or settings.sender is None:
            raise ValueError("mail.host is null: no mail is sent")
        self._settings = settings
        self._host = settings.host
        self._sender = settings.sender
        self._greeting = _greeting_name(settings, settings.sender)

    def __call__(self, message: EmailMessage, recipient: str) -> None:
        """Come back when the mail server has taken the message over.

        Raises:
            CourtclockError: ``mail.refused``, ``mail.deferred`` or ``mail.broken_off`` of this recipient or message;
                ``mail.unreachable``, ``mail.insecure``, ``mail.login_refused``, ``mail.sender_refused``,
                ``secret.missing`` or ``secret.unreadable`` of the mail server or the settings.
        """
        content = message.as_bytes()
        tls = None if self._settings.security == "none" else self._trust()
        smtp = self._connect(tls)
        try:
            if self._settings.security == "starttls":
                self._protect(smtp, tls)
            self._log_in(smtp)
            self._hand_over(smtp, content, recipient)
            # The message is theirs now: whatever happens at the good-bye must not have it sent again.
            with suppress(OSError):
                smtp.quit()
        finally:
            smtp.close()

    def _connect(self, tls: ssl.SSLContext | None) -> smtplib.SMTP:
        place, timeout = (self._host, self._settings.port, self._greeting), self._settings.timeout_seconds
        try:
            if self._settings.security == "tls":
                return smtplib.SMTP_SSL(*place, timeout=timeout, context=tls)
            return smtplib.SMTP(*place, timeout=timeout)
        except ssl.SSLError as error:
            raise self._insecure(_tls_reason(error)) from error
        except OSError as error:
            raise self._unreachable(error) from error

    def _protect(self, smtp: smtplib.SMTP, tls: ssl.SSLContext | None) -> None:
        try:
            smtp.starttls(context=tls)
        except ssl.SSLError as error:
            raise self._insecure(_tls_reason(error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise self._insecure("it offers no STARTTLS") from error
        except smtplib.SMTPResponseException as error:
            raise self._insecure(_answer(error.smtp_code, error.smtp_error)) from error
        except OSError as error:
            raise self._unreachable(error) from error

    def _trust(self) -> ssl.SSLContext:
        ca_file = self._settings.ca_file
        try:
            return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        except OSError as error:
            raise self._insecure(f"{ca_file} holds no certificate that can be read") from error

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        username = self._settings.username
        if username is None:
            return
        password = _password(self._settings)
        fault: CourtclockError | None = None
        try:
            smtp.login(username, password)
        except smtplib.SMTPAuthenticationError as error:
            # Not the server's words, neither here nor behind this error: some repeat what they were told.
            fault = self._login_refused(f"it answered {error.smtp_code}")
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPHeloError) as error:
            fault = self._unreachable(error)
        except smtplib.SMTPException:
            fault = self._login_refused("it offers no way of logging in that is known here")
        except OSError as error:
            fault = self._unreachable(error)
        if fault is not None:
            raise fault

    def _hand_over(self, smtp: smtplib.SMTP, content: bytes, recipient: str) -> None:
        try:
            smtp.sendmail(self._sender, [recipient], content)
        except smtplib.SMTPRecipientsRefused as error:
            raise self._turned_down(*error.recipients[recipient], recipient) from error
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code >= 500 and error.smtp_code != _TOO_LARGE:
                raise self._sender_refused(_answer(error.smtp_code, error.smtp_error)) from error
            raise self._turned_down(error.smtp_code, error.smtp_error, recipient) from error
        except smtplib.SMTPDataError as error:
            raise self._turned_down(error.smtp_code, error.smtp_error, recipient) from error
        except OSError as error:
            # Perhaps of this mail alone: were it taken for an outage, one that a server breaks over would keep back
            # the others.
            raise CourtclockError(
                "mail.broken_off", host=self._host, recipient=recipient, reason=_words(error)
            ) from error

    def _turned_down(self, code: int, words: bytes | str, recipient: str) -> CourtclockError:
        reason = _answer(code, words)
        if code in _LOG_IN_FIRST:
            return self._sender_refused(reason)
        if code < 500:
            return self._deferred(reason, recipient)
        return CourtclockError("mail.refused", host=self._host, recipient=recipient, reason=reason)

    def _deferred(self, reason: str, recipient: str) -> CourtclockError:
        return CourtclockError("mail.deferred", host=self._host, recipient=recipient, reason=reason)

    def _unreachable(self, error: OSError) -> CourtclockError:
        return CourtclockError("mail.unreachable", host=self._host, port=self._settings.port, reason=_words(error))

    def _insecure(self, reason: str) -> CourtclockError:
        return CourtclockError("mail.insecure", host=self._host, port=self._settings.port, reason=reason)

    def _login_refused(self, reason: str) -> CourtclockError:
        return CourtclockError("mail.login_refused", host=self._host, username=self._settings.username, reason=reason)

    def _sender_refused(self, reason: str) -> CourtclockError:
        return CourtclockError("mail.sender_refused", host=self._host, sender=self._sender, reason=reason)


def _answer(code: int, words: bytes | str) -> str:
    """What a mail server said, on one line and not too long."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {one_line(text)}"[:_MOST_CHARACTERS].rstrip(" .")


def _words(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return (error.strerror or one_line(str(error))[:_MOST_CHARACTERS] or type(error).__name__).rstrip(" .")


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted, {error.verify_message}".rstrip(".")
    return f"it speaks another protocol there, {error.reason or error}".rstrip(".")


def _greeting_name(settings: MailSettings, sender: str) -> str:
    """How this machine names itself, without asking a name server, which may hang.

    The name at which people find it, else the domain that its mails come from.
    """
    known_as = None if settings.public_url is None else urlsplit(settings.public_url).hostname
    if known_as is None or ":" in known_as:
        return sender.rpartition("@")[2]
    return known_as


def _password(settings: MailSettings) -> str:
    """The password of the mail server.

    Raises:
        CourtclockError: ``secret.missing`` or ``secret.unreadable``.
    """
    path = settings.password_file
    if path is None:
        raise CourtclockError("secret.missing", path="mail.password_file")
    reason = None
    try:
        password = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise CourtclockError("secret.missing", path=str(path)) from error
    except OSError as error:
        raise CourtclockError("secret.unreadable", path=str(path), reason=error.strerror) from error
    except UnicodeError:
        password, reason = "", "it is not text"
    # Raised here, so that no error that holds the password stands behind it.
    if reason is None and not password:
        reason = "it is empty"
    elif reason is None and not (password.isascii() and password.isprintable()):
        reason = "a password at a mail server is one line of ASCII characters"
    if reason is not None:
        raise CourtclockError("secret.unreadable", path=str(path), reason=reason)
    return password


def find_mail_faults(settings: MailSettings) -> list[Finding]:
    """What is wrong with the files that the section names; the mail server is not asked."""
    findings = []
    if settings.host is not None and settings.password_file is not None:
        try:
            _password(settings)
        except CourtclockError as error:
            findings.append(Finding("mail.password_file", error.sentence("en"), "Write the password into that file."))
    if settings.host is not None and settings.ca_file is not None:
        try:
            ssl.create_default_context(cafile=str(settings.ca_file))
        except OSError:
            sentence = f"{settings.ca_file} holds no certificate that can be read"
            findings.append(Finding("mail.ca_file", sentence, "Put a PEM file there, or set null."))
    return findings
