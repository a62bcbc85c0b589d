"""Every view of a photograph becomes a template; photographs are compared by the first view alone."""

from __future__ import annotations

from enrollment.rehearsal import RehearsalStore
from tests.enrollment_cast import FakeStore, ScriptedFaces, consent, like, request, service_for, somebody

LI = somebody(0)


def test_all_views_of_a_photograph_are_stored() -> None:
    store, faces = FakeStore(), ScriptedFaces()
    photo = faces.photo_of(LI)
    service_for(store, faces).enroll(request("0104", photo, given=consent()))
    (upright,) = store.templates_of("0104")
    (straightened,) = store.more_views
    # The scripted engine gives the opposite of the face as its second view.
    assert list(straightened.vector) == list(-upright.encoding.vector)


def test_a_second_photograph_is_compared_with_the_first_views_only() -> None:
    store, faces = FakeStore(), ScriptedFaces()
    service = service_for(store, faces)
    service.enroll(request("0104", faces.photo_of(LI), given=consent()))
    outcome = service.enroll(request("0104", faces.photo_of(like(LI, 0.1, 0))))
    assert [photo.result for photo in outcome.photos] == ["enrolled"]
    assert (len(store.templates_of("0104")), len(store.more_views)) == (2, 2)


def test_a_rehearsal_stores_no_view_at_all() -> None:
    store, faces = FakeStore(), ScriptedFaces()
    service_for(RehearsalStore(store), faces).enroll(request("0104", faces.photo_of(LI), given=consent()))
    assert store.more_views == []
