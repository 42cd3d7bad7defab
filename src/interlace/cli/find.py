"""`interlace find`: pages, actions, records and more by what people call them, as Tell Me on every page."""

from typing import Annotated

import msgspec
import typer

from interlace.cli.listed_couplings import catch_up
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.record_desk import ask
from interlace.cli.spoken import said, t, words
from interlace.management.listing import captions_of
from interlace.management.records import STATUS_CHOICES
from interlace.management.search import FIND, HIT_KINDS, Find, Hit, NotLooked

_COLUMNS = (
    Column(key="kind", caption="What"),
    Column(key="number", caption="No."),
    Column(key="caption", caption="Name"),
    Column(key="about", caption="About"),
    Column(key="status", caption="Coupled"),
    Column(key="where", caption="Where"),
)
_STATUSES = captions_of(STATUS_CHOICES)


def find(
    text: Annotated[list[str], typer.Argument(help="Words of the name, or the number.", show_default=False)],
    *,
    in_services: Annotated[
        bool,
        typer.Option(
            "--services/--memory-only",
            help="Ask both services, too, or only what Interlace remembers itself.",
        ),
    ] = True,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Find pages, actions, records, orders, mappings, jobs and users by name or number.

    Records that are not coupled are known to the services alone; one that does not answer at once is told of.
    Example: interlace find cannon
    """
    output = Output(as_json=as_json)
    asked = Find(connection=connection or "", text=" ".join(text), in_services=in_services)
    with opened(state) as application:
        catch_up(application, output)
        found = ask(application, FIND, asked)
    rows = [msgspec.to_builtins(each) if as_json else _row(each) for each in found.hits]
    output.rows(
        _COLUMNS, rows, empty=t("Nothing is called that. Try another word, a number, or a part of a name.")
    )
    for each in found.not_looked:
        output.message(_not_looked(each))


def _row(each: Hit) -> dict[str, object]:
    return {
        "kind": t(HIT_KINDS[each.kind]),
        "number": each.number,
        "caption": said(each.caption),
        "about": said(each.about) or (each.mapping if each.mapping != each.number else ""),
        "status": t(_STATUSES[each.status]) if each.status else "",
        "where": f"interlace {each.command}" if each.command else each.page,
    }


def _not_looked(each: NotLooked) -> str:
    why = said(each.why)
    if not each.side:
        return why
    side = t("ERP") if each.side == "erp" else t("CRM")
    return t("{side} ({mappings}): {why}", side=side, mappings=words().listed(list(each.mappings)), why=why)
