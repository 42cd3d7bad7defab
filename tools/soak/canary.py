"""Measures how soon edits flow again: one edit made just after a kill, looked for on the other side."""

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.soak.ledger import Side
from tools.soak.protocol import Outsider, Row

ERP_FIELD, CRM_COLUMN = "Fax_No", "fax"


@dataclass(slots=True, kw_only=True)
class Canaries:
    """Customers that nobody else edits; one of them at a time carries a fresh value."""

    outsider: Outsider
    numbers: Sequence[str]
    randomness: random.Random
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds from a restart until the value had arrived, by the command that was started then."""
    interrupted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds that processes lived that were killed before it had, by command."""
    _turn: int = 0
    _value: str | None = None
    _target: tuple[Side, str] | None = None
    _since: float | None = None
    _command: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether a value is on its way."""
        return self._value is not None

    def release(self) -> None:
        """Make an edit, unless the last one has not arrived yet."""
        if self.is_waiting:
            return
        self._turn += 1
        number = self.numbers[self._turn % len(self.numbers)]
        account = next(iter(self.outsider.crm_rows("accounts", f"ilc_erpkey eq '{number}'")), None)
        if account is None:
            return
        value = f"+99 {self._turn:06d}"
        erp_path = self.outsider.erp_path("CustomerCard", number)
        crm_path = self.outsider.crm_path("accounts", account["accountid"])
        if self.randomness.random() < 0.5:
            row = self.outsider.erp.send("GET", erp_path)
            self.outsider.erp.send("PATCH", erp_path, {ERP_FIELD: value}, row["@odata.etag"])
            self._target = (Side.CRM, crm_path)
        else:
            self.outsider.crm.send("PATCH", crm_path, {CRM_COLUMN: value}, account["@odata.etag"])
            self._target = (Side.ERP, erp_path)
        self._value, self._since = value, None

    def process_started(self, command: str) -> None:
        """Start the clock, unless it runs already because the last process ended by itself."""
        if self.is_waiting and self._since is None:
            self._since, self._command = time.monotonic(), command

    def look(self) -> None:
        """Look for the value; note the time when it has arrived."""
        if self._target is None or self._since is None:
            return
        side, path = self._target
        client, column = (
            (self.outsider.erp, ERP_FIELD) if side is Side.ERP else (self.outsider.crm, CRM_COLUMN)
        )
        row: Row = client.send("GET", path)
        if row[column] == self._value:
            self.times[self._command].append(time.monotonic() - self._since)
            self._value = self._target = self._since = None

    def process_killed(self) -> None:
        """Note that the next process starts the clock anew."""
        if self._since is not None:
            self.interrupted[self._command].append(time.monotonic() - self._since)
            self._since = None

    def service_restarted(self) -> None:
        """Start the clock anew: while a service is away nothing can flow."""
        self.outsider.sign_in()
        if self._since is not None:
            self._since = time.monotonic()
