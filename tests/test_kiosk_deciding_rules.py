"""Rules of the decision that hold for every face and every policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.deciding import AskPin, Decision, Observation, Policy, Record, TrackState, decide
from models.faces.values import Match
from tests.kiosk_fakes import MODEL, MORNING

LI, CHEN, SUN = (UUID(int=number) for number in (1, 2, 3))

distances = st.one_of(st.floats(0, 2), st.sampled_from([0.1, 0.5, 0.55, 0.56, float("nan"), float("inf")]))
matches = st.one_of(
    st.none(),
    st.builds(
        Match,
        st.just(MODEL),
        st.sampled_from([LI, LI, LI, CHEN]),
        distances,
        st.just(SUN),
        st.one_of(st.none(), distances),
    ),
    # Plain good frames, so that something is recorded often enough to learn from.
    st.builds(Match, st.just(MODEL), st.sampled_from([LI, LI, CHEN]), st.just(0.2), st.just(SUN), st.just(0.9)),
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    of_frames = draw(st.integers(1, 6))
    return Policy(
        votes=draw(st.integers(1, of_frames)),
        of_frames=of_frames,
        accept_distance=0.55,
        margin=0.08,
        min_eye_distance_px=28,
        min_sharpness=8,
        min_motion_share=draw(st.sampled_from([0.0, 0.035])),
        ask_pin_after_seconds=draw(st.sampled_from([0.5, 3.0])),
    )


@st.composite
def faces(draw: st.DrawFn) -> list[Observation]:
    seconds = 0.0
    seen = []
    for match in draw(st.lists(matches, min_size=1, max_size=25)):
        seconds += draw(st.sampled_from([0.05, 0.1, 1.0]))
        seen.append(
            Observation(
                at_seconds=1000 + seconds,
                captured_at=MORNING + timedelta(seconds=seconds),
                eye_distance_px=draw(st.sampled_from([40.0, 40.0, 40.0, 20.0])),
                sharpness=draw(st.sampled_from([50.0, 50.0, 50.0, 2.0])),
                centre_xy=(draw(st.sampled_from([100.0, 104.0])), 80.0),
                match=match,
            )
        )
    return seen


def decisions_of(seen: list[Observation], policy: Policy) -> Iterator[tuple[int, Decision]]:
    state = TrackState()
    for number, one in enumerate(seen):
        state, decision = decide(state, one, policy)
        yield number, decision


def votes_of(seen: list[Observation], policy: Policy) -> list[UUID | None]:
    """Whom each of the last good frames is for, found in another way than the product's."""
    good = [one for one in seen if one.eye_distance_px >= 28 and one.sharpness >= 8]
    people: list[UUID | None] = []
    for one in good[-policy.of_frames :]:
        match = one.match
        apart = match is not None and (match.other_distance is None or match.other_distance - match.distance >= 0.08)
        people.append(match.person_id if match is not None and apart and match.distance <= 0.55 else None)
    return people


@settings(max_examples=300, deadline=None)
@given(faces(), policies())
def test_nobody_is_recorded_without_enough_votes_or_beside_somebody_else(
    seen: list[Observation], policy: Policy
) -> None:
    for number, decision in decisions_of(seen, policy):
        if isinstance(decision, Record):
            people = votes_of(seen[: number + 1], policy)
            assert people.count(decision.person_id) >= policy.votes
            assert set(people) <= {decision.person_id, None}


@settings(max_examples=300, deadline=None)
@given(faces(), policies())
def test_the_time_that_counts_is_always_that_of_the_first_frame_that_was_near_enough(
    seen: list[Observation], policy: Policy
) -> None:
    for _, decision in decisions_of(seen, policy):
        first = next((one.captured_at for one in seen if one.eye_distance_px >= 28), None)
        if isinstance(decision, Record):
            assert decision.captured_at == first
        if isinstance(decision, AskPin):
            assert decision.first_seen_at == first


@settings(max_examples=200, deadline=None)
@given(faces(), policies())
def test_one_face_is_recorded_at_most_once_and_asked_for_the_pin_at_most_once(
    seen: list[Observation], policy: Policy
) -> None:
    kinds = [type(decision) for _, decision in decisions_of(seen, policy)]

    assert kinds.count(Record) <= 1
    assert kinds.count(AskPin) <= 1


@settings(max_examples=100, deadline=None)
@given(faces(), policies())
def test_the_same_frames_give_the_same_decisions(seen: list[Observation], policy: Policy) -> None:
    first = [repr(decision) for _, decision in decisions_of(seen, policy)]

    assert [repr(decision) for _, decision in decisions_of(seen, policy)] == first


@settings(max_examples=200, deadline=None)
@given(faces(), policies())
def test_after_a_doubt_that_frames_cannot_settle_nobody_is_recorded(seen: list[Observation], policy: Policy) -> None:
    decisions = [decision for _, decision in decisions_of(seen, policy)]
    for number, decision in enumerate(decisions):
        if isinstance(decision, AskPin) and decision.reason in ("look_alike", "not_moving"):
            assert not any(isinstance(later, Record) for later in decisions[number:])
