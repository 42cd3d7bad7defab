"""What people do about the errors of the small company: each trouble it was made with has its correction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.soak.protocol import Outsider

_TO_CRM = "ToIntegrationTable"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trouble:
    """A trouble by its words on the error list, and the ERP field that cures it."""

    code: str
    mapping: str
    says: str
    page: str
    field: str
    value: object = None
    """None: what another record of the page holds, which is well."""


_TROUBLES = (
    _Trouble(
        code="IL-101", mapping="CUSTOMER", says="SALESPEOPLE", page="CustomerCard", field="Salesperson_Code"
    ),
    _Trouble(
        code="IL-101", mapping="CONTACT", says="SALESPEOPLE", page="ContactCard", field="Salesperson_Code"
    ),
    _Trouble(
        code="IL-301", mapping="CUSTOMER", says="websiteurl", page="CustomerCard", field="Home_Page", value=""
    ),
    _Trouble(
        code="IL-301",
        mapping="CUSTOMER",
        says="creditlimit",
        page="CustomerCard",
        field="Credit_Limit_LCY",
        value=0,
    ),
    _Trouble(
        code="IL-301",
        mapping="ITEM-PRODUCT",
        says="defaultuom",
        page="ItemCard",
        field="Base_Unit_of_Measure",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """One correction of one ERP record."""

    page: str
    number: str
    field: str
    value: object

    def carry_out(self, outsider: Outsider) -> None:
        """Write the correction; raises Refused when somebody else was faster."""
        path = outsider.erp_path(self.page, self.number)
        row = outsider.erp.send("GET", path)
        value = self.value
        if value is None:
            ill = row[self.field]
            value = next(
                each[self.field]
                for each in outsider.erp_rows(self.page)
                if each[self.field] not in {ill, "", None}
            )
        outsider.erp.send("PATCH", path, {self.field: value}, row["@odata.etag"])


def cure_of(error: Mapping[str, Any]) -> Cure | None:
    """Return what corrects an error as the program lists it, if it is a trouble that people can correct."""
    text = f"{error['waits_for'] or ''} {error['message']}"
    return next(
        (
            Cure(page=each.page, number=error["record"], field=each.field, value=each.value)
            for each in _TROUBLES
            if error["code"] == each.code
            and error["mapping"] == each.mapping
            and error["direction"] == _TO_CRM
            and each.says in text
        ),
        None,
    )
