"""What a trend says, in sentences that do not claim more than it shows."""

from __future__ import annotations

from typing import Final

from models.language import N_, Language, translate
from server.attendance.trend import (
    LEAST_PEOPLE,
    LEAST_PEOPLE_NOTED,
    LEAST_WEEKS,
    GroupTrend,
    Side,
    Trend,
    TrendKind,
)
from server.attendance.trend_intervals import Interval, Slope

WHAT: Final[dict[TrendKind, str]] = {
    "late": N_("Late arrivals"),
    "early": N_("Early leaves"),
    "both": N_("Late arrivals and early leaves together"),
}
BASE: Final[dict[TrendKind, str]] = {
    "late": N_("arrivals"),
    "early": N_("departures"),
    "both": N_("clock points"),
}

_FELL: Final = N_(
    "{what} fell from {before} % to {after} % of {base}: {points} percentage points fewer (95 % interval {lower} to"
    " {upper}), a fall of {relative} % ({relative_lower} to {relative_upper} %)."
)
_ROSE: Final = N_(
    "{what} rose from {before} % to {after} % of {base}: {points} percentage points more (95 % interval {lower} to"
    " {upper}), a rise of {relative} % ({relative_lower} to {relative_upper} %)."
)
_NO_CLEAR_CHANGE: Final = N_(
    "{what}: no clear change, {before} % of {base} before and {after} % after. The difference of {points} percentage"
    " points may be chance (95 % interval {lower} to {upper})."
)
_RATES_ONLY: Final = N_(
    "{what}: {before} % of {base} before and {after} % after, a difference of {points} percentage points."
)
_NOTHING_BEFORE: Final = N_("{what} cannot be compared: from before the kiosk came, no {base} are known.")
_NOTHING_AFTER: Final = N_("{what} cannot be compared yet: since the kiosk came, no {base} are known.")
_FEW_PEOPLE: Final = N_(
    "Whether that is chance cannot be told: {least} people are needed on each side, and there were {before} before and"
    " {after} after."
)
_FEW_WEEKS: Final = N_(
    "Whether that is chance cannot be told: {least} weeks are needed on each side, and there were {before} before and"
    " {after} after."
)
_BOUND: Final = N_(
    "On one side fewer than {least} different people were noted ({before} before, {after} after): the interval is an"
    " exact bound, wider than it need be."
)
_NONE_BEFORE: Final = N_("None before among {people} people: the true rate was at most {at_most} % (95 % confidence).")
_NONE_AFTER: Final = N_("None after among {people} people: the true rate is at most {at_most} % (95 % confidence).")
_COUNTS: Final = N_("{people} people ({both} of them on both sides), {before} weeks before, {after} weeks after.")
_FIGURES: Final = N_("{before} % → {after} %, {points} points")
_FIGURES_WITH_INTERVAL: Final = N_("{before} % → {after} %, {points} points (95 % interval {lower} to {upper})")
_OF_DIVISION: Final = N_("{division}: {sentence}")

_FALLING_BEFORE: Final = N_(
    "The rate was already falling before the kiosk came, by {points} percentage points a week (95 % interval {lower} to"
    " {upper}). Had it gone on like that, {expected} % would be expected since then, kiosk or not."
)
_RISING_BEFORE: Final = N_(
    "The rate was rising before the kiosk came, by {points} percentage points a week (95 % interval {lower} to"
    " {upper})."
)
_STEADY_BEFORE: Final = N_(
    "Before the kiosk came, the weekly rate neither fell nor rose clearly ({points} percentage points a week, 95 %"
    " interval {lower} to {upper})."
)
_UNKNOWN_BEFORE: Final = N_(
    "There are too few weeks from before the kiosk came to tell whether the rate was already falling."
)
_NEITHER_SIDE: Final = N_("The week in which the kiosk came ({came_on}) counts to neither side.")
_HOW: Final = N_(
    "The intervals allow for the same people being noted again and again, for weeks that were bad for everybody, and"
    " for neighbouring weeks that resemble each other."
)
_MANY: Final = N_(
    "Of {count} divisions, about one in twenty has an interval that misses by chance: read a single one with care."
)
_NO_PROOF: Final = N_(
    "Before and after is no proof of cause: season, staff and rules change too, and so may the way in which times were"
    " recorded before."
)

