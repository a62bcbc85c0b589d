"""The operating point in words and figures, for the page and for the verb alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from models.faces.operating_points import Calibration, OwnThreshold, Rate
from models.language import N_, Language, translate
from models.settings import FacesSettings
from server.attendance.wording import PERCENT
from server.storage.records import PersonRecord

_FOUND: Final = {
    "measured": N_(
        "Measured: so few of {strangers} people who were searched as strangers come within this threshold that the "
        "wanted rate of {wanted} holds with 95 % confidence."
    ),
    "extrapolated": N_(
        "Extrapolated: {strangers} people are too few to show a rate of {wanted} by counting. The threshold follows "
        "from how the nearest distances thin out. It is an estimate beyond the data."
    ),
    "default": N_(
        "Too few photographs: {people} people are in the gallery, {needed} are needed. The careful figures of the "
        "settings stay in force, and nothing is claimed about errors at this site."
    ),
}
_KEPT: Final = N_("It is the careful threshold of the settings: the data do not show that a looser one would do.")
_TIGHTER: Final = N_("It is tighter than the careful threshold of the settings, {careful:.4g}.")
_LOOSER: Final = N_(
    "It is looser than the careful threshold of the settings, {careful:.4g}; the gallery is large enough."
)
_NOT_REACHED: Final = N_(
    "The wanted rate is not reached: with a still tighter threshold nobody would be recognised any more."
)
_ASSUMPTIONS: Final = (
    N_(
        "People of the gallery stand for strangers: each is searched against everybody else, and counts as accepted "
        "when any search with one of the own photographs does."
    ),
    N_(
        "One picture decides here. At the door several must agree, and the margin and liveness refuse more: there, "
        "fewer strangers are accepted."
    ),
    N_(
        "Photographs of the gallery stand for pictures at the door. Those are worse, so more people will be asked for "
        "the PIN there; a folder of probes from the door shows how many."
    ),
    N_("Ranges, and what is called “at most”, hold with 95 % confidence (Clopper-Pearson)."),
    N_("Pairs that are asked for the PIN are set aside: {set_aside}."),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is, its value, and what stands behind it."""

    label: str
    value: str
    behind: str = ""


