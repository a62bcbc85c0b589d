"""The rule language: a closed document in YAML, read into ``rules.RuleSet``. docs/attendance.md explains each key."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    model_validator,
)

from models.errors import CourtclockError
from models.language import N_, Said
from models.yaml_text import YamlFault, read_yaml
from server.attendance.points import ClockPoint, CountsAs, Direction, Flexible, FlexibleKind, Shift, ShiftMode
from server.attendance.rule_contradictions import contradictions
from server.attendance.rule_findings import all_of, at_place, finding_of, not_yaml
from server.attendance.rule_parts import Name, Part, not_blank
from server.attendance.rule_requests import KindDocument, RequestsDocument, absence_kind, approval_faults, request_rules
from server.attendance.rules import (
    Counted,
    Counter,
    CountPeriod,
    Forgiven,
    RuleSet,
    Scoring,
)

PRESET_FOLDER: Final = Path(__file__).parent / "presets"
MAX_DOCUMENT_BYTES: Final = 200_000
# Part of every rule version. Raise it when the same document begins to be judged in another way; the versions that a
# document had before stay known, so that verdicts that were stored under them stay readable.
_JUDGED_AS: Final = 2


_TOO_LARGE: Final = N_("more than {limit} bytes")


Consequence = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(not_blank)]
Minutes = Annotated[int, Field(ge=0, le=1440)]
Points = Annotated[float, Field(ge=0, le=1000)]


class PointDocument(Part):
    """One clock point."""

    name_zh: Name = Field(description="Name in Chinese.")
    name_en: Name = Field(description="Name in English.")
    direction: Direction = Field(description="`in` for arriving, `out` for leaving.")
    at: str = Field(
        pattern=r"^([0-2]\d|3[0-5]):[0-5]\d$", description="Time of day; 26:00 is two in the next morning, up to 35:59."
    )
    window_before_minutes: Minutes = Field(description="Clocking counts from so long before …")
    window_after_minutes: Minutes = Field(description="… until so long after, that minute included.")
    grace_minutes: int = Field(0, ge=0, le=240, description="So many minutes are not held against anybody.")
    required: bool = Field(True, description="false: may be met, but is not missed.")
    serious_after_minutes: Minutes | None = Field(None, description="More minutes late or early than that are serious.")
    half_day_after_minutes: Minutes | None = Field(None, description="More than that are half a day's absence.")
    full_day_after_minutes: Minutes | None = Field(None, description="More than that are a day's absence.")
    missing_is: CountsAs = Field(
        "missing", description="What a missing clock counts as: missing, late or early, half_day, full_day."
    )


class FlexibleDocument(Part):
    """Flexible hours."""

    kind: FlexibleKind = Field(
        description="`allowance` (late or early minutes allowed) or `shift` (late in, late out)."
    )
    late_minutes: int = Field(0, ge=0, le=240, description="Arriving so much later is allowed.")
    early_minutes: int = Field(
        0, ge=0, le=240, description="Leaving so much earlier is allowed; for `shift`: arriving so much earlier counts."
    )


class ShiftDocument(Part):
    """The clock points of a day."""

    name_zh: Name = Field(description="Name in Chinese.")
    name_en: Name = Field(description="Name in English.")
    mode: ShiftMode = Field("windows", description="`windows`, or `first_last`: first clock event in, last one out.")
    min_interval_minutes: int = Field(
        1, ge=0, le=120, description="Clock events nearer to each other are one visit, which meets one point only."
    )
    flexible: FlexibleDocument | None = Field(None, description="Flexible hours; null for fixed ones.")
    off_post_after_minutes: int | None = Field(
        None, ge=1, le=1440, description="Being away between two clock points for longer is off post; null: not judged."
    )
    off_post_counts_as: Literal["off_post", "half_day", "full_day"] = Field(
        "off_post", description="`off_post`, or the absence that it is treated as."
    )
    points: list[PointDocument] = Field(min_length=1, max_length=8, description="In the order of the day.")


class CounterDocument(Part):
    """A limit in a month or a year."""

    name_zh: Consequence = Field(description="What follows, in Chinese.")
    name_en: Consequence = Field(description="What follows, in English.")
    counts: list[Counted] = Field(min_length=1, description="What is counted, together.")
    per: CountPeriod = Field(description="`month` or `year`.")
    limit: int = Field(ge=1, le=1000, description="Reaching it has the consequence.")
    warn_before: int = Field(0, ge=0, le=1000, description="With so many left the person is told.")


class ForgivenDocument(Part):
    """Short lateness that counters and scores forgive."""

    up_to_minutes: int = Field(ge=1, le=240, description="Late or early by so many minutes at most …")
    per_month: int = Field(ge=1, le=62, description="… so many times a month is not counted.")


class ScoringDocument(Part):
    """Points taken off."""

    points: dict[Counted, Points] = Field(description="What one of each costs a person.")
    division_start: float = Field(100, ge=0, le=1000, description="Points a division begins the month with.")
    division_counts: list[Counted] = Field(default_factory=list, description="What is counted for a division …")
    division_each: int = Field(12, ge=1, le=10000, description="… so many of which …")
    division_points: float = Field(0, ge=0, le=1000, description="… cost it so many points.")


class RuleDocument(Part):
    """The whole of a rule document."""

    name_zh: Name = Field(description="Name of these rules in Chinese.")
    name_en: Name = Field(description="Name of these rules in English.")
    default_shift: Name = Field(description="Shift of everybody whom the roster gives no other.")
    shifts: dict[Name, ShiftDocument] = Field(min_length=1, description="Shifts by name.")
    leave_kinds: dict[Name, KindDocument] = Field(default_factory=dict, description="Kinds of leave by name.")
    duty_kinds: dict[Name, KindDocument] = Field(default_factory=dict, description="Kinds of duty elsewhere by name.")
    requests: RequestsDocument = Field(
        default_factory=lambda: RequestsDocument(), description="Who approves what, until when, how often."
    )
    counters: list[CounterDocument] = Field(default_factory=list, max_length=20, description="Limits.")
    forgiven: ForgivenDocument | None = Field(None, description="Short lateness that is not counted.")
    scoring: ScoringDocument | None = Field(None, description="Points; null: none are given.")
    show_ranks: bool = Field(False, description="Whether reports rank divisions.")

    @model_validator(mode="after")
    def _default_exists(self) -> RuleDocument:
        if self.default_shift not in self.shifts:
            raise ValueError(Said(N_("default_shift {name!r} is not one of shifts"), name=self.default_shift))
        return self


def presets() -> list[str]:
    """Names of the rules that ship with the product."""
    return sorted(path.stem for path in PRESET_FOLDER.glob("*.yaml"))


def load_rules(name_or_file: str | Path) -> RuleSet:
    """The rules of a preset, or of a file.

    Raises:
        CourtclockError: ``rules.unreadable``, or ``rules.invalid`` with every finding.
    """
    path = Path(name_or_file)
    if str(name_or_file) in presets():
        path = PRESET_FOLDER / f"{name_or_file}.yaml"
    try:
        if path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise CourtclockError("rules.invalid", findings=Said(_TOO_LARGE, limit=MAX_DOCUMENT_BYTES))
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourtclockError(
            "rules.unreadable", path=str(name_or_file), reason=str(error), presets=", ".join(presets())
        ) from error
    return read_rules(text)


def read_rules(text: str) -> RuleSet:
    """The rules in a YAML text.

    Raises:
        CourtclockError: ``rules.invalid`` with every finding.
    """
    if len(text.encode()) > MAX_DOCUMENT_BYTES:
        raise CourtclockError("rules.invalid", findings=Said(_TOO_LARGE, limit=MAX_DOCUMENT_BYTES))
    try:
        content = read_yaml(text)
    except YamlFault as error:
        raise CourtclockError("rules.invalid", findings=not_yaml(error)) from error
    rules = parse_rules(content)
    # Asked of new texts only: rules that were in force once stay readable, whatever is asked of rules later.
    faults = contradictions(rules)
    if faults:
        raise CourtclockError("rules.invalid", findings=all_of(faults))
    return rules


def parse_rules(content: Any) -> RuleSet:
    """The rules in plain values, as they were stored or read.

    Raises:
        CourtclockError: ``rules.invalid`` with every finding.
    """
    try:
        document = RuleDocument.model_validate(content)
    except ValidationError as error:
        findings = [finding_of(one) for one in error.errors(include_url=False)]
        raise CourtclockError("rules.invalid", findings=all_of(findings)) from error
    shifts: dict[str, Shift] = {}
    faults: list[Said] = []
    for name, shift in document.shifts.items():
        try:
            shifts[name] = _shift(name, shift)
        except ValueError as error:
            faults.append(at_place(f"shifts.{name}", error.args[0]))
    faults += approval_faults(document.requests, document.leave_kinds, document.duty_kinds)
    if faults:
        raise CourtclockError("rules.invalid", findings=all_of(faults))
    # Without what is as the language has it by itself: a key that a later release adds renames no version.
    own_words = document.model_dump(mode="json", exclude_defaults=True)
    requests = request_rules(document.requests)
    return RuleSet(
        version=_digest(own_words, _JUDGED_AS),
        earlier_versions=tuple(_digest(own_words, earlier) for earlier in range(_JUDGED_AS)),
        name_zh=document.name_zh,
        name_en=document.name_en,
        default_shift=shifts[document.default_shift],
        shifts=shifts,
        leave_kinds={n: absence_kind(n, one, requests["leave"]) for n, one in document.leave_kinds.items()},
        duty_kinds={n: absence_kind(n, one, requests["duty"]) for n, one in document.duty_kinds.items()},
        requests=requests,
        counters=tuple(
            Counter(one.name_zh, one.name_en, tuple(one.counts), one.per, one.limit, one.warn_before)
            for one in document.counters
        ),
        forgiven=None
        if document.forgiven is None
        else Forgiven(document.forgiven.up_to_minutes, document.forgiven.per_month),
        scoring=_scoring(document.scoring),
        show_ranks=document.show_ranks,
        document=document.model_dump(mode="json"),
    )


def _digest(own_words: dict[str, Any], judged_as: int) -> str:
    content = {"judged_as": judged_as, "document": own_words}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("ascii")).hexdigest()[:12]


def wall_minutes(text: str) -> int:
    """Wall minutes of a time such as "08:30" or "26:00"."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _shift(name: str, shift: ShiftDocument) -> Shift:
    return Shift(
        name=name,
        points=tuple(
            ClockPoint(
                name_zh=point.name_zh,
                name_en=point.name_en,
                direction=point.direction,
                at_minutes=wall_minutes(point.at),
                window_before_minutes=point.window_before_minutes,
                window_after_minutes=point.window_after_minutes,
                grace_minutes=point.grace_minutes,
                required=point.required,
                serious_after_minutes=point.serious_after_minutes,
                half_day_after_minutes=point.half_day_after_minutes,
                full_day_after_minutes=point.full_day_after_minutes,
                missing_is=point.missing_is,
            )
            for point in shift.points
        ),
        name_zh=shift.name_zh,
        name_en=shift.name_en,
        mode=shift.mode,
        min_interval_minutes=shift.min_interval_minutes,
        flexible=None
        if shift.flexible is None
        else Flexible(shift.flexible.kind, shift.flexible.late_minutes, shift.flexible.early_minutes),
        off_post_after_minutes=shift.off_post_after_minutes,
        off_post_counts_as=shift.off_post_counts_as,
    )


def _scoring(document: ScoringDocument | None) -> Scoring | None:
    if document is None:
        return None
    return Scoring(
        points=dict(document.points),
        division_start=document.division_start,
        division_counts=tuple(document.division_counts),
        division_each=document.division_each,
        division_points=document.division_points,
    )
