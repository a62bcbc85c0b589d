"""What keeps the tests honest: no test reaches another machine, and none looks through a real camera."""

from __future__ import annotations

import socket
from pathlib import Path

import cv2
import pytest

from tests import postgresql

FAILED = pytest.fail.Exception


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_a_test_that_reaches_for_another_machine_fails(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe, pytest.raises(FAILED, match="a test connects"):
        probe.connect((host, 80))
    with pytest.raises(FAILED):
        socket.create_connection((host, 80), timeout=1)


def test_a_test_that_looks_a_name_up_elsewhere_fails() -> None:
    with pytest.raises(FAILED, match=r"example\.org"):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_may_be_spoken_to() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, listening.getsockname()[1]), timeout=5).close()


@pytest.mark.parametrize("source", [0, "0", "/dev/null", "rtsp://192.0.2.1/stream"])
def test_a_test_that_opens_a_camera_fails(source: int | str) -> None:
    with pytest.raises(FAILED, match="opens the camera"):
        cv2.VideoCapture(source)


def test_a_film_may_be_opened(tmp_path: Path) -> None:
    assert not cv2.VideoCapture(str(tmp_path / "nothing.avi")).isOpened()


def test_without_postgresql_its_tests_are_skipped_with_one_line_or_fail_where_it_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgresql, "find_programs", lambda: None)
    monkeypatch.delenv(postgresql.REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="PostgreSQL's programs are not on this machine"):
        postgresql.programs_or_skip()
    monkeypatch.setenv(postgresql.REQUIRED, "1")
    with pytest.raises(FAILED, match="PostgreSQL's programs are not on this machine"):
        postgresql.programs_or_skip()
