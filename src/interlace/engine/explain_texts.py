"""What an explanation of a record says, as whole sentences with their values."""

from collections.abc import Sequence
from typing import assert_never

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.memory import Intent
from interlace.locale.translatable import as_sentence, joined, translatable


def direction_text(mapping: MappingName, direction: Direction) -> str:
    """Say which way a mapping runs."""
    match direction:
        case Direction.BIDIRECTIONAL:
            return translatable("{mapping} runs both ways.", mapping=mapping)
        case Direction.TO_INTEGRATION_TABLE:
            return translatable("{mapping} runs from the ERP to the CRM only.", mapping=mapping)
        case Direction.FROM_INTEGRATION_TABLE:
            return translatable("{mapping} runs from the CRM to the ERP only.", mapping=mapping)
        case _:
            assert_never(direction)


def never_source_text(mapping: MappingName, direction: Direction) -> str:
    """Say that nothing goes out from the side where the record is."""
    told = translatable("A record of this side is never the source of a change.")
    return joined([direction_text(mapping, direction), told])


def halt_text(message: str, released_by: str | None) -> str:
    """Say what halted the mapping, and who has released it."""
    if released_by is None:
        return message
    return translatable("{message} Released by {name}.", message=as_sentence(message), name=released_by)


def not_coupled_text(*, only_coupled: bool) -> str:
    """Say what becomes of a record that is not coupled."""
    if only_coupled:
        return translatable(
            "Not coupled. The mapping synchronizes coupled records only: `interlace synch --full` creates partners."
        )
    return translatable("Not coupled. A partner is created.")


def coupled_text(side: Side, partner: str, *, is_compared: bool) -> str:
    """Say with what the record is coupled."""
    end = side.value.upper()
    if is_compared:
        return translatable("Coupled with {end} {partner}.", end=end, partner=partner)
    return translatable(
        "Coupled with {end} {partner}. They have not been compared yet.", end=end, partner=partner
    )


def intent_text(intent: Intent) -> str:
    """Say that a write has no answer yet."""
    end = intent.side.value.upper()
    if intent.creates:
        return translatable(
            "A create of {end} {key} was sent, and its outcome is not known yet. The next run looks at it first.",
            end=end,
            key=intent.key,
        )
    return translatable(
        "A change of {end} {key} was sent, and its outcome is not known yet. The next run looks at it first.",
        end=end,
        key=intent.key,
    )


def partner_text(partner: str, end: str, *, is_there: bool) -> str:
    """Say whether the other record is there."""
    if is_there:
        return translatable("Its partner {partner} is in the {end}.", partner=partner, end=end)
    return translatable("Its partner {partner} is missing from the {end}.", partner=partner, end=end)


def condition_text(rule: str, value: str, reason: str) -> str:
    """Say what a filter asks, what the record holds, and what it means."""
    if not reason:
        return translatable("{rule} (it is {value})", rule=rule, value=value)
    return translatable(
        "{rule} (it is {value}; else {reason})", rule=rule, value=value, reason=as_sentence(reason)
    )


def decided_text(kind: str, reason: str, code: str) -> str:
    """Say why something would be passed over or fail."""
    said, why = as_sentence(kind), as_sentence(reason)
    if code:
        return translatable("{decision}: {reason} ({code})", decision=said, reason=why, code=code)
    return translatable("{decision}: {reason}", decision=said, reason=why)


def written_text(kind: str, fields: Sequence[str]) -> str:
    """Say what would be written."""
    said = as_sentence(kind)
    return (
        translatable("{decision}: {fields}", decision=said, fields=", ".join(fields)) if fields else str(kind)
    )


def found_text(rule: str, keys: Sequence[str], owner: str | None) -> str:
    """Say what a match rule finds; `owner` is what the only record found is coupled with."""
    if not keys:
        return translatable("{rule}: no record found.", rule=rule)
    if len(keys) > 1:
        return translatable("{rule}: several records found ({keys}).", rule=rule, keys=", ".join(keys))
    if owner is not None:
        return translatable(
            "{rule}: found {key}, which is coupled with {owner}.", rule=rule, key=keys[0], owner=owner
        )
    return translatable("{rule}: found {key}.", rule=rule, key=keys[0])
