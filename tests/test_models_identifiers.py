"""A clock event's identifier carries its time: same day at every retry, in order, not to be guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import RFC_4122, UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.identifiers import event_date, moment_of, uuid7_at

BEIJING = timezone(timedelta(hours=8))
# The strategy takes its bounds naive and adds the zone to what lies between them.
EARLIEST, LATEST = (datetime(year, 1, 1, 8) for year in (1970, 9999))  # noqa: DTZ001
MOMENTS = st.datetimes(EARLIEST, LATEST, timezones=st.sampled_from([UTC, BEIJING]))


def to_the_millisecond(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


@given(MOMENTS)
def test_an_identifier_is_a_uuid_of_version_seven(moment: datetime) -> None:
    identifier = uuid7_at(moment)
    assert (identifier.version, identifier.variant) == (7, RFC_4122)
    # Of 128 bits: 48 of time, then 4 of version, 12 of chance, 2 of variant, 62 of chance.
    assert (identifier.int >> 76) & 0xF == 0b0111
    assert (identifier.int >> 62) & 0b11 == 0b10


@given(MOMENTS)
def test_the_time_comes_back_to_the_millisecond(moment: datetime) -> None:
    assert moment_of(uuid7_at(moment)) == to_the_millisecond(moment)
    assert moment_of(uuid7_at(moment)).tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_identifiers_sort_by_time(one: datetime, other: datetime) -> None:
    if to_the_millisecond(one) < to_the_millisecond(other):
        assert uuid7_at(one) < uuid7_at(other)
        assert str(uuid7_at(one)) < str(uuid7_at(other))


def test_two_events_of_the_same_moment_have_two_identifiers() -> None:
    moment = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
    assert len({uuid7_at(moment) for _ in range(1000)}) == 1000


def test_the_published_example_is_read_as_published() -> None:
    # RFC 9562, appendix A.6
    example = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
    assert moment_of(example) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_a_naive_moment_has_no_identifier() -> None:
    with pytest.raises(ValueError, match="naive"):
        uuid7_at(datetime(2026, 11, 20, 8, 30))  # noqa: DTZ001 - the very thing that is refused


def test_a_moment_before_1970_has_no_identifier() -> None:
    with pytest.raises(ValueError, match="1970"):
        uuid7_at(datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC))
    assert moment_of(uuid7_at(datetime(1970, 1, 1, tzinfo=UTC))) == datetime(1970, 1, 1, tzinfo=UTC)


def test_an_identifier_of_another_version_has_no_time() -> None:
    for read in (moment_of, event_date):
        with pytest.raises(ValueError, match="UUIDv7"):
            read(uuid4())


@pytest.mark.parametrize(
    ("moment", "partition"),
    [
        (datetime(2026, 11, 20, 8, 30, tzinfo=BEIJING), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 7, 59, tzinfo=BEIJING), date(2026, 11, 19)),
        (datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), date(2026, 11, 21)),
    ],
)
def test_an_event_is_kept_under_its_utc_date(moment: datetime, partition: date) -> None:
    assert event_date(uuid7_at(moment)) == partition
