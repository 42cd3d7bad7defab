"""Has the CRM carry out its messages on a record: how each names the record, and where it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from interlace.connectors.classify import Deed, Subject, classify_crm, classify_failure
from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.dataverse.writing import SERVICE
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpRequest, RequestFailed
from interlace.connectors.wire_body import encode_body
from interlace.domain.values import Value
from interlace.engine.ports import WriteResult
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import translatable

_NAMESPACE = "Microsoft.Dynamics.CRM"
_JSON = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "OData-MaxVersion": "4.0",
    "OData-Version": "4.0",
}


class _Place(Enum):
    """Where a message is sent."""

    ROOT = "root"
    SET = "set"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How a message names the record that it is about."""

    place: _Place
    activity: str | None = None
    """Parameter that is an activity about the record."""
    record_id: str | None = None
    """Parameter that is the record's id."""


_FORMS: Mapping[str, _Form] = {
    "FulfillSalesOrder": _Form(place=_Place.SET, activity="OrderClose"),
    "CancelSalesOrder": _Form(place=_Place.ROOT, activity="OrderClose"),
    "WinQuote": _Form(place=_Place.ROOT, activity="QuoteClose"),
    "CloseQuote": _Form(place=_Place.ROOT, activity="QuoteClose"),
    "WinOpportunity": _Form(place=_Place.ROOT, activity="OpportunityClose"),
    "LoseOpportunity": _Form(place=_Place.ROOT, activity="OpportunityClose"),
    "ConvertSalesOrderToInvoice": _Form(place=_Place.ROOT, record_id="SalesOrderId"),
    "UnlockSalesOrderPricing": _Form(place=_Place.ROOT, record_id="SalesOrderId"),
    "UnlockInvoicePricing": _Form(place=_Place.ROOT, record_id="InvoiceId"),
    "LockSalesOrderPricing": _Form(place=_Place.RECORD),
    "LockInvoicePricing": _Form(place=_Place.RECORD),
}


class MessageSender:
    """Sends messages to one organization."""

    def __init__(self, channel: HttpChannel, root: str) -> None:
        self._channel = channel
        self._root = root

    async def perform(
        self, table: CrmTable, key: str, tag: str | None, message: str, parameters: Mapping[str, Value]
    ) -> WriteResult:
        """Carry out a message on a record; raises ServiceMismatch for one that we can't spell."""
        form = _FORMS.get(message)
        if form is None:
            known = ", ".join(sorted(_FORMS))
            raise ServiceMismatch(
                translatable(
                    "The CRM message {message} is not known here. Known ones: {known}.",
                    message=message,
                    known=known,
                )
            )
        body = _nested(parameters)
        if form.activity is not None:
            _bind(body, form.activity, table, key)
        if form.record_id is not None:
            body[form.record_id] = key
        subject = Subject(service=SERVICE, table=table.name, key=key, deed=Deed.PERFORM)
        condition = {"If-Match": tag} if tag is not None else {}
        request = HttpRequest(
            method="POST",
            unguarded=True,
            url=f"{self._root}{_path(form.place, table, key, message)}",
            headers={**_JSON, **condition},
            body=encode_body(body),
        )
        try:
            answer = await self._channel.send(request)
        except RequestFailed as failure:
            return classify_failure(failure, subject)
        return classify_crm(answer, subject)


def _path(place: _Place, table: CrmTable, key: str, message: str) -> str:
    if place is _Place.ROOT:
        return message
    record = f"({key})" if place is _Place.RECORD else ""
    return f"{table.set_name}{record}/{_NAMESPACE}.{message}"


def _nested(parameters: Mapping[str, Value]) -> dict[str, object]:
    body: dict[str, object] = {}
    for name, value in parameters.items():
        part, dot, field = name.partition(".")
        if dot:
            inner = body.setdefault(part, {})
            assert isinstance(inner, dict)
            inner[field] = value
        else:
            body[name] = value
    return body


def _bind(body: dict[str, object], activity: str, table: CrmTable, key: str) -> None:
    """Say which record an activity is about."""
    given = body.get(activity)
    body[activity] = {
        "@odata.type": f"{_NAMESPACE}.{activity.lower()}",
        **(given if isinstance(given, dict) else {}),
        f"{table.key}@odata.bind": f"/{table.set_name}({key})",
    }
