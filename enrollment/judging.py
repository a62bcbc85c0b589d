"""Which of one person's good photographs may become templates, seen beside all others. Pure rules."""

from __future__ import annotations

from collections.abc import Sequence

from enrollment.comparing import Disagreement, OtherPeople, find_disagreements
from enrollment.looking import Candidate
from enrollment.ports import StoredTemplate
from enrollment.remarks import EnrollmentRemark
from models.faces.values import Metric, ModelId
from models.settings import OperatingPointSettings


def judge(
    candidates: Sequence[Candidate],
    own: Sequence[StoredTemplate],
    others: Sequence[StoredTemplate],
    *,
    model_id: ModelId,
    metric: Metric,
    point: OperatingPointSettings,
) -> list[tuple[EnrollmentRemark, ...]]:
    """What speaks against each candidate, in their order; nothing where it is to be enrolled.

    Photographs that show somebody else than the person's other ones are refused by themselves. If
    one of the rest looks like another person, all of the rest are refused: whose they are is for
    people to find out.

    Args:
        candidates: new photographs of one person.
        own: templates that this person has.
        others: templates of everybody else.
        model_id, metric: of all these encodings.
        point: ``same_person_distance`` and ``duplicate_distance`` decide.
    """
    disagreements = find_disagreements(
        model_id,
        metric,
        [candidate.encoding for candidate in candidates],
        [template.encoding for template in own],
        point.same_person_distance,
    )
    other_people = OtherPeople(model_id, metric, others, point.duplicate_distance)
    against: list[tuple[EnrollmentRemark, ...]] = []
    spoiling: EnrollmentRemark | None = None
    for index, candidate in enumerate(candidates):
        remarks = []
        if index in disagreements:
            remarks.append(_disagreement(disagreements[index], candidates, point.same_person_distance))
        look_alike = other_people.look_alike(candidate.encoding)
        if look_alike is not None:
            values = {
                "employee_no": look_alike.employee_no,
                "found": look_alike.distance,
                "limit": point.duplicate_distance,
            }
            remarks.append(EnrollmentRemark("looks_like_other", values))
            if index not in disagreements and spoiling is None:
                values = {"other_file": candidate.file_name, "employee_no": look_alike.employee_no}
                spoiling = EnrollmentRemark("beside_look_alike", values)
        against.append(tuple(remarks))
    if spoiling is None:
        return against
    return [remarks or (spoiling,) for remarks in against]


def _disagreement(found: Disagreement, candidates: Sequence[Candidate], limit: float) -> EnrollmentRemark:
    values: dict[str, object] = {"found": found.distance, "limit": limit}
    if found.other_index is None:
        return EnrollmentRemark("disagrees_with_stored", values)
    return EnrollmentRemark("disagrees", {**values, "other_file": candidates[found.other_index].file_name})
