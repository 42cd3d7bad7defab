"""Measures how soon edits flow again: edits made just after a kill, looked for on the other side.

Two customers are edited each time. An injected fault may hit the one write that carries an edit, and then just this
record waits for the next run; what is promised is that it keeps no other ones waiting.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tools.soak.ledger import Side
from tools.soak.protocol import Outsider, Row

ERP_FIELD, CRM_COLUMN = "Fax_No", "fax"
_EDITS = 2
_LOOK_SECONDS = 0.2
"""Looking more often would keep the services busy, and slow down what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """A fresh value, and where it is to arrive."""

    value: str
    side: Side
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """How an edit flowed: how long, after a restart by which command, and what struck the requests meanwhile."""

    seconds: float
    command: str
    struck: Counter[str]


@dataclass(slots=True, kw_only=True)
class Canaries:
    """Customers that nobody else edits; two of them at a time carry a fresh value."""

    outsider: Outsider
    numbers: Sequence[str]
    randomness: random.Random
    struck: Callable[[], Mapping[str, int]]
    """Tells how often each fault has struck."""
    flows: list[Flow] = field(default_factory=list)
    """How values arrived; the seconds are those in which processes worked after a restart."""
    interrupted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds that processes worked that were killed before one had, by command."""
    _turn: int = 0
    _edits: list[_Edit] = field(default_factory=list)
    """What is on its way; none any more once the first has arrived."""
    _worked: float = 0.0
    _since: float | None = None
    _looked: float = 0.0
    _command: str = ""
    _struck_before: Counter[str] = field(default_factory=Counter)

    @property
    def is_waiting(self) -> bool:
        """Whether values are on their way, and none has arrived."""
        return bool(self._edits)

    def release(self) -> None:
        """Make edits, unless the last ones are still on their way."""
        if self.is_waiting:
            return
        made = [self._edit() for _ in range(_EDITS)]
        self._edits = [each for each in made if each is not None]
        self._struck_before = Counter(self.struck())
        self._worked, self._since, self._command = 0.0, None, ""

    def process_started(self, command: str) -> None:
        """Let the clock run; what is measured counts for the first command after a kill."""
        if self.is_waiting:
            self._since, self._command = time.monotonic(), self._command or command

    def look(self) -> None:
        """Look for the values, not too often; note the time when one has arrived."""
        if self._since is not None and time.monotonic() - self._looked >= _LOOK_SECONDS:
            self._look()

    def times(self, command: str) -> list[float]:
        """Return how long each flow took after a restart by a command."""
        return [each.seconds for each in self.flows if each.command == command]

    def slowest(self, command: str) -> float:
        """Return how long it took at the longest, also where no value had arrived when the process was killed."""
        return max([*self.times(command), *self.interrupted[command]], default=0.0)

    def process_ended(self) -> None:
        """Stop the clock until the next process: who decides conflicts in between takes time of their own."""
        if self._since is not None:
            self._look()
        if self._since is not None:
            self._worked, self._since = self._elapsed(), None

    def process_killed(self) -> None:
        """Note that the next process starts the clock anew."""
        if self._since is not None:
            self.interrupted[self._command].append(self._elapsed())
            self._worked, self._since, self._command = 0.0, None, ""

    def service_restarted(self) -> None:
        """Start the clock anew: while a service is away nothing can flow."""
        self.outsider.sign_in()
        if self._since is not None:
            self._worked, self._since = 0.0, time.monotonic()

    def _look(self) -> None:
        if any(self._has_arrived(each) for each in self._edits):
            struck = Counter(self.struck()) - self._struck_before
            self.flows.append(Flow(seconds=self._elapsed(), command=self._command, struck=struck))
            self._edits, self._since = [], None
        self._looked = time.monotonic()

    def _elapsed(self) -> float:
        assert self._since is not None
        return self._worked + time.monotonic() - self._since

    def _edit(self) -> _Edit | None:
        self._turn += 1
        number = self.numbers[self._turn % len(self.numbers)]
        account = next(iter(self.outsider.crm_rows("accounts", f"ilc_erpkey eq '{number}'")), None)
        if account is None:
            return None
        value = f"+99 {self._turn:06d}"
        erp_path = self.outsider.erp_path("CustomerCard", number)
        crm_path = self.outsider.crm_path("accounts", account["accountid"])
        if self.randomness.random() < 0.5:
            row = self.outsider.erp.send("GET", erp_path)
            self.outsider.erp.send("PATCH", erp_path, {ERP_FIELD: value}, row["@odata.etag"])
            return _Edit(value=value, side=Side.CRM, path=crm_path)
        self.outsider.crm.send("PATCH", crm_path, {CRM_COLUMN: value}, account["@odata.etag"])
        return _Edit(value=value, side=Side.ERP, path=erp_path)

    def _has_arrived(self, edit: _Edit) -> bool:
        client, column = (
            (self.outsider.erp, ERP_FIELD) if edit.side is Side.ERP else (self.outsider.crm, CRM_COLUMN)
        )
        row: Row = client.send("GET", edit.path)
        return bool(row[column] == edit.value)
