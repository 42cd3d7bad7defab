"""Every operation, and the one of a name."""

from typing import cast

from interlace.management import (
    account,
    approvals,
    audit,
    availability,
    causes,
    conflicts,
    connection_card,
    connection_list,
    connections,
    coupling_exchange,
    couplings,
    default_setup,
    erasing,
    error_actions,
    errors,
    freezes,
    halts,
    home,
    jobs,
    journal,
    journal_list,
    keys,
    mapping_checks,
    mappings,
    matching,
    notifications,
    orders,
    plans,
    queue,
    record_changes,
    record_log,
    records,
    requests,
    reviews,
    search,
    setup,
    solution,
    tokens,
    undo,
    users,
    verification,
    views,
)
from interlace.management.operation import AnyOperation, Effect
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

_AREAS = (
    account,
    approvals,
    audit,
    availability,
    causes,
    conflicts,
    connection_card,
    connection_list,
    connections,
    coupling_exchange,
    couplings,
    default_setup,
    erasing,
    error_actions,
    errors,
    freezes,
    halts,
    home,
    jobs,
    journal,
    journal_list,
    keys,
    mapping_checks,
    mappings,
    matching,
    notifications,
    orders,
    plans,
    record_changes,
    record_log,
    records,
    requests,
    queue,
    reviews,
    search,
    setup,
    solution,
    tokens,
    undo,
    users,
    verification,
    views,
)

ALL_OPERATIONS = cast("tuple[AnyOperation, ...]", tuple(each for area in _AREAS for each in area.OPERATIONS))
"""In the order of the areas."""

_BY_NAME = {each.name: each for each in ALL_OPERATIONS}
assert len(_BY_NAME) == len(ALL_OPERATIONS), "two operations have one name"


def operation_called(name: str, effect: Effect) -> AnyOperation:
    """Return the operation of a name that reads or writes; raises Refused if there is none."""
    operation = _BY_NAME.get(name)
    if operation is None or operation.effect is not effect:
        raise Refused(
            RefusalKind.NOT_FOUND,
            translatable("There is no such operation"),
            next_step=translatable("The description of the API lists them all: /api/v1/openapi.json."),
            code=name[:100],
        )
    return operation
