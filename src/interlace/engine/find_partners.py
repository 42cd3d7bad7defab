"""Finds partners that our memory does not know, by what the records themselves say, before anything is created.

1. Where the service chooses keys, a create of ours is found by its mark.
2. A CRM record names its ERP partner in columns of ours; it was coupled before our memory was lost or restored.
3. A record stands under the very key that we would choose for the partner.
4. An ERP record under a number or mark of ours was made from a CRM record: the pass from the CRM finds that one, so
   no second CRM record is made of it until the whole CRM table was looked through in vain. It was not in vain while
   that CRM record, uncoupled, is on the error list.
5. While the create that made such a record has no known end, only its own pass couples it: no other would journal it.

A mapping that never wrote anything before this run, as its missing marker row tells, is not asked for 2 to 4 until a
pair that the run made has ended.
"""

from collections import defaultdict
from collections.abc import Sequence

from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.keys import is_number_of_ours
from interlace.domain.observation import Link, Presence
from interlace.domain.side import Side
from interlace.engine.announced import find_marked, may_still_land
from interlace.engine.candidate import Candidate
from interlace.engine.ports import FindRecords, ReadKeys, Record, TableView
from interlace.engine.run_setup import PassSetup
from interlace.engine.synch_pass import Pass
from interlace.locale.translatable import translatable


async def leave_to_opposite(work: Pass, candidates: Sequence[Candidate]) -> None:
    """Let records wait that carry the mark of a create of the opposite pass whose end is not known.

    1. A create took effect, its answer was lost; its pass found it, named it in the CRM record, and died.
    2. Coupled by that name, or by a rule, it would not be journalled if a user deleted its record then.
    """
    if work.opposite is None or work.source_capabilities.mark_field is None:
        return
    left = [intent for intents in work.opposite.open_intents.values() for intent in intents]
    marks = {intent.key for intent in left if intent.marked}
    uncoupled = [
        it for it in candidates if it.link is Link.UNCOUPLED and it.record is not None and not it.announced
    ]
    if not marks or not uncoupled:
        return
    for each, mark in zip(uncoupled, await _read_marks(work, uncoupled), strict=True):
        each.waits = mark is None or mark in marks


async def find_created(work: Pass, candidates: Sequence[Candidate], asked: float) -> list[Candidate]:
    """Look for creates by their marks where the service chooses the keys; those that may still land wait.

    Gives the candidates whose partner's key was found.
    """
    setup, capabilities = work.setup, work.capabilities
    if capabilities.insert_with_key or capabilities.mark_field is None:
        return []
    wanted = {
        setup.run.chosen_key(setup.destination.side, each.key): each
        for each in candidates
        if _may_be_marked(work, each)
    }
    if not wanted:
        return []
    marked = await find_marked(setup, capabilities.mark_field, sorted(wanted))
    found = []
    for mark, each in wanted.items():
        if each.partner is not None:
            own = [key for key in marked[mark] if key == each.partner.key]
            each.marked = own or marked[mark]
        elif _take_found(setup, each, marked[mark], f"the mark {mark}"):
            found.append(each)
        elif not marked[mark]:
            each.waits = any(
                may_still_land(it, process=setup.run.process, asked=asked, capabilities=capabilities)
                for it in each.announced
                if it.creates
            )
    return found


def _may_be_marked(work: Pass, each: Candidate) -> bool:
    """Tell whether a record with the candidate's mark may be there that it is not known to be coupled with."""
    if each.partner is not None:
        return any(it.marked for it in each.announced)
    if each.announced or each.source is Presence.PRESENT:
        return True
    return work.rebuilding and each.values is not None


