"""The options of lists: declared once, and put where a command takes what is asked of its list."""

from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner

from interlace.bootstrap.desk.errors import add_errors
from interlace.cli.asked_list import AskedList
from interlace.cli.list_options import ListedMapping, ListQuestion, with_list_options

told: list[tuple[str | None, ListQuestion, int]] = []
program = typer.Typer()


@program.command()
@with_list_options
def listing(
    mapping: ListedMapping = None,
    *,
    question: ListQuestion,
    limit: Annotated[int, typer.Option(help="At most.")] = 3,
) -> None:
    """List something."""
    told.append((mapping, question, limit))


def asked(*line: str) -> tuple[str | None, ListQuestion, int]:
    """Return what the command was told by a command line."""
    ended = CliRunner().invoke(program, line)
    assert ended.exit_code == 0, ended.output
    return told.pop()


def test_the_options_stand_where_the_command_takes_the_question() -> None:
    """In their order, between the command's own ones, and with its help."""
    command = typer.main.get_command(program)
    assert [each.name for each in command.params][:6] == [
        "mapping",
        "filters",
        "search",
        "sort",
        "export",
        "limit",
    ]
    assert command.help == "List something."


def test_the_options_come_as_one_value() -> None:
    """Beside the others; nothing given is a blank question."""
    mapping, question, limit = asked()
    assert (mapping, question.is_blank, limit) == (None, True, 3)
    given = ("--filter", "a=1", "--filter", "b=2", "--search", "north", "--sort", "-a", "--export", "a.csv")
    mapping, question, limit = asked("CUSTOMER", *given, "--limit", "7")
    assert (mapping, question.is_blank, limit) == ("CUSTOMER", False, 7)
    assert (question.search, question.sort, question.export) == ("north", "-a", Path("a.csv"))
    assert question.narrowed("c=3").filters == ["a=1", "b=2", "c=3"]


def test_an_option_of_the_command_counts_before_a_filter_of_its_column() -> None:
    """`errors list --code IL-301 --filter code=IL-302` lists those of IL-301."""
    question = ListQuestion(filters=["code=IL-302", "mapping=ITEM*"]).narrowed("code=IL-301")
    wanted = AskedList(name="errors.list", add=add_errors, connection="c", question=question)
    assert wanted.asked().filters == {"code": "IL-301", "mapping": "ITEM*"}
