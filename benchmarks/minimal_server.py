"""The floor of a server: `python -m benchmarks.minimal_server DIRECTORY`: pages of ready JSON, and bulk upserts.

It parses just enough HTTP for one client, knows no users, filters, limits or errors, and stores columns.
"""

import asyncio
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.floor_copy import FIELDS
from interlace.bootstrap.sandbox_server import LOOPBACK

_PAGE_SIZE = 1000
_COLUMNS = list(FIELDS.values())
_Target = msgspec.defstruct(
    "_Target",
    [("accountid", str), *((name, str | float | None, None) for name in _COLUMNS)],
    gc=False,
)
_Body = msgspec.defstruct("_Body", [("Targets", list[_Target])])  # type: ignore[valid-type]
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class Tables:
    """Customers as ready JSON, accounts as columns."""

    def __init__(self, directory: Path) -> None:
        self._database = sqlite3.connect(directory / "minimal.db", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        columns = ", ".join(f'"{name}"' for name in _COLUMNS)
        self._database.execute("CREATE TABLE customer (key TEXT PRIMARY KEY, body BLOB)")
        self._database.execute(f"CREATE TABLE account (id BLOB PRIMARY KEY, {columns})")
        self._decode = msgspec.json.Decoder(_Body).decode
        self._upsert = f"INSERT OR REPLACE INTO account VALUES ({', '.join('?' * (len(_COLUMNS) + 1))})"  # noqa: S608

    def load(self, body: bytes) -> bytes:
        """Take customers in: what the page listing gives back later."""
        rows = [(row["No"], json.dumps(row, ensure_ascii=False)) for row in json.loads(body)["value"]]
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO customer VALUES (?, ?)", rows)
        self._database.execute("COMMIT")
        return b"{}"

    def page(self, after: str) -> bytes:
        """Return a page in key order with its continuation."""
        query = "SELECT key, body FROM customer WHERE key > ? ORDER BY key LIMIT ?"
        rows = self._database.execute(query, (after, _PAGE_SIZE)).fetchall()
        link = f',"@odata.nextLink":"http://x/{rows[-1][0]}"' if len(rows) == _PAGE_SIZE else ""
        return f'{{"value":[{",".join(body for _, body in rows)}]{link}}}'.encode()

    def upsert(self, body: bytes) -> bytes:
        """Store accounts in one transaction and name them."""
        targets: list[Any] = self._decode(body).Targets  # type: ignore[attr-defined]
        astuple = msgspec.structs.astuple
        self._database.execute("BEGIN")
        self._database.executemany(self._upsert, [astuple(each) for each in targets])
        self._database.execute("COMMIT")
        return msgspec.json.encode({"Ids": [each.accountid for each in targets]})


class Listener(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._held = bytearray()
        self._awaited = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer as soon as a request is complete."""
        self._held += data
        if len(self._held) < self._awaited:
            return
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._held[:end])
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        self._awaited = end + 4 + length
        if len(self._held) < self._awaited:
            return
        body = bytes(self._held[end + 4 : self._awaited])
        del self._held[: self._awaited]
        self._awaited = 0
        answer = self._answer(head.split(b" ", 2)[1].decode(), body)
        self._transport.write(_HEAD % len(answer) + answer)

    def _answer(self, path: str, body: bytes) -> bytes:
        if path == "/load":
            return self._tables.load(body)
        return self._tables.upsert(body) if path == "/upsert" else self._tables.page(path[1:])


async def _serve(directory: Path) -> None:
    tables = Tables(directory)
    server = await asyncio.get_running_loop().create_server(lambda: Listener(tables), LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"address": f"http://{LOOPBACK}:{port}"}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
