"""Lets the day pass: starts the programs, plays the people, fails the server, checks the report."""

from __future__ import annotations

import json
import queue
import secrets
import shutil
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import requests
from rich.console import Console
from rich.markup import escape
from rich.status import Status

from demo import day as script
from demo.cast import STAFF, new_pins, write_enrollment_folder
from demo.configuration import write_configuration
from demo.history import play_history, span_before
from demo.photos import collect_photos, credits_text
from demo.programs import Program, run_to_end
from models.clock import CompressedClock, SystemClock, write_compressed_day
from models.errors import CourtclockError
from models.language import N_, Language, translate
from models.settings import Settings, load_settings
from server.services.accounts import add_account
from server.services.context import initialise, open_context
from server.services.devices import make_pairing_code

MARKER: Final = ".courtclock-demonstration"
_READY_SECONDS: Final = 60.0
_REPORT_SECONDS: Final = 40.0
_TYPING_SECONDS: Final = 0.3
_OUTCOMES: Final = {
    "unknown": N_("nobody it knows: asked for the PIN"),
    "doubtful": N_("not sure: asked for the PIN"),
    "not_live": N_("the picture does not move: asked for the PIN"),
    "wrong_pin": N_("wrong PIN"),
}


@dataclass(frozen=True, slots=True)
class Access:
    """What a visitor of the demonstration needs."""

    hr_password: str
    head_password: str
    pins: dict[str, str]


