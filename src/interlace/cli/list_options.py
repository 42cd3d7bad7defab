"""The options that every list takes: which rows, in which order, and into which file."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Self, TypeAlias

import typer

ListedMapping: TypeAlias = Annotated[
    str | None, typer.Argument(help="Mapping; none: all of them.", show_default=False)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuestion:
    """What a command line asks of a list; each attribute is an option."""

    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="COLUMN=FILTER",
            help="What a column must hold, such as `mapping=CUSTOMER|ITEM*`. May be given several times.",
            show_default=False,
        ),
    ] = None
    search: Annotated[
        str, typer.Option(help="Words that occur in numbers and names.", show_default=False)
    ] = ""
    sort: Annotated[
        str, typer.Option(help="Column to sort by; with - before it downwards.", show_default=False)
    ] = ""
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write all that fit into a .csv or .xlsx file.", show_default=False
        ),
    ] = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing is asked: the whole list, in its own order."""
        return not (self.filters or self.search or self.sort or self.export)

    def narrowed(self, *filters: str) -> Self:
        """Return it with filters that a command has options of its own for."""
        return replace(self, filters=[*(self.filters or ()), *filters])


def with_list_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of lists in place of its parameter `question`; they come as that one value."""
    own = inspect.signature(command)
    options = inspect.signature(ListQuestion).parameters

    @wraps(command)
    def asked(**given: Any) -> None:  # noqa: ANN401 - whatever the command takes
        question = ListQuestion(**{name: given.pop(name) for name in options})
        command(**given, question=question)

    parameters = [
        option
        for each in own.parameters.values()
        for option in (options.values() if each.name == "question" else (each,))
    ]
    # Typer reads a command's signature.
    asked.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return asked
