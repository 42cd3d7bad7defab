"""A small company's mappings: every kind of row, reference and policy in four tables."""

from dataclasses import dataclass, replace
from random import Random

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.dependency import order
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, Reference
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    IntegrationTableMapping,
    MatchRule,
)
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.transformation_rule import Choose
from interlace.domain.values import Value

TO, FROM, BOTH = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE, Direction.BIDIRECTIONAL
SELLERS, CUSTOMERS = MappingName("SELLERS"), MappingName("CUSTOMERS")
CONTACTS, UNITS = MappingName("CONTACTS"), MappingName("UNITS")
PARTNER_COLUMNS = ("p_company", "p_table", "p_key")
MARK_FIELD = "Mark"
OPEN, CLOSED, DRAFT = 0, 1, 2
"""What a CRM record's state is, where there are drafts."""


_MAPPING_POLICIES = (
    UpdateConflictResolution.NONE,
    UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION,
    UpdateConflictResolution.GET_UPDATE_FROM_INTEGRATION,
    UpdateConflictResolution.NEWEST,
)
_FIELD_POLICIES = (
    *_MAPPING_POLICIES,
    UpdateConflictResolution.LARGER,
    UpdateConflictResolution.SMALLER,
    UpdateConflictResolution.FILLED,
)


def _row(
    erp: str, crm: str, direction: Direction, reference: MappingName | None = None
) -> IntegrationFieldMapping:
    target = None if reference is None else Reference(mapping=reference, target_table=f"t_{reference}")
    return IntegrationFieldMapping(erp_field=erp, crm_field=crm, direction=direction, reference=target)


