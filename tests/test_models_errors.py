"""Every error has a code that stays, a sentence for people, and says whether trying again helps."""

from __future__ import annotations

import errno
import re
from string import Formatter

import pytest

from models.errors import ERROR_KINDS, CourtclockError, listening_error
from models.language import LANGUAGES, Language

# Callers and documents know these words. A code is added here when it is made, and never renamed once released.
CODES = [
    "account.exists",
    "account.unknown",
    "account.weak_password",
    "amendment.unknown",
    "antispoof.failed",
    "camera.frozen",
    "camera.stalled",
    "camera.unavailable",
    "database.not_migrated",
    "database.unreachable",
    "demo.child_ended",
    "demo.folder_not_ours",
    "demo.photos",
    "demo.too_slow",
    "demo.unexpected",
    "division.unknown",
    "engine.missing",
    "folder.unwritable",
    "gallery.model_mismatch",
    "import.folder_unreadable",
    "internal",
    "item.conflicting",
    "item.id_time_mismatch",
    "item.person_unknown",
    "item.void_without_event",
    "job.too_early",
    "job.unforeseen",
    "job.unjudged",
    "kiosk.folder_in_use",
    "kiosk.items_waiting",
    "kiosk.not_paired",
    "kiosk.revoked",
    "kiosk.unknown",
    "mail.bad_address",
    "mail.broken_off",
    "mail.deferred",
    "mail.insecure",
    "mail.interrupted",
    "mail.login_refused",
    "mail.no_recipient",
    "mail.refused",
    "mail.sender_refused",
    "mail.unreachable",
    "month.changed",
    "month.locked",
    "month.not_kept",
    "month.not_over",
    "outage.in_future",
    "outage.not_declared",
    "outage.retracted",
    "outage.unknown",
    "outbox.not_durable",
    "outbox.write_failed",
    "page.bad_date",
    "page.bad_month",
    "page.bad_week",
    "page.forbidden",
    "page.form_expired",
    "page.not_found",
    "pairing.refused",
    "person.unknown",
    "pin.locked",
    "pin.malformed",
    "pin.wrong",
    "port.busy",
    "port.unavailable",
    "probes.empty",
    "probes.unreadable",
    "reason.missing",
    "register.needed",
    "register.taken_back",
    "register.unfinished",
    "register.unknown",
    "register.unreadable",
    "request.attachment",
    "request.closed",
    "request.decided",
    "request.filed_by_you",
    "request.in_future",
    "request.kind",
    "request.many_documents",
    "request.needs_document",
    "request.needs_paper",
    "request.not_yours",
    "request.over_balance",
    "request.over_quota",
    "request.overlaps",
    "request.own",
    "request.point",
    "request.times",
    "request.too_large",
    "request.too_late",
    "request.unknown",
    "roster.invalid",
    "rules.invalid",
    "rules.locked",
    "rules.unreadable",
    "seal.broken",
    "secret.lost",
    "secret.malformed",
    "secret.missing",
    "secret.unreadable",
    "server.unexpected_answer",
    "server.unreachable",
    "settings.invalid",
    "settings.unreadable",
    "signature.invalid",
    "signature.missing",
    "signature.replayed",
    "signature.stale",
    "signin.locked",
    "signin.refused",
    "text.unfit",
    "void.too_late",
    "weights.digest",
    "weights.missing",
    "wire.invalid",
    "wire.version",
    "workday.unjudged",
]

RETRYABLE = {
    "camera.frozen",
    "camera.stalled",
    "camera.unavailable",
    "database.unreachable",
    "demo.photos",
    "demo.too_slow",
    "internal",
    "job.too_early",
    "mail.broken_off",
    "mail.deferred",
    "mail.unreachable",
    "outbox.write_failed",
    "page.form_expired",
    "pin.locked",
    "server.unexpected_answer",
    "server.unreachable",
    "signature.stale",
    "signin.locked",
}


def gaps(sentence: str) -> dict[str, str]:
    """Name and format of each gap."""
    return {name: form or "" for _, name, form, _ in Formatter().parse(sentence) if name is not None}


def test_the_codes_are_these_and_no_others() -> None:
    assert sorted(ERROR_KINDS) == CODES


def test_a_code_names_an_area_and_what_happened_there() -> None:
    odd = [code for code in ERROR_KINDS if not re.fullmatch(r"[a-z]+\.[a-z_]+", code)]
    assert odd == ["internal"]


def test_each_kind_stands_under_its_own_code() -> None:
    assert [code for code, kind in ERROR_KINDS.items() if kind.code != code] == []


def test_trying_again_helps_exactly_where_nobody_has_to_change_anything() -> None:
    assert {code for code, kind in ERROR_KINDS.items() if kind.retryable} == RETRYABLE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_a_sentence_shows_its_details(code: str, language: Language) -> None:
    forms = gaps(ERROR_KINDS[code].sentence)
    details: dict[str, object] = {name: 731 if form else f"<{name}>" for name, form in forms.items()}
    sentence = CourtclockError(code, **details).sentence(language)
    missing = [name for name, detail in details.items() if str(detail) not in sentence]
    assert missing == []
    assert "{" not in sentence
    assert "?" not in sentence


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_a_detail_that_is_left_out_shows_as_a_question_mark(code: str, language: Language) -> None:
    sentence = CourtclockError(code).sentence(language)
    assert sentence.count("?") == len(gaps(ERROR_KINDS[code].sentence))


@pytest.mark.parametrize("code", CODES)
def test_chinese_readers_get_a_chinese_sentence(code: str) -> None:
    error = CourtclockError(code)
    assert error.sentence("zh") != error.sentence("en")
    assert re.search(r"[\u4e00-\u9fff]", error.sentence("zh"))


def test_braces_in_a_detail_are_shown_as_they_are() -> None:
    assert "{path}" in CourtclockError("wire.invalid", reason="{path}").sentence("en")


def test_an_error_tells_its_code_and_details_and_reads_well_in_a_log() -> None:
    error = CourtclockError("server.unreachable", url="http://court.local", reason="refused")
    assert (error.code, error.retryable) == ("server.unreachable", True)
    assert error.details == {"url": "http://court.local", "reason": "refused"}
    assert str(error) == "server.unreachable: The server http://court.local does not answer: refused."


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (OSError(errno.EADDRINUSE, "Address already in use"), "port.busy"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), "port.unavailable"),
        (PermissionError(errno.EACCES, "Permission denied"), "port.unavailable"),
        (ValueError("Invalid host/port specified."), "port.unavailable"),
    ],
)
def test_only_a_port_in_use_is_called_busy(raised: OSError | ValueError, code: str) -> None:
    error = listening_error("court.local", 8080, raised)
    assert error.code == code
    assert "?" not in error.sentence("en")
    assert "court.local" in error.sentence("en")


def test_a_code_that_nobody_defined_cannot_be_raised() -> None:
    with pytest.raises(KeyError, match=r"server\.vanished"):
        CourtclockError("server.vanished")
