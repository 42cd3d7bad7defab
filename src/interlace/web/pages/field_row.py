"""A field row of one's own: entered, checked while it is typed against what both services tell, then kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from htpy import Element, Node, code, div, form, li, p, ul
from htpy import input as input_
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.domain.integration_field_mapping import Direction
from interlace.management import mappings
from interlace.management.asked import from_pairs
from interlace.management.mapping_answers import MappingShown
from interlace.management.mappings import OneMapping
from interlace.management.own_rows import (
    ADD_ROW,
    CHANGE_ROW,
    CHECK_ROW,
    ROW_FIELDS,
    ListRowFields,
    RowChecked,
    RowField,
    RowFields,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_link, form_button
from interlace.ui.card import card, fast_tab
from interlace.ui.fields import Choice, Field, check_box, select_field, suggestion_list, text_field
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.ui.words import Words
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.mapping_parts import KINDS, direction, path_of, why_no_change
from interlace.web.mapping_templates import ROW_OF, TEMPLATE
from interlace.web.notice import Notice, said, tell
from interlace.web.readable import unspelled
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again
from interlace.web.visit import TheVisit, Visit

_Answer = Response[str] | Redirect
_DO, _CHECK = "do", "check"
_ERP_LIST, _CRM_LIST = "fields-of-erp", "fields-of-crm"
_PARTS = ("erp_field", "direction", "crm_field", "constant", "transformation", "argument", "only_new")
_CHOICES_MAX = 40
TRANSFORMATIONS = {
    "values": translatable("Value list"),
    "upper case": translatable("In capitals"),
    "cut": translatable("Cut to a length"),
    "prefix": translatable("Put a text before it"),
    "round": translatable("Round to decimals"),
    "not below zero": translatable("Not below zero"),
    "start of day": translatable("Beginning of the day"),
    "reference": translatable("Reference"),
}
"""Captions of what may happen to a value."""


@get("/mappings/{name:str}/fields/row", opt=PAGE)
async def row_page(visit: TheVisit, name: FromPath[str]) -> Response[str]:
    """A new row, or the one that the address names."""
    held, row = await _mapping(visit, name), visit.query("row")
    return await _page(visit, held, row, _values_of(held, row, visit.query(TEMPLATE)))


@post("/mappings/{name:str}/fields/row", opt=PAGE)
async def keep_row(
    request: AnyRequest, visit: TheVisit, accounts: TheAccounts, name: FromPath[str]
) -> _Answer:
    """Check what was entered, or keep it, by the button that was pressed."""
    pairs = await entered_pairs(request)
    held, row = await _mapping(visit, name), next((value for part, value in pairs if part == "row"), "")
    values = {part: value for part, value in pairs if part in _PARTS}
    sent = [(part, value) for part, value in pairs if part != _DO and (part != "row" or value)]
    if (_DO, _CHECK) in pairs:
        asked = from_pairs(CHECK_ROW, [pair for pair in sent if pair[0] != "seen"])
        return await _page(visit, held, row, values, checked=await visit.ask(CHECK_ROW, asked))
    try:
        if row:
            changed = await ask_entered(visit, CHANGE_ROW, sent)
        else:
            changed = await ask_entered(visit, ADD_ROW, sent)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return await _page(visit, held, row, values, EnteredForm(pairs=pairs, refused=refused))
    await tell(request, accounts, Notice(title=said(visit.words, changed.message)))
    return Redirect(visit.to(path_of(held.header.name, "fields")), status_code=303)


PAGES = (row_page, keep_row)


async def _mapping(visit: Visit, name: str) -> MappingShown:
    return await visit.ask(mappings.SHOW, OneMapping(connection=visit.connection.name, mapping=name))


def _values_of(held: MappingShown, row: str, template: str) -> Mapping[str, str]:
    """Return what the form holds at first: the row that is to be changed, or what a value of a template is."""
    found = next((each.own for each in held.fields if row and each.own is not None and each.row == row), None)
    if found is None:
        return ROW_OF.get(template, {"direction": held.header.direction})
    return {
        "erp_field": found.erp_field,
        "crm_field": found.crm_field,
        "direction": found.direction,
        "constant": found.constant,
        "transformation": found.transformation,
        "argument": found.argument,
        "only_new": "yes" if found.only_new else "no",
    }


async def _page(
    visit: Visit,
    held: MappingShown,
    row: str,
    values: Mapping[str, str],
    entered: EnteredForm | None = None,
    *,
    checked: RowChecked | None = None,
) -> Response[str]:
    words, name = visit.words, held.header.name
    entered = entered or EnteredForm()
    asked = ListRowFields(connection=visit.connection.name, mapping=name)
    tables = await visit.ask(ROW_FIELDS, asked)
    problems = dict(entered.refused.fields) if entered.refused is not None else {}
    if checked is not None:
        problems = {each.part: each.message for each in checked.problems}
    return visit.page(
        Page(
            heading=words.t("Field Row of {mapping}", mapping=name) if row else words.t("New Field Row"),
            subtitle=_subtitle(visit, tables),
            crumbs=[
                Crumb(caption=words.t("Integration Table Mappings"), address=visit.to("/mappings")),
                Crumb(caption=name, address=visit.to(path_of(name))),
                Crumb(caption=words.t("Fields"), address=visit.to(path_of(name, "fields"))),
            ],
            notices=entered.notices(visit),
            content=card(
                [
                    fast_tab(words.t("Row"), _form(visit, held, row, values, tables, problems, checked)),
                    fast_tab(
                        words.t("Fields of {table}", table=tables.erp_table),
                        _fields(visit, tables.erp),
                        is_open=False,
                    ),
                    fast_tab(
                        words.t("Fields of {table}", table=tables.crm_table),
                        _fields(visit, tables.crm),
                        is_open=False,
                    ),
                ]
            ),
        ),
        status=entered.status,
    )


def _subtitle(visit: Visit, tables: RowFields) -> str:
    words = visit.words
    of_side = {"erp": tables.erp_table, "crm": tables.crm_table}.get(visit.query(TEMPLATE))
    if of_side is None:
        return words.t("{erp_table} and {crm_table}", erp_table=tables.erp_table, crm_table=tables.crm_table)
    return words.t(
        "Choose the field of {table} alone, and write the constant value that new records get in it.",
        table=of_side,
    )


def _form(
    visit: Visit,
    held: MappingShown,
    row: str,
    values: Mapping[str, str],
    tables: RowFields,
    problems: Mapping[str, str],
    checked: RowChecked | None,
) -> Node:
    words, name = visit.words, held.header.name
    why_not = why_no_change(visit)
    if why_not:
        return p[why_not]

    entry = _Entries(words=words, values=values, problems=problems)
    return form(
        ".field-row",
        {"data-kept": "1", "data-checks": _DO},
        method="post",
        action=visit.to(path_of(name, "fields/row")),
    )[
        hidden(
            [
                ("connection", visit.connection.name),
                ("mapping", name),
                ("row", row),
                ("seen", held.seen),
                ("only_new", "no"),
            ]
        ),
        # The first button is the one that Enter presses.
        input_(".default-button", type="submit", name=_DO, value="save", tabindex="-1", aria_hidden="true"),
        _meeting(words, held, entry),
        _way(words, tables, entry),
        suggestion_list(_ERP_LIST, [_suggestion(visit, each) for each in tables.erp]),
        suggestion_list(_CRM_LIST, [_suggestion(visit, each) for each in tables.crm]),
        div("#row-checked", {"data-checked": "1"}, aria_live="polite")[
            _checked(visit, values, tables, checked)
        ],
        div(".buttons")[
            form_button(words.t("Save"), name=_DO, value="save", is_primary=True),
            form_button(words.t("Check"), name=_DO, value=_CHECK),
            action_link(words.t("Cancel"), visit.to(path_of(name, "fields"))),
        ],
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entries:
    """What was entered in each part of the row, with what is wrong there."""

    words: Words
    values: Mapping[str, str]
    problems: Mapping[str, str]

    def __call__(self, part: str, caption: str, hint: str = "") -> Field:
        """Return the field of a part."""
        wrong = self.problems.get(part, "")
        return Field(
            name=part,
            caption=caption,
            value=self.values.get(part, ""),
            hint=hint,
            error=said(self.words, wrong) if wrong else "",
        )


def _meeting(words: Words, held: MappingShown, entry: _Entries) -> Element:
    """Which field meets which, and where values go."""
    return div(".meeting")[
        text_field(
            entry("erp_field", words.t("Field")), suggestions=_ERP_LIST, length_max=200, autocomplete="off"
        ),
        select_field(
            entry("direction", words.t("Direction")),
            [Choice(value=each.value, caption=direction(words, each.value)) for each in _directions(held)],
        ),
        text_field(
            entry("crm_field", words.t("Integration Field")),
            suggestions=_CRM_LIST,
            length_max=200,
            autocomplete="off",
        ),
    ]


def _way(words: Words, tables: RowFields, entry: _Entries) -> Element:
    """What happens to a value on its way."""
    return div(".way")[
        select_field(
            entry("transformation", words.t("Transformation")),
            [Choice(value=each, caption=_transformation(words, each)) for each in tables.transformations],
            blank=words.t("None"),
        ),
        text_field(
            entry(
                "argument",
                words.t("Transformed with"),
                words.t(
                    "A number, a text, the mapping of a reference, or a value list such as NO=1|SE=2: ERP value = CRM "
                    "value. “*” is all others."
                ),
            ),
            length_max=4000,
            autocomplete="off",
        ),
        text_field(
            entry(
                "constant",
                words.t("Constant value"),
                words.t("Instead of one of the fields: always written to the other one."),
            ),
            length_max=4000,
            autocomplete="off",
        ),
        _only_new(words, entry.values),
    ]


def _only_new(words: Words, values: Mapping[str, str]) -> Element:
    field = Field(name="only_new", caption=words.t("Only for new records"), value=values.get("only_new", ""))
    return check_box(field, is_checked=values.get("only_new") == "yes", value="yes")


def _directions(held: MappingShown) -> Sequence[Direction]:
    """Return where rows may go: a mapping that goes one way takes no others."""
    whole = Direction(held.header.direction)
    return list(Direction) if whole is Direction.BIDIRECTIONAL else [whole]


def _checked(visit: Visit, values: Mapping[str, str], tables: RowFields, checked: RowChecked | None) -> Node:
    """What is known of the two fields, and what came of the check."""
    words = visit.words
    chosen = [
        found
        for part, fields in (("erp_field", tables.erp), ("crm_field", tables.crm))
        if (found := _called(fields, values.get(part, ""))) is not None
    ]
    told: list[Node] = [_told(visit, each) for each in chosen]
    if checked is not None:
        told += [notice(said(words, each), kind=Kind.WARNING) for each in checked.warnings]
        if not checked.problems:
            told.append(notice(words.t("The row can be kept so."), kind=Kind.HINT))
    return told


def _called(fields: Sequence[RowField], name: str) -> RowField | None:
    wanted = name.strip().casefold()
    return next(
        (each for each in fields if wanted and wanted in (each.name.casefold(), each.caption.casefold())),
        None,
    )


def _told(visit: Visit, each: RowField) -> Element:
    words = visit.words
    return div(".field-told")[
        p[code[each.name], " ", _sort_of(visit, each)],
        ul(".choices")[
            [
                li[
                    it.label
                    if unspelled(it.value) == it.label
                    else words.t("{label}: {value}", label=it.label, value=it.value)
                ]
                for it in each.choices[:_CHOICES_MAX]
            ]
        ]
        if each.choices
        else None,
    ]


def _sort_of(visit: Visit, each: RowField) -> str:
    """Say of a field what fits into it, and where it is mapped."""
    words = visit.words
    told = [each.caption] if each.caption else []
    if each.takes_others:
        told.append(words.t("Option; in use now"))
    else:
        told.append(words.t("Choice") if each.choices else said(words, KINDS.get(each.kind, each.kind)))
    if each.length:
        told.append(words.n("{count} character", "{count} characters", each.length))
    if each.is_read_only:
        told.append(words.t("Read-only"))
    if each.mapped:
        told.append(words.t("mapped with {fields}", fields=", ".join(it or "–" for it in each.mapped)))
    return " · ".join(told)


def _suggestion(visit: Visit, each: RowField) -> Choice:
    return Choice(value=each.name, caption=_sort_of(visit, each))


def _transformation(words: Words, each: str) -> str:
    return words.t(TRANSFORMATIONS[each]) if each in TRANSFORMATIONS else each


def _fields(visit: Visit, fields: Sequence[RowField]) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Field")),
        Column(caption=words.t("Kind")),
        Column(caption=words.t("Length"), is_number=True),
        Column(caption=words.t("Choices")),
        Column(caption=words.t("Mapped with")),
    ]
    rows: list[list[Node]] = [
        [
            [code[each.name], div(".small")[each.caption] if each.caption else None],
            [
                said(words, KINDS.get(each.kind, each.kind)),
                div(".small")[words.t("Read-only")] if each.is_read_only else None,
            ],
            words.number(each.length) if each.length else "",
            words.number(len(each.choices)) if each.choices else "",
            ", ".join(it or "–" for it in each.mapped),
        ]
        for each in fields
    ]
    return listing(columns, rows, caption=words.t("Fields of the Table"), empty="")