_SELLERS = IntegrationTableMapping(
    name=SELLERS,
    erp_table="Seller",
    integration_table="user",
    direction=FROM,
    carries_erp_reference=False,
    synch_only_coupled_records=False,
    match_rules=(MatchRule(erp_field="Mail", crm_field="mail"),),
    fields=(_row("Mail", "mail", FROM), _row("Name", "name", FROM)),
)
_CUSTOMERS = IntegrationTableMapping(
    name=CUSTOMERS,
    erp_table="Customer",
    integration_table="account",
    direction=BOTH,
    depends_on=(SELLERS,),
    table_filter=TableFilter(
        conditions=(Condition(field="Blocked", comparison=Comparison.BLANK, reason="blocked"),)
    ),
    fields=(
        _row("Name", "name", BOTH),
        _row("Phone", "phone", BOTH),
        _row("Credit", "credit", TO),
        _row("Rank", "rank", FROM),
        replace(_row("Origin", "origin", TO), insert_only=True),
        IntegrationFieldMapping(crm_field="kind", direction=TO, constant="customer"),
        _row("Seller", "owner", TO, SELLERS),
        replace(_row("Contact", "contact", BOTH, CONTACTS), clear_value_on_failed_sync=True),
    ),
)
_CONTACTS = IntegrationTableMapping(
    name=CONTACTS,
    erp_table="Contact",
    integration_table="contact",
    direction=BOTH,
    depends_on=(CUSTOMERS,),
    integration_table_filter=TableFilter(
        conditions=(Condition(field="state", comparison=Comparison.NOT_EQUAL, value="x", reason="inactive"),)
    ),
    fields=(
        _row("Name", "name", BOTH),
        _row("Mobile", "mobile", BOTH),
        _row("Company", "company", BOTH, CUSTOMERS),
    ),
)
_STATE = IntegrationFieldMapping(
    erp_field="Closed",
    crm_field="state",
    direction=BOTH,
    not_null=True,
    after_insert=True,
    opening_value=OPEN,
    to_rules=(Choose(pairs=((False, OPEN), (True, CLOSED))),),
    from_rules=(Choose(pairs=((OPEN, False), (CLOSED, True))),),
)
_UNITS = IntegrationTableMapping(
    name=UNITS,
    erp_table="Unit",
    integration_table="unit",
    direction=TO,
    synch_only_coupled_records=False,
    fields=(_row("Text", "text", TO), _row("Note", "note", TO)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """One side of a mapping, as users and the oracle see it."""

    mapping: MappingName
    side: Side
    table: str
    texts: tuple[str, ...]
    """Fields that hold unique values."""
    partners: tuple[str, ...]
    """The other side's name of each of `texts`."""
    one_way: frozenset[str]
    """Those of `texts` that only the other side writes."""
    references: tuple[tuple[str, str], ...]
    """(field, table of the same side that it points at)."""
    match: str | None
    gate: tuple[str, Value] | None
    """The filter's field, and the value that keeps a record out."""
    state: str | None
    """The field that tells whether a record is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The mappings of one schedule, and the tables of both sides."""

    mappings: dict[MappingName, IntegrationTableMapping]
    order: tuple[MappingName, ...]
    shapes: dict[tuple[Side, str], TableShape]

    def shape_of(self, mapping: MappingName, side: Side) -> TableShape:
        """Return a mapping's table of one side."""
        held = self.mappings[mapping]
        return self.shapes[side, held.erp_table if side is Side.ERP else held.integration_table]


_WHOLE = (_SELLERS, _CUSTOMERS, _CONTACTS, _UNITS)
_PARTS = (
    (_CUSTOMERS, _CONTACTS),
    (_CUSTOMERS, _CONTACTS),
    (_SELLERS, _CUSTOMERS),
    (_CUSTOMERS,),
    (_CUSTOMERS,),
    (_CONTACTS,),
    (_CONTACTS,),
    (_UNITS,),
    (_SELLERS,),
)


def company_of(rng: Random, whole: float, *, drafts: bool = False) -> Company:
    """Choose the mappings and the policies of a schedule; with drafts customers have a state."""
    part = _WHOLE if rng.random() < whole else rng.choice(_PARTS)
    names = {each.name for each in part}
    chosen = {}
    for mapping in part:
        only_coupled = mapping.synch_only_coupled_records and rng.random() < 0.3
        chosen[mapping.name] = replace(
            mapping,
            fields=_with_field_policies(rng, _within(names, mapping.fields)),
            depends_on=tuple(name for name in mapping.depends_on if name in names),
            synch_only_coupled_records=only_coupled,
            update_conflict_resolution=rng.choice(_MAPPING_POLICIES),
            deletion_conflict_resolution=rng.choice(list(DeletionConflictResolution)),
        )
    if drafts and CUSTOMERS in chosen:
        chosen[CUSTOMERS] = replace(chosen[CUSTOMERS], fields=(*chosen[CUSTOMERS].fields, _STATE))
    shapes = [_shape(mapping, side) for mapping in chosen.values() for side in Side]
    return Company(
        mappings=chosen,
        order=order({each.name: each.depends_on for each in chosen.values()}),
        shapes={(each.side, each.table): each for each in shapes},
    )


def _within(
    names: set[MappingName], rows: tuple[IntegrationFieldMapping, ...]
) -> tuple[IntegrationFieldMapping, ...]:
    """Leave out rows that point at tables of other mappings."""
    return tuple(row for row in rows if row.reference is None or row.reference.mapping in names)


def _with_field_policies(
    rng: Random, rows: tuple[IntegrationFieldMapping, ...]
) -> tuple[IntegrationFieldMapping, ...]:
    """Give some two-way rows a policy of their own, or let the first two be taken from one side whole."""
    if rng.random() < 0.5 or rows[0].direction is not BOTH:
        return rows
    if rng.random() < 0.4:
        grouped = tuple(replace(row, merge_group="both") for row in rows[:2])
        return grouped + rows[2:]
    own = replace(rows[1], conflict_resolution=rng.choice(_FIELD_POLICIES))
    return (rows[0], own, *rows[2:])


def _shape(mapping: IntegrationTableMapping, side: Side) -> TableShape:
    of_erp = side is Side.ERP
    match = next((r.erp_field if of_erp else r.crm_field for r in mapping.match_rules), None)
    texts, partners, references = [], [], []
    state: str | None = None
    for row in mapping.fields:
        own, other = (row.erp_field, row.crm_field) if of_erp else (row.crm_field, row.erp_field)
        if own is None or other is None or own == match:
            continue
        if row.after_insert:
            state = own
        elif row.reference is None:
            texts.append(own)
            partners.append(other)
        else:
            target = {m.name: m for m in _WHOLE}[row.reference.mapping]
            references.append((own, target.erp_table if of_erp else target.integration_table))
    gate: tuple[str, Value] | None = None
    condition = (mapping.table_filter if of_erp else mapping.integration_table_filter).conditions
    if condition:
        gate = (condition[0].field, "x")
    return TableShape(
        mapping=mapping.name,
        side=side,
        table=mapping.erp_table if of_erp else mapping.integration_table,
        texts=tuple(texts),
        partners=tuple(partners),
        one_way=frozenset(
            text
            for text in texts
            for row in mapping.fields
            if text == (row.erp_field if of_erp else row.crm_field)
            and row.direction is (FROM if of_erp else TO)
        ),
        references=tuple(references),
        match=match,
        gate=gate,
        state=state,
    )