@dataclass(slots=True)
class Director:
    """One demonstration in one folder.

    Args:
        folder: everything of this demonstration; made anew.
        server_port, kiosk_port: where to serve.
        language: of what is printed.
        out: where to print.
        has_history: whether three invented months pass before the day.
    """

    folder: Path
    server_port: int
    kiosk_port: int
    language: Language
    out: Console
    has_history: bool = False
    _host: SystemClock = field(default_factory=SystemClock)
    _announced: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    _seen: list[dict[str, Any]] = field(default_factory=list)
    _pins: dict[str, str] = field(default_factory=new_pins)

    def words(self, sentence: str, **values: object) -> str:
        """A sentence in the chosen language."""
        return translate(sentence, self.language).format(**values)

    def say(self, sentence: str, **values: object) -> None:
        """Print a sentence."""
        self.out.print(self.words(sentence, **values), markup=False)

    def play(self, once: bool) -> None:
        """The whole demonstration; without ``once`` it serves on until interrupted.

        Raises:
            CourtclockError: with the reason why it could not go on.
        """
        for port in (self.server_port, self.kiosk_port):
            if not _port_is_free(port):
                raise CourtclockError("port.busy", host="127.0.0.1", port=port)
        today = self._host.now().astimezone(script.ZONE).date()
        day = script.last_workday(today)
        config = self._prepare(day, span_before(day).came_on if self.has_history else None)
        settings = load_settings(config)
        clock = CompressedClock(self.folder / "clock.json")
        server = Program("server", ["server", "run", "--config", str(config)], self.folder / "logs" / "server.log")
        kiosk = Program(
            "kiosk",
            ["kiosk", "run", "--announce", "--config", str(config)],
            self.folder / "logs" / "kiosk.log",
            lambda line: self._announced.put(json.loads(line)),
        )
        try:
            access = self._open_court(config, settings, server, day if self.has_history else None)
            kiosk.start()
            self._wait_until_ready(self._kiosk_is_ready, "kiosk", kiosk)
            self.say(N_("{day}: the working day begins. Court time runs fast; everything else is as it is."), day=day)
            write_compressed_day(
                self.folder / "clock.json", script.moment(day, script.DAY_BEGINS), script.paces(day), started=True
            )
            self._pass_the_day(day, clock, server, kiosk)
            self._show_report(config, day, server, kiosk)
            self._tell_where(day, access)
            if not once:
                self._serve_on(server, kiosk)
        finally:
            kiosk.stop()
            server.stop()

    def _prepare(self, day: date, kiosk_came_on: date | None = None) -> Path:
        """Make the folder anew, with keys, database, photographs and scripts; gives its config file.

        Raises:
            CourtclockError: ``demo.folder_not_ours``, ``folder.unwritable`` or ``demo.photos``.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _claim(self.folder)
            photos = collect_photos(self.folder.parent / "photos")
            _empty(self.folder)
            (self.folder / "logs").mkdir()
            shutil.copytree(
                photos["hopper.jpg"].parent, self.folder / "photos", ignore=shutil.ignore_patterns("packages")
            )
            (self.folder / "photos" / "CREDITS.txt").write_text(credits_text(), encoding="utf-8")
            write_enrollment_folder(self.folder / "enrollment", photos, self._pins, day)
        except OSError as error:
            raise CourtclockError("folder.unwritable", path=str(self.folder), reason=str(error)) from error
        script.write_camera_script(self.folder / "camera.json", day)
        write_compressed_day(
            self.folder / "clock.json", script.moment(day, script.DAY_BEGINS), script.paces(day), started=False
        )
        return write_configuration(self.folder, self.server_port, self.kiosk_port, kiosk_came_on)

    def _open_court(self, config: Path, settings: Settings, server: Program, history_before: date | None) -> Access:
        """Enroll the staff, make accounts, start the server, pair the kiosk: what an IT officer would do."""
        initialise(settings)
        if history_before is not None:
            self._play_history(settings, history_before)
        context = open_context(settings, self._host)
        log = self.folder / "logs" / "setup.log"
        import_command = ["enrollment", "import", str(self.folder / "enrollment"), "--config", str(config)]
        with ThreadPoolExecutor() as pool:
            importing = pool.submit(run_to_end, "enrollment", [*import_command, "--language", self.language], log)
            server.start()
            self._wait_until_ready(self._server_is_ready, "server", server)
            code = make_pairing_code(context, "大门 Main entrance")
            pairing = pool.submit(run_to_end, "kiosk", ["kiosk", "pair", code, "--config", str(config)], log)
            self.out.print(importing.result().rstrip(), markup=False)
            pairing.result()
        access = Access(secrets.token_urlsafe(12), secrets.token_urlsafe(12), self._pins)
        add_account(context, "hr", access.hr_password, "hr", None)
        add_account(context, "head", access.head_password, "head", STAFF[2].division)
        context.engine.dispose()
        return access

    def _play_history(self, settings: Settings, day: date) -> None:
        """Let three invented months pass, and tell how far they are."""
        context = open_context(settings, CompressedClock(self.folder / "clock.json"))
        sentences = {
            "events": N_("an invented past, clock events through the API: workday {done} of {of}"),
            "jobs": N_("the server makes up for the reports of three months: {done} of {of}"),
        }
        with Status("", console=self.out) as status:

            def tell(what: str, done: int, of: int) -> None:
                line = self.words(sentences[what], done=done, of=of)
                status.update(escape(line))
                if done == of:
                    self.out.print(line, markup=False)

            play_history(context, day, self.server_port, tell)
        context.engine.dispose()

    def _wait_until_ready(self, ready: Callable[[], bool], name: str, program: Program) -> None:
        deadline = self._host.host_seconds() + _READY_SECONDS
        while not ready():
            program.require_alive()
            if self._host.host_seconds() > deadline:
                raise CourtclockError("demo.too_slow", program=name, seconds=_READY_SECONDS, log=str(program.log))
            self._host.sleep(0.05)

    def _server_is_ready(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.server_port}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def _kiosk_is_ready(self) -> bool:
        """Looking at pictures, and knowing the people."""
        try:
            health = requests.get(f"http://127.0.0.1:{self.kiosk_port}/health.json", timeout=2).json()
        except requests.RequestException:
            return False
        return health["gallery_version"] is not None and health["frames_per_second"] > 0

    def _pass_the_day(self, day: date, clock: CompressedClock, server: Program, kiosk: Program) -> None:
        """Play everybody's part until the day's end."""

        def due(at: time) -> bool:
            return clock.now() >= script.moment(day, at)

        visits = list(script.VISITS)
        typing: list[tuple[float, str]] = []
        may_type: str | None = None
        server_is_down = server_was_down = False
        while not due(script.DAY_ENDS):
            if visits and due(visits[0].at):
                may_type = visits.pop(0).types_pin
            for said in self._take_announcements():
                self._print_announcement(said)
                if said["kind"] == "attempt" and may_type is not None:
                    typing.append((self._host.host_seconds() + _TYPING_SECONDS, may_type))
                    may_type = None
            while typing and self._host.host_seconds() >= typing[0][0]:
                self._type_pin(typing.pop(0)[1])
            if due(script.SERVER_FAILS) and not server_was_down:
                server.kill()
                server_is_down = server_was_down = True
                self._line(clock.now(), N_("the server is killed; clock events wait on the kiosk"))
            if due(script.SERVER_RETURNS) and server_is_down:
                server.start()
                server_is_down = False
                self._line(clock.now(), N_("the server is started again"))
            if not server_is_down:
                server.require_alive()
            kiosk.require_alive()
            self._host.sleep(0.02)

    def _take_announcements(self) -> list[dict[str, Any]]:
        taken = []
        while not self._announced.empty():
            taken.append(self._announced.get())
        self._seen += taken
        return taken

    def _type_pin(self, employee_no: str) -> None:
        """What somebody does at the keypad, over the same page."""
        answer = requests.post(
            f"http://127.0.0.1:{self.kiosk_port}/pin",
            data={"employee_no": employee_no, "pin": self._pins[employee_no]},
            headers={"Accept": "application/json"},
            timeout=10,
        )
        if answer.status_code != 200:
            raise CourtclockError("demo.unexpected", findings=f"PIN of {employee_no}: {answer.text}")

    def _print_announcement(self, said: dict[str, Any]) -> None:
        moment = datetime.fromisoformat(said["captured_at"])
        distance = "" if said["distance"] is None else f"{said['distance']:.2f}"
        if said["kind"] == "clock_event":
            how = N_("by face, distance {distance}") if said["method"] == "face" else N_("by PIN")
            what = f"{said['display_name']} ({said['employee_no']}): {self.words(how, distance=distance)}"
        elif said["kind"] == "repeated":
            what = f"{said['display_name']} ({said['employee_no']}): {self.words(N_('has clocked already'))}"
        else:
            what = self.words(_OUTCOMES.get(said["outcome"] or "", N_("an attempt")))
        self.out.print(f"  {moment.astimezone(script.ZONE):%H:%M:%S}  {what}", markup=False)

    def _line(self, moment: datetime, sentence: str) -> None:
        self.out.print(f"  {moment.astimezone(script.ZONE):%H:%M:%S}  {self.words(sentence)}", markup=False)

    def _show_report(self, config: Path, day: date, server: Program, kiosk: Program) -> None:
        """Wait for the scheduled report, print it, and see that it says what the script played."""
        log = self.folder / "logs" / "report.log"
        command = ["server", "report", day.isoformat(), "--config", str(config), "--language", self.language]
        deadline = self._host.host_seconds() + _REPORT_SECONDS
        while True:
            try:
                content = json.loads(run_to_end("report", [*command, "--json", "--published"], log))
                break
            except CourtclockError as error:
                server.require_alive()
                kiosk.require_alive()
                if self._host.host_seconds() > deadline:
                    raise CourtclockError(
                        "demo.too_slow", program="report", seconds=_REPORT_SECONDS, log=str(log)
                    ) from error
                self._host.sleep(0.2)
        self._take_announcements()
        self.out.print(run_to_end("report", command, log).rstrip(), markup=False)
        findings = self._compare(content)
        if findings:
            raise CourtclockError("demo.unexpected", findings="\n".join(f"  - {finding}" for finding in findings))
        self._show_reasons(config, day, log)
        # Exits with an error when a number that the kiosk gave never arrived.
        run_to_end("gaps", ["server", "gaps", "--config", str(config)], log)
        events = sum(said["kind"] == "clock_event" for said in self._seen)
        self.say(
            N_("{events} clock events were thanked for; all of them are on the server, and no number is missing."),
            events=events,
        )

    def _show_reasons(self, config: Path, day: date, log: Path) -> None:
        """Let one verdict explain itself, and prove that all of them follow from the raw events."""
        common = ["--config", str(config), "--language", self.language]
        for command in (["explain", script.EXPLAINED, day.isoformat()], ["derive", "--all"]):
            self.out.print()
            self.out.print(f"python -m server {' '.join(command)}", style="bold", markup=False)
            self.out.print(run_to_end(command[0], ["server", *command, *common], log).rstrip(), markup=False)

    def _compare(self, content: dict[str, Any]) -> list[str]:
        """Where the report differs from what was played; empty when it does not."""
        findings = []
        people = {one["employee_no"]: one for one in content["people"]}
        for expected in script.EXPECTED:
            found = people[expected.employee_no]
            if tuple(found["status"]) != expected.status:
                findings.append(f"{expected.employee_no}: {found['status']}, played {expected.status}")
            for minutes in ("late_minutes", "early_minutes"):
                if abs(found[minutes] - getattr(expected, minutes)) > 1:
                    findings.append(f"{expected.employee_no}: {minutes} {found[minutes]}")
            methods = {
                said["method"]
                for said in self._seen
                if said["kind"] == "clock_event" and said["employee_no"] == expected.employee_no
            }
            if methods != {expected.method}:
                findings.append(f"{expected.employee_no}: clocked by {sorted(methods)}, played {expected.method}")
        thanked = sum(said["kind"] == "clock_event" for said in self._seen)
        stored = sum(len(one["event_ids"]) for one in content["people"])
        attempts = sum(said["kind"] == "attempt" for said in self._seen)
        if not thanked == stored == script.EXPECTED_CLOCK_EVENTS:
            findings.append(f"{thanked} thanked, {stored} stored, {script.EXPECTED_CLOCK_EVENTS} played")
        # More of them are no fault: on a busy machine one stranger is seen twice, and nobody is recorded by it.
        if attempts < script.EXPECTED_ATTEMPTS:
            findings.append(f"{attempts} attempts, {script.EXPECTED_ATTEMPTS} played")
        return findings

    def _tell_where(self, day: date, access: Access) -> None:
        server = f"http://127.0.0.1:{self.server_port}"
        self.out.print()
        self.say(N_("Look further:"))
        pages = [f"reports/day/{day}", f"reports/person/{script.EXPLAINED}/{day}", f"reports/month/{day:%Y-%m}"]
        for page in [*pages, "reports/trend"] if self.has_history else pages:
            self.out.print(f"  {server}/{page}", markup=False)
        self.say(
            N_("sign in as hr with {password}, or as head of one division with {head}"),
            password=access.hr_password,
            head=access.head_password,
        )
        self.out.print(f"  http://127.0.0.1:{self.kiosk_port}", markup=False)
        pins = ", ".join(f"{member.employee_no} {access.pins[member.employee_no]}" for member in STAFF[:2])
        self.say(N_("the kiosk; number and PIN: {pins}"), pins=pins)
        self.say(N_("{folder}: settings, database and logs of this demonstration"), folder=self.folder)

    def _serve_on(self, server: Program, kiosk: Program) -> None:
        self.say(N_("Ctrl-C ends everything."))
        while True:
            server.require_alive()
            kiosk.require_alive()
            for said in self._take_announcements():
                self._print_announcement(said)
            self._host.sleep(0.2)


def _claim(folder: Path) -> None:
    """Mark a folder as the demonstration's own, which the next start may empty.

    Raises:
        CourtclockError: ``demo.folder_not_ours`` when somebody else's files are in it.
    """
    if any(folder.iterdir()) and not (folder / MARKER).exists():
        raise CourtclockError("demo.folder_not_ours", path=str(folder))
    (folder / MARKER).touch()


def _empty(folder: Path) -> None:
    """Remove everything but the mark, so that an interrupted start can be made up for by the next."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != MARKER:
            entry.unlink()


def _port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