_MANY_DIVISIONS: Final = 5


def trend_in_words(trend: Trend, language: Language) -> list[str]:
    """Sentences for the court, one entry for each division, then what keeps the reader from believing too much."""
    return [
        *group_in_words(trend.court, trend, language),
        *(division_in_words(division, trend, language) for division in trend.divisions),
        *caveats_in_words(trend, language),
    ]


def division_in_words(group: GroupTrend, trend: Trend, language: Language) -> str:
    """A division's sentences as one, with its name in front."""
    glue = "" if language == "zh" else " "
    sentence = glue.join(group_in_words(group, trend, language))
    return translate(_OF_DIVISION, language).format(division=group.division, sentence=sentence)


def group_in_words(group: GroupTrend, trend: Trend, language: Language) -> list[str]:
    """The change with its intervals, or why there are none, and how much it rests on."""
    counts = translate(_COUNTS, language).format(
        people=group.people, both=group.people_on_both, before=group.before.weeks, after=group.after.weeks
    )
    return [*_change_in_words(group, trend.kind, language), *([counts] if group.people else [])]


def group_in_figures(group: GroupTrend, language: Language) -> str:
    """The change on one line, for a heading; empty where there is none."""
    change, before, after = group.change, group.before.rate, group.after.rate
    if change is None or before is None or after is None:
        return ""
    interval = change.difference_interval
    limits = (interval.lower, interval.upper) if interval is not None else ()
    places = _places(1, before, after, change.difference, *limits)
    gaps = {
        "before": _percent(before, places),
        "after": _percent(after, places),
        "points": _signed(change.difference, places),
    }
    if interval is None:
        return translate(_FIGURES, language).format(**gaps)
    return translate(_FIGURES_WITH_INTERVAL, language).format(
        **gaps, lower=_signed(interval.lower, places), upper=_signed(interval.upper, places)
    )


def caveats_in_words(trend: Trend, language: Language) -> list[str]:
    """How the rate went before, how the intervals are meant, and that none of it proves a cause."""
    sentences = []
    if trend.court.change is not None and trend.court.before.noted:
        sentences.append(_slope_in_words(trend.court.slope_before, trend.court.rate_if_gone_on, language))
    if trend.court.why_no_interval is None:
        sentences.append(translate(_HOW, language))
    with_interval = sum(division.why_no_interval is None for division in trend.divisions)
    if with_interval >= _MANY_DIVISIONS:
        sentences.append(translate(_MANY, language).format(count=with_interval))
    if any(week.side is None for week in trend.court.weeks):
        sentences.append(translate(_NEITHER_SIDE, language).format(came_on=trend.came_on.isoformat()))
    sentences.append(translate(_NO_PROOF, language))
    return sentences


def _change_in_words(group: GroupTrend, kind: TrendKind, language: Language) -> list[str]:
    names = {"what": translate(WHAT[kind], language), "base": translate(BASE[kind], language)}
    change, before, after = group.change, group.before.rate, group.after.rate
    if change is None or before is None or after is None:
        sentence = _NOTHING_BEFORE if before is None else _NOTHING_AFTER
        return [translate(sentence, language).format(**names)]
    interval, relative, relative_interval = change.difference_interval, change.relative, change.relative_interval
    if interval is None:
        places = _places(1, before, after, change.difference)
        told = translate(_RATES_ONLY, language).format(
            **names,
            before=_percent(before, places),
            after=_percent(after, places),
            points=_signed(change.difference, places),
        )
        return [told, *_why_in_words(group, language)]
    if change.is_clear and relative is not None and relative_interval is not None:
        # Of a fall people read how much less, so everything is turned round.
        sign = -1 if change.difference < 0 else 1
        interval, relative_interval = _turned(interval, sign), _turned(relative_interval, sign)
        places = _places(1, before, after, change.difference, interval.lower, interval.upper)
        relative_places = _places(0, relative, relative_interval.lower, relative_interval.upper)
        told = translate(_FELL if sign < 0 else _ROSE, language).format(
            **names,
            before=_percent(before, places),
            after=_percent(after, places),
            points=_percent(sign * change.difference, places),
            lower=_percent(interval.lower, places),
            upper=_percent(interval.upper, places),
            relative=_percent(sign * relative, relative_places),
            relative_lower=_percent(relative_interval.lower, relative_places),
            relative_upper=_percent(relative_interval.upper, relative_places),
        )
        return [told, *_bound_words(group, language)]
    places = _places(1, before, after, interval.lower, interval.upper)
    told = translate(_NO_CLEAR_CHANGE, language).format(
        **names,
        before=_percent(before, places),
        after=_percent(after, places),
        points=_signed(change.difference, places),
        lower=_signed(interval.lower, places),
        upper=_signed(interval.upper, places),
    )
    return [told, *_bound_words(group, language)]


