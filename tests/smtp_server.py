"""A real mail server on loopback: it takes mails, refuses them, or misbehaves as a test wants."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Literal, NoReturn

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.settings.mail import MailSettings

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate; whoever trusts ``file`` trusts it and no other."""

    file: Path
    key_file: Path


def make_certificate(folder: Path, address: str = HOST) -> Certificate:
    """A certificate of a machine with this address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.court.example")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / f"mail-{address}.pem", folder / f"mail-{address}.key")
    made.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


@dataclass(frozen=True)
class Delivery:
    """One message that the server took.

    Attributes:
        protected: whether it came through TLS.
        user: who had logged in.
        greeting: how the sender had named itself.
    """

    sender: str
    recipient: str
    content: bytes
    protected: bool
    user: str | None
    greeting: str

    @property
    def message(self) -> EmailMessage:
        """As a mail program reads it."""
        read = message_from_bytes(self.content, policy=default)
        assert isinstance(read, EmailMessage)
        return read


@dataclass
class MailServer:
    """What the server does and what it has seen; a test changes the former at any time.

    Attributes:
        taken: every message that was answered with 250, in order.
        commands: what was asked for in clear and through TLS, without what stood in it.
        refusals: answer for a recipient, instead of 250.
        sender_answer: answer to MAIL FROM, instead of 250.
        data_answer: answer to a message, instead of 250.
        hangs_up_at: closes the connection instead of answering this command; 250 is after a message was taken.
        slow_seconds: time that the server takes over each message.
        passwords: of those who may log in.
    """

    port: int = 0
    taken: list[Delivery] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    sender_answer: str | None = None
    data_answer: str | None = None
    hangs_up_at: Literal["DATA", "250", "QUIT"] | None = None
    slow_seconds: float = 0
    passwords: dict[str, str] = field(default_factory=dict)

    def taken_for(self, recipient: str) -> list[Delivery]:
        """Messages to one address."""
        return [delivery for delivery in self.taken if delivery.recipient == recipient]

    # aiosmtpd calls these by their names.

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.commands.append("EHLO")
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append("MAIL")
        if self.sender_answer is not None:
            return self.sender_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append("RCPT")
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.commands.append("DATA")
        await asyncio.sleep(self.slow_seconds)
        if self.hangs_up_at == "DATA":
            _hang_up(server)
        if self.data_answer is not None:
            return self.data_answer
        (recipient,) = envelope.rcpt_tos
        assert isinstance(envelope.content, bytes)
        protected = server.transport is not None and server.transport.get_extra_info("ssl_object") is not None
        user = session.auth_data.login.decode() if isinstance(session.auth_data, LoginPassword) else None
        self.taken.append(
            Delivery(
                str(envelope.mail_from),
                recipient,
                envelope.content,
                protected,
                user,
                str(session.host_name),
            )
        )
        if self.hangs_up_at == "250":
            _hang_up(server)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hangs_up_at == "QUIT":
            _hang_up(server)
        return "221 Bye"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: Any
    ) -> AuthResult:
        self.commands.append("AUTH")
        assert isinstance(auth_data, LoginPassword)
        login, password = auth_data.login.decode(), auth_data.password.decode()
        if self.passwords.get(login) == password:
            return AuthResult(success=True, auth_data=auth_data)
        # Some servers do repeat what they were told.
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 {login} is not {password}")


def _hang_up(server: SMTP) -> NoReturn:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()
    raise asyncio.CancelledError


def mail_settings(port: int = 25, **changes: Any) -> MailSettings:
    """Settings of a court that sends through the server at this port, in clear unless changed."""
    values: dict[str, Any] = {
        "host": HOST,
        "port": port,
        "security": "none",
        "username": None,
        "password_file": None,
        "sender": "attendance@court.example",
        "ca_file": None,
        "timeout_seconds": 10,
        "max_tries": 4,
        "retry_minutes": 5,
        "public_url": None,
    }
    return MailSettings(**(values | changes))


@contextmanager
def running_mail_server(
    security: Literal["starttls", "tls", "none"] = "none",
    certificate: Certificate | None = None,
    passwords: dict[str, str] | None = None,
) -> Iterator[MailServer]:
    """A mail server on a free port, in a thread of its own, until the end of the block."""
    mail_server = MailServer(passwords=passwords or {})
    tls = None
    if certificate is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate.file, certificate.key_file)
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(
            mail_server,
            hostname="mail.court.example",
            tls_context=tls if security == "starttls" else None,
            authenticator=mail_server.authenticate if mail_server.passwords else None,
            auth_require_tls=security == "starttls",
            loop=loop,
        )

    async def listen() -> asyncio.Server:
        return await loop.create_server(protocol, HOST, 0, ssl=tls if security == "tls" else None)

    listening = loop.run_until_complete(listen())
    mail_server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def shut() -> None:
        listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        yield mail_server
    finally:
        asyncio.run_coroutine_threadsafe(shut(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
