"""Judges the world at rest: faults and users have stopped, and two cycles wrote nothing.

I5 no resurrection, I6 convergence, I8 completeness, I12 one partner, the journal, and that what stands on the
error list stands there for a reason that still holds.
"""

from collections import Counter

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import Coupling
from interlace.domain.errors import ErrorClass, ErrorCode
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.integration_table_mapping import DeletionConflictResolution, IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.values import Value, same_value
from interlace.engine.memory import JournalEntry, SynchError
from interlace.testing.simulator.counter_oracle import judge_counters
from interlace.testing.simulator.effect_oracle import EffectOracle, comparable
from interlace.testing.simulator.memory import MappingMemory
from interlace.testing.simulator.model_service import Row
from interlace.testing.simulator.synthetic_mappings import DRAFT
from interlace.testing.simulator.violation import Violation

_TO, _FROM, _BOTH = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE, Direction.BIDIRECTIONAL
_ASKING = (UpdateConflictResolution.NONE, UpdateConflictResolution.NEWEST, UpdateConflictResolution.FILLED)
_Place = tuple[MappingName, Side, str, str, tuple[tuple[str, Value], ...]]
_STATES = ({"Closed"}, {"state"})
"""Bodies of writes whose values are not unique: who wrote them can't be known."""
_KINDS = {"insert": "create", "restore": "create", "delete": "delete"}


