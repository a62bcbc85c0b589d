"""What people fill in. The only file that meets WTForms.

Labels and sentences are English here and translated where they are shown; days and times are the court's local ones.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[import-untyped]
    BooleanField,
    Field,
    FileField,
    HiddenField,
    MultipleFileField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError  # type: ignore[import-untyped]
from wtforms.widgets import DateInput, DateTimeLocalInput, TimeInput  # type: ignore[import-untyped]

from models.language import N_
from server.attendance.site_days import FIRST_YEAR, LAST_YEAR

NOT_A_DAY: Final = N_("This is not a date like 2026-11-20.")
NOT_A_MOMENT: Final = N_("This is not a date and time like 2026-11-20 08:30.")
NOT_A_TIME: Final = N_("This is not a time like 08:30.")
NEEDED: Final = N_("This is needed.")
_TOO_LONG: Final = N_("This is too long.")
_NOT_OFFERED: Final = N_("This is not among the choices.")
_ACCEPTED: Final = ".pdf,.jpg,.jpeg,.png"
_MOST_REASON: Final = 2000


class DayField(Field):  # type: ignore[misc]
    """A date."""

    widget = DateInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data.isoformat())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what the browser sent."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise ValueError(NOT_A_DAY) from error
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError(NOT_A_DAY)
        self.data = day


class MomentField(Field):  # type: ignore[misc]
    """A date and a time of the court's wall, without a zone."""

    widget = DateTimeLocalInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:%Y-%m-%dT%H:%M}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what the browser sent."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError(NOT_A_MOMENT) from error
        if moment.tzinfo is not None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError(NOT_A_MOMENT)
        self.data = moment

    def at(self, zone: ZoneInfo) -> datetime | None:
        """The moment in a zone; a time that the clocks skip moves forward, of one that comes twice the first counts."""
        return None if self.data is None else self.data.replace(tzinfo=zone)


class TimeOfDayField(Field):  # type: ignore[misc]
    """A time of the court's wall."""

    widget = TimeInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:%H:%M}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what the browser sent."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        try:
            at = time.fromisoformat(text)
        except ValueError as error:
            raise ValueError(NOT_A_TIME) from error
        if at.tzinfo is not None:
            raise ValueError(NOT_A_TIME)
        self.data = at.replace(second=0, microsecond=0)


class OwnIdField(HiddenField):  # type: ignore[misc]
    """The form's own identifier: what is sent twice is stored once."""

    def own_id(self) -> UUID:
        """As it was sent, or a new one where that is none."""
        try:
            return UUID(self.data or "")
        except ValueError:
            return uuid.uuid4()


def _needed() -> Any:
    return InputRequired(NEEDED)


def _reason(label: str, *, needed: bool = True) -> Any:
    first = _needed() if needed else Optional()
    return TextAreaField(label, [first, Length(max=_MOST_REASON, message=_TOO_LONG)], render_kw={"rows": 3})


def _choice(label: str, *validators: Any) -> Any:
    """A select whose choices the page gives; what is not among them gets our own sentence."""
    return _Choice(label, list(validators), choices=[])


