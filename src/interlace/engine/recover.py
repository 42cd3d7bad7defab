"""Rebuilds a mapping's couplings from the two services alone, when our own memory is lost.

What names a pair, in the order in which it is believed:

1. the CRM record's own columns name company, table and key of its ERP partner;
2. one record stands under the key that we choose for the partner of the other, or carries it as our mark;
3. a mapping without partner columns: the match rules, where exactly one record of each side holds the value.

Nothing is created, changed or deleted on either side, and what is not beyond doubt is left to a person. The pairs
are stored with nothing agreed at first, so that a crash leaves every difference to a person, too; what both
records agree on is noted afterwards (`recovered_values`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.integration_table_mapping import MatchRule
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.domain.table_filter import EVERYTHING
from interlace.domain.values import Value, canonical
from interlace.engine.ports import Capabilities, Page, ReadPage, TableCapabilities, TableView
from interlace.engine.run_setup import RunSetup
from interlace.locale.translatable import translatable

_STORED_AT_ONCE = 1000


@dataclass(slots=True, kw_only=True)
class Recovery:
    """What was found out about one mapping."""

    pairs: dict[str, str] = field(default_factory=dict)
    """ERP key to CRM key, for every pair that is beyond doubt."""
    by_columns: int = 0
    by_key: int = 0
    by_match: int = 0
    one_sided: list[str] = field(default_factory=list)
    """ERP keys that a CRM record names as its partner's and that no ERP record has: the partner was deleted."""
    doubtful: list[str] = field(default_factory=list)
    """What a person must decide, one sentence each."""
    added: int = 0
    """Couplings that were not there before."""


@dataclass(slots=True, kw_only=True)
class _Table:
    """One side's records as far as pairs are concerned: keys, and the values looked at."""

    fields: tuple[str, ...]
    records: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    in_scope: set[str] = field(default_factory=set)

    def values_of(self, name: str) -> Iterable[tuple[str, str]]:
        """Give (key, text) of every record that holds something in a field."""
        place = self.fields.index(name)
        for key, values in self.records.items():
            value = canonical(values[place])
            if value is not None:
                yield key, str(value)


@dataclass(slots=True)
class _Pairing:
    """Pairs found so far; a key is given away once."""

    recovery: Recovery
    taken: dict[Side, set[str]] = field(default_factory=lambda: {Side.ERP: set(), Side.CRM: set()})

    def is_free(self, side: Side, key: str) -> bool:
        """Tell whether a record is in no pair and in no doubt yet."""
        return key not in self.taken[side]

    def pair(self, erp_key: str, crm_key: str) -> None:
        """Take both records."""
        self.recovery.pairs[erp_key] = crm_key
        self.taken[Side.ERP].add(erp_key)
        self.taken[Side.CRM].add(crm_key)

    def doubt(self, erp_keys: Iterable[str], crm_keys: Iterable[str], text: str) -> None:
        """Leave records to a person: no later rule may pair them either."""
        self.taken[Side.ERP].update(erp_keys)
        self.taken[Side.CRM].update(crm_keys)
        self.recovery.doubtful.append(text)


async def find_pairs(run: RunSetup) -> Recovery:
    """Read both tables whole and say which records belong together."""
    recovery = Recovery()
    pairing = _Pairing(recovery)
    erp_view, mark_field = await _erp_view(run)
    erp = await _read_table(run, erp_view)
    crm = await _read_table(run, _crm_view(run))
    if _has_partner_columns(run):
        _pair_by_columns(run, erp, crm, pairing)
    _pair_by_chosen_keys(run, erp, crm, pairing)
    if mark_field is not None:
        _pair_by_marks(run, erp, crm, mark_field, pairing)
    if not _has_partner_columns(run):
        for rule in run.mapping.match_rules:
            _pair_by_match(run, rule, erp, crm, pairing)
    return recovery