class RestOracle:
    """Looks at everything once."""

    def __init__(self, oracle: EffectOracle, *, restored: bool, retried: bool) -> None:
        self._oracle = oracle
        self._memory = oracle.memory
        self._restored = restored
        self._retried = retried
        """A person had everything tried again that was left out."""

    def judge(self) -> None:
        """Raise the first violation found."""
        for mapping in self._oracle.company.mappings.values():
            held = self._memory.mappings[mapping.name]
            if held.intents:
                raise Violation("I6 convergence", f"{mapping.name}: open intents {list(held.intents)}")
            if held.halt is not None:
                raise Violation("I6 convergence", f"{mapping.name}: halted, {held.halt.message}")
            if held.restorations and not self._restored:
                raise Violation("markers", f"{mapping.name}: a restored backup was noted that never was")
            self._judge_errors(mapping, held)
            for coupling in held.couplings.values():
                self._judge_pair(mapping, held, coupling)
            for side in Side:
                self._judge_records(mapping, held, side)
            self._judge_deletions(mapping, held)
        self._judge_journal()
        judge_counters(self._oracle)

    # Pairs.

    def _row(self, mapping: IntegrationTableMapping, side: Side, key: str) -> Row | None:
        table = self._oracle.company.shape_of(mapping.name, side).table
        return self._oracle.services[side].rows(table).get(key)

    def _judge_pair(self, mapping: IntegrationTableMapping, held: MappingMemory, coupling: Coupling) -> None:
        errors = _errors_of(held, coupling)
        blocking = [each for each in errors if each.error.code is not ErrorCode.REFERENCE_CLEARED]
        erp, crm = (
            self._row(mapping, Side.ERP, coupling.erp_key),
            self._row(mapping, Side.CRM, coupling.crm_key),
        )
        if blocking or self._filtered(mapping, erp, crm):
            return
        name = f"{mapping.name} {coupling.erp_key} / {coupling.crm_key}"
        if erp is None or crm is None:
            raise Violation(
                "I6 convergence", f"{name}: {'ERP' if erp is None else 'CRM'} record missing, not listed"
            )
        if coupling.doubtful:
            raise Violation("I6 convergence", f"{name}: still doubtful")
        for row in mapping.fields:
            self._judge_row(mapping, row, erp, crm, name)

    def _judge_row(
        self, mapping: IntegrationTableMapping, row: IntegrationFieldMapping, erp: Row, crm: Row, name: str
    ) -> None:
        if row.insert_only or row.erp_field is None or row.crm_field is None:
            constant = None if row.crm_field is None else crm.values.get(row.crm_field)
            if row.is_constant and crm.by_engine and constant != row.constant:
                raise Violation("I6 convergence", f"{name}: {row.crm_field} is {constant}")
            return
        erp_value, crm_value = erp.values.get(row.erp_field), crm.values.get(row.crm_field)
        if row.reference is not None:
            self._judge_reference(row, erp_value, crm_value, name)
        elif (erp_value if row.direction is _TO else crm_value) is None and row.direction is not _BOTH:
            return  # the pair began on the other side, and nobody has entered a value on this one since
        elif row.opening_value is not None and crm_value == DRAFT and erp.by_engine:
            return  # a draft says nothing: to the ERP record that was made of it nothing is owed
        elif not same_value(erp_value, crm_value):
            raise Violation("I6 convergence", f"{name}: {row.row_id} {erp_value} / {crm_value}, not listed")

    def _judge_reference(self, row: IntegrationFieldMapping, erp: Value, crm: Value, name: str) -> None:
        assert row.reference is not None
        couplings = self._memory.mappings[row.reference.mapping]
        pointed = couplings.couplings.get(str(erp))
        if row.direction is _FROM:
            return
        if erp is None and crm is None:
            return
        if (row.reference.mapping, Side.ERP, str(erp)) in self._memory.uncoupled:
            return  # it had another partner once; values that pointed at that one stay
        if pointed is not None and pointed.crm_key != crm:
            raise Violation(
                "I6 convergence", f"{name}: {row.row_id} {erp} (partner {pointed.crm_key}) / {crm}"
            )

    def _filtered(self, mapping: IntegrationTableMapping, erp: Row | None, crm: Row | None) -> bool:
        """Tell whether a filter keeps the pair, or a deletion of it, from being carried over."""
        return (erp is not None and not in_scope(mapping, Side.ERP, erp)) or (
            crm is not None and not in_scope(mapping, Side.CRM, crm)
        )

    # Records.

    def _judge_records(self, mapping: IntegrationTableMapping, held: MappingMemory, side: Side) -> None:
        direction = _TO if side is Side.ERP else _FROM
        if direction not in mapping.passes or mapping.synch_only_coupled_records:
            return
        table = self._oracle.company.shape_of(mapping.name, side).table
        coupled = held.couplings if side is Side.ERP else held.by_crm
        for key, row in self._oracle.services[side].rows(table).items():
            listed = (direction, key) in held.errors or (mapping.name, side, key) in self._memory.uncoupled
            if not self._retried and self._oracle.not_told.get((side, table, key)) is row:
                continue  # a stated limit: no marker tells of such a restore, no feed of the row; a sweep finds it
            if key not in coupled and not listed and in_scope(mapping, side, row):
                raise Violation(
                    "I8 completeness", f"{side.value} {table} {key} is neither coupled nor listed"
                )

    # Errors.

    def _judge_errors(self, mapping: IntegrationTableMapping, held: MappingMemory) -> None:
        for (direction, key), error in held.errors.items():
            side = Side.ERP if direction is _TO else Side.CRM
            problem = self._unfounded(mapping, held, error, side, key)
            if problem:
                raise Violation("I9 nothing stays listed without cause", f"{mapping.name} {key}: {problem}")

    def _unfounded(
        self, mapping: IntegrationTableMapping, held: MappingMemory, error: SynchError, side: Side, key: str
    ) -> str:
        """Say why an error should not be listed any more, if so."""
        code = error.error.code
        row = self._row(mapping, side, key)
        partner = held.couplings.get(key if side is Side.ERP else held.by_crm.get(key, ""))
        if partner is not None:
            erp = self._row(mapping, Side.ERP, partner.erp_key)
            if self._filtered(mapping, erp, self._row(mapping, Side.CRM, partner.crm_key)):
                return ""
        if row is not None and not in_scope(mapping, side, row):
            return ""
        if error.error.error_class is ErrorClass.DATA and error.skipped and not self._retried:
            return ""
        if error.error.error_class in {ErrorClass.TRANSIENT, ErrorClass.DEFECT, ErrorClass.DATA}:
            return f"{code.value} though nothing goes wrong any more: {error.error.message}"
        if code is ErrorCode.UPDATE_CONFLICT:
            return "" if _may_ask(mapping) or self._restored else "conflict though a policy settles it"
        if code is ErrorCode.PARTNER_DELETED:
            none = mapping.deletion_conflict_resolution is DeletionConflictResolution.NONE
            # What only one side may write can't be restored on that side.
            none = none or mapping.direction is not _BOTH
            if none or partner is None or len(_errors_of(held, partner)) > 1:
                return ""  # the opposite pass lists what keeps it from settling the deletion
            return "deletion though a policy settles it"
        waits_for = error.error.waits_for
        if code is ErrorCode.REFERENCE_NOT_COUPLED and waits_for is not None and row is not None:
            target = next(each for name, each in self._memory.mappings.items() if name == waits_for.mapping)
            if _is_coupled(target, side, waits_for.key):
                return f"waits for {waits_for.key}, which is coupled"
        return ""

    # Deletions and the journal.

    def _judge_deletions(self, mapping: IntegrationTableMapping, held: MappingMemory) -> None:
        """I5; but for a record deleted while a copy of its create is under way: that one may bring it back."""
        if mapping.deletion_conflict_resolution.name != "DELETE" or self._restored:
            return
        for identity, deletions in self._oracle.deletions.items():
            last = deletions[-1]
            shape = self._oracle.company.shape_of(mapping.name, last.side)
            if not last.was_coupled or self._row(mapping, last.side, last.key) is None:
                continue
            row = self._row(mapping, last.side, last.key)
            place = (mapping.name, last.side, last.key)
            if place in self._oracle.brought_back:
                continue
            if row is not None and row.identity == identity and row.by_engine:
                unedited = all(
                    self._oracle.lineage.descends(last.values.get(name), row.values.get(name))
                    for name in shape.texts
                )
                if unedited:
                    raise Violation("I5 no resurrection", f"{mapping.name} {last.key} is there again")

    def _judge_journal(self) -> None:
        oracle = self._oracle
        for loss in oracle.owed_losses:
            if loss not in self._memory.losses and loss not in self._memory.held_before:
                raise Violation("I2 no lost update", f"{loss} was overwritten and is in no journal")
        if not oracle.profile.journal_complete:
            return
        entries = Counter(map(_place_of, filter(_is_told, self._memory.journal)))
        certain = Counter(_place_of(each) for each in self._memory.journal if _is_told(each) and each.certain)
        effects = Counter(
            (each.mapping, each.side, each.key, each.kind, each.after) for each in oracle.effects
        )
        owed = Counter(
            (each.mapping, each.side, each.key, each.kind, each.after)
            for each in oracle.effects[oracle.exempt_effects :]
        )
        owed -= Counter(
            (each.mapping, each.side, each.key, each.kind, each.after) for each in oracle.forgotten
        )
        for effect, number in owed.items():
            if effect[:3] in oracle.unseen:
                continue
            # A create whose answer was lost, undone by a user and sent again is one create to the journal.
            if entries[effect] < (min(number, 1) if effect[3] == "create" else number):
                raise Violation(
                    "journal complete", f"{entries[effect]} entries for {number} effects {effect}"
                )
        for entry, number in certain.items():
            if entry[3] != "update" and entry[:3] in oracle.user_deleted:
                continue  # a user deleted the record, or entered its number anew: who was first can't be known
            if entry[:3] in oracle.ever_brought_back:
                continue  # what a late create brought back may hold by chance what a lost update was to write
            if {name for name, _ in entry[4]} in _STATES:
                continue  # a user may have closed or opened the record just as a lost update was to do
            if effects[entry] < number:
                raise Violation("journal true", f"{number} entries for {effects[entry]} effects {entry}")


