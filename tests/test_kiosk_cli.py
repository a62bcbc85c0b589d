"""The kiosk's verbs: every finding at once, one sentence for an error, never a traceback."""

from __future__ import annotations

import errno
import json
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

import pytest

from kiosk import cli
from kiosk.cli import main
from kiosk.door import Announcement
from kiosk.identity import IDENTITY_FILE, load_identity, new_private_key, save_identity
from kiosk.outbox import Outbox
from models.errors import CourtclockError
from models.sealing import new_key
from models.wire import ItemAnswer, PairAnswer
from tests.kiosk_fakes import MORNING, attempt_numbered, write_config

REPOSITORY = Path(__file__).parent.parent
KIOSK_ID = UUID("0190f3c2-0000-7000-8000-000000000001")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(monkeypatch, capsys)


class Run:
    """Calls a verb in this process, as the console script does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["kiosk", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = self._capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err


def paired(folder: Path, name: str = "东门 [East]", kiosk_id: UUID = KIOSK_ID) -> Path:
    """The state folder of a paired kiosk whose config lies in ``folder``."""
    state_folder = folder / "var" / "kiosk"
    state_folder.mkdir(parents=True)
    answer = PairAnswer(kiosk_id=kiosk_id, kiosk_name=name, gallery_key=new_key())
    save_identity(state_folder, new_private_key(), answer)
    return state_folder


class TestCheckConfig:
    def test_on_the_settings_that_everybody_starts_with_finds_nothing(self, run: Run) -> None:
        status, out, err = run("check-config", "--config", str(REPOSITORY / "config.yaml"))

        assert (status, err) == (0, "")
        assert "no findings" in out

    @pytest.mark.parametrize(
        ("changes", "key_path", "words"),
        [
            ({"kiosk__pin__max_trys": 3}, "kiosk.pin.max_trys", "Did you mean max_tries?"),
            ({"kiosk__color": "red"}, "kiosk.color", "this key is not known"),
            ({"kiosk__pin__max_tries": 0}, "kiosk.pin.max_tries", "(found 0)"),
            ({"kiosk__deciding__votes": 6}, "kiosk.deciding.votes", "votes must not be more than of_frames"),
            ({"kiosk__screen__host": "0.0.0.0"}, "kiosk.screen.host", "(found '0.0.0.0')"),
            ({"kiosk__server_url": "court.local"}, "kiosk.server_url", "(found 'court.local')"),
            ({"kiosk__sync__timeout_seconds": "soon"}, "kiosk.sync.timeout_seconds", "(found 'soon')"),
            ({"court__time_zone": "Changchun"}, "court.time_zone", "'Changchun' is not an IANA time zone"),
            (
                {"kiosk__camera__source": "sample"},
                "kiosk.camera.sample_script",
                "the sample camera needs a script",
            ),
            ({"faces__weights__encoder": "mine.onnx"}, "faces.weights.encoder", "is missing"),
        ],
    )
    def test_names_the_key_and_what_is_wrong(
        self, run: Run, tmp_path: Path, changes: dict[str, object], key_path: str, words: str
    ) -> None:
        status, out, err = run("check-config", "--config", str(write_config(tmp_path, **changes)))

        assert (status, out) == (2, "")
        assert f"- {key_path}: " in err
        assert words in err

    def test_tells_all_findings_at_once(self, run: Run, tmp_path: Path) -> None:
        config = write_config(tmp_path, kiosk__color="red", kiosk__pin__max_tries=0, server__port=0)

        _, _, err = run("check-config", "--config", str(config))

        for key_path in ("kiosk.color", "kiosk.pin.max_tries", "server.port"):
            assert f"- {key_path}: " in err

    def test_refuses_weights_with_another_digest(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "mine.onnx").write_bytes(b"weights of somebody else")
        config = write_config(tmp_path, faces__weights__encoder="mine.onnx", faces__weights__detector="mine.onnx")

        status, _, err = run("check-config", "--config", str(config))

        assert status == 2
        assert "- faces.weights.encoder: " in err
        assert "- faces.weights.detector: " in err
        assert "has the digest" in err

    @pytest.mark.parametrize("place", ["var", "var/kiosk"])
    def test_names_a_state_folder_that_is_a_file(self, run: Run, tmp_path: Path, place: str) -> None:
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_bytes(b"")

        status, _, err = run("check-config", "--config", str(write_config(tmp_path)))

        assert status == 2
        assert f"- kiosk.state_folder: {tmp_path / place} is not a folder. Name another folder." in err

    def test_of_a_kiosk_without_a_camera_needs_no_weights(self, run: Run, tmp_path: Path) -> None:
        config = write_config(tmp_path, kiosk__camera__source="none", faces__weights__encoder="mine.onnx")

        assert run("check-config", "--config", str(config))[0] == 0

    @pytest.mark.parametrize("content", [b"court: [", b"\xff\xfe", b"kiosk: {}\nkiosk: {}\n"])
    def test_of_a_file_that_is_no_settings_says_so(self, run: Run, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "config.yaml").write_bytes(content)

        status, _, err = run("check-config", "--config", str(tmp_path / "config.yaml"))

        assert status == 2
        assert "cannot be read" in err
        assert "Traceback" not in err

    def test_of_no_file_says_so(self, run: Run, tmp_path: Path) -> None:
        status, _, err = run("check-config", "--config", str(tmp_path / "[red] nowhere.yaml"))

        assert status == 2
        assert "[red] nowhere.yaml cannot be read" in err


class TestRunning:
    def test_without_pairing_says_how_to_pair(self, run: Run, tmp_path: Path) -> None:
        config = write_config(tmp_path, kiosk__camera__source="none")

        status, out, err = run("run", "--config", str(config))

        assert (status, out) == (2, "")
        assert err == (
            "This kiosk is not paired. Run `python -m kiosk pair CODE` with a code from"
            " `python -m server pair-code NAME`.\n"
        )

    def test_with_findings_does_not_begin(self, run: Run, tmp_path: Path) -> None:
        config = write_config(tmp_path, kiosk__camera__source="sample")

        status, _, err = run("run", "--config", str(config))

        assert status == 2
        assert "- kiosk.camera.sample_script: " in err
        assert not (tmp_path / "var").exists()

    def test_in_a_folder_that_cannot_be_written_says_so(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "var").write_text("a file where a folder should be", encoding="utf-8")
        config = write_config(tmp_path, kiosk__camera__source="none")

        status, _, err = run("run", "--config", str(config))

        assert status == 2
        assert f"- kiosk.state_folder: {tmp_path / 'var'} is not a folder. Name another folder." in err

    def test_on_a_port_that_is_busy_says_so_in_one_sentence(self, tmp_path: Path) -> None:
        paired(tmp_path)
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            busy.listen()
            port = busy.getsockname()[1]
            config = write_config(tmp_path, kiosk__camera__source="none", kiosk__screen__port=port)
            done = subprocess.run(
                [sys.executable, "-m", "kiosk", "run", "--config", str(config)],
                cwd=REPOSITORY,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            f"Port {port} on 127.0.0.1 is in use by another program."
            " Stop that program or choose another port in config.yaml.\n"
        )

    def test_on_an_address_that_this_machine_lacks_does_not_call_the_port_busy(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def without_address(*_: object, **__: object) -> None:
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

        paired(tmp_path)
        monkeypatch.setattr("kiosk.running.create_server", without_address)

        _, _, err = run("run", "--config", str(write_config(tmp_path, kiosk__camera__source="none")))

        assert "Nothing can listen at 127.0.0.1:8090: Cannot assign requested address." in err

    def test_ends_cleanly_when_it_is_told_to(self, tmp_path: Path) -> None:
        state_folder = paired(tmp_path)
        with free_ports() as (screen_port, server_port):
            config = write_config(
                tmp_path,
                kiosk__camera__source="none",
                kiosk__screen__port=screen_port,
                kiosk__server_url=f"http://127.0.0.1:{server_port}",
            )
        kiosk = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run", "--config", str(config)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert kiosk.stderr is not None
            told = ""
            for line in kiosk.stderr:
                told += line
                if "the kiosk's page is at" in line:
                    break
            assert f"http://127.0.0.1:{screen_port}" in told
            kiosk.terminate()
            _, rest = kiosk.communicate(timeout=30)
        finally:
            kiosk.kill()
            kiosk.wait(10)

        assert kiosk.returncode == 0
        assert "Traceback" not in told + rest
        # The ledger was closed in order: no journal is left beside it.
        assert {path.name for path in state_folder.glob("outbox*")} == {"outbox.db"}


@contextmanager
def free_ports() -> Iterator[tuple[int, int]]:
    """Two ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        yield one.getsockname()[1], other.getsockname()[1]


