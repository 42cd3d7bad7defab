"""Whatever a command changes stands in the audit log: each is run once, and must leave its entry or none."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
import typer
from typer._click.core import Command
from typer.core import TyperArgument, TyperGroup

from interlace.bootstrap.application import Application
from interlace.bootstrap.machine_user import machine_user_name
from interlace.cli.acts import ACTS_OF_COMMANDS
from interlace.cli.program import program, run_program
from interlace.engine.service import ServiceUnavailable
from interlace.locale.languages import LANGUAGES
from interlace.management.acts import ACTS
from interlace.management.audit_words import done
from interlace.management.export import EXPORTED
from interlace.management.operation import Effect
from interlace.management.operations import ALL_OPERATIONS
from interlace.settings import load_config
from interlace.store.audit import AuditLog
from interlace.store.state_store import StateStore
from interlace.ui.words import words_of

Entry: TypeAlias = Mapping[str, Any]
NO_ACTS: Final = {
    "demo": "a trial on data that it makes itself",
    "serve": "a process; whatever is asked of it is kept by its desk",
    "worker": "a process; it carries out what was asked of others",
    "remote": "the server that is asked keeps it",
    "fault-proxy": "knows no memory",
    "solution build": "a file of the program's own, without data",
    "settings": "reads no memory",
}
"""Commands that are no acts and aren't run here, and why."""
READING: Final = (
    "connection list",
    "connection show",
    "solution status",
    "privileges show",
    "privileges check",
    "privileges role",
    "erp-services list",
    "erp-services check",
    "erp-services file",
    "full-synch status",
    "plans show",
    "queue list",
    "jobs",
    "conflicts show",
    "errors causes",
    "errors show",
    "approvals show",
    "freeze list",
    "restorations",
    "mappings list",
    "mappings show",
    "mappings check",
    "mappings fields",
    "mappings count",
    "mappings try",
    "mappings row-fields",
    "mappings tables",
    "couplings show",
    "records list",
    "records show",
    "records compare",
    "records log",
    "explain",
    "find",
    "journal show",
    "journal verify",
    "notifications list",
    "notifications subscription",
    "requests use",
    "prices exclusions",
    "availability show",
    "availability status",
    "orders list",
    "orders stages",
    "orders show",
    "doctor",
    "keys show",
    "users list",
    "users show",
    "users sessions",
    "tokens list",
    "audit list",
    "audit verify",
)
_ENDS: Final = (
    "--erp",
    "http://127.0.0.1:1999/BC",
    "--company",
    "Nordlicht",
    "--crm",
    "http://127.0.0.1:1999",
)
_SIGN_IN: Final = ("--erp-user", "I", "--token-url", "http://127.0.0.1:1999/token", "--client-id", "id")
_FILES: Final = ("--erp-key-file", "{secret}", "--crm-secret-file", "{secret}")
_PASSPHRASE: Final = ("--passphrase-file", "{secret}")
_LINES: Final[Mapping[str, Sequence[str]]] = {
    "approvals set": ("--none",),
    "freeze add": ["2036-01-01", "2036-01-02", "--reason", "Year-end closing"],
    "mappings add": ("nowhere", "--erp", "nothing", "--crm", "nothing", "--key", "nothing"),
    "connection add": ("main", *_ENDS, *_SIGN_IN, *_FILES),
    # Without a name they would mean the connection that there is, and ask its ends.
    "connection test": ("nowhere",),
    "connection enable": ("nowhere",),
    "connection rebind": ("nowhere",),
    "connection change": ("nowhere", "--company", "Other"),
    "setup": ("nowhere", "--until", "addresses"),
    "plan": ("--keep",),
    "plans leave-out": ("0" * 12, "--kind", "delete"),
    "plans take-in": ("0" * 12, "--kind", "delete"),
    "plans approve": ("0" * 12, "--content", "x"),
    "plans reject": ("0" * 12, "--content", "x", "--note", "x"),
    "apply": ("0" * 12,),
    "undo": ("x", "--yes"),
    "erase": ("x", "--yes"),
    "errors retry": ("--all",),
    "errors settle": ("retry", "CUSTOMER", "C00010"),
    "mappings import": ("{secret}",),
    "mappings set": ("CUSTOMER", "takes_part=no"),
    "plans list": ("--export", "{state}/plans.csv"),
    "halts list": ("--export", "{state}/halts.csv"),
    "errors list": ("--export", "{state}/errors.csv"),
    "conflicts list": ("--export", "{state}/conflicts.csv"),
    "couplings list": ("--export", "{state}/couplings.csv"),
    "findings list": ("--export", "{state}/findings.csv"),
    "requests list": ("--export", "{state}/requests.csv"),
    "requests show": ("1", "--raw"),
    "requests keep-all": ("5", "--connection", "nowhere"),
    "couplings import": ("{secret}",),
    "couplings shadow": ("{secret}",),
    "couplings criteria": ("CUSTOMER", "--clear"),
    "orders settings": ("--no-check-credit-limit",),
    "backup make": ("{secret}", *_PASSPHRASE),
    "backup restore": ("{secret}", *_PASSPHRASE),
    "backup erase": ("{secret}", *_PASSPHRASE),
    "users disable": ("nobody", "--yes"),
    "users delete": ("nobody", "--yes"),
    "users end-second-step": ("nobody", "--yes"),
    "tokens revoke": ("nothing", "--yes"),
    "users add": ("ada", "--password-file", "{weak}"),
    "users set-password": ("ada", "--password-file", "{weak}"),
    "tokens create": ("nightly", "--user", "nobody"),
}
"""How a command is typed that needs more than a word for each argument."""
_KEPT_IN_SCRIPTS: Final = "sounds-like-a-passphrase-1"


