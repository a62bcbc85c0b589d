"""The form of each message on the wire is fixed: kiosks in the field speak it."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from models import wire
from models.wire import Item, Message, parse, parse_item
from tests.wire_examples import ATTEMPT, CLOCK_EVENT, EXAMPLES, VOID

KINDS = [type(message).__name__ for message, _ in EXAMPLES]


def all_kinds(form: type[Message] = Message) -> set[type[Message]]:
    below = set(form.__subclasses__())
    return below.union(*(all_kinds(one) for one in below))


def test_every_kind_of_message_has_an_example_here() -> None:
    # Tests elsewhere may make kinds of their own.
    ours = {kind for kind in all_kinds() if kind.__module__ == wire.__name__}
    assert {type(message) for message, _ in EXAMPLES} == ours - {Item}


@pytest.mark.parametrize(("message", "expected"), EXAMPLES, ids=KINDS)
def test_this_is_what_it_is_on_the_wire(message: Message, expected: dict[str, object]) -> None:
    assert json.loads(message.model_dump_json()) == expected


@pytest.mark.parametrize(("message", "expected"), EXAMPLES, ids=KINDS)
def test_it_is_read_back_as_it_was(message: Message, expected: dict[str, object]) -> None:
    assert parse(type(message), json.dumps(expected)) == message


@pytest.mark.parametrize(("message", "expected"), EXAMPLES, ids=KINDS)
def test_the_order_of_fields_stays_too(message: Message, expected: dict[str, object]) -> None:
    assert list(json.loads(message.model_dump_json())) == list(expected)


@pytest.mark.parametrize("item", [CLOCK_EVENT, ATTEMPT, VOID], ids=lambda item: item.kind)
def test_an_item_out_of_a_batch_is_told_by_its_kind(item: wire.ClockEventItem) -> None:
    assert parse_item(json.loads(item.model_dump_json())) == item
    assert parse_item(item.model_dump(mode="json")) == item


def test_the_words_of_the_wire_are_these() -> None:
    assert (wire.WIRE_VERSION, wire.SIGNATURE_TAG) == (1, "courtclock-kiosk")
    assert wire.SIGNED_COMPONENTS == ("@method", "@path", "@query", "content-digest")
    assert (wire.MAX_BATCH_ITEMS, wire.MAX_BODY_BYTES) == (500, 4_194_304)
    assert get_args(wire.Method) == ("face", "pin", "card")
    assert get_args(wire.AttemptOutcome) == ("unknown", "doubtful", "not_live", "cancelled", "wrong_pin", "fault")
