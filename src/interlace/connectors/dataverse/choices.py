"""Choices of an option set as records: key and `value` are the number, `label` is the text.

The service knows no version of a single choice, so a tag is made of the label, and an update compares it
right before it writes.
"""

from collections.abc import Sequence

import msgspec
import xxhash

from interlace.connectors.classify import (
    Deed,
    ServiceError,
    Subject,
    classify_crm,
    classify_failure,
    not_writable,
    rejected,
    unmarkable,
)
from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.writing import SERVICE
from interlace.connectors.http_message import HttpRequest, RequestFailed
from interlace.connectors.query import address
from interlace.connectors.wire_body import encode_body
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.values import Value, same_value
from interlace.engine.ports import Deletion, Outcome, Precondition, TableView, Write, WriteResult

_ENGLISH = 1033
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class _LocalizedLabel(msgspec.Struct):
    Label: str | None = None


class _Label(msgspec.Struct):
    UserLocalizedLabel: _LocalizedLabel | None = None
    LocalizedLabels: list[_LocalizedLabel] = []

    def text(self) -> str:
        """The label in the user's language, else in any."""
        for each in (self.UserLocalizedLabel, *self.LocalizedLabels):
            if each is not None and each.Label:
                return each.Label
        return ""


class _Option(msgspec.Struct):
    Value: int
    Label: _Label = msgspec.field(default_factory=_Label)


class _OptionSet(msgspec.Struct):
    Options: list[_Option] = []
    Name: str | None = None
    IsGlobal: bool | None = None


class _ChoiceColumn(msgspec.Struct):
    OptionSet: _OptionSet | None = None
    GlobalOptionSet: _OptionSet | None = None


class ChoiceRecord:
    """One choice as a record."""

    __slots__ = ("_values", "digest", "key", "tag")

    def __init__(self, value: int, label: str, fields: Sequence[str]) -> None:
        by_field: dict[str, Value] = {"value": value, "label": label}
        self._values = tuple(by_field.get(field) for field in fields)
        self.key = str(value)
        self.digest = xxhash.xxh3_128_digest(f"{value}:{label}".encode())
        self.tag: str | None = xxhash.xxh3_128_hexdigest(label.encode())

    def values(self) -> tuple[Value, ...]:
        """Return the values in the order of the view's fields."""
        return self._values


class ChoiceTable:
    """Reads and extends the option sets of choice columns."""

    def __init__(self, reader: CollectionReader, root: str) -> None:
        self._reader = reader
        self._root = root

    async def read(self, view: TableView) -> list[ChoiceRecord]:
        """Return all choices of the view's column, by number."""
        url = address(
            f"{self._root}EntityDefinitions(LogicalName='{view.table}')/Attributes(LogicalName='{view.choice_column}')"
            "/Microsoft.Dynamics.CRM.PicklistAttributeMetadata",
            {"$select": "LogicalName", "$expand": "OptionSet,GlobalOptionSet"},
        )
        found = await self._reader.document(url, _ChoiceColumn, {"Consistency": "Strong"})
        option_set = found.OptionSet or found.GlobalOptionSet or _OptionSet()
        options = sorted(option_set.Options, key=lambda option: option.Value)
        return [ChoiceRecord(option.Value, option.Label.text(), view.fields) for option in options]

    async def write(self, view: TableView, writes: Sequence[Write]) -> list[WriteResult]:
        """Add or rename choices, one request each."""
        present = {record.key: record for record in await self.read(view)}
        results = []
        for write in writes:
            result = await self._write(view, write, present.get(write.key))
            results.append(result)
        return results

    async def delete(self, view: TableView, deletions: Sequence[Deletion]) -> list[WriteResult]:
        """Refuse: records may still hold the choice, and its number would stand for nothing."""
        error = ServiceError(message="choices are not deleted, because records may hold them")
        return [rejected(_subject(view, deletion.key, Deed.DELETE), error) for deletion in deletions]

    async def _write(self, view: TableView, write: Write, present: ChoiceRecord | None) -> WriteResult:
        creates = write.precondition is not Precondition.UNCHANGED
        subject = _subject(view, write.key, Deed.CREATE if creates else Deed.UPDATE)
        if write.precondition is Precondition.MARKED:
            return unmarkable(subject)
        if not write.key.lstrip("-").isdecimal():
            return not_writable(subject, "value", "must be a whole number, because it is the choice's number")
        label = write.values.get("label")
        outcome = _refusal(write, present)
        if outcome is not None:
            message = f"The choice {subject.caption} is {outcome.value}. It is read and compared by itself."
            error = RecordError(code=ErrorCode.CHANGED_MEANWHILE, message=message)
            return WriteResult(outcome=outcome, key=write.key, error=error)
        if not isinstance(label, str) or not label:
            if not creates and "label" not in write.values:
                return WriteResult(outcome=Outcome.DONE, key=write.key, tag=write.tag)
            return not_writable(subject, "label", "must not be blank")
        try:
            answer = await self._reader.channel.send(self._request(view, write, label))
        except RequestFailed as failure:
            return classify_failure(failure, subject)
        result = classify_crm(answer, subject)
        if result.outcome is not Outcome.DONE:
            return result
        tag = ChoiceRecord(int(write.key), label, view.fields).tag
        return WriteResult(outcome=Outcome.DONE, key=write.key, tag=tag)

    def _request(self, view: TableView, write: Write, label: str) -> HttpRequest:
        creates = write.precondition is Precondition.ABSENT
        body: dict[str, object] = {
            "EntityLogicalName": view.table,
            "AttributeLogicalName": view.choice_column,
            "Value": int(write.key),
            "Label": {"LocalizedLabels": [{"Label": label, "LanguageCode": _ENGLISH}]},
        }
        if not creates:
            body["MergeLabels"] = True
        action = "InsertOptionValue" if creates else "UpdateOptionValue"
        return HttpRequest(method="POST", url=f"{self._root}{action}", headers=_JSON, body=encode_body(body))


def _refusal(write: Write, present: ChoiceRecord | None) -> Outcome | None:
    if write.precondition is Precondition.ABSENT:
        return Outcome.EXISTS if present is not None else None
    if present is None:
        return Outcome.GONE
    is_stale = write.tag is not None and not same_value(write.tag, present.tag)
    return Outcome.STALE if is_stale else None


def _subject(view: TableView, key: str, deed: Deed) -> Subject:
    return Subject(service=SERVICE, table=f"{view.table}.{view.choice_column} choice", key=key, deed=deed)
