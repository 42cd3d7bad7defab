"""Choices of an option set as records: key and `value` are the number, `label` is the text in one language.

The language is the organization's own: what a person reads in another one follows from the labels that stay beside.
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
    service_error,
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
from interlace.locale.translatable import translatable

_ENGLISH = 1033
_NUMBER_TAKEN = "0x80048403"
_JSON = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "OData-MaxVersion": "4.0",
    "OData-Version": "4.0",
}

_REFUSALS = {
    Outcome.EXISTS: translatable("The choice {record} is there already. It is read and compared by itself."),
    Outcome.STALE: translatable(
        "The choice {record} was changed meanwhile. It is read and compared by itself."
    ),
    Outcome.GONE: translatable(
        "The choice {record} is not there any more. It is read and compared by itself."
    ),
}


class _Organization(msgspec.Struct):
    languagecode: int = _ENGLISH


class _Organizations(msgspec.Struct):
    value: list[_Organization] = []


class _LocalizedLabel(msgspec.Struct):
    Label: str | None = None
    LanguageCode: int | None = None


class _Label(msgspec.Struct):
    UserLocalizedLabel: _LocalizedLabel | None = None
    LocalizedLabels: list[_LocalizedLabel] = []

    def text(self, language: int) -> str:
        """The label in a language, else in our user's, else in any."""
        of_language = [each for each in self.LocalizedLabels if each.LanguageCode == language]
        for each in (*of_language, self.UserLocalizedLabel, *self.LocalizedLabels):
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

    @property
    def options(self) -> _OptionSet:
        """The column's own options, or those that it shares with other columns."""
        return self.OptionSet or self.GlobalOptionSet or _OptionSet()


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

    def __init__(self, reader: CollectionReader, root: str, language: int | None = None) -> None:
        """Read and write labels in a language, given by its code; None: the organization's own."""
        self._reader = reader
        self._root = root
        self._language = language
        self._sent = 0
        """Changes that were asked for."""

    async def read(self, view: TableView) -> list[ChoiceRecord]:
        """Return all choices of the view's column, by number."""
        return await self._records(view, await self._options(view))

    async def _records(self, view: TableView, option_set: _OptionSet) -> list[ChoiceRecord]:
        if not option_set.Options:
            return []
        language = await self._language_code()
        options = sorted(option_set.Options, key=lambda option: option.Value)
        return [ChoiceRecord(option.Value, option.Label.text(language), view.fields) for option in options]

    async def _language_code(self) -> int:
        if self._language is None:
            url = address(f"{self._root}organizations", {"$select": "languagecode"})
            found = (await self._reader.document(url, _Organizations)).value
            self._language = found[0].languagecode if found else _ENGLISH
        return self._language

    async def _options(self, view: TableView) -> _OptionSet:
        url = address(
            f"{self._root}EntityDefinitions(LogicalName='{view.table}')/Attributes(LogicalName='{view.choice_column}')"
            "/Microsoft.Dynamics.CRM.PicklistAttributeMetadata",
            {"$select": "LogicalName", "$expand": "OptionSet,GlobalOptionSet"},
        )
        found = await self._reader.document(url, _ChoiceColumn, {"Consistency": "Strong"})
        return found.options

    async def write(self, view: TableView, writes: Sequence[Write]) -> list[WriteResult]:
        """Add or rename choices, one request each, and publish the table: before that nobody may use them."""
        option_set = await self._options(view)
        present = {record.key: record for record in await self._records(view, option_set)}
        sent = self._sent
        results = []
        for write in writes:
            result = await self._write(view, option_set, write, present.get(write.key))
            results.append(result)
        if self._sent != sent:
            await self._publish(view)
        return results

    async def _publish(self, view: TableView) -> None:
        """Publish the table's choices; one that could not be is published with the next change."""
        xml = f"<importexportxml><entities><entity>{view.table}</entity></entities></importexportxml>"
        body = encode_body({"ParameterXml": xml})
        url = f"{self._root}PublishXml"
        await self._reader.send(
            HttpRequest(method="POST", url=url, headers=_JSON, body=body, repeatable=True)
        )

    async def delete(self, view: TableView, deletions: Sequence[Deletion]) -> list[WriteResult]:
        """Refuse: records may still hold the choice, and its number would stand for nothing."""
        error = ServiceError(message=translatable("choices are not deleted, because records may hold them"))
        return [rejected(_subject(view, deletion.key, Deed.DELETE), error) for deletion in deletions]

    async def _write(
        self, view: TableView, option_set: _OptionSet, write: Write, present: ChoiceRecord | None
    ) -> WriteResult:
        creates = write.precondition is not Precondition.UNCHANGED
        subject = _subject(view, write.key, Deed.CREATE if creates else Deed.UPDATE)
        if write.precondition is Precondition.MARKED:
            return unmarkable(subject)
        if not write.key.lstrip("-").isdecimal():
            return not_writable(
                subject, "value", translatable("must be a whole number, because it is the choice's number")
            )
        label = write.values.get("label")
        outcome = _refusal(write, present)
        if outcome is not None:
            message = translatable(_REFUSALS[outcome], record=subject.caption)
            error = RecordError(code=ErrorCode.CHANGED_MEANWHILE, message=message)
            return WriteResult(outcome=outcome, key=write.key, error=error)
        if not isinstance(label, str) or not label:
            if not creates and "label" not in write.values:
                return WriteResult(outcome=Outcome.DONE, key=write.key, tag=write.tag)
            return not_writable(subject, "label", translatable("must not be blank"))
        request = await self._request(view, option_set, write, label)
        self._sent += 1
        try:
            answer = await self._reader.channel.send(request)
        except RequestFailed as failure:
            return classify_failure(failure, subject)
        if creates and service_error(answer.body).code.lower() == _NUMBER_TAKEN:
            # Added before and never published: readers don't see it yet, and the publishing that follows cures that.
            return WriteResult(outcome=Outcome.EXISTS, key=write.key)
        result = classify_crm(answer, subject)
        if result.outcome is not Outcome.DONE:
            return result
        tag = ChoiceRecord(int(write.key), label, view.fields).tag
        return WriteResult(outcome=Outcome.DONE, key=write.key, tag=tag)

    async def _request(
        self, view: TableView, option_set: _OptionSet, write: Write, label: str
    ) -> HttpRequest:
        creates = write.precondition is Precondition.ABSENT
        place: dict[str, object] = {
            "EntityLogicalName": view.table,
            "AttributeLogicalName": view.choice_column,
        }
        if option_set.IsGlobal:
            place = {"OptionSetName": option_set.Name}
        localized = {"Label": label, "LanguageCode": await self._language_code()}
        body = {**place, "Value": int(write.key), "Label": {"LocalizedLabels": [localized]}}
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
