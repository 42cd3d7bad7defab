"""The reference page of the management API, written from the declared operations."""

from collections.abc import Iterator

from interlace.management.operation import AnyOperation, Effect
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.permission import PERMISSION_SETS

_OPENING = """# Management API

Whatever pages can do, programs can: every page, every remote command and the Python client ask the same operations, and
the permission is checked in one place. `GET /api/v1/openapi.json` of a running server is the description for tools
(OpenAPI 3.1).

An operation that reads is a `GET` with parameters, one that writes a `POST` with a JSON body; the address is made of
its name, `conflicts.resolve` is `/api/v1/conflicts/resolve`. The caller shows an
[access key](../how-to/users-and-keys.md) as `Authorization: Bearer KEY`. What is not done comes back as `error` with
title, why, next step and a reference that finds the line in the server's log; the status tells its kind (400, 401, 403,
404, 409, 429, 502, 503).

```
curl -H "Authorization: Bearer $KEY" "https://interlace.example.com/api/v1/conflicts/list?connection=main"
interlace remote conflicts.list connection=main --server https://interlace.example.com --key-file key.txt
```

```python
from interlace.client.client import Client
from interlace.management import conflicts

with Client("https://interlace.example.com", key) as client:
    found = client.ask(conflicts.LIST, conflicts.ListConflicts(connection="main"))
```

Lists take `filters.COLUMN=EXPRESSION` ([filters](filters.md)), `search`, `sort`, `cursor` and `limit`, and answer with
the cursors of the pages beside.

This page is written from the program itself (`python -m tools.reference_pages`).

## Permission sets

| set | permissions | |
|---|---|---|
"""


def management_page() -> str:
    """Return the page."""
    sets = [
        f"| `{each.name}` | {', '.join(sorted(each.permissions))} | {each.description} |"
        for each in PERMISSION_SETS.values()
    ]
    return _OPENING + "\n".join([*sets, *_areas()]) + "\n"


def _areas() -> Iterator[str]:
    area = ""
    for each in ALL_OPERATIONS:
        if each.name.partition(".")[0] != area:
            area = each.name.partition(".")[0]
            yield from (
                "",
                f"## {area}",
                "",
                "| operation | permission | what it does | at the command line |",
            )
            yield "|---|---|---|---|"
        yield _row(each)


def _row(each: AnyOperation) -> str:
    method = "GET" if each.effect is Effect.READS else "POST"
    command = f"`interlace {each.command}`" if each.command else str(each.without_command)
    asks = each.needs_fresh_sign_in or each.asks_password_for is not None
    fresh = " Asks for the password again." if asks else ""
    return f"| `{method} {each.address}` | {each.permission.value} | {each.tooltip}{fresh} | {command} |"
