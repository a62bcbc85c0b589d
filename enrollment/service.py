"""Enrolling one person: the one way, for HR's page and for the folder import alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from enrollment.checking import FaceEngine
from enrollment.consent import ConsentRuling, rule_on_consent
from enrollment.judging import judge
from enrollment.looking import Candidate, EnrollmentLimits, look_at, sha256_of
from enrollment.ports import EnrollmentStore, EnrollmentTransaction, KnownPerson, NewPerson, StoredTemplate
from enrollment.remarks import EnrollmentRemark
from enrollment.values import EnrollmentOutcome, EnrollmentRequest, PersonResult, PhotoOutcome
from models.settings import OperatingPointSettings

_NO_CONSENT = (EnrollmentRemark("no_consent"),)


@dataclass(frozen=True, slots=True)
class _Copy:
    """The same file as one before it."""

    file_name: str
    original: Candidate


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is on record when a request comes.

    Attributes:
        known: the person, None if new.
        ruling: what the decision about consent comes to.
        own, others: templates of this person and of everybody else.
    """

    known: KnownPerson | None
    ruling: ConsentRuling
    own: list[StoredTemplate]
    others: list[StoredTemplate]

    @property
    def keeps_templates(self) -> bool:
        """Whether the person's own templates outlast this request."""
        record = self.ruling.record
        return record is None or record.decision == "given"


