"""Conflict inbox: ERP, last agreed, CRM and the result side by side; a choice for each field; keys A and B."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from htpy import (
    Element,
    Node,
    a,
    br,
    button,
    div,
    fieldset,
    form,
    label,
    legend,
    p,
    span,
    table,
    tbody,
    td,
    th,
    thead,
    tr,
)
from htpy import caption as caption_
from htpy import input as input_
from litestar import Response, get
from litestar.params import FromPath

from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.errors import ErrorCode
from interlace.domain.filter_language import quoted
from interlace.management import conflicts
from interlace.management.conflicts import (
    CONFLICT_COLUMNS,
    KIND_CHOICES,
    AlikeConflict,
    ConflictField,
    ConflictRow,
    Conflicts,
    ConflictShown,
    ConflictSide,
    ListConflicts,
    ShowConflict,
)
from interlace.management.listing import ListRow, captions_of
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link, form_button, outside_link
from interlace.ui.badge import Tone, badge
from interlace.ui.explained import heading, tooltip_of
from interlace.ui.fields import Field, check_box
from interlace.ui.keys import DECIDE, LOG, TAKE_CRM, TAKE_ERP
from interlace.ui.listing import Column, listing, view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, NavigationItem, Page, hidden
from interlace.ui.words import Words
from interlace.web.addresses import DO
from interlace.web.chosen_rows import choose_all
from interlace.web.conflict_policy import field_policy, policy_chip
from interlace.web.copied_details import ToldError, copied_details
from interlace.web.field_captions import field_caption
from interlace.web.list_page import ListPage, is_narrowed, list_asked, shown_list
from interlace.web.neighbours import record_ways
from interlace.web.readable import plain
from interlace.web.record_parts import erp_record
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, TheVisit, Visit, live

_ROWS = 50
_KINDS = captions_of(KIND_CHOICES)
_KIND_TONES = {"update": Tone.WARN, "deletion": Tone.BAD}
_OF_MAPPING = f"{FILTER}mapping"
_CHOICES = {
    "restore": translatable("Create the deleted record again"),
    "remove-coupling": translatable("Remove the coupling, leave the other record"),
    "delete": translatable("Delete the other record, too"),
}


@get("/conflicts", opt=PAGE)
async def conflicts_page(visit: TheVisit) -> Response[str]:
    """Every conflict that awaits a person."""
    words = visit.words
    asked = msgspec.convert(list_asked(visit, rows=_ROWS), ListConflicts)
    found = await visit.ask(conflicts.LIST, asked)
    shown = ListPage(
        path="/conflicts",
        columns=CONFLICT_COLUMNS,
        answer=found,
        rows=found.rows,
        caption=words.t("Conflicts"),
        cells={
            "caption": lambda row: a(href=visit.to(f"/conflicts/{_conflict(row).id}"))[
                plain(_conflict(row).caption)
            ],
            "kind": lambda row: _kind(words, _conflict(row).kind),
            "fields": lambda row: words.listed(
                [field_caption(words, name) for name in _conflict(row).fields]
            ),
            "detected_at": lambda row: words.datetime(_conflict(row).detected_at),
        },
        empty=empty_state(words.t("No conflict fits"))
        if is_narrowed(visit)
        else empty_state(words.t("No conflicts"), words.t("Nothing awaits your decision.")),
        export_list=conflicts.LIST.name,
        views=await views_of(visit, conflicts.LIST.name),
    )
    return visit.page(
        Page(
            heading=words.t("Conflicts"),
            subtitle=words.t("Records that both sides changed in the same field, or that one side deleted."),
            content=live("conflicts", [_mappings(visit, found), shown_list(visit, shown)]),
        )
    )


@get("/conflicts/{conflict:str}", opt=PAGE)
async def conflict_page(visit: TheVisit, conflict: FromPath[str]) -> Response[str]:
    """One conflict, field by field."""
    words = visit.words
    held = await visit.ask(conflicts.SHOW, ShowConflict(connection=visit.connection.name, id=conflict))
    described = ERROR_DESCRIPTIONS[ErrorCode(held.code)]
    return visit.page(
        Page(
            heading=words.t("{mapping}: {record}", mapping=held.mapping, record=plain(held.caption)),
            subtitle=words.t(described.happened),
            status=[_kind(words, held.kind), policy_chip(visit, held)],
            crumbs=[Crumb(caption=words.t("Conflicts"), address=visit.to("/conflicts"))],
            content=[_ways(visit, held), _form(visit, held), _details(visit, held)],
        )
    )


PAGES = (conflicts_page, conflict_page)


def _details(visit: Visit, held: ConflictShown) -> Element:
    told = ToldError(
        what=visit.words.t(ERROR_DESCRIPTIONS[ErrorCode(held.code)].happened),
        code=held.code,
        mapping=held.mapping,
        record=visit.words.listed([each.key for each in (held.erp, held.crm) if each.key]),
        reference=held.id,
        at=held.detected_at,
    )
    return copied_details(visit.words, told)


def _conflict(row: ListRow) -> ConflictRow:
    assert isinstance(row, ConflictRow)
    return row


def _kind(words: Words, kind: str) -> Element:
    return badge(words.t(_KINDS[kind]), _KIND_TONES[kind])


def _mappings(visit: Visit, found: Conflicts) -> Element | None:
    """Return the ways to the conflicts of one mapping."""
    chosen = visit.query(_OF_MAPPING)
    if not found.mappings and not chosen:
        return None
    words = visit.words
    everything = NavigationItem(
        caption=words.t("All ({count})", count=sum(each.count for each in found.mappings)),
        address=visit.to("/conflicts"),
        is_current=not chosen,
    )
    ones = [
        NavigationItem(
            caption=each.mapping,
            address=visit.to("/conflicts", {_OF_MAPPING: quoted(each.mapping)}),
            is_current=quoted(each.mapping) == chosen,
        )
        for each in found.mappings
    ]
    return view_menu([everything, *ones], name=words.t("Mappings"), captions=words.captions)


def _ways(visit: Visit, held: ConflictShown) -> Element | None:
    words = visit.words

    def way(conflict: str) -> str:
        return visit.to(f"/conflicts/{conflict}") if conflict else ""

    return action_bar(
        record_ways(words, way(held.previous_id), way(held.next_id)),
        [
            action_link(words.t("Journal"), visit.to("/journal", {"key": held.erp.key}), keys=LOG),
            erp_record(visit, held.mapping, held.erp.key, held.erp.link),
            outside_link(words.t("Open in CRM"), held.crm.link),
        ],
        captions=words.captions,
    )


def _form(visit: Visit, held: ConflictShown) -> Element:
    words = visit.words
    sent = [
        ("connection", visit.connection.name),
        ("id", held.id),
        (RETURN_TO, visit.to("/conflicts")),
    ]
    return form({"data-kept": "1"}, method="post", action=f"{DO}/conflicts/resolve")[
        hidden(sent),
        _take_all(visit) if held.kind == "update" else None,
        _diff(visit, held),
        _deletion(visit, held) if held.kind == "deletion" else None,
        _alike(visit, held) if held.alike else None,
        div(".decision")[
            check_box(
                Field(name="remember", caption=words.t("Always decide these fields so in this mapping")),
                is_checked=False,
            ),
            div(".buttons")[
                form_button(words.t("Decide"), is_primary=True, keys=DECIDE),
                action_link(words.t("Decide later"), visit.to("/conflicts")),
            ],
            p(".quiet-text.of-keys")[words.t("Keys: A takes the ERP for all fields, B the CRM, M decides.")]
            if held.kind == "update"
            else None,
        ],
    ]


def _diff(visit: Visit, held: ConflictShown) -> Element:
    words = visit.words
    is_update = held.kind == "update"
    return div(".list", role="region", aria_label=words.t("Fields in conflict"), tabindex="0")[
        table(".diff")[
            caption_(".unseen")[words.t("Fields in conflict")],
            thead[
                tr[
                    heading(words.t("Field")),
                    heading(words.t("ERP"), _side_head(visit, words.t("ERP"), held.erp)),
                    heading(words.t("Last agreed")),
                    heading(words.t("CRM"), _side_head(visit, words.t("CRM"), held.crm)),
                    heading(words.t("Result")) if is_update else None,
                ]
            ],
            tbody[[_field(visit, held, each) for each in held.fields]],
        ]
    ]


def _side_head(visit: Visit, name: str, side: ConflictSide) -> Node:
    words = visit.words
    told = [name]
    if not side.is_there:
        told.append(words.t("deleted"))
    elif side.changed_by:
        told.append(words.t("changed by {name}", name=side.changed_by))
    if side.is_there and side.changed_at is not None:
        told.append(words.datetime(side.changed_at))
    return [told[0], [(br, span(".quiet-text")[each]) for each in told[1:]]]


def _take_all(visit: Visit) -> Element:
    """Return the buttons that choose one side for every field; they need the script."""
    words = visit.words
    ways = (
        ("erp", TAKE_ERP, words.t("Take all from the ERP")),
        ("crm", TAKE_CRM, words.t("Take all from the CRM")),
    )
    return div(".take-all.script-only")[
        [
            button(
                {"data-takes": choice},
                class_="button",
                type="button",
                aria_keyshortcuts=keys,
                title=tooltip_of(caption),
            )[caption]
            for choice, keys, caption in ways
        ]
    ]


def _field(visit: Visit, held: ConflictShown, each: ConflictField) -> Element:
    words = visit.words
    names = field_caption(words, each.erp_field) if each.erp_field else each.crm_field
    technical = each.crm_field if each.erp_field else ""
    agreed: Node = words.t("not known") if each.agreed is None else _value(each.agreed)
    return tr[
        th(scope="row")[
            names,
            [br, span(".quiet-text")[technical]] if technical else None,
            span(".quiet-text")[f" · {each.group}"] if each.group else None,
            field_policy(words, held, each),
        ],
        td({"data-label": words.t("ERP")}, class_={"new": each.erp_value != each.agreed})[
            _value(each.erp_value)
        ],
        td({"data-label": words.t("Last agreed")}, class_="old")[agreed],
        td({"data-label": words.t("CRM")}, class_={"new": each.crm_value != each.agreed})[
            _value(each.crm_value)
        ],
        td({"data-label": words.t("Result")})[_choice(visit, each, names)] if held.kind == "update" else None,
    ]


def _choice(visit: Visit, each: ConflictField, names: str) -> Element:
    words = visit.words
    taken = (("erp", words.t("ERP"), each.to_crm), ("crm", words.t("CRM"), each.to_erp))
    return fieldset(".choices")[
        legend(".unseen")[words.t("Result of {field}", field=names)],
        [
            label(".choice")[
                input_(type="radio", name=f"fields.{each.row}", value=choice, required=True),
                span[words.t("{side}: {value}", side=side, value=value or words.t("blank")),],
            ]
            for choice, side, value in taken
        ],
    ]


def _alike(visit: Visit, held: ConflictShown) -> Element:
    """Return the conflicts that the decision may settle, too: each is shown, and ticked by whoever decides."""
    words = visit.words
    columns = [
        Column(caption=words.t("Record")),
        Column(caption=words.t("ERP")),
        Column(caption=words.t("CRM")),
    ]
    return fieldset(".panel.alike")[
        legend[words.t("Decide these of the same fields alike")],
        choose_all(words, "alike"),
        listing(
            columns,
            [_alike_row(visit, each) for each in held.alike],
            caption=words.t("Conflicts of the same fields"),
            empty=None,
        ),
        p(".quiet-text")[words.t("There are more: they are shown when these are decided.")]
        if held.has_more_alike
        else None,
    ]


def _alike_row(visit: Visit, each: AlikeConflict) -> list[Node]:
    words = visit.words
    box = input_(
        type="checkbox",
        name="alike",
        value=each.id,
        aria_label=words.t("Choose {record}", record=each.caption),
    )
    way = a(href=visit.to(f"/conflicts/{each.id}"))[plain(each.caption)]
    names = [field_caption(words, row.erp_field or row.crm_field) for row in each.fields]
    erp = _values(words, names, [row.erp_value for row in each.fields])
    return [span(".ticked")[box, way], erp, _values(words, names, [row.crm_value for row in each.fields])]


def _values(words: Words, names: Sequence[str], values: Sequence[str | None]) -> str:
    pairs = zip(names, values, strict=True)
    return words.listed([f"{name}: {value or words.t('blank')}" for name, value in pairs])


def _value(value: str | None) -> Node:
    return span(".blank")["–"] if value is None or value == "" else value


def _deletion(visit: Visit, held: ConflictShown) -> Element:
    words = visit.words
    return fieldset(".panel.choices")[
        legend[words.t("What becomes of it")],
        [
            label(".choice")[
                input_(type="radio", name="choice", value=each, required=True), span[words.t(_CHOICES[each])]
            ]
            for each in held.choices
        ],
    ]
