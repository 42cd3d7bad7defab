"""What the pages of mappings have in common: captions of settings, directions, answers to conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from htpy import Node, div

from interlace.domain.integration_field_mapping import Direction
from interlace.management.mapping_answers import MappingListed, SettingChange
from interlace.management.permission import Permission
from interlace.management.translatable import translatable
from interlace.ui.badge import Tone, badge
from interlace.ui.fields import Choice, Field
from interlace.ui.listing import Column, listing
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.notice import said
from interlace.web.statuses import direction_text
from interlace.web.visit import Visit

SETTINGS = {
    "direction": translatable("Direction"),
    "synch_only_coupled_records": translatable("Synch. Only Coupled Records"),
    "update_conflict_resolution": translatable("Update-Conflict Resolution"),
    "deletion_conflict_resolution": translatable("Deletion-Conflict Resolution"),
    "field_conflict_resolution": translatable("Update-Conflict Resolution of a field"),
    "disabled_fields": translatable("Field row"),
    "own_fields": translatable("Field row of your own"),
    "match_based_coupling": translatable("Match-Based Coupling"),
    "table_filter": translatable("Table Filter"),
    "integration_table_filter": translatable("Integration Table Filter"),
    "takes_part": translatable("Takes part in this connection"),
    "minutes": translatable("Minutes between two runs"),
    "status": translatable("Job Queue Entry Status"),
}
"""Captions of the settings that users change."""
COMPARISONS = {
    "one of": translatable("one of"),
    "begins with": translatable("begins with"),
    "without": translatable("does not contain"),
    "at least": translatable("at least"),
    "at most": translatable("at most"),
    "blank": translatable("is blank"),
    "not blank": translatable("is not blank"),
}
KINDS = {
    "text": translatable("Text"),
    "whole number": translatable("Whole number"),
    "decimal": translatable("Decimal number"),
    "boolean": translatable("Yes or no"),
    "date": translatable("Date"),
    "moment": translatable("Date and time"),
    "guid": translatable("Id"),
    "lookup": translatable("Reference to a record"),
    "virtual": translatable("Computed by Interlace"),
}
ARROWS = {
    Direction.TO_INTEGRATION_TABLE.value: "→",
    Direction.FROM_INTEGRATION_TABLE.value: "←",
    Direction.BIDIRECTIONAL.value: "↔",
}
YES_OR_NO = (Choice(value="yes", caption=translatable("Yes")), Choice(value="no", caption=translatable("No")))


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOfRow(Field):
    """A field in a column of a list: each row's has an anchor of its own, whatever its name."""

    column: str
    place: int

    @property
    def anchor(self) -> str:
        """The id of the input."""
        return f"field-{self.column}-{self.place}"


def path_of(name: str, part: str = "") -> str:
    """Return the path of a mapping's card, or of a page below it."""
    return f"/mappings/{segment(name)}" + (f"/{part}" if part else "")


def yes_no(words: Words, *, holds: bool) -> str:
    """Say yes or no."""
    return words.t("Yes") if holds else words.t("No")


def direction(words: Words, value: str) -> str:
    """Say a direction, with its arrow from the ERP to the CRM."""
    return words.t(
        "{arrow} {direction}", arrow=ARROWS[value], direction=direction_text(words, Direction(value))
    )


def integration_table(each: MappingListed) -> str:
    """Name the CRM table; of an option set with its column."""
    return f"{each.integration_table}.{each.choice_column}" if each.choice_column else each.integration_table


def lines(texts: Sequence[str]) -> Node:
    """Short texts, one a line; nothing is blank."""
    return [div[each] for each in texts] if texts else ""


def change_list(words: Words, changes: Sequence[SettingChange]) -> Node:
    """What was changed: now, and the default."""
    columns = [
        Column(caption=words.t("Setting")),
        Column(caption=words.t("Field")),
        Column(caption=words.t("Now")),
        Column(caption=words.t("Default")),
    ]
    rows: list[list[Node]] = [
        [
            said(words, SETTINGS.get(each.setting, each.setting)),
            each.subject,
            _value(words, each.setting, each.now),
            _value(words, each.setting, each.default),
        ]
        for each in changes
    ]
    return listing(columns, rows, caption=words.t("What was changed"), empty="")


def _value(words: Words, setting: str, value: str) -> str:
    is_direction = setting in {"direction", "own_fields"} and value in ARROWS
    return direction(words, value) if is_direction else said(words, value)


def choices_of(words: Words, values: Sequence[str]) -> list[Choice]:
    """Return words of the domain as choices."""
    return [Choice(value=each, caption=said(words, each)) for each in values]


def part_badge(words: Words, each: MappingListed) -> Node:
    """Say whether a mapping takes part, and whether it is at work."""
    if each.is_running:
        return badge(words.t("In Process"), Tone.BUSY)
    if each.takes_part:
        return badge(words.t("Takes part"), Tone.GOOD)
    return badge(words.t("Takes no part"), Tone.NEUTRAL)


def own_badge(words: Words, each: MappingListed) -> Node:
    """Say that users added a mapping."""
    return badge(words.t("Your own"), Tone.NEUTRAL) if each.is_own else None


def why_no_change(visit: Visit) -> str:
    """Say why the visitor can change nothing; blank: he can."""
    if visit.may(Permission.MANAGE_CONNECTION):
        return ""
    return visit.words.t("You don't have the permission for this")