class _Choice(SelectField):  # type: ignore[misc]
    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered."""
        if self.data not in {value for value, *_ in self.iter_choices()}:
            raise ValidationError(_NOT_OFFERED)


def new_form_id() -> str:
    """For ``OwnIdField``."""
    return str(uuid.uuid4())


class AbsenceForm(FlaskForm):  # type: ignore[misc]
    """Leave, or duty elsewhere."""

    form_id = OwnIdField(default=new_form_id)
    employee_no = StringField(N_("Employee number"), [_needed(), Length(max=32, message=_TOO_LONG)])
    name = _choice(N_("Kind"))
    first_day = DayField(N_("First day"), [_needed()])
    last_day = DayField(N_("Last day"), [Optional()])
    part = _choice(N_("How much of it"))
    from_time = TimeOfDayField(N_("From"), [Optional()])
    until_time = TimeOfDayField(N_("Until"), [Optional()])
    beyond_balance = BooleanField(N_("Go beyond the days of a year; the reason says why"))
    reason = _reason(N_("Reason"))
    documents = MultipleFileField(N_("Attachments (PDF, JPEG or PNG)"), render_kw={"accept": _ACCEPTED})


class PointForm(FlaskForm):  # type: ignore[misc]
    """A correction or a waiver: a day, a clock point, and for a correction the moment."""

    form_id = OwnIdField(default=new_form_id)
    employee_no = StringField(N_("Employee number"), [_needed(), Length(max=32, message=_TOO_LONG)])
    day = DayField(N_("Day"), [_needed()])
    points_of = HiddenField()
    point = _choice(N_("Clock point"))
    moment = MomentField(N_("When it really was"), [Optional()])
    reason = _reason(N_("Reason"))
    documents = MultipleFileField(N_("Attachments (PDF, JPEG or PNG)"), render_kw={"accept": _ACCEPTED})


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """What is decided about a request."""

    decision = HiddenField()
    reason = _reason(N_("Reason"), needed=False)
    on_paper = BooleanField(N_("It was decided on paper"))
    papers = MultipleFileField(N_("The signed paper (PDF, JPEG or PNG)"), render_kw={"accept": _ACCEPTED})
    ends_at = MomentField(N_("Back at work from"), [Optional()])


class DocumentsForm(FlaskForm):  # type: ignore[misc]
    """Documents that come after their request."""

    documents = MultipleFileField(N_("Attachments (PDF, JPEG or PNG)"), render_kw={"accept": _ACCEPTED})


class SheetForm(FlaskForm):  # type: ignore[misc]
    """What somebody says about the own month."""

    answer = HiddenField()
    sheet_sha256 = HiddenField()
    remark = _reason(N_("Remark"), needed=False)


class RulesForm(FlaskForm):  # type: ignore[misc]
    """A draft of rules."""

    text = TextAreaField(N_("Draft (YAML)"), render_kw={"rows": 18, "spellcheck": "false"})
    upload = FileField(N_("Or a file with the draft"), render_kw={"accept": ".yaml,.yml,.txt"})
    month = StringField(N_("Try it on the month"), [Optional()], render_kw={"placeholder": "2026-11", "maxlength": 7})
    effective_from = DayField(N_("In force from"), [Optional()])
    reason = _reason(N_("Reason"), needed=False)


class CalendarForm(FlaskForm):  # type: ignore[misc]
    """HR's word on a date."""

    day = DayField(N_("Day"), [_needed()])
    kind = _choice(N_("Kind of day"))
    name = StringField(N_("Name, such as that of the holiday"), [Optional(), Length(max=100, message=_TOO_LONG)])
    reason = _reason(N_("Reason"))


class YearForm(FlaskForm):  # type: ignore[misc]
    """HR's word on a year."""

    confirmed = HiddenField()
    reason = _reason(N_("Reason"))


class RosterForm(FlaskForm):  # type: ignore[misc]
    """A line of the roster."""

    employee_nos = StringField(N_("Employee numbers"), [_needed(), Length(max=2000, message=_TOO_LONG)])
    pattern = StringField(N_("Shifts in turn, - is a day off"), [_needed(), Length(max=20_000, message=_TOO_LONG)])
    first_day = DayField(N_("First day"), [_needed()])
    last_day = DayField(N_("Last day, if there is one"), [Optional()])
    follows_calendar = BooleanField(N_("No work on rest days and holidays"))
    reason = _reason(N_("Reason"))


class TakeBackForm(FlaskForm):  # type: ignore[misc]
    """Which line of a roster holds no more."""

    entry = HiddenField()
    reason = _reason(N_("Why the entry is taken back"))


class OutageForm(FlaskForm):  # type: ignore[misc]
    """An outage that HR declares."""

    form_id = OwnIdField(default=new_form_id)
    began_at = MomentField(N_("From"), [_needed()])
    ended_at = MomentField(N_("Until"), [_needed()])
    kiosk = _choice(N_("Kiosk"))
    reason = _reason(N_("What was the matter"))


class ExcuseForm(FlaskForm):  # type: ignore[misc]
    """Whom to excuse."""

    everybody = HiddenField()
    reason = _reason(N_("Reason"))


class RetractForm(FlaskForm):  # type: ignore[misc]
    """Why an outage was none."""

    reason = _reason(N_("Reason"))


class AmendmentForm(FlaskForm):  # type: ignore[misc]
    """What becomes of an amendment."""

    person_id = HiddenField()
    day = DayField(N_("Day"), [_needed()])
    number = HiddenField()
    answer = HiddenField()
    reason = _reason(N_("Reason"))


class AccessLogForm(FlaskForm):  # type: ignore[misc]
    """Which looks are shown. It only asks, so it needs no guard against forged requests."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

    first_day = DayField(N_("From"), [Optional()])
    last_day = DayField(N_("Until"), [Optional()])
    username = StringField(N_("Account"), [Length(max=64, message=_TOO_LONG)])
    employee_no = StringField(N_("Employee number"), [Length(max=32, message=_TOO_LONG)])


class LastDayForm(FlaskForm):  # type: ignore[misc]
    """The last day of somebody here."""

    employee_no = StringField(N_("Employee number"), [_needed(), Length(max=32, message=_TOO_LONG)])
    left_on = DayField(N_("Last day here"), [Optional()])


class LockForm(FlaskForm):  # type: ignore[misc]
    """Nothing but the guard against forged requests."""
