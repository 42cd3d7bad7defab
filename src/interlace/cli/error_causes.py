"""How commands tell what stands behind errors: one card a cause, with its remedy and the records it helps."""

from collections.abc import Sequence

from interlace.bootstrap.cause_texts import cause_text, waits_text
from interlace.cli.captions import key_text
from interlace.cli.output import Output
from interlace.cli.spoken import said, t, words
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.errors import WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.engine.memory import SynchError
from interlace.store.error_causes import CauseKind, ErrorCause


def cause_row(cause: ErrorCause) -> dict[str, object]:
    """Write a cause for programs."""
    return {
        "count": cause.count,
        "failed": cause.failed,
        "code": cause.code.value,
        "class": ERROR_DESCRIPTIONS[cause.code].error_class.value,
        "cause": cause.id,
        "kind": cause.kind.value,
        "mappings": {str(name): count for name, count in cause.mappings},
        "waits_for": None if cause.waits_for is None else waits_text(cause.waits_for),
        "text": cause_text(cause),
        "remedy": remedy(cause),
    }


def show_causes(output: Output, causes: Sequence[ErrorCause]) -> None:
    """Write causes as cards for people."""
    for cause in causes:
        mappings = ", ".join(f"{name} {words().number(count)}" for name, count in cause.mappings)
        held = cause.count - cause.failed if cause.kind is CauseKind.ALIKE else 0
        records = words().n("{count} record", "{count} records", cause.count)
        if held:
            records = t("{records}, {held} of them waiting for the others", records=records, held=held)
        named = t("(cause {id})", id=cause.id)
        output.stdout.write(
            f"{records}  {cause.code.value}  {mappings}  {named}\n"
            f"    {said(cause_text(cause))}\n"
            f"    {remedy(cause)}\n\n"
        )


def remedy(cause: ErrorCause) -> str:
    """Return the command that helps, as far as it can be filled in."""
    example = cause.example
    each = f"interlace errors list --cause {cause.id}"
    if cause.kind is CauseKind.AWAITED or (cause.kind is CauseKind.AWAITED_EACH and cause.count == 1):
        return couple_command(cause.waits_for or example.error.awaited[0], example.direction)
    if cause.kind is not CauseKind.ALIKE:
        return each
    command = ERROR_DESCRIPTIONS[cause.code].remedy or "interlace errors show KEY --mapping MAPPING"
    if cause.failed > 1 and "KEY" in command:
        return each
    return filled_in(command, example).replace("CAUSE", cause.id)


def couple_command(awaited: WaitsFor, direction: Direction) -> str:
    """Return the command that couples a record that is waited for."""
    key = quoted(awaited.key)
    keys = f"{key} CRM_KEY" if direction is Direction.TO_INTEGRATION_TABLE else f"ERP_KEY {key}"
    return f"interlace couplings add {quoted(awaited.mapping)} {keys}"


def filled_in(command: str, error: SynchError) -> str:
    """Fill mapping and key of an error into a command's text."""
    own = "ERP_KEY" if error.direction is Direction.TO_INTEGRATION_TABLE else "CRM_KEY"
    key = quoted(error.source_key)
    words = {"MAPPING": quoted(error.mapping), own: key, "KEY": key}
    return " ".join(words.get(word, word) for word in command.split(" "))


def quoted(key: str) -> str:
    """Write a key or a mapping's name so that a shell takes it as one word."""
    text = key_text(key)
    return text if text.replace("-", "").replace("_", "").isalnum() else f'"{text}"'