def _is_told(entry: JournalEntry) -> bool:
    """Tell whether an entry is about a record's own fields."""
    return entry.action in _KINDS or (entry.action != "removecoupling" and bool(comparable(entry.after)))


def _place_of(entry: JournalEntry) -> _Place:
    kind = _KINDS.get(entry.action, "update")
    return (entry.mapping, entry.side, entry.key, kind, () if kind == "delete" else comparable(entry.after))


def _errors_of(held: MappingMemory, coupling: Coupling) -> list[SynchError]:
    places = ((_TO, coupling.erp_key), (_FROM, coupling.crm_key))
    return [held.errors[place] for place in places if place in held.errors]


def _is_coupled(held: MappingMemory, side: Side, key: str) -> bool:
    return key in (held.couplings if side is Side.ERP else held.by_crm)


def _may_ask(mapping: IntegrationTableMapping) -> bool:
    """Tell whether a conflict of the mapping may have to wait for a person."""
    answers = [mapping.update_conflict_resolution, *(row.conflict_resolution for row in mapping.fields)]
    return any(each in _ASKING for each in answers)


def in_scope(mapping: IntegrationTableMapping, side: Side, row: Row) -> bool:
    """Tell whether a mapping's filter of a side lets a record take part."""
    of_side = mapping.table_filter if side is Side.ERP else mapping.integration_table_filter
    return of_side.first_failing(row.values.get) is None
