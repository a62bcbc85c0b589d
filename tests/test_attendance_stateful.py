"""Whatever comes in whatever order, the stored workdays are those of a court to which everything was told at once.

The services run on SQLite; what they store is compared with a fresh database, with recomputing, and with the reference
model, which knows only what this test said.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import insert, select

from models.errors import CourtclockError
from server.attendance.calendar import CalendarEdit, DayKind, YearWord
from server.attendance.events import RawEvent
from server.attendance.rosters import RosterEntry
from server.attendance.rule_documents import parse_rules
from server.attendance.rules import BEGINNING, RuleVersion
from server.services.actors import Actor
from server.services.context import ServerContext
from server.services.court_rules import overlays_of, rules_in_force
from server.services.deriving import as_verdict, derive_touched
from server.services.expectation_changes import add_roster_entry, confirm_year, edit_calendar, put_rules
from server.services.ingesting import ingest
from server.services.leaving import set_last_day
from server.services.recomputing import recompute
from server.services.request_decisions import decide
from server.services.request_filing import Wish, file_request
from server.services.touching import touch_closed, touch_everybody
from server.storage.records import WorkdayRecord
from server.storage.requests import StoredRequest
from server.storage.tables import metadata
from tests.attendance_days import moment
from tests.databases import Database, Databases
from tests.papers import SIGNED
from tests.reference_model import answers
from tests.reference_windows import World
from tests.server_cast import FakeClock, batch_of, clocked_at, employ, make_context, not_me, pair

ONE_DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
HR: Final = Actor("zhao", "hr")
PRESETS: Final = Path(__file__).parent.parent / "server" / "attendance" / "presets"
RULES: Final = (
    "court_four_windows",
    "court_police_nights",
    "flexible_late_in_late_out",
    "rotating_duty",
    "court_tiers",
)
PATTERNS: Final = ("court_day", "night_duty", "court_day night_duty -", "day_duty night_duty - -", "-")
"""Of which each is right in some of the rules and refused in others."""
STARTS: Final = (
    ("Asia/Shanghai", date(2026, 11, 16)),
    ("Europe/Berlin", date(2026, 10, 22)),
    ("Pacific/Apia", date(2030, 9, 24)),
)
"""Days of which the year's calendar is known; on which the clocks change; of which it is not known."""
TELLING: Final = (
    *("00:10", "04:00", "07:31", "08:05", "08:30", "08:44", "10:00", "11:20", "12:10"),
    *("13:35", "16:55", "17:20", "17:30", "18:40", "20:04", "21:00", "23:59"),
)
"""Beside the edges of windows of the shipped rules."""
COMMON: Final = (
    ("08:25", "17:35"),
    ("08:00", "11:25", "13:30", "17:00"),
    ("08:30", "12:00", "13:10", "17:30"),
    ("19:50", "32:05"),
    ("20:05", "26:00", "28:00", "31:55"),
)
"""Days as they are, but for some minutes."""
# Never copied into the fresh database: what is derived, and what kiosks send.
NOT_COPIED: Final = ("workday", "touched_workday", "clock_event", "void", "attempt")

walls = st.one_of(st.sampled_from(TELLING), st.times().map(lambda one: f"{one:%H:%M:%S}"))
days_back = st.integers(0, 3)
at_once = st.sampled_from([True, True, True, False])
people = st.integers(0, 1)
which = st.integers(0, 99)


