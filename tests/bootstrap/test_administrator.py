"""The administrator's process: it signs in, does its work and ends, and leaves no trace of the secret anywhere."""

import asyncio
import json
import os
import re
import secrets
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import uvicorn
from tests.process_memory import in_memory

from interlace.bootstrap import administrator
from interlace.bootstrap.administrator import as_administrator
from interlace.bootstrap.administrator_order import (
    AdministratorAccount,
    AdministratorOrder,
    Line,
    decode_line,
    decode_order,
    encode_line,
    encode_order,
    problem_line,
    problem_of,
)
from interlace.bootstrap.connection_settings import ConnectionProblem, SignInMethod
from interlace.bootstrap.solution_setup import Progress, SolutionOrder, Stage
from interlace.connectors.http_outbound import OutboundRules
from interlace.engine.service import ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions, create_crm_sandbox
from interlace.sandbox.tls_authority import TlsFiles, tls_files

SERVER = """
import asyncio, json, os, sys
from interlace.bootstrap.administrator import as_administrator
from interlace.bootstrap.administrator_order import decode_order

kept = bytes(reversed(sys.argv[2].encode()))
secret = bytearray(int(sys.argv[3]))
os.readv(0, [secret])
order = decode_order(sys.argv[1].encode())
outcome = asyncio.run(as_administrator(order, secret, lambda progress: print(progress.text, flush=True)))
print("deed", outcome.deed, flush=True)
sys.stdin.readline()
"""
"""A process that goes on after the import, as a web server does; it makes no text of the secret."""


@contextmanager
def served(application: Any, tls: TlsFiles | None = None) -> Iterator[str]:
    """Serve an application in a thread of its own, behind TLS if there is any; gives its address."""
    files = {} if tls is None else {"ssl_certfile": str(tls.certificate), "ssl_keyfile": str(tls.key)}
    # The address is the loopback's, the port a free one.
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0,
        log_level="warning",
        ws="none",
        headers=[("Connection", "close")],
        **files,  # type: ignore[arg-type]
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def canary() -> str:
    """A secret that occurs nowhere else."""
    return f"canary-{secrets.token_urlsafe(24)}"


@pytest.fixture
def crm(tmp_path: Path, canary: str) -> Iterator[tuple[CrmSandbox, str]]:
    """A bare CRM whose administrator application has the canary as its secret, and its address."""
    options = SandboxOptions(administrator_client_secret=canary, integration_roles=())
    with ExitStack() as held:
        sandbox = create_crm_sandbox(tmp_path / "service" / "crm", options)
        held.callback(sandbox.close)
        yield sandbox, held.enter_context(served(sandbox))


def order_for(sandbox: CrmSandbox, address: str, **more: Any) -> AdministratorOrder:
    """Return an order for the administrator's application."""
    token_url = f"{address}/{sandbox.options.tenant_id}/oauth2/v2.0/token"
    account = AdministratorAccount(
        method=SignInMethod.TOKEN_ADDRESS,
        client_id=sandbox.options.administrator_client_id,
        token_url=token_url,
    )
    return AdministratorOrder(
        crm_address=address,
        account=account,
        solution=SolutionOrder(client_id=sandbox.options.client_id, **more),
        rules=OutboundRules(internal_host=True, authority=token_url),
    )


@pytest.mark.slow  # the library asks every five seconds
async def test_a_person_signs_in_with_a_code(tmp_path: Path) -> None:
    """The code is told, the person signs in on a page of the directory, and the import goes on by itself."""
    tls = tls_files(tmp_path / "tls")
    sandbox = create_crm_sandbox(tmp_path / "crm", SandboxOptions(integration_roles=()))
    told: list[Progress] = []
    approvals: list[threading.Thread] = []

    with served(sandbox, tls) as address:

        def approve(text: str) -> None:
            """Do what the person does in a browser."""
            found = re.search(r"\b[A-Z0-9]{9}\b", text)
            assert found is not None, text
            form = {
                "user_code": found[0],
                "decision": "approve",
                "email": sandbox.options.administrator_email,
                "password": sandbox.options.administrator_password,
            }
            trust = ssl.create_default_context(cafile=str(tls.authority))
            with urlopen(
                Request(f"{address}/devicelogin/", urlencode(form).encode()), context=trust
            ) as answer:
                assert answer.status == 200

        def tell(progress: Progress) -> None:
            """Take what is told; a code is typed in on another device."""
            told.append(progress)
            if progress.stage is Stage.SIGN_IN:
                approvals.append(threading.Thread(target=approve, args=(progress.text,)))
                approvals[-1].start()

        authority = f"{address}/{sandbox.options.tenant_id}"
        account = AdministratorAccount(
            method=SignInMethod.DEVICE_CODE, client_id=sandbox.options.public_client_id, authority=authority
        )
        order = AdministratorOrder(
            crm_address=address,
            account=account,
            solution=SolutionOrder(client_id=sandbox.options.client_id),
            rules=OutboundRules(internal_host=True, authority=authority, ca_file=str(tls.authority)),
        )
        outcome = await as_administrator(order, bytearray(), tell)
        for each in approvals:
            each.join()
    sandbox.close()
    assert outcome.deed == "imported"
    assert outcome.administrator == "System Administrator"
    assert [each.stage for each in told[:2]] == [Stage.CHECK, Stage.SIGN_IN]


