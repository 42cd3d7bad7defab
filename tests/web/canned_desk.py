"""A web client whose desk answers everything with made-up values: every text of every answer is hostile."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar
from msgspec import inspect
from tests.web.accounts_desk import NoChanges, Place

from interlace.bootstrap.desk.account import add_account
from interlace.bootstrap.desk.audit import add_audit
from interlace.bootstrap.desk.found_places import found_places
from interlace.bootstrap.desk.tokens import add_tokens
from interlace.bootstrap.desk.users import add_users
from interlace.domain.search_words import search_words
from interlace.management.caller import Caller
from interlace.management.connections import Connections, ConnectionSummary
from interlace.management.desk import Desk, Works
from interlace.management.operation import AnyOperation
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.search import Find, Found
from interlace.web.app import WebParts, create_web

HOSTILE = "</td></script><script>alert('x')</script><img src=x onerror=alert(1)>\"'&{missing}"
"""Ends tags, begins scripts, closes attributes, and names a value that no text has."""
MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

# Words of closed lists: a page may rely on them.
_BY_STRUCT: Mapping[str, Mapping[str, object]] = {
    "ConflictShown": {"kind": "update", "code": "IL-203", "choices": ("erp", "crm")},
    "ConflictRow": {"kind": "deletion"},
    "CardQuestion": {"end": "crm", "is_place": False},
    "ConnectionCheck": {"state": "problem"},
    "Deployment": {"is_working": False},
    "CrmVersions": {"is_looking": False, "problem": ""},
    "ConnectionRow": {"state": "disabled"},
    "CouplingRow": {"state": "doubtful"},
    "Freeze": {"state": "now"},
    "Halt": {"kind": "mass change", "side": "erp"},
    "SetupStep": {"state": "problem", "name": "addresses"},
    "SetupQuestion": {"key": "erp.address"},
    "SetupProblem": {"question": "erp.address"},
    "Setup": {"current": "addresses", "is_working": False, "is_looking": False},
    "JobRow": {"status": "Success"},
    "QueueRow": {"status": "Error", "kind": "Synchronization"},
    "MappingShown": {"directions": ("Bidirectional", "ToIntegrationTable")},
    "SettingChange": {"setting": "table_filter"},
    "Tried": {"message": ""},
    "TriedAction": {"kind": "change"},
    "OrderRow": {"stage": "Shipped"},
    "PlanShown": {"kind": "synchronization", "purpose": "full", "state": "applying"},
    "PlanRow": {"purpose": "undo", "state": "ready"},
    "FindingRow": {"found": "missing partner"},
    "ActionRow": {"kind": "change", "ending": "refused"},
    "ErrorRow": {
        "exists": "yes",
        "exists_at": MOMENT.isoformat(),
        "partner_exists": "no",
        "partner_exists_at": MOMENT.isoformat(),
    },
    "AvailabilityShown": {"expires": MOMENT.isoformat()},
}
_BY_FIELD: Mapping[str, object] = {
    "direction": "ToIntegrationTable",
    "recommendation": "Couple Records",
    "job_queue_entry_status": "Error",
    "to_int_table_job_status": "In Process",
    "from_int_table_job_status": "Success",
    "side": "crm",
    "started_at": None,
    "finished_at": None,
    "at": None,
    "synchronized_at": None,
}
_MOMENT_TEXTS = frozenset({"started_at", "finished_at", "at", "synchronized_at"})


def sample(kind: type[msgspec.Struct], extra: Mapping[str, Mapping[str, object]] | None = None) -> Any:
    """Return an answer of a declared type with a value in every field."""
    return msgspec.convert(_struct(inspect.type_info(kind), extra or {}), kind)


def _struct(told: Any, extra: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    name = told.cls.__name__
    known = {**_BY_STRUCT.get(name, {}), **extra.get(name, {})}
    return {each.name: _field(each, known, extra) for each in told.fields}


def _field(field: Any, known: Mapping[str, object], extra: Mapping[str, Mapping[str, object]]) -> object:
    if field.name in known:
        return known[field.name]
    is_text = isinstance(field.type, inspect.StrType)
    if is_text and field.name in _MOMENT_TEXTS:
        return MOMENT.isoformat()
    if is_text and field.name in _BY_FIELD:
        return _BY_FIELD[field.name]
    return _value(field.type, extra)


PLAIN: Mapping[type, object] = {
    inspect.BoolType: True,
    inspect.IntType: 7,
    inspect.FloatType: 0.5,
    inspect.DecimalType: Decimal("12.50"),
    inspect.DateTimeType: MOMENT,
}


def _value(told: Any, extra: Mapping[str, Mapping[str, object]]) -> object:
    if type(told) in PLAIN:
        return PLAIN[type(told)]
    match told:
        case inspect.StructType():
            return _struct(told, extra)
        case inspect.UnionType():
            return _value(next(each for each in told.types if not isinstance(each, inspect.NoneType)), extra)
        case inspect.VarTupleType() | inspect.ListType() | inspect.SetType() | inspect.FrozenSetType():
            return [_value(told.item_type, extra)]
        case inspect.TupleType():
            return [_value(each, extra) for each in told.item_types]
        case inspect.DictType():
            return {HOSTILE: _value(told.value_type, extra)}
        case inspect.EnumType():
            return next(iter(told.cls)).value
        case inspect.LiteralType():
            return told.values[0]
        case inspect.Metadata():
            return _value(told.type, extra)
        case _:
            return HOSTILE


def canned_app(
    directory: Path,
    extra: Mapping[str, Mapping[str, object]] | None = None,
    works_of: Mapping[str, Any] | None = None,
) -> tuple[Place, Litestar]:
    """Return accounts that work, and a web client whose other areas answer with samples, or as `works_of` says."""
    place = Place(directory)
    works = Works()
    for add in (add_users, add_tokens, add_audit, add_account):
        add(works, place.accounts)
    for each in ALL_OPERATIONS:
        if each.name not in works.names():
            works.add(each, (works_of or {}).get(each.name) or _canned(each, extra))
    place.desk = Desk(works, place.accounts.audit, now=place.clock)
    parts = WebParts(desk=place.desk, accounts=place.accounts, changes=NoChanges(), rules=place.rules)
    place.app = create_web(parts)
    return place, place.app


async def find_places(caller: Caller, asked: Find) -> Found:
    """Find pages and actions as a real desk does: no service is asked for them."""
    return Found(hits=tuple(found_places(caller, asked, search_words(asked.text))))


def _canned(operation: AnyOperation, extra: Mapping[str, Mapping[str, object]] | None) -> Any:
    async def work(_caller: Caller, _asked: msgspec.Struct) -> msgspec.Struct:
        """Answer with a sample."""
        if operation.name == "connections.list":
            return _one_connection()
        answer: msgspec.Struct = sample(operation.answer, extra)
        return answer

    return work


def _one_connection() -> Connections:
    held = ConnectionSummary(
        id="c1",
        name=HOSTILE,
        erp_address="https://erp.example.com/BC",
        erp_company=HOSTILE,
        crm_address="https://org.crm4.dynamics.com",
        enabled=True,
    )
    return Connections(connections=(held,))
