"""What a decision about consent changes, and whether photographs may be looked at. Pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enrollment.ports import ConsentRecord, ConsentState
from enrollment.remarks import EnrollmentRemark


@dataclass(frozen=True, slots=True)
class ConsentRuling:
    """What follows from a decision that is brought and the one on record.

    Attributes:
        record: what is to be recorded; None where nothing changes.
        faces_allowed: whether photographs may be looked at and templates stored.
        remark: what HR must know; None where all is as they expect.
    """

    record: ConsentRecord | None
    faces_allowed: bool
    remark: EnrollmentRemark | None = None


def rule_on_consent(brought: ConsentRecord | None, on_record: ConsentState | None, today: date) -> ConsentRuling:
    """Weigh a decision that is brought against the one on record.

    A "no" on record yields only to a "yes" of a later date, so that an old list never undoes a
    withdrawal. A "yes" on record yields to a "no" of the same or a later date. Whoever brings a "no",
    however old, has no photographs looked at this time.

    Args:
        brought: the decision in the request; None where it says nothing.
        on_record: the decision in force.
        today: the court's date; a decision dated later would outlast every withdrawal and is not taken.
    """
    if brought is None:
        return ConsentRuling(None, on_record is not None and on_record.decision == "given")
    if brought.decided_on > today:
        return ConsentRuling(None, False, EnrollmentRemark("decision_in_future", {"given_on": brought.decided_on}))
    if brought.decision == "given":
        return _rule_on_yes(brought, on_record)
    return _rule_on_no(brought, on_record)


def _rule_on_yes(brought: ConsentRecord, on_record: ConsentState | None) -> ConsentRuling:
    if on_record is None:
        return ConsentRuling(brought, True)
    if on_record.decision == "given":
        same = (brought.notice_version, brought.decided_on) == (on_record.notice_version, on_record.decided_on)
        older = brought.decided_on < on_record.decided_on
        return ConsentRuling(None if same or older else brought, True)
    if brought.decided_on > on_record.decided_on:
        return ConsentRuling(brought, True)
    values = {"stored_on": on_record.decided_on, "given_on": brought.decided_on}
    if on_record.decision == "withdrawn":
        return ConsentRuling(None, False, EnrollmentRemark("consent_not_newer_than_withdrawal", values))
    return ConsentRuling(None, False, EnrollmentRemark("consent_not_newer_than_refusal", values))


def _rule_on_no(brought: ConsentRecord, on_record: ConsentState | None) -> ConsentRuling:
    if on_record is None:
        return ConsentRuling(brought, False)
    if on_record.decision != "given":
        return ConsentRuling(None, False)
    values = {"stored_on": on_record.decided_on, "given_on": brought.decided_on}
    if brought.decided_on < on_record.decided_on:
        return ConsentRuling(None, False, EnrollmentRemark("refusal_older_than_consent", values))
    return ConsentRuling(brought, False, EnrollmentRemark("refusal_withdraws_consent", values))
