"""Translates references of a batch through couplings: one question a mapping, not one a record."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from interlace.domain.integration_field_mapping import IntegrationFieldMapping, PartOf, Reference
from interlace.domain.keys import KEY_SEPARATOR, MappingName
from interlace.domain.side import Side
from interlace.domain.transfer_fields import NotCoupled
from interlace.domain.transformation_rule import apply_rules
from interlace.domain.values import Value, canonical, same_value
from interlace.engine.ports import FindRecords, TableView
from interlace.engine.run_setup import PassSetup
from interlace.locale.translatable import translatable

_REMEMBERED_KEYS_MAX = 50_000


@dataclass(slots=True)
class References:
    """The translated keys of one pass; filled batch by batch, bounded."""

    setup: PassSetup
    _partners: dict[MappingName, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    _parts: dict[tuple[str, str], list[tuple[str, Value]]] = field(default_factory=dict)

    async def prepare(self, records: Iterable[Sequence[Value]]) -> None:
        """Look up everything that the records refer to; records come as values in the source's field order."""
        wanted: dict[MappingName, set[str]] = defaultdict(set)
        columns = [
            (each.row, each.source, wanted[each.row.reference.mapping])
            for each in self.setup.plan.rows
            if each.row.reference is not None and each.source is not None
        ]
        if not columns:
            return
        listed = list(records)
        for row, place, keys in columns:
            # Thousands of records refer to a few dozen others: each value is looked at once.
            found = (self._lookup_key(row, value) for value in {values[place] for values in listed})
            keys.update(key for key in found if key is not None)
        side = self.setup.source.side
        for mapping in sorted(wanted):
            known = self._partners[mapping]
            if len(known) > _REMEMBERED_KEYS_MAX:
                known.clear()
            missing = sorted(key for key in wanted[mapping] if key not in known)
            if missing:
                known.update(self.setup.run.store.partner_keys(mapping, side, missing))
        await self._prepare_parts()

    async def _prepare_parts(self) -> None:
        for part, owners in self._missing_parts():
            fields = (part.match,) if part.match_text is None else (part.match, part.match_text)
            view = TableView(side=Side.CRM, table=part.table, fields=fields)
            found = await FindRecords(view=view, field=part.match, values=tuple(owners))
            for owner in owners:
                self._parts[part.table, owner] = []
            for record in found:
                values = record.values()
                text = values[1] if len(values) > 1 else None
                self._parts.setdefault((part.table, str(values[0])), []).append((record.key, text))

    def _missing_parts(self) -> list[tuple[PartOf, list[str]]]:
        missing: dict[PartOf, set[str]] = defaultdict(set)
        for each in self.setup.plan.rows:
            reference = each.row.reference
            if reference is None or reference.part is None:
                continue
            for owner in self._partners[reference.mapping].values():
                if (reference.part.table, owner) not in self._parts:
                    missing[reference.part].add(owner)
        return [(part, sorted(owners)) for part, owners in missing.items() if owners]

    def _lookup_key(self, row: IntegrationFieldMapping, value: Value) -> str | None:
        rules = row.to_rules if self.setup.to_crm else row.from_rules
        try:
            value = canonical(apply_rules(rules, canonical(value)))
        except Exception:  # noqa: BLE001  (carry_over meets it again, and fails its record alone)
            return None
        if value is None:
            return None
        assert row.reference is not None
        return _owner_and_text(row.reference, str(value))[0]

    def translate(self, row: IntegrationFieldMapping, value: Value) -> Value | NotCoupled:
        """Translate one prepared reference; blank and null are each other's partners unless the row says more."""
        reference = row.reference
        assert reference is not None
        blank = None if reference.blank is None else self.setup.run.named_keys[reference.blank]
        if value is None:
            return blank if self.setup.to_crm else None
        key = str(value)
        if not self.setup.to_crm:
            if blank is not None and key == blank:
                return None
            return self._partners[reference.mapping].get(key) or self._not_coupled(reference, key)
        key, text = _owner_and_text(reference, key)
        partner = self._partners[reference.mapping].get(key)
        if partner is None:
            return None if reference.optional else self._not_coupled(reference, key)
        if reference.part is not None:
            return self._part_of(reference, reference.part, partner, (key, text))
        mapping = self.setup.run.mappings[reference.mapping]
        return int(partner) if mapping.choice_column is not None else partner

    def _part_of(
        self, reference: Reference, part: PartOf, owner: str, wanted: tuple[str, str]
    ) -> Value | NotCoupled:
        key, text = wanted
        parts = self._parts.get((part.table, owner), [])
        fitting = [found for found, held in parts if part.match_text is None or same_value(held, text)]
        if len(fitting) == 1:
            return fitting[0]
        named = "" if part.match_text is None else f" named {text!r}"
        return NotCoupled(
            mapping=reference.mapping,
            key=key,
            remedy=translatable(
                "The CRM record coupled with {key} ({mapping}) should hold exactly one {part}, but holds {count}. "
                "Correct it in the CRM; this record follows by itself.",
                key=repr(key),
                mapping=reference.mapping,
                part=f"{part.table}{named}",
                count=len(fitting),
            ),
        )

    def _not_coupled(self, reference: Reference, key: str) -> NotCoupled:
        return NotCoupled(
            mapping=reference.mapping,
            key=key,
            remedy=translatable(
                "{key} is not coupled ({mapping}). Couple it, or synchronize {mapping}; this record follows by itself.",
                key=repr(key),
                mapping=reference.mapping,
            ),
        )


def _owner_and_text(reference: Reference, value: str) -> tuple[str, str]:
    """Split a value that names a record and a part of it; of any other one, both are the value."""
    if reference.part is None or KEY_SEPARATOR not in value:
        return value, value
    owner, _, text = value.rpartition(KEY_SEPARATOR)
    return owner, text
