"""The filter of a mapping: conditions of one's own, checked against the table, with a count of who takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from htpy import Element, Node, code, div, form, li, p, ul
from htpy import input as input_
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.management import mappings
from interlace.management.asked import from_pairs
from interlace.management.mapping_answers import (
    MappingShown,
    RecordsCounted,
    SideName,
    TableField,
    TableFields,
)
from interlace.management.mapping_checks import CHECK_FILTER
from interlace.management.mappings import ListFields, OneMapping
from interlace.management.refusal import RefusalKind, Refused
from interlace.ui.actions import action_link, form_button
from interlace.ui.card import card, fast_tab
from interlace.ui.fields import Choice, select_field, suggestion_list, text_field
from interlace.ui.keys import NEW
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.ui.words import Words
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.mapping_parts import COMPARISONS, KINDS, FieldOfRow, lines, path_of, why_no_change
from interlace.web.notice import Notice, said, tell
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again
from interlace.web.visit import TheVisit, Visit

_Answer = Response[str] | Redirect
_PARTS = ("fields", "comparisons", "values")
_DO = "do"
_LIST_ID = "fields-of-table"
_Row = tuple[str, str, str]


@get("/mappings/{name:str}/filter", opt=PAGE)
async def filter_page(visit: TheVisit, name: FromPath[str]) -> Response[str]:
    """The conditions that are kept, and a blank one."""
    side: SideName = "crm" if visit.query("side") == "crm" else "erp"
    held = await _mapping(visit, name)
    own = held.own_table_filter if side == "erp" else held.own_integration_table_filter
    rows = [(each.field, each.comparison, each.value) for each in own]
    return await _page(visit, held, side, rows)


@post("/mappings/{name:str}/filter", opt=PAGE)
async def change_filter(
    request: AnyRequest, visit: TheVisit, accounts: TheAccounts, name: FromPath[str]
) -> _Answer:
    """Add or remove a row, count, or keep the conditions, by the button that was pressed."""
    pairs = await entered_pairs(request)
    wanted = next((value for held, value in pairs if held == _DO), "save")
    side: SideName = "crm" if ("side", "crm") in pairs else "erp"
    rows, held = _rows(pairs), await _mapping(visit, name)
    sent = [pair for pair in pairs if pair[0] not in (_DO, "seen")]
    if wanted.startswith("remove-") and wanted[7:].isdecimal():
        return await _page(
            visit, held, side, [row for place, row in enumerate(rows) if place != int(wanted[7:])]
        )
    if wanted == "add":
        return await _page(visit, held, side, rows)
    try:
        if wanted == "check":
            checked = await visit.ask(CHECK_FILTER, from_pairs(CHECK_FILTER, sent))
            return await _page(visit, held, side, rows, problems=checked.problems)
        if wanted == "count":
            counted = await visit.ask(mappings.COUNT, from_pairs(mappings.COUNT, sent))
            return await _page(visit, held, side, rows, counted=counted)
        changed = await ask_entered(visit, mappings.CHANGE_FILTER, [pair for pair in pairs if pair[0] != _DO])
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return await _page(visit, held, side, rows, EnteredForm(pairs=pairs, refused=refused))
    await tell(request, accounts, Notice(title=said(visit.words, changed.message)))
    return Redirect(visit.to(path_of(held.header.name)), status_code=303)


PAGES = (filter_page, change_filter)


async def _mapping(visit: Visit, name: str) -> MappingShown:
    return await visit.ask(mappings.SHOW, OneMapping(connection=visit.connection.name, mapping=name))


def _rows(pairs: Sequence[tuple[str, str]]) -> list[_Row]:
    """Return the rows of the form that hold anything."""
    columns = [[value for name, value in pairs if name == part] for part in _PARTS]
    return [
        (field, comparison, value)
        for field, comparison, value in zip(*columns, strict=False)
        if field or value
    ]


async def _page(
    visit: Visit,
    held: MappingShown,
    side: SideName,
    rows: Sequence[_Row],
    entered: EnteredForm | None = None,
    *,
    counted: RecordsCounted | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response[str]:
    words, name = visit.words, held.header.name
    entered = entered or EnteredForm()
    wrong = entered.refused.fields if entered.refused is not None else problems or {}
    table = await visit.ask(
        mappings.FIELDS, ListFields(connection=visit.connection.name, mapping=name, side=side)
    )
    given = held.default_table_filter if side == "erp" else held.default_integration_table_filter
    return visit.page(
        Page(
            heading=words.t("Filter of {mapping}: {table}", mapping=name, table=table.table),
            subtitle=words.t("Only records that meet every condition take part."),
            crumbs=[
                Crumb(caption=words.t("Integration Table Mappings"), address=visit.to("/mappings")),
                Crumb(caption=name, address=visit.to(path_of(name))),
            ],
            notices=entered.notices(visit),
            content=card(
                [
                    fast_tab(words.t("Conditions of the mapping"), _given(visit, given)),
                    fast_tab(
                        words.t("Added conditions"), _form(visit, held, side, table, rows, wrong, counted)
                    ),
                    fast_tab(
                        words.t("What a condition means"),
                        _meaning(visit, held),
                        is_open=held.leaving_filter_deletes,
                    ),
                    fast_tab(words.t("Fields of the Table"), _fields(visit, table.fields), is_open=False),
                ]
            ),
        ),
        status=entered.status,
    )


def _given(visit: Visit, given: Sequence[str]) -> Node:
    words = visit.words
    if not given:
        return p[words.t("None: every record takes part.")]
    return [
        lines(list(given)),
        p(".quiet-text")[words.t("They can't be taken away: the other side can't express other records.")],
    ]


def _form(
    visit: Visit,
    held: MappingShown,
    side: SideName,
    table: TableFields,
    rows: Sequence[_Row],
    wrong: Mapping[str, str],
    counted: RecordsCounted | None,
) -> Node:
    words, name = visit.words, held.header.name
    why_not = why_no_change(visit)
    if why_not or held.header.by_documents:
        return p[
            why_not or words.t("Orders are followed document by document; they have no filter of one's own.")
        ]
    comparisons = tuple(dict.fromkeys(each for field in table.fields for each in field.comparisons))
    shown = [*rows, ("", "", "")]
    checks = {"data-kept": "1", "data-checks": _DO}
    return form(".filter-form", checks, method="post", action=visit.to(path_of(name, "filter")))[
        hidden(
            [("connection", visit.connection.name), ("mapping", name), ("side", side), ("seen", held.seen)]
        ),
        # The first button is the one that Enter presses.
        input_(".default-button", type="submit", name=_DO, value="save", tabindex="-1", aria_hidden="true"),
        [_row(visit, place, row, comparisons, wrong) for place, row in enumerate(shown)],
        suggestion_list(
            _LIST_ID, [Choice(value=each.name, caption=_sort_of(visit, each)) for each in table.fields]
        ),
        None if counted is None else _counted(visit, counted, deletes=held.leaving_filter_deletes),
        div(".buttons")[
            form_button(words.t("Save"), name=_DO, value="save", is_primary=True),
            form_button(words.t("Count Records"), name=_DO, value="count"),
            form_button(words.t("Add Condition"), name=_DO, value="add", keys=NEW),
            action_link(words.t("Cancel"), visit.to(path_of(name))),
        ],
    ]


def _row(
    visit: Visit, place: int, row: _Row, comparisons: Sequence[str], wrong: Mapping[str, str]
) -> Element:
    words = visit.words
    captions = (words.t("Field"), words.t("Comparison"), words.t("Value"))
    field, comparison, value = (
        _named(words, shown, name, text, wrong, place)
        for shown, name, text in zip(captions, _PARTS, row, strict=True)
    )
    choices = [Choice(value=each, caption=said(words, COMPARISONS.get(each, each))) for each in comparisons]
    is_blank = not (row[0] or row[2])
    return div(".condition")[
        text_field(field, suggestions=_LIST_ID, length_max=200, autocomplete="off"),
        select_field(comparison, choices),
        text_field(value, length_max=1000, autocomplete="off"),
        None if is_blank else form_button(words.t("Remove"), name=_DO, value=f"remove-{place}"),
    ]


def _named(
    words: Words, caption: str, name: str, value: str, wrong: Mapping[str, str], place: int
) -> FieldOfRow:
    return FieldOfRow(
        name=name,
        caption=caption,
        value=value,
        error=said(words, wrong.get(f"{name}.{place}", "")),
        column=name,
        place=place,
    )


def _counted(visit: Visit, counted: RecordsCounted, *, deletes: bool) -> Element:
    words = visit.words
    told = words.t(
        "{count} of {total} records take part by these conditions.",
        count=counted.taking_part,
        total=counted.total,
    )
    if not counted.is_complete:
        told = words.t(
            "Of the first {total} records {count} take part; the table is too large to be counted whole here.",
            count=counted.taking_part,
            total=counted.total,
        )
    leaving = words.n(
        "{count} coupled record is kept out.",
        "{count} coupled records are kept out.",
        counted.coupled_leaving,
    )
    if deletes:
        leaving = words.n(
            "{count} coupled record counts as deleted: its partner is deleted too.",
            "{count} coupled records count as deleted: their partners are deleted too.",
            counted.coupled_leaving,
        )
    kind = Kind.WARNING if deletes and counted.coupled_leaving else Kind.HINT
    return notice(told, kind=kind, body=leaving if counted.coupled_leaving else None)


def _meaning(visit: Visit, held: MappingShown) -> Node:
    words = visit.words
    texts = [
        words.t("one of: several texts with | between them, such as NO|FI. Letter case counts."),
        words.t("at least, at most: numbers, or dates such as 2026-01-31. A blank value is never enough."),
        words.t(
            "A coupled record that no longer meets the conditions stays coupled: its own changes are not carried over, "
            "changes of its partner still are."
        ),
        words.t("A record that comes in by other conditions is taken up by a run over all records."),
    ]
    if held.leaving_filter_deletes:
        texts[2] = words.t(
            "A coupled record that leaves the filter counts as deleted: its partner is deleted too."
        )
    return ul[[li[each] for each in texts]]


def _fields(visit: Visit, fields: Sequence[TableField]) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Field")),
        Column(caption=words.t("Kind")),
        Column(caption=words.t("Comparisons")),
    ]
    rows: list[list[Node]] = [
        [
            code[each.name],
            _sort_of(visit, each),
            ", ".join(said(words, COMPARISONS.get(it, it)) for it in each.comparisons),
        ]
        for each in fields
    ]
    return listing(columns, rows, caption=words.t("Fields of the Table"), empty="")


def _sort_of(visit: Visit, each: TableField) -> str:
    return said(visit.words, KINDS.get(each.kind, each.kind))