def store_pairs(run: RunSetup, recovery: Recovery, job: SynchJob) -> SynchJob:
    """Store the pairs that are not coupled yet, with nothing agreed; gives the job with its counters."""
    mapping = run.mapping
    row_ids = tuple(row.row_id for row in mapping.fields)
    run.store.remap_agreed(mapping.name, mapping.layout, row_ids)
    unknown = AgreedValues(layout=mapping.layout, pairs=(None,) * len(row_ids))
    pairs = sorted(recovery.pairs.items())
    for start in range(0, len(pairs), _STORED_AT_ONCE):
        part = pairs[start : start + _STORED_AT_ONCE]
        known = run.store.partner_keys(mapping.name, Side.ERP, [erp_key for erp_key, _ in part])
        couplings = [
            Coupling(mapping=mapping.name, erp_key=ErpKey(erp_key), crm_key=CrmKey(crm_key), agreed=unknown)
            for erp_key, crm_key in part
            if known.get(erp_key) != crm_key
        ]
        errors = run.store.add_couplings(couplings, job)
        recovery.doubtful += [error.message for error in errors if error is not None]
        recovery.added += errors.count(None)
        counters = replace(job.counters, coupled=recovery.added, failed=len(errors) - errors.count(None))
        job = replace(job, counters=counters)
    return job


def _has_partner_columns(run: RunSetup) -> bool:
    return run.mapping.carries_erp_reference and run.mapping.choice_column is None


async def _erp_view(run: RunSetup) -> tuple[TableView, str | None]:
    """Return the ERP's table with what is looked at, and the field that holds marks, if there is one."""
    view = run.view(Side.ERP)
    capabilities: Capabilities = await TableCapabilities(view=view)
    mark_field = None if capabilities.insert_with_key else capabilities.mark_field
    names = [rule.erp_field for rule in run.mapping.match_rules]
    names += run.mapping.table_filter.fields if names else ()
    names += [mark_field] if mark_field is not None else []
    return replace(view, fields=tuple(dict.fromkeys(names)), filter=EVERYTHING), mark_field


def _crm_view(run: RunSetup) -> TableView:
    view = run.view(Side.CRM)
    names: list[str] = []
    if _has_partner_columns(run):
        names += [run.partner_columns.company, run.partner_columns.table, run.partner_columns.key]
    else:
        names += [rule.crm_field for rule in run.mapping.match_rules]
        names += run.mapping.integration_table_filter.fields
    return replace(view, fields=tuple(dict.fromkeys(names)), filter=EVERYTHING)


async def _read_table(run: RunSetup, view: TableView) -> _Table:
    table = _Table(fields=view.fields)
    scope = run.view(view.side).filter
    place = {name: index for index, name in enumerate(view.fields)}
    filters = all(name in place for name in scope.fields)
    after: str | None = None
    while True:
        page: Page = await ReadPage(view=view, after=after)
        for record in page.records:
            values = record.values()
            table.records[record.key] = values
            if filters and scope.first_failing(_Getter(values, place)) is None:
                table.in_scope.add(record.key)
        after = page.next
        if after is None:
            return table


@dataclass(frozen=True, slots=True)
class _Getter:
    values: Sequence[Value]
    place: dict[str, int]

    def __call__(self, name: str) -> Value:
        """Return the value of a field."""
        return self.values[self.place[name]]


def _pair_by_columns(run: RunSetup, erp: _Table, crm: _Table, pairing: _Pairing) -> None:
    """Believe the CRM records that name their partner; two that name the same one are left to a person."""
    columns = run.partner_columns
    company, table, key = (crm.fields.index(name) for name in (columns.company, columns.table, columns.key))
    claims: dict[str, list[str]] = defaultdict(list)
    for crm_key, values in crm.records.items():
        is_ours = canonical(values[table]) == run.mapping.erp_table and values[key]
        if is_ours and str(values[company]).lower() == run.erp_company_id.lower():
            claims[str(values[key])].append(crm_key)
    for erp_key, crm_keys in claims.items():
        if len(crm_keys) > 1:
            pairing.doubt([erp_key], crm_keys, _claimed_twice(run, erp_key, crm_keys))
            continue
        pairing.pair(erp_key, crm_keys[0])
        pairing.recovery.by_columns += 1
        if erp_key not in erp.records:
            pairing.recovery.one_sided.append(erp_key)


