"""Integration Field Mapping: the field rows of a mapping, which are enabled, and whose change wins."""

from __future__ import annotations

from htpy import Element, Node, div, form, p
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.management import mappings
from interlace.management.mapping_answers import FieldRow, MappingShown
from interlace.management.mappings import OneMapping
from interlace.management.own_rows import ADD_ROW, REMOVE_ROW
from interlace.management.refusal import RefusalKind, Refused
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import fast_tab
from interlace.ui.fields import Choice, select_field
from interlace.ui.keys import NEW
from interlace.ui.listing import Column, listing
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.mapping_parts import (
    ARROWS,
    FieldOfRow,
    choices_of,
    direction,
    lines,
    path_of,
    why_no_change,
)
from interlace.web.notice import Notice, said, tell
from interlace.web.pages import field_row
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again
from interlace.web.visit import Button, TheVisit, Visit

_Answer = Response[str] | Redirect
_ENABLED, _CONFLICT = "enabled", "conflicts"


@get("/mappings/{name:str}/fields", opt=PAGE)
async def fields_page(visit: TheVisit, name: FromPath[str]) -> Response[str]:
    """Every field row of a mapping."""
    return await _page(visit, name, EnteredForm())


@post("/mappings/{name:str}/fields", opt=PAGE)
async def change_fields(
    request: AnyRequest, visit: TheVisit, accounts: TheAccounts, name: FromPath[str]
) -> _Answer:
    """Keep them; what is wrong is shown."""
    pairs = await entered_pairs(request)
    try:
        changed = await ask_entered(visit, mappings.CHANGE_FIELDS, pairs)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return await _page(visit, name, EnteredForm(pairs=pairs, refused=refused))
    await tell(request, accounts, Notice(title=said(visit.words, changed.message)))
    return Redirect(visit.to(path_of(name, "fields")), status_code=303)


PAGES = (fields_page, change_fields, *field_row.PAGES)


async def _page(visit: Visit, name: str, entered: EnteredForm) -> Response[str]:
    words = visit.words
    held = await visit.ask(mappings.SHOW, OneMapping(connection=visit.connection.name, mapping=name))
    found = held.header.name
    return visit.page(
        Page(
            heading=words.t("Field Mapping of {mapping}", mapping=found),
            subtitle=words.t(
                "{erp_table} and {crm_table}, row by row in the order of transfer.",
                erp_table=held.header.erp_table,
                crm_table=held.header.integration_table,
            ),
            crumbs=[
                Crumb(caption=words.t("Integration Table Mappings"), address=visit.to("/mappings")),
                Crumb(caption=found, address=visit.to(path_of(found))),
            ],
            notices=entered.notices(visit),
            content=[
                action_bar(
                    [_new_row(visit, held)],
                    [action_link(words.t("Try with a Record"), visit.to(path_of(found, "")) + "#try")],
                    captions=words.captions,
                ),
                _form(visit, held, entered),
            ],
        ),
        status=entered.status,
    )


def _new_row(visit: Visit, held: MappingShown) -> Element | None:
    """Lead to a row of one's own, where the mapping takes any."""
    header = held.header
    if why_no_change(visit) or header.by_documents or header.choice_column:
        return None
    address = visit.to(path_of(header.name, "fields/row"))
    return action_link(visit.words.t(ADD_ROW.caption), address, keys=NEW)


def _form(visit: Visit, held: MappingShown, entered: EnteredForm) -> Element:
    words, may = visit.words, not why_no_change(visit)
    columns = [
        Column(caption=words.t("Field")),
        Column(caption=words.t("Direction")),
        Column(caption=words.t("Integration Field")),
        Column(caption=words.t("What happens on the way")),
        Column(caption=words.t("Status")),
        Column(caption=words.t("In a conflict")),
    ]
    rows = [_row(visit, held, place, entered, may=may) for place in range(len(held.fields))]
    shown = div(".field-rows")[
        listing(columns, rows, caption=words.t("Field rows"), empty=words.t("It has no field rows."))
    ]
    if not may:
        return div[shown, p(".quiet-text")[why_no_change(visit)]]
    return div[_own_rows(visit, held), _settings(visit, held, shown)]