class TestPairing:
    def test_keeps_who_the_kiosk_is_and_says_it(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown: list[tuple[object, ...]] = []

        def pair(*arguments: object) -> PairAnswer:
            shown.append(arguments)
            return PairAnswer(kiosk_id=KIOSK_ID, kiosk_name="东门 [East]", gallery_key=b"k" * 32)

        monkeypatch.setattr(cli, "pair_with_server", pair)
        config = write_config(tmp_path, kiosk__server_ca_file="court-ca.pem")
        status, out, _ = run("pair", "ABCD-EFGH", "--config", str(config))

        assert (status, out) == (0, f"paired as 东门 [East] ({KIOSK_ID})\n")
        identity = load_identity(tmp_path / "var" / "kiosk")
        assert (identity.kiosk_id, identity.gallery_key) == (KIOSK_ID, b"k" * 32)
        public_key = identity.private_key.public_key().public_bytes_raw()
        assert shown == [("http://127.0.0.1:8080", "ABCD-EFGH", public_key, 10, tmp_path / "court-ca.pem")]

    def test_that_was_refused_leaves_no_identity(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> PairAnswer:
            raise CourtclockError("pairing.refused")

        monkeypatch.setattr(cli, "pair_with_server", refuse)
        status, _, err = run("pair", "ABCD-EFGH", "--config", str(write_config(tmp_path)))

        assert (status, err) == (2, "The pairing code is wrong, used or too old.\n")
        assert not (tmp_path / "var" / "kiosk" / IDENTITY_FILE).exists()


class TestPairingAgain:
    """A new identity numbers its items from one; what the old one wrote down is never lost."""

    OLD_ID = UUID("0190f3c2-0000-7000-8000-00000000000d")

    @pytest.fixture(autouse=True)
    def a_willing_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answer = PairAnswer(kiosk_id=KIOSK_ID, kiosk_name="东门", gallery_key=b"k" * 32)
        monkeypatch.setattr(cli, "pair_with_server", lambda *_: answer)

    def used_before(self, folder: Path, result: Literal["stored", "refused"] | None) -> Path:
        """A kiosk of another identity that recorded one item, and what became of it."""
        state_folder = paired(folder, kiosk_id=self.OLD_ID)
        outbox = Outbox(state_folder / "outbox.db")
        item = outbox.append(attempt_numbered)
        if result is not None:
            outbox.settle([ItemAnswer(item_id=str(item.item_id), result=result, code="x")], MORNING)
        outbox.close()
        return state_folder

    @pytest.mark.parametrize("result", [None, "refused"])
    def test_is_refused_while_items_of_the_old_identity_wait(
        self, run: Run, tmp_path: Path, result: Literal["refused"] | None
    ) -> None:
        state_folder = self.used_before(tmp_path, result)

        status, _, err = run("pair", "ABCD-EFGH", "--config", str(write_config(tmp_path)))

        assert status == 2
        assert err.startswith("1 items of this kiosk's earlier identity never reached the server.")
        assert load_identity(state_folder).kiosk_id == self.OLD_ID

    def test_that_people_insist_on_keeps_them_in_a_file(self, run: Run, tmp_path: Path) -> None:
        state_folder = self.used_before(tmp_path, None)

        status, _, _ = run("pair", "ABCD-EFGH", "--give-up-waiting", "--config", str(write_config(tmp_path)))

        assert status == 0
        kept = Outbox(state_folder / f"outbox-{self.OLD_ID}.db")
        assert kept.counts().pending == 1
        kept.close()

    def test_after_everything_was_delivered_begins_with_number_one(self, run: Run, tmp_path: Path) -> None:
        state_folder = self.used_before(tmp_path, "stored")

        status, _, _ = run("pair", "ABCD-EFGH", "--config", str(write_config(tmp_path)))

        assert status == 0
        assert load_identity(state_folder).kiosk_id == KIOSK_ID
        fresh = Outbox(state_folder / "outbox.db")
        assert fresh.append(attempt_numbered).device_seq == 1
        fresh.close()


class TestTheOutboxFromOutside:
    @pytest.fixture
    def config(self, tmp_path: Path) -> Path:
        """A kiosk with one item delivered, one refused and one waiting."""
        outbox = Outbox(paired(tmp_path) / "outbox.db")
        done, bad, _ = (outbox.append(attempt_numbered) for _ in range(3))
        outbox.settle(
            [
                ItemAnswer(item_id=str(done.item_id), result="stored"),
                ItemAnswer(item_id=str(bad.item_id), result="refused", code="item.person_unknown"),
            ],
            MORNING,
        )
        outbox.close()
        return write_config(tmp_path)

    def test_status_says_who_what_waits_and_what_was_refused(self, run: Run, config: Path) -> None:
        status, out, _ = run("status", "--config", str(config))

        assert status == 0
        assert out.splitlines() == [
            f"东门 [East] ({KIOSK_ID})",
            "last number 3, waiting 1, refused 1",
            "  2 attempt: item.person_unknown",
        ]

    def test_status_of_a_kiosk_that_is_not_paired_says_so(self, run: Run, tmp_path: Path) -> None:
        status, _, err = run("status", "--config", str(write_config(tmp_path)))

        assert status == 2
        assert err.startswith("This kiosk is not paired.")

    def test_refused_items_are_sent_again_when_people_say_so(self, run: Run, config: Path) -> None:
        assert run("retry-refused", "--config", str(config))[1] == "1 items will be sent again\n"
        assert "waiting 2, refused 0" in run("status", "--config", str(config))[1]

    @pytest.mark.parametrize(("since", "again"), [("2026-11-20", 1), ("2026-11-21", 0)])
    def test_delivered_items_are_sent_again_after_the_server_was_restored(
        self, run: Run, config: Path, since: str, again: int
    ) -> None:
        # The items were recorded on the 20th at 08:12 in Changchun, which is 00:12 in UTC.
        assert run("send-again", since, "--config", str(config))[1] == f"{again} items will be sent again\n"
        assert f"waiting {1 + again}, refused 1" in run("status", "--config", str(config))[1]

    def test_on_a_kiosk_that_never_ran_there_is_nothing_to_send_again(self, run: Run, tmp_path: Path) -> None:
        status, _, err = run("retry-refused", "--config", str(write_config(tmp_path)))

        assert status == 2
        assert "Traceback" not in err

    @pytest.mark.parametrize("words", [("status",), ("retry-refused",), ("send-again", "2026-11-20")])
    @pytest.mark.parametrize("folder_is_there", [True, False])
    def test_on_a_kiosk_that_was_never_paired_every_verb_says_so(
        self, run: Run, tmp_path: Path, words: tuple[str, ...], folder_is_there: bool
    ) -> None:
        state_folder = tmp_path / "var" / "kiosk"
        if folder_is_there:
            state_folder.mkdir(parents=True)

        status, _, err = run(*words, "--config", str(write_config(tmp_path)))

        assert status == 2
        assert err.startswith("This kiosk is not paired.")
        assert state_folder.exists() == folder_is_there
        assert not (state_folder / "outbox.db").exists(), "nobody's outbox is made"

    @pytest.mark.parametrize("words", [("status",), ("retry-refused",), ("send-again", "2026-11-20"), ("pair", "ABCD")])
    @pytest.mark.parametrize("place", ["var", "var/kiosk"])
    def test_a_state_folder_that_is_a_file_is_one_sentence(
        self, run: Run, tmp_path: Path, words: tuple[str, ...], place: str
    ) -> None:
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_bytes(b"")

        status, _, err = run(*words, "--config", str(write_config(tmp_path)))

        assert status == 2
        assert err.startswith(f"The folder {tmp_path / 'var' / 'kiosk'} cannot be written: ")


@pytest.mark.parametrize("announce", [cli._print_line, cli._log_line])
def test_each_outcome_is_announced_as_one_line_of_json(
    announce: object, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    outcome = Announcement("clock_event", datetime(2026, 11, 20, tzinfo=UTC), "1001", "李伟", "face", 0.3, None)
    with caplog.at_level(logging.INFO, "kiosk.door"):
        announce(outcome)  # type: ignore[operator]

    (line,) = capsys.readouterr().out.splitlines() or caplog.messages
    assert json.loads(line) == {
        "kind": "clock_event",
        "captured_at": "2026-11-20T00:00:00+00:00",
        "employee_no": "1001",
        "display_name": "李伟",
        "method": "face",
        "distance": 0.3,
        "outcome": None,
    }
    assert "李伟" in line


def test_an_announcement_holds_nothing_that_is_no_json() -> None:
    strange = Announcement("void", MORNING, None, uuid4().bytes, None, None, None)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="not JSON"):
        cli._as_line(strange)