async def test_progress_and_outcome_come_back(crm: tuple[CrmSandbox, str], canary: str) -> None:
    """What the process tells arrives in order; the secret is wiped as soon as it is handed over."""
    told: list[Progress] = []
    secret = bytearray(canary.encode())
    outcome = await as_administrator(order_for(*crm), secret, told.append)
    assert set(secret) == {0}
    stages = list(dict.fromkeys(each.stage for each in told))
    assert stages == [Stage.CHECK, Stage.IMPORT, Stage.PUBLISH, Stage.ROLES]
    percents = [each.percent for each in told if each.percent is not None]
    assert percents == sorted(percents)
    assert percents[-1] == 100.0
    assert outcome.roles_given == ("Interlace Integration User", "Interlace Integration Administrator")


async def test_problems_come_back_as_what_they_are(crm: tuple[CrmSandbox, str]) -> None:
    """A refused sign-in is one here, too; the text says what to do, without the secret."""
    secret = bytearray(b"a-wrong-secret")
    with pytest.raises(SignInRefused) as caught:
        await as_administrator(order_for(*crm), secret, lambda progress: None)
    assert "a-wrong-secret" not in str(caught.value)
    assert set(secret) == {0}


async def test_a_service_that_does_not_answer_is_told(crm: tuple[CrmSandbox, str], canary: str) -> None:
    """An address where nobody listens is a service that is not there now."""
    order = order_for(crm[0], "http://127.0.0.1:9")
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        await as_administrator(order, bytearray(canary.encode()), lambda progress: None)


