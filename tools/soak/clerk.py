"""Somebody who decides conflicts and cures what the error list tells of, with the program's own commands.

Every value that is decided against is noted as it was shown: the judge excuses no other ones.
"""

import json
import math
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any, TypeAlias

from tools.soak.cures import Cure, cure_of
from tools.soak.ledger import Ledger, Side
from tools.soak.people import People
from tools.soak.protocol import Outsider, Refused
from tools.soak.synchronization import FULL, INCREMENTAL, Command, Synchronization

Row: TypeAlias = dict[str, Any]
ERP_RIGHT, CRM_RIGHT, RESTORE, DELETE = "erp", "crm", "restore", "delete"
_UPDATE = "update"
_LIST: Command = ("conflicts", "list", "--json", "--limit", "100000")
_ERRORS: Command = ("errors", "list", "--json", "--limit", "100000")
_HALTS: Command = ("halts", "list", "--json")
_MASS_CHANGE = "mass change"
_RECORDS_OF_A_DECISION = 2
"""A decision on one record is a job, too: it tells nothing of the mapping's other records."""
_COUNTERS = ("inserted", "modified", "deleted", "unchanged", "skipped", "failed", "coupled", "uncoupled")
_RETRY: Command = ("errors", "retry", "--all")
_ALIKE_AT_ONCE = 2
_KILLED = 0.25
"""The share of the careful decisions during which the process is killed, just after its first write."""
_ERROR_LISTS = 0.15
"""The share of the visits on which the error list is read, too."""
_BY_FIELD = 0.5
_RESTORED = 0.8
"""Edits of what is deleted in the end prove nothing: most records come back."""
_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 120.0
_LAST_PATIENCE_SECONDS = 420.0
"""A refused create whose first answer was lost is not given up before the longest life of a request is over."""
_LAST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A decision on a conflict, as it is typed, and what it is against."""

    options: Command
    against: frozenset[str]
    """The values that lose."""


def decide(conflict: Row, randomness: random.Random, *, by_field: bool) -> Word:
    """Choose at random who is right, for the record or for single fields, or what becomes of a deletion."""
    rows = conflict["fields"]
    if conflict["kind"] != _UPDATE:
        choice = RESTORE if randomness.random() < _RESTORED else DELETE
        return Word(options=("--choose", choice, "--yes"), against=frozenset())
    whole = randomness.choice((ERP_RIGHT, CRM_RIGHT))
    # Fields that belong together are decided together, whatever is typed for one of them.
    chosen: dict[str, str] = {}
    for row in rows:
        name = row["group"] or row["field"]
        chosen.setdefault(name, randomness.choice((ERP_RIGHT, CRM_RIGHT)) if by_field else whole)
    options = ["--choose", whole]
    if by_field:
        for row in rows:
            options += ["--field", f"{row['field']}={chosen[row['group'] or row['field']]}"]
    losing = (
        row["crm_value"] if chosen[row["group"] or row["field"]] == ERP_RIGHT else row["erp_value"]
        for row in rows
    )
    return Word(
        options=tuple(options), against=frozenset(str(value) for value in losing if value is not None)
    )


def last_begun(jobs: Sequence[Row], now: datetime, monotonic: float) -> float:
    """Return when the last run of a mapping that came to its end began, on the ledger's clock; `now` is `monotonic`.

    What a halt counts was changed since then: runs that were killed, or stopped, have read nothing for good.
    """
    begun = [
        datetime.fromisoformat(job["started_at"])
        for job in jobs
        if job["finished_at"]
        and not job["message"]
        and sum(job[name] for name in _COUNTERS) > _RECORDS_OF_A_DECISION
    ]
    return monotonic - (now - max(begun)).total_seconds() if begun else -math.inf


@dataclass(slots=True, kw_only=True)
class _Asked:
    """A command at work, and where its answer goes."""

    process: "subprocess.Popen[bytes]"
    answer: IO[bytes]


@dataclass(slots=True, kw_only=True)
class Clerk:
    """Looks in now and then, decides what waits, and corrects what the list complains of."""

    synchronization: Synchronization
    outsider: Outsider
    ledger: Ledger
    people: People
    randomness: random.Random
    outcomes: Counter[str] = field(default_factory=Counter)
    """How the decisions and cures ended."""
    unfounded_halts: list[str] = field(default_factory=list)
    """What halts said that people had given no reason for; they are left as they are."""
    _last_list: list[Row] = field(default_factory=list)
    _meanwhile: _Asked | None = None
    _cured: set[Cure] = field(default_factory=set)

    def look_in(self) -> None:
        """Decide a few of the conflicts while people go on, and now and then read the error list."""
        self.wait()
        self._release()
        self._last_list = self._listed(_LIST)
        if self._last_list:
            shown = self.randomness.choice(self._last_list)
            word = self._decided(shown, by_field=self.randomness.random() < _BY_FIELD)
            killed = self.randomness.random() < _KILLED
            self._take(*self._ask(("conflicts", "resolve", shown["id"], *word, "--json"), killed=killed))
            # Nobody edits meanwhile, or nearly every decision would be refused.
            with self.people.resting():
                # What was edited since the last run is listed as it was then.
                self.synchronization.run((*INCREMENTAL, shown["mapping"]))
                self._decide_alike(_ALIKE_AT_ONCE, shown["mapping"])
        if self.randomness.random() < _ERROR_LISTS:
            self._cure()

    def decide_meanwhile(self) -> None:
        """Decide one more, from the list of the last visit, while a run is at work; nobody waits for the answer."""
        if self._meanwhile is None and self._last_list:
            shown = self.randomness.choice(self._last_list)
            word = self._decided(shown, by_field=False)
            self._meanwhile = self._start(("conflicts", "resolve", shown["id"], *word, "--json"))

    def wait(self) -> None:
        """Wait for what was begun while a run was at work."""
        asked, self._meanwhile = self._meanwhile, None
        if asked is not None:
            self._take(*self._end(asked))

    def clear_up(self) -> None:
        """When everybody has gone home: decide and cure all that can be, until nothing changes any more."""
        self.wait()
        deadline = time.monotonic() + _LAST_PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self._release()
            waiting = self._decide_alike(None)
            ill = self._cure()
            self.synchronization.run(FULL)
            if not waiting and not ill:
                return
            if not waiting:
                time.sleep(_LAST_PAUSE_SECONDS)

    def _decide_alike(self, number_max: int | None, *mapping: str) -> int:
        """Settle conflicts together that are alike, as many kinds as wanted; return how many waited."""
        conflicts = self._listed((*_LIST, *mapping))
        kinds: dict[tuple[object, ...], list[Row]] = {}
        for each in conflicts:
            kinds.setdefault(_likeness(each), []).append(each)
        chosen = sorted(kinds.values(), key=len, reverse=True)[:number_max]
        for alike in chosen:
            seed = self.randomness.random()
            words = [self._decided(each, by_field=False, seed=seed) for each in alike]
            # They are named as they were listed: what comes up meanwhile waits for the next list.
            ids = (each["id"] for each in alike)
            command = ("conflicts", "resolve", *ids, *words[0], "--json")
            self._take(*self._ask(command))
        return len(conflicts)

    def _decided(self, conflict: Row, *, by_field: bool, seed: float | None = None) -> Command:
        """Choose, note what loses by it, and return the words to type; the same seed chooses the same."""
        randomness = self.randomness if seed is None else random.Random(seed)  # noqa: S311 - no secret
        word = decide(conflict, randomness, by_field=by_field)
        keys = {conflict["erp"]["key"], conflict["crm"]["key"]}
        self.ledger.overruled |= word.against
        self.ledger.restored |= keys if RESTORE in word.options else set()
        self.ledger.removed |= keys if DELETE in word.options else set()
        return word.options

    def _release(self) -> None:
        """Release the mappings of which people did edit as many records as a halt counted."""
        for halt in self._listed(_HALTS):
            if halt["released_by"] is not None or halt["message"] in self.unfounded_halts:
                continue
            jobs = self._listed(("jobs", halt["mapping"], "--json", "--limit", "1000"))
            since = last_begun(jobs, datetime.now(UTC), time.monotonic())
            edited = self.ledger.edited_records(halt["mapping"], Side(halt["side"]), since)
            if halt["kind"] != _MASS_CHANGE or edited < halt["count"]:
                self.unfounded_halts.append(halt["message"])
                continue
            self._ask(("halts", "release", halt["mapping"], "--yes", "--json"))
            self.outcomes["halts released, which people's edits had brought about"] += 1

    def _cure(self) -> int:
        """Correct, once, the records that the error list tells how to correct; return how many of those it lists."""
        cures = [cure for cure in map(cure_of, self._listed(_ERRORS)) if cure is not None]
        for cure in cures:
            if cure in self._cured:
                continue
            try:
                cure.carry_out(self.outsider)
            except Refused:
                self.outcomes["corrections that came too late"] += 1
            else:
                self._cured.add(cure)
                self.outcomes["records corrected"] += 1
        code, _ = self._ask(_RETRY)
        self.outcomes[f"errors retry: exit code {code}"] += 1
        return len(cures)

    # The program

    def _listed(self, command: Command) -> list[Row]:
        return self._ask(command)[1]

    def _take(self, code: int, results: list[Row]) -> None:
        if code == -signal.SIGKILL:
            self.outcomes["decisions killed after a write"] += 1
            return
        for each in results:
            self._note(json.dumps(each))
            self.outcomes["conflicts settled" if each["settled"] else "conflicts not settled, or moved"] += 1
        if not results:
            self.outcomes[f"decisions refused: exit code {code}"] += 1

    def _note(self, line: str) -> None:
        with (self.synchronization.services.state / "decisions.log").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def _start(self, command: Command) -> _Asked:
        answer = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `_end`, when the process has ended
        return _Asked(process=self.synchronization.start(command, answer), answer=answer)

    def _ask(self, command: Command, *, killed: bool = False) -> tuple[int, list[Row]]:
        before = self.synchronization.written() if killed else 0
        asked = self._start(command)
        while killed and asked.process.poll() is None:
            if self.synchronization.written() > before:
                asked.process.kill()
                break
            time.sleep(_LOOK_SECONDS)
        return self._end(asked)

    def _end(self, asked: _Asked) -> tuple[int, list[Row]]:
        code = asked.process.wait(_PATIENCE_SECONDS)
        asked.answer.seek(0)
        # A killed process may leave half a line.
        lines = [] if code < 0 else asked.answer.read().splitlines()
        asked.answer.close()
        return code, [json.loads(line) for line in lines]


def _likeness(conflict: Row) -> tuple[object, ...]:
    deleted = (conflict["erp"]["deleted"], conflict["crm"]["deleted"])
    fields = tuple(sorted(row["field"] for row in conflict["fields"]))
    return (conflict["mapping"], conflict["kind"], deleted, fields)