def _commands(command: Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Command]]:
    if not isinstance(command, TyperGroup):
        yield " ".join(words), command
        return
    for name, below in command.commands.items():
        yield from _commands(below, (*words, name))


COMMANDS: Final = dict(_commands(typer.main.get_command(program)))
_OWN_MEMORY: Final = {name: each for name, each in COMMANDS.items() if not name.startswith("sandbox ")}
"""All but those of the embedded services, which have a memory of their own."""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A memory with a connection that is not enabled; nothing answers at its addresses."""
    path = tmp_path_factory.mktemp("acts")
    (path / "secret").write_text(_KEPT_IN_SCRIPTS, encoding="utf-8")
    (path / "weak").write_text("password1234", encoding="utf-8")
    assert run_program(_line("connection add", path)) == 0
    return path


def _line(command: str, path: Path) -> list[str]:
    """Return a command line that is understood."""
    found = COMMANDS[command]
    needed = [each for each in found.params if isinstance(each, TyperArgument) and each.required]
    given = _LINES.get(command, ["5" if each.name == "minutes" else "nowhere" for each in needed])
    files = {"secret": path / "secret", "weak": path / "weak", "state": path / "state"}
    line = [*command.split(), *(each.format(**files) for each in given)]
    if any(each.name == "connection" for each in found.params):
        line += ["--connection", "nowhere"]
    return [*line, "--state", str(path / "state")]


def entries(path: Path, after: int = 0) -> list[Entry]:
    """Return the entries of a memory behind one, as they are stored."""
    with closing(sqlite3.connect(path / "state" / "interlace.db")) as connection:
        found = connection.execute(
            "SELECT entry FROM audit_entry WHERE sequence > ? ORDER BY sequence", (after,)
        )
        return [json.loads(text) for (text,) in found]


def test_each_command_is_an_act_or_only_reads() -> None:
    """A new command must be put where it belongs."""
    acts, others = set(ACTS_OF_COMMANDS), {*NO_ACTS, *READING}
    assert not acts & others
    assert acts | others == set(_OWN_MEMORY)


def test_acts_are_called_as_operations_are() -> None:
    """What pages and the API do too has one name; what only commands do has words of its own, in every language."""
    commands_of = {each.name: each.command for each in ALL_OPERATIONS}
    told = {act.name: command for command, acts in ACTS_OF_COMMANDS.items() for act in acts}
    assert {act.exported for acts in ACTS_OF_COMMANDS.values() for act in acts} <= {"", *EXPORTED}
    for name, command in told.items():
        assert commands_of.get(name, command) == command, name
        assert name in commands_of or name in ACTS, name
    changing = {each.command for each in ALL_OPERATIONS if each.effect is Effect.WRITES and each.command}
    assert changing <= set(ACTS_OF_COMMANDS)
    for language in LANGUAGES:
        words = words_of(language.name)
        if language.name.startswith("en"):
            continue
        assert all(words.t(done(name)) != str(done(name)) for name in ACTS), language.name


def test_each_list_that_leaves_as_a_file_is_an_act() -> None:
    """Who takes records out of Interlace is told, whichever list they are of."""
    leaving = {name for name, each in _OWN_MEMORY.items() if any(it.name == "export" for it in each.params)}
    told = {name for name, acts in ACTS_OF_COMMANDS.items() if any(act.exported for act in acts)}
    assert leaving == told


def test_what_makes_a_command_another_act_are_its_parameters() -> None:
    """A parameter that is called otherwise now would make every command line the act, or none."""
    for command, acts in ACTS_OF_COMMANDS.items():
        known = {each.name for each in COMMANDS[command].params}
        assert known.issuperset(name for act in acts for name in (*act.only_with, *act.without)), command


@pytest.mark.parametrize("command", ACTS_OF_COMMANDS)
def test_security_u1_an_act_that_is_refused_is_kept(state: Path, command: str) -> None:
    """Who tried what, and why it was not done."""
    before = len(entries(state))
    code = run_program(_line(command, state))
    kept = entries(state, before)
    assert [each["operation"] in {act.name for act in ACTS_OF_COMMANDS[command]} for each in kept] == [True]
    assert (kept[0]["user"], kept[0]["door"]) == (machine_user_name(), "machine")
    assert bool(kept[0]["outcome"]) == (code not in {0, 2, 3})
    assert _KEPT_IN_SCRIPTS not in json.dumps(kept)


@pytest.mark.parametrize("command", READING)
def test_reading_leaves_no_entry(state: Path, command: str) -> None:
    """The log tells what was done, not what was looked at."""
    before = len(entries(state))
    run_program(_line(command, state))
    assert entries(state, before) == []


def test_an_entry_tells_what_was_changed_and_never_a_secret(tmp_path: Path) -> None:
    """The values before and after, the connection by its name, and of a key only that it was given."""
    (tmp_path / "secret").write_text(_KEPT_IN_SCRIPTS, encoding="utf-8")
    assert run_program(_line("connection add", tmp_path)) == 0
    change = [
        "connection",
        "change",
        "main",
        "--company",
        "Sydlys",
        "--erp-key-file",
        str(tmp_path / "secret"),
    ]
    assert run_program([*change, "--state", str(tmp_path / "state")]) == 0
    made, changed = entries(tmp_path)
    assert (made["operation"], made["outcome"]) == ("connections.add", "")
    assert made["details"]["connection"] == "main"
    assert (changed["operation"], changed["outcome"]) == ("connections.change", "")
    assert changed["details"]["connection"] == "main"
    assert changed["changes"]["erp_company"] == ["Nordlicht", "Sydlys"]
    assert changed["changes"]["erp_access_key"] == ["…", "…"]
    assert _KEPT_IN_SCRIPTS not in json.dumps([made, changed])


def test_backups_are_kept_where_they_are_made_and_where_they_are_restored(tmp_path: Path) -> None:
    """A restored memory tells in its own log that it was; a backup that is refused is kept, too."""
    (tmp_path / "secret").write_text(_KEPT_IN_SCRIPTS, encoding="utf-8")
    assert run_program(_line("connection add", tmp_path)) == 0
    passphrase, file = ["--passphrase-file", str(tmp_path / "secret")], str(tmp_path / "memory.backup")
    made = ["backup", "make", file, *passphrase, "--state", str(tmp_path / "state")]
    assert [run_program(made), run_program(made)] == [0, 4]
    restored = ["backup", "restore", file, *passphrase, "--state", str(tmp_path / "other" / "state")]
    assert run_program(restored) == 0
    told = [(each["operation"], each["outcome"]) for each in entries(tmp_path)]
    assert told == [("connections.add", ""), ("backup.make", ""), ("backup.make", "Refused")]
    told = [(each["operation"], each["outcome"]) for each in entries(tmp_path / "other")]
    # The backup holds the log as it was before the backup's own entry.
    assert told == [("connections.add", ""), ("backup.restore", "")]
    # Whoever restores puts the key file back: none was made in its place.
    assert not (tmp_path / "other" / "state" / "secret.key").exists()
    assert run_program(["audit", "verify", "--state", str(tmp_path / "other" / "state")]) == 0


@pytest.mark.parametrize(
    ("end", "outcome", "code"),
    [
        (KeyboardInterrupt(), "Stopped", 130),
        (typer.Exit(3), "", 3),
        (typer.Exit(1), "Failed", 1),
        (ServiceUnavailable("The ERP doesn't answer: https://me:hush@erp/"), "Failed", 1),
        (ZeroDivisionError("hush"), "Something went wrong in Interlace", 1),
    ],
)
def test_an_entry_tells_how_the_command_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: BaseException, outcome: str, code: int
) -> None:
    """Stopped, done with something left, failed, or ended by a defect: with the exit code and no credentials."""

    def rotate(*_: object) -> tuple[int, bool]:
        raise end

    monkeypatch.setattr(StateStore, "rotate_key", rotate)
    with suppress(ZeroDivisionError):
        run_program(_line("keys rotate", tmp_path))
    (kept,) = entries(tmp_path)
    assert (kept["operation"], kept["outcome"], kept["details"]["exit_code"]) == (
        "keys.rotate",
        outcome,
        code,
    )
    assert "hush" not in json.dumps(kept)


def test_an_act_that_cannot_be_kept_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody takes it for kept."""

    def append(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(AuditLog, "append", append)
    assert run_program(_line("keys rotate", tmp_path)) == 4
    assert "can't be kept in the audit log: No space left on device" in capsys.readouterr().err


def test_the_use_of_stored_secrets_is_kept_once_for_each_process(tmp_path: Path) -> None:
    """Which ones, of which connection, and in whose name; not what they are, and not with each request."""
    (tmp_path / "secret").write_text(_KEPT_IN_SCRIPTS, encoding="utf-8")
    assert run_program(_line("connection add", tmp_path)) == 0

    async def use(application: Application) -> None:
        """Open both ends twice."""
        for _ in range(2):
            async with application.ends(application.connection("main")):
                pass

    config = load_config(environment={}, overrides={"state.directory": str(tmp_path / "state")})
    with Application(config) as application:
        asyncio.run(use(application))
    (kept,) = entries(tmp_path, 1)
    assert (kept["operation"], kept["user"], kept["outcome"]) == ("secrets.use", machine_user_name(), "")
    assert kept["details"] == {"connection": "main", "secrets": ["crm_client_secret", "erp_access_key"]}
