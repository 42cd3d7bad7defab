"""Configuration templates on the card of a mapping: the values that new records of either side begin with.

A value of one's own is a field row with a constant that counts for new records only, so it is entered where rows are.
"""

from __future__ import annotations

from typing import Final

from htpy import Element, Node, code, div, p

from interlace.domain.integration_field_mapping import Direction
from interlace.management.mapping_answers import FieldRow, MappingShown, SideName
from interlace.management.own_rows import REMOVE_ROW
from interlace.ui.actions import action_link
from interlace.ui.card import Fact, facts
from interlace.ui.listing import Column, listing
from interlace.web.mapping_parts import lines, path_of, why_no_change
from interlace.web.visit import Button, Visit

TEMPLATE: Final = "template"
"""Parameter of the address of a new field row: the side whose new records get the value."""
ROW_OF: Final = {
    "erp": {"direction": Direction.FROM_INTEGRATION_TABLE.value, "only_new": "yes"},
    "crm": {"direction": Direction.TO_INTEGRATION_TABLE.value, "only_new": "yes"},
}
"""What the form of a field row begins with for a value of a template, by side."""


def templates(visit: Visit, held: MappingShown) -> list[Node]:
    """Return both templates, each with the mapping's own values and those that users added."""
    words = visit.words
    return [
        _template(visit, held, "erp", words.t("Table Config Template"), held.table_config_template),
        _template(
            visit, held, "crm", words.t("Int. Tbl. Config Template"), held.integration_table_config_template
        ),
    ]


def _template(
    visit: Visit, held: MappingShown, side: SideName, caption: str, given: tuple[str, ...]
) -> Element:
    words = visit.words
    own = [each for each in held.fields if _is_value_of(each, side)]
    none = words.t("None")
    columns = [
        Column(caption=words.t("Field"), tooltip=words.t("The field that new records get the value in.")),
        Column(caption=words.t("Value"), tooltip=words.t("What new records hold there at first.")),
        Column(caption=words.t("Actions"), is_caption_hidden=True),
    ]
    return div(".of-side")[
        facts([Fact(caption=caption, value=lines(list(given)) or (none if not own else ""))]),
        listing(columns, [_row(visit, held, each, side) for each in own], caption=caption, empty="")
        if own
        else None,
        _adding(visit, held, side),
    ]


def _is_value_of(row: FieldRow, side: SideName) -> bool:
    own = row.own
    if own is None or not own.constant or not own.only_new:
        return False
    return bool(own.erp_field if side == "erp" else own.crm_field)


def _row(visit: Visit, held: MappingShown, row: FieldRow, side: SideName) -> list[Node]:
    words, own, name = visit.words, row.own, held.header.name
    assert own is not None
    field = own.erp_field if side == "erp" else own.crm_field
    ways: Node = None
    if not why_no_change(visit):
        ways = div(".row-actions")[
            action_link(words.t("Change"), visit.to(path_of(name, "fields/row"), {"row": row.row})),
            visit.action(
                REMOVE_ROW,
                {"mapping": name, "row": row.row, "seen": held.seen},
                Button(
                    confirm=words.t("New records get no value in {field} any more. Delete it?", field=field)
                ),
            ),
        ]
    return [code[field], own.constant, ways]


def _adding(visit: Visit, held: MappingShown, side: SideName) -> Element:
    words, header = visit.words, held.header
    why_not = why_no_change(visit)
    goes = {Direction.BIDIRECTIONAL.value, ROW_OF[side]["direction"]}
    if header.by_documents or header.choice_column:
        why_not = words.t("{mapping} takes no field rows of your own.", mapping=header.name)
    elif header.direction not in goes:
        why_not = words.t("The mapping makes no new records on this side.")
    if why_not:
        return p(".quiet-text")[why_not]
    address = visit.to(path_of(header.name, "fields/row"), {TEMPLATE: side})
    return div(".buttons")[action_link(words.t("Add Value"), address)]
