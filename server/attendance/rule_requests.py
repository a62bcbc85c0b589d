"""What the rule language says about requests: kinds of leave and duty, who approves what, until when, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from models.language import N_, Said
from server.attendance.rule_findings import at_place
from server.attendance.rule_parts import Name, Part
from server.attendance.rules import (
    REQUEST_KINDS,
    AbsenceKind,
    ApprovalTier,
    ApproverRole,
    Deadline,
    RequestKind,
    RequestRules,
)

_LAST_HOLDS_FOR_ANY: Final = N_("the last one, and only the last, holds for any length")
_UNDER_DAYS_RISE: Final = N_("under_days must rise")
_DAYS_OF_NO_DEADLINE: Final = N_("deadline_days belongs to a deadline, which is missing")


class TierDocument(Part):
    """One approver, by length."""

    under_days: float | None = Field(None, gt=0, le=366, description="Requests shorter than so many days; null: any.")
    by: ApproverRole = Field(description="`head`, `vice_president`, `president` or `hr`.")


class KindDocument(Part):
    """A kind of leave or of duty elsewhere. What it leaves out holds as for all leave, or all duty."""

    name_zh: Name = Field(description="Name in Chinese.")
    name_en: Name = Field(description="Name in English.")
    days_per_year: float | None = Field(
        None, gt=0, le=366, description="At most so many workdays a person and calendar year; null: any number."
    )
    approvals: list[TierDocument] | None = Field(
        None, min_length=1, max_length=8, description="Of its own, by rising length; null: as in `requests`."
    )
    deadline: Deadline | None = Field(None, description="Of its own; null: as in `requests`.")
    deadline_days: int | None = Field(None, ge=0, le=366, description="Belongs to a deadline of its own.")
    document_from_days: float | None = Field(
        None, ge=0, le=366, description="Of its own; left out: as in `requests`; null: never."
    )

    @model_validator(mode="after")
    def _days_of_a_deadline(self) -> KindDocument:
        if self.deadline_days is not None and self.deadline is None:
            raise ValueError(Said(_DAYS_OF_NO_DEADLINE))
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Left out and null are not the same here, and rules of before these keys keep their version.
        written: dict[str, Any] = plain(self)
        return {key: written.get(key) for key in type(self).model_fields if key in self.model_fields_set}


class RequestDocument(Part):
    """What holds for one kind of request."""

    approvals: list[TierDocument] = Field(min_length=1, max_length=8, description="By rising length; the last: any.")
    deadline: Deadline = Field(
        "none", description="`before_start`, `same_day`, `natural_days`, `working_days` (with deadline_days) or `none`."
    )
    deadline_days: int = Field(0, ge=0, le=366, description="For natural_days and working_days: so many days after.")
    per_month: int | None = Field(None, ge=0, le=1000, description="At most so many a person and month.")
    document_from_days: float | None = Field(
        None, ge=0, le=366, description="From so many days on an attachment is needed; null: never."
    )


_HEAD: Final[list[dict[str, Any]]] = [{"under_days": None, "by": "head"}]


def _request(**values: Any) -> RequestDocument:
    return RequestDocument.model_validate({"approvals": _HEAD, **values})


class RequestsDocument(Part):
    """Requests of people."""

    leave: RequestDocument = Field(default_factory=_request, description="Leave.")
    duty: RequestDocument = Field(default_factory=_request, description="Duty elsewhere.")
    correction: RequestDocument = Field(default_factory=_request, description="A forgotten clock.")
    waiver: RequestDocument = Field(
        default_factory=lambda: _request(approvals=[{"under_days": None, "by": "hr"}]), description="A waiver."
    )


def approval_faults(
    requests: RequestsDocument, leave_kinds: Mapping[str, KindDocument], duty_kinds: Mapping[str, KindDocument]
) -> list[Said]:
    """Chains of approval that leave a length without an approver, with their places."""
    chains = {f"requests.{kind}": getattr(requests, kind).approvals for kind in REQUEST_KINDS}
    chains |= {f"leave_kinds.{name}": one.approvals for name, one in leave_kinds.items()}
    chains |= {f"duty_kinds.{name}": one.approvals for name, one in duty_kinds.items()}
    faults = []
    for place, tiers in chains.items():
        limits = [tier.under_days for tier in tiers or []]
        if (limits and limits[-1] is not None) or any(limit is None for limit in limits[:-1]):
            faults.append(at_place(f"{place}.approvals", Said(_LAST_HOLDS_FOR_ANY)))
        elif sorted(set(limits[:-1])) != limits[:-1]:
            faults.append(at_place(f"{place}.approvals", Said(_UNDER_DAYS_RISE)))
    return faults


def request_rules(document: RequestsDocument) -> dict[RequestKind, RequestRules]:
    """What holds for each kind of request."""
    return {kind: _request_rules(getattr(document, kind)) for kind in REQUEST_KINDS}


def _request_rules(one: RequestDocument) -> RequestRules:
    return RequestRules(_tiers(one.approvals), one.deadline, one.deadline_days, one.per_month, one.document_from_days)


def _tiers(tiers: list[TierDocument]) -> tuple[ApprovalTier, ...]:
    return tuple(ApprovalTier(tier.under_days, tier.by) for tier in tiers)


def absence_kind(name: str, one: KindDocument, general: RequestRules) -> AbsenceKind:
    """A kind with the rules that hold for it: its own over those of all leave, or of all duty."""
    own = general
    if one.approvals is not None:
        own = replace(own, approvals=_tiers(one.approvals))
    if one.deadline is not None:
        own = replace(own, deadline=one.deadline, deadline_days=one.deadline_days or 0)
    if "document_from_days" in one.model_fields_set:
        own = replace(own, document_from_days=one.document_from_days)
    return AbsenceKind(name, one.name_zh, one.name_en, own, one.days_per_year)
