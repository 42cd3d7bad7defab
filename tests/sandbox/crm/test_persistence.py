"""What was answered is kept: over a restart and over the death of the process."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sandbox.crm.conftest import Client, Clock, open_sandbox

SERVER = """
import asyncio, sys
from pathlib import Path
import uvicorn
from interlace.sandbox.crm import SandboxOptions, create_crm_sandbox
from interlace.solution.build import build_solution

app = create_crm_sandbox(Path(sys.argv[1]), SandboxOptions(solutions=(build_solution().content,)))

async def main():
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], app.access_token(), flush=True)
    await task

asyncio.run(main())
"""


def test_everything_survives_a_restart(tmp_path: Path, clock: Clock) -> None:
    """Records, versions, tokens, delta links and numbers go on where they stopped."""
    app = open_sandbox(tmp_path, clock)
    client = Client(app, clock)
    account = client.create("accounts", {"name": "Ärzte", "creditlimit": 10.25})
    order = client.create("salesorders", {"name": "O"})
    link = client.get("accounts", Prefer="odata.track-changes")["@odata.deltaLink"]
    before = client.get(f"accounts({account})")
    app.close()
    again = open_sandbox(tmp_path, clock)
    client.app = again
    assert client.get(f"accounts({account})") == before
    assert client.get(link)["value"] == []
    client.patch(f"accounts({account})", {"name": "B"})
    assert client.get(f"accounts({account})")["versionnumber"] > before["versionnumber"]
    numbers = [row["ordernumber"][:9] for row in client.get("salesorders")["value"]]
    client.create("salesorders", {"name": "P"})
    assert order
    assert [row["ordernumber"][:9] for row in client.get("salesorders")["value"]] == [
        *numbers,
        "ORD-01002",
    ]
    assert len(client.get("systemusers")["value"]) == 4
    again.close()


@contextlib.contextmanager
def running(state_dir: Path) -> Iterator[tuple[subprocess.Popen[str], http.client.HTTPConnection, str]]:
    """A sandbox in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(state_dir)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port, token = process.stdout.readline().split()
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
        yield process, connection, token
        connection.close()
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def call(
    connection: http.client.HTTPConnection, token: str, method: str, path: str, body: object = None
) -> tuple[int, dict[str, str], bytes]:
    """One request over the socket."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, f"/api/data/v9.2/{path}", json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()


@pytest.mark.parametrize("rounds", [3])
def test_answered_writes_survive_kill_9(tmp_path: Path, rounds: int) -> None:
    """Killed in the middle of a stream of writes, the service still has every record it confirmed."""
    confirmed: list[str] = []
    for _ in range(rounds):
        with running(tmp_path) as (process, connection, token):
            for _ in range(20):
                status, headers, _ = call(connection, token, "POST", "accounts", {"name": "A"})
                assert status == 204
                found = re.search(r"\((.*)\)", {k.lower(): v for k, v in headers.items()}["odata-entityid"])
                assert found is not None
                confirmed.append(found[1])
            targets = [{"@odata.type": "Microsoft.Dynamics.CRM.account", "name": str(n)} for n in range(200)]
            status, _, body = call(
                connection,
                token,
                "POST",
                "accounts/Microsoft.Dynamics.CRM.CreateMultiple",
                {"Targets": targets},
            )
            assert status == 200
            confirmed += json.loads(body)["Ids"]
            # One more bulk request is under way when the process dies: all of it or nothing.
            payload = json.dumps({"Targets": targets})
            connection.putrequest("POST", "/api/data/v9.2/accounts/Microsoft.Dynamics.CRM.CreateMultiple")
            connection.putheader("Authorization", f"Bearer {token}")
            connection.putheader("Content-Length", str(len(payload)))
            connection.endheaders(payload.encode())
            os.kill(process.pid, signal.SIGKILL)
    with running(tmp_path) as (_, connection, token):
        status, _, body = call(connection, token, "GET", "accounts?$select=name")
        present = {row["accountid"] for row in json.loads(body)["value"]}
    assert status == 200
    assert set(confirmed) <= present
    assert (len(present) - len(confirmed)) % 200 == 0
