"""Requests of people (leave, duty elsewhere, corrections, waivers), their steps and their attachments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, insert, or_, select

from server.attendance.rules import RequestKind
from server.storage.inserting import insert_if_new, one_of, these_values
from server.storage.tables import attachment, person, request, request_step

Decision = Literal["approved", "refused", "withdrawn", "returned"]
RequestState = Literal["open", "approved", "refused", "withdrawn", "returned"]


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request as it is filed.

    Attributes:
        name: kind of leave or of duty; of a correction the shift that it was filed for; empty for waivers.
        starts_at, ends_at: leave and duty, end excluded; a correction has its moment twice; a waiver has none.
        day, point: corrections and waivers; ``point`` None is the whole day, below 0 the times off post of a stretch.
        needs_role: who decides.
        days: of leave and duty, in workdays; None where it was not measured.
        days_together: with those that it was joined with, by which ``needs_role`` was chosen.
        joined: the other requests that counted as one with it when it was filed.
    """

    request_id: UUID
    kind: RequestKind
    name: str
    person_id: UUID
    starts_at: datetime | None
    ends_at: datetime | None
    day: date | None
    point: int | None
    outage_id: UUID | None
    needs_role: str
    reason: str
    filed_by: str
    filed_at: datetime
    days: float | None = None
    days_together: float | None = None
    joined: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestStep:
    """One decision about a request."""

    number: int
    decision: Decision
    ends_at: datetime | None
    reason: str
    decided_by: str
    decided_as: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request with the last thing that happened to it.

    Attributes:
        step: None while nobody has decided.
    """

    filed: NewRequest
    step: RequestStep | None

    @property
    def state(self) -> RequestState:
        """Where it stands."""
        return "open" if self.step is None else self.step.decision

    @property
    def in_force(self) -> bool:
        """Whether it changes verdicts."""
        return self.state in ("approved", "returned")

    @property
    def ends_at(self) -> datetime | None:
        """When leave or duty really ends: earlier where somebody returned earlier."""
        if self.step is not None and self.step.ends_at is not None:
            return self.step.ends_at
        return self.filed.ends_at


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that belongs to a request; the content is sealed.

    Attributes:
        step_number: of the decision that was recorded from this paper; None for what belongs to the request itself.
    """

    attachment_id: UUID
    request_id: UUID
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    added_by: str
    added_at: datetime
    step_number: int | None = None


_step = request_step.alias()
# By the key of each request, so that what was decided in other years costs nothing.
_WITH_NEWEST_STEP: Final = (
    select(
        request,
        request_step.c.number,
        request_step.c.decision,
        request_step.c.ends_at.label("step_ends_at"),
        request_step.c.reason.label("step_reason"),
        request_step.c.decided_by,
        request_step.c.decided_as,
        request_step.c.decided_at,
    )
    .select_from(request)
    .outerjoin(
        request_step,
        and_(
            request_step.c.request_id == request.c.request_id,
            request_step.c.number
            == select(func.max(_step.c.number)).where(_step.c.request_id == request.c.request_id).scalar_subquery(),
        ),
    )
)
_TOUCHING: Final = _WITH_NEWEST_STEP.where(
    # Not IN, of which SQLAlchemy writes the statement anew each time.
    or_(request_step.c.decision == "approved", request_step.c.decision == "returned"),
    or_(
        and_(request.c.day >= bindparam("first_day"), request.c.day <= bindparam("last_day")),
        and_(request.c.day.is_(None), request.c.starts_at < bindparam("end"), request.c.ends_at > bindparam("start")),
    ),
).order_by(request.c.filed_at)


# Asked about every clock event that arrives, and built once.
@cache
def _touching_these(dialect: str) -> Select[Any]:
    return _TOUCHING.where(one_of(dialect, request.c.person_id))


