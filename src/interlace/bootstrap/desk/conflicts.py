"""Carries out what is asked about conflicts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.conflict_decisions import ConflictDecisions, require_alike
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop, off_loop, refusals
from interlace.bootstrap.desk.list_page import cursors, page_asked, stored_page
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.record_links import crm_record_link, erp_record_link
from interlace.domain.conflict import (
    Choice,
    Conflict,
    ConflictKind,
    ConflictRow,
    Decision,
    SideOfConflict,
    check_decision,
)
from interlace.domain.coupling import row_names
from interlace.domain.values import Value
from interlace.engine.resolve_conflict import Resolution
from interlace.locale.translatable import joined
from interlace.management import conflicts
from interlace.management.caller import Caller
from interlace.management.conflicts import (
    ALIKE_MAX,
    CONFLICT_COLUMNS,
    AlikeConflict,
    ConflictField,
    Conflicts,
    ConflictShown,
    ConflictSide,
    ConflictsOfMapping,
    ConflictsResolved,
    ListConflicts,
    ResolveConflict,
    ShowConflict,
)
from interlace.management.conflicts import ConflictRow as ListedConflict
from interlace.management.desk import Works
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.store.conflict_list import CONFLICTS, called
from interlace.store.conflicts import conflict_of
from interlace.store.keyset import PageAsked, Values, place_of
from interlace.store.record_lists import RecordLists

_ORDER = "-detected_at"
_ONE = PageAsked(sort="detected_at", descending=True, limit=1, counted=False)
"""One conflict of the list in its own order."""
_NAMED = 10
"""So many records are named at most."""


def add_conflicts(works: Works, place: ListingPlace) -> None:
    """Let these operations be carried out."""
    application = place.application
    queries = application.state.queries

    def read(held: Connection, wanted: PageAsked, asked: ListConflicts) -> Conflicts:
        page, mappings = stored_page(application.state.record_lists, CONFLICTS, held.id, wanted)
        before, behind = cursors(page, asked, _ORDER)
        counted = queries.count_conflicts_by_mapping(held.id) if asked.counted else {}
        return Conflicts(
            rows=tuple(_listed(conflict_of(row, mappings[row.mapping_id])) for row in page.rows),
            count=page.count,
            has_more_than_counted=page.has_more_than_counted,
            next_cursor=behind,
            previous_cursor=before,
            mappings=tuple(ConflictsOfMapping(mapping=name, count=count) for name, count in counted.items()),
        )

    async def list_conflicts(caller: Caller, asked: ListConflicts) -> Conflicts:
        """Read a page of the open ones."""
        held = await connection_of(application, caller, asked)
        wanted = page_asked(caller, asked, CONFLICT_COLUMNS, CONFLICTS.stored, order=_ORDER)
        return await off_loop(read, held, wanted, asked)

    async def show(caller: Caller, asked: ShowConflict) -> ConflictShown:
        """Read one with its sides."""
        held = await connection_of(application, caller, asked)
        return await off_loop(_shown, application, held, asked.id)

    async def resolve(caller: Caller, asked: ResolveConflict) -> ConflictsResolved:
        """Settle one, and those of the same fields that were shown with it."""
        held = await connection_of(application, caller, asked)
        open_ones = await off_loop(queries.conflicts_called, held.id, (asked.id, *asked.alike))
        if asked.id not in open_ones:
            raise _not_open()
        found = open_ones[asked.id]
        decision = _decision(found, asked, caller.name)
        wanted = set(asked.alike) - {found.id}
        further = [each for each in open_ones.values() if each.id in wanted]
        with refusals():
            check_decision(found, decision)
            require_alike(found, further)
        alike = [found, *further]
        decisions = ConflictDecisions(application=application, connection=held)
        results = await in_own_loop(lambda: decisions.resolve(alike, decision))
        if asked.remember:
            await off_loop(decisions.remember, found, decision)
        settled = sum(each.settled for each in results)
        if not settled:
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE,
                translatable("The conflict was not settled"),
                why=results[0].message,
                next_step=translatable("Look at the records again, then decide."),
            )
        newest = await off_loop(queries.conflicts, held.id, limit=len(alike) + 1)
        decided = {(each.mapping, each.erp.key) for each in alike}
        left = [each for each in newest if (each.mapping, each.erp.key) not in decided]
        return ConflictsResolved(
            settled=settled,
            refused=1 + len(wanted) - settled,
            message=_told(results, settled, 1 + len(wanted)),
            page=f"/conflicts/{left[0].id}" if left else "/conflicts",
        )

    works.add(conflicts.LIST, list_conflicts)
    works.add(conflicts.SHOW, show)
    works.add(conflicts.RESOLVE, resolve)


def _told(results: Sequence[Resolution], settled: int, asked: int) -> str:
    if asked == 1:
        return results[0].message
    told = [translatable("{settled} of {asked} conflicts are settled", settled=settled, asked=asked)]
    if waiting := [each for each in results if each.waits]:
        told.append(
            translatable(
                "What else was changed in the CRM is carried over after the freeze window: {records}",
                records=_named(waiting),
            )
        )
    if left := [each for each in results if not each.settled]:
        told.append(translatable("Still open: {records}", records=_named(left)))
    return joined(told, ". ")


def _named(results: Sequence[Resolution]) -> str:
    names = ", ".join(each.conflict.caption for each in results[:_NAMED])
    return names if len(results) <= _NAMED else f"{names}, …"


def _not_open() -> Refused:
    return Refused(
        RefusalKind.NOT_FOUND,
        translatable("There is no such open conflict"),
        why=translatable("It is settled, or a record has changed since it was shown."),
        next_step=translatable("The list of conflicts shows what is open."),
    )


def _decision(found: Conflict, asked: ResolveConflict, by: str) -> Decision:
    try:
        choice = Choice(asked.choice) if asked.choice else None
        chosen = {row: Choice(value) for row, value in asked.fields.items() if value}
    except ValueError as problem:
        raise Refused(
            RefusalKind.INVALID,
            translatable("There is no such choice"),
            why=str(problem),
            next_step=translatable("Choose one of those that the conflict lists."),
        ) from problem
    return Decision(conflict_id=found.id, by=by, choice=choice, fields=_with_groups(found, chosen))


def _with_groups(found: Conflict, chosen: Mapping[str, Choice]) -> dict[str, Choice]:
    """Let what was chosen for one row of a group speak for the whole group."""
    by_group = {each.group: chosen[each.row] for each in found.rows if each.group and each.row in chosen}
    grouped = {each.row: by_group[each.group] for each in found.rows if each.group in by_group}
    return {**grouped, **chosen}


def _listed(each: Conflict) -> ListedConflict:
    return ListedConflict(
        id=each.id,
        mapping=each.mapping,
        kind=each.kind.value,
        caption=each.caption,
        fields=tuple(row.erp_field or row.crm_field or row.row for row in each.rows),
        detected_at=each.detected_at,
    )


def _shown(application: Application, held: Connection, name: str) -> ConflictShown:
    lists = application.state.record_lists
    page, mappings = stored_page(lists, called(name), held.id, _ONE)
    if not page.rows:
        raise _not_open()
    [row] = page.rows
    found = conflict_of(row, mappings[row.mapping_id])
    place = place_of(CONFLICTS.stored, _ONE.sort, row)
    mapping = application.mappings(held)[found.mapping]
    policies = {
        name: row.conflict_resolution.value
        for name, row in zip(row_names([each.row_id for each in mapping.fields]), mapping.fields, strict=True)
        if row.conflict_resolution is not None
    }
    of_mapping = (
        mapping.deletion_conflict_resolution
        if found.kind is ConflictKind.DELETION
        else mapping.update_conflict_resolution
    )
    alike = application.state.queries.conflicts_alike(held.id, found, ALIKE_MAX + 1)
    return ConflictShown(
        id=found.id,
        mapping=found.mapping,
        kind=found.kind.value,
        code=found.code.value,
        caption=found.caption,
        erp=_side(found.erp, erp_record_link(held.settings, mapping.erp_table, found.erp.key)),
        crm=_side(found.crm, crm_record_link(held.settings, mapping.integration_table, found.crm.key)),
        detected_at=found.detected_at,
        choices=tuple(each.value for each in found.choices),
        fields=tuple(_field(each, policies.get(each.row, "")) for each in found.rows),
        alike=tuple(_alike(each) for each in alike[:ALIKE_MAX]),
        has_more_alike=len(alike) > ALIKE_MAX,
        policy=of_mapping.value,
        previous_id=_beside(lists, held, place, backwards=True),
        next_id=_beside(lists, held, place, backwards=False),
    )


def _beside(lists: RecordLists, held: Connection, place: Values, *, backwards: bool) -> str:
    """Return the id of the conflict before or behind a place of the list; blank at its end."""
    page, _ = stored_page(lists, CONFLICTS, held.id, replace(_ONE, after=place, backwards=backwards))
    return str(page.rows[0].id) if page.rows else ""


def _alike(each: Conflict) -> AlikeConflict:
    return AlikeConflict(id=each.id, caption=each.caption, fields=tuple(map(_field, each.rows)))


def _side(side: SideOfConflict, link: str) -> ConflictSide:
    return ConflictSide(
        key=side.key,
        is_there=side.is_there,
        changed_by=side.changed_by or "",
        changed_at=side.changed_at,
        link=link if side.is_there else "",
    )


def _field(row: ConflictRow, policy: str = "") -> ConflictField:
    return ConflictField(
        row=row.row,
        erp_field=row.erp_field or "",
        crm_field=row.crm_field or "",
        erp_value=_text(row.erp_value),
        crm_value=_text(row.crm_value),
        agreed=_agreed(row),
        to_crm=_text(row.to_crm),
        to_erp=_text(row.to_erp),
        group=row.group or "",
        policy=policy,
    )


def _agreed(row: ConflictRow) -> str | None:
    if row.agreed is None:
        return None
    erp, crm = (_text(value) or "" for value in row.agreed)
    return erp if erp == crm else f"{erp} / {crm}"


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
