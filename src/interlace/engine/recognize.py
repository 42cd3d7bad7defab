"""Recognizes the records of a page with which no pass has work, without reading their partners.

1. The digest is the remembered one: untouched.
2. The digest is another one, but every field holds what both sides agreed on: our own echo, or an edit of
   fields that nobody maps.
3. A field differs from its agreed value, and what it carries over to is what the partner agreed on (such as
   a column that the service filled in at our create): only the memory is out of date.

A new record that was never opened is none of these: the pass that opens it must be told.

Of 2 and 3 the new digest is noted, as if the partner had been read just before it changes: should it hold
something else by now, its own scan or feed tells. Everything else is open to the passes.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from interlace.domain.compiled_transfer import compile_differing
from interlace.domain.coupling import AgreedValues, Coupling, CouplingState
from interlace.domain.errors import RecordError
from interlace.domain.field_merge import owes_opening
from interlace.domain.side import Side
from interlace.domain.table_filter import EVERYTHING
from interlace.domain.transfer_fields import NotCoupled, Remembered, RowTransfer, TransferPlan, carry_over
from interlace.domain.values import Value, canonical, same_value
from interlace.engine.ports import Record
from interlace.engine.run_setup import PassSetup, RunSetup


@dataclass(slots=True, kw_only=True)
class Recognized:
    """What is known of a page's records before any partner is read."""

    coupled: int
    """How many of them are coupled."""
    untouched: int = 0
    couplings: list[Coupling] = field(default_factory=list)
    """Couplings of untouched records whose digest or memory is to be noted anew."""
    open: list[tuple[str, Record | None]] = field(default_factory=list)
    """Records that the passes must look at."""


class Recognizer:
    """Recognizes records of one side in one run."""

    def __init__(self, run: RunSetup, side: Side, passes: Sequence[PassSetup]) -> None:
        self._run = run
        self._side = side
        self._own = next((each for each in passes if each.source.side is side), None)
        plan = passes[0].plan
        places = plan.sources if passes[0].source.side is side else plan.destinations
        self._openings = [each for each in plan.rows if each.row.opening_value is not None]
        self._differing = compile_differing(places, 0 if side is Side.ERP else 1)
        self._filter = EVERYTHING if self._own is None else self._own.source.filter
        self._has_filter = bool(self._filter.conditions)
        self._place = {name: place for place, name in enumerate(run.view(side).fields)}
        self._rows = {} if self._own is None else _plain_rows(self._own.plan)

    def recognize(self, items: Sequence[tuple[str, Record | None]]) -> Recognized:
        """Sort records into untouched and open ones."""
        store, name = self._run.store, self._run.mapping.name
        known = self._run.digests_by_key(self._side, [key for key, _ in items])
        touched = [
            (key, record) for key, record in items if record is None or known.get(key) != record.digest
        ]
        seen = Recognized(coupled=len(known), untouched=len(items) - len(touched))
        coupled = [key for key, record in touched if record is not None and key in known]
        couplings = self._run.couplings_by_key(self._side, coupled)
        failed = {} if self._own is None else store.errors_of(name, self._own.direction, coupled)
        for key, record in touched:
            coupling = couplings.get(key)
            noted = None
            if record is not None and coupling is not None and key not in failed:
                # A record that can't be read is left to the passes: it fails there, and alone.
                with suppress(Exception):
                    noted = self._noted(record, coupling)
            if noted is None:
                seen.open.append((key, record))
            else:
                seen.untouched += 1
                seen.couplings.append(noted)
        return seen

    def _noted(self, record: Record, coupling: Coupling) -> Coupling | None:
        """Return the coupling as it is to be remembered, or None for a record with news."""
        agreed = coupling.agreed
        if agreed is None or coupling.doubtful or coupling.state is not CouplingState.COUPLED:
            return None
        values = record.values()
        if self._has_filter and not self._in_scope(values):
            return None
        if any(owes_opening(each.row, agreed.pairs[each.index]) for each in self._openings):
            return None
        rows = self._differing(values, agreed.pairs)
        if rows:
            pairs = self._agreed_again(values, agreed.pairs, rows)
            if pairs is None:
                return None
            agreed = AgreedValues(layout=agreed.layout, pairs=pairs)
        of_erp = self._side is Side.ERP
        return Coupling(
            mapping=coupling.mapping,
            erp_key=coupling.erp_key,
            crm_key=coupling.crm_key,
            agreed=agreed,
            erp_tag=record.tag if of_erp else coupling.erp_tag,
            crm_tag=coupling.crm_tag if of_erp else record.tag,
            erp_digest=record.digest if of_erp else coupling.erp_digest,
            crm_digest=coupling.crm_digest if of_erp else record.digest,
        )

    def _agreed_again(
        self, values: Sequence[Value], agreed: Sequence[Remembered], rows: Sequence[int]
    ) -> tuple[Remembered, ...] | None:
        """Return the agreed values with these rows brought up to date, or None if one of them is news."""
        if self._own is None:
            return None
        pairs = list(agreed)
        for index in rows:
            row = self._rows.get(index)
            then = agreed[index]
            if row is None or row.source is None or then is None:
                return None
            erp, crm = then
            partner = crm if self._side is Side.ERP else erp
            now = canonical(values[row.source])
            desired = carry_over(self._own.plan, row, now, _no_reference)
            if isinstance(desired, RecordError):
                return None
            if desired is None and row.row.not_null:
                desired = partner
            if not same_value(desired, partner):  # type: ignore[arg-type]
                return None
            pairs[index] = (now, partner) if self._side is Side.ERP else (partner, now)
        return tuple(pairs)

    def _in_scope(self, values: Sequence[Value]) -> bool:
        place = self._place
        return self._filter.first_failing(lambda name: values[place[name]]) is None


def _plain_rows(plan: TransferPlan) -> dict[int, RowTransfer]:
    """Return the rows whose value can be carried over without looking anything up."""
    return {
        each.index: each
        for each in plan.rows
        if each.row.reference is None and not (each.row.insert_only or each.row.after_insert)
    }


def _no_reference(_row: object, _value: Value) -> Value | NotCoupled:
    raise AssertionError("only rows without a reference are carried over here")