class EnrollmentService:
    """Enrolls people, one transaction each.

    Args:
        store: who keeps them; ``enrollment.rehearsal.RehearsalStore`` around it makes a dry run.
        engine: finds and encodes faces; not for several threads at once, and so neither is this.
        limits: what a photograph must be.
        operating_point: distances of the engine in use.
        court_today: the local date of the court.
    """

    def __init__(
        self,
        store: EnrollmentStore,
        engine: FaceEngine,
        limits: EnrollmentLimits,
        operating_point: OperatingPointSettings,
        court_today: Callable[[], date],
    ) -> None:
        self._store = store
        self._engine = engine
        self._limits = limits
        self._point = operating_point
        self._court_today = court_today

    def enroll(self, request: EnrollmentRequest) -> EnrollmentOutcome:
        """Store what may be stored of a person, and say what became of each thing.

        1. Without a consent in force no photograph is even looked at; the person is stored with the PIN alone.
        2. Photographs are read, checked and encoded while no transaction is open, for that takes long.
        3. In one transaction they are compared with each other and with everybody else's templates,
           and all that changes is written. A second time, nothing changes.

        Raises:
            CourtclockError: from the store; nothing of this person is written then.
        """
        with self._store.begin() as transaction:
            before = self._look_up(transaction, request)
        looked_at = self._look_at_photos(request, before)
        with self._store.begin() as transaction:
            # Asked again: a withdrawal or another enrollment may have come in between.
            standing = self._look_up(transaction, request)
            outcomes, accepted = self._compare(looked_at, standing)
            result = _write(transaction, request, standing, accepted)
            if result != "unchanged":
                transaction.commit()
        remark = standing.ruling.remark
        return EnrollmentOutcome(
            employee_no=request.employee_no,
            name=request.name,
            result=result,
            has_face=bool(accepted or standing.own) and standing.keeps_templates,
            remarks=() if remark is None else (remark,),
            photos=outcomes,
        )

    def _look_up(self, transaction: EnrollmentTransaction, request: EnrollmentRequest) -> _Standing:
        known = transaction.find_person(request.employee_no)
        on_record = None if known is None else transaction.consent_of(known.person_id)
        ruling = rule_on_consent(request.consent, on_record, self._court_today())
        own: list[StoredTemplate] = []
        others: list[StoredTemplate] = []
        if known is not None or ruling.faces_allowed:
            for template in transaction.templates(self._engine.encoder.model_id):
                is_own = known is not None and template.person_id == known.person_id
                (own if is_own else others).append(template)
        return _Standing(known, ruling, own, others)

    def _look_at_photos(
        self, request: EnrollmentRequest, standing: _Standing
    ) -> list[PhotoOutcome | Candidate | _Copy]:
        """Each photograph by itself, in order."""
        own_sha256 = {template.photo_sha256 for template in standing.own}
        candidates: dict[str, Candidate] = {}
        looked_at: list[PhotoOutcome | Candidate | _Copy] = []
        for photo in request.photos:
            if not standing.ruling.faces_allowed:
                looked_at.append(PhotoOutcome(photo.file_name, "not_looked_at", _NO_CONSENT))
                continue
            photo_sha256 = sha256_of(photo)
            if photo_sha256 in own_sha256:
                looked_at.append(PhotoOutcome(photo.file_name, "already_enrolled"))
                continue
            if photo_sha256 in candidates:
                looked_at.append(_Copy(photo.file_name, candidates[photo_sha256]))
                continue
            found = look_at(photo, self._engine, self._limits)
            if isinstance(found, Candidate):
                candidates[found.photo_sha256] = found
                looked_at.append(found)
            else:
                looked_at.append(PhotoOutcome(photo.file_name, "refused", found))
        return looked_at

    def _compare(
        self, looked_at: Sequence[PhotoOutcome | Candidate | _Copy], standing: _Standing
    ) -> tuple[tuple[PhotoOutcome, ...], list[Candidate]]:
        """What became of each photograph, and those that are to become templates."""
        own_sha256 = {template.photo_sha256 for template in standing.own}
        candidates = [one for one in looked_at if isinstance(one, Candidate) and one.photo_sha256 not in own_sha256]
        if standing.ruling.faces_allowed:
            against = judge(
                candidates,
                standing.own,
                standing.others,
                model_id=self._engine.encoder.model_id,
                metric=self._engine.encoder.metric,
                point=self._point,
            )
        else:
            against = [_NO_CONSENT for _ in candidates]
        against_sha256 = {one.photo_sha256: remarks for one, remarks in zip(candidates, against, strict=True)}
        outcomes = []
        for one in looked_at:
            if isinstance(one, PhotoOutcome):
                outcomes.append(one)
                continue
            photo_sha256 = one.original.photo_sha256 if isinstance(one, _Copy) else one.photo_sha256
            remarks = against_sha256.get(photo_sha256, ())
            if remarks:
                outcomes.append(PhotoOutcome(one.file_name, "refused", remarks))
            elif isinstance(one, _Copy):
                same = EnrollmentRemark("same_file", {"other_file": one.original.file_name})
                outcomes.append(PhotoOutcome(one.file_name, "already_enrolled", (same,)))
            else:
                outcomes.append(
                    PhotoOutcome(one.file_name, "already_enrolled" if photo_sha256 in own_sha256 else "enrolled")
                )
        return tuple(outcomes), [one for one in candidates if not against_sha256[one.photo_sha256]]


def _write(
    transaction: EnrollmentTransaction,
    request: EnrollmentRequest,
    standing: _Standing,
    accepted: Sequence[Candidate],
) -> PersonResult:
    """Write all that differs from what is on record; the caller commits."""
    known = standing.known
    changed = False
    if known is None:
        person_id = transaction.add_person(NewPerson(request.employee_no, request.name, request.division))
    else:
        person_id = known.person_id
        division = known.division if request.division is None else request.division
        if (known.name, known.division) != (request.name, division):
            transaction.update_person(person_id, request.name, division)
            changed = True
    if request.pin is not None and (known is None or not transaction.has_pin(person_id, request.pin)):
        transaction.set_pin(person_id, request.pin)
        changed = True
    if standing.ruling.record is not None:
        transaction.record_consent(person_id, standing.ruling.record)
        changed = True
    for candidate in accepted:
        for view, encoding in enumerate((candidate.encoding, *candidate.more_views)):
            transaction.add_template(person_id, candidate.photo_sha256, encoding, view)
        changed = True
    if known is None:
        return "created"
    return "updated" if changed else "unchanged"