async def test_a_process_that_breaks_off_is_told(
    crm: tuple[CrmSandbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the process ends without a word, that is told, and the secret is wiped all the same."""
    monkeypatch.setattr(administrator, "_MODULE", "interlace.bootstrap.no_such_module")
    secret = bytearray(b"secret")
    with pytest.raises(ServiceMismatch, match="ended unexpectedly"):
        await as_administrator(order_for(*crm), secret, lambda progress: None)
    assert set(secret) == {0}


async def test_a_cancelled_import_ends_its_process(crm: tuple[CrmSandbox, str], canary: str) -> None:
    """Whoever stops waiting leaves no process behind; the CRM itself goes on with what it has begun."""
    begun = asyncio.Event()
    work = asyncio.ensure_future(
        as_administrator(order_for(*crm), bytearray(canary.encode()), lambda progress: begun.set())
    )
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not _children(os.getpid(), "administrator_process")


def test_nothing_of_the_secret_stays(crm: tuple[CrmSandbox, str], canary: str, tmp_path: Path) -> None:
    """Not in arguments or environments, not in files, not in the memory of the process that asked for the import."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    mark = f"mark-{secrets.token_hex(16)}"
    order = encode_order(order_for(*crm)).decode().strip()
    environment = {
        **os.environ,
        "TMPDIR": str(temporary),
        "HOME": str(temporary),
        "UNWANTED": "secret-of-the-host",
    }
    command = [sys.executable, "-c", SERVER, order, mark[::-1], str(len(canary))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=temporary
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(canary.encode())
        server.stdin.flush()
        told = [server.stdout.readline()]
        [child] = _children(server.pid, "administrator_process")
        arguments, variables = _of_process(child, "cmdline"), _of_process(child, "environ")
        while not told[-1].startswith(b"deed"):
            told.append(server.stdout.readline())
            assert told[-1], told
        assert told[-1] == b"deed imported\n"
        found = {text: in_memory(server.pid, text.encode()) for text in (canary, mark)}
        alive = _children(server.pid, "administrator_process")
        server.stdin.write(b"\n")
        server.stdin.close()
        server.wait()
    assert canary.encode() not in arguments + variables + b"".join(told)
    assert b"secret-of-the-host" not in variables
    assert found == {canary: False, mark: True}, "the search must find the mark, and no secret"
    assert not alive
    assert not [
        file for file in temporary.rglob("*") if file.is_file() and canary.encode() in file.read_bytes()
    ]


def test_nothing_of_the_secret_stays_on_the_disk(
    crm: tuple[CrmSandbox, str], canary: str, tmp_path: Path
) -> None:
    """The command line takes it from standard input; database, logs and the screen don't have it."""
    sandbox, address = crm
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "TMPDIR": str(home), "HOME": str(home)}
    own_secret = home / "own.txt"
    own_secret.write_text(sandbox.options.client_secret, encoding="utf-8")
    state = ["--state", str(home / "state")]
    token_url = f"{address}/{sandbox.options.tenant_id}/oauth2/v2.0/token"
    add = ["connection", "add", "main", "--erp", "http://127.0.0.1:7048/BC", "--company", "Nordlicht"]
    add += ["--erp-user", "X", "--erp-key-file", str(own_secret), "--crm", address, "--token-url", token_url]
    add += ["--client-id", sandbox.options.client_id, "--crm-secret-file", str(own_secret), *state]
    administrator_id = sandbox.options.administrator_client_id
    bring = ["solution", "import", "--client-id", administrator_id, "--secret-file", "-", *state]
    written = b""
    for arguments, given in ((add, ""), (bring, canary + "\n")):
        command = [sys.executable, "-m", "interlace", *arguments]
        done = subprocess.run(
            command, input=given.encode(), env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        written += done.stdout + done.stderr
    assert b"imported" in written
    assert canary.encode() not in written
    files = [file for file in home.rglob("*") if file.is_file()]
    assert any(file.suffix in {".db", ".sqlite"} for file in files)
    assert not [file for file in files if canary.encode() in file.read_bytes()]


def test_orders_survive_the_way_and_hold_no_secret() -> None:
    """An order is the same behind the pipe; there is no place for a secret in it."""
    account = AdministratorAccount(method=SignInMethod.BASIC, user="DOMAIN\\admin")
    order = AdministratorOrder(
        crm_address="https://crm.example",
        account=account,
        solution=SolutionOrder(user="interlace@example.com", redeploy=True),
        rules=OutboundRules(internal_host=True, authority="https://crm.example/tenant", ca_file="/a.pem"),
    )
    assert decode_order(encode_order(order)) == order
    assert encode_order(order).count(b"\n") == 1
    assert not re.search(
        r"secret|password|pem=", json.dumps(list(json.loads(encode_order(order))["account"]))
    )


@pytest.mark.parametrize("method", list(SignInMethod))
def test_every_way_to_sign_in_has_its_credential(method: SignInMethod) -> None:
    """Whoever may sign in to the CRM may do so as administrator; no credential shows its secret."""
    account = AdministratorAccount(
        method=method, user="u", client_id="c", authority="https://a/t", token_url="https://a/t/token"
    )
    assert "hidden-word" not in repr(account.credential("hidden-word"))


@pytest.mark.parametrize(
    "problem",
    [ConnectionProblem("a"), SignInRefused("b"), ServiceMismatch("c"), ServiceUnavailable("d")],
)
def test_problems_survive_the_way(problem: Exception) -> None:
    """What a person can do something about is the same kind of problem behind the pipe."""
    made = problem_of(decode_line(encode_line(problem_line(problem))))
    assert (type(made), str(made)) == (type(problem), str(problem))


def test_unknown_problems_tell_their_kind_only() -> None:
    """The text of an unexpected error might hold anything; only its name comes through."""
    line = problem_line(ValueError("something with a secret"))
    assert isinstance(problem_of(line), ServiceMismatch)
    assert "ValueError" in line.text
    assert "something" not in line.text
    assert decode_line(encode_line(Line(progress=Progress(stage=Stage.CHECK, text="x")))).outcome is None


def test_an_order_that_cannot_be_read_ends_the_process() -> None:
    """The process says so in its own language and ends; nothing of what it was given is repeated."""
    command = [sys.executable, "-m", "interlace.bootstrap.administrator_process"]
    done = subprocess.run(
        command, input=b'{"crm_address": "canary-word"}\n', capture_output=True, check=False
    )
    assert done.returncode == 1
    assert "ended unexpectedly" in decode_line(done.stdout).text
    assert b"canary-word" not in done.stdout + done.stderr


def _children(process: int, module: str) -> list[int]:
    """Return the children of a process that run a module."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    held = [int(child) for task in tasks for child in (task / "children").read_text("ascii").split()]
    return [child for child in held if module.encode() in _of_process(child, "cmdline")]


def _of_process(process: int, file: str) -> bytes:
    return Path(f"/proc/{process}/{file}").read_bytes()