def _own_rows(visit: Visit, held: MappingShown) -> Element | None:
    """The rows that users added, each with what can be done with it: a form can't stand within the other form."""
    words, name = visit.words, held.header.name
    own = [each for each in held.fields if each.own is not None]
    if not own:
        return None
    columns = [
        Column(caption=words.t("Field")),
        Column(caption=words.t("Direction")),
        Column(caption=words.t("Integration Field")),
        Column(caption=words.t("What happens on the way")),
        Column(caption=words.t("Actions"), is_caption_hidden=True),
    ]
    rows: list[list[Node]] = [
        [
            each.erp_field or "–",
            direction(words, each.direction),
            each.crm_field or "–",
            div(".small")[lines([said(words, remark) for remark in each.remarks])] if each.remarks else "",
            div(".row-actions")[
                action_link(words.t("Change"), visit.to(path_of(name, "fields/row"), {"row": each.row})),
                visit.action(
                    REMOVE_ROW,
                    {"mapping": name, "row": each.row, "seen": held.seen},
                    Button(confirm=words.t("Delete the field row {row}?", row=each.row)),
                ),
            ],
        ]
        for each in own
    ]
    return div(".own-rows")[
        fast_tab(
            words.t("Rows of your own"), listing(columns, rows, caption=words.t("Rows of your own"), empty="")
        )
    ]


def _settings(visit: Visit, held: MappingShown, shown: Element) -> Element:
    words = visit.words
    return form({"data-kept": "1"}, method="post", action=visit.to(path_of(held.header.name, "fields")))[
        hidden([("connection", visit.connection.name), ("mapping", held.header.name), ("seen", held.seen)]),
        shown,
        div(".buttons")[
            form_button(words.t("Save"), is_primary=True),
            action_link(words.t("Cancel"), visit.to(path_of(held.header.name))),
        ],
        p(".quiet-text")[
            words.t(
                "A disabled row carries nothing in either direction. Once it is enabled again, values that differ by "
                "then are a conflict, for nobody knows which side changed them."
            )
        ],
    ]


def _row(visit: Visit, held: MappingShown, place: int, entered: EnteredForm, *, may: bool) -> list[Node]:
    words, each = visit.words, held.fields[place]
    return [
        [each.erp_field or "–", [" ", badge(words.t("Own"), Tone.NEUTRAL)] if each.own is not None else None],
        div(title=direction(words, each.direction), role="img", aria_label=direction(words, each.direction))[
            ARROWS[each.direction]
        ],
        each.crm_field or "–",
        div(".small")[lines([said(words, remark) for remark in each.remarks])] if each.remarks else "",
        _status(visit, each, place, entered, may=may),
        _conflict(visit, held, place, entered, may=may),
    ]


def _status(visit: Visit, each: FieldRow, place: int, entered: EnteredForm, *, may: bool) -> Node:
    words = visit.words
    if not (may and each.may_be_disabled):
        return (
            badge(words.t("Enabled"), Tone.GOOD) if each.is_enabled else badge(words.t("Disabled"), Tone.WARN)
        )
    name = f"{_ENABLED}.{each.row}"
    field = FieldOfRow(
        name=name,
        column=_ENABLED,
        place=place,
        caption=words.t("Status of {field}", field=each.erp_field),
        tooltip=words.t("Whether the field is synchronized."),
        value=_entered(entered, name, "yes" if each.is_enabled else "no"),
        is_label_hidden=True,
    )
    choices = [
        Choice(value="yes", caption=words.t("Enabled")),
        Choice(value="no", caption=words.t("Disabled")),
    ]
    return select_field(field, choices)


def _conflict(visit: Visit, held: MappingShown, place: int, entered: EnteredForm, *, may: bool) -> Node:
    words, each = visit.words, held.fields[place]
    if not each.may_conflict:
        return ""
    of_mapping = words.t(
        "As the mapping: {policy}",
        policy=said(words, each.default_conflict_resolution or held.header.update_conflict_resolution),
    )
    if not may:
        return said(words, each.conflict_resolution) if each.conflict_resolution else of_mapping
    name = f"{_CONFLICT}.{each.row}"
    wrong = entered.refused.fields.get("field_conflict_resolution", "") if entered.refused is not None else ""
    value = _entered(entered, name, each.conflict_resolution)
    field = FieldOfRow(
        name=name,
        column=_CONFLICT,
        place=place,
        caption=words.t("Answer to a conflict of {field}", field=each.erp_field),
        tooltip=words.t("Which side wins when both changed the field; blank: as the mapping says."),
        value=value,
        error=said(words, wrong) if wrong and value != each.conflict_resolution else "",
        is_label_hidden=True,
    )
    return select_field(field, choices_of(words, each.resolutions), blank=of_mapping)


def _entered(entered: EnteredForm, name: str, before: str) -> str:
    return next((value for held, value in entered.pairs if held == name), before)
