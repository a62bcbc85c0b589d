"""A trend as a picture: one SVG document for the court and each division, to be served for an ``<img>``.

Text is text, so the reader's own fonts show Chinese. Colours stand in attributes and hold where a policy forbids
styles; the style adds the dark scheme. The same trend gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from models.language import N_, Language, translate
from server.attendance.trend import WEEK, GroupTrend, Side, Trend, TrendKind, WeekRate
from server.attendance.trend_words import group_in_figures, trend_in_words
from server.web.sheets import readable
from server.web.svg_text import shortened, text_width, wrapped

WIDE: Final = 960
NARROW: Final = 360
"""Widths in pixels: for a desk and for a phone, where the wide picture would be shrunk beyond reading."""

MEDIA_TYPE: Final = "image/svg+xml; charset=utf-8"

TITLES: Final[dict[TrendKind, str]] = {
    "late": N_("Late arrivals, share of arrivals by week"),
    "early": N_("Early leaves, share of departures by week"),
    "both": N_("Late arrivals and early leaves, share of clock points by week"),
}
_COURT: Final = N_("Whole court")
_NOTHING: Final = N_("There is nothing to show yet.")
_PERCENT: Final = N_("{number} %")
_WEEK_LABEL: Final = N_("W{week}")
_POINT: Final = N_("Week {week} of {year}, from {monday}: {rate} % ({noted} of {expected})")
_WEEK_BEFORE: Final = N_("week before the kiosk")
_WEEK_AFTER: Final = N_("week with the kiosk")
_WEEK_BETWEEN: Final = N_("week in which it came, not counted")
_MEAN: Final = N_("mean with 95 % interval")
_KIOSK: Final = N_("kiosk since {came_on}")
_SCALES: Final = N_("The divisions share one scale; the court has its own.")

_FONTS: Final = (
    "'Noto Sans SC', 'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', system-ui, sans-serif"
)
_LANGUAGE_TAGS: Final[dict[Language, str]] = {"zh": "zh-CN", "en": "en"}
# Name: light, dark. The colours of the pages, so that the picture lies on them without a seam.
_COLOURS: Final = {
    "panel": ("#ffffff", "#1b232d"),
    "ink": ("#16202c", "#eef2f6"),
    "soft": ("#566373", "#a4b0bd"),
    "line": ("#d5dae1", "#34404d"),
    "before": ("#8a5a00", "#ffd98a"),
    "after": ("#1f4e8c", "#7db1f2"),
}
_STYLE: Final = "@media (prefers-color-scheme: dark) {{ {} }}".format(
    " ".join(f".f-{name} {{ fill: {dark}; }} .s-{name} {{ stroke: {dark}; }}" for name, (_, dark) in _COLOURS.items())
)

_MARGIN: Final = 16
_AXIS: Final = 44
_RIGHT: Final = 10
_STEPS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_MOST_STEPS: Final = 5
_LEAST_TOP: Final = 0.01
_LABEL_STEPS: Final = (1, 2, 4, 8, 13, 26, 52)
_TITLE_SIZE, _HEADING_SIZE, _TEXT_SIZE, _AXIS_SIZE = 18, 15, 13, 12


def trend_svg(trend: Trend, language: Language, *, width: int = WIDE) -> str:
    """The picture as an XML document. Its description holds the same sentences as ``trend_in_words``.

    Args:
        trend: what to draw.
        language: of every word in it.
        width: in pixels; the height follows. ``WIDE`` puts two divisions beside each other, ``NARROW`` one.

    Raises:
        ValueError: the width is below 320, where labels would overlap.
    """
    if width < 320:
        raise ValueError(f"a chart of {width} pixels cannot be read")
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "xml:lang": _LANGUAGE_TAGS[language]})
    root.set("role", "img")
    root.set("aria-labelledby", "title")
    root.set("aria-describedby", "description")
    title = translate(TITLES[trend.kind], language)
    _told(root, "title", title).set("id", "title")
    _told(root, "desc", "\n".join(trend_in_words(trend, language))).set("id", "description")
    SubElement(root, "style").text = _STYLE
    ground = SubElement(root, "rect")
    _paint(ground, fill="panel")

    drawing = _Drawing(root, trend, language)
    bottom = float(_MARGIN)
    for line in wrapped(title, width - 2 * _MARGIN, _TITLE_SIZE, bold=True):
        bottom += _TITLE_SIZE + 6
        drawing.text(line, _MARGIN, bottom - 6, _TITLE_SIZE, bold=True)
    bottom = drawing.legend(_MARGIN, bottom + 8, width - 2 * _MARGIN)
    whole = _Frame(_MARGIN, bottom + 10, width - 2 * _MARGIN, 190)
    bottom = drawing.panel(trend.court, whole, _Scale.of([trend.court]), with_label=True)
    columns = max(1, width // 440)
    gap = 24
    column_width = (width - 2 * _MARGIN - (columns - 1) * gap) / columns
    scale = _Scale.of(trend.divisions)
    for start in range(0, len(trend.divisions), columns):
        top = bottom + 22
        for column, division in enumerate(trend.divisions[start : start + columns]):
            frame = _Frame(_MARGIN + column * (column_width + gap), top, column_width, 120)
            bottom = max(bottom, drawing.panel(division, frame, scale, with_label=False))
    height = math.ceil(bottom + _MARGIN)
    for element in (root, ground):
        element.set("width", str(width))
        element.set("height", str(height))
    root.set("viewBox", f"0 0 {width} {height}")
    indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a panel stands: its corner, its width, and the height of its plot without words and axes."""

    x: float
    y: float
    width: float
    plot_height: float


