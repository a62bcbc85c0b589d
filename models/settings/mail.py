"""The section ``mail`` of config.yaml."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from models.settings.fields import FilePath, Section, misfit

MAX_ADDRESS_CHARACTERS: Final = 254
"""Of an e-mail address: the path of RFC 5321 4.5.3.1.3 without its angle brackets."""

# Dot-string and Domain of RFC 5321 4.1.2, without quoted local parts and address literals, which nobody's mailbox has.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")


def is_mail_address(text: str) -> bool:
    """Whether a text is one plain e-mail address, such as ``hr@court.example``; other letters need punycode."""
    return len(text) <= MAX_ADDRESS_CHARACTERS and _ADDRESS.fullmatch(text) is not None


def _address(text: str) -> str:
    if not is_mail_address(text):
        raise ValueError("this must be one e-mail address alone, such as attendance@court.example")
    return text


def _host(text: str) -> str:
    if _HOST_NAME.fullmatch(text) is None:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise ValueError(
                "this must be the name or address of a machine alone, such as mail.court.example;"
                " the port stands in mail.port"
            ) from None
    return text


def _public_url(text: str) -> str:
    sentence = "this must be an address such as https://attendance.court.example, without ? and #"
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and parts.hostname is not None and parts.port != 0
    except ValueError as error:
        raise ValueError(sentence) from error
    if not fits or re.search(r"[^!-~]|[?#@]", text) is not None:
        raise ValueError(sentence)
    return text.rstrip("/")


class MailSettings(Section):
    """How reports leave by e-mail."""

    host: Annotated[str, AfterValidator(_host)] | None = Field(
        description="Mail server that takes the reports; null sends no mail."
    )
    port: int = Field(ge=1, le=65535, description="Port there: mostly 587 with starttls, 465 with tls, 25 with none.")
    security: Literal["starttls", "tls", "none"] = Field(
        description="starttls and tls protect the connection or send nothing; none is for a relay on this machine."
    )
    username: Annotated[str, Field(min_length=1)] | None = Field(
        description="User name at the mail server; null logs nobody in."
    )
    password_file: FilePath | None = Field(description="File with the password of that user.")
    sender: Annotated[str, AfterValidator(_address)] | None = Field(
        description="E-mail address that reports come from; needed with a host."
    )
    ca_file: FilePath | None = Field(
        description="Certificate of the court's own authority, in PEM; null trusts the public ones."
    )
    timeout_seconds: float = Field(ge=1, le=60, description="Longest wait for each answer of the mail server.")
    max_tries: int = Field(ge=1, le=50, description="A mail that failed so often is given up.")
    retry_minutes: int = Field(
        ge=1, le=1440, description="Pause after the first failure; twice as long after each further one, up to a day."
    )
    public_url: Annotated[str, AfterValidator(_public_url)] | None = Field(
        description="Where people's browsers find the server, for links in mails; null writes none."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.host is not None and self.sender is None:
            raise misfit("sender", "a mail needs somebody whom it comes from: sender must be given with a host")
        if self.username is not None and self.password_file is None:
            raise misfit("password_file", "a user name needs its password: password_file must be given")
        if self.username is None and self.password_file is not None:
            raise misfit("username", "a password needs its user: username must be given, or password_file be null")
        if self.username is not None and self.security == "none":
            raise misfit("security", "a password does not travel in clear: security must be starttls or tls")
        return self

    def link(self, path: str) -> str | None:
        """The address of a page, such as ``/day/2026-11-20``, for people's browsers; None where none is known."""
        return None if self.public_url is None else f"{self.public_url}/{path.lstrip('/')}"
