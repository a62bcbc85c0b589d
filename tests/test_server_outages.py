"""Outage amnesty: what HR declares and takes back, whom a fault touched, and excusing them with one reason."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from models.errors import CourtclockError
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.deriving import derive_touched
from server.services.expectation_changes import put_rules
from server.services.ingesting import ingest
from server.services.outages import declare_outage, excuse_people, people_touched, retract_outage
from server.services.request_decisions import decide
from server.services.touching import touch_everybody
from server.storage.outages import OutageKind, OutageRecord
from tests.attendance_days import FRIDAY, moment
from tests.persons_cast import PRESETS
from tests.server_cast import FakeClock, Kiosk, Person, batch_of, clocked_at, employ, pair

HR = Actor("zhao", "hr")
EIGHT, NINE = moment("08:00"), moment("09:00")


@pytest.fixture
def east(context: ServerContext, clock: FakeClock) -> Kiosk:
    return pair(context, clock)


# What HR declares


def test_hr_declares_an_outage_that_no_heartbeat_told_of(context: ServerContext) -> None:
    record = declare_outage(context, EIGHT, NINE, " no  power ", HR)
    with context.unit(read_only=True) as unit:
        assert unit.outages.by_id(record.outage_id) == record
    assert (record.kind, record.kiosk_id, record.detail, record.noted_by) == (
        "declared",
        None,
        {"reason": "no power"},
        "zhao",
    )


def test_a_form_that_is_sent_twice_declares_one_outage(context: ServerContext) -> None:
    form_id = uuid.uuid4()
    for _ in range(2):
        declare_outage(context, EIGHT, NINE, "no power", HR, outage_id=form_id)
    with context.unit(read_only=True) as unit:
        assert len(unit.outages.newest(10)) == 1


@pytest.mark.parametrize(
    ("code", "ended_at", "reason", "actor"),
    [
        ("request.times", EIGHT, "no power", HR),
        ("request.times", moment("07:59"), "no power", HR),
        ("request.times", EIGHT + timedelta(days=31, seconds=1), "no power", HR),
        ("outage.in_future", moment("12:01"), "no power", HR),
        ("reason.missing", NINE, " ", HR),
        ("page.forbidden", NINE, "no power", Actor("sun", "head")),
        ("page.forbidden", NINE, "no power", Actor("zhou", "president")),
    ],
)
def test_what_cannot_be_declared_is_refused(
    context: ServerContext, code: str, ended_at: datetime, reason: str, actor: Actor
) -> None:
    with pytest.raises(CourtclockError) as refused:
        declare_outage(context, EIGHT, ended_at, reason, actor)
    assert refused.value.code == code


# Whom it touched


def test_an_outage_of_one_kiosk_says_which(context: ServerContext, east: Kiosk) -> None:
    assert declare_outage(context, EIGHT, NINE, "no power", HR, kiosk_id=east.kiosk_id).kiosk_id == east.kiosk_id
    with pytest.raises(CourtclockError, match=r"kiosk\.unknown"):
        declare_outage(context, EIGHT, NINE, "no power", HR, kiosk_id=uuid.uuid4())


def noted(
    context: ServerContext,
    kiosk: Kiosk | None,
    kind: OutageKind,
    began_at: datetime,
    ended_at: datetime | None,
    **detail: Any,
) -> OutageRecord:
    """What the server has noted by itself."""
    kiosk_id = None if kiosk is None else kiosk.kiosk_id
    record = OutageRecord(uuid.uuid4(), kiosk_id, kind, began_at, ended_at, detail, "Courtclock", began_at)
    with context.unit() as unit:
        unit.outages.add(record)
        unit.commit()
    return record


def send(context: ServerContext, kiosk: Kiosk, *items: dict[str, Any]) -> None:
    with context.unit(read_only=True) as unit:
        record = unit.kiosks.by_id(kiosk.kiosk_id)
    assert record is not None
    ingest(context, record, batch_of(*items))


@pytest.fixture
def people(context: ServerContext, clock: FakeClock, east: Kiosk) -> dict[str, Person]:
    """Friday: one was on time, one came late after the outage, one at noon only, and one never clocked in."""
    names = ("on time", "late", "noon", "missing")
    cast = {name: employ(context, f"010{number}", name) for number, name in enumerate(names)}
    arrivals = {"on time": "08:20", "late": "09:05", "noon": "11:30"}
    for seq, (name, at) in enumerate(arrivals.items(), start=1):
        send(context, east, clocked_at(cast[name], at, seq))
    for seq, name in enumerate(cast, start=10):
        send(context, east, clocked_at(cast[name], "17:40", seq))
    clock.go_to("23:30")
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    return cast


def touched(context: ServerContext, record: OutageRecord) -> dict[str, tuple[int, ...]]:
    return {one.person.name: one.points for one in people_touched(context, record.outage_id)[1]}


def test_who_was_late_or_missed_a_clock_while_it_lasted_was_touched(
    context: ServerContext, people: dict[str, Person]
) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    assert touched(context, outage) == {"late": (0,), "noon": (0,), "missing": (0,)}


def test_who_came_before_the_fault_or_long_after_the_day_was_not(
    context: ServerContext, people: dict[str, Person]
) -> None:
    outage = declare_outage(context, moment("09:06"), moment("09:30"), "no power", HR)
    assert touched(context, outage) == {"noon": (0,), "missing": (0,)}
    evening = declare_outage(context, moment("19:00"), moment("19:30"), "no power", HR)
    assert touched(context, evening) == {}


def test_an_outage_that_still_lasts_touches_until_now(
    context: ServerContext, people: dict[str, Person], east: Kiosk
) -> None:
    record = noted(context, east, "camera", moment("08:10"), None, fault="camera.stalled")
    assert touched(context, record) == {"late": (0,), "noon": (0,), "missing": (0,)}


def test_the_touched_tell_their_verdict_in_both_languages(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    late = next(one for one in people_touched(context, outage.outage_id)[1] if one.person.name == "late")
    assert late.summary("en").startswith("late 35 min")
    assert "迟到" in late.summary("zh")


# Excusing them


def statuses(context: ServerContext, people: dict[str, Person]) -> dict[str, str]:
    derive_touched(context)
    with context.unit(read_only=True) as unit:
        of_day = {one.person_id: one.status for one in unit.workdays.of_day(FRIDAY)}
    return {name: of_day[person.person_id] for name, person in people.items()}


def test_all_are_excused_with_one_reason_and_judged_again(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    waivers = excuse_people(context, outage.outage_id, None, "the outage of Friday", HR)
    assert {(one.kind, one.reason, one.outage_id, one.filed_by) for one in waivers} == {
        ("waiver", "the outage of Friday", outage.outage_id, "zhao")
    }
    assert statuses(context, people) == {
        "on time": "normal",
        "late": "excused",
        "noon": "excused",
        "missing": "excused",
    }
    assert touched(context, outage) == {}


def test_only_those_chosen_are_excused(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    chosen = {(people["late"].person_id, FRIDAY), (people["on time"].person_id, FRIDAY), (uuid.uuid4(), FRIDAY)}
    assert [one.person_id for one in excuse_people(context, outage.outage_id, chosen, "it was so", HR)] == [
        people["late"].person_id
    ]
    assert statuses(context, people)["noon"] != "excused"


def test_who_is_excused_already_is_not_excused_again_before_the_day_is_judged_anew(
    context: ServerContext, people: dict[str, Person]
) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    assert len(excuse_people(context, outage.outage_id, None, "it was so", HR)) == 3
    assert touched(context, outage) == {}
    assert excuse_people(context, outage.outage_id, None, "it was so", HR) == []


def test_whose_waiver_is_withdrawn_can_be_excused_again(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    chosen = {(people["late"].person_id, FRIDAY)}
    (waiver,) = excuse_people(context, outage.outage_id, chosen, "it was so", HR)
    derive_touched(context)
    decide(context, waiver.request_id, "withdrawn", HR)
    assert statuses(context, people)["late"] == "late"
    assert touched(context, outage)["late"] == (0,)


def test_waivers_of_an_outage_use_up_nobodys_own_ones(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    waivers = excuse_people(context, outage.outage_id, None, "it was so", HR)
    with context.unit(read_only=True) as unit:
        assert all(
            one.in_force and one.filed.outage_id == outage.outage_id
            for one in unit.requests.of_people([waivers[0].person_id])
        )


@pytest.mark.parametrize(
    ("code", "reason", "actor"), [("reason.missing", "", HR), ("page.forbidden", "it was so", Actor("sun", "head"))]
)
def test_excusing_needs_a_reason_and_hr(
    context: ServerContext, people: dict[str, Person], code: str, reason: str, actor: Actor
) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    with pytest.raises(CourtclockError) as refused:
        excuse_people(context, outage.outage_id, None, reason, actor)
    assert refused.value.code == code


def test_an_outage_that_is_not_there_is_unknown(context: ServerContext) -> None:
    with pytest.raises(CourtclockError, match=r"outage\.unknown"):
        people_touched(context, uuid.uuid4())
    with pytest.raises(CourtclockError, match=r"outage\.unknown"):
        excuse_people(context, uuid.uuid4(), None, "it was so", HR)


# Nobody excuses themselves


def test_of_all_who_were_touched_ones_own_person_is_left_out(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    late = Actor("late", "hr", people["late"].person_id)
    excused = excuse_people(context, outage.outage_id, None, "it was so", late)
    assert {one.person_id for one in excused} == {people["noon"].person_id, people["missing"].person_id}
    assert statuses(context, people)["late"] == "late"
    (another,) = excuse_people(context, outage.outage_id, None, "it was so", HR)
    assert another.person_id == people["late"].person_id


def test_who_chooses_themselves_excuses_nobody(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    chosen = {(people[name].person_id, FRIDAY) for name in ("late", "noon")}
    with pytest.raises(CourtclockError, match=r"request\.own"):
        excuse_people(context, outage.outage_id, chosen, "it was so", Actor("late", "hr", people["late"].person_id))
    assert touched(context, outage).keys() == {"late", "noon", "missing"}


# Taking a declaration back


def test_what_was_declared_is_taken_back_with_its_waivers_and_stays_on_record(
    context: ServerContext, people: dict[str, Person]
) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    waivers = excuse_people(context, outage.outage_id, None, "it was so", HR)
    assert statuses(context, people)["late"] == "excused"
    assert retract_outage(context, outage.outage_id, " another  day ", Actor("qian", "hr")) == 3
    assert statuses(context, people)["late"] == "late"
    record, _ = people_touched(context, outage.outage_id)
    assert record.retraction is not None
    assert (record.retraction.reason, record.retraction.retracted_by) == ("another day", "qian")
    with context.unit(read_only=True) as unit:
        last = unit.requests.steps(waivers[0].request_id)[-1]
    assert (last.number, last.decision, last.reason, last.decided_by) == (2, "withdrawn", "another day", "qian")


def test_nobody_is_excused_by_what_was_taken_back(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    retract_outage(context, outage.outage_id, "another day", HR)
    assert touched(context, outage) == {}
    with pytest.raises(CourtclockError, match=r"outage\.retracted"):
        excuse_people(context, outage.outage_id, None, "it was so", HR)


def test_taking_back_twice_does_it_once(context: ServerContext, people: dict[str, Person]) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    (waiver, *_) = excuse_people(context, outage.outage_id, None, "it was so", HR)
    assert [retract_outage(context, outage.outage_id, why, HR) for why in ("another day", "again")] == [3, 0]
    record, _ = people_touched(context, outage.outage_id)
    assert record.retraction is not None
    assert record.retraction.reason == "another day"
    with context.unit(read_only=True) as unit:
        assert len(unit.requests.steps(waiver.request_id)) == 2


def test_a_waiver_that_was_withdrawn_before_is_not_withdrawn_again(
    context: ServerContext, people: dict[str, Person]
) -> None:
    outage = declare_outage(context, EIGHT, NINE, "no power", HR)
    waiver, *_ = excuse_people(context, outage.outage_id, None, "it was so", HR)
    decide(context, waiver.request_id, "withdrawn", HR)
    assert retract_outage(context, outage.outage_id, "another day", HR) == 2


def test_only_hr_takes_back_and_only_what_was_declared(context: ServerContext, east: Kiosk) -> None:
    declared = declare_outage(context, EIGHT, NINE, "no power", HR)
    silent = noted(context, east, "silent", EIGHT, NINE)
    for code, outage_id, reason, actor in (
        ("page.forbidden", declared.outage_id, "x", Actor("sun", "head")),
        ("reason.missing", declared.outage_id, " ", HR),
        ("outage.not_declared", silent.outage_id, "x", HR),
        ("outage.unknown", uuid.uuid4(), "x", HR),
    ):
        with pytest.raises(CourtclockError) as refused:
            retract_outage(context, outage_id, reason, actor)
        assert refused.value.code == code


# Which kiosk they use


def test_who_usually_clocks_at_the_kiosk_that_failed_comes_first(
    context: ServerContext, people: dict[str, Person], east: Kiosk, clock: FakeClock
) -> None:
    west = pair(context, clock, "west door")
    for seq, day in enumerate((17, 18, 19), start=1):
        for name, door in (("late", west), ("noon", west), ("missing", east)):
            at = moment("08:20", date(2026, 11, day))
            send(context, door, clocked_at(people[name], at, 100 * seq + len(name)))
    outage = noted(context, west, "silent", EIGHT, NINE)
    listed = [
        (one.person.name, one.usual_kiosk_id == west.kiosk_id, one.clocked_there)
        for one in people_touched(context, outage.outage_id)[1]
    ]
    assert listed == [("late", True, True), ("noon", True, True), ("missing", False, False)]
    everywhere = declare_outage(context, EIGHT, NINE, "no power", HR)
    assert not any(one.clocked_there for one in people_touched(context, everywhere.outage_id)[1])


def test_of_somebody_who_never_clocked_no_kiosk_is_usual(context: ServerContext, clock: FakeClock) -> None:
    employ(context, "0199", "new")
    clock.go_to("23:30")
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    (one,) = people_touched(context, declare_outage(context, EIGHT, NINE, "no power", HR).outage_id)[1]
    assert one.usual_kiosk_id is None


# Off post


@pytest.fixture
def away(context: ServerContext, clock: FakeClock, east: Kiosk) -> Person:
    """Out at 09:00; coming back was lost while the kiosk was down, and the next visit was at 10:15."""
    put_rules(context, (PRESETS / "court_four_windows.yaml").read_text(), date(2026, 11, 1), "rules of 2019", "hr")
    person = employ(context)
    times = ("08:00", "09:00", "10:15", "11:30", "13:00", "17:00")
    send(context, east, *(clocked_at(person, at, seq) for seq, at in enumerate(times, start=1)))
    clock.go_to("23:30")
    touch_everybody(context, FRIDAY)
    derive_touched(context)
    return person


def test_time_off_post_that_an_outage_caused_is_excused(context: ServerContext, away: Person) -> None:
    assert statuses(context, {"away": away}) == {"away": "off_post"}
    outage = declare_outage(context, moment("09:10"), moment("09:40"), "no power", HR)
    assert touched(context, outage) == {"李明": (-1,)}
    (waiver,) = excuse_people(context, outage.outage_id, None, "the outage of Friday", HR)
    assert waiver.point == -1
    assert touched(context, outage) == {}
    assert statuses(context, {"away": away}) == {"away": "excused"}
