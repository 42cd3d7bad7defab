"""Takes solutions away: a managed one with everything that is its own, an unmanaged one as a name only."""

from __future__ import annotations

from collections.abc import Iterable

from interlace.sandbox.crm.customizations import CHOICE, COLUMN, KEY, RELATIONSHIP, TABLE, Entry
from interlace.sandbox.crm.customizer import Customizer
from interlace.sandbox.crm.deletion import delete_record
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.solutions import refusals
from interlace.sandbox.crm.solutions.identities import ENTITY, ROLE, WEB_RESOURCE, Component, component_of
from interlace.sandbox.crm.solutions.refusals import SolutionRefused
from interlace.sandbox.entity_store import SqlClause, quoted
from interlace.sandbox.exchange import Refusal


def components_of(records: Records, solution: str) -> set[Component]:
    """The components that a solution holds."""
    table = records.schema.tables["solution"]
    rows = records.members_of(table, solution, "solution_solutioncomponent")
    return {(int(str(row["componenttype"])), str(row["objectid"])) for row in rows}


def _whole_tables(records: Records, solution: Row, but: str) -> set[Component]:
    if solution["solutionid"] == but:
        return set()
    table = records.schema.tables["solution"]
    rows = records.members_of(table, str(solution["solutionid"]), "solution_solutioncomponent")
    return {
        (ENTITY, str(row["objectid"]))
        for row in rows
        if row["componenttype"] == ENTITY and row["rootcomponentbehavior"] == 0
    }


def uninstall(records: Records, customizer: Customizer, solution: Row, author: Author) -> None:
    """Takes away what only this solution brought; the row itself goes by its deletion. In a transaction."""
    if not solution["ismanaged"]:
        return
    own = str(solution["solutionid"])
    try:
        remove_components(records, customizer, own, components_of(records, own), author)
    except SolutionRefused as refused:
        raise Refusal(400, refused.code, refused.message) from refused


def remove_components(
    records: Records, customizer: Customizer, solution: str, components: set[Component], author: Author
) -> None:
    """Removes components of a solution that no other solution holds, too."""
    others: set[Component] = set()
    for row in installed_rows(records):
        if row["solutionid"] != solution:
            others |= components_of(records, str(row["solutionid"]))
    # Others hold a table whole, or only parts of it: then they need the one that has it whole.
    whole = {
        component for row in installed_rows(records) for component in _whole_tables(records, row, solution)
    }
    gone = {each for each in components if each not in others or (each[0] == ENTITY and each not in whole)}
    entries = _with_contents(customizer.entries, gone)
    _require_unused(customizer.entries, entries, others)
    for component_type, record_id in sorted(gone):
        if component_type == ROLE and records.exists("role", record_id):
            delete_record(records, records.schema.tables["role"], record_id, author)
        elif component_type == WEB_RESOURCE and records.exists("webresource", record_id):
            delete_record(records, records.schema.tables["webresource"], record_id, author)
    customizer.change((), [each.place for each in entries])


def _with_contents(present: Iterable[Entry], gone: set[Component]) -> list[Entry]:
    """The entries behind components; whole tables with everything that solutions put into them."""
    listed = list(present)
    entries = [each for each in listed if component_of(each) in gone]
    tables = {each.name for each in entries if each.kind == TABLE}
    for each in listed:
        if each in entries:
            continue
        is_inside = each.kind in (COLUMN, KEY) and each.table in tables
        is_between = each.kind == RELATIONSHIP and each.read()["referencing"] in tables
        if is_inside or is_between:
            entries.append(each)
    return entries


def _require_unused(present: Iterable[Entry], gone: list[Entry], others: set[Component]) -> None:
    """Refuses to take away what things that stay are built on."""
    tables = {each.name for each in gone if each.kind == TABLE}
    columns = {each.name for each in gone if each.kind == COLUMN}
    choices = {each.name for each in gone if each.kind == CHOICE}
    for each in gone:
        if component_of(each) in others:
            raise _needed(each, "another solution")
    for each in present:
        if each in gone:
            continue
        facts = each.read()
        in_key = [name for name in facts.get("columns", ()) if f"{each.table}.{name}" in columns]
        if tables.intersection(facts.get("targets", {}).values()) or in_key or facts.get("choice") in choices:
            raise _needed(gone[0], f"{each.kind} {each.name}")


def _needed(entry: Entry, by: str) -> SolutionRefused:
    return SolutionRefused(
        refusals.STILL_NEEDED,
        f"The {entry.kind}({entry.name}) component cannot be deleted because it is referenced by {by}. "
        "Remove that first.",
    )


def promote(records: Records, customizer: Customizer, base: Row, upgrade: Row, author: Author) -> str:
    """Puts an upgrade in the place of its base: what it no longer holds goes. Returns the solution's id."""
    old, new = str(base["solutionid"]), str(upgrade["solutionid"])
    dropped = components_of(records, old) - components_of(records, new)
    remove_components(records, customizer, old, dropped, author)
    solution = records.schema.tables["solution"]
    for row in records.members_of(solution, old, "solution_solutioncomponent"):
        records.remove(records.schema.tables["solutioncomponent"], str(row["solutioncomponentid"]))
    records.remove(solution, old)
    row = records.required_row("solution", new)
    row["uniquename"], row["installedon"] = base["uniquename"], base["installedon"]
    records.rewrite(solution, row)
    return new


def installed_rows(records: Records) -> list[Row]:
    """All installed solutions."""
    return [
        row
        for (key,) in records.store.find_keys("solution", SqlClause(f"{quoted('solutionid')} IS NOT NULL"))
        if (row := records.row("solution", str(key))) is not None
    ]
