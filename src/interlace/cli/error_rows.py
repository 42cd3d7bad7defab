"""How commands write an error of a record, for people and for programs."""

from interlace.bootstrap.cause_texts import waits_text
from interlace.cli.captions import direction_text, key_text, moment_text
from interlace.cli.output import Column
from interlace.cli.spoken import t, words
from interlace.engine.memory import SynchError
from interlace.locale.translatable import translatable

ERROR_COLUMNS = (
    Column(key="code", caption="Code"),
    Column(key="mapping", caption="Mapping"),
    Column(key="direction", caption="Direction"),
    Column(key="record", caption="Record"),
    Column(key="message", caption="What happened, and what to do"),
    Column(key="times", caption="Times", number=True),
    Column(key="state", caption="State"),
)


def error_row(error: SynchError, *, as_json: bool) -> dict[str, object]:
    """Write an error as a row of the list."""
    awaited = [waits_text(each) for each in error.error.awaited]
    row: dict[str, object] = {
        "code": error.error.code.value,
        "mapping": error.mapping,
        "direction": direction_text(error.direction, as_json=as_json),
        "record": key_text(error.source_key),
        "message": error.error.message,
        "field": error.error.field,
        "waits_for": ", ".join(awaited) or None,
        "times": error.times,
        "state": state_of(error) if as_json else state_text(error),
        "at": moment_text(error.at, as_json=as_json),
        "job": error.job_id,
    }
    if as_json:
        row["next_try"] = moment_text(error.next_try, as_json=True)
        row["class"] = error.error.error_class.value
    return row


def state_of(error: SynchError) -> str:
    """Name what is going to happen to the record by itself."""
    if error.error.waits_for is not None:
        return translatable("waiting")
    return translatable("skipped") if error.skipped else translatable("tried again")


def failed_text(error: SynchError) -> str:
    """Say how often the record failed, and when it did last."""
    return words().n(
        "{count} time, at {moment}",
        "{count} times, last at {moment}",
        error.times,
        moment=moment_text(error.at, as_json=False) or "",
    )


def state_text(error: SynchError) -> str:
    """Say what is going to happen to the record by itself, and when."""
    state = state_of(error)
    if state != "skipped":
        return t(state)
    if error.next_try is None:
        return t("skipped until a person retries")
    return t("skipped until {moment}", moment=moment_text(error.next_try, as_json=False) or "")