class RequestRepository:
    """Requests, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, filed: NewRequest) -> bool:
        """A new request; False when one with this identifier is there already."""
        return insert_if_new(self._connection, request, _columns(filed))

    def add_many(self, filed: Sequence[NewRequest]) -> None:
        """New requests."""
        if filed:
            self._connection.execute(insert(request), [_columns(one) for one in filed])

    def add_step(self, request_id: UUID, step: RequestStep) -> bool:
        """What was decided next; False for the slower of two who decide at once."""
        return insert_if_new(
            self._connection,
            request_step,
            {
                "request_id": request_id,
                "number": step.number,
                "decision": step.decision,
                "ends_at": step.ends_at,
                "reason": step.reason,
                "decided_by": step.decided_by,
                "decided_as": step.decided_as,
                "decided_at": step.decided_at,
            },
        )

    def _query(self) -> Select[Any]:
        return _WITH_NEWEST_STEP

    def by_id(self, request_id: UUID) -> StoredRequest | None:
        """One request."""
        row = self._connection.execute(self._query().where(request.c.request_id == request_id)).one_or_none()
        return None if row is None else _stored(row)

    def by_ids(self, request_ids: Iterable[UUID]) -> list[StoredRequest]:
        """These requests, oldest first."""
        query = self._query().where(request.c.request_id.in_(list(request_ids)))
        return [_stored(row) for row in self._connection.execute(query.order_by(request.c.filed_at))]

    def of_people(self, person_ids: Iterable[UUID] | None = None) -> list[StoredRequest]:
        """Requests of some people, or of everybody, oldest first."""
        query = self._query().order_by(request.c.filed_at, request.c.request_id)
        if person_ids is not None:
            query = query.where(request.c.person_id.in_(list(person_ids)))
        return [_stored(row) for row in self._connection.execute(query)]

    def of_outage(self, outage_id: UUID) -> list[StoredRequest]:
        """The waivers that rest on an outage, in one order."""
        query = self._query().where(request.c.outage_id == outage_id).order_by(request.c.request_id)
        return [_stored(row) for row in self._connection.execute(query)]

    def filed_by(self, username: str) -> list[StoredRequest]:
        """What an account filed, for whomever, oldest first."""
        query = self._query().where(request.c.filed_by == username)
        return [_stored(row) for row in self._connection.execute(query.order_by(request.c.filed_at))]

    def touching(
        self, person_ids: Sequence[UUID] | None, start: datetime, end: datetime, first_day: date, last_day: date
    ) -> list[StoredRequest]:
        """Approved requests that may concern these days, by person; ``person_ids`` None is everybody."""
        span: dict[str, Any] = {"start": start, "end": end, "first_day": first_day, "last_day": last_day}
        if person_ids is None:
            return [_stored(row) for row in self._connection.execute(_TOUCHING, span)]
        these = these_values(self._connection, (request.c.person_id, person_ids))
        rows = self._connection.execute(_touching_these(self._connection.dialect.name), {**span, **these})
        return [_stored(row) for row in rows]

    def open_for(self, roles: Sequence[str], division_id: UUID | None = None) -> list[StoredRequest]:
        """Requests that wait for one of these roles, oldest first."""
        query = self._query().where(request_step.c.number.is_(None), request.c.needs_role.in_(list(roles)))
        if division_id is not None:
            query = query.join(person, person.c.person_id == request.c.person_id).where(
                person.c.division_id == division_id
            )
        return [_stored(row) for row in self._connection.execute(query.order_by(request.c.filed_at))]

    def steps(self, request_id: UUID) -> list[RequestStep]:
        """Everything that was decided, in order."""
        rows = self._connection.execute(
            select(request_step).where(request_step.c.request_id == request_id).order_by(request_step.c.number)
        )
        return [
            RequestStep(
                row.number, row.decision, row.ends_at, row.reason, row.decided_by, row.decided_as, row.decided_at
            )
            for row in rows
        ]

    def add_attachment(self, record: Attachment, sealed_content: bytes) -> None:
        """A document."""
        self._connection.execute(
            insert(attachment).values(
                attachment_id=record.attachment_id,
                request_id=record.request_id,
                file_name=record.file_name,
                media_type=record.media_type,
                size_bytes=record.size_bytes,
                sha256=record.sha256,
                added_by=record.added_by,
                added_at=record.added_at,
                step_number=record.step_number,
                sealed_content=sealed_content,
            )
        )

    def attachments(self, request_id: UUID) -> list[Attachment]:
        """The documents of a request, without their content, always in the same order."""
        rows = self._connection.execute(
            select(
                attachment.c.attachment_id,
                attachment.c.request_id,
                attachment.c.file_name,
                attachment.c.media_type,
                attachment.c.size_bytes,
                attachment.c.sha256,
                attachment.c.added_by,
                attachment.c.added_at,
                attachment.c.step_number,
            )
            .where(attachment.c.request_id == request_id)
            .order_by(attachment.c.added_at, attachment.c.file_name, attachment.c.attachment_id)
        )
        return [Attachment(*row) for row in rows]

    def sealed_content(self, attachment_id: UUID) -> bytes | None:
        """The sealed content of a document."""
        return self._connection.execute(
            select(attachment.c.sealed_content).where(attachment.c.attachment_id == attachment_id)
        ).scalar()


def _columns(filed: NewRequest) -> dict[str, Any]:
    values = {field.name: getattr(filed, field.name) for field in fields(NewRequest)}
    return {**values, "joined": [str(request_id) for request_id in filed.joined]}


def _stored(row: Row[Any]) -> StoredRequest:
    filed = NewRequest(
        row.request_id,
        row.kind,
        row.name,
        row.person_id,
        row.starts_at,
        row.ends_at,
        row.day,
        row.point,
        row.outage_id,
        row.needs_role,
        row.reason,
        row.filed_by,
        row.filed_at,
        row.days,
        row.days_together,
        tuple(UUID(request_id) for request_id in row.joined or ()),
    )
    if row.number is None:
        return StoredRequest(filed, None)
    step = RequestStep(
        row.number, row.decision, row.step_ends_at, row.step_reason, row.decided_by, row.decided_as, row.decided_at
    )
    return StoredRequest(filed, step)
