"""People at work on both sides: edits, edits of the same record here and there, new records, deletions."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tools.soak.ledger import CONTACT, CUSTOMER, TABLES, Edit, Ledger, Record, Side, Table
from tools.soak.protocol import Client, Outsider, Refused, Row

_REFRESH_EVERY = 40
_STALE = frozenset({409, 412})
_PAUSE_SECONDS = (0.05, 0.3)
_CONFLICTS = 0.02
"""The share of edits after which the other side gets another value of the same field at once."""


@dataclass(slots=True, kw_only=True)
class People:
    """Edits at random, from a seed, until they are stopped."""

    outsider: Outsider
    ledger: Ledger
    randomness: random.Random
    canaries: frozenset[str]
    """Numbers of customers that are left alone: they measure how soon edits flow."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _failure: BaseException | None = None
    _at_work: threading.Lock = field(default_factory=threading.Lock)
    _turn: int = 0

    def begin(self) -> None:
        """Learn which records there are and begin to work in the background."""
        for table in TABLES:
            self._meet(table)
        self._thread = threading.Thread(target=self._work, name="people", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop; raises what went wrong meanwhile."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self._failure is not None:
            raise self._failure

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Let nobody begin anything, once what was begun has ended: what became of their own edits must be known."""
        with self._at_work:
            yield
            self.outsider.sign_in()

    def _work(self) -> None:
        try:
            while not self._stop.wait(self.randomness.uniform(*_PAUSE_SECONDS)):
                with self._at_work:
                    self._turn += 1
                    if self._turn % _REFRESH_EVERY == 0:
                        for table in TABLES:
                            self._meet_partners(table)
                    self._act()
        except BaseException as failure:  # noqa: BLE001 - told by `end`, in the thread that can act on it
            self._failure = failure

    def _act(self) -> None:
        acts: tuple[tuple[float, Callable[[], None]], ...] = (
            (0.86, self._edit),
            (0.05, self._create_customer),
            (0.03, self._create_account),
            (0.04, self._create_contact),
            (0.02, self._delete),
        )
        act = self.randomness.choices([each for _, each in acts], [weight for weight, _ in acts])[0]
        try:
            act()
        except Refused:
            # A record that is gone, or an edit that came too late: people live with that, and it is counted.
            self.ledger.refused += 1

    # What they know

    def _meet(self, table: Table) -> None:
        rows = self._customers_persons() if table is CONTACT else self.outsider.erp_rows(table.page)
        numbers = [row[table.number_field] for row in rows if row[table.number_field] not in self.canaries]
        known = [Record(table=table, number=number) for number in numbers[: table.known_max]]
        self.ledger.records += known
        self._meet_partners(table)

    def _customers_persons(self) -> list[Row]:
        """Return the persons who work for a customer's company: other contacts stay in the ERP."""
        companies = {
            row["Contact_No"]
            for row in self.outsider.erp_rows("ContactBusinessRelations")
            if row["Link_to_Table"] == "Customer"
        }
        persons = self.outsider.erp_rows("ContactCard", "Type eq 'Person'")
        return [row for row in persons if row["Company_No"] in companies]

    def _meet_partners(self, table: Table) -> None:
        by_number, by_id = {}, {}
        for row in self.outsider.crm_rows(table.set_name, "ilc_erpkey ne null"):
            by_number[row["ilc_erpkey"]] = row[table.id_column]
            by_id[row[table.id_column]] = row["ilc_erpkey"]
        for record in self.ledger.records:
            if record.table is table:
                record.crm_id = record.crm_id or by_number.get(record.number)
                record.number = record.number or by_id.get(record.crm_id)

    def _living(self) -> list[Record]:
        return [record for record in self.ledger.records if record.deleted_on is None]

    # What they do

    def _edit(self) -> None:
        [table] = self.randomness.choices(TABLES, [table.share for table in TABLES])
        record = self.randomness.choice([each for each in self._living() if each.table is table])
        sides = [
            side for side, key in ((Side.ERP, record.number), (Side.CRM, record.crm_id)) if key is not None
        ]
        first = self.randomness.choice(sides)
        names = [erp_field for erp_field, _, _ in table.fields]
        shared = [name for name in names if name not in table.one_way]
        offered = names if first is Side.ERP else shared
        chosen = self.randomness.sample(offered, min(len(offered), self.randomness.choice((1, 1, 2))))
        self._set(record, first, chosen)
        if len(sides) == 1:
            return
        other = next(side for side in sides if side is not first)
        if self.randomness.random() < _CONFLICTS:
            self._set(record, other, [name for name in chosen if name in shared])
        elif self.randomness.random() < 0.2:
            rest = [name for name in (names if other is Side.ERP else shared) if name not in chosen]
            self._set(record, other, rest[:1])

    def _set(self, record: Record, side: Side, names: list[str]) -> None:
        while names:
            row = self.read(record, side)
            columns = {erp: (erp if side is Side.ERP else crm) for erp, crm, _ in record.table.fields}
            values = {name: self._value(record.table, name) for name in names}
            amounts = record.table.amounts
            body = {
                columns[name]: float(value) if name in amounts else value for name, value in values.items()
            }
            client, path = self._place(record, side)
            try:
                client.send("PATCH", path, body, row["@odata.etag"])
            except Refused as refused:
                if refused.status in _STALE:
                    continue
                raise
            self.ledger.edits += [
                Edit(
                    record=record,
                    side=side,
                    field=name,
                    value=value,
                    replaced=str(row.get(columns[name]) or ""),
                )
                for name, value in values.items()
            ]
            return

    def read(self, record: Record, side: Side) -> Row:
        """Read a record on one side."""
        client, path = self._place(record, side)
        row: Row = client.send("GET", path)
        return row

    def _place(self, record: Record, side: Side) -> tuple[Client, str]:
        if side is Side.ERP:
            return self.outsider.erp, self.outsider.erp_path(record.table.page, record.number)
        return self.outsider.crm, self.outsider.crm_path(record.table.set_name, record.crm_id)

    def _value(self, table: Table, name: str) -> str:
        shape = next(shape for erp_field, _, shape in table.fields if erp_field == name)
        return shape.format(self.ledger.next_number())

    def _create_customer(self) -> None:
        name = self._value(CUSTOMER, "Name")
        model = self.outsider.erp.send("GET", self.outsider.erp_path("CustomerCard", min(self.canaries)))
        body = {"Name": name, "Salesperson_Code": model["Salesperson_Code"]}
        row = self.outsider.erp.send("POST", self.outsider.erp_path("CustomerCard"), body)
        self._note_new(Record(table=CUSTOMER, number=row["No"], was_created=True), Side.ERP, "Name", name)

    def _create_account(self) -> None:
        name = self._value(CUSTOMER, "Name")
        self.outsider.crm.send(
            "POST", self.outsider.crm_path("accounts"), {"name": name, "customertypecode": 3}
        )
        row = next(self.outsider.crm_rows("accounts", f"name eq '{name}'"))
        record = Record(table=CUSTOMER, crm_id=row["accountid"], was_created=True)
        self._note_new(record, Side.CRM, "Name", name)

    def _create_contact(self) -> None:
        model = next(row for row in self._customers_persons() if row["Salesperson_Code"])
        surname = self._value(CONTACT, "Surname")
        body = {
            "Type": "Person",
            "Company_No": model["Company_No"],
            "First_Name": "Ada",
            "Surname": surname,
            "Salesperson_Code": model["Salesperson_Code"],
        }
        row = self.outsider.erp.send("POST", self.outsider.erp_path("ContactCard"), body)
        self._note_new(
            Record(table=CONTACT, number=row["No"], was_created=True), Side.ERP, "Surname", surname
        )

    def _note_new(self, record: Record, side: Side, name: str, value: str) -> None:
        self.ledger.records.append(record)
        self.ledger.edits.append(Edit(record=record, side=side, field=name, value=value, replaced=""))

    def _delete(self) -> None:
        """Delete one of their own new contacts, once it has a partner."""
        ready = [
            record
            for record in self._living()
            if record.was_created and record.table is CONTACT and record.number and record.crm_id
        ]
        if not ready:
            return
        record = self.randomness.choice(ready)
        side = self.randomness.choice((Side.ERP, Side.CRM))
        client, path = self._place(record, side)
        client.send("DELETE", path, tag=self.read(record, side)["@odata.etag"])
        record.deleted_on, record.deleted_at = side, datetime.now(UTC)
