"""The set-up with a person at a terminal, and what stays of the administrator's secret: nothing."""

import json
import os
import pty
import secrets
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from tests.cli.both_ends import Interlace
from tests.cli.set_up import Ends, Erp, prepared_erp, start_ends
from tests.process_memory import MEMORY_IS_READABLE, in_memory

_PATIENCE_SECONDS = 240.0
SERVER = """
import asyncio, sys
from interlace.bootstrap.application import Application
from interlace.bootstrap.setup.answers import Answers
from interlace.bootstrap.setup.desk import Desk
from interlace.bootstrap.setup.progress import StepState
from interlace.bootstrap.setup.question import StepName
from interlace.bootstrap.setup.run import advance
from interlace.settings import load_config
from pathlib import Path

kept = bytes(reversed(sys.argv[3].encode()))
answers = Answers.read(Path(sys.argv[1]))
with Application(load_config(overrides={"state.directory": sys.argv[2]})) as application:
    desk = Desk(application=application, answers=answers, name="main", tell=lambda text: print(text, flush=True))
    tell = lambda report: print(report.name, report.look.text, flush=True)
    reports = asyncio.run(advance(desk, StepName.ENABLE, tell))
    assert reports[-1].look.state is StepState.DONE, reports[-1]
    print("set up", flush=True)
    sys.stdin.readline()
"""
"""A process that goes on after the set-up, as a web server does."""


@pytest.fixture
def canary() -> str:
    """A secret that occurs nowhere else."""
    return f"canary-{secrets.token_urlsafe(24)}"


@pytest.fixture
def ends(tmp_path: Path, interlace: Interlace, canary: str) -> Iterator[Ends]:
    """A prepared ERP, and a bare CRM whose administrator has the canary as his secret."""
    with ExitStack() as stack:
        services = tmp_path / "services"
        services.mkdir()
        erp: Erp = prepared_erp(services / "erp", stack)
        yield start_ends(erp, services, interlace, stack, administrator_client_secret=canary)