@dataclass(frozen=True, slots=True)
class _Scale:
    """From 0 to a round rate."""

    step: float
    steps: int

    @property
    def top(self) -> float:
        return self.step * self.steps

    @staticmethod
    def of(groups: Iterable[GroupTrend]) -> _Scale:
        """One that holds every week and the means' intervals; those of few weeks may reach beyond and are cut off."""
        groups = list(groups)
        rates = [week.rate or 0.0 for group in groups for week in group.weeks]
        highest = max(rates, default=0.0)
        uppers = [
            side.interval.upper for group in groups for side in (group.before, group.after) if side.interval is not None
        ]
        highest = max(_LEAST_TOP, highest, min(max(uppers, default=0.0), 2 * highest))
        step = next((step for step in _STEPS if highest <= _MOST_STEPS * step), _STEPS[-1])
        return _Scale(step, max(1, math.ceil(highest / step - 1e-9)))


@dataclass(frozen=True, slots=True)
class _Drawing:
    root: Element
    trend: Trend
    language: Language

    def text(self, words: str, x: float, y: float, size: int, *, bold: bool = False, colour: str = "ink") -> Element:
        element = _told(self.root, "text", words)
        element.set("x", _number(x))
        element.set("y", _number(y))
        element.set("font-family", _FONTS)
        element.set("font-size", str(size))
        if bold:
            element.set("font-weight", "700")
        _paint(element, fill=colour)
        return element

    def legend(self, x: float, y: float, width: float) -> float:
        """Says what each mark means; gives where it ends."""
        entries = [("before", _WEEK_BEFORE), ("after", _WEEK_AFTER)]
        if any(week.side is None and week.expected for week in self.trend.court.weeks):
            entries.append(("between", _WEEK_BETWEEN))
        entries.append(("mean", _MEAN))
        left, line = x, y
        for mark, sentence in entries:
            words = translate(sentence, self.language)
            needed = 26 + text_width(words, _TEXT_SIZE) + 18
            if left > x and left + needed - 18 > x + width:
                left, line = x, line + 22
            self._mark(mark, left + 10, line + 9)
            self.text(words, left + 26, line + 14, _TEXT_SIZE, colour="soft")
            left += needed
        if self.trend.divisions:
            for words in wrapped(translate(_SCALES, self.language), width, _TEXT_SIZE):
                line += 22
                self.text(words, x, line + 14, _TEXT_SIZE, colour="soft")
        return line + 22

    def panel(self, group: GroupTrend, frame: _Frame, scale: _Scale, *, with_label: bool) -> float:
        """One group with its heading, axes and marks; gives where it ends."""
        name = translate(_COURT, self.language) if group.division is None else group.division
        heading = shortened(readable(name), frame.width, _HEADING_SIZE, bold=True)
        self.text(heading, frame.x, frame.y + 16, _HEADING_SIZE, bold=True)
        bottom = frame.y + 20
        for line in wrapped(group_in_figures(group, self.language), frame.width, _TEXT_SIZE):
            bottom += 18
            self.text(line, frame.x, bottom - 4, _TEXT_SIZE, colour="soft")
        if not group.weeks:
            self.text(translate(_NOTHING, self.language), frame.x, bottom + 18, _TEXT_SIZE)
            return bottom + 24
        plot = _Plot(
            left=frame.x + _AXIS,
            top=bottom + (30 if with_label else 12),
            width=frame.width - _AXIS - _RIGHT,
            height=frame.plot_height,
            weeks=group.weeks,
            scale=scale,
        )
        self._rate_axis(plot)
        self._week_axis(plot)
        self._mean(plot, group.before, "before")
        self._mean(plot, group.after, "after")
        self._kiosk(plot, with_label=with_label)
        self._curve(plot)
        return plot.top + plot.height + 36

    def _rate_axis(self, plot: _Plot) -> None:
        decimals = 1 if plot.scale.step < 0.01 else 0
        for number in range(plot.scale.steps + 1):
            rate = number * plot.scale.step
            self._line((plot.left, plot.y(rate)), (plot.left + plot.width, plot.y(rate)), "line", 1)
            label = translate(_PERCENT, self.language).format(number=f"{100 * rate:.{decimals}f}")
            element = self.text(label, plot.left - 6, plot.y(rate) + 4, _AXIS_SIZE, colour="soft")
            element.set("text-anchor", "end")

    def _week_axis(self, plot: _Plot) -> None:
        base = plot.top + plot.height
        step = next((step for step in _LABEL_STEPS if step * plot.slot >= 44), _LABEL_STEPS[-1])
        year_told = None
        for number in range(0, len(plot.weeks), step):
            year, week, _ = plot.weeks[number].week.isocalendar()
            x = plot.x(number)
            self._line((x, base), (x, base + 4), "line", 1)
            words = translate(_WEEK_LABEL, self.language).format(week=week)
            self.text(words, x, base + 17, _AXIS_SIZE, colour="soft").set("text-anchor", "middle")
            if year != year_told:
                self.text(str(year), x, base + 31, _AXIS_SIZE, colour="soft").set("text-anchor", "middle")
                year_told = year

    def _mean(self, plot: _Plot, side: Side, name: str) -> None:
        numbers = [number for number, week in enumerate(plot.weeks) if week.side == name]
        if side.rate is None or not numbers:
            return
        left, right = plot.x(numbers[0] - 0.5), plot.x(numbers[-1] + 0.5)
        if side.interval is not None:
            upper = plot.y(min(side.interval.upper, plot.scale.top))
            self._band(left, upper, right - left, plot.y(side.interval.lower) - upper, name)
        self._line((left, plot.y(side.rate)), (right, plot.y(side.rate)), name, 2, dashes="7 4")

    def _kiosk(self, plot: _Plot, *, with_label: bool) -> None:
        x = plot.x_of_day(self.trend.came_on)
        if not plot.left <= x <= plot.left + plot.width:
            return
        self._line((x, plot.top - 8), (x, plot.top + plot.height), "ink", 1.5)
        if with_label:
            words = translate(_KIOSK, self.language).format(came_on=self.trend.came_on.isoformat())
            half = text_width(words, _AXIS_SIZE) / 2
            middle = min(max(x, plot.left + half), plot.left + plot.width - half)
            self.text(words, middle, plot.top - 12, _AXIS_SIZE).set("text-anchor", "middle")

    def _curve(self, plot: _Plot) -> None:
        run: list[str] = []
        runs = [run]
        for number, week in enumerate(plot.weeks):
            if week.rate is None:
                run = []
                runs.append(run)
            else:
                run.append(f"{_number(plot.x(number))},{_number(plot.y(week.rate))}")
        for points in runs:
            if len(points) > 1:
                curve = SubElement(self.root, "polyline", {"points": " ".join(points), "stroke-width": "1.2"})
                _paint(curve, stroke="soft")
        for number, week in enumerate(plot.weeks):
            if week.rate is not None:
                size = 3.5 if plot.slot >= 9 else 2.2
                mark = self._mark(week.side or "between", plot.x(number), plot.y(week.rate), size)
                _told(mark, "title", self._told_of(week, week.rate))

    def _told_of(self, week: WeekRate, rate: float) -> str:
        year, number, _ = week.week.isocalendar()
        return translate(_POINT, self.language).format(
            week=number,
            year=year,
            monday=week.week.isoformat(),
            rate=f"{100 * rate:.1f}",
            noted=week.noted,
            expected=week.expected,
        )

    def _mark(self, name: str, x: float, y: float, size: float = 4.0) -> Element:
        """The sign of a week, or of a mean in the legend. Form and colour both tell them apart."""
        match name:
            case "before":
                mark = SubElement(self.root, "rect", _box(x - size, y - size, 2 * size, 2 * size))
                _paint(mark, fill="before")
            case "after":
                mark = SubElement(self.root, "circle", {"cx": _number(x), "cy": _number(y), "r": _number(size + 0.3)})
                _paint(mark, fill="after")
            case "between":
                mark = SubElement(self.root, "circle", {"cx": _number(x), "cy": _number(y), "r": _number(size)})
                _paint(mark, fill="panel", stroke="soft")
                mark.set("stroke-width", "1.5")
            case _:
                self._band(x - 10, y - 6, 20, 12, "after")
                mark = self._line((x - 10, y), (x + 10, y), "after", 2, dashes="7 4")
        return mark

    def _band(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        band = SubElement(self.root, "rect", _box(x, y, width, height))
        band.set("fill-opacity", "0.16")
        _paint(band, fill=colour)

    def _line(
        self, start: tuple[float, float], end: tuple[float, float], colour: str, width: float, dashes: str = ""
    ) -> Element:
        ends = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
        line = SubElement(self.root, "line", {name: _number(value) for name, value in ends.items()})
        line.set("stroke-width", _number(width))
        if dashes:
            line.set("stroke-dasharray", dashes)
        _paint(line, stroke=colour)
        return line


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where weeks and rates lie on the picture."""

    left: float
    top: float
    width: float
    height: float
    weeks: Sequence[WeekRate]
    scale: _Scale

    @property
    def slot(self) -> float:
        return self.width / len(self.weeks)

    def x(self, number: float) -> float:
        """The middle of a week."""
        return self.left + (number + 0.5) * self.slot

    def x_of_day(self, day: date) -> float:
        """The start of a day within its week."""
        return self.left + (day - self.weeks[0].week) / WEEK * self.slot

    def y(self, rate: float) -> float:
        return self.top + self.height * (1 - rate / self.scale.top)


def _told(parent: Element, tag: str, words: str) -> Element:
    element = SubElement(parent, tag)
    element.text = readable(words)
    return element


def _paint(element: Element, *, fill: str | None = None, stroke: str | None = None) -> None:
    element.set("fill", _COLOURS[fill][0] if fill else "none")
    if stroke:
        element.set("stroke", _COLOURS[stroke][0])
    element.set("class", " ".join([f"f-{fill}"] * bool(fill) + [f"s-{stroke}"] * bool(stroke)))


def _box(x: float, y: float, width: float, height: float) -> dict[str, str]:
    sides = {"x": x, "y": y, "width": width, "height": height}
    return {name: _number(value) for name, value in sides.items()}


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