@dataclass(frozen=True, slots=True)
class AlikeLine:
    """Two people who look alike."""

    first: str
    second: str
    distance: str


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One person with an own threshold, and what follows."""

    person: str
    because_of: str
    distance: str
    consequence: str
    asks_pin: bool


@dataclass(frozen=True, slots=True)
class OperatingReport:
    """The whole report, in one language.

    Attributes:
        found: how the threshold was found, in sentences.
        figures: thresholds and rates.
        wrong_events: what is expected a year, with its arithmetic.
        look_alikes, own: nearest first.
        look_alikes_left_out: how many pairs more there are.
        assumptions: what all of it rests on.
    """

    found: tuple[str, ...]
    figures: tuple[Figure, ...]
    wrong_events: tuple[Figure, ...]
    look_alikes: tuple[AlikeLine, ...]
    look_alikes_left_out: int
    own: tuple[OwnLine, ...]
    assumptions: tuple[str, ...]


def operating_report(
    calibration: Calibration, people: Mapping[UUID, PersonRecord], faces: FacesSettings, language: Language
) -> OperatingReport:
    """The report on a calibration.

    Args:
        calibration: what was found.
        people: for names and numbers; whoever is not in it is shown by identifier.
        faces: the settings.
        language: of the sentences.
    """

    def words(sentence: str, **values: object) -> str:
        return translate(sentence, language).format(**values)

    def name(person_id: UUID) -> str:
        person = people.get(person_id)
        return str(person_id) if person is None else f"{person.employee_no} {person.name}"

    return OperatingReport(
        found=_found(calibration, faces, language),
        figures=_figures(calibration, faces, language),
        wrong_events=_wrong_events(calibration, faces, language),
        look_alikes=tuple(
            AlikeLine(name(pair.person_id), name(pair.other_person_id), f"{pair.distance:.3f}")
            for pair in calibration.look_alikes
        ),
        look_alikes_left_out=calibration.look_alike_count - len(calibration.look_alikes),
        own=tuple(
            OwnLine(
                name(own.person_id),
                name(own.nearest_person_id),
                f"{own.nearest_distance:.3f}",
                _consequence(own, language),
                own.ask_pin,
            )
            for own in calibration.own_thresholds
        ),
        assumptions=tuple(words(sentence, set_aside=calibration.set_aside) for sentence in _ASSUMPTIONS),
    )


def _found(calibration: Calibration, faces: FacesSettings, language: Language) -> tuple[str, ...]:
    sentences = [_FOUND[calibration.found]]
    if calibration.found != "default":
        if calibration.accept_distance < calibration.careful_accept_distance:
            sentences.append(_TIGHTER)
        elif calibration.accept_distance > calibration.careful_accept_distance:
            sentences.append(_LOOSER)
        else:
            sentences.append(_KEPT)
    if calibration.found == "extrapolated" and (calibration.extrapolated_fpir or 0) > calibration.wanted_fpir:
        sentences.append(_NOT_REACHED)
    return tuple(
        translate(sentence, language).format(
            strangers=calibration.strangers,
            people=calibration.people,
            wanted=percent(calibration.wanted_fpir, language),
            needed=faces.calibration.min_people,
            careful=calibration.careful_accept_distance,
        )
        for sentence in sentences
    )


def _figures(calibration: Calibration, faces: FacesSettings, language: Language) -> tuple[Figure, ...]:
    def words(sentence: str, **values: object) -> str:
        return translate(sentence, language).format(**values)

    figures = [
        Figure(
            words(N_("Threshold at the door")),
            f"{calibration.accept_distance:.4g}",
            words(N_("largest distance to the nearest person (accept_distance)")),
        ),
        Figure(
            words(N_("Margin")),
            f"{calibration.margin:.4g}",
            words(N_("least gap to the nearest other person (margin)")),
        ),
        Figure(
            words(N_("Strangers accepted (FPIR)")),
            *_shown(calibration.fpir, language, N_("{count} of {trials} people")),
        ),
    ]
    if calibration.extrapolated_fpir is not None:
        figures.append(
            Figure(
                words(N_("The same, extrapolated")),
                percent(calibration.extrapolated_fpir, language),
                words(N_("wanted: {wanted}"), wanted=percent(calibration.wanted_fpir, language)),
            )
        )
    if calibration.probe_fnir.trials:
        figures.append(
            Figure(
                words(N_("Not recognised (FNIR), probes")),
                *_shown(calibration.probe_fnir, language, N_("{count} of {trials} pictures")),
            )
        )
    unknown = words(N_("not known: nobody has a second photograph"))
    figures += [
        Figure(
            words(N_("Not recognised (FNIR), gallery")),
            *(
                _shown(calibration.gallery_fnir, language, N_("{count} of {trials} pictures"))
                if calibration.gallery_fnir.trials
                else ("—", unknown)
            ),
        ),
        Figure(
            words(N_("Threshold after a PIN (1:1)")),
            f"{calibration.one_to_one_distance:.4g}",
            words(
                N_("{count} of {trials} comparisons with another person pass"),
                count=calibration.one_to_one_fmr.count,
                trials=calibration.one_to_one_fmr.trials,
            ),
        ),
        Figure(words(N_("Threshold with a covered lower face")), f"{calibration.covered_accept_distance:.4g}"),
    ]
    if calibration.proposed_duplicate_distance is not None:
        figures.append(
            Figure(
                words(N_("Proposed for duplicates at enrollment")),
                f"{calibration.proposed_duplicate_distance:.4g}",
                words(
                    N_("1 in 100 new people would be asked about; in force are the settings' {in_force:.4g}"),
                    in_force=faces.operating_point().duplicate_distance,
                ),
            )
        )
    return tuple(figures)


def _wrong_events(calibration: Calibration, faces: FacesSettings, language: Language) -> tuple[Figure, ...]:
    def words(sentence: str, **values: object) -> str:
        return translate(sentence, language).format(**values)

    events, assumed = calibration.wrong_events, faces.calibration
    lines = (
        (
            N_("Strangers"),
            events.strangers.estimate,
            events.strangers.upper,
            N_("{strangers:g} encounters a day × {workdays} workdays × FPIR"),
        ),
        (
            N_("Colleagues"),
            events.staff.estimate,
            events.staff.upper,
            N_("{people} people × {points} clock points × {workdays} workdays × FNIR × FPIR")
            if calibration.fnir.trials
            else N_(
                "{people} people × {points} clock points × {workdays} workdays × FPIR; FNIR is not known: taken as 1"
            ),
        ),
        (N_("Together"), events.estimate, events.upper, ""),
    )
    return tuple(
        Figure(
            words(label),
            words(N_("at most {upper}"), upper=amount(upper))
            if estimate is None
            else words(N_("about {estimate}, at most {upper}"), estimate=amount(estimate), upper=amount(upper)),
            words(
                arithmetic,
                strangers=assumed.stranger_encounters_per_day,
                workdays=assumed.workdays_per_year,
                people=calibration.people,
                points=assumed.clock_points_per_day,
            )
            if arithmetic
            else "",
        )
        for label, estimate, upper, arithmetic in lines
    )


def _consequence(own: OwnThreshold, language: Language) -> str:
    if own.ask_pin:
        return translate(N_("is asked for the PIN, always"), language)
    return translate(N_("own threshold {own:.4g}"), language).format(own=own.accept_distance)


def _shown(rate: Rate, language: Language, counted: str) -> tuple[str, str]:
    """A rate, and its counts with its bounds."""
    if rate.estimate is None:
        return "—", ""
    return percent(rate.estimate, language), translate(N_("{counted}; between {lower} and {upper}"), language).format(
        counted=translate(counted, language).format(count=rate.count, trials=rate.trials),
        lower=percent(rate.lower, language),
        upper=percent(rate.upper, language),
    )


def percent(share: float, language: Language) -> str:
    """A share in per cent, to two digits that say something."""
    number = f"{100 * share:.2g}" if share < 0.0995 else f"{100 * share:.0f}"
    return translate(PERCENT, language).format(number=number)


def amount(number: float) -> str:
    """A number of events, no more exact than it is."""
    if number >= 1000:
        return f"{round(number, -2):,.0f}"
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"