def _pair_by_chosen_keys(run: RunSetup, erp: _Table, crm: _Table, pairing: _Pairing) -> None:
    for erp_key in erp.records:
        chosen = run.chosen_key(Side.CRM, erp_key)
        if pairing.is_free(Side.ERP, erp_key) and chosen in crm.records:
            _pair_if_free(pairing, erp_key, chosen)
    for crm_key in crm.records:
        chosen = run.chosen_key(Side.ERP, crm_key)
        if pairing.is_free(Side.CRM, crm_key) and chosen in erp.records:
            _pair_if_free(pairing, chosen, crm_key)


def _pair_if_free(pairing: _Pairing, erp_key: str, crm_key: str) -> None:
    if pairing.is_free(Side.ERP, erp_key) and pairing.is_free(Side.CRM, crm_key):
        pairing.pair(erp_key, crm_key)
        pairing.recovery.by_key += 1


def _pair_by_marks(run: RunSetup, erp: _Table, crm: _Table, mark_field: str, pairing: _Pairing) -> None:
    """Find ERP records that we created under a number of the ERP's choosing, by the mark that they carry."""
    marked: dict[str, list[str]] = defaultdict(list)
    for erp_key, text in erp.values_of(mark_field):
        marked[text].append(erp_key)
    for crm_key in crm.records:
        if not pairing.is_free(Side.CRM, crm_key):
            continue
        found = [key for key in marked.get(run.chosen_key(Side.ERP, crm_key), ()) if key in erp.records]
        if len(found) > 1:
            pairing.doubt(found, [crm_key], _marked_twice(run, crm_key, found))
        elif found:
            _pair_if_free(pairing, found[0], crm_key)


def _pair_by_match(run: RunSetup, rule: MatchRule, erp: _Table, crm: _Table, pairing: _Pairing) -> None:
    """Pair what holds the same value once on each side, among the records that take part."""
    erp_keys = _free_by_text(erp, rule.erp_field, Side.ERP, pairing, rule.erp_prefix)
    crm_keys = _free_by_text(crm, rule.crm_field, Side.CRM, pairing, "")
    for text, found in crm_keys.items():
        partners = erp_keys.get(text, [])
        if not partners:
            continue
        if len(partners) == len(found) == 1:
            pairing.pair(partners[0], found[0])
            pairing.recovery.by_match += 1
        else:
            pairing.doubt(partners, found, _matches_several(run, rule, partners, found))


def _free_by_text(
    table: _Table, name: str, side: Side, pairing: _Pairing, prefix: str
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, text in table.values_of(name):
        if key in table.in_scope and pairing.is_free(side, key):
            found[(prefix + text).casefold()].append(key)
    return found


def _claimed_twice(run: RunSetup, erp_key: str, crm_keys: Sequence[str]) -> str:
    return translatable(
        "{mapping}: the CRM records {crm_keys} all name {erp_key} of the ERP as their partner. None of "
        "them was coupled. Couple the right one with `interlace couplings add`.",
        mapping=run.mapping.name,
        crm_keys=_listed(crm_keys),
        erp_key=_shown(erp_key),
    )


def _marked_twice(run: RunSetup, crm_key: str, erp_keys: Sequence[str]) -> str:
    return translatable(
        "{mapping}: the ERP records {erp_keys} all carry our mark for the CRM record {crm_key}. None of "
        "them was coupled. Delete those that are too many, or couple the right one with `interlace "
        "couplings add`.",
        mapping=run.mapping.name,
        erp_keys=_listed(erp_keys),
        crm_key=crm_key,
    )


def _matches_several(run: RunSetup, rule: MatchRule, erp_keys: Sequence[str], crm_keys: Sequence[str]) -> str:
    return translatable(
        "{mapping}: the ERP records {erp_keys} and the CRM records {crm_keys} hold the same {field}. "
        "None of them was coupled. Couple the right ones with `interlace couplings add`.",
        mapping=run.mapping.name,
        erp_keys=_listed(erp_keys),
        crm_keys=_listed(crm_keys),
        field=rule.erp_field,
    )


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(_shown(key) for key in sorted(keys))


def _shown(key: str) -> str:
    return key.replace("\x1f", ", ")