async def find_named(work: Pass, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Look for partners that the records name, or that stand under the key we would choose.

    Gives the candidates that have one to be read. While the memory is rebuilt, records outside the filter are
    looked after too: they may have been coupled before they left it.
    """
    setup = work.setup
    if work.is_first or setup.run.mapping.choice_column is not None:
        return []
    wanted = {each.key: each for each in candidates if _may_have_partner(work, each)}
    if not wanted:
        return []
    named: dict[str, list[str]] = {}
    if setup.run.partner_values(""):
        named = await (_naming(setup, wanted) if setup.to_crm else _named_by(setup, wanted))
    partners = [key for keys in named.values() for key in keys]
    taken = setup.run.store.partner_keys(setup.run.mapping.name, setup.destination.side, partners)
    for key, each in wanted.items():
        free = [partner for partner in named.get(key, []) if taken.get(partner, key) == key]
        if (
            not _take_found(setup, each, free, translatable("{key} as their ERP record", key=key))
            and not free
        ):
            each.waits = setup.to_crm and await _waits_for_origin(work, each)
            if work.capabilities.insert_with_key and not setup.takes_key:
                each.partner_key = setup.run.chosen_key(setup.destination.side, key)
                each.partner_was_read = False
    return [each for each in wanted.values() if each.partner_key is not None and not each.partner_was_read]


def _may_have_partner(work: Pass, each: Candidate) -> bool:
    if each.link is not Link.UNCOUPLED or each.announced or each.values is None:
        return False
    if work.rebuilding:
        return True
    return each.source is Presence.PRESENT and (work.setup.policy.may_create or each.is_wanted)


def _take_found(setup: PassSetup, each: Candidate, keys: Sequence[str], what: str) -> bool:
    if len(keys) == 1:
        each.partner_key, each.partner_was_read, each.adopted = keys[0], False, True
        return True
    if keys:
        each.error_found = RecordError(
            code=ErrorCode.MARK_AMBIGUOUS,
            message=translatable(
                "{count} records of {table} carry {what}, which only one may: {keys}. Delete the copies, or clear "
                "what they carry; the one that is left is coupled by itself.",
                count=len(keys),
                table=setup.destination.table,
                what=what,
                keys=", ".join(sorted(keys)),
            ),
        )
    return False


def _naming_view(setup: PassSetup) -> TableView:
    crm = setup.destination if setup.to_crm else setup.source
    return TableView(side=Side.CRM, table=crm.table, fields=tuple(setup.run.partner_values("")))


async def _naming(setup: PassSetup, wanted: dict[str, Candidate]) -> dict[str, list[str]]:
    """Return the keys of the CRM records that name each ERP record."""
    column = setup.run.partner_columns.key
    view = _naming_view(setup)
    records: list[Record] = await FindRecords(view=view, field=column, values=tuple(sorted(wanted)))
    naming: dict[str, list[str]] = defaultdict(list)
    for record in records:
        erp_key = _named(setup, view, record)
        if erp_key in wanted:
            naming[erp_key].append(record.key)
    return naming


async def _named_by(setup: PassSetup, wanted: dict[str, Candidate]) -> dict[str, list[str]]:
    """Return the keys of the ERP records that each CRM record names."""
    view, keys = _naming_view(setup), tuple(wanted)
    records: list[Record | None] = await ReadKeys(view=view, keys=keys)
    named: dict[str, list[str]] = {}
    for key, record in zip(keys, records, strict=True):
        erp_key = None if record is None else _named(setup, view, record)
        if erp_key:
            named[key] = [erp_key]
    return named


def _named(setup: PassSetup, view: TableView, record: Record) -> str | None:
    """Return the ERP key that a CRM record names, if it belongs to this company and table."""
    held = dict(zip(view.fields, record.values(), strict=True))
    erp_key = str(held[setup.run.partner_columns.key] or "")
    return erp_key if erp_key and held == setup.run.partner_values(erp_key) else None


async def _waits_for_origin(work: Pass, each: Candidate) -> bool:
    """Tell whether an ERP record was made from a CRM record, by a number or mark of ours, that is yet to be found.

    Once the CRM was read whole, it waits only while the create that may have made it has no known end, or the CRM
    record has failed.
    """
    if work.setup.opposite not in work.setup.run.mapping.passes:
        return False
    mark: str | None = each.key
    if not is_number_of_ours(each.key):
        [mark] = await _read_marks(work, [each])
    if mark is None:
        return True  # deleted since it was read: nothing is to be made of it any more
    return is_number_of_ours(mark) and (not work.origins_sought or mark in work.origins_open)


async def _read_marks(work: Pass, candidates: Sequence[Candidate]) -> list[str | None]:
    """Return the marks that ERP records carry, "" where there are none; None for a record that is gone."""
    mark_field, source = work.source_capabilities.mark_field, work.setup.source
    if mark_field is None:
        return [""] * len(candidates)
    view = TableView(side=source.side, table=source.table, fields=(mark_field,))
    keys = tuple(each.key for each in candidates)
    records: list[Record | None] = await ReadKeys(view=view, keys=keys)
    return [None if record is None else str(record.values()[0]) for record in records]
