"""Operations: each has its door in the API, at the command line and on a page, and its permission."""

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import typer.main

# Typer carries a command-line library of its own and publishes only some of its classes.
from typer._click.core import Command

from interlace import web
from interlace.cli.program import program
from interlace.management import operations
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk, Works
from interlace.management.operation import AnyOperation, Effect
from interlace.management.operations import ALL_OPERATIONS, operation_called
from interlace.management.permission import PERMISSION_SETS, Permission, PermissionSet, permissions_of
from interlace.management.refusal import RefusalKind, Refused
from interlace.web.openapi import openapi_document

WRITES = [each for each in ALL_OPERATIONS if each.effect is Effect.WRITES]


def names(operations: list[AnyOperation] | tuple[AnyOperation, ...]) -> list[str]:
    """Return the operations' names, for the names of tests."""
    return [each.name for each in operations]


def commands(held: Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield every command by the words that call it."""
    inner = getattr(held, "commands", None)
    if inner is None:
        yield " ".join(path)
        return
    if path:
        yield " ".join(path)
    for name, each in inner.items():
        yield from commands(each, (*path, name))


@pytest.fixture(scope="module")
def known_commands() -> frozenset[str]:
    """Every command of the program."""
    return frozenset(commands(typer.main.get_command(program)))


@pytest.mark.parametrize("operation", ALL_OPERATIONS, ids=names(ALL_OPERATIONS))
def test_each_operation_has_its_command_or_a_reason(
    operation: AnyOperation, known_commands: frozenset[str]
) -> None:
    """What pages and programs can ask can be asked at the command line, or it is said why not."""
    if not operation.command:
        assert operation.without_command
        return
    assert operation.command in known_commands
    assert not operation.without_command


@functools.cache
def references() -> frozenset[str]:
    """Return what the modules of the web client name: `module.NAME`, bare names, and texts of addresses."""
    found: set[str] = set()
    for file in Path(web.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.add(f"{node.value.id}.{node.attr}")
            elif isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return frozenset(found)


@functools.cache
def constants() -> dict[str, frozenset[str]]:
    """Return by which names in their modules operations are known."""
    known: dict[str, set[str]] = {}
    for module in vars(operations).values():
        for name, value in vars(module).items() if hasattr(module, "OPERATIONS") else ():
            if any(value is each for each in ALL_OPERATIONS):
                short = module.__name__.rpartition(".")[2]
                known.setdefault(value.name, set()).update({f"{short}.{name}", name})
    return {name: frozenset(texts) for name, texts in known.items()}


@pytest.mark.parametrize("operation", WRITES, ids=names(WRITES))
def test_each_action_is_on_a_page(operation: AnyOperation) -> None:
    """Whatever changes something can be done on a page."""
    held = references()
    texts = {f"/{operation.address}", operation.address, operation.name}
    assert held & (constants()[operation.name] | texts), f"no page offers {operation.name}"


def test_the_api_describes_all_of_them() -> None:
    """The description has one path for each operation, with the method that it takes."""
    paths = openapi_document(ALL_OPERATIONS)["paths"]
    assert set(paths) == {f"/{each.address}" for each in ALL_OPERATIONS}
    for each in ALL_OPERATIONS:
        method = "get" if each.effect is Effect.READS else "post"
        assert list(paths[f"/{each.address}"]) == [method]
        assert operation_called(each.name, each.effect) is each


def test_an_operation_is_not_found_by_the_wrong_method() -> None:
    """What reads can't be posted, and what writes can't be got: no link changes anything."""
    for each in ALL_OPERATIONS:
        other = Effect.WRITES if each.effect is Effect.READS else Effect.READS
        with pytest.raises(Refused) as refused:
            operation_called(each.name, other)
        assert refused.value.kind is RefusalKind.NOT_FOUND


async def keep_nothing(
    caller: Caller, name: str, details: Mapping[str, object], outcome: str, changes: object
) -> None:
    """Stand in for the audit log."""


@pytest.mark.parametrize("held", PERMISSION_SETS.values(), ids=list(PERMISSION_SETS))
async def test_each_permission_set_opens_what_it_holds_and_nothing_else(held: PermissionSet) -> None:
    """The desk lets a caller in exactly where one of his sets holds the operation's permission."""
    asked: list[str] = []
    works = Works()
    # What is asked is made up here; whether it asks for the password again is looked at elsewhere.
    askable = [replace(each, asks_password_for=None) for each in ALL_OPERATIONS]
    for each in askable:

        async def work(_caller: Caller, _asked: msgspec.Struct, name: str = each.name) -> msgspec.Struct:
            """Note that it was asked."""
            asked.append(name)
            return msgspec.Struct()

        works.add(each, work)

    desk = Desk(works, keep_nothing)
    caller = Caller(user_id="u1", name="Ada", permissions=permissions_of((held.name,)), door=Door.MACHINE)
    for each in askable:
        if each.permission in held.permissions:
            await desk.perform(each, caller, msgspec.Struct())
            continue
        with pytest.raises(Refused) as refused:
            await desk.perform(each, caller, msgspec.Struct())
        assert refused.value.kind is RefusalKind.FORBIDDEN
    assert asked == [each.name for each in ALL_OPERATIONS if each.permission in held.permissions]


def test_a_set_that_is_gone_opens_nothing() -> None:
    """A name of a permission set that no longer exists gives no permission."""
    assert permissions_of(("INTERLACE VIEW", "GONE")) == frozenset({Permission.READ})
