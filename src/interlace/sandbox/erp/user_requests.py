"""What may be done to the users of the ERP, and by whom: everybody may read the page and change his own key.

The two actions answer a secret, once; it is stored as a hash.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from interlace.sandbox import json_codec
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.declaration import BLANK_DATETIME
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import stamp
from interlace.sandbox.erp.permission_sets import POSTED, RIGHTS
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.set_declaration import PublishedSet
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.erp.user_tables import USER
from interlace.sandbox.erp.users import Users
from interlace.sandbox.exchange import Request, Response

USERS_PAGE: Final = "Users"
CHANGE_KEY: Final = "ChangeWebServiceKey"
ISSUE_FEED_TOKEN: Final = "IssueFeedToken"  # noqa: S105 - the name of an action
USER_ACTIONS: Final = frozenset({CHANGE_KEY, ISSUE_FEED_TOKEN})
_RIGHTS: Final = {"GET": "R", "POST": "I", "PATCH": "M", "PUT": "M", "DELETE": "D"}
FEED_DAYS: Final = 90
"""How long a feed token holds when nothing else is asked for."""
FEED_DAYS_MAX: Final = 366


class UserRequests:
    """Requests on the page of users."""

    def __init__(self, records: ErpRecords, users: Users) -> None:
        self._records = records
        self._users = users

    def check(self, request: Request, published: PublishedSet, record: Record | None) -> None:
        """Refuse what the caller's permissions don't let him do, and changes of users by no administrator."""
        self._require_permission(request, published, is_action=record is not None)
        if published.name != USERS_PAGE or request.method == "GET":
            return
        caller = self._users.find(str(request.caller))
        if caller is not None and caller.values["Administrator"]:
            return
        own = record is not None and record.text("User_Name") == str(request.caller)
        if not (own and request.method == "POST"):
            raise refusals.permission_missing(RIGHTS[_RIGHTS.get(request.method, "M")], USER)

    def _require_permission(self, request: Request, published: PublishedSet, *, is_action: bool) -> None:
        right = _RIGHTS.get(request.method)
        written = published if right == "R" else published.drafts or published
        offered = {"R": True, "I": written.insert or is_action, "M": written.modify, "D": written.delete}
        if right is None or not offered[right]:
            # What the page doesn't offer is refused for that.
            return
        table = written.table
        if request.method == "POST" and is_action:
            # What undoes a posted document is a new one.
            right, table = ("I", TABLES["Sales_Header"]) if table.name in POSTED else ("M", table)
        self._users.permissions.require(str(request.caller), right, table)

    def act(self, record: Record, action: str, parameters: Mapping[str, object], context: str) -> Response:
        """Carry out one of the page's actions."""
        name = record.text("User_Name")
        if action == CHANGE_KEY:
            return _answer(
                context, self._users.set_key(name, expiry=self._expiry(parameters) or BLANK_DATETIME)
            )
        now = self._records.now()
        expiry = self._expiry(parameters) or stamp(now + timedelta(days=FEED_DAYS))
        if expiry > stamp(now + timedelta(days=FEED_DAYS_MAX)):
            raise refusals.bad_body(
                f"A feed token holds {FEED_DAYS_MAX} days at most. Send an earlier expiry."
            )
        return _answer(context, self._users.issue_feed_token(name, expiry))

    def _expiry(self, parameters: Mapping[str, object]) -> str | None:
        unknown = sorted(set(parameters) - {"expiry"})
        if unknown:
            raise refusals.unknown_property(unknown[0], "parameters")
        value = parameters.get("expiry")
        if value is None or value == "":
            return None
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise refusals.bad_body(
                f"Cannot convert '{value}' to target type 'Edm.DateTimeOffset'. Parameter: expiry."
            ) from error
        text = stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        if text <= stamp(self._records.now()):
            raise refusals.bad_body("The expiry has passed already. Send a later one, or none.")
        return text


def _answer(context: str, secret: str) -> Response:
    headers = (
        ("Content-Type", "application/json; odata.metadata=minimal; charset=utf-8"),
        ("OData-Version", "4.0"),
        ("Cache-Control", "no-store"),
    )
    return Response(
        status=200, headers=headers, body=json_codec.encode({"@odata.context": context, "value": secret})
    )
