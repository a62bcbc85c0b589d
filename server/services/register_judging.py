"""Has the days of a register judged, or judged no more: written down with the people, and touched some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

from server.services.context import ServerContext
from server.services.register_days import Span, joined
from server.storage.unit_of_work import UnitOfWork

AT_ONCE: Final = 1000
"""Clock events, or workdays, a transaction."""
_ONE_DAY: Final = timedelta(days=1)
_One = TypeVar("_One")


def tell_people(unit: UnitOfWork, person_ids: Mapping[UUID, object]) -> None:
    """Write down with each of these people on which days the imports that hold have them judged."""
    in_force = unit.registers.stretches_in_force(person_ids)
    for person_id in person_ids:
        unit.people.set_register_spans(person_id, joined(in_force.get(person_id, ())))


def touch_stretches(context: ServerContext, stretches: Mapping[UUID, Sequence[Span]]) -> None:
    """Mark every workday of some people in some stretches, by date as everybody does, some at a time."""
    for batch in in_batches(_person_days(stretches)):
        with context.unit() as unit:
            unit.keep_expectations()
            unit.workdays.touch(batch)
            unit.commit()


def _person_days(stretches: Mapping[UUID, Sequence[Span]]) -> Iterator[tuple[UUID, date]]:
    spans = [(person_id, first, last) for person_id, own in stretches.items() for first, last in own]
    day = min((first for _, first, _ in spans), default=date.max)
    end = max((last for _, _, last in spans), default=date.min)
    while day <= end:
        yield from ((person_id, day) for person_id, first, last in spans if first <= day <= last)
        day += _ONE_DAY


def in_batches(things: Iterator[_One]) -> Iterator[Sequence[_One]]:
    """As many of them at a time as one transaction stores."""
    while batch := list(islice(things, AT_ONCE)):
        yield batch
