"""What must hold once people and faults have stopped: read from both services and from our own memory."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from interlace.domain.coupling import Coupling
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.memory import SynchError
from interlace.simulation.memory import CONNECTION, Memory
from interlace.simulation.tracked_tables import CUSTOMERS, TRACKED, TrackedTable
from interlace.simulation.world import Effect, World
from interlace.store.encoding import JsonValue

_EVERYTHING = 1_000_000
WRITES = frozenset({"insert", "modify", "restore", "delete"})
"""Actions of the journal that are writes; it tells of couplings that came and went, too."""


class Oracle:
    """Judges a schedule at rest."""

    def __init__(self, world: World, memory: Memory, entries: Sequence[JsonValue]) -> None:
        self._world = world
        self._entries = entries
        self._memory = memory
        self._errors = memory.state.queries.errors(CONNECTION, limit=_EVERYTHING)
        self._listed: dict[MappingName, dict[str, SynchError]] = {}
        for error in self._errors:
            self._listed.setdefault(error.mapping, {})[error.source_key] = error

    def violations(self) -> Iterator[str]:
        """Yield everything that does not hold."""
        for table in TRACKED:
            couplings = self._memory.store().couplings_page(table.mapping, None, _EVERYTHING)
            yield from self._partners(table, couplings)
            yield from self._equal(table, couplings)
            yield from self._complete(table, couplings)
        yield from self._intents()
        yield from self._journal()

    def _partners(self, table: TrackedTable, couplings: list[Coupling]) -> Iterator[str]:
        for side in Side:
            keys = Counter(str(_key(each, side)) for each in couplings)
            for key, times in keys.items():
                if times > 1:
                    yield f"several partners: {table.mapping} {side.value} {key} stands in {times} couplings"

    def _equal(self, table: TrackedTable, couplings: list[Coupling]) -> Iterator[str]:
        erp, crm = (self._world.state[side][table.mapping] for side in Side)
        listed = self._listed.get(table.mapping, {})
        for each in couplings:
            pair = erp.get(each.erp_key), crm.get(each.crm_key)
            if each.erp_key in listed or each.crm_key in listed or self._has_left(table, each):
                continue
            if pair[0] is None or pair[1] is None:
                gone = "both" if pair == (None, None) else "ERP" if pair[0] is None else "CRM"
                yield f"not converged: {table.mapping} {each.erp_key} {each.crm_key} is coupled and gone: {gone}"
                continue
            for erp_name, crm_name in (*table.fields, table.tag):
                values = pair[0][erp_name], pair[1][crm_name]
                if values[0] != values[1]:
                    yield (
                        f"not converged: {table.mapping} {each.erp_key} {each.crm_key} differs silently in "
                        f"{erp_name}: {values[0]!r} and {values[1]!r}"
                    )

    def _complete(self, table: TrackedTable, couplings: list[Coupling]) -> Iterator[str]:
        listed = self._listed.get(table.mapping, {})
        for side in Side:
            coupled = {str(_key(each, side)) for each in couplings}
            for key, fields in self._world.state[side][table.mapping].items():
                if key not in coupled and key not in listed and self._takes_part(side, table, key):
                    tag = fields[table.tag_name(side)]
                    yield f"left out: {table.mapping} {side.value} {key} [{tag}] is neither coupled nor listed"

    def _has_left(self, table: TrackedTable, pair: Coupling) -> bool:
        """Tell whether a record of a pair is there, but not let take part any more: the pair rests."""
        keys = ((side, str(_key(pair, side))) for side in Side)
        there = [(side, key) for side, key in keys if key in self._world.state[side][table.mapping]]
        return not all(self._takes_part(side, table, key) for side, key in there)

    def _takes_part(self, side: Side, table: TrackedTable, key: str) -> bool:
        """Tell whether the mapping's filter lets a record take part."""
        services = self._world.services
        if table is CUSTOMERS:
            return True
        if side is Side.CRM:
            stored = services.crm.records.store.get("contact", (key,))
            return stored is not None and b'"_accountid_value":null' not in stored.body
        contact = services.erp.records.by_code("Contact", key)
        company = contact.text("Company_No") if contact is not None else ""
        relations = services.erp.records.find_equal("Contact_Business_Relation", Contact_No=company)
        return any(each.text("Link_to_Table") == "Customer" for each in relations)

    def _intents(self) -> Iterator[str]:
        for table in TRACKED:
            for intent in self._memory.store().open_intents(table.mapping):
                yield f"unsettled: the intent for {table.mapping} {intent.side.value} {intent.key} is open at rest"

    def _journal(self) -> Iterator[str]:
        told: dict[tuple[str, str], list[Mapping[str, object]]] = {}
        for entry in self._entries:
            assert isinstance(entry, dict)
            told.setdefault((str(entry["side"]), str(entry["key"])), []).append(entry)
        for lost in self._world.lost:
            effect = lost.effect
            if not any(_holds(entry, lost.field, lost.value) for entry in told.get(_place(effect), [])):
                yield f"lost update: {lost.field}={lost.value!r} is gone and in no journal: {effect}"
        made = Counter(_place(e) for e in self._world.effects if e.by_engine)
        for place, number in made.items():
            written = [entry for entry in told.get(place, []) if entry["action"] in WRITES]
            # An update whose record was edited before anybody looked: it may have been, and the journal says so.
            surely = [entry for entry in written if entry.get("certain", True)]
            if not len(surely) <= number <= len(written):
                yield f"journal: {place[0]} {place[1]} was written {number} times, the journal tells {len(written)}"
        if not self._memory.state.queries.verify_journal(CONNECTION).holds:
            yield "journal: its chain of digests does not hold"


def _place(effect: Effect) -> tuple[str, str]:
    return effect.side.value, effect.key


def _key(coupling: Coupling, side: Side) -> str:
    return coupling.erp_key if side is Side.ERP else coupling.crm_key


def _holds(entry: Mapping[str, object], name: str, value: str) -> bool:
    values = entry.get("lost")
    return isinstance(values, dict) and values.get(name) == value
