"""Users of the ERP, and which CRM record shows the stock of which item."""

from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.user_tables import ITEM_TABLE_ID, USER

_SIGN_IN_FIELDS: Final = tuple(
    field.name for field in USER.fields if field.read_only and field.name != "User_Security_ID"
)


def _complete_user(erp: Application, values: Values, given: frozenset[str]) -> None:
    values["User_Security_ID"] = erp.records.ids.next_id()
    # A key is given by an action alone: whoever adds users from a file can't bring the hash of one.
    for name in _SIGN_IN_FIELDS:
        values[name] = USER.by_name[name].blank


def _check_user(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    loses_rights = changed & {"State", "Administrator", "Expiry_Date"}
    if loses_rights and old.text("User_Name") == erp.records.user:
        raise refusals.dialog(
            f"You cannot change {', '.join(sorted(loses_rights))} of yourself. Let another administrator do it."
        )


def _may_delete_user(erp: Application, user: Record) -> None:
    if user.text("User_Name") == erp.records.user:
        raise refusals.dialog("You cannot delete yourself. Let another administrator do it.")


def _complete_integration_record(erp: Application, values: Values, given: frozenset[str]) -> None:
    if "Table_ID" not in given:
        values["Table_ID"] = ITEM_TABLE_ID
    _follow_item(erp, values)


def _check_integration_record(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    _follow_item(erp, values)


def _follow_item(erp: Application, values: Values) -> None:
    if values["Table_ID"] != ITEM_TABLE_ID:
        raise refusals.field_validation(f"Table ID must be {ITEM_TABLE_ID}: only items have a stock.")
    item = erp.records.by_code("Item", str(values["Item_No"]))
    if item is not None:
        values["Integration_ID"] = item.system_id


USER_RULES: Final = Rules(complete=_complete_user, check=_check_user, may_delete=_may_delete_user)
INTEGRATION_RECORD_RULES: Final = Rules(
    complete=_complete_integration_record, check=_check_integration_record
)
