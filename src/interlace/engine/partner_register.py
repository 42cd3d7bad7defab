"""Keeps a register in the ERP in step with a mapping's couplings: only what differs is written.

The register is derived from the couplings alone, so nothing is announced or remembered: a write whose answer is
lost shows at the next comparison.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from interlace.domain.coupling import Coupling, CouplingState
from interlace.domain.keys import ErpKey
from interlace.domain.partner_register import PartnerRegister
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import (
    Capabilities,
    DeleteRecords,
    Deletion,
    Outcome,
    Page,
    Precondition,
    ReadPage,
    Record,
    TableCapabilities,
    TableView,
    Write,
    WriteRecords,
    WriteResult,
)
from interlace.engine.store_port import Store

Item = TypeVar("Item")
_COUPLINGS_PER_PAGE = 5_000
_HARMLESS = frozenset({Outcome.DONE, Outcome.EXISTS, Outcome.STALE, Outcome.GONE})
"""Somebody else did it, or the next comparison sees what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterComparison:
    """What came of bringing a register in step."""

    entries: int
    """How many couplings it is to tell."""
    created: int = 0
    changed: int = 0
    deleted: int = 0
    refused: tuple[str, ...] = ()
    """What the ERP said to the writes that it refused."""

    @property
    def written(self) -> int:
        """How many records were written."""
        return self.created + self.changed + self.deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDifference:
    """What must be written so that a register tells the couplings."""

    entries: int
    deletions: tuple[Deletion, ...]
    changes: tuple[Write, ...]
    creations: tuple[Write, ...]

    @property
    def count(self) -> int:
        """How many records differ."""
        return len(self.deletions) + len(self.changes) + len(self.creations)


def view_of(register: PartnerRegister) -> TableView:
    """Return the register's table as it is read and written."""
    return TableView(
        side=Side.ERP, table=register.table, fields=(register.crm_key_field, register.erp_key_field)
    )


async def compare_register(register: PartnerRegister, store: Store) -> RegisterDifference:
    """Read the whole register and say what differs from the couplings; raises a ServiceFailure."""
    held = {_key(record): record for record in await _records(view_of(register))}
    wanted = _wanted(register, store)
    changes, creations = [], []
    for crm_key, erp_key in wanted.items():
        record = held.get(crm_key)
        values: dict[str, Value] = {register.erp_key_field: erp_key}
        if record is None:
            created = {**dict(register.fixed), **values}
            creations.append(Write(key=crm_key, precondition=Precondition.ABSENT, values=created))
        elif record.values()[1] != erp_key:
            changes.append(
                Write(key=record.key, precondition=Precondition.UNCHANGED, values=values, tag=record.tag)
            )
    return RegisterDifference(
        entries=len(wanted),
        deletions=tuple(
            Deletion(key=record.key, tag=record.tag) for key, record in held.items() if key not in wanted
        ),
        changes=tuple(changes),
        creations=tuple(creations),
    )


async def keep_register(register: PartnerRegister, store: Store) -> RegisterComparison:
    """Bring a register in step with the couplings; raises a ServiceFailure, also when there is no such table."""
    difference = await compare_register(register, store)
    if not difference.count:
        return RegisterComparison(entries=difference.entries)
    view = view_of(register)
    capabilities: Capabilities = await TableCapabilities(view=view)
    size = capabilities.write_batch_size
    results: dict[str, list[WriteResult]] = {"created": [], "changed": [], "deleted": []}
    for deletions in _chunks(difference.deletions, size):
        results["deleted"] += await DeleteRecords(view=view, deletions=deletions)
    for name, writes in (("changed", difference.changes), ("created", difference.creations)):
        for some in _chunks(writes, size):
            results[name] += await WriteRecords(view=view, writes=some)
    return RegisterComparison(
        entries=difference.entries,
        refused=tuple(_said(each) for found in results.values() for each in found if _is_refused(each)),
        **{name: sum(each.outcome is Outcome.DONE for each in found) for name, found in results.items()},
    )


async def _records(view: TableView) -> list[Record]:
    records: list[Record] = []
    after: str | None = None
    while True:
        page: Page = await ReadPage(view=view, after=after)
        records += page.records
        after = page.next
        if after is None:
            return records


def _wanted(register: PartnerRegister, store: Store) -> dict[str, str]:
    wanted: dict[str, str] = {}
    after: ErpKey | None = None
    while True:
        found: Sequence[Coupling] = store.couplings_page(register.mapping, after, _COUPLINGS_PER_PAGE)
        wanted |= {each.crm_key: each.erp_key for each in found if each.state is CouplingState.COUPLED}
        if len(found) < _COUPLINGS_PER_PAGE:
            return wanted
        after = found[-1].erp_key


def _chunks(items: tuple[Item, ...], size: int) -> Iterator[tuple[Item, ...]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _key(record: Record) -> str:
    return record.key.lower()


def _is_refused(result: WriteResult) -> bool:
    return result.outcome not in _HARMLESS


def _said(result: WriteResult) -> str:
    return f"{result.key}: {result.outcome.value if result.error is None else result.error.message}"