@MEMORY_IS_READABLE
def test_nothing_of_the_administrators_secret_stays(ends: Ends, tmp_path: Path, canary: str) -> None:
    """Not in the memory of the process that goes on, not in database, logs, temporary files or on the screen."""
    home = tmp_path / "home"
    home.mkdir()
    given = ends.directory / "admin.txt"
    ends.answers["administrator.secret_file"] = str(given)
    # Writes the file of answers; nobody may import yet, so it stops there and nothing is read of the secret.
    ends.set_up("--until", "ownership")
    environment = {**os.environ, "TMPDIR": str(home), "HOME": str(home)}
    mark = f"mark-{secrets.token_hex(16)}"
    command = [
        sys.executable,
        "-c",
        SERVER,
        str(ends.directory / "answers.toml"),
        str(home / "state"),
        mark[::-1],
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=home,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        told = [server.stdout.readline()]
        while told[-1] not in {b"set up\n", b""}:
            told.append(server.stdout.readline())
        assert told[-1] == b"set up\n", b"".join(told).decode()
        found = {text: in_memory(server.pid, text.encode()) for text in (canary, mark)}
        server.stdin.write(b"\n")
        server.stdin.close()
        server.wait()
    assert canary.encode() not in b"".join(told)
    assert found == {canary: False, mark: True}, "the search must find the mark, and no secret"
    files = [file for file in home.rglob("*") if file.is_file()]
    assert any(file.suffix == ".db" for file in files)
    assert not [file for file in files if canary.encode() in file.read_bytes()]
    assert canary in given.read_text(encoding="utf-8"), "the file is the person's own"


def typed(command: Sequence[str], environment: dict[str, str], answers: Sequence[tuple[str, str]]) -> str:
    """Run a command at a terminal: wait for each question, type the answer; gives all that was shown."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, env=environment, start_new_session=True
    )
    os.close(follower)
    shown, place = "", 0
    waiting = list(answers)
    end = time.monotonic() + _PATIENCE_SECONDS
    try:
        while time.monotonic() < end:
            if select.select([leader], [], [], 0.1)[0]:
                try:
                    shown += os.read(leader, 65_536).decode(errors="replace")
                except OSError:
                    break
            if waiting and waiting[0][0] in shown[place:]:
                place = len(shown)
                os.write(leader, waiting.pop(0)[1].encode() + b"\n")
        process.wait(10)
    finally:
        process.kill()
        process.wait()
        os.close(leader)
    assert not waiting, (waiting[0], shown)
    return shown


def test_a_person_is_asked_and_may_correct(ends: Ends, tmp_path: Path, canary: str) -> None:
    """Questions come step by step; what is wrong is told and asked again; secrets are not shown."""
    held = {key: str(value) for key, value in ends.answers.items()}
    key = (ends.directory / "erp-key.txt").read_text("utf-8").strip()
    secret = (ends.directory / "crm-secret.txt").read_text("utf-8").strip()
    environment = {**os.environ, "COLUMNS": "300", "TERM": "dumb"}
    state = str(tmp_path / "asked")
    command = [sys.executable, "-m", "interlace", "setup", "main", "--until", "account", "--state", state]
    wrong = "Südlicht"
    shown = typed(
        command,
        environment,
        [
            ("Address of the ERP", held["erp.address"]),
            ("Company", held["erp.company"]),
            ("Product of the ERP", ""),
            ("Address of the CRM", held["crm.address"]),
            ("How to sign in at the ERP", "magic"),
            ("How to sign in at the ERP", ""),
            ("ERP user", held["erp.user"]),
            ("access key of the ERP user", key),
            ("How to sign in at the CRM", "token-address"),
            ("Token address", held["crm.token_url"]),
            ("Client id for the CRM", held["crm.client_id"]),
            ("Client secret for the CRM", "wrong-one"),
            ("Answer these questions again?", "y"),
            ("How to sign in at the ERP", ""),
            ("ERP user", ""),
            ("access key of the ERP user", ""),
            ("How to sign in at the CRM", ""),
            ("Token address", ""),
            ("Client id for the CRM", ""),
            ("Client secret for the CRM", secret),
            ("Mappings to leave out", ""),
            ("Let CRM users look up", ""),
            ("CRM orders become ERP orders", "n"),
            ("Who owns", ""),
            ("How the CRM's administrator signs in", "token-address"),
            ("Client id of the administrator", held["administrator.client_id"]),
            ("Administrator's password", canary),
        ],
    )
    assert "can't be 'magic'" in shown
    assert "AADSTS7000215" in shown
    assert "Integration user: # Application: enabled" in shown, shown
    for hidden in (canary, key, secret, "wrong-one", wrong):
        assert hidden not in shown


@contextmanager
def serving(state: Path, log: Path) -> Iterator[tuple[int, str]]:
    """Serve the web client in a process of its own; gives the process and the address."""
    command = [sys.executable, "-m", "interlace", "serve", "--port", "0", "--json", "--state", str(state)]
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout is not None
        try:
            yield process.pid, json.loads(process.stdout.readline())["address"]
        finally:
            process.terminate()


@MEMORY_IS_READABLE
def test_nothing_of_a_secret_that_was_typed_into_a_page_stays(
    ends: Ends, tmp_path: Path, canary: str
) -> None:
    """Not in the memory of the server after the import, and not in its files."""
    ends.set_up("--until", "ownership", administrator__secret_file=None)
    state = tmp_path / "state"
    password = f"password-{secrets.token_hex(8)}"
    (tmp_path / "password.txt").write_text(password, encoding="utf-8")
    user = ("ada", "--permission-set", "INTERLACE ADMIN", "--password-file", str(tmp_path / "password.txt"))
    added = ends.interlace("users", "add", *user)
    assert added.code == 0, added.err
    fields = {"connection": "main", "step": "solution"}
    fields["answers.administrator.client_id"] = ends.crm.options.administrator_client_id
    with serving(state, tmp_path / "server.log") as (process, address):
        with httpx.Client(base_url=address, headers={"Origin": address}, timeout=60.0) as browser:
            browser.post("/sign-in", data={"name": "ada", "password": password})
            answered = browser.post(
                "/do/setup/answer", data={**fields, "secrets.administrator.secret_file": canary}
            )
            assert answered.headers["location"].startswith("/setup?"), answered.headers
            ends_at = time.monotonic() + _PATIENCE_SECONDS
            while ends.interlace("solution", "status").code != 0:
                assert time.monotonic() < ends_at, browser.get("/setup?connection=main&step=solution").text
                time.sleep(0.2)
        found = {text: in_memory(process, text.encode()) for text in (canary, str(state))}
    assert found == {canary: False, str(state): True}, "the search must find what is there"
    files = [file for file in (*state.rglob("*"), tmp_path / "server.log") if file.is_file()]
    assert not [file for file in files if canary.encode() in file.read_bytes()]