class CourtMachine(RuleBasedStateMachine):
    """A court with two people over some days.

    Args:
        databases: makes the court's, and the fresh ones.
        folder: for keys.
    """

    def __init__(self, databases: Databases, folder: Path) -> None:
        super().__init__()
        self._databases = databases
        self._folder = folder
        self._opened: list[Database] = []
        self._broken = False
        self.items: list[dict[str, Any]] = []
        self.events: dict[UUID, tuple[UUID, RawEvent]] = {}
        self.requests: dict[UUID, StoredRequest] = {}
        self.edits: list[CalendarEdit] = []
        self.year_words: list[YearWord] = []
        self.roster: list[RosterEntry] = []

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: tuple[str, date]) -> None:
        zone, self.first_day = start
        self.zone = ZoneInfo(zone)
        self.clock = FakeClock(moment("12:00", self.first_day + 2 * ONE_DAY, self.zone))
        self.opened = self.first_day - ONE_DAY
        self.context = self._court()
        self.versions = [RuleVersion(1, BEGINNING, self.context.first_rules)]
        self.people = [employ(self.context, "0104", "李明", joined_on=self.first_day)]
        self.people.append(employ(self.context, "0205", "王芳", "刑庭", joined_on=self.first_day + ONE_DAY))
        with self.context.unit(read_only=True) as unit:
            self.kiosk = unit.kiosks.by_id(pair(self.context, self.clock).kiosk_id)
        self._settle()

    def _court(self) -> ServerContext:
        database = self._databases.migrated("sqlite")
        self._opened.append(database)
        return make_context(self._folder, database, self.clock, court={"time_zone": self.zone.key})

    @property
    def today(self) -> date:
        return self.context.site.day_of(self.clock.now())

    def _moment(self, back: int, wall: str) -> datetime:
        return moment(wall, self.today - back * ONE_DAY, self.zone)

    # What kiosks send

    @rule(who=people, back=days_back, wall=walls, took=st.sampled_from([0, 0, 40, 500]))
    def somebody_clocked(self, who: int, back: int, wall: str, took: int) -> None:
        self._clock(who, [self._moment(back, wall)], took)

    @rule(who=people, back=days_back, kind=st.sampled_from(COMMON), late=st.lists(st.integers(-25, 25), min_size=4))
    def somebody_worked(self, who: int, back: int, kind: tuple[str, ...], late: list[int]) -> None:
        moments = [self._moment(back, wall) + minutes * MINUTE for wall, minutes in zip(kind, late, strict=False)]
        self._clock(who, moments, 0)

    def _clock(self, who: int, moments: list[datetime], took: int) -> None:
        person = self.people[who].person_id
        known = {one.captured_at for owner, one in self.events.values() if owner == person}
        items: list[dict[str, Any]] = []
        for at in moments:
            identified_at = at + timedelta(seconds=took)
            # Of two clock events of the very same moment either may be used, and nobody has clocked in time to come.
            if at in known or identified_at > self.clock.now():
                continue
            item = clocked_at(self.people[who], at, len(self.items) + len(items) + 1)
            item["recorded_at"] = identified_at.isoformat()
            items.append(item)
            event = RawEvent(UUID(item["item_id"]), at, "face", identified_at=identified_at if took else None)
            self.events[event.event_id] = person, event
            known.add(at)
        if items:
            self._send(self.context, *items)
            self.items += items

    @precondition(lambda self: self.items)
    @rule(number=which)
    def not_me(self, number: int) -> None:
        event = [one for one in self.items if one["kind"] == "clock_event"][number % len(self.events)]
        person, raw = self.events[UUID(event["item_id"])]
        if raw.voided:
            return
        item = not_me(event, len(self.items) + 1)
        self._send(self.context, item)
        self.items.append(item)
        self.events[raw.event_id] = person, replace(raw, voided=True)

    @precondition(lambda self: self.items)
    @rule(number=which)
    def a_kiosk_sends_something_again(self, number: int) -> None:
        self._send(self.context, self.items[number % len(self.items)])

    def _send(self, context: ServerContext, *items: dict[str, Any]) -> None:
        assert self.kiosk is not None
        answer = ingest(context, self.kiosk, batch_of(*items, sent_at=self.clock.now()))
        assert {one.result for one in answer.answers} <= {"stored", "already_had"}

    # What people ask for

    @rule(
        who=people,
        back=days_back,
        wall=walls,
        hours=st.sampled_from([0.25, 2, 4, 9.5, 24, 40]),
        duty=st.booleans(),
        now=at_once,
    )
    def somebody_is_away(self, who: int, back: int, wall: str, hours: float, duty: bool, now: bool) -> None:
        start = self._moment(back - 1, wall)
        kind, name = ("duty", "hearing") if duty else ("leave", "annual")
        ends_at = start + timedelta(hours=hours)
        person = self.people[who].person_id
        self._file(Wish(kind, person, "searched", name, start, ends_at), now)  # type: ignore[arg-type]

    @rule(who=people, back=days_back, wall=walls, point=st.sampled_from([0, 0, 1, 1, 2, 3]), now=at_once)
    def somebody_forgot(self, who: int, back: int, wall: str, point: int, now: bool) -> None:
        day, at = self.today - back * ONE_DAY, self._moment(back, wall)
        person = self.people[who].person_id
        already = [one for one in self.requests.values() if one.filed.person_id == person and one.filed.day == day]
        # Of two moments for one clock point the rules do not say which counts.
        if not any(one.filed.kind == "correction" for one in already):
            self._file(Wish("correction", person, "searched", starts_at=at, day=day, point=point), now)

    @rule(who=people, back=days_back, point=st.none() | st.integers(0, 3), now=at_once)
    def somebody_asks_for_pardon(self, who: int, back: int, point: int | None, now: bool) -> None:
        day = self.today - back * ONE_DAY
        self._file(Wish("waiver", self.people[who].person_id, "searched", day=day, point=point), now)

    def _file(self, wish: Wish, approved: bool) -> None:
        with refusals():
            filed = file_request(self.context, wish, HR, request_id=uuid4())
            self.requests[filed.request_id] = StoredRequest(filed, None)
            if approved:
                decided = decide(
                    self.context, filed.request_id, "approved", HR, "searched", on_paper=True, papers=SIGNED
                )
                self.requests[filed.request_id] = decided

    @precondition(lambda self: self.requests)
    @rule(number=which, decision=st.sampled_from(["approved", "refused", "withdrawn"]))
    def somebody_decides(self, number: int, decision: Any) -> None:
        # The youngest first, so that most requests are decided soon.
        request_id = list(reversed(self.requests))[number % len(self.requests)]
        on_paper = decision != "withdrawn"
        with refusals():
            decided = decide(
                self.context, request_id, decision, HR, "searched", on_paper=on_paper, papers=SIGNED if on_paper else ()
            )
            self.requests[request_id] = decided

    @precondition(lambda self: any(one.in_force for one in self.requests.values()))
    @rule(number=which, part=st.floats(0, 0.9))
    def somebody_is_back_early(self, number: int, part: float) -> None:
        in_force = [one for one in self.requests.values() if one.in_force]
        found = in_force[number % len(in_force)]
        if found.filed.starts_at is None or found.filed.ends_at is None:
            return
        minutes = (found.filed.ends_at - found.filed.starts_at) * part // timedelta(minutes=1)
        ends_at = found.filed.starts_at + timedelta(minutes=minutes)
        with refusals():
            decided = decide(self.context, found.filed.request_id, "returned", HR, ends_at=ends_at)
            self.requests[found.filed.request_id] = decided

    # What HR changes

    @rule(back=st.integers(-2, 3), kind=st.sampled_from([None, "workday", "rest_day", "holiday", "makeup_workday"]))
    def hr_edits_the_calendar(self, back: int, kind: DayKind | None) -> None:
        edit = edit_calendar(self.context, self.today - back * ONE_DAY, kind, None, "searched", "zhao")
        self.edits = [one for one in self.edits if one.edit_id != edit.edit_id] + [edit]

    @rule(confirmed=st.booleans())
    def hr_speaks_about_the_year(self, confirmed: bool) -> None:
        word = confirm_year(self.context, self.today.year, confirmed, "searched", "zhao")
        self.year_words = [one for one in self.year_words if one.word_id != word.word_id] + [word]

    @rule(
        who=people,
        back=st.integers(-2, 4),
        last=st.none() | st.integers(0, 5),
        pattern=st.sampled_from(PATTERNS),
        follows=st.booleans(),
    )
    def hr_enters_a_roster(self, who: int, back: int, last: int | None, pattern: str, follows: bool) -> None:
        first_day = self.today - back * ONE_DAY
        last_day = None if last is None else first_day + last * ONE_DAY
        with refusals():
            (entry,) = add_roster_entry(
                self.context,
                [self.people[who].person_id],
                first_day,
                last_day,
                pattern,
                follows_calendar=follows,
                reason="searched",
                entered_by="zhao",
            )
            self.roster = [one for one in self.roster if one.entry_id != entry.entry_id] + [entry]

    @rule(preset=st.sampled_from(RULES), back=st.integers(-2, 4))
    def hr_puts_rules_in_force(self, preset: str, back: int) -> None:
        text = (PRESETS / f"{preset}.yaml").read_text("utf-8")
        record = put_rules(self.context, text, self.today - back * ONE_DAY, "searched", "zhao")
        version = RuleVersion(record.number, record.effective_from, parse_rules(record.document))
        self.versions = [one for one in self.versions if one.number != record.number] + [version]

    @rule(who=people, back=st.sampled_from([None, None, 0, 1, 3]))
    def somebody_leaves_or_stays(self, who: int, back: int | None) -> None:
        with refusals():
            last_day = None if back is None else self.today - back * ONE_DAY
            set_last_day(self.context, self.people[who].person_id, last_day, HR)

    # Time, and judging

    @rule(hours=st.sampled_from([1, 5, 5, 13, 26]))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))
        self._settle()

    def _settle(self) -> None:
        """What ticks do as time passes: when a day begins everybody gets a row, and closed windows are judged."""
        if self.opened < self.today:
            touch_everybody(self.context, self.opened + ONE_DAY, self.today)
            self.opened = self.today
        touch_closed(self.context)

    @rule()
    def what_was_touched_is_judged(self) -> None:
        derive_touched(self.context)
        found = recompute(self.context, self.first_day, self.today)
        if found.differences:
            self._broken = True
        assert found.differences == ()

    def teardown(self) -> None:
        try:
            if hasattr(self, "people") and not self._broken:
                self.clock.advance(timedelta(days=3))
                self._settle()
                self.what_was_touched_is_judged()
                stored = self._stored(self.context)
                assert stored == self._told_at_once()
                self._compare_with_the_model(stored)
        finally:
            for database in self._opened:
                database.close()

    def _stored(self, context: ServerContext) -> dict[tuple[UUID, date], WorkdayRecord]:
        ids = [person.person_id for person in self.people]
        with context.unit(read_only=True) as unit:
            # Some days before anybody joined and after today, where nothing may stand.
            records = unit.workdays.of_people(ids, self.first_day - 9 * ONE_DAY, self.today)
        return {(one.person_id, one.day): one for one in records}

    def _told_at_once(self) -> dict[tuple[UUID, date], WorkdayRecord]:
        """The workdays of a fresh court that has the same facts, told backwards, and judges once."""
        fresh = self._court()
        with self.context.engine.connect() as court, fresh.engine.begin() as copy:
            for table in metadata.sorted_tables:
                rows = [] if table.name in NOT_COPIED else [dict(row._mapping) for row in court.execute(select(table))]
                if rows:
                    copy.execute(insert(table), rows[::-1])
        said = sorted(self.items, key=lambda one: one["kind"] == "void")
        events = [one for one in said if one["kind"] == "clock_event"]
        if said:
            self._send(fresh, *events[::-1], *said[len(events) :])
        touch_everybody(fresh, self.first_day, self.today)
        derive_touched(fresh)
        return self._stored(fresh)

    def _compare_with_the_model(self, stored: dict[tuple[UUID, date], WorkdayRecord]) -> None:
        with self.context.unit(read_only=True) as unit:
            rules = rules_in_force(self.context, unit)
        overlays = overlays_of(self.requests.values())
        for (person_id, day), record in stored.items():
            world = World(
                self.context.site,
                tuple(self.versions),
                tuple(self.edits),
                tuple(self.year_words),
                tuple(one for one in self.roster if one.person_id == person_id),
                tuple(event for owner, event in self.events.values() if owner == person_id),
                **({"overlays": overlays[person_id]} if person_id in overlays else {}),
            )
            verdict = as_verdict(record, rules)
            said = [
                (one.outcome, one.counts_as, one.minutes, None if one.event is None else one.event.event_id)
                for one in verdict.points
            ]
            right = [
                ([(one.outcome, one.counts_as, one.minutes, one.used) for one in answer.points], answer.tally)
                for answer in answers(world, day, self.clock.now())
            ]
            assert (said, record.tally) in right, f"{person_id} {day}"


@contextmanager
def refusals() -> Iterator[None]:
    """What a service refuses is not said."""
    try:
        yield
    except CourtclockError:
        return


def test_stored_workdays_do_not_depend_on_when_what_was_said(databases: Databases, tmp_path: Path) -> None:
    examples = max(15, settings().max_examples // 8)
    run_state_machine_as_test(
        lambda: CourtMachine(databases, tmp_path),  # type: ignore[arg-type] # a factory does as well
        settings=settings(max_examples=examples, stateful_step_count=25),
    )
