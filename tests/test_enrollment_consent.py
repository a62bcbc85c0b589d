"""Consent: no old "yes" undoes a "no", and every "no" holds at once."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.consent import rule_on_consent
from enrollment.ports import ConsentRecord, ConsentState

TODAY = date(2026, 11, 20)


def day(number: int) -> date:
    return date(2026, 11, number)


def yes(number: int, notice_version: str = "1") -> ConsentRecord:
    return ConsentRecord("given", notice_version, day(number), "HR")


def no(number: int) -> ConsentRecord:
    return ConsentRecord("refused", "1", day(number), "HR")


def on_record(decision: str, number: int) -> ConsentState:
    assert decision in ("given", "refused", "withdrawn")
    return ConsentState(decision, "1", day(number))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("brought", "stored", "recorded", "faces_allowed", "remark"),
    [
        # nobody has decided anything
        (None, None, False, False, None),
        # nothing new: what is on record holds
        (None, on_record("given", 5), False, True, None),
        (None, on_record("refused", 5), False, False, None),
        (None, on_record("withdrawn", 5), False, False, None),
        # the first decision
        (yes(5), None, True, True, None),
        (no(5), None, True, False, None),
        # the same list again
        (yes(5), on_record("given", 5), False, True, None),
        (no(5), on_record("refused", 5), False, False, None),
        # a newer consent, or one to another version of the notice
        (yes(6), on_record("given", 5), True, True, None),
        (yes(5, "2"), on_record("given", 5), True, True, None),
        # an older consent than the one on record changes nothing
        (yes(4), on_record("given", 5), False, True, None),
        # a withdrawal holds until a later consent
        (yes(4), on_record("withdrawn", 5), False, False, "consent_not_newer_than_withdrawal"),
        (yes(5), on_record("withdrawn", 5), False, False, "consent_not_newer_than_withdrawal"),
        (yes(6), on_record("withdrawn", 5), True, True, None),
        # and so does a refusal
        (yes(5), on_record("refused", 5), False, False, "consent_not_newer_than_refusal"),
        (yes(6), on_record("refused", 5), True, True, None),
        # a refusal after a consent withdraws it, on the same day too
        (no(6), on_record("given", 5), True, False, "refusal_withdraws_consent"),
        (no(5), on_record("given", 5), True, False, "refusal_withdraws_consent"),
        # an old refusal does not undo a newer consent, but nobody is looked at under a "no"
        (no(4), on_record("given", 5), False, False, "refusal_older_than_consent"),
        (no(6), on_record("withdrawn", 5), False, False, None),
        # a date that has not come would outlast every withdrawal
        (yes(21), None, False, False, "decision_in_future"),
        (yes(20), None, True, True, None),
        (no(21), on_record("given", 5), False, False, "decision_in_future"),
    ],
)
def test_a_decision_that_is_brought_against_the_one_on_record(
    brought: ConsentRecord | None, stored: ConsentState | None, recorded: bool, faces_allowed: bool, remark: str | None
) -> None:
    ruling = rule_on_consent(brought, stored, TODAY)
    assert ruling.record == (brought if recorded else None)
    assert ruling.faces_allowed is faces_allowed
    assert (ruling.remark.code if ruling.remark else None) == remark
    if ruling.remark:
        assert "2026-11-" in ruling.remark.sentence("en")


DAYS = st.integers(1, 28).map(day)
STATES = st.none() | st.builds(ConsentState, st.sampled_from(["given", "refused", "withdrawn"]), st.just("1"), DAYS)
RECORDS = st.builds(
    ConsentRecord, st.sampled_from(["given", "refused"]), st.sampled_from(["1", "2"]), DAYS, st.just("HR")
)


@given(brought=st.none() | RECORDS, stored=STATES)
def test_faces_are_never_allowed_without_a_yes_in_force(
    brought: ConsentRecord | None, stored: ConsentState | None
) -> None:
    ruling = rule_on_consent(brought, stored, TODAY)
    in_force = ruling.record.decision if ruling.record else stored.decision if stored else None
    if ruling.faces_allowed:
        assert in_force == "given"
    if brought is not None and brought.decision == "refused":
        assert not ruling.faces_allowed


@given(brought=RECORDS, stored=STATES)
def test_the_same_decision_a_second_time_records_nothing(brought: ConsentRecord, stored: ConsentState | None) -> None:
    first = rule_on_consent(brought, stored, TODAY)
    after = stored
    if first.record is not None:
        withdraws = first.record.decision == "refused" and stored is not None and stored.decision == "given"
        after = ConsentState(
            "withdrawn" if withdraws else first.record.decision, first.record.notice_version, first.record.decided_on
        )
    second = rule_on_consent(brought, after, TODAY)
    assert second.record is None
    assert second.faces_allowed is first.faces_allowed


def test_a_record_names_the_notice_and_who_recorded_it() -> None:
    with pytest.raises(ValueError, match="notice"):
        ConsentRecord("given", " ", day(1), "HR")
    with pytest.raises(ValueError, match="recorded"):
        ConsentRecord("given", "1", day(1), "")
