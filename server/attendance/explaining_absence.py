"""Times away and absence in words: how long, less which leave, what they count as, what was excused."""

from __future__ import annotations

from typing import Final

from models.language import N_, Language, translate
from server.attendance.counts import under_leave_in_part
from server.attendance.explaining_points import PART_OF_ABSENCE, clocks_changed
from server.attendance.explaining_unmet import Sentence
from server.attendance.matching import minutes_after
from server.attendance.points import Shift
from server.attendance.verdicts import OffPost, WorkdayVerdict
from server.attendance.wording import kind_names, local_time

_AWAY: Final = N_(
    "From {left} to {back} away for {minutes} min; more than {limit} min between two clock points is off post."
)
_AWAY_LESS: Final = N_(
    "From {left} to {back} away for {span} min, {covered} min of them {kinds}: {minutes} min are left; "
    "more than {limit} min between two clock points is off post."
)
_AWAY_ON_LEAVE: Final = N_(
    "From {left} to {back} away for {span} min, {covered} min of them {kinds}: {minutes} min are left; "
    "only more than {limit} min would be off post."
)
_ASSUMED: Final = N_(
    "Two clock events that meet no clock point are taken for going out and coming back. "
    "Who was not away asks for a waiver of the day."
)
_AWAY_HALF: Final = N_("Off post counts as half a day of absence.")
_AWAY_FULL: Final = N_("Off post counts as a day of absence.")
_AWAY_WAIVED: Final = N_("Off post is excused. {note}")
_AWAY_OUTAGE: Final = N_("Off post is excused, because the system had failed. {note}")

_ABSENT: Final = N_("No clock point was met and every window has closed: absent.")
_ABSENT_PART: Final = N_("No clock point that was left was met, and every window has closed: absent for half a day.")
_HALF_AT_MOST: Final = N_("Leave or duty took a part of the day: an absence is half a day at most.")
_TWO_HALVES: Final = N_("Two half days of absence make a day: absent.")


def absence_lines(verdict: WorkdayVerdict, language: Language) -> list[str]:
    """Everything about times away, and what the facts of the day are together."""
    if verdict.shift is None:
        return []
    lines = []
    for away in sorted((*verdict.off_post, *verdict.away_on_leave), key=lambda one: one.left_at):
        lines += _away_lines(away, verdict, verdict.shift, language)
    if any(not away.excused for away in verdict.off_post):
        lines.append(translate(_ASSUMED, language))
    sentence = _together(verdict, verdict.shift)
    return lines if sentence is None else [*lines, translate(sentence, language)]


def _away_lines(away: OffPost, verdict: WorkdayVerdict, shift: Shift, language: Language) -> list[str]:
    left_at, back_at = away.left_at.replace(second=0, microsecond=0), away.back_at
    span = minutes_after(left_at, back_at)
    gaps = {
        "left": local_time(left_at, verdict, language),
        "back": local_time(back_at, verdict, language),
        "span": span,
        "covered": span - away.minutes,
        "kinds": kind_names(away.overlaid, verdict, language),
        "minutes": away.minutes,
        "limit": shift.off_post_after_minutes,
    }
    sentences: list[Sentence] = []
    if away in verdict.away_on_leave:
        sentences.append((_AWAY_ON_LEAVE, {}))
    else:
        sentences.append((_AWAY if span == away.minutes else _AWAY_LESS, {}))
    sentences += clocks_changed(left_at, back_at, verdict)
    if away not in verdict.away_on_leave:
        if shift.off_post_counts_as != "off_post" and verdict.confirmed:
            sentences.append((_AWAY_HALF if shift.off_post_counts_as == "half_day" else _AWAY_FULL, {}))
        elif not away.excused and _is_absent(verdict, shift, away.stretch):
            sentences.append((PART_OF_ABSENCE, {}))
    for one in away.overlaid:
        if one.kind in ("waiver", "outage"):
            sentences.append((_AWAY_WAIVED if one.kind == "waiver" else _AWAY_OUTAGE, {"note": one.name}))
    return [translate(sentence, language).format(**gaps, **own).rstrip() for sentence, own in sentences]


def _is_absent(verdict: WorkdayVerdict, shift: Shift, stretch: int) -> bool:
    return verdict.tally.absent_half_days > 1 or any(
        result.counts_as == "half_day" and shift.stretch_of(result.number) == stretch for result in verdict.points
    )


def _together(verdict: WorkdayVerdict, shift: Shift) -> str | None:
    """What the facts of the day are together, where it is not what they are one by one."""
    met_nothing = all(result.outcome in ("missing", "not_expected", "covered") for result in verdict.points)
    if met_nothing and any(result.outcome == "missing" for result in verdict.points):
        return _ABSENT if "absent" in verdict.status else _ABSENT_PART
    if verdict.tally.absent_half_days and under_leave_in_part(verdict.points):
        return _HALF_AT_MOST
    is_full_day = any(result.counts_as == "full_day" for result in verdict.points) or (
        shift.off_post_counts_as == "full_day" and any(not away.excused for away in verdict.off_post)
    )
    return _TWO_HALVES if verdict.tally.absent_half_days > 1 and not is_full_day else None
