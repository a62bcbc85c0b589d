"""Every table, by subject. Whoever names one takes it from here, so that all of them are known to the metadata."""

from __future__ import annotations

from server.storage.tables.accounts import access_log, account, session
from server.storage.tables.expectations import (
    calendar_edit,
    calendar_year,
    official_year,
    roster_entry,
    roster_taken_back,
    rule_version,
)
from server.storage.tables.jobs import job_run, outgoing_mail, replaced_report, report, server_clock, standing_work
from server.storage.tables.kiosks import (
    attempt,
    clock_event,
    kiosk,
    kiosk_seen,
    pairing_code,
    refused_item,
    used_nonce,
    void,
)
from server.storage.tables.metadata import metadata
from server.storage.tables.months import amendment, month_lock, sheet_answer
from server.storage.tables.people import (
    consent,
    division,
    division_membership,
    gallery_version,
    operating_point,
    person,
    template,
)
from server.storage.tables.registers import register_import, register_stretch, register_taken_back
from server.storage.tables.requests import attachment, outage, outage_retraction, request, request_step, server_seen
from server.storage.tables.workdays import judging_fault, touched_workday, workday

__all__ = (
    "access_log",
    "account",
    "amendment",
    "attachment",
    "attempt",
    "calendar_edit",
    "calendar_year",
    "clock_event",
    "consent",
    "division",
    "division_membership",
    "gallery_version",
    "job_run",
    "judging_fault",
    "kiosk",
    "kiosk_seen",
    "metadata",
    "month_lock",
    "official_year",
    "operating_point",
    "outage",
    "outage_retraction",
    "outgoing_mail",
    "pairing_code",
    "person",
    "refused_item",
    "register_import",
    "register_stretch",
    "register_taken_back",
    "replaced_report",
    "report",
    "request",
    "request_step",
    "roster_entry",
    "roster_taken_back",
    "rule_version",
    "server_clock",
    "server_seen",
    "session",
    "sheet_answer",
    "standing_work",
    "template",
    "touched_workday",
    "used_nonce",
    "void",
    "workday",
)