def _bound_words(group: GroupTrend, language: Language) -> list[str]:
    if group.change is None or not group.change.is_bound:
        return []
    before, after = group.before, group.after
    gaps = {"least": LEAST_PEOPLE_NOTED, "before": before.people_noted, "after": after.people_noted}
    told = [translate(_BOUND, language).format(**gaps)]
    return told + _bound_in_words(_NONE_BEFORE, before, language) + _bound_in_words(_NONE_AFTER, after, language)


def _why_in_words(group: GroupTrend, language: Language) -> list[str]:
    before, after = group.before, group.after
    if group.why_no_interval == "few_people":
        gaps = (_FEW_PEOPLE, LEAST_PEOPLE, before.people, after.people)
    else:
        gaps = (_FEW_WEEKS, LEAST_WEEKS, before.weeks, after.weeks)
    sentence, least, count_before, count_after = gaps
    told = [translate(sentence, language).format(least=least, before=count_before, after=count_after)]
    return told + _bound_in_words(_NONE_BEFORE, before, language) + _bound_in_words(_NONE_AFTER, after, language)


def _bound_in_words(sentence: str, side: Side, language: Language) -> list[str]:
    if side.at_most is None:
        return []
    at_most = _percent(side.at_most, _places(1, side.at_most))
    return [translate(sentence, language).format(people=side.people, at_most=at_most)]


def _slope_in_words(slope: Slope | None, expected: float | None, language: Language) -> str:
    if slope is None or expected is None:
        return translate(_UNKNOWN_BEFORE, language)
    places = _places(1, slope.interval.lower, slope.interval.upper)
    if slope.interval.holds(0):
        return translate(_STEADY_BEFORE, language).format(
            points=_signed(slope.per_week, places),
            lower=_signed(slope.interval.lower, places),
            upper=_signed(slope.interval.upper, places),
        )
    sign = -1 if slope.per_week < 0 else 1
    interval = _turned(slope.interval, sign)
    gaps = {
        "points": _percent(sign * slope.per_week, places),
        "lower": _percent(interval.lower, places),
        "upper": _percent(interval.upper, places),
    }
    if sign > 0:
        return translate(_RISING_BEFORE, language).format(**gaps)
    return translate(_FALLING_BEFORE, language).format(**gaps, expected=_percent(expected, _places(1, expected)))


def _turned(interval: Interval, sign: int) -> Interval:
    return interval if sign > 0 else Interval(-interval.upper, -interval.lower)


def _places(least: int, *fractions: float) -> int:
    """Decimals of per cent with which no fraction looks like 0 without being 0; at least so many, at most 3."""
    for places in range(least, 3):
        if all(fraction == 0 or abs(100 * fraction) >= 0.5 * 10**-places for fraction in fractions):
            return places
    return 3


def _percent(fraction: float, places: int) -> str:
    return f"{100 * fraction:.{places}f}"


def _signed(fraction: float, places: int) -> str:
    text = f"{100 * fraction:+.{places}f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "−")
