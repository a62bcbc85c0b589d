"""One error type: a stable code, a sentence for people, and whether trying again helps."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Final

from models.language import N_, Language, gaps_in, translate


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """What is fixed about one code.

    Attributes:
        code: stable machine word, ``area.what``; never renamed once released.
        sentence: English sentence with ``{named}`` gaps; its translation stands in the catalogue.
        retryable: True when the same call may succeed later without anybody changing anything.
    """

    code: str
    sentence: str
    retryable: bool = False


class CourtclockError(Exception):
    """The only error type that this product raises on purpose.

    Args:
        code: a key of ``ERROR_KINDS``.
        details: values for the gaps of the sentence, phrases (``Said``) in either language among them; also sent to API callers, so never secrets.
    """

    def __init__(self, code: str, **details: object) -> None:
        self.kind: Final = ERROR_KINDS[code]
        self.details: Final = details
        super().__init__(f"{code}: {self.sentence('en')}")

    @property
    def code(self) -> str:
        """The stable machine word."""
        return self.kind.code

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later."""
        return self.kind.retryable

    def sentence(self, language: Language) -> str:
        """One sentence for people, in their language."""
        return translate(self.kind.sentence, language).format_map(_Gaps(gaps_in(self.details, language)))


def listening_error(host: str, port: int, error: OSError | ValueError) -> CourtclockError:
    """Why a program cannot listen, from what opening the port raised (ValueError: the name has no address)."""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return CourtclockError("port.busy", host=host, port=port)
    if isinstance(error, OSError):
        return CourtclockError("port.unavailable", host=host, port=port, reason=error.strerror or error)
    return CourtclockError("port.unavailable", host=host, port=port, reason="no address of this name is known")


class _Gaps(dict[str, object]):
    """Details for a sentence; one that an older or newer sender left out shows as a question mark."""

    def __missing__(self, key: str) -> _Unknown:
        return _Unknown()


class _Unknown:
    def __format__(self, form: str) -> str:
        return "?"


def _kinds(*kinds: ErrorKind) -> dict[str, ErrorKind]:
    table = {kind.code: kind for kind in kinds}
    if len(table) != len(kinds):
        raise ValueError("two error kinds share one code")
    return table


