"""The people on both sides: they create, edit, touch and delete records over the public protocols."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from interlace.domain.side import Side
from interlace.simulation.services import Outsider, Refused
from interlace.simulation.tracked_tables import CONTACTS, CUSTOMERS, TRACKED, TrackedTable
from interlace.simulation.world import World

_RELATIONSHIP_CUSTOMER = 3


@dataclass(slots=True, kw_only=True)
class People:
    """Everybody who works on the records of a schedule."""

    world: World
    outsider: Outsider
    dice: random.Random
    deletes: bool = True
    creates: bool = True
    counts: Counter[str] = field(default_factory=Counter)

    async def work(self, actions: int, span_seconds: float) -> None:
        """Act so many times, at moments that are now close together, now far apart."""
        for _ in range(actions):
            await asyncio.sleep(self.dice.expovariate(actions / span_seconds))
            self.act()

    def act(self) -> None:
        """Do one thing."""
        kind = self.dice.choices(("edit", "edit both", "create", "touch", "delete"), (8, 3, 3, 1, 2))[0]
        if (kind == "delete" and not self.deletes) or (kind == "create" and not self.creates):
            kind = "edit"
        side = self.dice.choice((Side.ERP, Side.CRM))
        try:
            match kind:
                case "create":
                    self.create(side, self.dice.choice((CUSTOMERS, CUSTOMERS, CONTACTS)))
                case "edit both":
                    self._edit_both()
                case "touch":
                    self._edit(side, touch=True)
                case "delete":
                    self._delete(side)
                case _:
                    self._edit(side)
            self.counts[f"{kind} {side.value}"] += 1
        except Refused as refused:
            self.counts[f"refused {kind} {side.value} {refused.status}"] += 1

    def create(self, side: Side, table: TrackedTable) -> None:
        """Create a record with a tag of its own; a contact belongs to a customer that exists."""
        values: dict[str, object] = {name: self.world.new_value() for name in table.names(side)}
        values[table.tag_name(side)] = self.world.new_tag()
        if table is CUSTOMERS:
            if side is Side.CRM:
                values["customertypecode"] = _RELATIONSHIP_CUSTOMER
        else:
            owners = sorted(self.world.state[side][CUSTOMERS.mapping])
            if not owners:
                return
            owner = self.dice.choice(owners)
            if side is Side.ERP:
                values |= {"Type": "Person", "Company_No": self._company_contact(owner)}
            else:
                values["parentcustomerid_account@odata.bind"] = f"/accounts({owner})"
        path = table.sets[side]
        if side is Side.ERP:
            self.outsider.erp("POST", path, **values)
        else:
            self.outsider.crm("POST", path, **values)

    def _company_contact(self, customer: str) -> str:
        records = self.world.services.erp.records
        found = records.find_equal("Contact_Business_Relation", No=customer)
        return found[0].text("Contact_No") if found else ""

    def _edit(self, side: Side, *, touch: bool = False) -> None:
        chosen = self._choose(side)
        if chosen is None:
            return
        table, key = chosen
        fields = self.world.state[side][table.mapping][key]
        names = self.dice.sample(table.names(side), self.dice.choice((1, 1, 2)))
        values = {name: fields[name] if touch else self.world.new_value(fields[name]) for name in names}
        self._patch(side, table, key, values)

    def _edit_both(self) -> None:
        """Edit one record on both sides at once, mostly in the same field."""
        table = self.dice.choice(TRACKED)
        erp, crm = self.world.state[Side.ERP][table.mapping], self.world.state[Side.CRM][table.mapping]
        by_tag = {fields[table.tag[1]]: key for key, fields in crm.items()}
        pairs = [(k, by_tag[f[table.tag[0]]]) for k, f in sorted(erp.items()) if f[table.tag[0]] in by_tag]
        if not pairs:
            return
        erp_key, crm_key = self.dice.choice(pairs)
        pair = self.dice.choice(table.fields)
        other = pair if self.dice.random() < 0.6 else self.dice.choice(table.fields)
        self._patch(Side.ERP, table, erp_key, {pair[0]: self.world.new_value(erp[erp_key][pair[0]])})
        self._patch(Side.CRM, table, crm_key, {other[1]: self.world.new_value(crm[crm_key][other[1]])})

    def _delete(self, side: Side) -> None:
        chosen = self._choose(side)
        if chosen is not None:
            table, key = chosen
            self._send(side, "DELETE", table, key, {})

    def _patch(self, side: Side, table: TrackedTable, key: str, values: dict[str, str]) -> None:
        self._send(side, "PATCH", table, key, values)

    def _send(self, side: Side, method: str, table: TrackedTable, key: str, values: dict[str, str]) -> None:
        if side is Side.ERP:
            self.outsider.erp(method, f"{table.sets[side]}('{key}')", **values)
        else:
            self.outsider.crm(method, f"{table.sets[side]}({key})", **values)

    def _choose(self, side: Side) -> tuple[TrackedTable, str] | None:
        state = self.world.state[side]
        held = [(table, key) for table in TRACKED for key in sorted(state[table.mapping])]
        return self.dice.choice(held) if held else None
