"""What stands behind errors, in words: the same on pages, in the API and at the command line."""

from collections.abc import Sequence
from dataclasses import replace

from interlace.domain.errors import WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName, key_text
from interlace.domain.side import Side
from interlace.locale.translatable import as_sentence, translatable
from interlace.store.connection_store import ConnectionStore
from interlace.store.error_causes import CauseKind, ErrorCause


def judged(store: ConnectionStore, causes: Sequence[ErrorCause]) -> list[ErrorCause]:
    """Tell causes whose awaited record is coupled from those where it is not: to couple it helps only the latter."""
    return [
        replace(each, kind=CauseKind.INCOMPLETE)
        if each.kind is CauseKind.AWAITED
        and each.waits_for is not None
        and is_coupled(store, each.waits_for, each.example.direction)
        else each
        for each in causes
    ]


def is_coupled(store: ConnectionStore, awaited: WaitsFor, direction: Direction) -> bool:
    """Tell whether a record that is waited for has a partner: then a part of that partner is what is missing."""
    side = Side.ERP if direction is Direction.TO_INTEGRATION_TABLE else Side.CRM
    return bool(store.couplings_by_key(MappingName(awaited.mapping), side, [awaited.key]))


def cause_text(cause: ErrorCause) -> str:
    """Say what stands behind the errors."""
    example = cause.example
    match cause.kind:
        case CauseKind.AWAITED:
            assert cause.waits_for is not None
            return _not_coupled(cause.waits_for)
        case CauseKind.AWAITED_EACH:
            awaited = example.error.awaited[0]
            if cause.count == 1:
                return _not_coupled(awaited)
            return translatable("Each waits for a record of its own in {mapping}.", mapping=awaited.mapping)
        case CauseKind.CIRCLE:
            record = f"{example.mapping} {key_text(example.source_key)}"
            return translatable("They wait for one another, such as {record}.", record=record)
        case CauseKind.ALIKE | CauseKind.INCOMPLETE:
            more = cause.failed - 1
            if not more:
                return example.error.message
            return translatable(
                "{message} ({count} more of this kind.)",
                message=as_sentence(example.error.message),
                count=more,
            )


def waits_text(awaited: WaitsFor) -> str:
    """Name a record that is waited for."""
    return f"{awaited.mapping} {key_text(awaited.key)}"


def _not_coupled(awaited: WaitsFor) -> str:
    return translatable("{record} is not coupled.", record=waits_text(awaited))