ERROR_KINDS: Final = _kinds(
    # Settings, files and machines
    ErrorKind("settings.invalid", N_("The settings in {path} are not usable:\n{findings}")),
    ErrorKind("settings.unreadable", N_("The settings file {path} cannot be read: {reason}.")),
    ErrorKind("secret.missing", N_("The secret file {path} is missing.")),
    ErrorKind("secret.malformed", N_("The secret file {path} does not hold a 256-bit key in base64.")),
    ErrorKind("secret.unreadable", N_("The secret file {path} cannot be read: {reason}.")),
    ErrorKind(
        "secret.lost",
        N_(
            "The key {path} is missing, but the database holds data sealed with it. Restore the key from a backup; a new key opens none of that data."
        ),
    ),
    ErrorKind(
        "folder.unwritable",
        N_("The folder {path} cannot be written: {reason}. Choose another one or mend its permissions."),
    ),
    ErrorKind(
        "port.busy",
        N_(
            "Port {port} on {host} is in use by another program. Stop that program or choose another port in config.yaml."
        ),
    ),
    ErrorKind("port.unavailable", N_("Nothing can listen at {host}:{port}: {reason}.")),
    # Face models
    ErrorKind(
        "weights.missing",
        N_(
            "The weights file {path} is missing. Install the hash-locked requirements, or name its place in config.yaml."
        ),
    ),
    ErrorKind("weights.digest", N_("The weights file {path} has the digest {found}, not {expected}. It is not used.")),
    ErrorKind(
        "antispoof.failed", N_("The anti-spoofing network {path} cannot be used: {reason}. Nobody is live to it.")
    ),
    ErrorKind("engine.missing", N_("The engine {engine} needs a package that is not installed: {package}.")),
    ErrorKind(
        "gallery.model_mismatch", N_("Templates of the model {found} cannot be compared with the model {expected}.")
    ),
    ErrorKind(
        "seal.broken",
        N_("Sealed data does not open: it was changed, moved to another owner, or sealed with another key."),
    ),
    ErrorKind("probes.unreadable", N_("The folder of probes {path} cannot be read: {reason}.")),
    ErrorKind(
        "probes.empty",
        N_(
            "The folder of probes {path} has no pictures in folders named like employee numbers of the gallery, nor in {strangers}."
        ),
    ),
    # Camera and kiosk
    ErrorKind("camera.unavailable", N_("The camera {source} cannot be opened."), retryable=True),
    ErrorKind(
        "camera.stalled", N_("The camera {source} has sent no new picture for {seconds:.0f} seconds."), retryable=True
    ),
    ErrorKind(
        "camera.frozen", N_("The camera {source} has sent the same picture for {seconds:.0f} seconds."), retryable=True
    ),
    ErrorKind("outbox.not_durable", N_("The outbox {path} does not run in WAL mode with synchronous=FULL.")),
    ErrorKind(
        "outbox.write_failed",
        N_("The clock event could not be saved on this kiosk: {reason}. Please use the paper list."),
        retryable=True,
    ),
    ErrorKind(
        "kiosk.not_paired",
        N_(
            "This kiosk is not paired. Run `python -m kiosk pair CODE` with a code from `python -m server pair-code NAME`."
        ),
    ),
    ErrorKind("kiosk.folder_in_use", N_("A kiosk is running on the folder {path}. Stop it first.")),
    ErrorKind(
        "kiosk.items_waiting",
        N_(
            "{count} items of this kiosk's earlier identity never reached the server. Let it deliver them first, or pair with --give-up-waiting; then they are kept in a file."
        ),
    ),
    ErrorKind("server.unreachable", N_("The server {url} does not answer: {reason}."), retryable=True),
    ErrorKind(
        "server.unexpected_answer",
        N_("The server {url} gave an answer that this kiosk does not understand: {reason}."),
        retryable=True,
    ),
    ErrorKind("pin.wrong", N_("Employee number or PIN is not right.")),
    ErrorKind(
        "pin.locked", N_("Too many wrong PINs for this number. Try again in {seconds:.0f} seconds."), retryable=True
    ),
    ErrorKind("void.too_late", N_("“Not me” is possible for {seconds:.0f} seconds only. Please tell HR.")),
    # Devices and their messages
    ErrorKind("pairing.refused", N_("The pairing code is wrong, used or too old.")),
    ErrorKind("signature.missing", N_("The request is not signed.")),
    ErrorKind("signature.invalid", N_("The signature of the request does not fit the request.")),
    ErrorKind(
        "signature.stale",
        N_("The signature was made at another time than the server's: {server_time}."),
        retryable=True,
    ),
    ErrorKind("signature.replayed", N_("This signed request was received before.")),
    ErrorKind("kiosk.unknown", N_("This kiosk is not known.")),
    ErrorKind("kiosk.revoked", N_("This kiosk has been revoked.")),
    ErrorKind("wire.invalid", N_("The message is not of the agreed form: {reason}.")),
    ErrorKind("wire.version", N_("Message version {found} is not spoken here; version {expected} is.")),
    ErrorKind("item.person_unknown", N_("The clock event names a person who is not known.")),
    ErrorKind("item.id_time_mismatch", N_("The identifier and the time of the clock event do not fit together.")),
    ErrorKind("item.conflicting", N_("The same identifier came before with another content.")),
    ErrorKind("item.void_without_event", N_("“Not me” names a clock event that this kiosk did not send before it.")),
    ErrorKind("request.too_large", N_("The request is larger than {limit_bytes} bytes.")),
    # People, sign-in, pages
    ErrorKind("signin.refused", N_("Name or password is not right.")),
    ErrorKind("signin.locked", N_("Too many failed sign-ins. Try again in {minutes} minutes."), retryable=True),
    ErrorKind("page.forbidden", N_("Your account may not see this.")),
    ErrorKind("page.not_found", N_("There is nothing at this address.")),
    ErrorKind(
        "page.form_expired", N_("The form is too old or came from elsewhere. Open the page again."), retryable=True
    ),
    ErrorKind("page.bad_date", N_("{text} is not a date like 2026-11-20.")),
    ErrorKind("page.bad_month", N_("{text} is not a month like 2026-11.")),
    ErrorKind("page.bad_week", N_("{text} is not a week like 2026-W47.")),
    # attendance rules and what people add to them
    ErrorKind("rules.unreadable", N_("The rules {path} cannot be read: {reason}. Presets are: {presets}.")),
    ErrorKind("rules.invalid", N_("These rules cannot be used: {findings}")),
    ErrorKind("rules.locked", N_("{month} is locked: rules can take effect from the first day after it.")),
    ErrorKind("reason.missing", N_("A reason is needed.")),
    ErrorKind("person.unknown", N_("There is nobody with the number {employee_no}.")),
    ErrorKind("roster.invalid", N_("This roster entry cannot be used: {reason}")),
    ErrorKind("register.unreadable", N_("The register {path} cannot be imported: {reason}.")),
    ErrorKind(
        "register.unfinished",
        N_(
            "Import {number} of this source has not come to its end. Import its file {file} again, or take it back, before another one."
        ),
    ),
    ErrorKind("register.unknown", N_("There is no import with the number {number}.")),
    ErrorKind("register.taken_back", N_("Import {number} was taken back.")),
    ErrorKind("register.needed", N_("Import {other} rests on import {number}. Take that one back first.")),
    ErrorKind("request.unknown", N_("There is no such request, or your account may not see it.")),
    ErrorKind("request.times", N_("It must end after it begins, and last at most {days} days.")),
    ErrorKind("request.kind", N_("The rules do not know the kind {name}.")),
    ErrorKind("request.point", N_("There is no such clock point on {day}.")),
    ErrorKind("request.in_future", N_("What has not happened yet cannot be corrected or waived.")),
    ErrorKind("request.too_late", N_("The rules accept this request until {deadline} only.")),
    ErrorKind("request.over_quota", N_("The rules accept {limit} of these a month, and all of them are used.")),
    ErrorKind(
        "request.over_balance",
        N_("The rules allow {limit} days of {name} a year. {used} are used in {year}; these are {asked} more."),
    ),
    ErrorKind("request.overlaps", N_("For this time there is a request already: {other}.")),
    ErrorKind("request.needs_document", N_("From {days} days on the rules ask for an attachment.")),
    ErrorKind("request.attachment", N_("An attachment must be a PDF or a picture of at most {limit_bytes} bytes.")),
    ErrorKind("request.decided", N_("This request was decided before.")),
    ErrorKind("request.own", N_("Nobody decides about a request of their own.")),
    ErrorKind("request.filed_by_you", N_("Whoever filed a request does not decide about it.")),
    ErrorKind("request.needs_paper", N_("What HR records from paper needs that paper attached.")),
    ErrorKind("request.closed", N_("This request is refused or withdrawn: no document is added to it any more.")),
    ErrorKind("request.many_documents", N_("A request holds {limit} documents at most.")),
    ErrorKind("request.not_yours", N_("The rules leave this decision to others: {role}.")),
    ErrorKind("outage.unknown", N_("There is no such outage.")),
    ErrorKind("outage.in_future", N_("An outage can be declared when it is over.")),
    ErrorKind("outage.not_declared", N_("Only an outage that HR declared can be taken back.")),
    ErrorKind("outage.retracted", N_("This outage was taken back; nobody is excused by it.")),
    ErrorKind(
        "workday.unjudged",
        N_("{period} waits: {count} workdays cannot be judged, the first is {day} of {person}: {reason}"),
    ),
    ErrorKind("month.not_over", N_("{month} is not over, or not everything in it is judged yet.")),
    ErrorKind("month.locked", N_("{month} is locked already.")),
    ErrorKind("month.changed", N_("The sheet of {month} has changed since it was shown. Look at it again.")),
    ErrorKind("month.not_kept", N_("The clock events and workdays of {month} are no longer kept.")),
    ErrorKind("amendment.unknown", N_("There is no such open amendment.")),
    ErrorKind("internal", N_("Something went wrong here. It has been noted under {reference}."), retryable=True),
    # Accounts and people given on the command line
    ErrorKind("account.exists", N_("An account named {username} exists already.")),
    ErrorKind("account.unknown", N_("There is no account named {username}.")),
    ErrorKind("account.weak_password", N_("The password must have at least {minimum} characters.")),
    ErrorKind("division.unknown", N_("There is no division named {name}.")),
    ErrorKind("text.unfit", N_("{option} must have 1 to {limit} characters, and no control character among them.")),
    ErrorKind("pin.malformed", N_("A PIN has {minimum} to {maximum} digits.")),
    ErrorKind("database.unreachable", N_("The database cannot be reached: {reason}."), retryable=True),
    ErrorKind(
        "database.not_migrated",
        N_("The database has the schema {found}, this program needs {expected}. Run `python -m server migrate`."),
    ),
    # Jobs
    ErrorKind("job.unforeseen", N_("A fault that nobody foresaw; the log says more: {fault}")),
    ErrorKind(
        "job.too_early",
        N_("It ran before its time, because the server's clock was ahead. It runs again when it is due, at {due_at}."),
        retryable=True,
    ),
    ErrorKind(
        "job.unjudged",
        N_("{count} workdays could not be judged, the first of {day}. The log says why."),
    ),
    # Mail
    ErrorKind("mail.unreachable", N_("The mail server {host}:{port} does not answer: {reason}."), retryable=True),
    ErrorKind(
        "mail.insecure",
        N_("No protected connection to the mail server {host}:{port} could be made, so nothing was sent: {reason}."),
    ),
    ErrorKind("mail.login_refused", N_("The mail server {host} does not let {username} log in: {reason}.")),
    ErrorKind("mail.sender_refused", N_("The mail server {host} takes no mail from {sender}: {reason}.")),
    ErrorKind("mail.refused", N_("The mail server {host} refuses mail to {recipient}: {reason}.")),
    ErrorKind(
        "mail.deferred", N_("The mail server {host} does not take mail to {recipient} now: {reason}."), retryable=True
    ),
    ErrorKind(
        "mail.broken_off",
        N_(
            "The connection to the mail server {host} broke off over a mail to {recipient}, or it did not answer in time: {reason}. Perhaps the mail arrived."
        ),
        retryable=True,
    ),
    ErrorKind(
        "mail.no_recipient",
        N_("The account is not active, has no e-mail address, or may not see this report any more."),
    ),
    ErrorKind("mail.interrupted", N_("The program ended while this mail was being sent; perhaps it arrived.")),
    ErrorKind("mail.bad_address", N_("{text} is not an e-mail address like name@court.example.")),
    # Demonstration
    ErrorKind(
        "demo.photos",
        N_(
            "The demonstration's photographs cannot be had: {reason}. The first start needs a connection to the package index."
        ),
        retryable=True,
    ),
    ErrorKind(
        "demo.folder_not_ours",
        N_(
            "The folder {path} was not made by the demonstration and is not empty. Nothing in it was touched. Choose another folder."
        ),
    ),
    ErrorKind("demo.child_ended", N_("The {program} ended by itself. Its last words are in {log}:\n{words}")),
    ErrorKind(
        "demo.too_slow", N_("The {program} was not ready within {seconds:.0f} seconds; see {log}."), retryable=True
    ),
    ErrorKind("demo.unexpected", N_("The day did not go as the script has it:\n{findings}")),
    # Enrollment
    ErrorKind("import.folder_unreadable", N_("The folder {path} cannot be imported: {reason}.")),
)
