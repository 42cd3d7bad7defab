"""The commands of the program, each loaded when it is asked for: none needs all that Interlace consists of."""

import gc
from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from types import ModuleType
from typing import Any, cast

import typer

# Typer carries a command-line library of its own and publishes only some of its classes.
from typer._click.core import Command, Context
from typer.core import TyperGroup

from interlace.cli.act_entries import keeping_acts
from interlace.cli.asking import NO_INPUT
from interlace.cli.help_texts import say_help

_WHERE = {
    "demo": ("demo", "demo"),
    "sandbox": ("sandbox", "commands"),
    "serve": ("serve", "serve"),
    "worker": ("serve", "worker"),
    "setup": ("setup", "setup"),
    "connection": ("connection", "commands"),
    "solution": ("solution", "commands"),
    "privileges": ("privileges", "commands"),
    "erp-services": ("erp_services", "commands"),
    "full-synch": ("full_synch", "commands"),
    "synch": ("synch", "synch"),
    "plan": ("plan", "plan"),
    "apply": ("plan", "apply"),
    "plans": ("plans", "commands"),
    "undo": ("undo", "undo"),
    "queue": ("queue", "commands"),
    "jobs": ("listings", "jobs"),
    "conflicts": ("conflicts", "commands"),
    "errors": ("errors", "commands"),
    "approvals": ("approvals", "commands"),
    "freeze": ("freeze", "commands"),
    "halts": ("halts", "commands"),
    "restorations": ("restorations", "restorations"),
    "mappings": ("mappings", "commands"),
    "couplings": ("couplings", "commands"),
    "records": ("records", "commands"),
    "find": ("find", "find"),
    "explain": ("explain", "explain"),
    "journal": ("journal", "commands"),
    "requests": ("requests", "commands"),
    "prices": ("prices", "commands"),
    "availability": ("availability", "commands"),
    "orders": ("orders", "commands"),
    "statistics": ("statistics", "statistics"),
    "verify": ("verify", "verify"),
    "findings": ("findings", "commands"),
    "recover": ("recover", "recover"),
    "doctor": ("doctor", "doctor"),
    "erase": ("erase", "erase"),
    "backup": ("backup", "commands"),
    "keys": ("keys", "commands"),
    "users": ("users", "commands"),
    "notifications": ("notifications", "commands"),
    "tokens": ("tokens", "commands"),
    "audit": ("audit", "commands"),
    "remote": ("remote", "remote"),
    "settings": ("listings", "settings"),
    "fault-proxy": ("fault_proxy", "fault_proxy"),
}
"""The module of each command and its name in there, in the order of the program's help."""


class CommandsOnDemand(Mapping[str, Command]):
    """Commands by name; looking one up loads its module."""

    def __init__(self) -> None:
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._loaded:
            command = self._loaded[name] = _load(name)
            say_help(command)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_WHERE)

    def __len__(self) -> int:
        return len(_WHERE)


class ProgramGroup(TyperGroup):
    """The program's commands."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 -- Typer's own, passed on
        super().__init__(**attributes)
        self.commands = cast("MutableMapping[str, Command]", CommandsOnDemand())

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names of all commands without loading them."""
        return list(self.commands)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Take --no-input wherever it stands before a `--`: nobody remembers before which word."""
        end = args.index("--") if "--" in args else len(args)
        if NO_INPUT in args[:end]:
            args = [NO_INPUT, *(each for each in args[:end] if each != NO_INPUT), *args[end:]]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Context) -> Any:  # noqa: ANN401 -- Typer's own, passed on
        """Run the command that a command line names, and keep what it does."""
        with keeping_acts():
            return super().invoke(ctx)


def _load(name: str) -> Command:
    module, attribute = _WHERE[name]
    found = getattr(_imported(f"interlace.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        group = typer.main.get_group(found)
        group.name = name
        return group
    single = typer.Typer(add_completion=False)
    single.command(name)(found)
    return typer.main.get_command(single)


def _imported(name: str) -> ModuleType:
    """Import a module without looking for garbage: what is loaded stays, and the looks take a fifth of the time."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.enable()
