"""`interlace remote`: any operation of a server on another machine, with an access key."""

import os
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from interlace.cli.options import Json
from interlace.cli.output import Column, Output
from interlace.locale.translatable import translatable

_KEY_VARIABLE = "INTERLACE_KEY"
_ServerOption = Annotated[
    str,
    typer.Option(
        "--server",
        envvar="INTERLACE_SERVER",
        help="Address of the server, such as https://interlace.example.com.",
        show_default=False,
    ),
]
_KeyFile = Annotated[
    str | None,
    typer.Option(
        "--key-file", metavar="FILE", help="File with the access key; else INTERLACE_KEY.", show_default=False
    ),
]
_Authority = Annotated[
    str | None,
    typer.Option("--ca-file", metavar="FILE", help="PEM file of a private authority.", show_default=False),
]


_COLUMNS = (
    Column(key="operation", caption="Operation"),
    Column(key="permission", caption="Permission"),
    Column(key="asked", caption="Asked"),
    Column(key="what", caption="What it does"),
)


def remote(
    operation: Annotated[
        str | None,
        typer.Argument(
            metavar="OPERATION", help="Such as `conflicts.list`; none: list them all.", show_default=False
        ),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME=VALUE",
            help="What is asked; a name twice gives a list, fields.NAME=VALUE an entry.",
            show_default=False,
        ),
    ] = None,
    server: _ServerOption = "",
    key_file: _KeyFile = None,
    ca_file: _Authority = None,
    *,
    as_json: Json = False,
) -> None:
    """Ask a running server, on this or another machine; the answer is JSON, with --json on one line.

    Example: interlace remote conflicts.list filters.mapping=CUSTOMER --server https://interlace.example.com
    """
    from interlace.client.client import Client
    from interlace.management.asked import from_pairs
    from interlace.management.operations import ALL_OPERATIONS

    output = Output(as_json=as_json)
    if operation is None:
        rows = [
            {
                "operation": each.name,
                "permission": each.permission.value,
                "asked": list(each.asked.__struct_fields__),
                "what": str(each.tooltip),
            }
            for each in ALL_OPERATIONS
        ]
        output.rows(_COLUMNS, rows, empty="")
        return
    chosen = next((each for each in ALL_OPERATIONS if each.name == operation), None)
    if chosen is None:
        raise typer.BadParameter(
            translatable(
                "There is no operation {operation}. `interlace remote` lists them all.",
                operation=repr(operation),
            )
        )
    if not server:
        raise typer.BadParameter(translatable("Name the server with --server or INTERLACE_SERVER."))
    asked = from_pairs(chosen, _pairs(values or []))
    with Client(server, _key(key_file), ca_file=ca_file or "") as client:
        answer = client.ask_plain(chosen, msgspec.to_builtins(asked))
    if as_json:
        output.record(answer)
    else:
        text = msgspec.json.format(msgspec.json.encode(answer), indent=2)
        output.stdout.write(f"{text.decode()}\n")


def _key(key_file: str | None) -> str:
    from interlace.cli.secret_sources import read_secret_file

    if key_file is not None:
        return read_secret_file(translatable("access key"), "--key-file", key_file).strip()
    key = os.environ.get(_KEY_VARIABLE, "")
    if not key:
        raise typer.BadParameter(
            translatable("Give the access key by --key-file FILE or {variable}.", variable=_KEY_VARIABLE)
        )
    return key


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise typer.BadParameter(translatable("Write NAME=VALUE, not {text}.", text=repr(text)))
        pairs.append((name, value))
    return pairs
