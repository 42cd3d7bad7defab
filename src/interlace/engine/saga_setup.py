"""What a run of a saga works with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from interlace.domain.keys import CrmKey, MappingName, erp_number_of, key_namespace
from interlace.domain.saga import DOCUMENT, SETTINGS, Look, Saga
from interlace.domain.values import Value
from interlace.engine.ports import TableView
from interlace.engine.saga_memory import DocumentStore


@dataclass(frozen=True, slots=True, kw_only=True)
class SagaSetup:
    """One run of one saga: what it works on and what it may do."""

    saga: Saga
    erp_company_id: str
    crm_organization_id: str
    store: DocumentStore
    run_id: str
    process: str
    """Names the clock that `ElapsedTime` reads."""
    settings: Mapping[str, Value] = field(default_factory=dict)
    """What the connection says for this saga; every observation carries it."""
    keys: tuple[str, ...] | None = None
    """Only these documents, whether they count as new or not; None: every new one and all under way."""
    takes_new: bool = True
    """False: nothing new is begun, what is under way is followed."""
    again: bool = False
    """A person wants what was taken back to be tried once more."""
    batch_size: int = 100
    at_a_time: int = 4
    """How many documents are created, or messages sent, at the same time."""

    @property
    def mapping(self) -> MappingName:
        """The mapping whose couplings the saga makes."""
        return self.saga.name

    def mark_of(self, key: str) -> str:
        """Return the mark of a document's partner: it follows from both services' ids and the key alone."""
        return _mark_of(self.erp_company_id, self.crm_organization_id, self.saga.name, key)

    def document_view(self) -> TableView:
        """Return the saga's own table with the fields that its decisions read."""
        saga = self.saga
        return TableView(
            side=saga.side, table=saga.table, fields=saga.fields, lookup_targets=saga.lookup_targets
        )

    def new_documents_view(self) -> TableView:
        """Return the saga's own table with what tells new documents."""
        saga = self.saga
        fields = saga.new_documents.fields or saga.fields[:1]
        return TableView(side=saga.side, table=saga.table, fields=fields, filter=saga.new_documents)

    def partner_view(self) -> TableView:
        """Return the table of the partners, without fields."""
        return TableView(side=self.saga.side.other, table=self.saga.partner_table, fields=())


@lru_cache(maxsize=10_000)
def _mark_of(erp_company_id: str, crm_organization_id: str, mapping: MappingName, key: str) -> str:
    namespace = key_namespace(erp_company_id, crm_organization_id, mapping)
    return erp_number_of(namespace, CrmKey(key))


def look_view(look: Look) -> TableView:
    """Return the table of a look with its fields, and the one that it searches by."""
    fields = look.fields
    if look.field is not None and look.field not in fields:
        fields = (*fields, look.field)
    return TableView(
        side=look.side,
        table=look.table,
        fields=fields,
        lookup_targets=look.lookup_targets,
        choice_column=look.choice_column,
    )


def stages_of(saga: Saga) -> list[list[Look]]:
    """Group looks that may be read at the same time; raises ValueError for one that starts from a later one.

    The order of the declaration is kept within a side: what is posted goes from one table to the other at once,
    and is missed by who reads the second table first. Only steady looks may be read along with others.
    """
    known = {DOCUMENT, SETTINGS}
    stages: list[list[Look]] = []
    for look in saga.looks:
        if look.start not in known:
            message = f"The look {look.name} of {saga.name} starts from {look.start}, which is not looked at before."
            raise ValueError(message)
        if look.only_with is not None and look.only_with.look not in known:
            message = (
                f"The look {look.name} of {saga.name} is only for {look.only_with.look}, which comes later."
            )
            raise ValueError(message)
        known.add(look.name)
        if not stages or not _fits(look, stages[-1]):
            stages.append([])
        stages[-1].append(look)
    return stages


def _fits(look: Look, stage: Sequence[Look]) -> bool:
    needed = {look.start} if look.only_with is None else {look.start, look.only_with.look}
    if any(each.name in needed for each in stage):
        return False
    return _is_steady(look) or all(_is_steady(each) or each.side is not look.side for each in stage)


def _is_steady(look: Look) -> bool:
    return look.steady or look.whole_table
